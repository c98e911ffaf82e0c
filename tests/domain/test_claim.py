"""The life of a claim: it is drafted, charged, submitted and closed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from domain.kernel import Command
from domain.revenue.claim import Claim
from domain.revenue.events.claim import (
    SELF_PAY,
    ClaimCharged,
    ClaimDrafted,
    ClaimEntryReversed,
    ClaimSubmitted,
    ClaimType,
)
from tests.domain.claims import (
    OFFICE_VISIT,
    PATIENT,
    PAYER,
    PHARYNGITIS,
    SECONDARY_PAYER,
    a_new_claim,
    adjusting,
    beacon_insures,
    charged,
    charging,
    claim,
    closed,
    closing,
    drafted,
    drafting,
    paid,
    paid_in_full,
    paying,
    reopened,
    reopening,
    reversing,
    submitted,
    submitting,
    transferring,
    twice_insured,
    usd,
)
from tests.domain.places import (
    AETHER_HEALTH,
    BEACON_MUTUAL,
    CARDIOLOGY,
    DAY_BEFORE_NEW_YEAR,
    DR_ADEYEMI,
    HILLTOP,
    LONG_AGO,
    RIVERSIDE,
    THE_CLAIM,
    TOMORROW_EVERYWHERE,
    riverside_is_closed,
    riverside_is_open,
)
from tests.grammar import a_closed, an_open, given

# --- drafting ----------------------------------------------------------------------------------


def test_a_claim_is_drafted_in_its_facilitys_currency() -> None:
    a_new_claim().when(drafting).records(drafted)
    a_new_claim().knowing(riverside_is_open(currency="JPY")).when(drafting).records_a(
        ClaimDrafted, currency="JPY"
    )


def test_without_a_payer_the_patient_alone_is_asked() -> None:
    for nobody in (None, SELF_PAY):
        a_new_claim().when(replace(drafting, payer_id=nobody)).records_a(
            ClaimDrafted, payer_id=SELF_PAY
        )


def test_a_claim_tells_where_by_whom_and_under_which_number() -> None:
    told: dict[str, Any] = {
        "department_id": CARDIOLOGY,
        "rendering_staff_id": DR_ADEYEMI,
        "secondary_payer_id": BEACON_MUTUAL,
        "claim_type": ClaimType.INSTITUTIONAL,
    }
    a_new_claim().knowing(
        an_open("department", CARDIOLOGY, facility_id=RIVERSIDE),
        a_closed("staff_member", DR_ADEYEMI, facility_id=HILLTOP),
        beacon_insures,
    ).when(replace(drafting, control_number=" RH-1 ", **told)).records_a(
        ClaimDrafted, control_number="RH-1", **told
    )


def test_a_claim_is_drafted_once() -> None:
    claim().when(drafting).refused("claim.already_drafted", claim_id=THE_CLAIM)


def test_a_claim_is_drafted_only_where_work_is_done() -> None:
    given(Claim).when(drafting).refused("facility.unknown")
    given(Claim).knowing(riverside_is_closed()).when(drafting).refused("facility.not_open")


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("payer_id", BEACON_MUTUAL, "payer.unknown"),
        ("secondary_payer_id", BEACON_MUTUAL, "payer.unknown"),
        ("department_id", CARDIOLOGY, "department.unknown"),
        ("rendering_staff_id", DR_ADEYEMI, "staff_member.unknown"),
    ],
)
def test_a_claim_names_only_what_is_known(field: str, value: object, code: str) -> None:
    naming = replace(drafting, **{field: value})  # type: ignore[arg-type]
    a_new_claim().when(naming).refused(code, field=field, value=value)


def test_a_claim_goes_to_no_payer_that_is_retired() -> None:
    a_new_claim().knowing(a_closed("payer", AETHER_HEALTH)).when(drafting).refused(
        "payer.not_open", field="payer_id"
    )


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"service_on": TOMORROW_EVERYWHERE}, "claim.date"),
        ({"service_on": LONG_AGO}, "claim.date"),
        ({"diagnoses": (PHARYNGITIS,) * 26}, "claim.diagnoses"),
        ({"diagnoses": (replace(PHARYNGITIS, system=""),)}, "claim.text"),
        ({"diagnoses": (replace(PHARYNGITIS, value="x" * 41),)}, "claim.text"),
        ({"control_number": "x" * 39}, "claim.text"),
    ],
)
def test_an_impossible_claim_is_refused(changed: dict[str, Any], code: str) -> None:
    a_new_claim().when(replace(drafting, **changed)).refused(code)


# --- charging ----------------------------------------------------------------------------------


def test_a_line_costs_its_units_times_the_price_of_one() -> None:
    claim().when(charging).records(charged)


def test_lines_and_entries_are_numbered() -> None:
    claim(charged, replace(paid, entry=2)).when(charging).records_a(
        ClaimCharged, entry=3, line=2, balance_after=usd("140.00")
    )


def test_without_a_payer_it_is_the_patient_who_is_asked() -> None:
    uninsured = replace(drafted, payer_id=SELF_PAY)
    alone = given(Claim, uninsured).knowing(riverside_is_open())
    charged_alone = alone.when(replace(charging, owed_by=None))
    charged_alone.records_a(ClaimCharged, owed_by=PATIENT, patient_balance_after=usd("100.00"))
    charged_alone.then().when(replace(submitting, submitted_to=None)).records_a(
        ClaimSubmitted, submitted_to=PATIENT
    )


def test_with_a_payer_it_is_the_payer_who_is_asked() -> None:
    charged_plainly = claim().when(replace(charging, owed_by=None))
    charged_plainly.records_a(ClaimCharged, owed_by=PAYER)
    charged_plainly.then().when(replace(submitting, submitted_to=None)).records_a(
        ClaimSubmitted, submitted_to=PAYER
    )


def test_a_line_may_be_the_patients_to_pay_or_cost_nothing() -> None:
    claim().when(replace(charging, owed_by=PATIENT)).records_a(
        ClaimCharged, owed_by=PATIENT, patient_balance_after=usd("100.00")
    )
    claim().when(replace(charging, unit_amount=usd("0"))).records_a(
        ClaimCharged, amount=usd("0.00"), balance_after=usd("0.00")
    )


def test_a_line_tells_what_was_done_why_where_and_by_whom() -> None:
    told: dict[str, Any] = {
        "modifiers": ("25", "LT"),
        "diagnosis_pointers": (1,),
        "department_id": CARDIOLOGY,
        "rendering_staff_id": DR_ADEYEMI,
    }
    claim().knowing(
        an_open("department", CARDIOLOGY, facility_id=RIVERSIDE),
        an_open("staff_member", DR_ADEYEMI),
    ).when(replace(charging, description=" Visit ", **told)).records_a(
        ClaimCharged, description="Visit", **told
    )


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"units": 0}, "claim.quantity"),
        ({"unit_amount": usd("-1")}, "claim.amount"),
        ({"unit_amount": usd("0.001")}, "claim.amount"),
        ({"unit_amount": usd("999999999999.99")}, "claim.amount"),
        ({"service_on": TOMORROW_EVERYWHERE}, "claim.date"),
        ({"modifiers": ("25", "LT", "59", "76", "RT")}, "claim.modifiers"),
        ({"modifiers": ("lt",)}, "claim.modifiers"),
        ({"diagnosis_pointers": (2,)}, "claim.diagnosis_pointer"),
        ({"diagnosis_pointers": (0,)}, "claim.diagnosis_pointer"),
        ({"procedure": replace(OFFICE_VISIT, value="")}, "claim.text"),
        ({"description": "x" * 501}, "claim.text"),
        ({"owed_by": SECONDARY_PAYER}, "claim.no_secondary_payer"),
        ({"department_id": CARDIOLOGY}, "department.unknown"),
        ({"rendering_staff_id": DR_ADEYEMI}, "staff_member.unknown"),
    ],
)
def test_an_impossible_line_is_refused(changed: dict[str, Any], code: str) -> None:
    claim().when(replace(charging, **changed)).refused(code)


def test_a_closed_facility_charges_nothing() -> None:
    given(Claim, drafted).knowing(riverside_is_closed()).when(charging).refused("facility.not_open")


# --- submitting --------------------------------------------------------------------------------


def test_a_claim_is_submitted_to_who_is_asked_to_pay() -> None:
    numbered = given(Claim, replace(drafted, control_number="RH-1"), charged)
    numbered.when(submitting).records(submitted)
    claim(charged, submitted).when(replace(submitting, submitted_to=PATIENT)).records(
        replace(submitted, submitted_to=PATIENT, sent_to=None)
    )
    twice_insured().when(replace(submitting, submitted_to=SECONDARY_PAYER)).records_a(
        ClaimSubmitted, submitted_to=SECONDARY_PAYER, sent_to=BEACON_MUTUAL
    )


def test_a_claim_without_a_line_is_not_submitted() -> None:
    claim().when(submitting).refused("claim.without_lines")


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"submitted_on": DAY_BEFORE_NEW_YEAR}, "claim.date_order"),
        ({"submitted_on": TOMORROW_EVERYWHERE}, "claim.date"),
        ({"submitted_to": SECONDARY_PAYER}, "claim.no_secondary_payer"),
    ],
)
def test_an_impossible_submission_is_refused(changed: dict[str, Any], code: str) -> None:
    claim(charged).when(replace(submitting, **changed)).refused(code)


# --- closing and reopening ---------------------------------------------------------------------


def test_a_claim_on_which_nothing_is_owed_closes() -> None:
    claim(charged, paid_in_full).when(closing).records(closed)
    claim(charged, paid_in_full, closed).when(closing).records_nothing()
    claim().when(closing).records(replace(closed, balance=usd("0")))


def test_a_claim_closes_with_a_credit() -> None:
    overpaid = replace(paid, amount=usd("175.00"), balance_after=usd("-75.00"))
    claim(charged, overpaid).when(closing).records(replace(closed, balance=usd("-75.00")))


def test_a_claim_on_which_something_is_owed_stays_open() -> None:
    claim(charged, paid).when(closing).refused(
        "claim.balance_owed", balance=usd("40.00"), currency="USD"
    )


@pytest.mark.parametrize(
    ("day", "code"),
    [(DAY_BEFORE_NEW_YEAR, "claim.date_order"), (TOMORROW_EVERYWHERE, "claim.date")],
)
def test_a_claim_closes_after_its_service_and_not_tomorrow(day: date, code: str) -> None:
    claim(charged, paid_in_full).when(replace(closing, closed_on=day)).refused(code)


@pytest.mark.parametrize(
    "command", [charging, submitting, paying, adjusting, transferring, reversing]
)
def test_a_closed_claim_is_left_alone(command: Command) -> None:
    claim(charged, paid_in_full, closed).when(command).refused("claim.closed")


def test_a_closed_claim_is_worked_on_again_once_it_is_reopened() -> None:
    claim(charged, paid_in_full, closed).when(reopening).records(reopened)
    claim(charged, paid_in_full, closed, reopened).when(reversing).records_a(ClaimEntryReversed)


def test_a_claim_that_is_open_is_not_reopened() -> None:
    claim(charged).when(reopening).records_nothing()


def test_a_claim_is_reopened_for_a_reason_and_not_tomorrow() -> None:
    shut = claim(charged, paid_in_full, closed)
    shut.when(replace(reopening, why="")).refused("claim.text", field="why")
    shut.when(replace(reopening, reopened_on=TOMORROW_EVERYWHERE)).refused("claim.date")


# --- what was ----------------------------------------------------------------------------------


def test_what_todays_rules_would_refuse_still_replays() -> None:
    history = (
        replace(charged, amount=usd("-3.14159"), currency="DEM", line=7),
        closed,
        replace(paid, line=99, paid_by=SECONDARY_PAYER, balance_after=usd("1E+30")),
        submitted,
    )
    state: Claim = claim(*history).state
    assert (state.balance, len(state.lines), state.status) == (usd("1E+30"), 1, "submitted")
    assert state == claim(*history).state
