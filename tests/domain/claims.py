"""A claim and what happens to it: what the tests of claims are told with."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from domain.kernel import Fact
from domain.revenue.claim import Claim
from domain.revenue.drafting import ChargeClaim, DraftClaim
from domain.revenue.events.claim import (
    AdjustmentGroup,
    ClaimAdjusted,
    ClaimCharged,
    ClaimClosed,
    ClaimDrafted,
    ClaimFact,
    ClaimFrequency,
    ClaimPaid,
    ClaimReopened,
    ClaimSubmitted,
    ClaimTransferred,
    ClaimType,
    Code,
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
    FEBRUARY_1,
    MARCH_1,
    NEW_YEAR,
    RIVERSIDE,
    THE_CLAIM,
    riverside_is_open,
)
from tests.grammar import Given, an_open, given

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


paid_in_full = replace(paid, amount=usd("100.00"), balance_after=usd("0.00"))


def a_new_claim() -> Given:
    return given(Claim).knowing(riverside_is_open(), aether_insures)


def claim(*facts: Fact) -> Given:
    """A drafted claim at an open facility."""
    return given(Claim, drafted, *facts).knowing(riverside_is_open())


def twice_insured(*facts: ClaimFact) -> Given:
    """A claim with a secondary payer, and one line."""
    both = replace(drafted, secondary_payer_id=BEACON_MUTUAL)
    return given(Claim, both, charged, *facts).knowing(riverside_is_open())
