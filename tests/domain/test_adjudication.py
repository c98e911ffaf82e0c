"""Payers' decisions on a claim: what they move, what fits, what they take back."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from domain.kernel import Reserve
from domain.revenue.adjudication import WHOLE_CLAIM, AdjudicateClaim, OpenRemittedClaim
from domain.revenue.claim import Claim
from domain.revenue.claim_status import ClaimStatus
from domain.revenue.events.claim import (
    ClaimAdjusted,
    ClaimCharged,
    ClaimDrafted,
    ClaimEntryReversed,
    ClaimPaid,
    ClaimReopened,
    ClaimTransferred,
    Party,
)
from domain.revenue.events.remittance import (
    AdjudicationOutcome,
    ClaimAdjudicated,
    ClaimAdjudicationReversed,
    ClaimKnownFromRemittance,
    RemittedClaim,
    RemittedLine,
)
from domain.revenue.posting import PayClaim, ReverseClaimEntry
from domain.revenue.submission import CloseClaim
from tests.domain.claims import charged, drafted, paying, submitted, twice_insured
from tests.domain.places import (
    A_PATIENT,
    AETHER_HEALTH,
    FEBRUARY_1,
    MARCH_1,
    NEW_YEAR,
    RIVERSIDE,
    THE_CLAIM,
    TOMORROW_EVERYWHERE,
    riverside_is_closed,
    riverside_is_open,
)
from tests.domain.remittances import (
    CO,
    OA,
    PR,
    PRICED,
    REFUSED,
    THE_REMITTANCE,
    a_claim,
    a_line,
    adjudicating,
    again,
    because,
    opposite,
    remittances_are_known,
    the_remittance_is_held,
    usd,
)
from tests.grammar import Given, an_open, given


def sent(*more: ClaimPaid) -> Given:
    """A claim of 100.00 that was sent to its payer."""
    return given(Claim, drafted, charged, submitted, *more).knowing(
        *remittances_are_known(), riverside_is_open()
    )


def posting(remitted: RemittedClaim) -> AdjudicateClaim:
    return replace(adjudicating, remitted=remitted)


def kinds(at: Given) -> list[str]:
    return [each.name for each in at.facts]


# --- what a decision moves -----------------------------------------------------------------------


def test_a_decision_is_recorded_and_each_movement_of_money_is_an_entry() -> None:
    decided = sent().when(adjudicating)
    decided.records_a(
        ClaimAdjudicated,
        adjudication=1,
        decided_by=Party.PAYER,
        paid=usd("60.00"),
        adjusted=usd("15.00"),
        patient_responsibility=usd("25.00"),
        denied=usd("0"),
        outcome=AdjudicationOutcome.PAID,
        first_entry=2,
        entries=3,
    )
    decided.records_a(ClaimPaid, line=1, amount=usd("60.00"), reference="TRACE-1", entry=2)
    decided.records_a(ClaimAdjusted, line=1, amount=usd("15.00"), group=CO, reason_code="45")
    decided.records_a(ClaimTransferred, line=1, amount=usd("25.00"), to_party=Party.PATIENT)
    after = decided.then().state
    assert (after.balance, after.patient_balance) == (usd("25.00"), usd("25.00"))


def test_a_claim_that_is_told_of_without_lines_is_posted_for_no_line() -> None:
    decided = sent().when(posting(a_claim("100", "80", because(CO, "45", "20"))))
    decided.records_a(ClaimPaid, line=None, amount=usd("80.00"))
    decided.records_a(ClaimAdjusted, line=None, amount=usd("20.00"))


def test_adjustments_of_the_claim_as_a_whole_take_back_a_part_of_what_its_lines_were_paid() -> None:
    remitted = a_claim(
        "100", "45", a_line("100", "70", because(PR, "1", "30")), because(CO, "A2", "25")
    )
    at = sent().when(posting(remitted)).then()
    paid = [each for each in at.facts if isinstance(each, ClaimPaid)]
    assert [(each.line, each.amount) for each in paid] == [(1, usd("70.00")), (None, usd("-25.00"))]
    assert (at.state.balance, at.state.patient_balance) == (usd("30.00"), usd("30.00"))


def test_an_adjustment_of_less_than_nothing_raises_what_is_owed() -> None:
    line = a_line("100", "100", because(OA, "94", "-5"), because(OA, "45", "5"))
    after = sent().when(posting(a_claim("100", "100", line))).then().state
    assert after.balance == 0
    assert sorted(e.amount for e in after.entries.values()) == [-5, 5, 100, 100]


def test_patient_responsibility_of_less_than_nothing_goes_back_to_the_payer() -> None:
    line = a_line("100", "105", because(PR, "3", "-5"))
    decided = sent().when(posting(a_claim("100", "105", line)))
    decided.records_a(
        ClaimTransferred, amount=usd("5.00"), from_party=Party.PATIENT, to_party=Party.PAYER
    )
    assert decided.then().state.balance == usd("-5.00")


def test_nothing_is_moved_for_nothing() -> None:
    line = a_line("100", "100", because(CO, "45", "0"))
    assert kinds(sent().when(posting(a_claim("100", "100", line))).then())[3:] == [
        "claim.adjudicated",
        "claim.paid",
    ]


# --- what it means -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "outcome", "denied"),
    [
        (a_line("100", "100"), AdjudicationOutcome.PAID, "0"),
        (a_line("100", "0", because(PR, "1", "100")), AdjudicationOutcome.PAID, "0"),
        (a_line("100", "0", because(OA, "23", "100")), AdjudicationOutcome.PAID, "0"),
        (a_line("100", "0", because(CO, "24", "100")), AdjudicationOutcome.PAID, "0"),
        (a_line("100", "0", because(CO, "29", "100")), AdjudicationOutcome.DENIED, "100"),
        (a_line("100", "0", because(PR, "204", "100")), AdjudicationOutcome.DENIED, "100"),
        (
            a_line("100", "0", because(CO, "45", "40"), because(CO, "197", "60")),
            AdjudicationOutcome.DENIED,
            "60",
        ),
        (a_line("100", "70", because(CO, "151", "30")), AdjudicationOutcome.PARTIALLY_PAID, "30"),
    ],
    ids=["all", "deductible", "prior-payer", "capitation", "late", "not-covered", "mixed", "cut"],
)
def test_what_is_denied_is_told_by_payment_group_and_reason_and_not_by_the_status_code(
    line: RemittedLine, outcome: AdjudicationOutcome, denied: str
) -> None:
    for status_code in ("1", "4"):
        remitted = replace(a_claim("100", "0", line), paid=line.paid, status_code=status_code)
        decided = sent().when(posting(remitted))
        decided.records_a(ClaimAdjudicated, outcome=outcome, denied=usd(denied))
        (fact,) = [each for each in decided.decided if isinstance(each, ClaimAdjudicated)]
        assert (fact.lines[0].outcome, fact.lines[0].denied) == (outcome, usd(denied))


def test_lines_are_found_by_their_number_then_by_their_charge() -> None:
    second = replace(charged, entry=2, line=2, amount=usd("30.00"), balance_after=usd("130.00"))
    third = replace(charged, entry=3, line=3, amount=usd("100.00"), balance_after=usd("230.00"))
    at = given(Claim, drafted, charged, second, third).knowing(*remittances_are_known())
    numbered = replace(a_line("100", "100"), line=3)
    other = replace(a_line("29", "29"), line=9)
    remitted = a_claim("230", "230", numbered, a_line("100", "100"), other, a_line("1", "1"))
    decided = at.when(posting(remitted))
    (fact,) = [each for each in decided.decided if isinstance(each, ClaimAdjudicated)]
    assert [each.line for each in fact.lines] == [3, 1, None, None]


# --- once ----------------------------------------------------------------------------------------


def test_the_same_place_of_the_same_remittance_is_posted_once() -> None:
    sent().when(adjudicating).then().when(adjudicating).records_nothing()
    changed = replace(adjudicating, remitted=REFUSED)
    sent().when(adjudicating).then().when(changed).records_nothing()


def test_a_payer_that_decided_does_not_decide_again() -> None:
    at = sent().when(adjudicating).then()
    at.when(again).refused("remittance.decided_already", found="60.00", expected="60.00")
    assert at.when(replace(again, settled=True)).then().state.balance == usd("-50.00")


def test_a_denial_makes_way_for_the_payers_next_decision() -> None:
    at = sent().when(posting(REFUSED)).then()
    assert at.state.balance == 0
    paid = at.when(again)
    paid.records_a(ClaimAdjudicationReversed, adjudication=1, superseded=True, denied=usd("100.00"))
    assert paid.then().state.balance == usd("25.00")
    beside = at.when(replace(again, settled=True))
    assert not [e for e in beside.decided if isinstance(e, ClaimAdjudicationReversed)]


def test_a_reversal_names_the_decision_it_takes_back_and_restores_exactly() -> None:
    before = sent()
    at = before.when(adjudicating).then()
    back = at.when(replace(again, remitted=opposite(PRICED)))
    back.records_a(ClaimAdjudicationReversed, adjudication=1, paid=usd("60.00"), superseded=False)
    after = back.then()
    assert after.state.balance == before.state.balance
    assert after.state.patient_balance == before.state.patient_balance
    assert all(each.reversed for number, each in after.state.entries.items() if number > 1)
    after.when(replace(again, remitted=opposite(PRICED))).records_nothing()
    third = replace(again, place=2, remitted=opposite(PRICED))
    after.when(third).refused("remittance.reversal_of_nothing")
    corrected = replace(again, place=3, remitted=REFUSED)
    assert after.when(corrected).then().state.balance == 0


def test_of_two_decisions_the_one_with_the_payers_number_is_taken_back() -> None:
    other = replace(PRICED, payer_control_number="ICN-2")
    beside = replace(again, remitted=other, settled=True)
    at = sent().when(adjudicating).then().when(beside).then()
    for number, remitted in ((1, PRICED), (2, other)):
        back = at.when(replace(again, place=7, remitted=opposite(remitted)))
        back.records_a(ClaimAdjudicationReversed, adjudication=number)


def test_a_reversal_leaves_alone_what_was_taken_back_by_hand() -> None:
    at = sent().when(adjudicating).then()
    by_hand = ReverseClaimEntry(claim_id=THE_CLAIM, entry=2, why="Wrong", reversed_on=MARCH_1)
    back = at.when(by_hand).then().when(replace(again, remitted=opposite(PRICED)))
    taken = [each.reversed_entry for each in back.decided if isinstance(each, ClaimEntryReversed)]
    assert taken == [3, 4]
    assert back.then().state.balance == usd("100.00")


# --- another payer -------------------------------------------------------------------------------


def test_the_next_payer_takes_what_the_first_leaves_to_others() -> None:
    at = twice_insured().knowing(*remittances_are_known())
    first = at.when(adjudicating)
    first.records_a(ClaimTransferred, to_party=Party.SECONDARY_PAYER, amount=usd("25.00"))
    line = a_line("100", "20", because(OA, "23", "75"), because(PR, "2", "5"))
    second = first.then().when(replace(again, remitted=a_claim("100", "20", line, status_code="2")))
    second.records_a(ClaimAdjudicated, decided_by=Party.SECONDARY_PAYER, entries=2)
    second.records_a(ClaimPaid, paid_by=Party.SECONDARY_PAYER, amount=usd("20.00"))
    after = second.then().state
    assert (after.balance, after.patient_balance) == (usd("5.00"), usd("5.00"))


def test_what_a_later_payer_tells_of_the_first_counts_where_that_is_not_posted() -> None:
    at = twice_insured().knowing(*remittances_are_known())
    line = a_line("100", "20", because(OA, "23", "80"))
    remitted = a_claim("100", "20", line, status_code="2")
    assert at.when(posting(remitted)).then().state.balance == 0


def test_who_says_to_be_second_of_a_claim_with_one_payer_is_that_payer() -> None:
    decided = sent().when(posting(replace(PRICED, status_code="2")))
    decided.records_a(ClaimAdjudicated, decided_by=Party.PAYER)


# --- what is refused -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("remitted", "code", "found", "expected"),
    [
        (
            a_claim("100", "60", a_line("100", "60", because(CO, "45", "39"))),
            "remittance.line_not_balanced",
            "39.00",
            "40.00",
        ),
        (
            a_claim("100", "60", a_line("100", "70", because(CO, "45", "30"))),
            "remittance.claim_not_balanced",
            "30.00",
            "40.00",
        ),
        (
            a_claim("100", "60", a_line("90", "50", because(CO, "45", "40"))),
            "remittance.lines_not_the_claim",
            "90.00",
            "100.00",
        ),
        (a_claim("90", "90"), "remittance.charge_not_the_claims", "90.00", "100.00"),
        (a_claim("0", "0", status_code="25"), "remittance.predetermination", "25", "a decision"),
        (
            a_claim("-100", "-100", status_code="22"),
            "remittance.reversal_of_nothing",
            "-100.00 charged, -100.00 paid",
            "the opposite of a decision",
        ),
    ],
    ids=["line", "claim", "lines", "charge", "predetermination", "reversal"],
)
def test_what_does_not_fit_is_refused_under_the_rule_it_breaks(
    remitted: RemittedClaim, code: str, found: str, expected: str
) -> None:
    sent().when(posting(remitted)).refused(code, found=found, expected=expected)


def test_a_person_may_settle_that_another_charge_is_meant() -> None:
    remitted = a_claim("90", "90")
    settled = replace(posting(remitted), settled=True)
    assert sent().when(settled).then().state.balance == usd("10.00")


def test_a_decision_is_on_a_claim_that_is_there() -> None:
    given(Claim).knowing(*remittances_are_known()).when(adjudicating).refused("claim.unknown")


def test_amounts_are_those_of_the_currency() -> None:
    sent().when(posting(a_claim("100", "99.999"))).refused("remittance.amount", field="paid")
    sent().when(posting(a_claim("NaN", "1"))).refused("remittance.amount", field="charge")


def test_reasons_days_and_remittances_are_checked() -> None:
    odd = a_claim("100", "60", because(CO, "?", "40"))
    sent().when(posting(odd)).refused("claim.reason_code")
    sent().when(replace(adjudicating, adjudicated_on=TOMORROW_EVERYWHERE)).refused("claim.date")
    given(Claim, drafted, charged).when(adjudicating).refused("remittance.unknown")
    held = sent().knowing(the_remittance_is_held())
    held.when(adjudicating).refused("remittance.not_open")


def test_a_closed_claim_is_reopened_for_what_a_payer_says() -> None:
    at = sent().when(adjudicating).then()
    patient = PayClaim(
        claim_id=THE_CLAIM,
        amount=usd("25"),
        paid_by=Party.PATIENT,
        method=paying.method,
        received_on=MARCH_1,
    )
    closed = at.when(patient).then().when(CloseClaim(claim_id=THE_CLAIM, closed_on=MARCH_1)).then()
    back = closed.when(replace(again, remitted=opposite(PRICED)))
    back.records_a(ClaimReopened, reopened_on=MARCH_1)
    assert back.then().state.balance == usd("75.00")


# --- claims that were never sent from here --------------------------------------------------------

opening = OpenRemittedClaim(
    claim_id=THE_CLAIM,
    facility_id=RIVERSIDE,
    payer_id=AETHER_HEALTH,
    patient_id=A_PATIENT,
    remittance_id=THE_REMITTANCE,
    place=1,
    remitted=PRICED,
    adjudicated_on=FEBRUARY_1,
)


def nothing_known() -> Given:
    return given(Claim).knowing(
        riverside_is_open(), an_open("payer", AETHER_HEALTH), *remittances_are_known()
    )


def test_a_claim_can_be_opened_as_a_payer_tells_of_it() -> None:
    opened = nothing_known().when(opening)
    opened.records_a(ClaimDrafted, control_number="RIV-0001", service_on=FEBRUARY_1)
    opened.records_a(ClaimCharged, amount=usd("100.00"), line=1)
    opened.records_a(ClaimKnownFromRemittance, known_on=FEBRUARY_1)
    opened.records_a(ClaimAdjudicated, paid=usd("60.00"))
    assert (
        Reserve("claim_control_number", f"{RIVERSIDE}/RIV-0001", "claim.control_number_in_use")
        in opened.decided
    )
    after = opened.then()
    assert after.state.status is ClaimStatus.ADJUDICATED
    assert after.state.balance == usd("25.00")
    after.when(opening).refused("claim.already_drafted")
    after.when(adjudicating).records_nothing()


def test_a_claim_without_lines_is_opened_with_one_for_the_whole() -> None:
    remitted = replace(
        a_claim("100", "80", because(CO, "45", "20")), service_on=NEW_YEAR, member_number="M1"
    )
    opened = nothing_known().when(replace(opening, remitted=remitted))
    opened.records_a(ClaimCharged, procedure=WHOLE_CLAIM, service_on=NEW_YEAR)
    assert opened.then().state.balance == Decimal(0)


def test_a_claim_is_opened_where_and_when_it_can_be() -> None:
    nothing_known().when(replace(opening, remitted=opposite(PRICED))).refused(
        "remittance.reversal_of_nothing"
    )
    nothing_known().knowing(riverside_is_closed()).when(opening).refused("facility.not_open")
    future = replace(PRICED, service_on=TOMORROW_EVERYWHERE)
    nothing_known().when(replace(opening, remitted=future)).refused("claim.date")
    broken = a_claim("100", "60")
    nothing_known().when(replace(opening, remitted=broken)).refused("remittance.claim_not_balanced")
