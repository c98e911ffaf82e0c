"""Part of the story of transfers: what happens at the facility that receives. The other side's, and
what both have in common, is told in `transfer`.
"""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from domain.kernel import Fact, fact, upcaster
from domain.supply.events.requisition import ExpectedUse
from domain.supply.events.transfer import LotArrival, LotInTransit


@fact("inbound_transfer.proposed", version=2, effective="proposed_on")
class InboundProposed(Fact):
    """Replenishment has found stock at another facility that it can spare. Nobody has asked for it
    yet. `expires_on` is when the first of it expires, `supplier_id` from whom it is bought
    otherwise, and `expected` the use that replenishment expects until it could be bought."""

    inbound_transfer_id: UUID
    facility_id: UUID
    from_facility_id: UUID
    stock_item_id: UUID
    item_system: str
    item_code: str
    quantity: int
    expires_on: date | None
    supplier_id: UUID | None
    expected: ExpectedUse | None
    proposed_on: date


@upcaster(InboundProposed, from_version=1)
def _expecting_nothing(content: dict[str, Any]) -> dict[str, Any]:
    """The first version did not tell what use was expected."""
    return {**content, "expected": None}


@fact("inbound_transfer.dismissed", version=2, effective="dismissed_on")
class InboundDismissed(Fact):
    """What was proposed is not wanted: it is to be bought instead, for the use that was expected
    when it was proposed."""

    inbound_transfer_id: UUID
    facility_id: UUID
    stock_item_id: UUID
    quantity: int
    supplier_id: UUID | None
    expected: ExpectedUse | None
    reason: str
    dismissed_on: date


@upcaster(InboundDismissed, from_version=1)
def _dismissed_expecting_nothing(content: dict[str, Any]) -> dict[str, Any]:
    """The first version did not tell what use was expected."""
    return {**content, "expected": None}


@fact("inbound_transfer.proposal_withdrawn", effective="withdrawn_on")
class InboundProposalWithdrawn(Fact):
    """What was proposed is not needed any more, and nobody had asked for it: the item has
    recovered."""

    inbound_transfer_id: UUID
    facility_id: UUID
    stock_item_id: UUID
    quantity: int
    withdrawn_on: date


@fact("inbound_transfer.requested", version=2, effective="requested_on")
class InboundRequested(Fact):
    """Stock of another facility is asked for. `by_register`: the item is a controlled substance
    here, and moves by its register."""

    inbound_transfer_id: UUID
    facility_id: UUID
    transfer_id: UUID
    from_facility_id: UUID
    stock_item_id: UUID
    item_system: str
    item_code: str
    quantity: int
    by_register: bool
    requested_on: date


@upcaster(InboundRequested, from_version=1)
def _not_controlled(content: dict[str, Any]) -> dict[str, Any]:
    """When the first version was recorded, controlled substances were not sent."""
    return {**content, "by_register": False}


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
    | InboundProposalWithdrawn
    | InboundRequested
    | InboundWithdrawn
    | InboundApproved
    | InboundDeclined
    | InboundAnnounced
    | InboundReceived
    | InboundReceivedLate
    | InboundSettled
)
