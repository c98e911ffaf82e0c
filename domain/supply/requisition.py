"""A requisition: what a facility asks for, before anything is ordered.

Its life: it is **drafted** for a program and a period, items are **requested**, it is
**submitted** by those who need it, **authorized** by those who answer for the stock, **put to
approval**, and then **approved** (with other quantities, perhaps) or **rejected**. Approved, it
is **released** as a purchase order and **closed**. Until it is approved it may be **withdrawn**.

A facility has one open regular requisition for a program and period; an emergency one is never in
the way. Replenishment drafts requisitions too (`ProposeItem`): somebody must still submit them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import assert_never
from uuid import UUID

from domain import rules
from domain.kernel import (
    Aggregate,
    Circumstances,
    Command,
    Decision,
    Entail,
    Refused,
    Release,
    Reserve,
    command,
    foreign_id,
)
from domain.supply.events.ordering import (
    ItemRequested,
    QuantityApproved,
    RequestedItemDropped,
    RequisitionApproved,
    RequisitionAuthorized,
    RequisitionClosed,
    RequisitionDrafted,
    RequisitionFact,
    RequisitionKind,
    RequisitionOrigin,
    RequisitionPutToApproval,
    RequisitionRejected,
    RequisitionReleased,
    RequisitionSubmitted,
    RequisitionWithdrawn,
)
from domain.supply.purchase_order import DraftPurchaseOrder, OrderItem
from domain.supply.standing import stocked

LONGEST_REQUISITION = 500
"""Lines of a requisition at most (c)."""

PERIOD = r"[0-9]{4}(-(0[1-9]|1[0-2]|W[0-5][0-9]|Q[1-4]))?"

# --- state -------------------------------------------------------------------------------------


class RequisitionStatus(StrEnum):
    """How far a requisition has come."""

    ABSENT = "absent"
    DRAFTED = "drafted"
    SUBMITTED = "submitted"
    AUTHORIZED = "authorized"
    IN_APPROVAL = "in_approval"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    RELEASED = "released"
    CLOSED = "closed"


UNDECIDED = (
    RequisitionStatus.DRAFTED,
    RequisitionStatus.SUBMITTED,
    RequisitionStatus.AUTHORIZED,
    RequisitionStatus.IN_APPROVAL,
)
"""Where a requisition may still be withdrawn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Requisition:
    """What a requisition has become. `lines` are quantities by stock item: as asked for, and
    since the approval as approved. `since` is the day of its last step."""

    facility_id: UUID | None = None
    status: RequisitionStatus = RequisitionStatus.ABSENT
    kind: RequisitionKind = RequisitionKind.REGULAR
    program: str = ""
    period: str = ""
    supplier_id: UUID | None = None
    since: date = rules.EARLIEST
    lines: Mapping[UUID, int] = field(default_factory=lambda: MappingProxyType({}))

    def evolve(self, fact: RequisitionFact) -> Requisition:
        match fact:
            case RequisitionDrafted():
                return replace(
                    self,
                    facility_id=fact.facility_id,
                    status=RequisitionStatus.DRAFTED,
                    kind=fact.kind,
                    program=fact.program,
                    period=fact.period,
                    supplier_id=fact.supplier_id,
                    since=fact.drafted_on,
                )
            case ItemRequested():
                return self._with(fact.stock_item_id, fact.quantity)
            case RequestedItemDropped():
                return self._with(fact.stock_item_id, 0)
            case RequisitionSubmitted():
                return replace(self, status=RequisitionStatus.SUBMITTED, since=fact.submitted_on)
            case RequisitionAuthorized():
                return replace(self, status=RequisitionStatus.AUTHORIZED, since=fact.authorized_on)
            case RequisitionPutToApproval():
                return replace(self, status=RequisitionStatus.IN_APPROVAL, since=fact.put_on)
            case QuantityApproved():
                return self._with(fact.stock_item_id, fact.approved)
            case RequisitionApproved():
                return replace(self, status=RequisitionStatus.APPROVED, since=fact.approved_on)
            case RequisitionRejected():
                return replace(self, status=RequisitionStatus.REJECTED, since=fact.rejected_on)
            case RequisitionWithdrawn():
                return replace(self, status=RequisitionStatus.WITHDRAWN, since=fact.withdrawn_on)
            case RequisitionReleased():
                return replace(self, status=RequisitionStatus.RELEASED, since=fact.released_on)
            case RequisitionClosed():
                return replace(self, status=RequisitionStatus.CLOSED, since=fact.closed_on)
            case _:
                assert_never(fact)

    def _with(self, stock_item_id: UUID, quantity: int) -> Requisition:
        lines = {**self.lines, stock_item_id: quantity}
        kept = {each: wanted for each, wanted in lines.items() if wanted}
        return replace(self, lines=MappingProxyType(kept))


requisition = Aggregate("requisition", Requisition())


# --- commands ----------------------------------------------------------------------------------


@command("requisition_id", creates=True)
class DraftRequisition(Command):
    """Begin to write down what is needed. `period` is a year, month, quarter or week (2026-03)."""

    requisition_id: UUID
    facility_id: UUID
    program: str
    period: str
    drafted_on: date
    kind: RequisitionKind = RequisitionKind.REGULAR
    supplier_id: UUID | None = None


@command("requisition_id")
class RequestItem(Command):
    """Ask for so much of an item, in place of what was asked for before."""

    requisition_id: UUID
    stock_item_id: UUID
    quantity: int
    requested_on: date


@command("requisition_id", creates=True)
class ProposeItem(Command):
    """Put an item that has fallen to its reorder point on an emergency draft, begun where there is
    none. Replenishment's command: nothing is ordered before somebody submits the draft."""

    requisition_id: UUID
    facility_id: UUID
    program: str
    period: str
    stock_item_id: UUID
    quantity: int
    proposed_on: date
    supplier_id: UUID | None = None


@command("requisition_id")
class DropRequestedItem(Command):
    """Do not ask for an item any more."""

    requisition_id: UUID
    stock_item_id: UUID
    dropped_on: date


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


# --- decisions ---------------------------------------------------------------------------------


@requisition.decides
def draft(state: Requisition, command: DraftRequisition, at: Circumstances) -> Decision:
    if state.status is not RequisitionStatus.ABSENT:
        raise Refused("requisition.already_drafted", "This requisition exists.")
    at.open("facility", command.facility_id)
    if command.supplier_id is not None:
        at.open("supplier", command.supplier_id)
    rules.happened("requisition", "drafted_on", command.drafted_on, at)
    program = rules.text("requisition", "program", command.program, longest=80)
    period = _period(command.period)
    if command.kind is RequisitionKind.REGULAR:
        key = _key(command.facility_id, program, period)
        yield Reserve("requisition", key, "requisition.already_open")
    yield RequisitionDrafted(
        requisition_id=command.requisition_id,
        facility_id=command.facility_id,
        program=program,
        period=period,
        kind=command.kind,
        origin=RequisitionOrigin.PERSON,
        supplier_id=command.supplier_id,
        drafted_on=command.drafted_on,
    )


@requisition.decides
def request(state: Requisition, command: RequestItem, at: Circumstances) -> Decision:
    facility_id = _in(state, RequisitionStatus.DRAFTED)
    _since(state, "requested_on", command.requested_on, at)
    quantity = rules.quantity("requisition", "quantity", command.quantity)
    if state.lines.get(command.stock_item_id) != quantity:
        yield _requested(
            state,
            command.requisition_id,
            facility_id,
            command.stock_item_id,
            quantity,
            command.requested_on,
            at,
        )


@requisition.decides
def propose(state: Requisition, command: ProposeItem, at: Circumstances) -> Decision:
    """What is on the draft already stays as somebody may have changed it."""
    if command.stock_item_id in state.lines:
        return
    at.open("facility", command.facility_id)
    if state.status is RequisitionStatus.ABSENT:
        rules.happened("requisition", "proposed_on", command.proposed_on, at)
        yield RequisitionDrafted(
            requisition_id=command.requisition_id,
            facility_id=command.facility_id,
            program=rules.text("requisition", "program", command.program, longest=80),
            period=_period(command.period),
            kind=RequisitionKind.EMERGENCY,
            origin=RequisitionOrigin.REPLENISHMENT,
            supplier_id=command.supplier_id,
            drafted_on=command.proposed_on,
        )
    else:
        _in(state, RequisitionStatus.DRAFTED)
    yield _requested(
        state,
        command.requisition_id,
        command.facility_id,
        command.stock_item_id,
        rules.quantity("requisition", "quantity", command.quantity),
        command.proposed_on,
        at,
    )


@requisition.decides
def drop(state: Requisition, command: DropRequestedItem, at: Circumstances) -> Decision:
    facility_id = _in(state, RequisitionStatus.DRAFTED)
    _since(state, "dropped_on", command.dropped_on, at)
    if command.stock_item_id in state.lines:
        yield RequestedItemDropped(
            requisition_id=command.requisition_id,
            facility_id=facility_id,
            stock_item_id=command.stock_item_id,
            dropped_on=command.dropped_on,
            lines_after=len(state.lines) - 1,
        )


@requisition.decides
def submit(state: Requisition, command: SubmitRequisition, at: Circumstances) -> Decision:
    facility_id = _in(state, RequisitionStatus.DRAFTED)
    _since(state, "submitted_on", command.submitted_on, at)
    if not state.lines:
        raise Refused("requisition.empty", "A requisition that is submitted asks for something.")
    yield RequisitionSubmitted(
        requisition_id=command.requisition_id,
        facility_id=facility_id,
        submitted_on=command.submitted_on,
    )


@requisition.decides
def authorize(state: Requisition, command: AuthorizeRequisition, at: Circumstances) -> Decision:
    facility_id = _in(state, RequisitionStatus.SUBMITTED)
    _since(state, "authorized_on", command.authorized_on, at)
    yield RequisitionAuthorized(
        requisition_id=command.requisition_id,
        facility_id=facility_id,
        authorized_on=command.authorized_on,
    )


@requisition.decides
def put_to_approval(
    state: Requisition, command: PutRequisitionToApproval, at: Circumstances
) -> Decision:
    facility_id = _in(state, RequisitionStatus.AUTHORIZED)
    _since(state, "put_on", command.put_on, at)
    yield RequisitionPutToApproval(
        requisition_id=command.requisition_id, facility_id=facility_id, put_on=command.put_on
    )


@requisition.decides
def approve_quantity(state: Requisition, command: ApproveQuantity, at: Circumstances) -> Decision:
    facility_id = _in(state, RequisitionStatus.IN_APPROVAL)
    _since(state, "approved_on", command.approved_on, at)
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
    facility_id = _in(state, RequisitionStatus.IN_APPROVAL)
    _since(state, "approved_on", command.approved_on, at)
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
    facility_id = _in(state, *decidable)
    _since(state, "rejected_on", command.rejected_on, at)
    yield from _given_back(state, facility_id)
    yield RequisitionRejected(
        requisition_id=command.requisition_id,
        facility_id=facility_id,
        rejected_on=command.rejected_on,
        reason=rules.text("requisition", "reason", command.reason),
    )


@requisition.decides
def withdraw(state: Requisition, command: WithdrawRequisition, at: Circumstances) -> Decision:
    facility_id = _in(state, *UNDECIDED)
    _since(state, "withdrawn_on", command.withdrawn_on, at)
    yield from _given_back(state, facility_id)
    yield RequisitionWithdrawn(
        requisition_id=command.requisition_id,
        facility_id=facility_id,
        withdrawn_on=command.withdrawn_on,
        reason=rules.text("requisition", "reason", command.reason),
    )


@requisition.decides
def release(state: Requisition, command: ReleaseRequisition, at: Circumstances) -> Decision:
    """The order is drafted in the same append, with a line for each item that was approved."""
    facility_id = _in(state, RequisitionStatus.APPROVED)
    _since(state, "released_on", command.released_on, at)
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
    facility_id = _in(state, RequisitionStatus.APPROVED, RequisitionStatus.RELEASED)
    _since(state, "closed_on", command.closed_on, at)
    yield from _given_back(state, facility_id)
    yield RequisitionClosed(
        requisition_id=command.requisition_id,
        facility_id=facility_id,
        closed_on=command.closed_on,
    )


# --- rules -------------------------------------------------------------------------------------


def _in(state: Requisition, *wanted: RequisitionStatus) -> UUID:
    """Refuses unless it is in one of these statuses; answers with whose it is."""
    if state.facility_id is None or state.status not in wanted:
        raise Refused(
            "requisition.not_now",
            f"The requisition is {state.status.replace('_', ' ')}.",
            status=state.status,
            wanted=[each.value for each in wanted],
        )
    return state.facility_id


def _since(state: Requisition, named: str, when: date, at: Circumstances) -> None:
    rules.happened("requisition", named, when, at)
    rules.in_order("requisition", "last_step", state.since, named, when)


def _requested(
    state: Requisition,
    requisition_id: UUID,
    facility_id: UUID,
    stock_item_id: UUID,
    quantity: int,
    on: date,
    at: Circumstances,
) -> ItemRequested:
    item = stocked(at, stock_item_id, within=facility_id)
    lines = len({*state.lines, stock_item_id})
    if lines > LONGEST_REQUISITION:
        rule = f"must be one of at most {LONGEST_REQUISITION}"
        raise rules.refusal("requisition.lines", "stock_item_id", stock_item_id, rule)
    return ItemRequested(
        requisition_id=requisition_id,
        facility_id=facility_id,
        stock_item_id=stock_item_id,
        item_system=item.item_system,
        item_code=item.item_code,
        quantity=quantity,
        requested_on=on,
        lines_after=lines,
    )


def _period(period: str) -> str:
    described = "a year, a month, a quarter or a week (2026, 2026-03, 2026-Q1, 2026-W10)"
    return rules.shaped("requisition", "period", period, PERIOD, described)


def _key(facility_id: UUID, program: str, period: str) -> str:
    return f"{facility_id}/{program.casefold()}/{period}"


def _given_back(state: Requisition, facility_id: UUID) -> Decision:
    """Another regular requisition of the program and period may be drafted."""
    if state.kind is RequisitionKind.REGULAR:
        key = _key(facility_id, state.program, state.period)
        yield Release("requisition", key)
