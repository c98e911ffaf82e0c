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
from uuid import UUID

from domain.kernel import Fact, fact, foreign_id


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


# --- at the facility that sends ----------------------------------------------------------------


@fact("transfer.requested", effective="requested_on")
class TransferRequested(Fact):
    """Another facility asks for some of an item."""

    transfer_id: UUID
    facility_id: UUID
    inbound_transfer_id: UUID
    to_facility_id: UUID
    item_system: str
    item_code: str
    quantity: int
    requested_on: date


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

# --- at the facility that receives -------------------------------------------------------------


@fact("inbound_transfer.proposed", effective="proposed_on")
class InboundProposed(Fact):
    """Replenishment has found stock at another facility that it can spare. Nobody has asked for it
    yet. `expires_on` is when the first of it expires, `supplier_id` from whom it is bought
    otherwise."""

    inbound_transfer_id: UUID
    facility_id: UUID
    from_facility_id: UUID
    stock_item_id: UUID
    item_system: str
    item_code: str
    quantity: int
    expires_on: date | None
    supplier_id: UUID | None
    proposed_on: date


@fact("inbound_transfer.dismissed", effective="dismissed_on")
class InboundDismissed(Fact):
    """What was proposed is not wanted: it is to be bought instead."""

    inbound_transfer_id: UUID
    facility_id: UUID
    stock_item_id: UUID
    quantity: int
    supplier_id: UUID | None
    reason: str
    dismissed_on: date


@fact("inbound_transfer.requested", effective="requested_on")
class InboundRequested(Fact):
    """Stock of another facility is asked for."""

    inbound_transfer_id: UUID
    facility_id: UUID
    transfer_id: UUID
    from_facility_id: UUID
    stock_item_id: UUID
    item_system: str
    item_code: str
    quantity: int
    requested_on: date


@fact("inbound_transfer.withdrawn", effective="withdrawn_on")
class InboundWithdrawn(Fact):
    """It is not wanted any more. Where it has left already, it comes all the same."""

    inbound_transfer_id: UUID
    facility_id: UUID
    transfer_id: UUID
    reason: str
    withdrawn_on: date


@fact("inbound_transfer.approved", effective="approved_on")
class InboundApproved(Fact):
    """The other facility will send it, perhaps less than was asked for."""

    inbound_transfer_id: UUID
    facility_id: UUID
    quantity: int
    approved_on: date


@fact("inbound_transfer.declined", effective="declined_on")
class InboundDeclined(Fact):
    """The other facility does not send it."""

    inbound_transfer_id: UUID
    facility_id: UUID
    reason: str
    declined_on: date


@fact("inbound_transfer.announced", effective="announced_on")
class InboundAnnounced(Fact):
    """It is on its way."""

    inbound_transfer_id: UUID
    facility_id: UUID
    stock_item_id: UUID
    lots: tuple[LotInTransit, ...]
    quantity: int
    waybill: str | None
    announced_on: date


@fact("inbound_transfer.received", effective="received_on")
class InboundReceived(Fact):
    """It has come; the same append takes what is fit for use into stock."""

    inbound_transfer_id: UUID
    facility_id: UUID
    transfer_id: UUID
    stock_item_id: UUID
    item_system: str
    item_code: str
    lots: tuple[LotArrival, ...]
    fit: int
    damaged: int
    missing: int
    received_on: date


@fact("inbound_transfer.received_late", effective="received_on")
class InboundReceivedLate(Fact):
    """What was missing has turned up after all, and is taken into stock."""

    inbound_transfer_id: UUID
    facility_id: UUID
    transfer_id: UUID
    stock_item_id: UUID
    lot: str
    expires_on: date | None
    quantity: int
    received_on: date


@fact("inbound_transfer.settled", effective="settled_on")
class InboundSettled(Fact):
    """Nothing of it is in transit any more."""

    inbound_transfer_id: UUID
    facility_id: UUID
    settled_on: date


InboundFact = (
    InboundProposed
    | InboundDismissed
    | InboundRequested
    | InboundWithdrawn
    | InboundApproved
    | InboundDeclined
    | InboundAnnounced
    | InboundReceived
    | InboundReceivedLate
    | InboundSettled
)
