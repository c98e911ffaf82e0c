"""A claim on its way to the payer: what it says, under which number, and what is answered."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from domain.kernel import UPCASTERS, Command
from domain.revenue.acknowledgment import (
    AcceptClaim,
    PendClaim,
    RejectClaim,
    ReportClaimStatus,
)
from domain.revenue.claim import Claim
from domain.revenue.claim_rules import control_number_reserved
from domain.revenue.claim_status import ClaimStatus
from domain.revenue.drafting import AmendClaim
from domain.revenue.events.claim import (
    ClaimAmended,
    ClaimCharged,
    ClaimDrafted,
    ClaimFrequency,
    ClaimSubmitted,
    Code,
    Party,
)
from domain.revenue.events.form import ClaimForm, Coverage, Dependent, Relationship
from domain.revenue.events.submission import (
    ClaimAccepted,
    ClaimPended,
    ClaimRejected,
    ClaimStatusCode,
    ClaimStatusReported,
)
from domain.revenue.submission import control_number_for
from tests.domain.claims import (
    PHARYNGITIS,
    a_new_claim,
    charged,
    charging,
    claim,
    closed,
    drafted,
    drafting,
    paid_in_full,
    reversing,
    submitted,
    submitting,
    twice_insured,
)
from tests.domain.places import (
    A_PATIENT,
    AETHER_HEALTH,
    BEACON_MUTUAL,
    FEBRUARY_1,
    LONG_AGO,
    MARCH_1,
    NEW_YEAR,
    RIVERSIDE,
    THE_CLAIM,
    TOMORROW_EVERYWHERE,
)
from tests.domain.remittances import adjudicating, remittances_are_known
from tests.grammar import given

WHOSE: dict[str, Any] = {
    "claim_id": THE_CLAIM,
    "facility_id": RIVERSIDE,
    "payer_id": AETHER_HEALTH,
}
A_FORM = ClaimForm(place_of_service="11", rendering_npi="1234567893")
A_POLICY = Coverage(member_id="W 123", last_name="Doe", relationship=Relationship.CHILD)
A_CHILDS = replace(A_POLICY, dependent=Dependent(last_name="Doe", first_name="Jo"))
TAKEN_IN = ClaimStatusCode(category="A2", status="20")
amending = AmendClaim(claim_id=THE_CLAIM, amended_on=FEBRUARY_1, form=A_FORM)
amended = ClaimAmended(
    **WHOSE,
    patient_id=A_PATIENT,
    diagnoses=(PHARYNGITIS,),
    form=A_FORM,
    coverage=None,
    secondary_coverage=None,
    amended_on=FEBRUARY_1,
)
accepting = AcceptClaim(
    claim_id=THE_CLAIM, accepted_on=MARCH_1, payer_control_number="P-7", said=TAKEN_IN
)
accepted = ClaimAccepted(**WHOSE, payer_control_number="P-7", said=TAKEN_IN, accepted_on=MARCH_1)
rejecting = RejectClaim(
    claim_id=THE_CLAIM,
    rejected_on=MARCH_1,
    said=(ClaimStatusCode(category="A3", status="21", entity="85"),),
    message="NPI not on file",
)
rejected = ClaimRejected(
    **WHOSE, said=rejecting.said, message="NPI not on file", rejected_on=MARCH_1
)
pending = PendClaim(claim_id=THE_CLAIM, pended_on=MARCH_1, wanted="the operative report")
reporting = ReportClaimStatus(
    claim_id=THE_CLAIM,
    reported_on=MARCH_1,
    said=(ClaimStatusCode(category="F1", status="65"),),
    payer_control_number="P-7",
)
reported = ClaimStatusReported(
    **WHOSE, payer_control_number="P-7", said=reporting.said, reported_on=MARCH_1
)
pended = ClaimPended(**WHOSE, said=None, wanted="the operative report", pended_on=MARCH_1)


# --- what it says --------------------------------------------------------------------------------


def test_a_claim_says_where_and_under_whose_policy() -> None:
    a_new_claim().when(
        replace(drafting, form=replace(A_FORM, place_of_service=" 11 "), coverage=A_POLICY)
    ).records_a(ClaimDrafted, form=A_FORM, coverage=A_POLICY)


def test_a_claim_says_who_the_patient_is_where_that_is_not_the_subscriber() -> None:
    untidy = replace(A_CHILDS, dependent=Dependent(last_name=" Doe", first_name="Jo "))
    a_new_claim().when(replace(drafting, coverage=untidy)).records_a(
        ClaimDrafted, coverage=A_CHILDS
    )


def test_what_a_claim_says_is_corrected() -> None:
    claim(charged).when(amending).records(amended)
    claim(charged, amended).when(amending).records_nothing()
    other = Code(system="ICD-10-CM", value="J45.909")
    claim(charged, amended).when(
        AmendClaim(claim_id=THE_CLAIM, amended_on=MARCH_1, diagnoses=(other,), coverage=A_POLICY)
    ).records_a(ClaimAmended, diagnoses=(other,), form=A_FORM, coverage=A_POLICY)


def test_a_diagnosis_that_a_line_points_at_stays() -> None:
    pointing = replace(charged, diagnosis_pointers=(1,))
    claim(pointing).when(replace(amending, diagnoses=())).refused(
        "claim.diagnosis_pointer", field="diagnoses", value=0
    )


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"amended_on": TOMORROW_EVERYWHERE}, "claim.date"),
        ({"form": ClaimForm(service_through=LONG_AGO)}, "claim.date"),
        ({"form": ClaimForm(type_of_bill="0" * 11)}, "claim.text"),
        ({"coverage": Coverage(member_id=" ")}, "claim.text"),
        ({"coverage": Coverage(member_id="1", birth_on=LONG_AGO)}, "claim.date"),
        ({"coverage": replace(A_POLICY, dependent=Dependent(last_name=" "))}, "claim.text"),
        ({"coverage": replace(A_CHILDS, relationship=Relationship.SELF)}, "claim.dependent"),
    ],
)
def test_an_impossible_amendment_is_refused(changed: dict[str, Any], code: str) -> None:
    claim(charged).when(replace(amending, **changed)).refused(code)


def test_a_line_says_its_revenue_code_and_who_rendered_it() -> None:
    claim().when(
        replace(charging, revenue_code="0450", place_of_service="23", rendering_npi="1234567893")
    ).records_a(
        ClaimCharged, revenue_code="0450", place_of_service="23", rendering_npi="1234567893"
    )


# --- under which number --------------------------------------------------------------------------


def test_a_control_number_is_given_to_one_claim_only() -> None:
    a_new_claim().when(replace(drafting, control_number=" RH-1 ")).records(
        control_number_reserved(RIVERSIDE, "RH-1"),
        replace(drafted, control_number="RH-1"),
    )


def test_a_claim_without_a_number_gets_one_when_it_goes_to_a_payer() -> None:
    number = control_number_for(THE_CLAIM)
    claim(charged).when(submitting).records(
        control_number_reserved(RIVERSIDE, number),
        replace(submitted, control_number=number),
    )
    claim(charged).when(replace(submitting, submitted_to=Party.PATIENT)).records(
        replace(submitted, submitted_to=Party.PATIENT, sent_to=None, control_number=None)
    )
    assert len(number) == 16


# --- what is answered ----------------------------------------------------------------------------


def test_the_payer_takes_a_claim_in_and_calls_it_its_own_way() -> None:
    claim(charged, submitted).when(accepting).records(accepted)
    taken_in = claim(charged, submitted, accepted)
    taken_in.when(accepting).records_nothing()
    taken_in.when(replace(accepting, payer_control_number=None)).records_nothing()
    taken_in.when(replace(accepting, payer_control_number="P-8")).records_a(ClaimAccepted)
    assert taken_in.state.payer_control_number == "P-7"


def test_a_claim_that_is_turned_back_is_corrected_and_sent_again() -> None:
    claim(charged, submitted).when(rejecting).records(rejected)
    turned_back = claim(charged, submitted, rejected)
    turned_back.when(rejecting).records_nothing()
    turned_back.when(amending).records(amended)
    turned_back.when(submitting).records(submitted)


def test_a_payer_may_ask_again_and_again() -> None:
    claim(charged, submitted).when(pending).records(pended)
    claim(charged, submitted, pended).when(pending).records(pended)
    assert claim(charged, submitted, pended).state.status is ClaimStatus.PENDED


@pytest.mark.parametrize("command", [accepting, rejecting, pending])
def test_only_what_was_sent_is_answered(command: Command) -> None:
    claim(charged).when(command).refused("claim.not_submitted", status="drafted")
    claim(charged, paid_in_full, closed).when(command).refused("claim.closed")


@pytest.mark.parametrize(
    "command",
    [
        replace(accepting, accepted_on=NEW_YEAR),
        replace(rejecting, rejected_on=NEW_YEAR),
        replace(pending, pended_on=NEW_YEAR),
    ],
)
def test_an_answer_comes_after_what_was_sent(command: Command) -> None:
    claim(charged, submitted).when(command).refused("claim.date_order")


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (ClaimStatusCode(category="2A"), "claim.category"),
        (ClaimStatusCode(category="A2", status="x"), "claim.status"),
        (ClaimStatusCode(category="A2", entity="-"), "claim.entity"),
    ],
)
def test_an_answer_is_in_the_codes_of_x12(said: ClaimStatusCode, code: str) -> None:
    claim(charged, submitted).when(replace(accepting, said=said)).refused(code)
    claim(charged, submitted).when(replace(rejecting, said=(said,) * 2)).refused(code)


# --- sent again ----------------------------------------------------------------------------------


@pytest.mark.parametrize("answer", [accepted, pended])
def test_what_the_payer_has_taken_in_is_replaced_or_voided(answer: Any) -> None:
    there = claim(charged, submitted, accepted, answer)
    there.when(submitting).refused("claim.frequency", value=ClaimFrequency.ORIGINAL)
    for frequency in (ClaimFrequency.REPLACEMENT, ClaimFrequency.VOID):
        there.when(replace(submitting, frequency=frequency)).records(
            replace(submitted, frequency=frequency, payer_control_number="P-7")
        )


def test_only_what_was_sent_is_replaced_and_by_the_payers_number() -> None:
    replacing = replace(submitting, frequency=ClaimFrequency.REPLACEMENT)
    claim(charged).when(replacing).refused("claim.frequency")
    claim(charged, submitted).when(replacing).refused("claim.payer_control_number")
    claim(charged, submitted).when(replace(replacing, payer_control_number="P-9")).records_a(
        ClaimSubmitted, payer_control_number="P-9"
    )


def test_the_secondary_payer_is_asked_anew_and_calls_the_claim_by_a_number_of_its_own() -> None:
    to_second = replace(submitting, submitted_to=Party.SECONDARY_PAYER)
    asked = replace(submitted, submitted_to=Party.SECONDARY_PAYER, sent_to=BEACON_MUTUAL)
    sent = twice_insured(submitted).knowing(*remittances_are_known())
    decided = sent.when(accepting).then().when(adjudicating).then()
    assert decided.state.payer_control_number == "ICN-1"
    decided.when(submitting).refused("claim.frequency", value=ClaimFrequency.ORIGINAL)
    again = replace(to_second, frequency=ClaimFrequency.REPLACEMENT)
    decided.when(again).refused("claim.frequency", value=ClaimFrequency.REPLACEMENT)
    sending = decided.when(to_second)
    sending.records(asked)
    there = sending.then()
    assert there.state.payer_control_number is None
    known = there.when(replace(accepting, payer_control_number="B-1")).then()
    known.when(to_second).refused("claim.frequency", value=ClaimFrequency.ORIGINAL)
    known.when(again).records(
        replace(asked, frequency=ClaimFrequency.REPLACEMENT, payer_control_number="B-1")
    )
    # What the first payer has decided stays with it, under its own number.
    known.when(submitting).refused("claim.frequency", value=ClaimFrequency.ORIGINAL)
    known.when(replace(submitting, frequency=ClaimFrequency.REPLACEMENT)).records_a(
        ClaimSubmitted, payer_control_number="ICN-1"
    )


def test_policies_with_both_payers_are_kept_apart() -> None:
    second = replace(A_POLICY, member_id="B 9", insurance_type="43")
    told = claim().when(replace(amending, secondary_coverage=second)).then()
    assert (told.state.coverage, told.state.secondary_coverage) == (None, second)
    told.when(replace(amending, form=None, secondary_coverage=second)).records_nothing()


def test_a_claim_whose_lines_were_all_taken_back_is_not_sent() -> None:
    emptied = claim(charged).when(replace(reversing, entry=1)).then()
    emptied.when(submitting).refused("claim.without_lines")
    assert [each.taken_back for each in emptied.state.lines] == [True]


def test_taking_one_line_back_leaves_the_others() -> None:
    second = replace(charged, entry=2, line=2, balance_after=charged.amount * 2)
    rest = claim(charged, second).when(replace(reversing, entry=1)).then()
    assert [each.taken_back for each in rest.state.lines] == [True, False]
    rest.when(submitting).records_a(ClaimSubmitted)


def test_a_days_state_tells_what_is_billed() -> None:
    state = given(Claim, drafted, amended, charged, submitted, accepted).state
    assert (state.form, state.control_number, state.submitted_on) == (A_FORM, "RH-1", FEBRUARY_1)
    assert date(2026, 1, 1) == state.lines[0].service_on


def test_claims_of_before_there_were_forms_read_as_if_nothing_was_stated() -> None:
    assert UPCASTERS["claim.drafted", 1]({}) == {"form": {}, "coverage": None}
    assert UPCASTERS["claim.amended", 2]({}) == {"secondary_coverage": None}
    assert UPCASTERS["claim.drafted", 3]({}) == {"secondary_coverage": None, "account_id": None}
    assert UPCASTERS["claim.charged", 1]({"line": 1}) == {
        "line": 1,
        "revenue_code": None,
        "place_of_service": None,
        "rendering_npi": None,
    }
    assert UPCASTERS["claim.submitted", 1]({}) == {
        "frequency": "1",
        "control_number": None,
        "payer_control_number": None,
    }
    older = UPCASTERS["claim.submitted", 2]
    to_payer = {"payer_id": "A", "submitted_to": "payer"}
    assert older(to_payer) == {**to_payer, "sent_to": "A"}
    to_another = {"payer_id": "A", "submitted_to": "secondary_payer"}
    assert older(to_another) == {**to_another, "sent_to": None}


def test_what_a_payer_answers_is_kept_and_moves_the_claim_nowhere() -> None:
    there = claim(charged, submitted)
    there.when(reporting).records(reported)
    state = there.when(reporting).then().state
    assert (state.status, state.payer_control_number) == (ClaimStatus.SUBMITTED, "P-7")
    nameless = replace(reported, payer_control_number=None)
    assert claim(charged, submitted, accepted, nameless).state.payer_control_number == "P-7"
    claim(charged, submitted, paid_in_full, closed).when(reporting).records(reported)


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (replace(reporting, reported_on=TOMORROW_EVERYWHERE), "claim.date"),
        (replace(reporting, said=()), "claim.said"),
        (replace(reporting, said=reporting.said * 51), "claim.said"),
        (replace(reporting, said=(ClaimStatusCode(category="?"),)), "claim.category"),
        (replace(reporting, payer_control_number=" "), "claim.text"),
    ],
)
def test_what_is_no_answer_is_refused(command: ReportClaimStatus, code: str) -> None:
    claim(charged, submitted).when(command).refused(code)


def test_of_what_was_never_sent_nothing_is_said() -> None:
    claim(charged).when(reporting).refused("claim.not_submitted")
    given(Claim).when(reporting).refused("claim.not_submitted")


def test_older_claims_tell_of_the_subscriber_only() -> None:
    for name, version in (("claim.drafted", 2), ("claim.amended", 1)):
        assert UPCASTERS[name, version]({"coverage": None}) == {"coverage": None}
