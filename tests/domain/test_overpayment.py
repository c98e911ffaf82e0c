"""What was paid too much: whose work it is, from when on it is known, and by when it goes back."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from domain.kernel import Command, Fact
from domain.revenue.claim import Claim
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
from domain.revenue.overpayment import (
    AssignCredit,
    IdentifyOverpayment,
    ResumeOverpaymentDeadline,
    ReturnOverpayment,
    SuspendOverpaymentDeadline,
    WithdrawOverpayment,
)
from tests.domain.claims import adjusted, charged, claim, closed, drafted, paid, twice_insured, usd
from tests.domain.places import (
    AETHER_HEALTH,
    BEACON_MUTUAL,
    DR_ADEYEMI,
    FEBRUARY_1,
    HILLTOP,
    MARCH_1,
    NEW_YEAR,
    RIVERSIDE,
    THE_CLAIM,
    TOMORROW_EVERYWHERE,
)
from tests.grammar import TODAY, Given, a_closed, an_open, given

WHOSE: dict[str, Any] = {
    "claim_id": THE_CLAIM,
    "facility_id": RIVERSIDE,
    "payer_id": AETHER_HEALTH,
}
RELATED, SCHEDULE = SuspensionGround.RELATED_OVERPAYMENTS, SuspensionGround.EXTENDED_REPAYMENT
OUR_BILLER = an_open("staff_member", DR_ADEYEMI, facility_id=HILLTOP)
too_much = replace(paid, amount=usd("130.00"), balance_after=usd("-30.00"))
assigning = AssignCredit(claim_id=THE_CLAIM, staff_id=DR_ADEYEMI, assigned_on=MARCH_1)
assigned = ClaimCreditAssigned(**WHOSE, staff_id=DR_ADEYEMI, assigned_on=MARCH_1)
identifying = IdentifyOverpayment(
    claim_id=THE_CLAIM,
    paid_by=Party.PAYER,
    amount=usd("30"),
    why="Paid twice",
    identified_on=FEBRUARY_1,
)
identified = ClaimOverpaymentIdentified(
    **WHOSE,
    currency="USD",
    overpayment=1,
    paid_by=Party.PAYER,
    amount=usd("30.00"),
    why="Paid twice",
    return_by=date(2026, 4, 2),
    identified_on=FEBRUARY_1,
)
suspending = SuspendOverpaymentDeadline(
    claim_id=THE_CLAIM, overpayment=1, ground=RELATED, suspended_on=MARCH_1
)
suspended = ClaimOverpaymentSuspended(
    **WHOSE, overpayment=1, ground=RELATED, return_by=date(2026, 9, 1), suspended_on=MARCH_1
)
resuming = ResumeOverpaymentDeadline(
    claim_id=THE_CLAIM, overpayment=1, resumed_on=MARCH_1 + timedelta(days=10)
)
resumed = ClaimOverpaymentResumed(
    **WHOSE, overpayment=1, return_by=date(2026, 4, 12), resumed_on=MARCH_1 + timedelta(days=10)
)
returning = ReturnOverpayment(
    claim_id=THE_CLAIM,
    overpayment=1,
    process=ReturnProcess.CLAIM_ADJUSTMENT,
    returned_on=MARCH_1,
    reference="CASE 7",
)
returned = ClaimOverpaymentReturned(
    **WHOSE,
    currency="USD",
    overpayment=1,
    amount=usd("30.00"),
    process=ReturnProcess.CLAIM_ADJUSTMENT,
    reference="CASE 7",
    refund=None,
    return_by=date(2026, 4, 2),
    late=False,
    returned_on=MARCH_1,
)
withdrawing = WithdrawOverpayment(
    claim_id=THE_CLAIM, overpayment=1, why="It was for another claim", withdrawn_on=MARCH_1
)
withdrawn = ClaimOverpaymentWithdrawn(
    **WHOSE,
    currency="USD",
    overpayment=1,
    amount=usd("30.00"),
    why="It was for another claim",
    withdrawn_on=MARCH_1,
)


def a_payer(kind: PayerKind) -> PayerStanding:
    return PayerStanding(kind="payer", id=AETHER_HEALTH, open=True, status="open", payer_kind=kind)


def overpaid(*facts: Fact) -> Given:
    """A claim on which Medicare paid 30.00 too much."""
    medicare = a_payer(PayerKind.MEDICARE)
    return claim(charged, too_much, *facts).knowing(OUR_BILLER, medicare)


# --- whose work it is ----------------------------------------------------------------------------


def test_a_credit_is_given_to_somebody_to_work_on() -> None:
    overpaid().when(assigning).records(assigned)
    overpaid(assigned).when(assigning).records_nothing()
    overpaid(closed).when(assigning).records(assigned)


def test_where_there_is_no_credit_there_is_no_work() -> None:
    claim(charged, paid).knowing(OUR_BILLER).when(assigning).refused("claim.no_credit")
    # An overpayment is work also where no entry shows it.
    claim(charged, paid, identified).knowing(OUR_BILLER).when(assigning).records(assigned)


def test_it_is_given_to_who_works_here() -> None:
    claim(charged, too_much).when(assigning).refused("staff_member.unknown", field="staff_id")
    left = a_closed("staff_member", DR_ADEYEMI)
    claim(charged, too_much).knowing(left).when(assigning).refused("staff_member.not_open")
    overpaid().when(replace(assigning, assigned_on=TOMORROW_EVERYWHERE)).refused("claim.date")


def test_a_credit_that_comes_anew_is_nobodys_yet() -> None:
    gone = replace(adjusted, entry=3, amount=usd("-30.00"), balance_after=usd("0.00"))
    again = replace(too_much, entry=4, balance_after=usd("-30.00"))
    overpaid(assigned, gone, again).when(assigning).records(assigned)
    # While something is to be returned it stays with who works on it.
    overpaid(identified, assigned, gone).when(assigning).records_nothing()
    assert overpaid(identified, assigned, gone, returned).state.credit_work.assigned_to is None


# --- what is overpaid, and by when it is returned ------------------------------------------------


def test_what_medicare_overpaid_is_returned_within_60_days_of_knowing_of_it() -> None:
    """42 CFR 401.305(b)(1)(i)."""
    overpaid().when(identifying).records(identified)
    assert identified.return_by == FEBRUARY_1 + timedelta(days=60)


@pytest.mark.parametrize(
    ("kind", "has_a_day"),
    [
        (PayerKind.MEDICAID, True),
        (PayerKind.DUAL_ELIGIBLE, True),
        (PayerKind.COMMERCIAL, False),
        (PayerKind.OTHER_GOVERNMENT, False),
    ],
)
def test_the_law_sets_a_day_for_medicare_and_medicaid(kind: PayerKind, has_a_day: bool) -> None:
    """42 U.S.C. 1320a-7k(d)(4)(B)."""
    there = claim(charged, too_much).knowing(a_payer(kind))
    day = identified.return_by if has_a_day else None
    there.when(identifying).records(replace(identified, return_by=day))


def test_what_a_patient_overpaid_has_no_such_day_and_the_next_payer_its_own() -> None:
    of_patient = replace(identifying, paid_by=Party.PATIENT)
    by_patient = replace(too_much, paid_by=Party.PATIENT)
    claim(charged, by_patient).knowing(a_payer(PayerKind.MEDICARE)).when(of_patient).records_a(
        ClaimOverpaymentIdentified, return_by=None, paid_by=Party.PATIENT
    )
    second = replace(a_payer(PayerKind.MEDICAID), id=BEACON_MUTUAL)
    by_second = replace(too_much, paid_by=Party.SECONDARY_PAYER)
    twice_insured(by_second).knowing(second).when(
        replace(identifying, paid_by=Party.SECONDARY_PAYER)
    ).records_a(ClaimOverpaymentIdentified, payer_id=BEACON_MUTUAL, return_by=identified.return_by)


def test_no_more_is_overpaid_than_was_paid() -> None:
    overpaid().when(replace(identifying, amount=usd("130.01"))).refused("claim.not_paid")
    overpaid(identified).when(replace(identifying, amount=usd("100.01"))).refused(
        "claim.not_paid", field="amount", value="100.01"
    )
    overpaid(identified).when(replace(identifying, amount=usd("100"))).records_a(
        ClaimOverpaymentIdentified, overpayment=2
    )
    overpaid().when(replace(identifying, paid_by=Party.SECONDARY_PAYER)).refused(
        "claim.no_secondary_payer"
    )


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"identified_on": TOMORROW_EVERYWHERE}, "claim.date"),
        ({"amount": usd("0")}, "claim.amount"),
        ({"why": " "}, "claim.text"),
    ],
)
def test_the_impossible_is_refused(changed: dict[str, Any], code: str) -> None:
    overpaid().when(replace(identifying, **changed)).refused(code)


# --- the deadline stands still -------------------------------------------------------------------


def test_while_related_overpayments_are_looked_for_the_days_do_not_pass() -> None:
    """32 of the 60 days are left on March 1, and are left still when it ends, or 180 days after the
    first was identified (42 CFR 401.305(b)(3))."""
    overpaid(identified).when(suspending).records(suspended)
    assert suspended.return_by == FEBRUARY_1 + timedelta(days=180 + 32)
    overpaid(identified, suspended).when(resuming).records(resumed)
    assert resumed.return_by == MARCH_1 + timedelta(days=10 + 32)


def test_it_does_not_stand_still_for_longer_than_180_days() -> None:
    long_ago = TODAY - timedelta(days=300)
    early = replace(identified, identified_on=long_ago, return_by=long_ago + timedelta(days=60))
    held = replace(suspended, suspended_on=long_ago + timedelta(days=50))
    overpaid(early, held).when(replace(resuming, resumed_on=TODAY)).records_a(
        ClaimOverpaymentResumed, return_by=long_ago + timedelta(days=190)
    )


@pytest.mark.parametrize("ground", [each for each in SuspensionGround if each is not RELATED])
def test_what_is_disclosed_or_paid_by_a_schedule_has_no_last_day_meanwhile(
    ground: SuspensionGround,
) -> None:
    """42 CFR 401.305(b)(2)."""
    disclosed = replace(suspended, ground=ground, return_by=None)
    overpaid(identified).when(replace(suspending, ground=ground)).records(disclosed)
    overpaid(identified, disclosed).when(resuming).records(resumed)


def test_a_deadline_is_suspended_before_it_has_passed_and_once_at_a_time() -> None:
    overpaid(identified, suspended).when(suspending).refused("claim.deadline_suspended")
    without = replace(identified, return_by=None)
    overpaid(without).when(suspending).refused("claim.no_deadline")
    late = replace(identified, identified_on=NEW_YEAR, return_by=date(2026, 2, 28))
    overpaid(late).when(suspending).refused("claim.deadline_passed", field="suspended_on")
    overpaid(late).when(replace(suspending, ground=SCHEDULE)).refused("claim.deadline_passed")
    overpaid(identified).when(resuming).records_nothing()
    once_more = replace(suspending, suspended_on=TODAY)
    overpaid(identified, suspended, resumed).when(once_more).records_a(
        ClaimOverpaymentSuspended, return_by=date(2026, 8, 29)
    )
    overpaid(identified).when(replace(suspending, suspended_on=NEW_YEAR)).refused(
        "claim.date_order"
    )
    before = replace(resuming, resumed_on=suspended.suspended_on - timedelta(days=1))
    overpaid(identified, suspended).when(before).refused(
        "claim.date_order",
        rule=f"must not be before the last step ({suspended.suspended_on.isoformat()})",
    )


def test_related_overpayments_are_not_looked_for_after_180_days() -> None:
    long_ago = TODAY - timedelta(days=200)
    early = replace(identified, identified_on=long_ago, return_by=TODAY + timedelta(days=9))
    again = replace(suspending, suspended_on=TODAY)
    overpaid(early).when(again).refused("claim.deadline_passed")
    overpaid(early).when(replace(again, ground=SCHEDULE)).records_a(
        ClaimOverpaymentSuspended, return_by=None
    )


# --- it goes back --------------------------------------------------------------------------------


def test_what_the_payer_takes_back_itself_is_reported() -> None:
    overpaid(identified).when(returning).records(returned)


def test_what_is_sent_back_is_refunded_in_the_same_append() -> None:
    by_check = replace(
        returning, process=ReturnProcess.SELF_REPORTED_REFUND, method=PaymentMethod.CHECK
    )
    refund = ClaimRefunded(
        **WHOSE,
        currency="USD",
        entry=3,
        line=None,
        amount=usd("30.00"),
        refunded_to=Party.PAYER,
        method=PaymentMethod.CHECK,
        reference="CASE 7",
        refunded_on=MARCH_1,
        balance_after=usd("0.00"),
        patient_balance_after=usd("0"),
    )
    sent = replace(returned, process=ReturnProcess.SELF_REPORTED_REFUND, refund=3)
    overpaid(identified).when(by_check).records(refund, sent)
    overpaid(identified, closed).when(by_check).refused("claim.closed")


def test_what_is_returned_after_its_last_day_is_late() -> None:
    early = replace(identified, identified_on=NEW_YEAR, return_by=date(2026, 2, 28))
    overpaid(early).when(returning).records_a(ClaimOverpaymentReturned, late=True)
    without = replace(early, return_by=None)
    overpaid(without).when(returning).records_a(ClaimOverpaymentReturned, late=False)


def test_what_was_none_after_all_is_withdrawn() -> None:
    overpaid(identified).when(withdrawing).records(withdrawn)
    gone = overpaid(identified, withdrawn)
    assert gone.state.credit_work.open == ()
    gone.when(replace(identifying, amount=usd("130"))).records_a(
        ClaimOverpaymentIdentified, overpayment=2
    )


@pytest.mark.parametrize("command", [suspending, resuming, returning, withdrawing])
def test_each_step_is_for_an_overpayment_that_is_open(command: Command) -> None:
    overpaid().when(command).refused("claim.overpayment_unknown", field="overpayment", value=1)
    overpaid(identified, returned).when(command).refused("claim.overpayment_unknown")


def test_a_claim_that_is_not_there_has_none() -> None:
    assert given(Claim, drafted).state.credit_work.open == ()
