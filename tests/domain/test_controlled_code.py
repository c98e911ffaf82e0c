"""What the catalog says is a controlled substance stands still until its register is opened."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from domain.kernel import Command, Entail, Fact
from domain.supply.catalog_item import CatalogItem
from domain.supply.controlled_code import ControlledCode, ScheduleCode, ScheduledStanding
from domain.supply.controlled_register import ControlledRegister
from domain.supply.events.catalog import ControlledSchedule, Pack
from domain.supply.events.controlled import RegisterOpened, Schedule
from domain.supply.events.controlled_code import CodeScheduled, code_stream
from domain.supply.events.stock import AdjustmentReason, StockBooksOpened, StockReceived
from domain.supply.events.stock_closing import StockYearClosed
from domain.supply.events.stock_control import StockItemScheduled
from domain.supply.events.stock_holds import QuarantineReason, StockQuarantined
from domain.supply.inbound_transfer import InboundTransfer
from domain.supply.lots import StockItem
from domain.supply.stock_closing import CloseStockYear
from domain.supply.stock_control import PutUnderControl
from domain.supply.stock_count import StockCount
from domain.supply.stock_exceptions import OpenUnrecordedReceipt
from domain.supply.stock_holds import QuarantineStock, WriteOffStock
from domain.supply.stock_item import (
    AdjustStock,
    CountStock,
    OpenStockBooks,
    ReceiveStock,
)
from domain.supply.stock_listing import ScheduleStockItem
from domain.supply.stock_transfers import DeliverStock, DispatchStock
from tests.domain import test_catalog_item as catalog
from tests.domain import test_controlled_register as registers
from tests.domain import test_inbound_transfer as asking
from tests.domain import test_stock_count as counts
from tests.domain.places import (
    FEBRUARY_1,
    HILLTOP,
    MARCH_1,
    NEW_YEAR,
    RIVERSIDE,
    THE_ITEM,
    hilltop_is_open,
    riverside_is_open,
)
from tests.domain.stock import issuing, listed, listing, received, vaccine
from tests.domain.supplies import GLOVES, gloves_are_kept
from tests.domain.test_catalog_item import MORPHINE, THE_GTIN, told
from tests.grammar import Given, given

CII, CIII = ControlledSchedule.CII, ControlledSchedule.CIII
ANOTHER, THE_REGISTER = UUID(int=92), UUID(int=97)
ITS: dict[str, Any] = {"stock_item_id": THE_ITEM, "lot": "A"}

telling = ScheduleCode(system="GTIN", code=THE_GTIN, catalog_item_id=MORPHINE, scheduled_on=MARCH_1)
scheduled = CodeScheduled(
    controlled_code_id=code_stream("GTIN", THE_GTIN),
    system="GTIN",
    code=THE_GTIN,
    catalog_item_id=MORPHINE,
    schedule=CII,
    scheduled_on=MARCH_1,
)
learning = ScheduleStockItem(stock_item_id=THE_ITEM, scheduled_on=MARCH_1)
learned = StockItemScheduled(
    stock_item_id=THE_ITEM,
    facility_id=RIVERSIDE,
    **GLOVES,
    schedule=CII,
    register_id=None,
    scheduled_on=MARCH_1,
    on_hand=10,
)


def an_item(
    schedule: ControlledSchedule | None, its_id: UUID = MORPHINE, kind: str = "catalog_item"
) -> ScheduledStanding:
    return ScheduledStanding(kind=kind, id=its_id, open=True, status="listed", schedule=schedule)


def the_code(schedule: ControlledSchedule | None) -> ScheduledStanding:
    return an_item(schedule, code_stream(**_as_code(GLOVES)), "controlled_code")


def _as_code(item: dict[str, Any]) -> dict[str, Any]:
    return {"system": item["item_system"], "code": item["item_code"]}


# --- the catalog tells its codes -----------------------------------------------------------------


def test_every_code_of_an_item_learns_what_the_item_is() -> None:
    known = catalog.morphine().when(catalog.identifying)
    gtin = told("GTIN", THE_GTIN, MARCH_1)
    assert [*known.decided][2:] == [told("NDC", "00409-1893-01", MARCH_1), gtin]
    boxed = replace(catalog.revising, packs=(Pack(unit="box", quantity=9, gtin=catalog.A_BOX),))
    told_of = [each for each in catalog.morphine().when(boxed).decided if isinstance(each, Entail)]
    # What was on the box that is no more stays what it was.
    assert told_of == [
        told("NDC", "00409-1893-01", FEBRUARY_1),
        told("GTIN", THE_GTIN, FEBRUARY_1),
        told("GTIN", catalog.A_BOX, FEBRUARY_1),
    ]


def test_of_what_is_no_controlled_substance_no_code_is_told() -> None:
    plain = replace(catalog.listing, controlled_schedule=None)
    outcome = given(CatalogItem).when(plain)
    assert not [each for each in outcome.decided if isinstance(each, Entail)]
    ended = catalog.morphine().when(replace(catalog.revising, controlled_schedule=None))
    assert [each for each in ended.decided if isinstance(each, Entail)]


def test_a_code_means_what_its_item_is_now() -> None:
    code = given(ControlledCode)
    code.knowing(an_item(CII)).when(telling).records(scheduled)
    code.knowing(an_item(None)).when(telling).records_nothing()
    code.when(telling).records_nothing()
    known = given(ControlledCode, scheduled)
    known.knowing(an_item(CII)).when(telling).records_nothing()
    known.knowing(an_item(CIII)).when(telling).records(replace(scheduled, schedule=CIII))
    known.knowing(an_item(None)).when(telling).records(replace(scheduled, schedule=None))
    assert known.stands(UUID(int=1)).schedule is CII
    assert known.state.facility_id is None


def test_a_code_of_two_items_is_controlled_as_long_as_one_of_them_is() -> None:
    other = replace(telling, catalog_item_id=ANOTHER)
    given(ControlledCode, scheduled).knowing(an_item(None, ANOTHER)).when(other).records_nothing()


# --- an item at a facility -----------------------------------------------------------------------


def morphine() -> Given:
    return vaccine(received(10, "A"), learned)


def test_what_is_listed_under_such_a_code_knows_it_from_the_first_day_on() -> None:
    known = given(StockItem).knowing(riverside_is_open(), the_code(CII)).when(listing)
    first = replace(learned, scheduled_on=NEW_YEAR, on_hand=0)
    assert [each for each in known.decided if isinstance(each, Fact)] == [listed, first]
    plain = given(StockItem).knowing(riverside_is_open(), the_code(None)).when(listing)
    assert [each for each in plain.decided if isinstance(each, Fact)] == [listed]
    given(StockItem).knowing(riverside_is_open()).when(replace(listing, item_code=" ")).refused(
        "stock_item.text"
    )


def test_what_was_listed_before_learns_it_when_the_catalog_says_so() -> None:
    kept = vaccine(received(10, "A"))
    kept.knowing(the_code(CII)).when(learning).records(learned)
    kept.when(learning).records_nothing()
    morphine().knowing(the_code(CII)).when(learning).records_nothing()
    morphine().knowing(the_code(None)).when(learning).records(replace(learned, schedule=None))
    given(StockItem).when(learning).refused("stock_item.not_listed")


@pytest.mark.parametrize(
    "moving",
    [
        ReceiveStock(**ITS, quantity=5, received_on=MARCH_1),
        issuing,
        AdjustStock(**ITS, change=1, reason=AdjustmentReason.FOUND, adjusted_on=MARCH_1),
        CountStock(**ITS, counted=10, counted_on=MARCH_1),
        WriteOffStock(**ITS, why=QuarantineReason.EXPIRED, written_off_on=MARCH_1),
        DispatchStock(**ITS, transfer_id=UUID(int=3), quantity=1, dispatched_on=MARCH_1),
        DeliverStock(**ITS, transfer_id=UUID(int=3), quantity=1, delivered_on=MARCH_1),
        OpenUnrecordedReceipt(**ITS, quantity=1, said_by="x", why="y", opened_on=MARCH_1),
    ],
)
def test_nothing_of_it_moves_before_its_register_is_opened(moving: Command) -> None:
    refused = morphine().when(moving)
    refused.refused("stock_item.register_required", value=THE_ITEM, schedule=CII)
    assert "Open the register first" in str(refused.refusal)
    # The catalog may say that it is none any more: then it moves like any other item.
    again = morphine().knowing(the_code(None)).when(learning).then().when(moving)
    assert again.refusal is None or again.refusal.code != "stock_item.register_required"


def test_its_books_are_opened_and_it_is_set_apart_without_a_register() -> None:
    """The register begins with what is there, and a recall waits for nobody."""
    there = OpenStockBooks(**{**ITS, "lot": "B"}, quantity=5, opened_on=MARCH_1, basis="counted")
    morphine().when(there).records_a(StockBooksOpened, on_hand_after=15)
    apart = QuarantineStock(**ITS, why=QuarantineReason.RECALL, quarantined_on=MARCH_1)
    morphine().when(apart).records_a(StockQuarantined, quantity=10)


def test_with_its_register_open_it_comes_in() -> None:
    opened = PutUnderControl(
        stock_item_id=THE_ITEM, register_id=THE_REGISTER, controlled_on=MARCH_1
    )
    receiving = ReceiveStock(**ITS, quantity=5, received_on=MARCH_1)
    controlled = morphine().when(opened).then()
    controlled.when(receiving).records_a(StockReceived, on_hand_after=15)
    known = controlled.knowing(the_code(CIII)).when(learning)
    known.records_a(StockItemScheduled, schedule=CIII, register_id=THE_REGISTER)


def test_a_closed_year_keeps_what_it_is() -> None:
    closing = CloseStockYear(stock_item_id=THE_ITEM, year=2025, closed_on=date(2026, 2, 1))
    long_kept = replace(listed, listed_on=date(2025, 1, 2), lot_tracked=True)
    closed = given(StockItem, long_kept, learned).when(closing)
    closed.records_a(StockYearClosed, schedule=CII)
    assert closed.then().state.schedule is CII


# --- its register, and what others know of it ----------------------------------------------------


def test_a_register_is_of_the_schedule_that_the_catalog_says() -> None:
    item = gloves_are_kept(schedule=CIII)
    opening = given(ControlledRegister).knowing(riverside_is_open(), item)
    opening.when(registers.opening).refused(
        "controlled_register.schedule", value=Schedule.II, rule="must be that of the catalog, CIII"
    )
    opening.when(replace(registers.opening, schedule=Schedule.III)).records_a(
        RegisterOpened, schedule=Schedule.III
    )


def test_store_rooms_neither_count_it_nor_are_offered_it() -> None:
    item = gloves_are_kept(schedule=CII)
    given(StockCount, counts.opened).knowing(riverside_is_open(), item).when(
        counts.entering
    ).refused("stock_count.controlled")
    wanted = given(InboundTransfer).knowing(
        riverside_is_open(),
        hilltop_is_open(),
        gloves_are_kept(facility_id=HILLTOP, schedule=CII),
    )
    wanted.when(asking.proposing).refused("inbound_transfer.controlled")
