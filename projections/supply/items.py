"""What the store rooms look at: items, and what may be used of each of their lots."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from domain.kernel import Recorded
from domain.supply.events.stock import StockItemListed
from domain.supply.events.stock_closing import StockYearClosed
from domain.supply.events.stock_exceptions import UnrecordedReceiptOpened
from projections.kernel import ReadModel
from projections.rows import replace
from projections.supply.moved import (
    MOVED,
    QUARANTINING,
    RESERVING,
    Moved,
    Quarantining,
    Reserving,
    change_of,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LotOnHand:
    """A lot of which something is on hand, and its last day of use.

    What is neither reserved nor in quarantine is available.
    """

    lot: str
    on_hand: int
    expires_on: date | None
    reserved: int = 0
    quarantined: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class StockItemEntry:
    """An item at a facility, what is on hand of it in its smallest unit, and of which lots.

    `lots` are those of which something is on hand, what expires first first. What is neither
    `reserved` nor `quarantined` is `available`, also where it has expired. The books are closed, or
    there were none, up to the end of `closed_year`.
    """

    stock_item_id: UUID
    facility_id: UUID
    item_system: str
    item_code: str
    description: str
    unit: str
    lot_tracked: bool
    on_hand: int
    reserved: int
    quarantined: int
    available: int
    lots: tuple[LotOnHand, ...]
    listed_on: date
    last_movement_on: date | None
    closed_year: int


stock_items = ReadModel(
    "stock_items",
    row=StockItemEntry,
    key="stock_item_id",
    order="description",
    indexes=(("item_system", "item_code"),),
    local=True,
    desk="store rooms: which items are kept here, and what is on hand of them",
)


@stock_items.on(StockItemListed)
def listed(
    row: StockItemEntry | None,  # noqa: ARG001 - nothing was there before
    event: Recorded[StockItemListed],
) -> StockItemEntry | None:
    fact = event.fact
    return StockItemEntry(
        stock_item_id=fact.stock_item_id,
        facility_id=fact.facility_id,
        item_system=fact.item_system,
        item_code=fact.item_code,
        description=fact.description,
        unit=fact.unit,
        lot_tracked=fact.lot_tracked,
        on_hand=0,
        reserved=0,
        quarantined=0,
        available=0,
        lots=(),
        listed_on=fact.listed_on,
        last_movement_on=None,
        closed_year=fact.listed_on.year - 1,
    )


@stock_items.on(*MOVED)
def moved_item(row: StockItemEntry | None, event: Recorded[Moved]) -> StockItemEntry | None:
    if row is None:
        return None
    fact = event.fact
    *_, moved_on = change_of(fact)
    before = _lot(row, fact.lot)
    return replace(
        _with(row, replace(before, on_hand=fact.lot_on_hand_after, expires_on=fact.expires_on)),
        last_movement_on=max(moved_on, row.last_movement_on or moved_on),
    )


@stock_items.on(*RESERVING)
def reserved(row: StockItemEntry | None, event: Recorded[Reserving]) -> StockItemEntry | None:
    if row is None:
        return None
    fact = event.fact
    return _with(row, replace(_lot(row, fact.lot), reserved=fact.lot_reserved_after))


@stock_items.on(*QUARANTINING)
def quarantined(row: StockItemEntry | None, event: Recorded[Quarantining]) -> StockItemEntry | None:
    if row is None:
        return None
    fact = event.fact
    return _with(row, replace(_lot(row, fact.lot), quarantined=fact.lot_quarantined_after))


@stock_items.on(UnrecordedReceiptOpened)
def expiry_learned(
    row: StockItemEntry | None, event: Recorded[UnrecordedReceiptOpened]
) -> StockItemEntry | None:
    if row is None:
        return None
    fact = event.fact
    return _with(row, replace(_lot(row, fact.lot), expires_on=fact.expires_on))


@stock_items.on(StockYearClosed)
def year_closed(
    row: StockItemEntry | None, event: Recorded[StockYearClosed]
) -> StockItemEntry | None:
    return row and replace(row, closed_year=event.fact.year)


def _lot(row: StockItemEntry, number: str) -> LotOnHand:
    for each in row.lots:
        if each.lot == number:
            return each
    return LotOnHand(lot=number, on_hand=0, expires_on=None)


def _with(row: StockItemEntry, lot: LotOnHand) -> StockItemEntry:
    """The item with a lot as it is now; the sums are those of the lots."""
    lots = [each for each in row.lots if each.lot != lot.lot]
    if lot.on_hand or lot.reserved or lot.quarantined:
        lots.append(lot)
        lots.sort(key=lambda each: (each.expires_on or date.max, each.lot))
    on_hand, reserved, quarantined = (
        sum(each.on_hand for each in lots),
        sum(each.reserved for each in lots),
        sum(each.quarantined for each in lots),
    )
    return replace(
        row,
        on_hand=on_hand,
        reserved=reserved,
        quarantined=quarantined,
        available=on_hand - reserved - quarantined,
        lots=tuple(lots),
    )
