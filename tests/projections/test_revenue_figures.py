"""What the figures of revenue are worked out from, and what waits for somebody to follow it up."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from domain.kernel import Fact
from domain.revenue.events.claim import SELF_PAY, ClaimAmended, ClaimDrafted, Party
from domain.revenue.events.form import ClaimForm
from domain.revenue.events.patient_account import (
    Installment,
    InstallmentMissed,
    InstallmentPaid,
    PaymentPlanAgreed,
)
from domain.revenue.events.preparation import ClaimPriced
from domain.revenue.events.remittance import ClaimAdjudicated, ClaimKnownFromRemittance
from domain.revenue.events.submission import ClaimAccepted, ClaimPended, ClaimRejected
from projections.kernel import Key
from projections.refold import refold
from projections.revenue import (
    adjudication_list,
    claim_ledger,
    claim_list,
    claim_receivables,
    claims_against_contract,
    closed_months,
    credit_balances,
    overpayment_list,
    payer_months,
    payment_plans,
    receivables,
    scrubbed_claims,
    unanswered_claims,
    unbilled_claims,
)
from projections.revenue.figures import DEFINITIONS, Components, Month
from projections.revenue.ledger import Figure
from tests.domain.places import THE_CLAIM as POSTED_CLAIM
from tests.domain.remittances import REFUSED, adjudicating
from tests.domain.test_adjudication import sent
from tests.facilities.test_denials import decided as denial_of_a_line
from tests.projections.claims import (
    A_PATIENT,
    AETHER,
    ANOTHER_CLAIM,
    MARCH_1,
    MARCH_2,
    MARCH_3,
    RIVERSIDE,
    THE_CLAIM,
    Bill,
)
from tests.projections.grammar import given
from tests.projections.health_system import HealthSystem
from tests.projections.test_denials import denied
from tests.projections.test_revenue_desks import (
    WHOSE,
    closed,
    priced,
    refunded,
    scrubbed,
    written_off,
)

FIRST_OF_MARCH = date(2026, 3, 1)
KEY: Key = (RIVERSIDE, AETHER, FIRST_OF_MARCH)


def decided(paid: str = "0", denied: str = "100.00", **more: Any) -> ClaimAdjudicated:
    told: dict[str, Any] = {
        **WHOSE,
        "paid": Decimal(paid),
        "denied": Decimal(denied),
        "submitted_on": MARCH_1,
        "adjudicated_on": MARCH_3,
        **more,
    }
    return replace(denial_of_a_line(REFUSED), **told)


# --- by payer and month --------------------------------------------------------------------------


def test_money_counts_in_the_month_it_moved_and_what_the_contract_takes_off_by_itself() -> None:
    bill = Bill()
    cut = bill.adjusted("10.00")
    late = replace(bill.adjusted("20.00"), reason_code="29")
    facts = (bill.drafted(), bill.charged("100.00"), bill.paid("60.00"), cut, late)
    given(payer_months, *facts, written_off(bill, "5.00"), refunded(bill, "1.00")).shows(
        *KEY,
        currency="USD",
        charges=10_000,
        payments=5_900,
        contractual=1_000,
        other_adjustments=2_500,
    )
    given(payer_months, *facts, bill.reversed(cut), bill.reversed(late)).shows(
        *KEY, contractual=0, other_adjustments=0
    )


def test_a_claim_counts_when_it_is_looked_at_or_decided_on_for_the_first_time() -> None:
    facts = (scrubbed(clean=True), scrubbed(clean=False, times=2))
    given(payer_months, *facts).shows(*KEY, scrubbed_claims=1, clean_claims=1)
    later = decided(adjudication=2)
    given(payer_months, decided(), later).shows(
        *KEY, decided_claims=1, denied_claims=1, denied=10_000, paid_claims=0
    )
    given(payer_months, decided("40.00", "0")).shows(*KEY, paid_claims=1, days_to_pay=2)
    unknown = decided("40.00", "0", submitted_on=None)
    given(payer_months, unknown).shows(*KEY, denied_claims=0, paid_claims=0, days_to_pay=0)
    given(adjudication_list, unknown).shows(THE_CLAIM, 1, days=None, pays=True)


def test_a_claim_keeps_what_the_rules_said_of_it_first() -> None:
    given(scrubbed_claims, scrubbed(clean=True), scrubbed(clean=False, times=2)).shows(
        THE_CLAIM, clean=False, clean_at_first=True
    )


def test_a_closed_month_tells_the_position_its_books_were_closed_at() -> None:
    bill = Bill()
    given(closed_months, bill.drafted(), closed).shows(RIVERSIDE, "2026-03", position=3)


# --- how old -------------------------------------------------------------------------------------


def test_a_claim_is_owed_from_its_first_bill_on() -> None:
    bill = Bill()
    facts = (bill.drafted(), bill.charged("100.00"))
    given(claim_receivables, *facts).shows(THE_CLAIM, billed_on=None, owed=True, charges=10_000)
    again = replace(bill.submitted(), submitted_on=MARCH_3)
    given(claim_receivables, *facts, bill.submitted(), again, bill.closed()).shows(
        THE_CLAIM, billed_on=MARCH_2, unbilled_until=MARCH_2
    )
    given(claim_receivables, *facts, bill.closed(), bill.submitted()).shows(
        THE_CLAIM, billed_on=MARCH_2, unbilled_until=MARCH_3
    )
    through = ClaimAmended(
        **WHOSE,
        patient_id=A_PATIENT,
        diagnoses=(),
        form=ClaimForm(service_through=MARCH_3),
        coverage=None,
        secondary_coverage=None,
        amended_on=MARCH_3,
    )
    given(claim_receivables, *facts, through).shows(THE_CLAIM, service_through=MARCH_3)


def test_what_is_known_from_a_remittance_was_billed() -> None:
    known = ClaimKnownFromRemittance(
        **WHOSE, remittance_id=THE_CLAIM, control_number="A", known_on=MARCH_2
    )
    given(claim_receivables, Bill().drafted(), known).shows(THE_CLAIM, billed_on=MARCH_2)
    given(unbilled_claims, Bill().drafted(), known).has_no_row(THE_CLAIM)


# --- follow-up -----------------------------------------------------------------------------------


def test_a_payer_is_waited_for_until_it_decides() -> None:
    bill = Bill()
    sent = bill.submitted()
    accepted = ClaimAccepted(**WHOSE, payer_control_number=None, said=None, accepted_on=MARCH_2)
    pended = ClaimPended(**WHOSE, wanted="the record", said=None, pended_on=MARCH_3)
    waiting = given(unanswered_claims, bill.drafted(), sent, accepted, pended)
    waiting.shows(THE_CLAIM, submitted_on=MARCH_2, pended=True, answer="the record")
    given(unanswered_claims, sent, bill.paid("1.00", by=Party.PATIENT)).row(THE_CLAIM)
    rejected = ClaimRejected(**WHOSE, message="no", said=(), rejected_on=MARCH_3)
    for answer in (bill.paid("1.00"), decided(), denied(), rejected, bill.closed()):
        given(unanswered_claims, sent, answer).has_no_row(THE_CLAIM)


def test_a_claim_that_waits_for_the_payer_after_the_first_names_that_one() -> None:
    bill = Bill()
    first = bill.submitted()
    second = replace(first, submitted_to=Party.SECONDARY_PAYER, sent_to=ANOTHER_CLAIM)
    given(unanswered_claims, first).shows(THE_CLAIM, payer_id=AETHER)
    waiting = given(unanswered_claims, first, decided(), second)
    waiting.shows(THE_CLAIM, payer_id=ANOTHER_CLAIM, submitted_to=Party.SECONDARY_PAYER)
    # What the first one decides again, or denied, is no answer of the second one's.
    for not_its in (decided(), denied(adjudication=1), bill.paid("1.00")):
        given(unanswered_claims, first, second, not_its).shows(THE_CLAIM, payer_id=ANOTHER_CLAIM)
    its_own = replace(decided(), decided_by=Party.SECONDARY_PAYER)
    given(unanswered_claims, first, second, its_own).has_no_row(THE_CLAIM)
    to_patient = replace(first, submitted_to=Party.PATIENT, sent_to=None)
    given(unanswered_claims, to_patient).has_no_row(THE_CLAIM)
    given(unanswered_claims, first, to_patient).shows(THE_CLAIM, payer_id=AETHER)
    given(unanswered_claims, first, decided(), to_patient).has_no_row(THE_CLAIM)


def test_a_credit_balance_is_told_until_it_is_given_back() -> None:
    bill = Bill()
    facts = (bill.drafted(), bill.charged("10.00"), bill.paid("15.00"))
    given(credit_balances, *facts).shows(THE_CLAIM, credit=500, of_patient=0, since=MARCH_2)
    given(credit_balances, *facts, refunded(bill, "5.00")).has_no_row(THE_CLAIM)


# --- payment plans -------------------------------------------------------------------------------


def test_an_installment_that_is_not_covered_is_overdue_after_its_day() -> None:
    whose: dict[str, Any] = {"account_id": THE_CLAIM, "facility_id": RIVERSIDE, "currency": "USD"}
    parts = tuple(
        Installment(number=number, due_on=day, amount=Decimal("50.00"))
        for number, day in enumerate((MARCH_1, MARCH_2, MARCH_3), 1)
    )
    agreed = PaymentPlanAgreed(
        **whose,
        patient_id=A_PATIENT,
        plan=1,
        installments=parts,
        total=Decimal("150.00"),
        agreed_on=MARCH_1,
    )
    paid = InstallmentPaid(
        **whose,
        plan=1,
        claim_id=THE_CLAIM,
        amount=Decimal("50.00"),
        method=Bill().paid("1").method,
        outstanding=Decimal("100.00"),
        next_due_on=MARCH_2,
        paid_on=MARCH_1,
    )
    missed = InstallmentMissed(
        **whose,
        plan=1,
        installment=2,
        behind=Decimal("50.00"),
        next_due_on=MARCH_3,
        missed_on=MARCH_3,
    )
    assert given(payment_plans, agreed).row(THE_CLAIM).overdue(MARCH_3) == [1, 2]
    assert given(payment_plans, agreed, paid).row(THE_CLAIM).overdue(MARCH_2) == []
    assert given(payment_plans, agreed, paid).row(THE_CLAIM).overdue(MARCH_3) == [2]
    behind = given(payment_plans, agreed, paid, missed)
    behind.shows(THE_CLAIM, missed=1, missed_installments=(2,))
    assert behind.row(THE_CLAIM).overdue(MARCH_3) == []
    anew = replace(agreed, plan=2, installments=parts[2:], total=Decimal("50.00"))
    given(payment_plans, agreed, paid, missed, anew).shows(THE_CLAIM, missed=0, outstanding=5_000)


# --- figures -------------------------------------------------------------------------------------


def test_a_figure_is_its_numerator_by_its_denominator_or_nothing() -> None:
    march = Month.of("2026-03")
    assert (march.two_before, march.last, march.days_of_quarter) == (
        date(2026, 1, 1),
        date(2026, 3, 31),
        90,
    )
    assert Month.of("2026-01").two_before == date(2025, 11, 1)
    made_of = Components(
        month=Counter(payments=60, charges=100, contractual=20),
        quarter=Counter(charges=300, contractual=30),
        until=Counter(balance=90),
        aged=Counter(owed=200, to_120=30, over_120=20, unbilled=30),
    )
    values = {each.name: each.value(made_of, march) for each in DEFINITIONS}
    assert values == {
        "net_days_in_ar": Decimal("30.0"),
        "ar_over_90_days": Decimal("0.2500"),
        "clean_claim_rate": None,
        "initial_denial_rate": None,
        "initial_denial_rate_by_dollars": None,
        "net_collection_rate": Decimal("0.7500"),
        "dnfb_days": Decimal("9.0"),
        "days_to_pay": None,
    }


@pytest.mark.parametrize("seed", range(4))
def test_whatever_happens_months_and_lists_come_to_what_is_owed(seed: int) -> None:
    events = HealthSystem(seed, "revenue").lives(300).events
    claims = refold(claim_list, events)
    months: Counter[tuple[Any, ...]] = Counter()
    ledger: Counter[tuple[Any, ...]] = Counter()
    for month in refold(payer_months, events).values():
        parts = (month.charges, month.payments, month.contractual, month.other_adjustments)
        assert parts[0] - parts[1] - parts[2] - parts[3] == month.balance
        for figure, amount in zip(Figure, parts, strict=False):
            months[month.facility_id, month.payer_id, month.month, figure] += amount
    for line in refold(claim_ledger, events).values():
        first = line.effective_on.replace(day=1)
        if line.figure is not Figure.TRANSFERS:
            sign = 1 if line.figure is Figure.CHARGES else -1
            payer = line.payer_id or SELF_PAY
            ledger[line.facility_id, payer, first, line.figure] += sign * line.change
    assert +months == +ledger
    assert -months == -ledger
    owed: Counter[tuple[Any, ...]] = Counter()
    for each in refold(claim_receivables, events).values():
        assert each.balance == claims[each.claim_id,].balance
        owed[each.facility_id, each.payer_id or SELF_PAY] += each.balance
    for key, row in refold(receivables, events).items():
        assert owed[key] == row.balance
    desk = refold(credit_balances, events)
    credits = {key: row.credit for key, row in desk.items() if row.credit}
    due: Counter[tuple[Any, ...]] = Counter()
    for one in refold(overpayment_list, events).values():
        due[one.claim_id,] += one.amount if one.due else 0
    assert +due == Counter({key: row.overpaid for key, row in desk.items() if row.overpaid})
    assert credits == {key: -row.balance for key, row in claims.items() if row.credit}


# --- paid short, by remittance -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expected", "short"), [("85.00", 0), ("90.00", 500), ("84.00", 0), ("200.00", 11_500)]
)
def test_a_remittance_that_allows_less_than_the_contract_is_underpaid_when_it_is_posted(
    expected: str, short: int
) -> None:
    """Of 100.00 it pays 60.00 and leaves 25.00 to the patient: 85.00 is allowed."""
    posted = sent().when(adjudicating).decided
    facts = [each for each in posted if isinstance(each, Fact)]
    row = given(claims_against_contract, of_aether(expected), *facts).row(POSTED_CLAIM)
    assert (row.allowed, row.short, row.underpaid) == (8_500, short, short > 0)


def of_aether(expected: str) -> ClaimPriced:
    """What is expected for the claim that the remittance decides on."""
    (drafted,) = [each for each in sent().facts if isinstance(each, ClaimDrafted)]
    return replace(
        priced(expected),
        claim_id=POSTED_CLAIM,
        facility_id=drafted.facility_id,
        payer_id=drafted.payer_id,
    )
