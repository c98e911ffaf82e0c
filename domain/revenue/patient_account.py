"""A patient's account at a facility: what they are asked for, and how they have agreed to pay it.

Its life: **statements** are issued of what the patient owes on their claims; a **payment plan** is
agreed, and agreed anew where it could not be kept; installments are **paid** (the payment is posted
to a claim in the same append) or **missed** once their day has passed; **assistance** bears a part
(which is written off the claim in the same append).
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, Decimal
from typing import Any, assert_never
from uuid import UUID

from domain import rules
from domain.kernel import Aggregate, Circumstances, Command, Decision, Entail, Refused, command
from domain.money import minor_digits
from domain.replacing import replace
from domain.revenue.entry import ZERO
from domain.revenue.events.claim import SELF_PAY, Party, PaymentMethod, WriteOffReason
from domain.revenue.events.patient_account import (
    AccountFact,
    AssistanceGranted,
    ClaimStanding,
    Installment,
    InstallmentMissed,
    InstallmentPaid,
    OfPatient,
    PaymentPlanAgreed,
    StatementIssued,
    StatementLine,
)
from domain.revenue.giving_up import WriteOffClaim
from domain.revenue.posting import PayClaim

MOST_CLAIMS = 200
"""How many claims one statement has at most (c)."""
MOST_INSTALLMENTS = 60
"""How many months a plan lasts at most (c)."""

# --- state -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientAccount:
    """What an account has become. `paid` is what came in towards the present plan."""

    facility_id: UUID | None = None
    patient_id: UUID = SELF_PAY
    currency: str = ""
    statements: int = 0
    plan: int = 0
    installments: tuple[Installment, ...] = ()
    paid: Decimal = ZERO
    missed: frozenset[int] = frozenset()

    def evolve(self, fact: AccountFact) -> PatientAccount:
        match fact:
            case StatementIssued():
                return replace(
                    self,
                    facility_id=fact.facility_id,
                    patient_id=fact.patient_id,
                    currency=fact.currency,
                    statements=fact.statement,
                )
            case PaymentPlanAgreed():
                return replace(
                    self,
                    facility_id=fact.facility_id,
                    patient_id=fact.patient_id,
                    currency=fact.currency,
                    plan=fact.plan,
                    installments=fact.installments,
                    paid=ZERO,
                    missed=frozenset(),
                )
            case InstallmentPaid():
                return replace(self, paid=self.paid + fact.amount)
            case InstallmentMissed():
                return replace(self, missed=self.missed | {fact.installment})
            case AssistanceGranted():
                return replace(self, facility_id=fact.facility_id, currency=fact.currency)
            case _:
                assert_never(fact)

    @property
    def outstanding(self) -> Decimal:
        """What is left of the present plan."""
        return sum((each.amount for each in self.installments), ZERO) - self.paid

    def due_after(self, paid: Decimal) -> date | None:
        """When the first part is due that `paid` does not cover; None where it covers all."""
        covered = paid
        for each in self.installments:
            covered -= each.amount
            if covered < 0:
                return each.due_on
        return None


patient_account = Aggregate("patient_account", PatientAccount())


# --- commands ----------------------------------------------------------------------------------


@command("account_id", creates=True)
class IssueStatement(OfPatient, Command):
    """Tell a patient what they owe on these claims, and by when it is asked for."""

    facility_id: UUID
    patient_id: UUID
    claims: tuple[UUID, ...]
    due_on: date
    issued_on: date


@command("account_id", creates=True)
class AgreePaymentPlan(OfPatient, Command):
    """Let a patient pay an amount in monthly installments; the last one takes the odd cents.

    Where there is a plan already it is renegotiated: what is left of it is the amount.
    """

    facility_id: UUID
    patient_id: UUID
    installments: int
    first_due_on: date
    agreed_on: date
    amount: Decimal | None = None


@command("account_id")
class PayInstallment(Command):
    """Post what a patient pays towards the plan to a claim of theirs."""

    account_id: UUID
    claim_id: UUID
    amount: Decimal
    method: PaymentMethod
    paid_on: date


@command("account_id")
class MissInstallment(Command):
    """Record that an installment was not paid by its day."""

    account_id: UUID
    installment: int
    missed_on: date


@command("account_id", creates=True)
class GrantAssistance(OfPatient, Command):
    """Bear a part of what a patient owes on a claim, under a program of financial assistance."""

    facility_id: UUID
    patient_id: UUID
    claim_id: UUID
    amount: Decimal
    program: str
    granted_on: date


# --- decisions ---------------------------------------------------------------------------------


def _the_claim(state: PatientAccount, command: Any) -> tuple[UUID, ...]:  # noqa: ARG001
    return (command.claim_id,)


def _claims(state: PatientAccount, command: IssueStatement) -> tuple[UUID, ...]:  # noqa: ARG001
    return command.claims[:MOST_CLAIMS]


@patient_account.decides(consulting=_claims)
def issue(state: PatientAccount, command: IssueStatement, at: Circumstances) -> Decision:
    currency = at.known("facility", command.facility_id).currency or ""
    rules.at_most("patient_account", "claims", command.claims, MOST_CLAIMS)
    rules.happened("patient_account", "issued_on", command.issued_on, at)
    rules.plausible("patient_account", "due_on", command.due_on)
    rules.in_order("patient_account", "issued_on", command.issued_on, "due_on", command.due_on)
    owed = [_of_patient(command, each, at) for each in dict.fromkeys(command.claims)]
    lines = tuple(
        StatementLine(claim_id=each.id, amount=each.patient_balance)
        for each in owed
        if each.patient_balance > 0
    )
    if not lines:
        raise Refused("patient_account.nothing_owed", "The patient owes nothing on these claims.")
    yield StatementIssued(
        account_id=command.account_id,
        facility_id=command.facility_id,
        patient_id=command.patient_id,
        currency=currency,
        statement=state.statements + 1,
        lines=lines,
        total=sum((each.amount for each in lines), ZERO),
        due_on=command.due_on,
        issued_on=command.issued_on,
    )


@patient_account.decides
def agree(state: PatientAccount, command: AgreePaymentPlan, at: Circumstances) -> Decision:
    currency = at.known("facility", command.facility_id).currency or ""
    rules.happened("patient_account", "agreed_on", command.agreed_on, at)
    rules.plausible("patient_account", "first_due_on", command.first_due_on)
    rules.in_order(
        "patient_account", "agreed_on", command.agreed_on, "first_due_on", command.first_due_on
    )
    if not 1 <= command.installments <= MOST_INSTALLMENTS:
        rule = f"must be 1 to {MOST_INSTALLMENTS}"
        raise rules.refusal(
            "patient_account.installments", "installments", command.installments, rule
        )
    amount = command.amount if command.amount is not None else state.outstanding
    total = rules.amount("patient_account", "amount", amount, currency)
    yield PaymentPlanAgreed(
        account_id=command.account_id,
        facility_id=command.facility_id,
        patient_id=command.patient_id,
        currency=currency,
        plan=state.plan + 1,
        installments=_schedule(total, command.installments, command.first_due_on, currency),
        total=total,
        agreed_on=command.agreed_on,
    )


@patient_account.decides(consulting=_the_claim)
def pay(state: PatientAccount, command: PayInstallment, at: Circumstances) -> Decision:
    facility_id = _planned(state)
    rules.happened("patient_account", "paid_on", command.paid_on, at)
    _theirs(state.patient_id, facility_id, command.claim_id, at)
    amount = rules.amount("patient_account", "amount", command.amount, state.currency)
    if amount > state.outstanding:
        rule = f"must not be more than is left of the plan ({state.outstanding})"
        raise rules.refusal("patient_account.outstanding", "amount", str(amount), rule)
    yield InstallmentPaid(
        account_id=command.account_id,
        facility_id=facility_id,
        currency=state.currency,
        plan=state.plan,
        claim_id=command.claim_id,
        amount=amount,
        method=command.method,
        outstanding=state.outstanding - amount,
        next_due_on=state.due_after(state.paid + amount),
        paid_on=command.paid_on,
    )
    yield Entail(
        PayClaim(
            claim_id=command.claim_id,
            amount=amount,
            paid_by=Party.PATIENT,
            method=command.method,
            received_on=command.paid_on,
        )
    )


@patient_account.decides
def miss(state: PatientAccount, command: MissInstallment, at: Circumstances) -> Decision:
    facility_id = _planned(state)
    if not 1 <= command.installment <= len(state.installments):
        rule = f"must be one of the plan's {len(state.installments)}"
        raise rules.refusal("patient_account.installment", "installment", command.installment, rule)
    rules.happened("patient_account", "missed_on", command.missed_on, at)
    missed = state.installments[command.installment - 1]
    due = sum((each.amount for each in state.installments[: command.installment]), ZERO)
    behind = due - state.paid
    if behind <= 0 or command.missed_on <= missed.due_on or missed.number in state.missed:
        return
    later = state.installments[command.installment :]
    yield InstallmentMissed(
        account_id=command.account_id,
        facility_id=facility_id,
        currency=state.currency,
        plan=state.plan,
        installment=missed.number,
        behind=behind,
        next_due_on=later[0].due_on if later else None,
        missed_on=command.missed_on,
    )


@patient_account.decides(consulting=_the_claim)
def grant(state: PatientAccount, command: GrantAssistance, at: Circumstances) -> Decision:  # noqa: ARG001
    currency = at.known("facility", command.facility_id).currency or ""
    rules.happened("patient_account", "granted_on", command.granted_on, at)
    _theirs(command.patient_id, command.facility_id, command.claim_id, at)
    amount = rules.amount("patient_account", "amount", command.amount, currency)
    yield AssistanceGranted(
        account_id=command.account_id,
        facility_id=command.facility_id,
        currency=currency,
        claim_id=command.claim_id,
        program=rules.text("patient_account", "program", command.program, longest=80),
        amount=amount,
        granted_on=command.granted_on,
    )
    yield Entail(
        WriteOffClaim(
            claim_id=command.claim_id,
            amount=amount,
            owed_by=Party.PATIENT,
            write_off_reason=WriteOffReason.CHARITY,
            written_off_on=command.granted_on,
        )
    )


# --- rules -------------------------------------------------------------------------------------


def _planned(state: PatientAccount) -> UUID:
    if state.facility_id is None or not state.plan:
        raise Refused("patient_account.no_plan", "No payment plan is agreed.")
    return state.facility_id


def _of_patient(command: IssueStatement, claim_id: UUID, at: Circumstances) -> ClaimStanding:
    return _theirs(command.patient_id, command.facility_id, claim_id, at)


def _theirs(
    patient_id: UUID, facility_id: UUID, claim_id: UUID, at: Circumstances
) -> ClaimStanding:
    """A claim of the patient at the facility; refuses anybody else's as if it was not there."""
    found = at.known("claim", claim_id, within=facility_id)
    assert isinstance(found, ClaimStanding)
    if found.patient_id != patient_id:
        rule = "must be a claim of the patient"
        raise rules.refusal("patient_account.other_patient", "claim_id", claim_id, rule)
    return found


def _schedule(
    total: Decimal, count: int, first_due_on: date, currency: str
) -> tuple[Installment, ...]:
    """Equal parts of a total, a month apart: on the same day, or the last of a shorter month."""
    part = (total / count).quantize(Decimal(1).scaleb(-minor_digits(currency)), ROUND_DOWN)
    return tuple(
        Installment(
            number=number,
            due_on=_months_after(first_due_on, number - 1),
            amount=part if number < count else total - part * (count - 1),
        )
        for number in range(1, count + 1)
    )


def _months_after(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
