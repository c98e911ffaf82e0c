"""The story of a claim: it is drafted, amended, charged, submitted, paid, adjusted, written off;
its debt is moved between payer and patient, money is given back, and it is closed. What the payer
says before it pays is told in `submission`.

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
from typing import Annotated, Any
from uuid import UUID

from domain.kernel import PERSONAL, Fact, fact, upcaster
from domain.revenue.events.form import ClaimForm, Coverage

SELF_PAY = UUID(int=0)
"""Stands where a payer would, when the patient alone pays."""


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
    WRITE_OFF = "write_off"
    REFUND = "refund"


class ClaimFrequency(StrEnum):
    """What a submission is to the payer (third digit of the type of bill; 837 CLM05-3)."""

    ORIGINAL = "1"
    REPLACEMENT = "7"
    VOID = "8"


class WriteOffReason(StrEnum):
    """Why a part of a claim is given up that somebody still owed."""

    BAD_DEBT = "bad_debt"
    CHARITY = "charity"
    SMALL_BALANCE = "small_balance"
    TIMELY_FILING = "timely_filing"
    NO_AUTHORIZATION = "no_authorization"
    DENIED = "denied"
    ADMINISTRATIVE = "administrative"


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """A code and the system it is from: ``Code(system="SNOMED-CT", value="195662009")``."""

    system: str
    value: str


@fact("claim.drafted", version=4, effective="service_on", person="patient_id")
class ClaimDrafted(Fact):
    """A claim is begun for one patient's care at one facility. `payer_id` may be `SELF_PAY`.

    `coverage` is the policy with the payer, `secondary_coverage` that with the payer after it.
    `account_id` is the patient's account at the facility.
    """

    claim_id: UUID
    facility_id: UUID
    patient_id: Annotated[UUID, PERSONAL]
    account_id: UUID | None
    payer_id: UUID
    secondary_payer_id: UUID | None
    department_id: UUID | None
    rendering_staff_id: UUID | None
    claim_type: ClaimType
    control_number: str | None
    diagnoses: tuple[Code, ...]
    service_on: date
    currency: str
    form: ClaimForm
    coverage: Annotated[Coverage | None, PERSONAL]
    secondary_coverage: Annotated[Coverage | None, PERSONAL]


@upcaster(ClaimDrafted, from_version=1)
def _without_a_form(content: dict[str, Any]) -> dict[str, Any]:
    """The first version told neither of the form nor of the policy."""
    return {**content, "form": {}, "coverage": None}


@upcaster(ClaimDrafted, from_version=2)
def _of_the_subscriber(content: dict[str, Any]) -> dict[str, Any]:
    """The second version did not tell a patient who is not the subscriber; nothing takes their
    place."""
    return content


@upcaster(ClaimDrafted, from_version=3)
def _of_one_policy(content: dict[str, Any]) -> dict[str, Any]:
    """The third version told the first payer's policy only, and not the account."""
    return {**content, "secondary_coverage": None, "account_id": None}


@fact("claim.amended", version=3, effective="amended_on", person="patient_id")
class ClaimAmended(Fact):
    """What the claim says is corrected or completed; this is what it says from now on."""

    claim_id: UUID
    facility_id: UUID
    patient_id: Annotated[UUID, PERSONAL]
    payer_id: UUID
    diagnoses: tuple[Code, ...]
    form: ClaimForm
    coverage: Annotated[Coverage | None, PERSONAL]
    secondary_coverage: Annotated[Coverage | None, PERSONAL]
    amended_on: date


@upcaster(ClaimAmended, from_version=1)
def _amended_of_the_subscriber(content: dict[str, Any]) -> dict[str, Any]:
    """The first version did not tell a patient who is not the subscriber."""
    return content


@upcaster(ClaimAmended, from_version=2)
def _amended_of_one_policy(content: dict[str, Any]) -> dict[str, Any]:
    """The second version told the first payer's policy only."""
    return {**content, "secondary_coverage": None}


@fact("claim.charged", version=2, effective="service_on")
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
    revenue_code: str | None
    place_of_service: str | None
    rendering_npi: str | None
    balance_after: Decimal
    patient_balance_after: Decimal


@upcaster(ClaimCharged, from_version=1)
def _without_codes_of_the_line(content: dict[str, Any]) -> dict[str, Any]:
    """The first version told no revenue code, place of service or NPI of a line."""
    return {**content, "revenue_code": None, "place_of_service": None, "rendering_npi": None}


@fact("claim.submitted", version=3, effective="submitted_on")
class ClaimSubmitted(Fact):
    """The claim is sent to whoever is asked to pay it.

    `payer_id` is the claim's payer; `sent_to` the one that is asked here, which may be the payer
    after it, and None where it is the patient. `control_number` is what the claim is called towards
    the payer (837 CLM01); `frequency` tells whether it stands for itself, replaces what was sent,
    or voids it, and `payer_control_number` then how the payer calls that (837 REF*F8).
    """

    claim_id: UUID
    facility_id: UUID
    payer_id: UUID
    submitted_to: Party
    sent_to: UUID | None
    submitted_on: date
    frequency: ClaimFrequency
    control_number: str | None
    payer_control_number: str | None


@upcaster(ClaimSubmitted, from_version=1)
def _as_an_original(content: dict[str, Any]) -> dict[str, Any]:
    """The first version knew no replacements, and the control number of the draft only."""
    return {
        **content,
        "frequency": ClaimFrequency.ORIGINAL.value,
        "control_number": None,
        "payer_control_number": None,
    }


@upcaster(ClaimSubmitted, from_version=2)
def _sent_to_the_payer(content: dict[str, Any]) -> dict[str, Any]:
    """The second version named the claim's own payer only: of another one it is not known here
    which it was."""
    to_payer = content["submitted_to"] == Party.PAYER.value
    return {**content, "sent_to": content["payer_id"] if to_payer else None}


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


@fact("claim.written_off", effective="written_off_on")
class ClaimWrittenOff(Fact):
    """A part of the debt is given up, and why: nobody pays it, though somebody owed it."""

    claim_id: UUID
    facility_id: UUID
    payer_id: UUID
    currency: str
    entry: int
    line: int | None
    amount: Decimal
    owed_by: Party
    write_off_reason: WriteOffReason
    written_off_on: date
    balance_after: Decimal
    patient_balance_after: Decimal


@fact("claim.refunded", effective="refunded_on")
class ClaimRefunded(Fact):
    """Money that came in goes back to whom it came from."""

    claim_id: UUID
    facility_id: UUID
    payer_id: UUID
    currency: str
    entry: int
    line: int | None
    amount: Decimal
    refunded_to: Party
    method: PaymentMethod
    reference: str | None
    refunded_on: date
    balance_after: Decimal
    patient_balance_after: Decimal


@fact("claim.entry_reversed", version=2, effective="reversed_on")
class ClaimEntryReversed(Fact):
    """An earlier entry is taken back, once, and why. Carries what that entry was; `method` is how
    the money came in, where it was a payment, `group` and `reason_code` why less was asked for,
    where it was an adjustment.
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
    group: AdjustmentGroup | None
    reason_code: str | None
    why: str
    reversed_on: date
    balance_after: Decimal
    patient_balance_after: Decimal


@upcaster(ClaimEntryReversed, from_version=1)
def _without_a_reason(content: dict[str, Any]) -> dict[str, Any]:
    """The first version did not tell why less was asked for in what it took back."""
    return {**content, "group": None, "reason_code": None}


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
    | ClaimAmended
    | ClaimCharged
    | ClaimSubmitted
    | ClaimPaid
    | ClaimAdjusted
    | ClaimTransferred
    | ClaimWrittenOff
    | ClaimRefunded
    | ClaimEntryReversed
    | ClaimClosed
    | ClaimReopened
)
