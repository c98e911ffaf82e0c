"""The stock card: every movement of every lot, and what was on hand after it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, assert_never
from uuid import UUID

from domain.kernel import PERSONAL, Recorded
from domain.supply.events.stock import (
    AdjustmentReason,
    IssuedTo,
    StockAdjusted,
    StockBooksOpened,
    StockCounted,
    StockCountRestated,
    StockIssued,
    StockReceived,
)
from domain.supply.events.stock_holds import (
    QuarantineReason,
    StockDelivered,
    StockDispatched,
    StockWrittenOff,
)
from projections.kernel import Key, ReadModel
from projections.rows import replace
from projections.supply.moved import MOVED, Moved, MovementKind, change_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """One movement of one lot: `change` is what was gained (or lost) by it.

    `entry` is its place in the item's story. `reason` belongs to an adjustment, `basis` and `card`
    to an opening, `reference` and `unit_cost` (in the facility's currency) to a receipt, to whom to
    an issue, `transfer_id` to what is dispatched or delivered, and why it was `written_off`, by
    which recall, to what left the quarantine and the books.
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
    card: str | None = None
    transfer_id: UUID | None = None
    written_off: QuarantineReason | None = None
    recall_id: UUID | None = None
    position: int


stock_movements = ReadModel(
    "stock_movements",
    row=Movement,
    key=("stock_item_id", "entry"),
    order="occurred_on",
    newest_first=True,
    indexes=(("stock_item_id",), ("lot", "item_code")),
    local=True,
    desk="store rooms and auditors: every movement, what was on hand after it, and a lot's trace",
)


def _movement(event: Recorded[Moved]) -> Key:
    return event.fact.stock_item_id, event.version


@stock_movements.on(*MOVED, key=_movement)
def moved(
    row: Movement | None,  # noqa: ARG001 - nothing was there before
    event: Recorded[Moved],
) -> Movement | None:
    fact = event.fact
    kind, change, occurred_on = change_of(fact)
    movement = Movement(
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
        occurred_on=occurred_on,
        position=event.position,
    )
    match fact:
        case StockBooksOpened():
            return replace(movement, basis=fact.basis, card=fact.card)
        case StockReceived():
            return replace(movement, unit_cost=fact.unit_cost, reference=fact.reference)
        case StockIssued():
            return replace(
                movement,
                issued_to=fact.issued_to,
                patient_id=fact.patient_id,
                department_id=fact.department_id,
                encounter_id=fact.encounter_id,
            )
        case StockAdjusted():
            return replace(movement, reason=fact.reason)
        case StockCounted() | StockCountRestated():
            return movement
        case StockDispatched() | StockDelivered():
            return replace(movement, transfer_id=fact.transfer_id)
        case StockWrittenOff():
            return replace(movement, written_off=fact.why, recall_id=fact.recall_id)
        case _:
            assert_never(fact)
