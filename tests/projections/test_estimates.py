"""Estimates as the desk of patient accounts sees them: asked for, told, and what they came to."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from projections.revenue import estimate_list
from projections.revenue.estimates import EstimateStatus
from tests.domain.places import AETHER_HEALTH, MARCH_1, THE_CLAIM
from tests.domain.test_estimate import (
    NEXT_TUESDAY,
    THE_ESTIMATE,
    compared,
    insured,
    requested,
    told,
    usd,
    withdrawn,
)
from tests.projections.grammar import given


def test_an_estimate_waits_until_it_is_given_and_keeps_that_it_was_late() -> None:
    given(estimate_list, requested).shows(
        THE_ESTIMATE, status=EstimateStatus.REQUESTED, payer_id=None, give_by=NEXT_TUESDAY
    )
    late = replace(told, late=True)
    anew = replace(told, revision=2, given_on=MARCH_1)
    given(estimate_list, requested, late, anew).shows(
        THE_ESTIMATE,
        status=EstimateStatus.GIVEN,
        late=True,
        revision=2,
        charges=425_000,
        allowed=None,
        responsibility=425_000,
    )


def test_it_tells_the_patients_part_where_a_payer_bears_the_rest() -> None:
    part = replace(
        told, payer_id=AETHER_HEALTH, allowed=usd("1635.01"), responsibility=usd("163.50")
    )
    given(estimate_list, insured, part).shows(
        THE_ESTIMATE, payer_id=AETHER_HEALTH, allowed=163_501, responsibility=16_350
    )
    unknown = replace(part, responsibility=None)
    given(estimate_list, insured, unknown).shows(THE_ESTIMATE, responsibility=None)


def test_it_tells_what_was_charged_beyond_it_and_until_when_that_may_be_reviewed() -> None:
    given(estimate_list, requested, told, compared).shows(
        THE_ESTIMATE,
        status=EstimateStatus.COMPARED,
        claim_id=THE_CLAIM,
        billed=465_000,
        excess=40_000,
        dispute_by=date(2026, 6, 29),
    )
    given(estimate_list, requested, withdrawn).shows(THE_ESTIMATE, status=EstimateStatus.WITHDRAWN)
