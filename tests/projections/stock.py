"""Stock to tell the tests of read models about: boxes of gloves, in two lots that expire."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from domain.kernel import Fact
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
from domain.supply.events.stock_holds import (
    QuarantineEnd,
    QuarantineReason,
    ReservationEnd,
    StockDelivered,
    StockDispatched,
    StockQuarantined,
    StockQuarantineReleased,
    StockReservationReleased,
    StockReserved,
    StockWrittenOff,
)
from tests.projections.claims import A_PATIENT, RIVERSIDE

GLOVES, CARDIOLOGY = UUID(int=21), UUID(int=22)
A_SURGERY, A_RECALL, A_TRANSFER = UUID(int=23), UUID(int=24), UUID(int=25)
MARCH_1, MARCH_2, MARCH_3, JUNE_30, JULY_31 = (
    date(2026, *each) for each in ((3, 1), (3, 2), (3, 3), (6, 30), (7, 31))
)
ITEM = {"item_system": "GTIN", "item_code": "00012345600012"}


def listed() -> Fact:
    return StockItemListed(
        stock_item_id=GLOVES,
        facility_id=RIVERSIDE,
        **ITEM,
        description="Gloves, nitrile",
        unit="pair",
        lot_tracked=True,
        listed_on=MARCH_1,
    )


def of(lot: str, lot_on_hand: int, on_hand: int) -> dict[str, Any]:
    """What every movement says of a lot, and of what is on hand after it."""
    return {
        "stock_item_id": GLOVES,
        "facility_id": RIVERSIDE,
        **ITEM,
        "lot": lot,
        "expires_on": {"A": JULY_31, "B": JUNE_30}.get(lot),
        "lot_on_hand_after": lot_on_hand,
        "on_hand_after": on_hand,
    }


def opened(quantity: int, **lot: Any) -> Fact:
    return StockBooksOpened(
        quantity=quantity, opened_on=MARCH_1, basis="count of 1 March", card="Card 7", **lot
    )


def received(quantity: int, **lot: Any) -> Fact:
    return StockReceived(
        quantity=quantity,
        unit_cost=Decimal("0.125"),
        reference="DN 5",
        received_on=MARCH_2,
        **lot,
    )


def issued(quantity: int, on: date = MARCH_3, **lot: Any) -> Fact:
    return StockIssued(
        quantity=quantity,
        issued_to=IssuedTo.PATIENT,
        patient_id=A_PATIENT,
        department_id=CARDIOLOGY,
        encounter_id=None,
        issued_on=on,
        **lot,
    )


def adjusted(change: int, **lot: Any) -> Fact:
    return StockAdjusted(change=change, reason=AdjustmentReason.DAMAGED, adjusted_on=MARCH_3, **lot)


def counted(quantity: int, difference: int, **lot: Any) -> Fact:
    return StockCounted(counted=quantity, difference=difference, counted_on=MARCH_3, **lot)


def held(lot: dict[str, Any], available: int) -> dict[str, Any]:
    """What a hold says of a lot, and of what may be used after it (of a lot that is alone)."""
    return {**lot, "lot_available_after": available, "available_after": available}


def reserved(quantity: int, after: int, **lot: Any) -> Fact:
    return StockReserved(
        reservation_id=A_SURGERY,
        quantity=quantity,
        reserved_for="a surgery",
        reserved_on=MARCH_2,
        lot_reserved_after=after,
        **lot,
    )


def reservation_released(quantity: int, after: int, **lot: Any) -> Fact:
    return StockReservationReleased(
        reservation_id=A_SURGERY,
        quantity=quantity,
        why=ReservationEnd.CANCELLED,
        released_on=MARCH_3,
        lot_reserved_after=after,
        **lot,
    )


def quarantined(quantity: int, after: int, **lot: Any) -> Fact:
    return StockQuarantined(
        quantity=quantity,
        why=QuarantineReason.RECALL,
        recall_id=A_RECALL,
        note=None,
        quarantined_on=MARCH_2,
        lot_quarantined_after=after,
        **lot,
    )


def quarantine_released(quantity: int, after: int, **lot: Any) -> Fact:
    return StockQuarantineReleased(
        quantity=quantity,
        why=QuarantineEnd.CLEARED,
        recall_id=A_RECALL,
        note=None,
        released_on=MARCH_3,
        lot_quarantined_after=after,
        **lot,
    )


def written_off(quantity: int, after: int, **lot: Any) -> Fact:
    return StockWrittenOff(
        quantity=quantity,
        why=QuarantineReason.RECALL,
        recall_id=A_RECALL,
        note=None,
        written_off_on=MARCH_3,
        lot_quarantined_after=after,
        **lot,
    )


def dispatched(quantity: int, **lot: Any) -> Fact:
    return StockDispatched(transfer_id=A_TRANSFER, quantity=quantity, dispatched_on=MARCH_3, **lot)


def delivered(quantity: int, **lot: Any) -> Fact:
    return StockDelivered(transfer_id=A_TRANSFER, quantity=quantity, delivered_on=MARCH_3, **lot)
