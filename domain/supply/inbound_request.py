"""What is asked of another facility, by replenishment or a person, and what it answers."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from domain import rules
from domain.kernel import Circumstances, Command, Decision, Refused, command
from domain.supply.events.inbound_transfer import (
    InboundApproved,
    InboundDeclined,
    InboundDismissed,
    InboundProposalWithdrawn,
    InboundProposed,
    InboundRequested,
    InboundWithdrawn,
)
from domain.supply.events.requisition import ExpectedUse
from domain.supply.events.transfer import transfer_of
from domain.supply.inbound_transfer import InboundStatus, InboundTransfer, inbound_transfer
from domain.supply.standing import NOT_PROPOSED, stocked, uncontrolled
from domain.supply.steps import no_sooner, standing_at

# --- commands ------------------------------------------------------------------------------------


@command("inbound_transfer_id", creates=True)
class ProposeTransfer(Command):
    """Propose to ask another facility for stock it can spare. Replenishment's command."""

    inbound_transfer_id: UUID
    facility_id: UUID
    from_facility_id: UUID
    stock_item_id: UUID
    quantity: int
    expires_on: date | None
    proposed_on: date
    supplier_id: UUID | None = None
    expected: ExpectedUse | None = None


@command("inbound_transfer_id")
class AcceptProposal(Command):
    """Ask for what was proposed, or (with a quantity) for less or more of it."""

    inbound_transfer_id: UUID
    requested_on: date
    quantity: int | None = None


@command("inbound_transfer_id")
class DismissProposal(Command):
    """Do not ask for what was proposed; replenishment proposes to buy it."""

    inbound_transfer_id: UUID
    dismissed_on: date
    reason: str


@command("inbound_transfer_id")
class WithdrawProposal(Command):
    """Take back what was proposed, where nobody has asked for it yet. Replenishment's command."""

    inbound_transfer_id: UUID
    withdrawn_on: date


@command("inbound_transfer_id", creates=True)
class RequestTransfer(Command):
    """Ask another facility for some of an item that is kept here too."""

    inbound_transfer_id: UUID
    facility_id: UUID
    from_facility_id: UUID
    stock_item_id: UUID
    quantity: int
    requested_on: date


@command("inbound_transfer_id")
class WithdrawRequest(Command):
    """Ask for it no more. Where it has left already, it comes all the same."""

    inbound_transfer_id: UUID
    withdrawn_on: date
    reason: str


@command("inbound_transfer_id")
class NoteApproval(Command):
    """Take note that the other facility will send it."""

    inbound_transfer_id: UUID
    quantity: int
    approved_on: date


@command("inbound_transfer_id")
class NoteRefusal(Command):
    """Take note that the other facility does not send it."""

    inbound_transfer_id: UUID
    reason: str
    declined_on: date


# --- decisions -----------------------------------------------------------------------------------


def _other_side(state: InboundTransfer, command: Any) -> list[UUID]:  # noqa: ARG001
    return [command.from_facility_id]


@inbound_transfer.decides(consulting=_other_side)
def propose(state: InboundTransfer, command: ProposeTransfer, at: Circumstances) -> Decision:
    if state.status is not InboundStatus.ABSENT:
        return
    at.open("facility", command.facility_id)
    at.open("facility", command.from_facility_id, named="from_facility_id")
    rules.happened("inbound_transfer", "proposed_on", command.proposed_on, at)
    item = stocked(at, command.stock_item_id, within=command.facility_id)
    uncontrolled("inbound_transfer", item, command.stock_item_id, NOT_PROPOSED)
    yield InboundProposed(
        inbound_transfer_id=command.inbound_transfer_id,
        facility_id=command.facility_id,
        from_facility_id=command.from_facility_id,
        stock_item_id=command.stock_item_id,
        item_system=item.item_system,
        item_code=item.item_code,
        quantity=rules.quantity("inbound_transfer", "quantity", command.quantity),
        expires_on=command.expires_on,
        supplier_id=command.supplier_id,
        expected=command.expected,
        proposed_on=command.proposed_on,
    )


def _item_of(state: InboundTransfer, command: Any) -> list[UUID]:  # noqa: ARG001
    return [state.stock_item_id]


@inbound_transfer.decides(consulting=_item_of)
def accept(state: InboundTransfer, command: AcceptProposal, at: Circumstances) -> Decision:
    facility_id = standing_at("inbound_transfer", state, InboundStatus.PROPOSED)
    no_sooner("inbound_transfer", state, "requested_on", command.requested_on, at)
    item = stocked(at, state.stock_item_id, within=facility_id)
    quantity = state.quantity if command.quantity is None else command.quantity
    yield InboundRequested(
        inbound_transfer_id=command.inbound_transfer_id,
        facility_id=facility_id,
        transfer_id=transfer_of(command.inbound_transfer_id),
        from_facility_id=state.from_facility_id,
        stock_item_id=state.stock_item_id,
        item_system=state.item_system,
        item_code=state.item_code,
        quantity=rules.quantity("inbound_transfer", "quantity", quantity),
        by_register=item.register_id is not None,
        requested_on=command.requested_on,
    )


@inbound_transfer.decides
def dismiss(state: InboundTransfer, command: DismissProposal, at: Circumstances) -> Decision:
    facility_id = standing_at("inbound_transfer", state, InboundStatus.PROPOSED)
    no_sooner("inbound_transfer", state, "dismissed_on", command.dismissed_on, at)
    yield InboundDismissed(
        inbound_transfer_id=command.inbound_transfer_id,
        facility_id=facility_id,
        stock_item_id=state.stock_item_id,
        quantity=state.quantity,
        supplier_id=state.supplier_id,
        expected=state.expected,
        reason=rules.text("inbound_transfer", "reason", command.reason),
        dismissed_on=command.dismissed_on,
    )


@inbound_transfer.decides
def withdraw_proposal(
    state: InboundTransfer,
    command: WithdrawProposal,
    at: Circumstances,  # noqa: ARG001
) -> Decision:
    if state.facility_id is not None and state.status is InboundStatus.PROPOSED:
        yield InboundProposalWithdrawn(
            inbound_transfer_id=command.inbound_transfer_id,
            facility_id=state.facility_id,
            stock_item_id=state.stock_item_id,
            quantity=state.quantity,
            withdrawn_on=command.withdrawn_on,
        )


@inbound_transfer.decides(consulting=_other_side)
def request(state: InboundTransfer, command: RequestTransfer, at: Circumstances) -> Decision:
    if state.status is not InboundStatus.ABSENT:
        raise Refused("inbound_transfer.already_requested", "This transfer exists.")
    at.open("facility", command.facility_id)
    at.open("facility", command.from_facility_id, named="from_facility_id")
    if command.from_facility_id == command.facility_id:
        rule = "must be another facility"
        raise rules.refusal(
            "inbound_transfer.own_facility", "from_facility_id", command.from_facility_id, rule
        )
    rules.happened("inbound_transfer", "requested_on", command.requested_on, at)
    item = stocked(at, command.stock_item_id, within=command.facility_id)
    yield InboundRequested(
        inbound_transfer_id=command.inbound_transfer_id,
        facility_id=command.facility_id,
        transfer_id=transfer_of(command.inbound_transfer_id),
        from_facility_id=command.from_facility_id,
        stock_item_id=command.stock_item_id,
        item_system=item.item_system,
        item_code=item.item_code,
        quantity=rules.quantity("inbound_transfer", "quantity", command.quantity),
        by_register=item.register_id is not None,
        requested_on=command.requested_on,
    )


@inbound_transfer.decides
def withdraw(state: InboundTransfer, command: WithdrawRequest, at: Circumstances) -> Decision:
    facility_id = standing_at(
        "inbound_transfer", state, InboundStatus.REQUESTED, InboundStatus.APPROVED
    )
    no_sooner("inbound_transfer", state, "withdrawn_on", command.withdrawn_on, at)
    yield InboundWithdrawn(
        inbound_transfer_id=command.inbound_transfer_id,
        facility_id=facility_id,
        transfer_id=transfer_of(command.inbound_transfer_id),
        reason=rules.text("inbound_transfer", "reason", command.reason),
        withdrawn_on=command.withdrawn_on,
    )


@inbound_transfer.decides
def note_approval(
    state: InboundTransfer,
    command: NoteApproval,
    at: Circumstances,  # noqa: ARG001
) -> Decision:
    """A request that has been withdrawn meanwhile stays withdrawn: the other side is told of
    that.
    """
    if state.facility_id is not None and state.status is InboundStatus.REQUESTED:
        yield InboundApproved(
            inbound_transfer_id=command.inbound_transfer_id,
            facility_id=state.facility_id,
            quantity=command.quantity,
            approved_on=command.approved_on,
        )


@inbound_transfer.decides
def note_refusal(
    state: InboundTransfer,
    command: NoteRefusal,
    at: Circumstances,  # noqa: ARG001
) -> Decision:
    pending = (InboundStatus.REQUESTED, InboundStatus.APPROVED, InboundStatus.WITHDRAWN)
    if state.facility_id is not None and state.status in pending:
        yield InboundDeclined(
            inbound_transfer_id=command.inbound_transfer_id,
            facility_id=state.facility_id,
            reason=command.reason,
            declined_on=command.declined_on,
        )
