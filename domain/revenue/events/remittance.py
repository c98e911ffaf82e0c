"""The story of a remittance: a payer tells what it paid for which claims, and why not more.

A remittance (one X12 835 transaction) is **received**; each of its claims is **adjudicated** on the
claim's own ledger, or put into quarantine under the rule it breaks, where a person resolves it;
when all of its claims have found their place it is **posted**. One that does not come to its
payment is quarantined as a whole, and nothing of it is posted until a person releases it.

On the claim, `claim.adjudicated` is the payer's decision, line by line. The facts right after it
(`claim.paid`, `claim.adjusted`, `claim.transferred`) move the money, so that every cent has an
entry of its own. `claim.adjudication_reversed` names the decision a payer takes back.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from domain.kernel import PERSONAL, Fact, fact, upcaster
from domain.revenue.events.claim import AdjustmentGroup, ClaimType, Code, Party, PaymentMethod


class AdjudicationOutcome(StrEnum):
    """What a payer decided, of a line or of a claim as a whole.

    `PAID` is what nothing was denied of: a deductible or a fee schedule denies nothing. The outcome
    is derived from what was paid and from the adjustments (group and reason), and not from the
    claim status code, which says how a claim was processed (X12 RFI 1423).
    """

    PAID = "paid"
    PARTIALLY_PAID = "partially_paid"
    DENIED = "denied"


class Resolution(StrEnum):
    """What becomes of a claim in quarantine."""

    POSTED = "posted"
    DISMISSED = "dismissed"


# --- what a payer says -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class RemittedAdjustment:
    """Why less was paid than was charged: one reason of a CAS segment. It may be negative."""

    group: AdjustmentGroup
    reason_code: str
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class RemittedLine:
    """A service as a payer tells of it (X12 835, loop 2110).

    `line` is the number it bears on the claim, where the payer gave that back (REF*6R).
    """

    charge: Decimal
    paid: Decimal
    procedure: Code | None = None
    modifiers: tuple[str, ...] = ()
    units: Decimal | None = None
    service_on: date | None = None
    line: int | None = None
    adjustments: tuple[RemittedAdjustment, ...] = ()
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RemittedClaim:
    """A claim as a payer tells of it (X12 835, loop 2100).

    `control_number` is ours (CLP01), `payer_control_number` theirs (CLP07). `status_code` tells how
    it was processed (CLP02): 1, 2, 3 as primary, secondary, tertiary; 22 takes back what was said
    before. `adjustments` are those of the claim as a whole, beside those of its lines.
    """

    control_number: str
    status_code: str
    charge: Decimal
    paid: Decimal
    payer_control_number: str | None = None
    patient_responsibility: Decimal = Decimal(0)
    member_number: Annotated[str | None, PERSONAL] = None
    claim_type: ClaimType = ClaimType.PROFESSIONAL
    service_on: date | None = None
    lines: tuple[RemittedLine, ...] = ()
    adjustments: tuple[RemittedAdjustment, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderAdjustment:
    """Money that changes a payment without belonging to a claim (X12 835, PLB).

    A positive amount lowers the payment: an overpayment taken back, a levy. `reason_code` is of X12
    code list 426: ``WO`` overpayment recovery, ``L6`` interest owed, ``CS`` adjustment.
    """

    reason_code: str
    amount: Decimal
    reference: str | None = None


# --- remittances -------------------------------------------------------------------------------


@fact("remittance.received", effective="paid_on")
class RemittanceReceived(Fact):
    """A payer told what it paid. `payment` = `paid` - the sum of the provider adjustments.

    `trace_number` is that of the payment it goes with (TRN02), `content` a digest of what the file
    says, so that it is known again in another file.
    """

    remittance_id: UUID
    facility_id: UUID
    payer_id: UUID | None
    payer_name: str
    trace_number: str
    currency: str
    payment: Decimal
    method: PaymentMethod
    claims: int
    billed: Decimal
    paid: Decimal
    provider_adjustments: tuple[ProviderAdjustment, ...]
    content: str
    paid_on: date


@fact("remittance.quarantined")
class RemittanceQuarantined(Fact):
    """A remittance as a whole breaks a rule: nothing of it is posted until it is released."""

    remittance_id: UUID
    facility_id: UUID
    payer_id: UUID | None
    payer_name: str
    trace_number: str
    currency: str
    billed: Decimal
    paid: Decimal
    rule: str
    found: str
    expected: str


@fact("remittance.released")
class RemittanceReleased(Fact):
    """A person lets a remittance out of quarantine; its file can be posted now."""

    remittance_id: UUID
    facility_id: UUID
    why: str


@fact("remittance.claim_quarantined")
class RemittedClaimQuarantined(Fact):
    """A claim of a remittance breaks a rule or is not ours to find: nothing of it is posted.

    `place` is its number in the remittance, from 1. All that the payer says of it is kept, so that
    it can be resolved without the file.
    """

    remittance_id: UUID
    facility_id: UUID
    payer_id: UUID | None
    payer_name: str
    trace_number: str
    currency: str
    place: int
    remitted: RemittedClaim
    rule: str
    found: str
    expected: str


@fact("remittance.claim_resolved")
class RemittedClaimResolved(Fact):
    """A claim leaves quarantine: posted to a claim of ours, or dismissed, and why.

    `paid` is what the payer paid for it.
    """

    remittance_id: UUID
    facility_id: UUID
    place: int
    resolution: Resolution
    claim_id: UUID | None
    paid: Decimal
    why: str


@fact("remittance.posted")
class RemittancePosted(Fact):
    """All claims of a remittance have found their place: posted, or in quarantine."""

    remittance_id: UUID
    facility_id: UUID
    posted_claims: int
    quarantined_claims: int


RemittanceFact = (
    RemittanceReceived
    | RemittanceQuarantined
    | RemittanceReleased
    | RemittedClaimQuarantined
    | RemittedClaimResolved
    | RemittancePosted
)


# --- on the claim ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjudicatedLine:
    """What a payer decided on one line. `line` is None where it is none of the claim's lines.

    `denied` is what was asked for in it and denied, `patient_responsibility` the sum of group PR.
    """

    line: int | None
    procedure: Code | None
    charge: Decimal
    paid: Decimal
    patient_responsibility: Decimal
    denied: Decimal
    outcome: AdjudicationOutcome
    adjustments: tuple[RemittedAdjustment, ...]
    remarks: tuple[str, ...]


@fact("claim.known_from_remittance", effective="known_on")
class ClaimKnownFromRemittance(Fact):
    """A claim that was never sent from here is known because a payer tells of it.

    It counts as submitted: somebody sent it.
    """

    claim_id: UUID
    facility_id: UUID
    payer_id: UUID
    remittance_id: UUID
    control_number: str
    known_on: date


@fact("claim.adjudicated", version=2, effective="adjudicated_on")
class ClaimAdjudicated(Fact):
    """A payer decided on the claim. The `entries` facts that follow it move the money.

    `adjudication` counts the payers' decisions on the claim, from 1; `decided_by` is whom the payer
    stands for on it. `adjusted` is the sum of the groups CO, OA and PI, `denied` what the lines
    were denied. `place` is the claim's number in the remittance. `first_entry` is the number of the
    first entry that moves money for it. `submitted_on` is when the claim was sent last before that.
    """

    claim_id: UUID
    facility_id: UUID
    payer_id: UUID
    remittance_id: UUID
    place: int
    adjudication: int
    decided_by: Party
    status_code: str
    payer_control_number: str | None
    currency: str
    charge: Decimal
    paid: Decimal
    adjusted: Decimal
    patient_responsibility: Decimal
    denied: Decimal
    outcome: AdjudicationOutcome
    lines: tuple[AdjudicatedLine, ...]
    adjustments: tuple[RemittedAdjustment, ...]
    first_entry: int
    entries: int
    submitted_on: date | None
    adjudicated_on: date


@upcaster(ClaimAdjudicated, from_version=1)
def _without_the_submission(content: dict[str, Any]) -> dict[str, Any]:
    """The first version did not tell when the claim was sent."""
    return {**content, "submitted_on": None}


@fact("claim.adjudication_reversed", effective="reversed_on")
class ClaimAdjudicationReversed(Fact):
    """A payer takes back a decision, once. The facts that follow it take back its entries.

    `remittance_id` and `place` tell where it does so. `superseded` is a denial without payment that
    the payer's next decision takes the place of: payers seldom take these back in words.
    """

    claim_id: UUID
    facility_id: UUID
    payer_id: UUID
    remittance_id: UUID
    place: int
    adjudication: int
    currency: str
    charge: Decimal
    paid: Decimal
    denied: Decimal
    superseded: bool
    reversed_on: date


ClaimRemittanceFact = ClaimKnownFromRemittance | ClaimAdjudicated | ClaimAdjudicationReversed
"""What payers' remittances do to a claim."""
