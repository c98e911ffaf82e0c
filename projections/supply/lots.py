"""Every lot there is or was, wherever it is: what a recall asks for, and what expires."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from domain.kernel import Recorded
from domain.supply.events.stock import StockBooksOpened
from domain.supply.events.stock_bins import StockPutAway
from domain.supply.events.stock_exceptions import UnrecordedReceiptOpened
from projections.kernel import Key, ReadModel
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
class StockLot:
    """A lot of an item at a facility, also when nothing is on hand of it any more.

    What is neither `reserved` nor `quarantined` is `available`. `bin` is where it lies, `card` what
    the lot's card was called where it was kept before.
    """

    stock_item_id: UUID
    lot: str
    facility_id: UUID
    item_system: str
    item_code: str
    expires_on: date | None
    bin: str | None
    on_hand: int
    reserved: int
    quarantined: int
    available: int
    card: str | None
    first_movement_on: date
    last_movement_on: date


stock_lots = ReadModel(
    "stock_lots",
    row=StockLot,
    key=("stock_item_id", "lot"),
    order=("item_code", "lot"),
    indexes=(
        ("lot",),
        ("item_system", "item_code"),
        ("expires_on",),
        ("facility_id", "expires_on"),
        ("facility_id", "bin"),
    ),
    local=True,
    desk="supply chain: where a lot is, in which bin, how much of it (recalls), and what expires",
)


def _lot(event: Recorded[Moved | Reserving | Quarantining]) -> Key:
    return event.fact.stock_item_id, event.fact.lot


@stock_lots.on(*MOVED, key=_lot)
def moved(row: StockLot | None, event: Recorded[Moved]) -> StockLot | None:
    fact = event.fact
    *_, on = change_of(fact)
    if row is None:
        return StockLot(
            stock_item_id=fact.stock_item_id,
            lot=fact.lot,
            facility_id=fact.facility_id,
            item_system=fact.item_system,
            item_code=fact.item_code,
            expires_on=fact.expires_on,
            bin=None,
            on_hand=fact.lot_on_hand_after,
            reserved=0,
            quarantined=0,
            available=fact.lot_on_hand_after,
            card=fact.card if isinstance(fact, StockBooksOpened) else None,
            first_movement_on=on,
            last_movement_on=on,
        )
    return _available(
        replace(
            row,
            expires_on=fact.expires_on,
            on_hand=fact.lot_on_hand_after,
            first_movement_on=min(on, row.first_movement_on),
            last_movement_on=max(on, row.last_movement_on),
        )
    )


@stock_lots.on(*RESERVING, key=_lot)
def reserved(row: StockLot | None, event: Recorded[Reserving]) -> StockLot | None:
    return row and _available(replace(row, reserved=event.fact.lot_reserved_after))


@stock_lots.on(*QUARANTINING, key=_lot)
def quarantined(row: StockLot | None, event: Recorded[Quarantining]) -> StockLot | None:
    return row and _available(replace(row, quarantined=event.fact.lot_quarantined_after))


@stock_lots.on(UnrecordedReceiptOpened)
def expiry_learned(
    row: StockLot | None, event: Recorded[UnrecordedReceiptOpened]
) -> StockLot | None:
    return row and replace(row, expires_on=event.fact.expires_on)


@stock_lots.on(StockPutAway)
def put_away(row: StockLot | None, event: Recorded[StockPutAway]) -> StockLot | None:
    return row and replace(row, bin=event.fact.bin)


def _available(row: StockLot) -> StockLot:
    return replace(row, available=row.on_hand - row.reserved - row.quarantined)
