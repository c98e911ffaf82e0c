"""The story of a patient's account at a facility: statements, payment plans, assistance.

The money itself moves on the claims; the account tells what the patient was asked for, and agreed
to pay.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from domain.kernel import PERSONAL, Fact, Standing, fact, foreign_id
from domain.revenue.events.claim import PaymentMethod


def account_of(facility_id: UUID, patient_id: UUID) -> UUID:
    """The stream of a patient's account at a facility."""
    return foreign_id("patient_account", facility_id, patient_id)


class OfPatient:
    """What is wanted of a patient's account at a facility."""

    __slots__ = ()
    facility_id: UUID
    patient_id: UUID

    @property
    def account_id(self) -> UUID:
        return account_of(self.facility_id, self.patient_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementLine:
    """What a patient owes on one claim."""

    claim_id: UUID
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Installment:
    """A part of a payment plan, and by when it is paid."""

    number: int
    due_on: date
    amount: Decimal


@fact("patient_account.statement_issued", effective="issued_on", person="patient_id")
class StatementIssued(Fact):
    """The patient is told what they owe, claim by claim, and by when it is asked for."""

    account_id: UUID
    facility_id: UUID
    patient_id: Annotated[UUID, PERSONAL]
    currency: str
    statement: int
    lines: tuple[StatementLine, ...]
    total: Decimal
    due_on: date
    issued_on: date


@fact("patient_account.plan_agreed", effective="agreed_on", person="patient_id")
class PaymentPlanAgreed(Fact):
    """The patient pays in installments. `plan` counts from 1: one that is renegotiated takes the
    place of the one before."""

    account_id: UUID
    facility_id: UUID
    patient_id: Annotated[UUID, PERSONAL]
    currency: str
    plan: int
    installments: tuple[Installment, ...]
    total: Decimal
    agreed_on: date


@fact("patient_account.installment_paid", effective="paid_on")
class InstallmentPaid(Fact):
    """The patient paid towards the plan, for a claim of theirs. `outstanding` is left of the plan,
    `next_due_on` when the next part of it is due."""

    account_id: UUID
    facility_id: UUID
    currency: str
    plan: int
    claim_id: UUID
    amount: Decimal
    method: PaymentMethod
    outstanding: Decimal
    next_due_on: date | None
    paid_on: date


@fact("patient_account.installment_missed", effective="missed_on")
class InstallmentMissed(Fact):
    """An installment was not paid by its day; `behind` is what should have been paid by then."""

    account_id: UUID
    facility_id: UUID
    currency: str
    plan: int
    installment: int
    behind: Decimal
    next_due_on: date | None
    missed_on: date


@fact("patient_account.assistance_granted", effective="granted_on")
class AssistanceGranted(Fact):
    """The facility bears a part of what the patient owes, under its assistance policy."""

    account_id: UUID
    facility_id: UUID
    currency: str
    claim_id: UUID
    program: str
    amount: Decimal
    granted_on: date


AccountFact = (
    StatementIssued | PaymentPlanAgreed | InstallmentPaid | InstallmentMissed | AssistanceGranted
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimStanding(Standing):
    """What others may know of a claim: whose it is, what is charged, and what the patient owes."""

    patient_id: UUID
    charged: Decimal
    patient_balance: Decimal
