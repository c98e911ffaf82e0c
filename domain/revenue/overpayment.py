"""A credit is worked on: it is given to somebody, an overpayment is identified, reported, returned.

What Medicare or Medicaid paid too much is returned within 60 days of the day it was identified
(42 U.S.C. 1320a-7k(d)(2)(A)), that is, of the day on which somebody knew of it (42 CFR
401.305(a)(2)). The deadline is suspended while it is disclosed, while a repayment schedule is asked
for, or while related overpayments are looked for in good faith, these for 180 days at most (42 CFR
401.305(b)(2) and (3)). The days that are left then are left still when it ends: so we read it, the
rule does not say. What others overpaid has no deadline here: contracts and states set it. Nor is
the day known on which a cost report is due, which 42 CFR 401.305(b)(1)(ii) allows for what is
reconciled there.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from domain import rules
from domain.kernel import Circumstances, Command, Decision, Refused, command
from domain.revenue.claim import Claim, claim
from domain.revenue.claim_rules import has_party, optional
from domain.revenue.credit_work import LOOKED_FOR_UNTIL, RETURN_WITHIN, Overpayment
from domain.revenue.events.claim import ClaimRefunded, Party, PaymentMethod
from domain.revenue.events.overpayment import (
    ClaimCreditAssigned,
    ClaimOverpaymentIdentified,
    ClaimOverpaymentResumed,
    ClaimOverpaymentReturned,
    ClaimOverpaymentSuspended,
    ClaimOverpaymentWithdrawn,
    ReturnProcess,
    SuspensionGround,
)
from domain.revenue.events.payer import PayerKind, PayerStanding
from domain.revenue.giving_up import RefundClaim, refund

PROGRAMS = frozenset({PayerKind.MEDICARE, PayerKind.MEDICAID, PayerKind.DUAL_ELIGIBLE})
"""The payers whose overpayments are returned within 60 days (42 U.S.C. 1320a-7k(d)(4)(B))."""

# --- commands -------------------------------------------------------------------------------------


@command("claim_id")
class AssignCredit(Command):
    """Give the work on a claim's credit to a member of the staff."""

    claim_id: UUID
    staff_id: UUID
    assigned_on: date


@command("claim_id")
class IdentifyOverpayment(Command):
    """Record that a part of what a party paid is not the facility's, and since when that is known.

    There may be no credit to see: what was paid for care that is not covered is not owed back by
    any entry.
    """

    claim_id: UUID
    paid_by: Party
    amount: Decimal
    why: str
    identified_on: date


@command("claim_id")
class SuspendOverpaymentDeadline(Command):
    """Stop the clock of an overpayment's deadline, on one of the grounds that the rule knows."""

    claim_id: UUID
    overpayment: int
    ground: SuspensionGround
    suspended_on: date


@command("claim_id")
class ResumeOverpaymentDeadline(Command):
    """Let the deadline of an overpayment run again."""

    claim_id: UUID
    overpayment: int
    resumed_on: date


@command("claim_id")
class ReturnOverpayment(Command):
    """Record that an overpayment is reported and returned.

    With a `method` the money is sent back with it, and its refund is posted. Without one it was
    given back before, or the payer takes it back itself, in a remittance.
    """

    claim_id: UUID
    overpayment: int
    process: ReturnProcess
    returned_on: date
    method: PaymentMethod | None = None
    reference: str | None = None


@command("claim_id")
class WithdrawOverpayment(Command):
    """Record that it was no overpayment after all."""

    claim_id: UUID
    overpayment: int
    why: str
    withdrawn_on: date


# --- decisions ------------------------------------------------------------------------------------


@claim.decides
def assign(state: Claim, command: AssignCredit, at: Circumstances) -> Decision:
    if state.balance >= 0 and not state.credit_work.open:
        raise Refused("claim.no_credit", "There is no credit, and no overpayment to be returned.")
    at.open("staff_member", command.staff_id, named="staff_id")
    rules.happened("claim", "assigned_on", command.assigned_on, at)
    if state.credit_work.assigned_to != command.staff_id:
        yield ClaimCreditAssigned(
            claim_id=command.claim_id,
            facility_id=_facility(state),
            payer_id=state.payer_id,
            staff_id=command.staff_id,
            assigned_on=command.assigned_on,
        )


def _payers(state: Claim, command: Any) -> list[UUID]:  # noqa: ARG001
    return [each for each in (state.payer_id, state.secondary_payer_id) if each is not None]


@claim.decides(consulting=_payers)
def identify(state: Claim, command: IdentifyOverpayment, at: Circumstances) -> Decision:
    has_party(state, "paid_by", command.paid_by)
    rules.happened("claim", "identified_on", command.identified_on, at)
    amount = rules.amount("claim", "amount", command.amount, state.currency)
    kept = state.paid_by(command.paid_by) - state.credit_work.to_return_to(command.paid_by)
    if amount > kept:
        rule = f"must not be more than the {command.paid_by} paid and has not back ({kept})"
        raise rules.refusal("claim.not_paid", "amount", str(amount), rule)
    payer_id = state.payer_id
    if command.paid_by is Party.SECONDARY_PAYER and state.secondary_payer_id is not None:
        payer_id = state.secondary_payer_id
    payer = None if command.paid_by is Party.PATIENT else at.standings.get(payer_id)
    of_a_program = isinstance(payer, PayerStanding) and payer.payer_kind in PROGRAMS
    yield ClaimOverpaymentIdentified(
        claim_id=command.claim_id,
        facility_id=_facility(state),
        payer_id=payer_id,
        currency=state.currency,
        overpayment=len(state.credit_work.overpayments) + 1,
        paid_by=command.paid_by,
        amount=amount,
        why=rules.text("claim", "why", command.why, longest=500),
        return_by=command.identified_on + RETURN_WITHIN if of_a_program else None,
        identified_on=command.identified_on,
    )


@claim.decides
def suspend(state: Claim, command: SuspendOverpaymentDeadline, at: Circumstances) -> Decision:
    one = _open(state, command.overpayment)
    if one.running_to is None:
        raise Refused("claim.no_deadline", "There is no day by which it is to be returned.")
    if one.ground is not None:
        raise Refused(
            "claim.deadline_suspended", f"The deadline is suspended since {one.suspended_on}."
        )
    _next(one, "suspended_on", command.suspended_on, at)
    related = command.ground is SuspensionGround.RELATED_OVERPAYMENTS
    last = min(one.running_to, one.identified_on + LOOKED_FOR_UNTIL) if related else one.running_to
    if command.suspended_on > last:
        rule = f"must not be after {last}, the last day for it"
        raise rules.refusal(
            "claim.deadline_passed", "suspended_on", command.suspended_on.isoformat(), rule
        )
    yield ClaimOverpaymentSuspended(
        claim_id=command.claim_id,
        facility_id=_facility(state),
        payer_id=one.payer_id,
        overpayment=one.number,
        ground=command.ground,
        return_by=one.suspended(command.ground, command.suspended_on).return_by,
        suspended_on=command.suspended_on,
    )


@claim.decides
def resume(state: Claim, command: ResumeOverpaymentDeadline, at: Circumstances) -> Decision:
    one = _open(state, command.overpayment)
    if one.ground is None:
        return
    _next(one, "resumed_on", command.resumed_on, at)
    yield ClaimOverpaymentResumed(
        claim_id=command.claim_id,
        facility_id=_facility(state),
        payer_id=one.payer_id,
        overpayment=one.number,
        return_by=one.runs_to(command.resumed_on),
        resumed_on=command.resumed_on,
    )


@claim.decides
def give_back(state: Claim, command: ReturnOverpayment, at: Circumstances) -> Decision:
    one = _open(state, command.overpayment)
    _next(one, "returned_on", command.returned_on, at)
    reference = optional("reference", command.reference, 50)
    entry: int | None = None
    if command.method is not None:
        refunding = RefundClaim(
            claim_id=command.claim_id,
            amount=one.amount,
            refunded_to=one.paid_by,
            method=command.method,
            refunded_on=command.returned_on,
            reference=reference,
        )
        for each in refund(state, refunding, at):
            assert isinstance(each, ClaimRefunded)
            entry = each.entry
            yield each
    yield ClaimOverpaymentReturned(
        claim_id=command.claim_id,
        facility_id=_facility(state),
        payer_id=one.payer_id,
        currency=state.currency,
        overpayment=one.number,
        amount=one.amount,
        process=command.process,
        reference=reference,
        refund=entry,
        return_by=one.return_by,
        late=one.return_by is not None and command.returned_on > one.return_by,
        returned_on=command.returned_on,
    )


@claim.decides
def withdraw(state: Claim, command: WithdrawOverpayment, at: Circumstances) -> Decision:
    one = _open(state, command.overpayment)
    _next(one, "withdrawn_on", command.withdrawn_on, at)
    yield ClaimOverpaymentWithdrawn(
        claim_id=command.claim_id,
        facility_id=_facility(state),
        payer_id=one.payer_id,
        currency=state.currency,
        overpayment=one.number,
        amount=one.amount,
        why=rules.text("claim", "why", command.why, longest=500),
        withdrawn_on=command.withdrawn_on,
    )


# --- rules ----------------------------------------------------------------------------------------


def _facility(state: Claim) -> UUID:
    """Where the claim is; a closed one, too: credits are found long after."""
    assert state.facility_id is not None, "a claim that is there is somewhere"
    return state.facility_id


def _open(state: Claim, number: int) -> Overpayment:
    one = state.credit_work.overpayments.get(number)
    if one is None or not one.open:
        rule = "must be the number of an overpayment that is not returned"
        raise rules.refusal("claim.overpayment_unknown", "overpayment", number, rule)
    return one


def _next(one: Overpayment, named: str, day: date, at: Circumstances) -> None:
    """Each step comes after the last, and not in the future."""
    rules.happened("claim", named, day, at)
    rules.in_order("claim", "the_last_step", one.since, named, day)
