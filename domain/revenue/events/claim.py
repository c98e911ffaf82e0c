"""The story of revenue: payers are known; a claim is drafted, charged, submitted, paid, adjusted,
its debt moved between payer and patient, and closed.

Every cent moves by a fact. A money fact carries the number of its entry in the claim's ledger
(`entry`, from 1), the payer and the currency, and what the claim's balance is afterwards:

    balance = charges - payments - adjustments        (transfers only change who owes it)

A negative balance is a credit: legal, visible, and someone's to refund.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from domain.kernel import PERSONAL, Fact, fact

SELF_PAY = UUID(int=0)
"""Stands where a payer would, when the patient alone pays."""


class PayerKind(StrEnum):
    """Who is behind a payer (after the X12 claim filing indicator, SBR09)."""

    COMMERCIAL = "commercial"
    MEDICARE = "medicare"
    MEDICAID = "medicaid"
    DUAL_ELIGIBLE = "dual_eligible"
    OTHER_GOVERNMENT = "other_government"
    SELF_PAY = "self_pay"


class ClaimType(StrEnum):
    """Which X12 837 transaction a claim goes out as."""

    PROFESSIONAL = "professional"
    INSTITUTIONAL = "institutional"


class Party(StrEnum):
    """Who owes, pays or takes over a part of a claim."""

    PAYER = "payer"
    SECONDARY_PAYER = "secondary_payer"
    PATIENT = "patient"


class PaymentMethod(StrEnum):
    """How money came in."""

    CASH = "cash"
    CARD = "card"
    CHECK = "check"
    ELECTRONIC = "electronic"
    COPAY = "copay"


class AdjustmentGroup(StrEnum):
    """Whose an adjustment is: X12 code list 1032, claim adjustment group code (CAS01)."""

    CONTRACTUAL_OBLIGATION = "CO"
    OTHER_ADJUSTMENT = "OA"
    PAYER_INITIATED = "PI"
    PATIENT_RESPONSIBILITY = "PR"


class EntryKind(StrEnum):
    """What an entry in a claim's ledger does."""

    CHARGE = "charge"
    PAYMENT = "payment"
    ADJUSTMENT = "adjustment"
    TRANSFER = "transfer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """A code and the system it is from: ``Code(system="SNOMED-CT", value="195662009")``."""

    system: str
    value: str


# --- payers ------------------------------------------------------------------------------------


@fact("payer.registered")
class PayerRegistered(Fact):
    """A payer becomes known to the health system. `identifier` is what payers are routed by."""

    payer_id: UUID
    legal_name: str
    kind: PayerKind
    identifier: str | None
    phone: str | None


@fact("payer.renamed")
class PayerRenamed(Fact):
    """A payer goes by another legal name."""

    payer_id: UUID
    legal_name: str


@fact("payer.retired", effective="retired_on")
class PayerRetired(Fact):
    """A payer takes no new claims."""

    payer_id: UUID
    retired_on: date
    reason: str


PayerFact = PayerRegistered | PayerRenamed | PayerRetired


# --- claims ------------------------------------------------------------------------------------


@fact("claim.drafted", effective="service_on", person="patient_id")
class ClaimDrafted(Fact):
    """A claim is begun for one patient's care at one facility. `payer_id` may be `SELF_PAY`."""

    claim_id: UUID
    facility_id: UUID
    patient_id: Annotated[UUID, PERSONAL]
    payer_id: UUID
    secondary_payer_id: UUID | None
    department_id: UUID | None
    rendering_staff_id: UUID | None
    claim_type: ClaimType
    control_number: str | None
    diagnoses: tuple[Code, ...]
    service_on: date
    currency: str


@fact("claim.charged", effective="service_on")
class ClaimCharged(Fact):
    """A line is added: what was done, how often, and what is asked for it of whom.

    `diagnosis_pointers` are the places (from 1) of the claim's diagnoses that justify the line.
    """

    claim_id: UUID
    facility_id: UUID
    payer_id: UUID
    currency: str
    entry: int
    line: int
    procedure: Code
    description: str | None
    modifiers: tuple[str, ...]
    diagnosis_pointers: tuple[int, ...]
    units: int
    unit_amount: Decimal
    amount: Decimal
    owed_by: Party
    department_id: UUID | None
    rendering_staff_id: UUID | None
    service_on: date
    balance_after: Decimal
    patient_balance_after: Decimal


@fact("claim.submitted", effective="submitted_on")
class ClaimSubmitted(Fact):
    """The claim is sent to whoever is asked to pay it."""

    claim_id: UUID
    facility_id: UUID
    payer_id: UUID
    submitted_to: Party
    submitted_on: date


@fact("claim.paid", effective="received_on")
class ClaimPaid(Fact):
    """Money comes in for the claim, for one line of it where that is known."""

    claim_id: UUID
    facility_id: UUID
    payer_id: UUID
    currency: str
    entry: int
    line: int | None
    amount: Decimal
    paid_by: Party
    method: PaymentMethod
    reference: str | None
    received_on: date
    balance_after: Decimal
    patient_balance_after: Decimal


@fact("claim.adjusted", effective="adjusted_on")
class ClaimAdjusted(Fact):
    """A part of the claim is no longer asked for, and why (X12 CAS group and reason code).

    `amount` lowers the balance. `borne_by` tells whose debt it lowers.
    """

    claim_id: UUID
    facility_id: UUID
    payer_id: UUID
    currency: str
    entry: int
    line: int | None
    amount: Decimal
    group: AdjustmentGroup
    reason_code: str
    borne_by: Party
    adjusted_on: date
    balance_after: Decimal
    patient_balance_after: Decimal


@fact("claim.transferred", effective="transferred_on")
class ClaimTransferred(Fact):
    """A part of the debt goes out of one party's account and into another's, in one step."""

    claim_id: UUID
    facility_id: UUID
    payer_id: UUID
    currency: str
    entry: int
    line: int | None
    amount: Decimal
    from_party: Party
    to_party: Party
    transferred_on: date
    balance_after: Decimal
    patient_balance_after: Decimal


@fact("claim.entry_reversed", effective="reversed_on")
class ClaimEntryReversed(Fact):
    """An earlier entry is taken back, once, and why. Carries what that entry was; `method` is how
    the money came in, where it was a payment.
    """

    claim_id: UUID
    facility_id: UUID
    payer_id: UUID
    currency: str
    entry: int
    reversed_entry: int
    kind: EntryKind
    line: int | None
    amount: Decimal
    from_party: Party
    to_party: Party | None
    method: PaymentMethod | None
    why: str
    reversed_on: date
    balance_after: Decimal
    patient_balance_after: Decimal


@fact("claim.closed", effective="closed_on")
class ClaimClosed(Fact):
    """Nothing more is asked for; `balance` is zero or a credit."""

    claim_id: UUID
    facility_id: UUID
    payer_id: UUID
    closed_on: date
    balance: Decimal


@fact("claim.reopened", effective="reopened_on")
class ClaimReopened(Fact):
    """Work on a closed claim begins again."""

    claim_id: UUID
    facility_id: UUID
    payer_id: UUID
    reopened_on: date
    why: str


ClaimFact = (
    ClaimDrafted
    | ClaimCharged
    | ClaimSubmitted
    | ClaimPaid
    | ClaimAdjusted
    | ClaimTransferred
    | ClaimEntryReversed
    | ClaimClosed
    | ClaimReopened
)
