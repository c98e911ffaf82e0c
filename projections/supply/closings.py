"""With what the books of stock were closed, year by year, and what was entered after that."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from domain.kernel import Recorded
from domain.supply.events.stock_closing import StockYearClosed
from projections.kernel import Key, ReadModel
from projections.rows import replace
from projections.supply.moved import MOVED, Moved, change_of


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedYear:
    """What was on hand of a lot at the end of a year as its books were closed, and when it had last
    been counted.

    What was entered since, for a day until then, is told beside it: how many `late_entries` there
    were, and by how much (`late_change`) the balance would be another one.
    """

    year: int
    closed_on: date
    balance: int
    counted_on: date | None
    late_entries: int = 0
    late_change: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedLotEntry:
    """A lot whose books are closed for one year or more: the last of them, and all (`years`)."""

    stock_item_id: UUID
    lot: str
    facility_id: UUID
    item_system: str
    item_code: str
    expires_on: date | None
    year: int
    closed_on: date
    balance: int
    late_entries: int
    late_change: int
    years: tuple[ClosedYear, ...]


stock_closings = ReadModel(
    "stock_closings",
    row=ClosedLotEntry,
    key=("stock_item_id", "lot"),
    order=("item_code", "lot"),
    indexes=(("year",), ("item_system", "item_code")),
    local=True,
    desk="supply chain and auditors: with what the books of each year were closed, lot by lot, and "
    "what was entered late after that",
)


def _lots(event: Recorded[StockYearClosed]) -> list[Key]:
    return [(event.fact.stock_item_id, each.lot) for each in event.fact.lots]


@stock_closings.on(StockYearClosed, key=_lots, key_aware=True)
def closed(
    row: ClosedLotEntry | None, event: Recorded[StockYearClosed], key: Key
) -> ClosedLotEntry | None:
    fact = event.fact
    (lot,) = [each for each in fact.lots if each.lot == key[1]]
    year = ClosedYear(
        year=fact.year,
        closed_on=fact.closed_on,
        balance=lot.balance,
        counted_on=lot.counted_on,
    )
    return ClosedLotEntry(
        stock_item_id=fact.stock_item_id,
        lot=lot.lot,
        facility_id=fact.facility_id,
        item_system=fact.item_system,
        item_code=fact.item_code,
        expires_on=lot.expires_on,
        year=fact.year,
        closed_on=fact.closed_on,
        balance=lot.balance,
        late_entries=0,
        late_change=0,
        years=(year, *(row.years if row else ())),
    )


def _lot(event: Recorded[Moved]) -> Key:
    return event.fact.stock_item_id, event.fact.lot


@stock_closings.on(*MOVED, key=_lot)
def entered_late(row: ClosedLotEntry | None, event: Recorded[Moved]) -> ClosedLotEntry | None:
    _, change, on = change_of(event.fact)
    if row is None or on.year > row.year:
        return row
    return replace(
        row,
        late_entries=row.late_entries + 1,
        late_change=row.late_change + change,
        years=tuple(
            replace(
                each,
                late_entries=each.late_entries + 1,
                late_change=each.late_change + change,
            )
            if on.year <= each.year
            else each
            for each in row.years
        ),
    )
