"""A requisition on its way: submitted, authorized, approved or not, and released as an order."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from domain import rules
from domain.kernel import Circumstances, Command, Decision, Entail, Refused, command, foreign_id
from domain.supply.events.requisition import (
    QuantityApproved,
    RequisitionApproved,
    RequisitionAuthorized,
    RequisitionClosed,
    RequisitionPutToApproval,
    RequisitionRejected,
    RequisitionReleased,
    RequisitionSubmitted,
    RequisitionWithdrawn,
)
from domain.supply.purchase_order_drafting import DraftPurchaseOrder, OrderItem
from domain.supply.requisition import Requisition, RequisitionStatus, given_back, requisition
from domain.supply.steps import no_sooner, standing_at

UNDECIDED = (
    RequisitionStatus.DRAFTED,
    RequisitionStatus.SUBMITTED,
    RequisitionStatus.AUTHORIZED,
    RequisitionStatus.IN_APPROVAL,
)
"""Where a requisition may still be withdrawn."""


# --- commands ------------------------------------------------------------------------------------


@command("requisition_id")
class SubmitRequisition(Command):
    """Say that this is what is needed."""

    requisition_id: UUID
    submitted_on: date


@command("requisition_id")
class AuthorizeRequisition(Command):
    """Agree that it is needed, as who answers for the stock."""

    requisition_id: UUID
    authorized_on: date


@command("requisition_id")
class PutRequisitionToApproval(Command):
    """Lay it before those who approve the spending."""

    requisition_id: UUID
    put_on: date


@command("requisition_id")
class ApproveQuantity(Command):
    """Approve another quantity of an item than was asked for (zero: none of it)."""

    requisition_id: UUID
    stock_item_id: UUID
    quantity: int
    approved_on: date
    reason: str


@command("requisition_id")
class ApproveRequisition(Command):
    """Let it be ordered."""

    requisition_id: UUID
    approved_on: date


@command("requisition_id")
class RejectRequisition(Command):
    """Do not let it be ordered."""

    requisition_id: UUID
    rejected_on: date
    reason: str


@command("requisition_id")
class WithdrawRequisition(Command):
    """Ask for it no more."""

    requisition_id: UUID
    withdrawn_on: date
    reason: str


@command("requisition_id")
class ReleaseRequisition(Command):
    """Make a purchase order of it, from the supplier that is named here or in the requisition."""

    requisition_id: UUID
    order_number: str
    released_on: date
    supplier_id: UUID | None = None


@command("requisition_id")
class CloseRequisition(Command):
    """Say that nothing more comes of it."""

    requisition_id: UUID
    closed_on: date


# --- decisions -----------------------------------------------------------------------------------


@requisition.decides
def submit(state: Requisition, command: SubmitRequisition, at: Circumstances) -> Decision:
    facility_id = standing_at("requisition", state, RequisitionStatus.DRAFTED)
    no_sooner("requisition", state, "submitted_on", command.submitted_on, at)
    if not state.lines:
        raise Refused("requisition.empty", "A requisition that is submitted asks for something.")
    yield RequisitionSubmitted(
        requisition_id=command.requisition_id,
        facility_id=facility_id,
        submitted_on=command.submitted_on,
    )


@requisition.decides
def authorize(state: Requisition, command: AuthorizeRequisition, at: Circumstances) -> Decision:
    facility_id = standing_at("requisition", state, RequisitionStatus.SUBMITTED)
    no_sooner("requisition", state, "authorized_on", command.authorized_on, at)
    yield RequisitionAuthorized(
        requisition_id=command.requisition_id,
        facility_id=facility_id,
        authorized_on=command.authorized_on,
    )


@requisition.decides
def put_to_approval(
    state: Requisition, command: PutRequisitionToApproval, at: Circumstances
) -> Decision:
    facility_id = standing_at("requisition", state, RequisitionStatus.AUTHORIZED)
    no_sooner("requisition", state, "put_on", command.put_on, at)
    yield RequisitionPutToApproval(
        requisition_id=command.requisition_id, facility_id=facility_id, put_on=command.put_on
    )


@requisition.decides
def approve_quantity(state: Requisition, command: ApproveQuantity, at: Circumstances) -> Decision:
    facility_id = standing_at("requisition", state, RequisitionStatus.IN_APPROVAL)
    no_sooner("requisition", state, "approved_on", command.approved_on, at)
    requested = state.lines.get(command.stock_item_id)
    if requested is None:
        rule = "must be of an item that is asked for"
        raise rules.refusal(
            "requisition.not_requested", "stock_item_id", command.stock_item_id, rule
        )
    approved = rules.quantity("requisition", "quantity", command.quantity, zero_allowed=True)
    if approved != requested:
        yield QuantityApproved(
            requisition_id=command.requisition_id,
            facility_id=facility_id,
            stock_item_id=command.stock_item_id,
            requested=requested,
            approved=approved,
            approved_on=command.approved_on,
            reason=rules.text("requisition", "reason", command.reason),
        )


@requisition.decides
def approve(state: Requisition, command: ApproveRequisition, at: Circumstances) -> Decision:
    facility_id = standing_at("requisition", state, RequisitionStatus.IN_APPROVAL)
    no_sooner("requisition", state, "approved_on", command.approved_on, at)
    if not state.lines:
        raise Refused("requisition.empty", "Nothing of it is approved: reject it.")
    yield RequisitionApproved(
        requisition_id=command.requisition_id,
        facility_id=facility_id,
        approved_on=command.approved_on,
        lines=len(state.lines),
    )


@requisition.decides
def reject(state: Requisition, command: RejectRequisition, at: Circumstances) -> Decision:
    decidable = (
        RequisitionStatus.SUBMITTED,
        RequisitionStatus.AUTHORIZED,
        RequisitionStatus.IN_APPROVAL,
    )
    facility_id = standing_at("requisition", state, *decidable)
    no_sooner("requisition", state, "rejected_on", command.rejected_on, at)
    yield from given_back(state, facility_id)
    yield RequisitionRejected(
        requisition_id=command.requisition_id,
        facility_id=facility_id,
        rejected_on=command.rejected_on,
        reason=rules.text("requisition", "reason", command.reason),
    )


@requisition.decides
def withdraw(state: Requisition, command: WithdrawRequisition, at: Circumstances) -> Decision:
    facility_id = standing_at("requisition", state, *UNDECIDED)
    no_sooner("requisition", state, "withdrawn_on", command.withdrawn_on, at)
    yield from given_back(state, facility_id)
    yield RequisitionWithdrawn(
        requisition_id=command.requisition_id,
        facility_id=facility_id,
        withdrawn_on=command.withdrawn_on,
        reason=rules.text("requisition", "reason", command.reason),
    )


@requisition.decides
def release(state: Requisition, command: ReleaseRequisition, at: Circumstances) -> Decision:
    """The order is drafted in the same append, with a line for each item that was approved."""
    facility_id = standing_at("requisition", state, RequisitionStatus.APPROVED)
    no_sooner("requisition", state, "released_on", command.released_on, at)
    supplier_id = command.supplier_id or state.supplier_id
    if supplier_id is None:
        rule = "must be given: the requisition names none"
        raise rules.refusal("requisition.supplier_required", "supplier_id", None, rule)
    purchase_order_id = foreign_id("requisition/purchase_order", command.requisition_id)
    yield RequisitionReleased(
        requisition_id=command.requisition_id,
        facility_id=facility_id,
        purchase_order_id=purchase_order_id,
        supplier_id=supplier_id,
        released_on=command.released_on,
    )
    yield Entail(
        DraftPurchaseOrder(
            purchase_order_id=purchase_order_id,
            facility_id=facility_id,
            supplier_id=supplier_id,
            order_number=command.order_number,
            drafted_on=command.released_on,
            requisition_id=command.requisition_id,
        )
    )
    for stock_item_id, quantity in state.lines.items():
        yield Entail(
            OrderItem(
                purchase_order_id=purchase_order_id,
                stock_item_id=stock_item_id,
                quantity=quantity,
                ordered_on=command.released_on,
            )
        )


@requisition.decides
def close(state: Requisition, command: CloseRequisition, at: Circumstances) -> Decision:
    facility_id = standing_at(
        "requisition", state, RequisitionStatus.APPROVED, RequisitionStatus.RELEASED
    )
    no_sooner("requisition", state, "closed_on", command.closed_on, at)
    yield from given_back(state, facility_id)
    yield RequisitionClosed(
        requisition_id=command.requisition_id,
        facility_id=facility_id,
        closed_on=command.closed_on,
    )
