"""Months' books, what is not billed yet, what was paid short, and cash day by day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from domain.kernel import Fact
from domain.revenue.events.claim import (
    ClaimAmended,
    ClaimDrafted,
    ClaimRefunded,
    ClaimWrittenOff,
    Party,
    PaymentMethod,
    WriteOffReason,
)
from domain.revenue.events.form import ClaimForm
from domain.revenue.events.period import AccountingPeriodClosed, period_of
from domain.revenue.events.preparation import ClaimPriced, ClaimScrubbed, ExpectedLine
from projections.refold import refold
from projections.revenue.claim_receivables import claim_receivables
from projections.revenue.ledger import claim_ledger
from projections.revenue.months import revenue_months
from projections.revenue.payer_months import payer_months
from projections.revenue.steps import StepKind, claim_steps
from projections.revenue.worklists import cash_by_day, claims_against_contract, unbilled_claims
from tests.projections.claims import (
    A_PATIENT,
    AETHER,
    MARCH_1,
    MARCH_2,
    MARCH_3,
    RIVERSIDE,
    THE_CLAIM,
    Bill,
)
from tests.projections.grammar import Envelopes, given
from tests.projections.test_denials import appealed, denied, partly

WHOSE: dict[str, Any] = {"claim_id": THE_CLAIM, "facility_id": RIVERSIDE, "payer_id": AETHER}
MARCH = "2026-03"
closed = AccountingPeriodClosed(
    period_id=period_of(RIVERSIDE, MARCH),
    facility_id=RIVERSIDE,
    month=MARCH,
    closed_on=date(2026, 4, 2),
)


def priced(expected: str | None, tolerance: str = "0.00") -> ClaimPriced:
    amount = None if expected is None else Decimal(expected)
    return ClaimPriced(
        **WHOSE,
        currency="USD",
        terms_version=1,
        fee_schedule="2026",
        lines=(ExpectedLine(line=1, allowed=amount),),
        expected=amount,
        tolerance=Decimal(tolerance),
        file_by=None,
        priced_on=MARCH_1,
    )


def scrubbed(*, clean: bool, times: int = 1) -> ClaimScrubbed:
    return ClaimScrubbed(**WHOSE, rules_version=1, times=times, clean=clean, findings=())


def refunded(bill: Bill, amount: str) -> ClaimRefunded:
    return ClaimRefunded(
        **bill._posted(amount, +1, Party.PAYER),
        line=None,
        refunded_to=Party.PAYER,
        method=PaymentMethod.CHECK,
        reference=None,
        refunded_on=MARCH_3,
    )


def written_off(bill: Bill, amount: str) -> ClaimWrittenOff:
    return ClaimWrittenOff(
        **bill._posted(amount, -1, Party.PAYER),
        line=None,
        owed_by=Party.PAYER,
        write_off_reason=WriteOffReason.SMALL_BALANCE,
        written_off_on=MARCH_3,
    )


# --- months --------------------------------------------------------------------------------------


def test_what_is_recorded_after_a_month_was_closed_is_late() -> None:
    bill = Bill()
    known = (bill.drafted(), bill.charged("100.00"), bill.paid("60.00"))
    given(revenue_months, *known, closed).shows(
        RIVERSIDE, MARCH, closed=1, closed_charges=10_000, closed_payments=6_000, late_entries=0
    )
    late = (bill.adjusted("10.00"), written_off(bill, "5.00"), refunded(bill, "1.00"))
    given(revenue_months, *known, closed, *late).shows(
        RIVERSIDE,
        MARCH,
        currency="USD",
        charges=10_000,
        payments=5_900,
        adjustments=1_500,
        write_offs=500,
        refunds=100,
        closed_payments=6_000,
        closed_adjustments=0,
        closed_entries=2,
        entries=5,
        late_entries=3,
    )


def test_what_is_decided_after_a_month_was_closed_is_late_though_no_money_moves() -> None:
    known = (Bill().submitted(), denied())
    late = (denied(denial=2), appealed, partly)
    given(revenue_months, *known, closed).shows(
        RIVERSIDE, MARCH, closed_denials=1, closed_denied=8_000, late_steps=0
    )
    given(revenue_months, *known, closed, *late).shows(
        RIVERSIDE,
        MARCH,
        denials=2,
        closed_denials=1,
        closed_denied_claims=1,
        closed_appeals_decided=0,
        closed_overturned=0,
        overturned=6_000,
        late_steps=3,
        late_entries=0,
    )


def test_each_step_of_a_claim_tells_its_day_and_where_it_is_recorded() -> None:
    told = [each for _, each in sorted(_steps(Bill().submitted(), denied(), appealed, partly))]
    assert told == [
        (StepKind.SUBMITTED, MARCH_2, None),
        (StepKind.DENIED, MARCH_2, 8_000),
        (StepKind.APPEALED, MARCH_3, None),
        (StepKind.APPEAL_DECIDED, MARCH_3, 6_000),
    ]


def _steps(*facts: Fact) -> list[tuple[int, tuple[StepKind, date, int | None]]]:
    envelopes = Envelopes()
    rows = refold(claim_steps, [envelopes.around(each) for each in facts]).values()
    return [(each.position, (each.kind, each.effective_on, each.amount)) for each in rows]


COUNTED_BY = (payer_months, revenue_months, claim_receivables, unbilled_claims)
NEVER_LATE: dict[type[Fact], str] = {
    ClaimDrafted: "what is charged on it is; it is of no figure itself",
    ClaimScrubbed: "it happens when it is recorded",
    AccountingPeriodClosed: "it is what others are late after",
}


def test_whatever_a_figure_counts_is_told_when_it_is_late() -> None:
    counted = {fact for model in COUNTED_BY for fact in model.handlers}
    told = {*claim_ledger.handlers, *claim_steps.handlers}
    assert counted - told == {*NEVER_LATE}


def test_a_month_tells_how_clean_its_claims_were_and_what_was_denied() -> None:
    facts = (scrubbed(clean=False), scrubbed(clean=True, times=2), scrubbed(clean=True))
    given(revenue_months, *facts, denied(), denied(denial=2), appealed, partly).shows(
        RIVERSIDE,
        MARCH,
        scrubbed_claims=2,
        clean_claims=1,
        denials=2,
        denied_claims=1,
        denied=16_000,
        appeals_decided=1,
        overturned=6_000,
    )


# --- not billed yet ------------------------------------------------------------------------------


def test_a_claim_is_unbilled_until_it_is_sent_or_closed() -> None:
    bill = Bill()
    drafted, charged = bill.drafted(), bill.charged("100.00")
    given(unbilled_claims, drafted, charged).shows(
        THE_CLAIM, lines=1, charges=10_000, service_through=MARCH_1
    )
    paid = bill.paid("1.00")
    given(unbilled_claims, drafted, charged, paid, bill.reversed(paid)).shows(THE_CLAIM, lines=1)
    given(unbilled_claims, drafted, charged, bill.reversed(charged)).shows(
        THE_CLAIM, lines=0, charges=0
    )
    given(unbilled_claims, drafted, charged, bill.submitted()).has_no_row(THE_CLAIM)
    given(unbilled_claims, drafted, bill.closed()).has_no_row(THE_CLAIM)


def test_the_last_day_of_care_is_what_the_form_says() -> None:
    drafted = Bill().drafted()
    through = ClaimAmended(
        **WHOSE,
        patient_id=A_PATIENT,
        diagnoses=(),
        form=ClaimForm(service_through=MARCH_3),
        coverage=None,
        secondary_coverage=None,
        amended_on=MARCH_3,
    )
    given(unbilled_claims, drafted, through).shows(THE_CLAIM, service_through=MARCH_3)
    nothing = replace(through, form=ClaimForm())
    given(unbilled_claims, drafted, through, nothing).shows(THE_CLAIM, service_through=MARCH_1)


# --- paid short ----------------------------------------------------------------------------------


def test_a_payer_that_allows_less_than_was_agreed_has_paid_short() -> None:
    bill = Bill()
    before = (bill.drafted(), bill.charged("100.00"), bill.submitted(), priced("80.00"))
    given(claims_against_contract, *before).shows(THE_CLAIM, short=8_000, underpaid=False)
    paid, moved = bill.paid("50.00"), bill.transferred("20.00")
    given(claims_against_contract, *before, paid, moved).shows(
        THE_CLAIM, paid=5_000, allowed=7_000, short=1_000, underpaid=True
    )
    by_patient = bill.paid("20.00", by=Party.PATIENT)
    back = bill.transferred("5.00", back=True)
    given(claims_against_contract, *before, paid, moved, by_patient, back).shows(
        THE_CLAIM, allowed=6_500
    )
    rest = (bill.transfer_reversed(moved), bill.reversed(paid), bill.reversed(by_patient))
    given(claims_against_contract, *before, paid, moved, *rest).shows(
        THE_CLAIM, allowed=0, underpaid=False
    )
    given(claims_against_contract, *before, paid, refunded(bill, "50.00")).shows(
        THE_CLAIM, allowed=0
    )


def test_within_the_tolerance_nothing_is_missing() -> None:
    bill = Bill()
    sent = (bill.drafted(), bill.charged("100.00"), bill.submitted())
    given(claims_against_contract, *sent, priced("60.50", "0.50"), bill.paid("60.00")).shows(
        THE_CLAIM, short=0, underpaid=False
    )
    given(claims_against_contract, *sent, priced(None)).has_no_row(THE_CLAIM)
    again = given(
        claims_against_contract, *sent, priced("80.00"), bill.paid("10.00"), priced("90.00")
    )
    again.shows(THE_CLAIM, expected=9_000, allowed=1_000)


# --- cash ----------------------------------------------------------------------------------------


def test_cash_is_told_by_the_day_it_came_in_or_went_out() -> None:
    bill = Bill()
    paid, copay = bill.paid("50.00"), bill.paid("20.00", by=Party.PATIENT)
    facts = (bill.drafted(), bill.charged("100.00"), paid, copay, refunded(bill, "5.00"))
    given(cash_by_day, *facts).shows(
        RIVERSIDE,
        MARCH_2,
        "USD",
        payments=2,
        received=7_000,
        from_payers=5_000,
        from_patients=2_000,
    )
    given(cash_by_day, *facts, bill.reversed(paid), bill.reversed(facts[1])).shows(
        RIVERSIDE, MARCH_3, "USD", refunded=500, taken_back=5_000
    )
