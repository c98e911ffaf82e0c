"""What is missing of a controlled substance, and how the authority is told.

A **loss** is discovered and taken off the books in the same append; it is **notified** within one
business day, and **Form 106** is submitted within 45 days (21 CFR 1301.76(b)).

A business day is a Monday to Friday (c): federal holidays are not known here, so that a notice is
never taken to be due later than it is.
"""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from domain import rules
from domain.kernel import Circumstances, Command, Decision, command
from domain.supply.controlled_register import (
    ControlledRegister,
    Loss,
    controlled_register,
    moves,
    since,
    the_item,
    under_control,
)
from domain.supply.events.controlled import Form106Submitted, LossDiscovered, LossKind, LossNotified
from domain.supply.events.stock import NO_LOT, AdjustmentReason
from domain.supply.stock_control import AdjustControlled

FORM_106_WITHIN = 45
"""Days from the discovery of a loss within which Form 106 is submitted (21 CFR 1301.76(b))."""


@command("register_id")
class DiscoverLoss(Command):
    """Say that some is not there, and nobody can say where it went."""

    register_id: UUID
    quantity: int
    kind: LossKind
    circumstances: str
    discovered_on: date
    lot: str = NO_LOT


@command("register_id")
class NotifyOfLoss(Command):
    """Say that the authority's field office was told in writing of a loss, by its number."""

    register_id: UUID
    loss: int
    notified_on: date


@command("register_id")
class SubmitForm106(Command):
    """Say that Form 106 was submitted for a loss, under the authority's reference."""

    register_id: UUID
    loss: int
    reference: str
    submitted_on: date


@controlled_register.decides(consulting=the_item)
def discover(state: ControlledRegister, command: DiscoverLoss, at: Circumstances) -> Decision:
    facility_id, item = under_control(state, at)
    since(state, "discovered_on", command.discovered_on, at)
    quantity = rules.quantity("controlled_register", "quantity", command.quantity)
    yield LossDiscovered(
        register_id=command.register_id,
        facility_id=facility_id,
        stock_item_id=state.stock_item_id,
        loss=len(state.losses) + 1,
        lot=command.lot,
        quantity=quantity,
        kind=command.kind,
        circumstances=rules.text(
            "controlled_register", "circumstances", command.circumstances, longest=500
        ),
        discovered_on=command.discovered_on,
        notice_due_on=next_business_day(command.discovered_on),
        form_106_due_on=command.discovered_on + timedelta(days=FORM_106_WITHIN),
        balance_after=item.on_hand - quantity,
    )
    lost = AdjustControlled(
        stock_item_id=state.stock_item_id,
        register_id=command.register_id,
        change=-quantity,
        reason=AdjustmentReason.STOLEN if command.kind is LossKind.THEFT else AdjustmentReason.LOST,
        adjusted_on=command.discovered_on,
        lot=command.lot,
    )
    yield from moves(state, command.register_id, item, lost)


@controlled_register.decides
def notify(state: ControlledRegister, command: NotifyOfLoss, at: Circumstances) -> Decision:
    facility_id, loss = _loss(state, command.loss)
    rules.happened("controlled_register", "notified_on", command.notified_on, at)
    _after_discovery(loss, "notified_on", command.notified_on)
    if not loss.notified:
        yield LossNotified(
            register_id=command.register_id,
            facility_id=facility_id,
            loss=command.loss,
            notified_on=command.notified_on,
            late=command.notified_on > loss.notice_due_on,
        )


@controlled_register.decides
def submit(state: ControlledRegister, command: SubmitForm106, at: Circumstances) -> Decision:
    facility_id, loss = _loss(state, command.loss)
    rules.happened("controlled_register", "submitted_on", command.submitted_on, at)
    _after_discovery(loss, "submitted_on", command.submitted_on)
    if not loss.submitted:
        yield Form106Submitted(
            register_id=command.register_id,
            facility_id=facility_id,
            loss=command.loss,
            reference=rules.text("controlled_register", "reference", command.reference, longest=80),
            submitted_on=command.submitted_on,
            late=command.submitted_on > loss.form_106_due_on,
        )


def next_business_day(day: date) -> date:
    """The next Monday to Friday after a day."""
    return rules.business_days_after(day, 1)


def _loss(state: ControlledRegister, number: int) -> tuple[UUID, Loss]:
    assert state.facility_id is not None, "a register begins when it is opened"
    if (loss := state.losses.get(number)) is None:
        rule = f"must be the number of a loss, 1 to {len(state.losses)}"
        raise rules.refusal("controlled_register.no_loss", "loss", number, rule)
    return state.facility_id, loss


def _after_discovery(loss: Loss, named: str, when: date) -> None:
    rules.in_order("controlled_register", "discovered_on", loss.discovered_on, named, when)
