"""The life of a claim: what it costs, who pays how much of it, what is taken back."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from domain.kernel import Command, Fact
from domain.revenue.claim import Claim
from domain.revenue.drafting import ChargeClaim, DraftClaim
from domain.revenue.events.claim import (
    SELF_PAY,
    AdjustmentGroup,
    ClaimAdjusted,
    ClaimCharged,
    ClaimClosed,
    ClaimDrafted,
    ClaimEntryReversed,
    ClaimFact,
    ClaimFrequency,
    ClaimPaid,
    ClaimReopened,
    ClaimSubmitted,
    ClaimTransferred,
    ClaimType,
    Code,
    EntryKind,
    Party,
    PaymentMethod,
)
from domain.revenue.events.form import NOTHING_STATED
from domain.revenue.events.patient_account import account_of
from domain.revenue.posting import AdjustClaim, PayClaim, ReverseClaimEntry, TransferClaim
from domain.revenue.submission import CloseClaim, ReopenClaim, SubmitClaim
from tests.domain.places import (
    A_PATIENT,
    AETHER_HEALTH,
    BEACON_MUTUAL,
    CARDIOLOGY,
    DAY_BEFORE_NEW_YEAR,
    DR_ADEYEMI,
    FEBRUARY_1,
    HILLTOP,
    LONG_AGO,
    MARCH_1,
    NEW_YEAR,
    RIVERSIDE,
    THE_CLAIM,
    TOMORROW_EVERYWHERE,
    riverside_is_closed,
    riverside_is_open,
)
from tests.grammar import Given, a_closed, an_open, given

PAYER, SECONDARY_PAYER, PATIENT = Party
PHARYNGITIS = Code(system="SNOMED-CT", value="195662009")
OFFICE_VISIT = Code(system="CPT", value="99213")


def usd(amount: str) -> Decimal:
    return Decimal(amount)


drafting = DraftClaim(
    claim_id=THE_CLAIM,
    facility_id=RIVERSIDE,
    patient_id=A_PATIENT,
    service_on=NEW_YEAR,
    payer_id=AETHER_HEALTH,
    diagnoses=(PHARYNGITIS,),
)
drafted = ClaimDrafted(
    claim_id=THE_CLAIM,
    facility_id=RIVERSIDE,
    patient_id=A_PATIENT,
    account_id=account_of(RIVERSIDE, A_PATIENT),
    payer_id=AETHER_HEALTH,
    secondary_payer_id=None,
    department_id=None,
    rendering_staff_id=None,
    claim_type=ClaimType.PROFESSIONAL,
    control_number=None,
    diagnoses=(PHARYNGITIS,),
    service_on=NEW_YEAR,
    currency="USD",
    form=NOTHING_STATED,
    coverage=None,
    secondary_coverage=None,
)
charging = ChargeClaim(
    claim_id=THE_CLAIM,
    procedure=OFFICE_VISIT,
    unit_amount=usd("50"),
    units=2,
    service_on=NEW_YEAR,
)
charged = ClaimCharged(
    claim_id=THE_CLAIM,
    facility_id=RIVERSIDE,
    payer_id=AETHER_HEALTH,
    currency="USD",
    entry=1,
    line=1,
    procedure=OFFICE_VISIT,
    description=None,
    modifiers=(),
    diagnosis_pointers=(),
    units=2,
    unit_amount=usd("50.00"),
    amount=usd("100.00"),
    owed_by=PAYER,
    department_id=None,
    rendering_staff_id=None,
    service_on=NEW_YEAR,
    revenue_code=None,
    place_of_service=None,
    rendering_npi=None,
    balance_after=usd("100.00"),
    patient_balance_after=usd("0"),
)
paying = PayClaim(
    claim_id=THE_CLAIM,
    amount=usd("60"),
    paid_by=PAYER,
    method=PaymentMethod.ELECTRONIC,
    received_on=FEBRUARY_1,
)
paid = ClaimPaid(
    claim_id=THE_CLAIM,
    facility_id=RIVERSIDE,
    payer_id=AETHER_HEALTH,
    currency="USD",
    entry=2,
    line=None,
    amount=usd("60.00"),
    paid_by=PAYER,
    method=PaymentMethod.ELECTRONIC,
    reference=None,
    received_on=FEBRUARY_1,
    balance_after=usd("40.00"),
    patient_balance_after=usd("0"),
)
adjusting = AdjustClaim(
    claim_id=THE_CLAIM,
    amount=usd("15"),
    group=AdjustmentGroup.CONTRACTUAL_OBLIGATION,
    reason_code="45",
    adjusted_on=FEBRUARY_1,
)
adjusted = ClaimAdjusted(
    claim_id=THE_CLAIM,
    facility_id=RIVERSIDE,
    payer_id=AETHER_HEALTH,
    currency="USD",
    entry=2,
    line=None,
    amount=usd("15.00"),
    group=AdjustmentGroup.CONTRACTUAL_OBLIGATION,
    reason_code="45",
    borne_by=PAYER,
    adjusted_on=FEBRUARY_1,
    balance_after=usd("85.00"),
    patient_balance_after=usd("0"),
)
transferring = TransferClaim(
    claim_id=THE_CLAIM,
    amount=usd("25"),
    from_party=PAYER,
    to_party=PATIENT,
    transferred_on=FEBRUARY_1,
)
transferred = ClaimTransferred(
    claim_id=THE_CLAIM,
    facility_id=RIVERSIDE,
    payer_id=AETHER_HEALTH,
    currency="USD",
    entry=2,
    line=None,
    amount=usd("25.00"),
    from_party=PAYER,
    to_party=PATIENT,
    transferred_on=FEBRUARY_1,
    balance_after=usd("100.00"),
    patient_balance_after=usd("25.00"),
)
submitting = SubmitClaim(claim_id=THE_CLAIM, submitted_on=FEBRUARY_1)
submitted = ClaimSubmitted(
    claim_id=THE_CLAIM,
    facility_id=RIVERSIDE,
    payer_id=AETHER_HEALTH,
    submitted_to=PAYER,
    sent_to=AETHER_HEALTH,
    submitted_on=FEBRUARY_1,
    frequency=ClaimFrequency.ORIGINAL,
    control_number="RH-1",
    payer_control_number=None,
)
reversing = ReverseClaimEntry(
    claim_id=THE_CLAIM, entry=2, why="Posted to the wrong claim", reversed_on=MARCH_1
)
closing = CloseClaim(claim_id=THE_CLAIM, closed_on=MARCH_1)
closed = ClaimClosed(
    claim_id=THE_CLAIM,
    facility_id=RIVERSIDE,
    payer_id=AETHER_HEALTH,
    closed_on=MARCH_1,
    balance=usd("0.00"),
)
reopening = ReopenClaim(claim_id=THE_CLAIM, reopened_on=MARCH_1, why="The payer recouped")
reopened = ClaimReopened(
    claim_id=THE_CLAIM,
    facility_id=RIVERSIDE,
    payer_id=AETHER_HEALTH,
    reopened_on=MARCH_1,
    why="The payer recouped",
)
aether_insures = an_open("payer", AETHER_HEALTH)
beacon_insures = an_open("payer", BEACON_MUTUAL)


def a_new_claim() -> Given:
    return given(Claim).knowing(riverside_is_open(), aether_insures)


def claim(*facts: Fact) -> Given:
    """A drafted claim at an open facility."""
    return given(Claim, drafted, *facts).knowing(riverside_is_open())


def twice_insured(*facts: ClaimFact) -> Given:
    """A claim with a secondary payer, and one line."""
    both = replace(drafted, secondary_payer_id=BEACON_MUTUAL)
    return given(Claim, both, charged, *facts).knowing(riverside_is_open())


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


# --- money comes and goes ----------------------------------------------------------------------


def test_a_payment_lowers_the_balance() -> None:
    claim(charged).when(paying).records(paid)
    claim(charged).when(replace(paying, line=1, reference=" EFT 7 ")).records(
        replace(paid, line=1, reference="EFT 7")
    )


def test_what_the_patient_pays_lowers_what_the_patient_owes() -> None:
    claim(charged, transferred).when(replace(paying, paid_by=PATIENT)).records_a(
        ClaimPaid, balance_after=usd("40.00"), patient_balance_after=usd("-35.00")
    )


def test_more_may_be_paid_than_was_charged() -> None:
    claim(charged).when(replace(paying, amount=usd("175"))).records_a(
        ClaimPaid, balance_after=usd("-75.00")
    )


def test_an_adjustment_lowers_the_balance() -> None:
    claim(charged).when(adjusting).records(adjusted)
    claim(charged, transferred).when(replace(adjusting, borne_by=PATIENT, line=1)).records_a(
        ClaimAdjusted,
        line=1,
        balance_after=usd("85.00"),
        patient_balance_after=usd("10.00"),
    )


def test_an_adjustment_has_a_reason_of_the_code_list() -> None:
    for code in ("1", "253", "A1", "B13"):
        claim(charged).when(replace(adjusting, reason_code=code)).records_a(
            ClaimAdjusted, reason_code=code
        )
    for code in ("", "co45", "1234", "ABC1"):
        claim(charged).when(replace(adjusting, reason_code=code)).refused("claim.reason_code")


def test_a_transfer_changes_only_who_owes() -> None:
    claim(charged).when(transferring).records(transferred)
    claim(charged, transferred).when(
        replace(transferring, from_party=PATIENT, to_party=PAYER, line=1)
    ).records_a(
        ClaimTransferred,
        line=1,
        balance_after=usd("100.00"),
        patient_balance_after=usd("0.00"),
    )
    twice_insured().when(replace(transferring, to_party=SECONDARY_PAYER)).records_a(
        ClaimTransferred, balance_after=usd("100.00"), patient_balance_after=usd("0")
    )


def test_a_transfer_goes_from_one_party_to_another() -> None:
    claim(charged).when(replace(transferring, to_party=PAYER)).refused(
        "claim.same_party", field="to_party"
    )


@pytest.mark.parametrize(
    ("command", "party", "day"),
    [
        (paying, "paid_by", "received_on"),
        (adjusting, "borne_by", "adjusted_on"),
        (transferring, "from_party", "transferred_on"),
    ],
    ids=["payment", "adjustment", "transfer"],
)
def test_impossible_movements_of_money_are_refused(
    command: PayClaim | AdjustClaim | TransferClaim, party: str, day: str
) -> None:
    def changed(**changes: Any) -> Command:
        return replace(command, **changes)

    at = claim(charged)
    at.when(changed(amount=usd("0"))).refused("claim.amount")
    at.when(changed(amount=usd("0.001"))).refused("claim.amount")
    at.when(changed(line=2)).refused("claim.line_unknown", field="line", value=2)
    at.when(changed(line=0)).refused("claim.line_unknown")
    at.when(changed(**{party: SECONDARY_PAYER})).refused("claim.no_secondary_payer", field=party)
    at.when(changed(**{day: TOMORROW_EVERYWHERE})).refused("claim.date", field=day)


def test_what_is_transferred_to_a_party_the_claim_does_not_have_is_refused() -> None:
    claim(charged).when(replace(transferring, to_party=SECONDARY_PAYER)).refused(
        "claim.no_secondary_payer", field="to_party"
    )


def test_a_reference_is_of_some_length() -> None:
    claim(charged).when(replace(paying, reference="x" * 51)).refused(
        "claim.text", field="reference"
    )


def test_yen_have_no_hundredths() -> None:
    in_yen = given(Claim, replace(drafted, currency="JPY"), charged)
    in_yen.when(replace(paying, amount=usd("10.5"))).refused("claim.amount")
    in_yen.when(replace(paying, amount=usd("10"))).records_a(ClaimPaid, currency="JPY")


# --- taking back -------------------------------------------------------------------------------


def taken_back(
    kind: EntryKind,
    amount: str,
    balance_after: str,
    patient_balance_after: str = "0",
    **other: Any,
) -> ClaimEntryReversed:
    reversal = ClaimEntryReversed(
        claim_id=THE_CLAIM,
        facility_id=RIVERSIDE,
        payer_id=AETHER_HEALTH,
        currency="USD",
        entry=3,
        reversed_entry=2,
        kind=kind,
        line=None,
        amount=usd(amount),
        from_party=PAYER,
        to_party=None,
        method=paid.method if kind is EntryKind.PAYMENT else None,
        group=None,
        reason_code=None,
        why="Posted to the wrong claim",
        reversed_on=MARCH_1,
        balance_after=usd(balance_after),
        patient_balance_after=usd(patient_balance_after),
    )
    return replace(reversal, **other)


def test_a_payment_an_adjustment_and_a_transfer_are_taken_back() -> None:
    claim(charged, paid).when(reversing).records(taken_back(EntryKind.PAYMENT, "60.00", "100.00"))
    claim(charged, adjusted).when(reversing).records(
        taken_back(
            EntryKind.ADJUSTMENT,
            "15.00",
            "100.00",
            group=adjusted.group,
            reason_code=adjusted.reason_code,
        )
    )
    claim(charged, transferred).when(reversing).records(
        taken_back(EntryKind.TRANSFER, "25.00", "100.00", "0.00", to_party=PATIENT)
    )


def test_a_charge_is_taken_back() -> None:
    owed_by_patient = replace(charged, owed_by=PATIENT, patient_balance_after=usd("100.00"))
    claim(owed_by_patient).when(replace(reversing, entry=1)).records(
        taken_back(
            EntryKind.CHARGE,
            "100.00",
            "0.00",
            "0.00",
            entry=2,
            reversed_entry=1,
            line=1,
            from_party=PATIENT,
        )
    )


def test_what_the_patient_paid_is_taken_back() -> None:
    copay = replace(paid, paid_by=PATIENT, patient_balance_after=usd("-60.00"))
    claim(charged, copay).when(reversing).records(
        taken_back(EntryKind.PAYMENT, "60.00", "100.00", "0.00", from_party=PATIENT)
    )


def test_an_entry_is_taken_back_once() -> None:
    after = claim(charged, paid).when(reversing).then()
    after.when(reversing).refused("claim.entry_reversed", field="entry", value=2)


def test_what_takes_back_is_not_taken_back() -> None:
    after = claim(charged, paid).when(reversing).then()
    after.when(replace(reversing, entry=3)).refused("claim.entry_reversed", value=3)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"entry": 3}, "claim.entry_unknown"),
        ({"entry": 0}, "claim.entry_unknown"),
        ({"why": " "}, "claim.text"),
        ({"reversed_on": TOMORROW_EVERYWHERE}, "claim.date"),
    ],
)
def test_an_impossible_reversal_is_refused(changed: dict[str, Any], code: str) -> None:
    claim(charged, paid).when(replace(reversing, **changed)).refused(code)


# --- closing and reopening ---------------------------------------------------------------------

paid_in_full = replace(paid, amount=usd("100.00"), balance_after=usd("0.00"))


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
