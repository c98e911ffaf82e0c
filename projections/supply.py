"""What the store rooms look at: items, what is on hand of them, and how it came to that."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, assert_never
from uuid import UUID

from domain.kernel import PERSONAL, Recorded
from domain.supply.events.stock import (
    AdjustmentReason,
    IssuedTo,
    StockAdjusted,
    StockBooksOpened,
    StockCounted,
    StockIssued,
    StockItemListed,
    StockReceived,
)
from projections.kernel import GRAIN, Key, Measure, ReadModel, Summary
from projections.rows import replace

Moved = StockBooksOpened | StockReceived | StockIssued | StockAdjusted | StockCounted
"""The facts by which what is on hand changes."""

MOVED = (StockBooksOpened, StockReceived, StockIssued, StockAdjusted, StockCounted)

# --- items -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class LotOnHand:
    """A lot of which something is on hand, and its last day of use."""

    lot: str
    on_hand: int
    expires_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StockItemEntry:
    """An item at a facility, what is on hand of it in its smallest unit, and of which lots.

    `lots` are those of which something is on hand, what expires first first.
    """

    stock_item_id: UUID
    facility_id: UUID
    item_system: str
    item_code: str
    description: str
    unit: str
    lot_tracked: bool
    on_hand: int
    lots: tuple[LotOnHand, ...]
    listed_on: date
    last_movement_on: date | None


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
        lots=(),
        listed_on=fact.listed_on,
        last_movement_on=None,
    )


@stock_items.on(*MOVED)
def moved_item(row: StockItemEntry | None, event: Recorded[Moved]) -> StockItemEntry | None:
    if row is None:
        return None
    fact = event.fact
    lots = [each for each in row.lots if each.lot != fact.lot]
    if fact.lot_on_hand_after:
        lots.append(
            LotOnHand(lot=fact.lot, on_hand=fact.lot_on_hand_after, expires_on=fact.expires_on)
        )
    lots.sort(key=lambda each: (each.expires_on or date.max, each.lot))
    moved_on = _day(fact)
    return replace(
        row,
        on_hand=fact.on_hand_after,
        lots=tuple(lots),
        last_movement_on=max(moved_on, row.last_movement_on or moved_on),
    )


# --- on hand -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class OnHand:
    """What is on hand of a lot of an item at a facility; stock without a lot number has lot ""."""

    facility_id: UUID
    item_system: str
    item_code: str
    lot: str
    on_hand: Measure


stock_on_hand = Summary(
    "stock_on_hand",
    row=OnHand,
    dimensions=("facility_id", "item_system", "item_code", "lot"),
    desk="supply chain: what is on hand of each lot, here and in the whole health system (recalls)",
    grain=GRAIN,
)


@stock_on_hand.on(*MOVED)
def moved_lot(row: OnHand, event: Recorded[Moved]) -> OnHand:
    return replace(row, on_hand=event.fact.lot_on_hand_after)


# --- movements ---------------------------------------------------------------------------------


class MovementKind(StrEnum):
    """Why stock moved."""

    OPENED = "opened"
    RECEIVED = "received"
    ISSUED = "issued"
    ADJUSTED = "adjusted"
    COUNTED = "counted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """One movement of one lot: `change` is what was gained (or lost) by it.

    `entry` is its place in the item's story. `reason` belongs to an adjustment, `basis` to an
    opening, `reference` and `unit_cost` (in the facility's currency) to a receipt, and to whom to
    an issue.
    """

    stock_item_id: UUID
    entry: int
    facility_id: UUID
    item_system: str
    item_code: str
    lot: str
    expires_on: date | None
    kind: MovementKind
    change: int
    on_hand_after: int
    lot_on_hand_after: int
    occurred_on: date
    reason: AdjustmentReason | None = None
    issued_to: IssuedTo | None = None
    patient_id: Annotated[UUID | None, PERSONAL] = None
    department_id: UUID | None = None
    encounter_id: UUID | None = None
    unit_cost: Decimal | None = None
    reference: str | None = None
    basis: str | None = None
    position: int


stock_movements = ReadModel(
    "stock_movements",
    row=Movement,
    key=("stock_item_id", "entry"),
    order="occurred_on",
    newest_first=True,
    indexes=(("stock_item_id",),),
    local=True,
    desk="store rooms and auditors: every movement, and what was on hand after it",
)


def _movement(event: Recorded[Moved]) -> Key:
    return event.fact.stock_item_id, event.version


@stock_movements.on(*MOVED, key=_movement)
def moved(
    row: Movement | None,  # noqa: ARG001 - nothing was there before
    event: Recorded[Moved],
) -> Movement | None:
    fact = event.fact
    match fact:
        case StockBooksOpened():
            return replace(_moved(event, MovementKind.OPENED, fact.quantity), basis=fact.basis)
        case StockReceived():
            return replace(
                _moved(event, MovementKind.RECEIVED, fact.quantity),
                unit_cost=fact.unit_cost,
                reference=fact.reference,
            )
        case StockIssued():
            return replace(
                _moved(event, MovementKind.ISSUED, -fact.quantity),
                issued_to=fact.issued_to,
                patient_id=fact.patient_id,
                department_id=fact.department_id,
                encounter_id=fact.encounter_id,
            )
        case StockAdjusted():
            return replace(_moved(event, MovementKind.ADJUSTED, fact.change), reason=fact.reason)
        case StockCounted():
            return _moved(event, MovementKind.COUNTED, fact.difference)
        case _:
            assert_never(fact)


def _moved(event: Recorded[Moved], kind: MovementKind, change: int) -> Movement:
    fact = event.fact
    return Movement(
        stock_item_id=fact.stock_item_id,
        entry=event.version,
        facility_id=fact.facility_id,
        item_system=fact.item_system,
        item_code=fact.item_code,
        lot=fact.lot,
        expires_on=fact.expires_on,
        kind=kind,
        change=change,
        on_hand_after=fact.on_hand_after,
        lot_on_hand_after=fact.lot_on_hand_after,
        occurred_on=_day(fact),
        position=event.position,
    )


def _day(fact: Moved) -> date:
    match fact:
        case StockBooksOpened():
            return fact.opened_on
        case StockReceived():
            return fact.received_on
        case StockIssued():
            return fact.issued_on
        case StockAdjusted():
            return fact.adjusted_on
        case StockCounted():
            return fact.counted_on
        case _:
            assert_never(fact)
