"""What the store rooms hold back: stock that was promised, and stock in quarantine."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from domain.kernel import Recorded
from domain.supply.events.stock_holds import (
    QuarantineReason,
    StockQuarantined,
    StockReserved,
)
from projections.kernel import ReadModel
from projections.rows import replace
from projections.supply.moved import QUARANTINING, RESERVING, Quarantining, Reserving

# --- reservations --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    """What a reservation holds of a lot; it leaves the list when it holds nothing any more."""

    stock_item_id: UUID
    reservation_id: UUID
    lot: str
    facility_id: UUID
    item_system: str
    item_code: str
    expires_on: date | None
    quantity: int
    reserved_for: str
    reserved_on: date


stock_reservations = ReadModel(
    "stock_reservations",
    row=Reservation,
    key=("stock_item_id", "reservation_id", "lot"),
    order="reserved_on",
    indexes=(("reservation_id",),),
    local=True,
    desk="store rooms: what was promised to whom, and waits for them",
)


@stock_reservations.on(*RESERVING)
def reserved(row: Reservation | None, event: Recorded[Reserving]) -> Reservation | None:
    fact = event.fact
    if isinstance(fact, StockReserved):
        return Reservation(
            stock_item_id=fact.stock_item_id,
            reservation_id=fact.reservation_id,
            lot=fact.lot,
            facility_id=fact.facility_id,
            item_system=fact.item_system,
            item_code=fact.item_code,
            expires_on=fact.expires_on,
            quantity=fact.quantity + (row.quantity if row else 0),
            reserved_for=fact.reserved_for,
            reserved_on=fact.reserved_on,
        )
    if row is None or row.quantity <= fact.quantity:
        return None
    return replace(row, quantity=row.quantity - fact.quantity)


# --- quarantine ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantine:
    """How much of a lot is set apart, and why it last was; `since` is the day of that."""

    stock_item_id: UUID
    lot: str
    facility_id: UUID
    item_system: str
    item_code: str
    expires_on: date | None
    quantity: int
    why: QuarantineReason
    recall_id: UUID | None
    note: str | None
    since: date


stock_in_quarantine = ReadModel(
    "stock_in_quarantine",
    row=Quarantine,
    key=("stock_item_id", "lot"),
    order="since",
    indexes=(("recall_id",),),
    local=True,
    desk="store rooms: what must not be used until it is released or written off",
)


@stock_in_quarantine.on(*QUARANTINING)
def quarantined(row: Quarantine | None, event: Recorded[Quarantining]) -> Quarantine | None:
    fact = event.fact
    if isinstance(fact, StockQuarantined):
        return Quarantine(
            stock_item_id=fact.stock_item_id,
            lot=fact.lot,
            facility_id=fact.facility_id,
            item_system=fact.item_system,
            item_code=fact.item_code,
            expires_on=fact.expires_on,
            quantity=fact.lot_quarantined_after,
            why=fact.why,
            recall_id=fact.recall_id,
            note=fact.note,
            since=fact.quarantined_on,
        )
    if row is None or not fact.lot_quarantined_after:
        return None
    return replace(row, quantity=fact.lot_quarantined_after)
