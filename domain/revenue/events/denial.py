"""The story of a denial: a payer will not pay, the denial is appealed level by level, and resolved.

A denial is of a line, or of the claim as a whole, for one reason. Deadlines are those of the terms
that hold for the claim, and are pinned in the facts.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from domain.kernel import Fact, fact
from domain.revenue.events.claim import AdjustmentGroup


class DenialCategory(StrEnum):
    """What a denial is about: reasons that one desk works on and the same rules prevent (c)."""

    ELIGIBILITY = "eligibility"
    COORDINATION_OF_BENEFITS = "coordination_of_benefits"
    AUTHORIZATION = "authorization"
    TIMELY_FILING = "timely_filing"
    DUPLICATE = "duplicate"
    MISSING_INFORMATION = "missing_information"
    CODING = "coding"
    BUNDLING = "bundling"
    MEDICAL_NECESSITY = "medical_necessity"
    NOT_COVERED = "not_covered"
    PROVIDER_ENROLMENT = "provider_enrolment"
    OTHER = "other"


class AppealOutcome(StrEnum):
    """What a payer decided on an appeal."""

    OVERTURNED = "overturned"
    PARTLY_OVERTURNED = "partly_overturned"
    UPHELD = "upheld"


class DenialResolution(StrEnum):
    """What became of a denial in the end."""

    OVERTURNED = "overturned"
    CORRECTED = "corrected"
    WRITTEN_OFF = "written_off"
    BILLED_TO_PATIENT = "billed_to_patient"
    TAKEN_BACK = "taken_back"


@fact("claim.denied", effective="denied_on")
class ClaimDenied(Fact):
    """The payer will not pay a part of the claim, for a reason (X12 CAS group and code list 139).

    `denial` numbers the claim's denials from 1. `prevented_by` are the rules of the scrubber that
    find what the payer found. `appeal_by` is the last day for the first appeal.
    """

    claim_id: UUID
    facility_id: UUID
    payer_id: UUID
    currency: str
    denial: int
    adjudication: int | None
    line: int | None
    amount: Decimal
    group: AdjustmentGroup
    reason_code: str
    remarks: tuple[str, ...]
    category: DenialCategory
    prevented_by: tuple[str, ...]
    appeal_by: date | None
    denied_on: date


@fact("claim.appealed", effective="appealed_on")
class ClaimAppealed(Fact):
    """The payer, or who stands above it, is asked to think again. `level` counts from 1."""

    claim_id: UUID
    facility_id: UUID
    payer_id: UUID
    denial: int
    level: int
    level_name: str | None
    grounds: str
    appealed_on: date


@fact("claim.appeal_decided", effective="decided_on")
class ClaimAppealDecided(Fact):
    """An appeal is decided. `appeal_by` is the last day for the next level, where there is one.

    `overturned` is how much of the denial the payer will pay now.
    """

    claim_id: UUID
    facility_id: UUID
    payer_id: UUID
    currency: str
    denial: int
    level: int
    outcome: AppealOutcome
    overturned: Decimal
    appeal_by: date | None
    decided_on: date


@fact("claim.denial_resolved", effective="resolved_on")
class ClaimDenialResolved(Fact):
    """Nothing more is done about a denial, and what became of it. `amount` was denied.

    `appeal_pending` tells that an appeal against it is not decided, and is waited for no more.
    """

    claim_id: UUID
    facility_id: UUID
    payer_id: UUID
    currency: str
    denial: int
    amount: Decimal
    resolution: DenialResolution
    appeal_pending: bool
    resolved_on: date


DenialFact = ClaimDenied | ClaimAppealed | ClaimAppealDecided | ClaimDenialResolved


def taken_back(fact: DenialFact) -> bool:
    """Whether a denial is done with because its payer took the decision back."""
    return isinstance(fact, ClaimDenialResolved) and fact.resolution is DenialResolution.TAKEN_BACK
