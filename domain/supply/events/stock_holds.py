"""Part of the story of supply: stock that is on hand and not to be used, and stock on the road.

What is **reserved** waits for whoever it was promised to. What is in **quarantine** is used by
nobody until it is **released** or **written off**. What is **dispatched** has left for another
facility, and is **delivered** there. Available is what is on hand, neither reserved nor in
quarantine; whether it has expired by a day, who asks for that day knows.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from uuid import UUID

from domain.kernel import Fact, fact


class ReservationEnd(StrEnum):
    """Why stock is not reserved any more."""

    USED = "used"
    CANCELLED = "cancelled"
    QUARANTINED = "quarantined"
    MISSING = "missing"


class QuarantineReason(StrEnum):
    """Why stock must not be used for now."""

    RECALL = "recall"
    EXPIRED = "expired"
    DAMAGED = "damaged"
    TEMPERATURE = "temperature"
    COMPLAINT = "complaint"
    INSPECTION = "inspection"


class QuarantineEnd(StrEnum):
    """Why stock leaves the quarantine and stays on the books, or is found not to be there."""

    CLEARED = "cleared"
    MISSING = "missing"


@fact("stock_item.reserved", effective="reserved_on")
class StockReserved(Fact):
    """Some of a lot is promised. One fact for each lot that a reservation holds."""

    stock_item_id: UUID
    facility_id: UUID
    item_system: str
    item_code: str
    lot: str
    expires_on: date | None
    reservation_id: UUID
    quantity: int
    reserved_for: str
    reserved_on: date
    lot_reserved_after: int
    lot_available_after: int
    lot_on_hand_after: int
    on_hand_after: int
    available_after: int


@fact("stock_item.reservation_released", effective="released_on")
class StockReservationReleased(Fact):
    """A reservation holds less of a lot than it did: it was used, given up, or is not there."""

    stock_item_id: UUID
    facility_id: UUID
    item_system: str
    item_code: str
    lot: str
    expires_on: date | None
    reservation_id: UUID
    quantity: int
    why: ReservationEnd
    released_on: date
    lot_reserved_after: int
    lot_available_after: int
    lot_on_hand_after: int
    on_hand_after: int
    available_after: int


@fact("stock_item.quarantined", effective="quarantined_on")
class StockQuarantined(Fact):
    """Some of a lot is set apart and not used. `recall_id` names the recall that asks for it."""

    stock_item_id: UUID
    facility_id: UUID
    item_system: str
    item_code: str
    lot: str
    expires_on: date | None
    quantity: int
    why: QuarantineReason
    recall_id: UUID | None
    note: str | None
    quarantined_on: date
    lot_quarantined_after: int
    lot_available_after: int
    lot_on_hand_after: int
    on_hand_after: int
    available_after: int


@fact("stock_item.recalled", effective="recalled_on")
class StockRecalled(Fact):
    """A lot is under a recall. What is in quarantine of it stays there as long as the recall is in
    force, also what was set apart for another reason before."""

    stock_item_id: UUID
    facility_id: UUID
    item_system: str
    item_code: str
    lot: str
    expires_on: date | None
    recall_id: UUID
    number: str
    recalled_on: date
    lot_on_hand: int


@fact("stock_item.quarantine_released", effective="released_on")
class StockQuarantineReleased(Fact):
    """Some of a lot leaves the quarantine: it may be used again, or it is not there."""

    stock_item_id: UUID
    facility_id: UUID
    item_system: str
    item_code: str
    lot: str
    expires_on: date | None
    quantity: int
    why: QuarantineEnd
    recall_id: UUID | None
    note: str | None
    released_on: date
    lot_quarantined_after: int
    lot_available_after: int
    lot_on_hand_after: int
    on_hand_after: int
    available_after: int


@fact("stock_item.written_off", effective="written_off_on")
class StockWrittenOff(Fact):
    """Some of a lot leaves the quarantine and the books: destroyed, or sent back to its maker."""

    stock_item_id: UUID
    facility_id: UUID
    item_system: str
    item_code: str
    lot: str
    expires_on: date | None
    quantity: int
    why: QuarantineReason
    recall_id: UUID | None
    note: str | None
    written_off_on: date
    lot_quarantined_after: int
    lot_available_after: int
    lot_on_hand_after: int
    on_hand_after: int
    available_after: int


@fact("stock_item.dispatched", effective="dispatched_on")
class StockDispatched(Fact):
    """Stock leaves for another facility. One fact for each lot it came from."""

    stock_item_id: UUID
    facility_id: UUID
    item_system: str
    item_code: str
    lot: str
    expires_on: date | None
    transfer_id: UUID
    quantity: int
    dispatched_on: date
    lot_available_after: int
    lot_on_hand_after: int
    on_hand_after: int
    available_after: int


@fact("stock_item.delivered", effective="delivered_on")
class StockDelivered(Fact):
    """Stock comes in from another facility, as much of it as arrived fit to be used."""

    stock_item_id: UUID
    facility_id: UUID
    item_system: str
    item_code: str
    lot: str
    expires_on: date | None
    transfer_id: UUID
    quantity: int
    delivered_on: date
    lot_available_after: int
    lot_on_hand_after: int
    on_hand_after: int
    available_after: int


StockHoldFact = (
    StockReserved
    | StockReservationReleased
    | StockQuarantined
    | StockRecalled
    | StockQuarantineReleased
    | StockWrittenOff
)

StockTransferFact = StockDispatched | StockDelivered
