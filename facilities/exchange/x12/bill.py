"""A bill: a claim with everybody an 837 names, and what is wanting before it can be written."""

from __future__ import annotations

from dataclasses import dataclass

from domain.organization.events import Address
from domain.revenue.claim import Claim
from domain.revenue.events.claim import ClaimFrequency, ClaimType, Party
from domain.revenue.events.form import Coverage, Dependent, Relationship
from domain.revenue.events.payer import PayerKind
from domain.revenue.events.remittance import ClaimAdjudicated


@dataclass(frozen=True, slots=True, kw_only=True)
class BillingProvider:
    """The facility that is to be paid."""

    name: str
    npi: str
    tin: str
    taxonomy: str | None
    address: Address


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierPayer:
    """The payer that was asked first, and what it decided."""

    name: str
    identifier: str
    kind: PayerKind
    decision: ClaimAdjudicated | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """A claim with everybody it names. The payer is the one that is asked; with an `earlier` one it
    is the secondary payer."""

    claim: Claim
    provider: BillingProvider
    payer_name: str
    payer_identifier: str
    payer_kind: PayerKind
    earlier: EarlierPayer | None = None

    @property
    def coverage(self) -> Coverage | None:
        """The policy with the payer that is asked."""
        return self.claim.coverage if self.earlier is None else self.claim.secondary_coverage

    @property
    def payers_number(self) -> str | None:
        """How the payer that is asked calls the claim."""
        party = Party.PAYER if self.earlier is None else Party.SECONDARY_PAYER
        return self.claim.payers_numbers.get(party)


def missing(bill: Bill) -> tuple[str, ...]:
    """What an 837 requires and the bill does not have, in words for people."""
    claim, coverage = bill.claim, bill.coverage
    wanted: dict[str, object] = {
        "the facility's NPI": bill.provider.npi,
        "the facility's TIN": bill.provider.tin,
        "the facility's street": bill.provider.address.lines,
        "the facility's city": bill.provider.address.city,
        "the payer's identifier": bill.payer_identifier,
        "a control number": claim.control_number,
        "a diagnosis": claim.diagnoses,
        "the subscriber's member id": coverage and coverage.member_id,
        "the subscriber's last name": coverage and coverage.last_name,
        "a line that is not taken back": claim.billed_lines,
        **_of_patient(coverage),
        **_of_the_earlier(bill),
    }
    if claim.claim_type is ClaimType.INSTITUTIONAL:
        wanted["the type of bill"] = claim.form.type_of_bill
        wanted["the attending provider's NPI"] = claim.form.attending_npi
        wanted["the discharge status"] = claim.form.discharge_status
        wanted["a revenue code on every line"] = all(
            each.revenue_code for each in claim.billed_lines
        )
    else:
        wanted["the place of service"] = claim.form.place_of_service
    if claim.frequency is not ClaimFrequency.ORIGINAL:
        wanted["the payer's control number"] = bill.payers_number
    return tuple(name for name, value in wanted.items() if not value)


def _of_patient(coverage: Coverage | None) -> dict[str, object]:
    """What is required of the patient: the subscriber, or a dependent of theirs."""
    patient: Coverage | Dependent | None = coverage
    who = "subscriber"
    if coverage is not None and coverage.relationship is not Relationship.SELF:
        patient, who = coverage.dependent, "patient"
    return {
        f"the {who}'s last name": patient and patient.last_name,
        f"the {who}'s date of birth": patient and patient.birth_on,
        f"the {who}'s address": patient
        and all((patient.address, patient.city, patient.region, patient.postal_code)),
    }


def _of_the_earlier(bill: Bill) -> dict[str, object]:
    """What is required of the payer that was asked first, where there is one."""
    earlier, first = bill.earlier, bill.claim.coverage
    if earlier is None:
        return {}
    wanted: dict[str, object] = {
        "the first payer's identifier": earlier.identifier,
        "the first payer's decision": earlier.decision,
        "the subscriber's member id with the first payer": first and first.member_id,
        "the subscriber's last name with the first payer": first and first.last_name,
    }
    if bill.payer_kind is PayerKind.MEDICARE and bill.claim.claim_type is ClaimType.PROFESSIONAL:
        wanted["why Medicare pays second"] = bill.coverage and bill.coverage.insurance_type
    return wanted


def dependent_of(coverage: Coverage) -> Dependent | None:
    """The patient, where that is not the subscriber."""
    return None if coverage.relationship is Relationship.SELF else coverage.dependent
