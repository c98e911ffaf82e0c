"""A good faith estimate: by when it is given, what the patient's part is, and what it came to."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from domain import rules
from domain.revenue.estimate import (
    CompareEstimate,
    Estimate,
    GiveEstimate,
    RequestEstimate,
    WithdrawEstimate,
    give_by,
)
from domain.revenue.events.claim import SELF_PAY, Code
from domain.revenue.events.contract import FeeSchedule, contract_of
from domain.revenue.events.estimate import (
    CostSharing,
    EstimateCompared,
    EstimatedService,
    EstimateGiven,
    EstimateRequested,
    EstimateWithdrawn,
)
from tests.domain.places import (
    A_PATIENT,
    AETHER_HEALTH,
    FEBRUARY_1,
    HILLTOP,
    LONG_AGO,
    MARCH_1,
    RIVERSIDE,
    THE_CLAIM,
    TOMORROW_EVERYWHERE,
    riverside_is_open,
)
from tests.domain.test_patient_account import OWED
from tests.domain.test_scrubber import CONTRACT
from tests.grammar import Given, an_open, given

THE_ESTIMATE = UUID("018f0000-0000-7000-8000-0000000000e1")
THURSDAY, NEXT_TUESDAY = date(2026, 2, 5), date(2026, 2, 10)
APRIL_1 = date(2026, 4, 1)
KNEE, VISIT = Code(system="CPT", value="27447"), Code(system="CPT", value="99213")


def usd(amount: str) -> Decimal:
    return Decimal(amount)


requesting = RequestEstimate(
    estimate_id=THE_ESTIMATE,
    facility_id=RIVERSIDE,
    patient_id=A_PATIENT,
    requested_on=THURSDAY,
    service_on=APRIL_1,
)
requested = EstimateRequested(
    estimate_id=THE_ESTIMATE,
    facility_id=RIVERSIDE,
    patient_id=A_PATIENT,
    payer_id=SELF_PAY,
    currency="USD",
    service_on=APRIL_1,
    give_by=NEXT_TUESDAY,
    requested_on=THURSDAY,
)
insured = replace(requested, payer_id=AETHER_HEALTH)
SERVICES = (
    EstimatedService(procedure=KNEE, charge=usd("4000.00")),
    EstimatedService(procedure=VISIT, charge=usd("250.00"), units=2),
)
giving = GiveEstimate(estimate_id=THE_ESTIMATE, services=SERVICES, given_on=NEXT_TUESDAY)
told = EstimateGiven(
    estimate_id=THE_ESTIMATE,
    facility_id=RIVERSIDE,
    patient_id=A_PATIENT,
    payer_id=SELF_PAY,
    currency="USD",
    revision=1,
    services=SERVICES,
    charges=usd("4250.00"),
    fee_schedule=None,
    allowed=None,
    sharing=None,
    responsibility=usd("4250.00"),
    service_on=APRIL_1,
    late=False,
    given_on=NEXT_TUESDAY,
)
comparing = CompareEstimate(
    estimate_id=THE_ESTIMATE, claim_id=THE_CLAIM, billed_on=MARCH_1, compared_on=MARCH_1
)
compared = EstimateCompared(
    estimate_id=THE_ESTIMATE,
    facility_id=RIVERSIDE,
    payer_id=SELF_PAY,
    currency="USD",
    claim_id=THE_CLAIM,
    estimated=usd("4250.00"),
    billed=usd("4650.00"),
    excess=usd("400.00"),
    dispute_by=date(2026, 6, 29),
    billed_on=MARCH_1,
    compared_on=MARCH_1,
)
withdrawing = WithdrawEstimate(estimate_id=THE_ESTIMATE, why="Cancelled", withdrawn_on=MARCH_1)
withdrawn = EstimateWithdrawn(
    estimate_id=THE_ESTIMATE,
    facility_id=RIVERSIDE,
    payer_id=SELF_PAY,
    why="Cancelled",
    withdrawn_on=MARCH_1,
)
FEES: dict[tuple[str, str | None], Decimal] = {
    ("27447", None): usd("1450.00"),
    ("99213", None): usd("92.505"),
}
SCHEDULE = FeeSchedule(name="2026", currency="USD", valid_from=FEBRUARY_1, fees=FEES)


def estimate(*facts: Any, fees: FeeSchedule = SCHEDULE) -> Given:
    contract = replace(CONTRACT, id=contract_of(AETHER_HEALTH), schedules=(fees,))
    return given(Estimate, *facts).knowing(
        riverside_is_open(), an_open("payer", AETHER_HEALTH), contract
    )


# --- asked for -----------------------------------------------------------------------------------


def test_an_estimate_is_asked_for_in_the_facilitys_currency_once() -> None:
    estimate().when(requesting).records(requested)
    estimate().when(replace(requesting, payer_id=AETHER_HEALTH)).records(insured)
    estimate(requested).when(requesting).refused("estimate.already_requested")


@pytest.mark.parametrize(
    ("service_on", "by"),
    [
        (None, date(2026, 2, 10)),
        (date(2026, 2, 19), date(2026, 2, 10)),
        (date(2026, 2, 18), date(2026, 2, 6)),
        (date(2026, 2, 10), date(2026, 2, 6)),
        (date(2026, 2, 9), None),
    ],
    ids=["asked", "ten-days-ahead", "nine", "three", "two"],
)
def test_it_is_given_in_business_days(service_on: date | None, by: date | None) -> None:
    """On a Thursday: 45 CFR 149.610(b)(1)(vi)."""
    assert give_by(THURSDAY, service_on) == by


def test_a_weekend_has_no_business_days() -> None:
    assert rules.business_days_after(date(2026, 2, 6), 1) == date(2026, 2, 9)
    assert rules.business_days_after(date(2026, 2, 7), 1) == date(2026, 2, 9)


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (replace(requesting, facility_id=HILLTOP), "facility.unknown"),
        (replace(requesting, payer_id=THE_CLAIM), "payer.unknown"),
        (replace(requesting, requested_on=TOMORROW_EVERYWHERE), "estimate.date"),
        (replace(requesting, service_on=FEBRUARY_1), "estimate.date_order"),
        (replace(requesting, service_on=date(2300, 1, 1)), "estimate.date"),
    ],
)
def test_what_is_asked_for_is_somewhere_and_in_time(command: Any, code: str) -> None:
    estimate().when(command).refused(code)


# --- given ---------------------------------------------------------------------------------------


def test_who_pays_for_themselves_is_told_all_of_it_and_told_anew_where_it_changes() -> None:
    estimate(requested).when(giving).records(told)
    anew = replace(giving, services=SERVICES[:1], given_on=MARCH_1, service_on=MARCH_1)
    estimate(requested, told).when(anew).records(
        replace(
            told,
            revision=2,
            services=SERVICES[:1],
            charges=usd("4000.00"),
            responsibility=usd("4000.00"),
            service_on=MARCH_1,
            given_on=MARCH_1,
        )
    )


def test_one_that_is_given_after_its_day_is_late() -> None:
    late = replace(giving, given_on=date(2026, 2, 11))
    estimate(requested).when(late).records_a(EstimateGiven, late=True)
    estimate(replace(requested, give_by=None)).when(late).records_a(EstimateGiven, late=False)


@pytest.mark.parametrize(
    ("sharing", "part"),
    [
        (None, None),
        (CostSharing(), "0.00"),
        (CostSharing(copay=usd("40")), "40.00"),
        (CostSharing(deductible_left=usd("1000"), coinsurance=usd("20")), "1127.00"),
        (CostSharing(deductible_left=usd("9000"), coinsurance=usd("20")), "1635.01"),
        (CostSharing(copay=usd("40"), coinsurance=usd("100")), "1635.01"),
        (CostSharing(coinsurance=usd("50"), out_of_pocket_left=usd("300")), "300.00"),
        (CostSharing(coinsurance=usd("10"), out_of_pocket_left=usd("300")), "163.50"),
    ],
)
def test_an_insured_patients_part_is_worked_out_of_what_is_allowed(
    sharing: CostSharing | None, part: str | None
) -> None:
    """1450.00 and twice 92.505 are allowed: 1635.01."""
    estimate(insured).when(replace(giving, sharing=sharing)).records_a(
        EstimateGiven,
        fee_schedule="2026",
        allowed=usd("1635.01"),
        responsibility=None if part is None else usd(part),
    )


def test_without_a_schedule_that_has_all_of_it_the_charges_count() -> None:
    half = replace(giving, sharing=CostSharing(coinsurance=usd("50")))
    lacking = replace(SCHEDULE, fees={("27447", None): usd("1450.00")})
    estimate(insured, fees=lacking).when(half).records_a(
        EstimateGiven, fee_schedule="2026", allowed=None, responsibility=usd("2125.00")
    )
    for other in (
        replace(SCHEDULE, currency="EUR"),
        replace(SCHEDULE, valid_from=date(2027, 1, 1)),
    ):
        estimate(insured, fees=other).when(half).records_a(EstimateGiven, fee_schedule=None)


@pytest.mark.parametrize(
    ("differing", "code"),
    [
        ({"services": ()}, "estimate.services"),
        ({"services": SERVICES * 51}, "estimate.services"),
        ({"services": (replace(SERVICES[0], units=0),)}, "estimate.quantity"),
        ({"services": (replace(SERVICES[0], charge=usd("-1")),)}, "estimate.amount"),
        ({"services": (replace(SERVICES[0], modifiers=("x",)),)}, "estimate.modifiers"),
        ({"services": (replace(SERVICES[0], modifiers=("25",) * 5),)}, "estimate.modifiers"),
        ({"services": (replace(SERVICES[0], description=" "),)}, "estimate.text"),
        ({"sharing": CostSharing(coinsurance=usd("101"))}, "estimate.coinsurance"),
        ({"sharing": CostSharing(coinsurance=usd("NaN"))}, "estimate.coinsurance"),
        ({"sharing": CostSharing(copay=usd("0.001"))}, "estimate.amount"),
        ({"given_on": FEBRUARY_1}, "estimate.date_order"),
        ({"given_on": TOMORROW_EVERYWHERE}, "estimate.date"),
        ({"service_on": date(2300, 1, 1)}, "estimate.date"),
    ],
)
def test_what_is_told_can_be_booked(differing: dict[str, Any], code: str) -> None:
    estimate(insured).when(replace(giving, **differing)).refused(code)


def test_who_pays_for_themselves_shares_with_nobody() -> None:
    estimate(requested).when(replace(giving, sharing=CostSharing())).refused("estimate.sharing")


# --- compared ------------------------------------------------------------------------------------


def test_four_hundred_dollars_beyond_it_may_be_reviewed_for_120_days() -> None:
    """45 CFR 149.620, for who pays for themselves."""
    bill = replace(OWED, charged=usd("4650.00"))
    there = estimate(requested, told).knowing(bill)
    there.when(comparing).records(compared)
    less = estimate(requested, told).knowing(replace(bill, charged=usd("4649.99")))
    less.when(comparing).records_a(EstimateCompared, excess=usd("399.99"), dispute_by=None)
    cheaper = estimate(requested, told).knowing(replace(bill, charged=usd("4000.00")))
    cheaper.when(comparing).records_a(EstimateCompared, excess=usd("-250.00"), dispute_by=None)
    for other in (
        (insured, replace(told, payer_id=AETHER_HEALTH)),
        (replace(requested, currency="EUR"), replace(told, currency="EUR")),
    ):
        estimate(*other).knowing(bill).when(comparing).records_a(EstimateCompared, dispute_by=None)


def test_it_is_compared_with_a_claim_of_the_patient() -> None:
    estimate(requested).knowing(OWED).when(comparing).refused("estimate.not_given")
    there = estimate(requested, told)
    there.when(comparing).refused("claim.unknown")
    there.knowing(replace(OWED, patient_id=RIVERSIDE)).when(comparing).refused(
        "estimate.other_patient"
    )
    known = there.knowing(OWED)
    known.when(replace(comparing, billed_on=LONG_AGO)).refused("estimate.date")
    known.when(replace(comparing, compared_on=TOMORROW_EVERYWHERE)).refused("estimate.date")
    assert estimate(requested, told, compared).state.claim_id == THE_CLAIM


# --- withdrawn -----------------------------------------------------------------------------------


def test_an_estimate_of_care_that_is_not_given_is_withdrawn() -> None:
    estimate(requested).when(withdrawing).records(withdrawn)
    gone = estimate(requested, told, withdrawn)
    gone.when(withdrawing).records_nothing()
    gone.when(giving).refused("estimate.withdrawn")
    estimate(requested).when(replace(withdrawing, withdrawn_on=TOMORROW_EVERYWHERE)).refused(
        "estimate.date"
    )
