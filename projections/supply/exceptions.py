"""What somebody has to see to: stock that was handed out before it was received, by the books."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from domain.kernel import Recorded
from domain.supply.events.stock_exceptions import UnrecordedReceiptClosed, UnrecordedReceiptOpened
from projections.kernel import Key, ReadModel
from projections.rows import replace
from projections.supply.moved import MOVED, Moved


@dataclass(frozen=True, slots=True, kw_only=True)
class UnrecordedReceipt:
    """An exception that is open: who said what, and what is on hand of the lot by the books."""

    stock_item_id: UUID
    lot: str
    facility_id: UUID
    item_system: str
    item_code: str
    quantity: int
    on_hand: int
    said_by: str
    why: str
    opened_on: date
    opened_by: str


unrecorded_receipts = ReadModel(
    "unrecorded_receipts",
    row=UnrecordedReceipt,
    key=("stock_item_id", "lot"),
    order="opened_on",
    local=True,
    desk="store rooms: receipts that are missing, until they are recorded or adjusted for",
)


@unrecorded_receipts.on(UnrecordedReceiptOpened)
def opened(
    row: UnrecordedReceipt | None,  # noqa: ARG001 - one at a time is open
    event: Recorded[UnrecordedReceiptOpened],
) -> UnrecordedReceipt | None:
    fact = event.fact
    return UnrecordedReceipt(
        stock_item_id=fact.stock_item_id,
        lot=fact.lot,
        facility_id=fact.facility_id,
        item_system=fact.item_system,
        item_code=fact.item_code,
        quantity=fact.quantity,
        on_hand=fact.lot_on_hand,
        said_by=fact.said_by,
        why=fact.why,
        opened_on=fact.opened_on,
        opened_by=event.actor,
    )


@unrecorded_receipts.on(UnrecordedReceiptClosed)
def closed(
    row: UnrecordedReceipt | None,  # noqa: ARG001 - it leaves the list
    event: Recorded[UnrecordedReceiptClosed],  # noqa: ARG001
) -> UnrecordedReceipt | None:
    return None


def _lot(event: Recorded[Moved]) -> Key:
    return event.fact.stock_item_id, event.fact.lot


@unrecorded_receipts.on(*MOVED, key=_lot)
def moved(row: UnrecordedReceipt | None, event: Recorded[Moved]) -> UnrecordedReceipt | None:
    return row and replace(row, on_hand=event.fact.lot_on_hand_after)
