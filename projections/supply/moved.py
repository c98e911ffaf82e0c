"""The facts by which what is on hand changes, and by how much each does."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import assert_never

from domain.supply.events.stock import (
    StockAdjusted,
    StockBooksOpened,
    StockCounted,
    StockCountRestated,
    StockIssued,
    StockReceived,
)
from domain.supply.events.stock_holds import (
    StockDelivered,
    StockDispatched,
    StockQuarantined,
    StockQuarantineReleased,
    StockReservationReleased,
    StockReserved,
    StockWrittenOff,
)

Moved = (
    StockBooksOpened
    | StockReceived
    | StockIssued
    | StockAdjusted
    | StockCounted
    | StockCountRestated
    | StockDispatched
    | StockDelivered
    | StockWrittenOff
)

MOVED = (
    StockBooksOpened,
    StockReceived,
    StockIssued,
    StockAdjusted,
    StockCounted,
    StockCountRestated,
    StockDispatched,
    StockDelivered,
    StockWrittenOff,
)
"""The facts by which what is on hand changes."""

Reserving = StockReserved | StockReservationReleased
Quarantining = StockQuarantined | StockQuarantineReleased | StockWrittenOff

RESERVING = (StockReserved, StockReservationReleased)
QUARANTINING = (StockQuarantined, StockQuarantineReleased, StockWrittenOff)


class MovementKind(StrEnum):
    """Why stock moved. A count is `restated` when something from before it was entered late."""

    OPENED = "opened"
    RECEIVED = "received"
    ISSUED = "issued"
    ADJUSTED = "adjusted"
    COUNTED = "counted"
    RESTATED = "restated"
    DISPATCHED = "dispatched"
    DELIVERED = "delivered"
    WRITTEN_OFF = "written_off"


def change_of(fact: Moved) -> tuple[MovementKind, int, date]:
    """What kind of movement it is, what was gained (or lost) by it, and on which day."""
    match fact:
        case StockBooksOpened():
            return MovementKind.OPENED, fact.quantity, fact.opened_on
        case StockReceived():
            return MovementKind.RECEIVED, fact.quantity, fact.received_on
        case StockIssued():
            return MovementKind.ISSUED, -fact.quantity, fact.issued_on
        case StockAdjusted():
            return MovementKind.ADJUSTED, fact.change, fact.adjusted_on
        case StockCounted():
            return MovementKind.COUNTED, fact.difference, fact.counted_on
        case StockCountRestated():
            return MovementKind.RESTATED, fact.change, fact.counted_on
        case StockDispatched():
            return MovementKind.DISPATCHED, -fact.quantity, fact.dispatched_on
        case StockDelivered():
            return MovementKind.DELIVERED, fact.quantity, fact.delivered_on
        case StockWrittenOff():
            return MovementKind.WRITTEN_OFF, -fact.quantity, fact.written_off_on
        case _:
            assert_never(fact)
