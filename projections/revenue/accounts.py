"""What patients agreed to pay, and who is behind with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

from domain.kernel import PERSONAL, Recorded
from domain.money import minor_units
from domain.revenue.events.patient_account import (
    AssistanceGranted,
    Installment,
    InstallmentMissed,
    InstallmentPaid,
    PaymentPlanAgreed,
    StatementIssued,
)
from projections.kernel import Minor, ReadModel
from projections.rows import replace


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentPlan:
    """A patient's present payment plan: `total` was agreed, `outstanding` is left of it.

    `next_due_on` is when the next part is due; `missed` counts the installments that were not paid
    in time (`missed_installments`), and `behind` is what should have been paid when the last of
    them was missed. A plan that was agreed anew begins with none missed.
    """

    account_id: UUID
    facility_id: UUID
    patient_id: Annotated[UUID, PERSONAL]
    plan: int
    currency: str
    installments: int
    schedule: tuple[Installment, ...]
    total: Minor
    outstanding: Minor
    next_due_on: date | None
    missed: int
    missed_installments: tuple[int, ...]
    behind: Minor
    agreed_on: date

    def overdue(self, day: date) -> list[int]:
        """The installments whose day lies before another, which are not covered by what was paid
        and not on record as missed."""
        left = self.total - self.outstanding
        found = []
        for each in self.schedule:
            left -= minor_units(each.amount, self.currency)
            if left < 0 and each.due_on < day and each.number not in self.missed_installments:
                found.append(each.number)
        return found


payment_plans = ReadModel(
    "payment_plans",
    row=PaymentPlan,
    key="account_id",
    order="agreed_on",
    indexes=(("missed",), ("next_due_on",)),
    local=True,
    desk="patient accounts: who pays in installments, what is due next, and who is behind",
)


@payment_plans.on(PaymentPlanAgreed)
def agreed(
    row: PaymentPlan | None,  # noqa: ARG001 - a plan that is agreed anew takes its place
    event: Recorded[PaymentPlanAgreed],
) -> PaymentPlan | None:
    fact = event.fact
    total = minor_units(fact.total, fact.currency)
    return PaymentPlan(
        account_id=fact.account_id,
        facility_id=fact.facility_id,
        patient_id=fact.patient_id,
        plan=fact.plan,
        currency=fact.currency,
        installments=len(fact.installments),
        schedule=fact.installments,
        total=total,
        outstanding=total,
        next_due_on=fact.installments[0].due_on,
        missed=0,
        missed_installments=(),
        behind=0,
        agreed_on=fact.agreed_on,
    )


@payment_plans.on(InstallmentPaid)
def paid(row: PaymentPlan | None, event: Recorded[InstallmentPaid]) -> PaymentPlan | None:
    fact = event.fact
    amount = minor_units(fact.amount, fact.currency)
    return row and replace(
        row,
        outstanding=minor_units(fact.outstanding, fact.currency),
        next_due_on=fact.next_due_on,
        behind=max(0, row.behind - amount),
    )


@payment_plans.on(InstallmentMissed)
def missed(row: PaymentPlan | None, event: Recorded[InstallmentMissed]) -> PaymentPlan | None:
    fact = event.fact
    return row and replace(
        row,
        missed=row.missed + 1,
        missed_installments=(*row.missed_installments, fact.installment),
        behind=minor_units(fact.behind, fact.currency),
        next_due_on=fact.next_due_on or row.next_due_on,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountEntry:
    """What a patient was asked for last, and what assistance bore."""

    account_id: UUID
    facility_id: UUID
    currency: str
    statements: int
    last_statement: Minor
    due_on: date | None
    assistance: Minor


patient_accounts = ReadModel(
    "patient_accounts",
    row=AccountEntry,
    key="account_id",
    order="account_id",
    local=True,
    desk="patient accounts: what was asked for last, and what the facility bears",
)


@patient_accounts.on(StatementIssued)
def issued(row: AccountEntry | None, event: Recorded[StatementIssued]) -> AccountEntry | None:
    fact = event.fact
    return replace(
        row or _opened(fact),
        statements=fact.statement,
        last_statement=minor_units(fact.total, fact.currency),
        due_on=fact.due_on,
    )


@patient_accounts.on(AssistanceGranted)
def granted(row: AccountEntry | None, event: Recorded[AssistanceGranted]) -> AccountEntry | None:
    fact = event.fact
    before = row or _opened(fact)
    borne = before.assistance + minor_units(fact.amount, fact.currency)
    return replace(before, assistance=borne)


def _opened(fact: StatementIssued | AssistanceGranted) -> AccountEntry:
    return AccountEntry(
        account_id=fact.account_id,
        facility_id=fact.facility_id,
        currency=fact.currency,
        statements=0,
        last_statement=0,
        due_on=None,
        assistance=0,
    )
