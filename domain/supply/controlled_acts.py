"""What two people do with a controlled substance: one acts, the other sees it.

They **issue** it, **waste** what is left of an ampoule, **destroy** what is in quarantine,
**count** a lot, and **correct** the balance where it was entered wrongly, or something was found or
came back. What is missing is no correction: it is a loss, and reported (`controlled_losses`).
"""

from __future__ import annotations

from datetime import date
from typing import ClassVar
from uuid import UUID

from domain import rules
from domain.kernel import Circumstances, Command, Decision, command
from domain.supply.controlled_register import (
    ControlledRegister,
    controlled_register,
    moves,
    since,
    the_item_and_two_people,
    two_people,
    under_control,
)
from domain.supply.events.controlled import (
    ControlledCorrected,
    ControlledCounted,
    ControlledDestroyed,
    ControlledIssued,
    ControlledWasted,
)
from domain.supply.events.stock import NO_LOT, AdjustmentReason, IssuedTo
from domain.supply.events.stock_holds import QuarantineReason
from domain.supply.lots import NOTHING
from domain.supply.stock_control import AdjustControlled, IssueControlled, WriteOffControlled

CORRECTIONS = (AdjustmentReason.ENTRY_ERROR, AdjustmentReason.FOUND, AdjustmentReason.RETURNED)
"""Why a balance is corrected; downwards only where it was entered wrongly."""

# --- commands ----------------------------------------------------------------------------------


@command("register_id")
class CountControlled(Command):
    """Count a lot, two people together. The books are put right by a loss or a correction."""

    by: ClassVar[str] = "counted_by"
    register_id: UUID
    counted: int
    counted_by: UUID
    witnessed_by: UUID
    counted_on: date
    lot: str = NO_LOT


@command("register_id")
class DispenseControlled(Command):
    """Hand some of a lot out before a witness."""

    by: ClassVar[str] = "issued_by"
    register_id: UUID
    quantity: int
    issued_to: IssuedTo
    issued_by: UUID
    witnessed_by: UUID
    issued_on: date
    lot: str = NO_LOT
    patient_id: UUID | None = None
    department_id: UUID | None = None
    encounter_id: UUID | None = None
    reservation_id: UUID | None = None


@command("register_id")
class WasteControlled(Command):
    """Waste some before a witness."""

    by: ClassVar[str] = "wasted_by"
    register_id: UUID
    quantity: int
    reason: str
    wasted_by: UUID
    witnessed_by: UUID
    wasted_on: date
    lot: str = NO_LOT


@command("register_id")
class DestroyControlled(Command):
    """Destroy some that is in quarantine (it has expired, or is recalled) before a witness."""

    by: ClassVar[str] = "destroyed_by"
    register_id: UUID
    quantity: int
    why: QuarantineReason
    destroyed_by: UUID
    witnessed_by: UUID
    destroyed_on: date
    lot: str = NO_LOT


@command("register_id")
class CorrectControlled(Command):
    """Correct the balance of a lot: `change` is more (positive) or less (negative) of it."""

    by: ClassVar[str] = "corrected_by"
    register_id: UUID
    change: int
    reason: AdjustmentReason
    explanation: str
    corrected_by: UUID
    witnessed_by: UUID
    corrected_on: date
    lot: str = NO_LOT


# --- decisions ---------------------------------------------------------------------------------


@controlled_register.decides(consulting=the_item_and_two_people)
def count(state: ControlledRegister, command: CountControlled, at: Circumstances) -> Decision:
    facility_id, item = under_control(state, at)
    since(state, "counted_on", command.counted_on, at)
    two_people(at, command)
    named = "counted"
    counted = rules.quantity("controlled_register", named, command.counted, zero_allowed=True)
    expected = item.lots.get(command.lot, NOTHING).on_hand
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


@controlled_register.decides(consulting=the_item_and_two_people)
def dispense(state: ControlledRegister, command: DispenseControlled, at: Circumstances) -> Decision:
    facility_id, item = under_control(state, at)
    since(state, "issued_on", command.issued_on, at)
    two_people(at, command)
    quantity = rules.quantity("controlled_register", "quantity", command.quantity)
    yield ControlledIssued(
        register_id=command.register_id,
        facility_id=facility_id,
        stock_item_id=state.stock_item_id,
        lot=command.lot,
        quantity=quantity,
        issued_to=command.issued_to,
        department_id=command.department_id,
        issued_by=command.issued_by,
        witnessed_by=command.witnessed_by,
        issued_on=command.issued_on,
        balance_after=item.on_hand - quantity,
    )
    issued = IssueControlled(
        stock_item_id=state.stock_item_id,
        register_id=command.register_id,
        quantity=quantity,
        issued_on=command.issued_on,
        issued_to=command.issued_to,
        patient_id=command.patient_id,
        department_id=command.department_id,
        encounter_id=command.encounter_id,
        lot=command.lot,
        reservation_id=command.reservation_id,
    )
    yield from moves(state, command.register_id, item, issued)


@controlled_register.decides(consulting=the_item_and_two_people)
def waste(state: ControlledRegister, command: WasteControlled, at: Circumstances) -> Decision:
    facility_id, item = under_control(state, at)
    since(state, "wasted_on", command.wasted_on, at)
    two_people(at, command)
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
    wasted = AdjustControlled(
        stock_item_id=state.stock_item_id,
        register_id=command.register_id,
        change=-quantity,
        reason=AdjustmentReason.DAMAGED,
        adjusted_on=command.wasted_on,
        lot=command.lot,
    )
    yield from moves(state, command.register_id, item, wasted)


@controlled_register.decides(consulting=the_item_and_two_people)
def destroy(state: ControlledRegister, command: DestroyControlled, at: Circumstances) -> Decision:
    facility_id, item = under_control(state, at)
    since(state, "destroyed_on", command.destroyed_on, at)
    two_people(at, command)
    quantity = rules.quantity("controlled_register", "quantity", command.quantity)
    yield ControlledDestroyed(
        register_id=command.register_id,
        facility_id=facility_id,
        stock_item_id=state.stock_item_id,
        lot=command.lot,
        quantity=quantity,
        why=command.why,
        destroyed_by=command.destroyed_by,
        witnessed_by=command.witnessed_by,
        destroyed_on=command.destroyed_on,
        balance_after=item.on_hand - quantity,
    )
    destroyed = WriteOffControlled(
        stock_item_id=state.stock_item_id,
        register_id=command.register_id,
        why=command.why,
        written_off_on=command.destroyed_on,
        lot=command.lot,
        quantity=quantity,
    )
    yield from moves(state, command.register_id, item, destroyed)


@controlled_register.decides(consulting=the_item_and_two_people)
def correct(state: ControlledRegister, command: CorrectControlled, at: Circumstances) -> Decision:
    """Upwards for any of the reasons there are; downwards only what was entered wrongly."""
    facility_id, item = under_control(state, at)
    since(state, "corrected_on", command.corrected_on, at)
    two_people(at, command)
    change = command.change
    rules.quantity("controlled_register", "change", abs(change))
    allowed = CORRECTIONS if change > 0 else CORRECTIONS[:1]
    if command.reason not in allowed:
        rule = f"must be {' or '.join(allowed)}: what is missing is a loss"
        raise rules.refusal("controlled_register.correction", "reason", command.reason, rule)
    yield ControlledCorrected(
        register_id=command.register_id,
        facility_id=facility_id,
        stock_item_id=state.stock_item_id,
        lot=command.lot,
        change=change,
        reason=command.reason,
        explanation=rules.text(
            "controlled_register", "explanation", command.explanation, longest=500
        ),
        corrected_by=command.corrected_by,
        witnessed_by=command.witnessed_by,
        corrected_on=command.corrected_on,
        balance_after=item.on_hand + change,
    )
    corrected = AdjustControlled(
        stock_item_id=state.stock_item_id,
        register_id=command.register_id,
        change=change,
        reason=command.reason,
        adjusted_on=command.corrected_on,
        lot=command.lot,
    )
    yield from moves(state, command.register_id, item, corrected)
