"""The books of a year are closed by the calendar, and from then on a stream begins there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from domain.supply.lots import stock_item
from domain.supply.stock_closing import CloseStockYear
from facilities.ledger import Ledger
from facilities.procedures import stock_years_close
from facilities.service import Service
from facilities.states import States
from tests.domain.places import RIVERSIDE, THE_ITEM
from tests.domain.stock import counting, issuing, listing, receiving
from tests.domain.test_stock_closing import DECEMBER_10, DECEMBER_20, OCTOBER_1, closing
from tests.facilities.scenes import opening, said_by


@dataclass(frozen=True)
class Kept:
    facility_id: UUID
    stock_item_id: UUID


def test_the_year_before_is_closed_at_the_end_of_january() -> None:
    procedure = stock_years_close(lambda *_asked: [Kept(RIVERSIDE, THE_ITEM)])
    assert [*procedure.due([RIVERSIDE], date(2026, 1, 30))] == []
    day = date(2026, 1, 31)
    (errand,) = procedure.due([RIVERSIDE], day)
    assert errand.facility_id == RIVERSIDE
    assert errand.command == CloseStockYear(stock_item_id=THE_ITEM, year=2025, closed_on=day)


def test_a_stream_is_read_from_its_last_closing_on(service: Service, ledger: Ledger) -> None:
    for command in (
        replace(opening(), opened_on=OCTOBER_1),
        replace(listing, listed_on=OCTOBER_1),
        replace(receiving, received_on=DECEMBER_10),
        replace(counting, counted_on=DECEMBER_20),
        closing,
        replace(issuing, issued_on=DECEMBER_10),
    ):
        service.execute(command, said_by())
    whole, carried = ledger.load([THE_ITEM])[THE_ITEM], ledger.load_carried([THE_ITEM, RIVERSIDE])
    assert carried[THE_ITEM] == whole[3:]
    assert carried[RIVERSIDE] == ledger.load([RIVERSIDE])[RIVERSIDE]
    loaded = States(ledger).load([THE_ITEM])[THE_ITEM]
    assert loaded.state == stock_item.fold(each.fact for each in whole)
    assert (loaded.version, loaded.position) == (whole[-1].version, whole[-1].position)
    # Who looks back begins at a closing too, where there was one by then.
    closed, counted = whole[3].position, whole[2].position
    for upto in (each.position for each in whole):
        read = ledger.entries([THE_ITEM, RIVERSIDE], upto=upto, carried_by=upto)[THE_ITEM]
        assert read[0].version == (4 if upto >= closed else 1)
        assert read[-1].position == upto
        assert stock_item.fold(each.fact for each in read) == stock_item.fold(
            each.fact for each in whole if each.position <= upto
        )
    between = ledger.entries([THE_ITEM], upto=whole[-1].position, carried_by=counted)[THE_ITEM]
    assert between == [each[:6] for each in ledger.stream(THE_ITEM)]
