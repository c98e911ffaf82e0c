"""A patient's account: what they are asked for, what they agreed to pay, what was missed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from domain.kernel import AGGREGATES, CONSULTED, Command, Entail
from domain.revenue.events.claim import Party, PaymentMethod, WriteOffReason
from domain.revenue.events.patient_account import (
    AssistanceGranted,
    ClaimStanding,
    Installment,
    InstallmentMissed,
    InstallmentPaid,
    PaymentPlanAgreed,
    StatementIssued,
    StatementLine,
    account_of,
)
from domain.revenue.giving_up import WriteOffClaim
from domain.revenue.patient_account import (
    AgreePaymentPlan,
    GrantAssistance,
    IssueStatement,
    MissInstallment,
    PatientAccount,
    PayInstallment,
)
from domain.revenue.posting import PayClaim
from tests.domain.claims import charged, claim, transferred, usd
from tests.domain.places import (
    A_PATIENT,
    FEBRUARY_1,
    HILLTOP,
    LONG_AGO,
    MARCH_1,
    NEW_YEAR,
    RIVERSIDE,
    THE_CLAIM,
    TOMORROW_EVERYWHERE,
    riverside_is_open,
)
from tests.grammar import Given, given

ACCOUNT = account_of(RIVERSIDE, A_PATIENT)
ANOTHER_CLAIM = UUID("018f0000-0000-7000-8000-000000000052")
JANUARY_31, FEBRUARY_28, MARCH_31 = date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31)
WHO: dict[str, Any] = {"facility_id": RIVERSIDE, "patient_id": A_PATIENT}
WHOSE: dict[str, Any] = {"account_id": ACCOUNT, "facility_id": RIVERSIDE}
OWED = ClaimStanding(
    kind="claim",
    id=THE_CLAIM,
    open=True,
    status="accepted",
    facility_id=RIVERSIDE,
    currency="USD",
    patient_id=A_PATIENT,
    charged=usd("250.00"),
    patient_balance=usd("100.00"),
)
issuing = IssueStatement(**WHO, claims=(THE_CLAIM,), due_on=MARCH_31, issued_on=MARCH_1)
issued = StatementIssued(
    **WHOSE,
    patient_id=A_PATIENT,
    currency="USD",
    statement=1,
    lines=(StatementLine(claim_id=THE_CLAIM, amount=usd("100.00")),),
    total=usd("100.00"),
    due_on=MARCH_31,
    issued_on=MARCH_1,
)
agreeing = AgreePaymentPlan(
    **WHO,
    installments=3,
    first_due_on=JANUARY_31,
    agreed_on=NEW_YEAR,
    amount=usd("100"),
)
agreed = PaymentPlanAgreed(
    **WHOSE,
    patient_id=A_PATIENT,
    currency="USD",
    plan=1,
    installments=(
        Installment(number=1, due_on=JANUARY_31, amount=usd("33.33")),
        Installment(number=2, due_on=FEBRUARY_28, amount=usd("33.33")),
        Installment(number=3, due_on=MARCH_31, amount=usd("33.34")),
    ),
    total=usd("100.00"),
    agreed_on=NEW_YEAR,
)
paying = PayInstallment(
    account_id=ACCOUNT,
    claim_id=THE_CLAIM,
    amount=usd("40"),
    method=PaymentMethod.CARD,
    paid_on=FEBRUARY_1,
)
paid = InstallmentPaid(
    **WHOSE,
    currency="USD",
    plan=1,
    claim_id=THE_CLAIM,
    amount=usd("40.00"),
    method=PaymentMethod.CARD,
    outstanding=usd("60.00"),
    next_due_on=FEBRUARY_28,
    paid_on=FEBRUARY_1,
)
missing = MissInstallment(account_id=ACCOUNT, installment=2, missed_on=MARCH_1)
missed = InstallmentMissed(
    **WHOSE,
    currency="USD",
    plan=1,
    installment=2,
    behind=usd("26.66"),
    next_due_on=MARCH_31,
    missed_on=MARCH_1,
)
granting = GrantAssistance(
    **WHO,
    claim_id=THE_CLAIM,
    amount=usd("25"),
    program="Charity care",
    granted_on=MARCH_1,
)


def account(*facts: Any) -> Given:
    return given(PatientAccount, *facts).knowing(riverside_is_open(), OWED)


def test_a_patient_has_one_account_at_a_facility() -> None:
    assert {each.account_id for each in (issuing, agreeing, granting)} == {ACCOUNT}
    assert replace(issuing, patient_id=HILLTOP).account_id != ACCOUNT
    assert replace(issuing, facility_id=HILLTOP).account_id != ACCOUNT


# --- statements ----------------------------------------------------------------------------------


def test_a_statement_tells_what_is_owed_claim_by_claim() -> None:
    settled = replace(OWED, id=ANOTHER_CLAIM, patient_balance=usd("-5.00"))
    both = replace(issuing, claims=(THE_CLAIM, ANOTHER_CLAIM, THE_CLAIM))
    account().knowing(settled).when(both).records(issued)
    account(issued).when(issuing).records_a(StatementIssued, statement=2)
    account().knowing(settled).when(replace(issuing, claims=(ANOTHER_CLAIM,))).refused(
        "patient_account.nothing_owed"
    )


def test_nobody_is_told_of_anybody_elses_claims() -> None:
    account().knowing(replace(OWED, patient_id=HILLTOP)).when(issuing).refused(
        "patient_account.other_patient"
    )
    account().knowing(replace(OWED, facility_id=HILLTOP)).when(issuing).refused("claim.unknown")


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"issued_on": TOMORROW_EVERYWHERE}, "patient_account.date"),
        ({"due_on": LONG_AGO}, "patient_account.date"),
        ({"due_on": FEBRUARY_1}, "patient_account.date_order"),
        ({"claims": (THE_CLAIM,) * 201}, "patient_account.claims"),
    ],
)
def test_an_impossible_statement_is_refused(changed: dict[str, Any], code: str) -> None:
    account().when(replace(issuing, **changed)).refused(code)


# --- plans ---------------------------------------------------------------------------------------


def test_a_plan_has_equal_installments_at_the_end_of_each_month() -> None:
    account().when(agreeing).records(agreed)


def test_a_plan_is_renegotiated_for_what_is_left_of_it() -> None:
    anew = replace(agreeing, amount=None, installments=2, first_due_on=MARCH_31)
    account(agreed, paid).when(anew).records_a(
        PaymentPlanAgreed,
        plan=2,
        total=usd("60.00"),
        installments=(
            Installment(number=1, due_on=MARCH_31, amount=usd("30.00")),
            Installment(number=2, due_on=date(2026, 4, 30), amount=usd("30.00")),
        ),
    )
    account().when(anew).refused("patient_account.amount")


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"installments": 0}, "patient_account.installments"),
        ({"installments": 61}, "patient_account.installments"),
        ({"first_due_on": date(2025, 12, 31)}, "patient_account.date_order"),
        ({"agreed_on": TOMORROW_EVERYWHERE}, "patient_account.date"),
        ({"amount": usd("0")}, "patient_account.amount"),
    ],
)
def test_an_impossible_plan_is_refused(changed: dict[str, Any], code: str) -> None:
    account().when(replace(agreeing, **changed)).refused(code)


def test_what_is_paid_towards_a_plan_is_posted_to_a_claim() -> None:
    account(agreed).when(paying).records(
        paid,
        Entail(
            PayClaim(
                claim_id=THE_CLAIM,
                amount=usd("40.00"),
                paid_by=Party.PATIENT,
                method=PaymentMethod.CARD,
                received_on=FEBRUARY_1,
            )
        ),
    )
    account(agreed, paid).when(replace(paying, amount=usd("60"))).records_a(
        InstallmentPaid, outstanding=Decimal("0.00"), next_due_on=None
    )
    account(agreed, paid).when(replace(paying, amount=usd("60.01"))).refused(
        "patient_account.outstanding"
    )


def test_an_installment_is_missed_once_its_day_has_passed() -> None:
    account(agreed, paid).when(missing).records(missed)
    account(agreed, paid, missed).when(missing).records_nothing()
    account(agreed, paid).when(replace(missing, installment=1)).records_nothing()
    account(agreed).when(replace(missing, missed_on=FEBRUARY_28)).records_nothing()
    last = replace(agreed, installments=agreed.installments[:2])
    account(last).when(missing).records_a(InstallmentMissed, next_due_on=None)
    account(agreed).when(replace(missing, installment=4)).refused("patient_account.installment")
    account(agreed).when(replace(missing, missed_on=TOMORROW_EVERYWHERE)).refused(
        "patient_account.date"
    )


@pytest.mark.parametrize("command", [paying, missing])
def test_only_what_was_agreed_is_paid_or_missed(command: Command) -> None:
    account(issued).when(command).refused("patient_account.no_plan")


# --- assistance ----------------------------------------------------------------------------------


def test_assistance_is_written_off_the_claim() -> None:
    account().when(granting).records(
        AssistanceGranted(
            **WHOSE,
            currency="USD",
            claim_id=THE_CLAIM,
            program="Charity care",
            amount=usd("25.00"),
            granted_on=MARCH_1,
        ),
        Entail(
            WriteOffClaim(
                claim_id=THE_CLAIM,
                amount=usd("25.00"),
                owed_by=Party.PATIENT,
                write_off_reason=WriteOffReason.CHARITY,
                written_off_on=MARCH_1,
            )
        ),
    )
    assert account().when(granting).then().state.currency == "USD"
    account().when(replace(granting, program="")).refused("patient_account.text")


def test_the_claims_that_are_named_are_looked_at() -> None:
    for command in (issuing, paying, granting):
        assert [*CONSULTED[type(command)](None, command)] == [THE_CLAIM]


def test_a_claim_tells_whose_it_is_and_what_the_patient_owes() -> None:
    tell: Any = AGGREGATES["claim"].standing
    told = tell(claim(charged, transferred).state, THE_CLAIM)
    assert (told.patient_id, told.patient_balance, told.open) == (A_PATIENT, usd("25.00"), True)
