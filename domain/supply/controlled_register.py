"""The register of a controlled substance: one stock item's, kept by two people at a time.

Its life: it is **opened** with the item's schedule; the item is **counted** and **wasted** by two
different people; a **loss** is discovered, **notified** within one business day, and **Form 106**
is submitted within 45 days (21 CFR 1301.76(b)). Receipts and issues stay with the stock item; the
running balance is what it says. Records are kept for two years at least (21 CFR 1304.04(a)); the
ledger keeps them for good.

A business day is a Monday to Friday (c): federal holidays are not known here, so that a notice is
never taken to be due later than it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any, assert_never
from uuid import UUID

from domain import rules
from domain.kernel import (
    Aggregate,
    Circumstances,
    Command,
    Decision,
    Entail,
    Refused,
    Reserve,
    command,
)
from domain.supply.events.controlled import (
    ControlledCounted,
    ControlledWasted,
    Form106Submitted,
    LossDiscovered,
    LossKind,
    LossNotified,
    RegisterFact,
    RegisterOpened,
    Schedule,
)
from domain.supply.events.stock import NO_LOT, AdjustmentReason
from domain.supply.lots import Lot, StockStanding
from domain.supply.standing import NOT_YET, stocked
from domain.supply.stock_item import AdjustStock

FORM_106_WITHIN = 45
"""Days from the discovery of a loss within which Form 106 is submitted (21 CFR 1301.76(b))."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """A loss, and by when it is to be reported."""

    notice_due_on: date
    form_106_due_on: date
    discovered_on: date
    notified: bool = False
    submitted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlledRegister:
    """What a register has become; losses by their number."""

    facility_id: UUID | None = None
    stock_item_id: UUID = NOT_YET
    opened_on: date = rules.EARLIEST
    losses: Mapping[int, Loss] = field(default_factory=lambda: MappingProxyType({}))

    def evolve(self, fact: RegisterFact) -> ControlledRegister:
        match fact:
            case RegisterOpened():
                return replace(
                    self,
                    facility_id=fact.facility_id,
                    stock_item_id=fact.stock_item_id,
                    opened_on=fact.opened_on,
                )
            case ControlledCounted() | ControlledWasted():
                return self
            case LossDiscovered():
                loss = Loss(
                    notice_due_on=fact.notice_due_on,
                    form_106_due_on=fact.form_106_due_on,
                    discovered_on=fact.discovered_on,
                )
                return self._with(fact.loss, loss)
            case LossNotified():
                return self._with(fact.loss, replace(self.losses[fact.loss], notified=True))
            case Form106Submitted():
                return self._with(fact.loss, replace(self.losses[fact.loss], submitted=True))
            case _:
                assert_never(fact)

    def _with(self, number: int, loss: Loss) -> ControlledRegister:
        return replace(self, losses=MappingProxyType({**self.losses, number: loss}))


controlled_register = Aggregate("controlled_register", ControlledRegister())


# --- commands ----------------------------------------------------------------------------------


@command("register_id", creates=True)
class OpenRegister(Command):
    """Put a stock item under control."""

    register_id: UUID
    facility_id: UUID
    stock_item_id: UUID
    schedule: Schedule
    opened_on: date


@command("register_id")
class CountControlled(Command):
    """Count a lot, two people together. The books are put right by a loss or by the stock's
    count.
    """

    register_id: UUID
    counted: int
    counted_by: UUID
    witnessed_by: UUID
    counted_on: date
    lot: str = NO_LOT


@command("register_id")
class WasteControlled(Command):
    """Waste some before a witness."""

    register_id: UUID
    quantity: int
    reason: str
    wasted_by: UUID
    witnessed_by: UUID
    wasted_on: date
    lot: str = NO_LOT


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


# --- decisions ---------------------------------------------------------------------------------


@controlled_register.decides
def open_register(state: ControlledRegister, command: OpenRegister, at: Circumstances) -> Decision:
    """A stock item has one register."""
    if state.facility_id is not None:
        raise Refused("controlled_register.already_opened", "The item is under control.")
    at.open("facility", command.facility_id)
    item = stocked(at, command.stock_item_id, within=command.facility_id)
    rules.happened("controlled_register", "opened_on", command.opened_on, at)
    key = str(command.stock_item_id)
    yield Reserve("controlled_register", key, "controlled_register.already_opened")
    yield RegisterOpened(
        register_id=command.register_id,
        facility_id=command.facility_id,
        stock_item_id=command.stock_item_id,
        item_system=item.item_system,
        item_code=item.item_code,
        schedule=command.schedule,
        opened_on=command.opened_on,
        balance=item.on_hand,
    )


def _item_of(state: ControlledRegister, command: Any) -> list[UUID]:  # noqa: ARG001
    return [state.stock_item_id]


def _item_and_people(state: ControlledRegister, command: Any) -> list[UUID]:
    one = command.counted_by if isinstance(command, CountControlled) else command.wasted_by
    return [state.stock_item_id, one, command.witnessed_by]


@controlled_register.decides(consulting=_item_and_people)
def count(state: ControlledRegister, command: CountControlled, at: Circumstances) -> Decision:
    facility_id, item = _under_control(state, at)
    _since(state, "counted_on", command.counted_on, at)
    _two(at, "counted_by", command.counted_by, command.witnessed_by)
    named = "counted"
    counted = rules.quantity("controlled_register", named, command.counted, zero_allowed=True)
    expected = item.lots.get(command.lot, Lot()).on_hand
    yield ControlledCounted(
        register_id=command.register_id,
        facility_id=facility_id,
        stock_item_id=state.stock_item_id,
        lot=command.lot,
        counted=counted,
        expected=expected,
        difference=counted - expected,
        counted_by=command.counted_by,
        witnessed_by=command.witnessed_by,
        counted_on=command.counted_on,
    )


@controlled_register.decides(consulting=_item_and_people)
def waste(state: ControlledRegister, command: WasteControlled, at: Circumstances) -> Decision:
    facility_id, item = _under_control(state, at)
    _since(state, "wasted_on", command.wasted_on, at)
    _two(at, "wasted_by", command.wasted_by, command.witnessed_by)
    quantity = rules.quantity("controlled_register", "quantity", command.quantity)
    yield ControlledWasted(
        register_id=command.register_id,
        facility_id=facility_id,
        stock_item_id=state.stock_item_id,
        lot=command.lot,
        quantity=quantity,
        reason=rules.text("controlled_register", "reason", command.reason),
        wasted_by=command.wasted_by,
        witnessed_by=command.witnessed_by,
        wasted_on=command.wasted_on,
        balance_after=item.on_hand - quantity,
    )
    yield _off_the_books(state, command.lot, quantity, AdjustmentReason.DAMAGED, command.wasted_on)


@controlled_register.decides(consulting=_item_of)
def discover(state: ControlledRegister, command: DiscoverLoss, at: Circumstances) -> Decision:
    facility_id, item = _under_control(state, at)
    _since(state, "discovered_on", command.discovered_on, at)
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
    reason = AdjustmentReason.STOLEN if command.kind is LossKind.THEFT else AdjustmentReason.LOST
    yield _off_the_books(state, command.lot, quantity, reason, command.discovered_on)


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


# --- rules -------------------------------------------------------------------------------------


def next_business_day(day: date) -> date:
    """The next Monday to Friday after a day."""
    following = day + timedelta(days=1)
    while following.weekday() > 4:
        following += timedelta(days=1)
    return following


def _under_control(state: ControlledRegister, at: Circumstances) -> tuple[UUID, StockStanding]:
    assert state.facility_id is not None, "a register begins when it is opened"
    return state.facility_id, stocked(at, state.stock_item_id, within=state.facility_id)


def _loss(state: ControlledRegister, number: int) -> tuple[UUID, Loss]:
    assert state.facility_id is not None, "a register begins when it is opened"
    if (loss := state.losses.get(number)) is None:
        rule = f"must be the number of a loss, 1 to {len(state.losses)}"
        raise rules.refusal("controlled_register.no_loss", "loss", number, rule)
    return state.facility_id, loss


def _two(at: Circumstances, named: str, one: UUID, other: UUID) -> None:
    """Two members of staff, and not the same."""
    at.open("staff_member", one, named=named)
    at.open("staff_member", other, named="witnessed_by")
    if one == other:
        rule = "must be somebody else"
        raise rules.refusal("controlled_register.witness", "witnessed_by", other, rule)


def _since(state: ControlledRegister, named: str, when: date, at: Circumstances) -> None:
    rules.happened("controlled_register", named, when, at)
    rules.in_order("controlled_register", "opened_on", state.opened_on, named, when)


def _after_discovery(loss: Loss, named: str, when: date) -> None:
    rules.in_order("controlled_register", "discovered_on", loss.discovered_on, named, when)


def _off_the_books(
    state: ControlledRegister, lot: str, quantity: int, reason: AdjustmentReason, on: date
) -> Entail:
    return Entail(
        AdjustStock(
            stock_item_id=state.stock_item_id,
            change=-quantity,
            reason=reason,
            adjusted_on=on,
            lot=lot,
        )
    )
