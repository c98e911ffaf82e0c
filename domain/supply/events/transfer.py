"""The story of a transfer between two facilities, told twice: once by each.

The facility that needs stock **requests** it (its own `inbound_transfer`), and the one that has
it learns of that as a `transfer` of its own, which it **approves** or **declines** and
**dispatches**. What has left one and not arrived at the other is in transit. The other
**receives** it: whole, short or damaged. What did not arrive whole opens a discrepancy case at
the facility that sent it, which somebody resolves; the transfer is **settled** when nothing of it
is in transit any more.

Each side's facts belong to its own facility, so that neither sees the other's. A process carries
the news across (`facilities/processes/transfer.py`); `transfer_id` and `inbound_transfer_id` name
the two.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from domain.kernel import Fact, fact, foreign_id, upcaster


def transfer_of(inbound_transfer_id: UUID) -> UUID:
    """The sending side of what a facility has requested."""
    return foreign_id("transfer", inbound_transfer_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class LotInTransit:
    """So much of a lot is on the road."""

    lot: str
    expires_on: date | None
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LotArrival:
    """What became of a lot on the road: so much arrived fit for use, so much damaged, the rest
    not.
    """

    lot: str
    expires_on: date | None
    dispatched: int
    fit: int
    damaged: int

    @property
    def missing(self) -> int:
        return self.dispatched - self.fit - self.damaged


class DiscrepancyOutcome(StrEnum):
    """What became of stock that did not arrive whole."""

    WRITTEN_OFF = "written_off"
    RETURNED = "returned"
    ARRIVED_LATE = "arrived_late"


@fact("transfer.requested", version=2, effective="requested_on")
class TransferRequested(Fact):
    """Another facility asks for some of an item. `by_register`: it keeps a register of it, so that
    it may be sent a controlled substance."""

    transfer_id: UUID
    facility_id: UUID
    inbound_transfer_id: UUID
    to_facility_id: UUID
    item_system: str
    item_code: str
    quantity: int
    by_register: bool
    requested_on: date


@upcaster(TransferRequested, from_version=1)
def _not_controlled(content: dict[str, Any]) -> dict[str, Any]:
    """When the first version was recorded, controlled substances were not sent."""
    return {**content, "by_register": False}


@fact("transfer.approved", effective="approved_on")
class TransferApproved(Fact):
    """It will be sent; the same append reserves it."""

    transfer_id: UUID
    facility_id: UUID
    inbound_transfer_id: UUID
    to_facility_id: UUID
    stock_item_id: UUID
    quantity: int
    approved_on: date


@fact("transfer.declined", effective="declined_on")
class TransferDeclined(Fact):
    """It will not be sent."""

    transfer_id: UUID
    facility_id: UUID
    inbound_transfer_id: UUID
    reason: str
    declined_on: date


@fact("transfer.cancelled", effective="cancelled_on")
class TransferCancelled(Fact):
    """It will not be sent after all; what was reserved for it is free again."""

    transfer_id: UUID
    facility_id: UUID
    inbound_transfer_id: UUID
    reason: str
    cancelled_on: date


@fact("transfer.dispatched", effective="dispatched_on")
class TransferDispatched(Fact):
    """It has left; the same append takes it out of stock."""

    transfer_id: UUID
    facility_id: UUID
    inbound_transfer_id: UUID
    to_facility_id: UUID
    stock_item_id: UUID
    item_system: str
    item_code: str
    lots: tuple[LotInTransit, ...]
    quantity: int
    waybill: str | None
    dispatched_on: date


@fact("transfer.arrived", effective="arrived_on")
class TransferArrived(Fact):
    """The other facility has told what arrived. `in_transit_after` is what did not, or damaged."""

    transfer_id: UUID
    facility_id: UUID
    inbound_transfer_id: UUID
    to_facility_id: UUID
    lots: tuple[LotArrival, ...]
    fit: int
    damaged: int
    missing: int
    arrived_on: date
    in_transit_after: int


@fact("transfer.discrepancy_opened", effective="opened_on")
class DiscrepancyOpened(Fact):
    """Not all arrived whole. Somebody must say what became of the rest."""

    transfer_id: UUID
    facility_id: UUID
    to_facility_id: UUID
    item_system: str
    item_code: str
    damaged: int
    missing: int
    opened_on: date


@fact("transfer.discrepancy_resolved", effective="resolved_on")
class DiscrepancyResolved(Fact):
    """What became of so much of a lot: written off, back in stock here, or arrived late there.

    What arrived late stays in transit until the other facility has it in its stock.
    """

    transfer_id: UUID
    facility_id: UUID
    inbound_transfer_id: UUID
    to_facility_id: UUID
    item_system: str
    item_code: str
    lot: str
    expires_on: date | None
    quantity: int
    outcome: DiscrepancyOutcome
    finding: str
    resolved_on: date
    in_transit_after: int
    unresolved_after: int


@fact("transfer.late_arrival_refused", effective="refused_on")
class LateArrivalRefused(Fact):
    """The other facility could not take in what was found to have arrived late: it is unresolved
    again."""

    transfer_id: UUID
    facility_id: UUID
    lot: str
    quantity: int
    reason: str
    refused_on: date
    unresolved_after: int


@fact("transfer.settled", effective="settled_on")
class TransferSettled(Fact):
    """Nothing of it is in transit any more."""

    transfer_id: UUID
    facility_id: UUID
    inbound_transfer_id: UUID
    settled_on: date


TransferFact = (
    TransferRequested
    | TransferApproved
    | TransferDeclined
    | TransferCancelled
    | TransferDispatched
    | TransferArrived
    | DiscrepancyOpened
    | DiscrepancyResolved
    | LateArrivalRefused
    | TransferSettled
)
