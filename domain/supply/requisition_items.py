"""What a requisition asks for, while it is a draft: a person's lines, and replenishment's."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from domain import rules
from domain.kernel import Circumstances, Command, Decision, Refused, Reserve, command
from domain.supply.events.requisition import (
    ExpectedUse,
    ProposalDeclined,
    ProposalWithdrawn,
    RequestedItemDropped,
    RequisitionDrafted,
    RequisitionKind,
    RequisitionOrigin,
)
from domain.supply.requisition import (
    Requisition,
    RequisitionStatus,
    key_of,
    period_named,
    requested_line,
    requisition,
)
from domain.supply.steps import no_sooner, standing_at

# --- commands ------------------------------------------------------------------------------------


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
    expected: ExpectedUse | None = None


@command("requisition_id")
class DeclineProposedItem(Command):
    """Do not ask for what replenishment proposed, and say why."""

    requisition_id: UUID
    stock_item_id: UUID
    declined_on: date
    reason: str


@command("requisition_id")
class WithdrawProposedItem(Command):
    """Take back what replenishment proposed. Its own command: a line that somebody has changed, and
    one that is submitted, stays."""

    requisition_id: UUID
    stock_item_id: UUID
    withdrawn_on: date


@command("requisition_id")
class DropRequestedItem(Command):
    """Do not ask for an item any more."""

    requisition_id: UUID
    stock_item_id: UUID
    dropped_on: date


# --- decisions -----------------------------------------------------------------------------------


@requisition.decides
def draft(state: Requisition, command: DraftRequisition, at: Circumstances) -> Decision:
    if state.status is not RequisitionStatus.ABSENT:
        raise Refused("requisition.already_drafted", "This requisition exists.")
    at.open("facility", command.facility_id)
    if command.supplier_id is not None:
        at.open("supplier", command.supplier_id)
    rules.happened("requisition", "drafted_on", command.drafted_on, at)
    program = rules.text("requisition", "program", command.program, longest=80)
    period = period_named(command.period)
    if command.kind is RequisitionKind.REGULAR:
        key = key_of(command.facility_id, program, period)
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
    facility_id = standing_at("requisition", state, RequisitionStatus.DRAFTED)
    no_sooner("requisition", state, "requested_on", command.requested_on, at)
    quantity = rules.quantity("requisition", "quantity", command.quantity)
    if state.lines.get(command.stock_item_id) != quantity:
        yield requested_line(
            state,
            command.requisition_id,
            facility_id,
            command.stock_item_id,
            quantity,
            command.requested_on,
            at,
            RequisitionOrigin.PERSON,
            state.supplier_id,
        )


@requisition.decides
def propose(state: Requisition, command: ProposeItem, at: Circumstances) -> Decision:
    """What somebody made of a proposal stays; what nobody has changed becomes so much more."""
    there = state.lines.get(command.stock_item_id, 0)
    if there and command.stock_item_id not in state.proposed:
        return
    at.open("facility", command.facility_id)
    if state.status is RequisitionStatus.ABSENT:
        rules.happened("requisition", "proposed_on", command.proposed_on, at)
        yield RequisitionDrafted(
            requisition_id=command.requisition_id,
            facility_id=command.facility_id,
            program=rules.text("requisition", "program", command.program, longest=80),
            period=period_named(command.period),
            kind=RequisitionKind.EMERGENCY,
            origin=RequisitionOrigin.REPLENISHMENT,
            supplier_id=command.supplier_id,
            drafted_on=command.proposed_on,
        )
    else:
        standing_at("requisition", state, RequisitionStatus.DRAFTED)
    yield requested_line(
        state,
        command.requisition_id,
        command.facility_id,
        command.stock_item_id,
        there + rules.quantity("requisition", "quantity", command.quantity),
        command.proposed_on,
        at,
        RequisitionOrigin.REPLENISHMENT,
        command.supplier_id,
        command.expected,
    )


@requisition.decides
def drop(state: Requisition, command: DropRequestedItem, at: Circumstances) -> Decision:
    facility_id = standing_at("requisition", state, RequisitionStatus.DRAFTED)
    no_sooner("requisition", state, "dropped_on", command.dropped_on, at)
    if command.stock_item_id in state.lines:
        yield RequestedItemDropped(
            requisition_id=command.requisition_id,
            facility_id=facility_id,
            stock_item_id=command.stock_item_id,
            dropped_on=command.dropped_on,
            lines_after=len(state.lines) - 1,
        )


@requisition.decides
def decline(state: Requisition, command: DeclineProposedItem, at: Circumstances) -> Decision:
    facility_id = standing_at("requisition", state, RequisitionStatus.DRAFTED)
    no_sooner("requisition", state, "declined_on", command.declined_on, at)
    if command.stock_item_id not in state.proposed:
        rule = "must be of an item that replenishment proposed, and nobody has changed"
        raise rules.refusal(
            "requisition.not_proposed", "stock_item_id", command.stock_item_id, rule
        )
    yield ProposalDeclined(
        requisition_id=command.requisition_id,
        facility_id=facility_id,
        stock_item_id=command.stock_item_id,
        quantity=state.lines[command.stock_item_id],
        reason=rules.text("requisition", "reason", command.reason),
        declined_on=command.declined_on,
        lines_after=len(state.lines) - 1,
    )


@requisition.decides
def withdraw_proposed(
    state: Requisition,
    command: WithdrawProposedItem,
    at: Circumstances,  # noqa: ARG001
) -> Decision:
    drafted = state.status is RequisitionStatus.DRAFTED
    if state.facility_id is not None and drafted and command.stock_item_id in state.proposed:
        yield ProposalWithdrawn(
            requisition_id=command.requisition_id,
            facility_id=state.facility_id,
            stock_item_id=command.stock_item_id,
            quantity=state.lines[command.stock_item_id],
            withdrawn_on=command.withdrawn_on,
            lines_after=len(state.lines) - 1,
        )
