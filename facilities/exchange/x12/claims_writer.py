"""837: claims are written for a payer, professional (837P) and institutional (837I).

Follows X12 005010X222A1 and 005010X223A2. One interchange holds one group and one transaction; its
claims stand under their billing provider, each under its subscriber, or under the dependent of the
subscriber who is the patient. What a bill lacks that the guide requires is named before anything is
written. Attending and rendering providers are told by their NPI.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import groupby

from domain.organization.events import Address
from domain.revenue.claim import Claim
from domain.revenue.events.claim import ClaimFrequency, ClaimType
from domain.revenue.events.form import Coverage, Dependent, Relationship
from domain.revenue.events.payer import PayerKind
from domain.revenue.service_line import ServiceLine
from facilities.exchange.x12.envelope import Correspondent, Elements, Interchange, digits, plain

GUIDES = {
    ClaimType.PROFESSIONAL: "005010X222A1",
    ClaimType.INSTITUTIONAL: "005010X223A2",
}

FILING = {
    PayerKind.COMMERCIAL: "CI",
    PayerKind.MEDICARE: "MB",
    PayerKind.MEDICAID: "MC",
    PayerKind.DUAL_ELIGIBLE: "MC",
    PayerKind.OTHER_GOVERNMENT: "OF",
    PayerKind.SELF_PAY: "ZZ",
}
"""The claim filing indicator (SBR09); Medicare part A for institutions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BillingProvider:
    """The facility that is to be paid."""

    name: str
    npi: str
    tin: str
    taxonomy: str | None
    address: Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """A claim with everybody it names."""

    claim: Claim
    provider: BillingProvider
    payer_name: str
    payer_identifier: str
    payer_kind: PayerKind


def missing(bill: Bill) -> tuple[str, ...]:
    """What an 837 requires and the bill does not have, in words for people."""
    claim, coverage = bill.claim, bill.claim.coverage
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
        "a line that is not taken back": _lines(claim),
        **_of_patient(coverage),
    }
    if claim.claim_type is ClaimType.INSTITUTIONAL:
        wanted["the type of bill"] = claim.form.type_of_bill
        wanted["the attending provider's NPI"] = claim.form.attending_npi
        wanted["the discharge status"] = claim.form.discharge_status
        wanted["a revenue code on every line"] = all(e.revenue_code for e in _lines(claim))
    else:
        wanted["the place of service"] = claim.form.place_of_service
    if claim.frequency is not ClaimFrequency.ORIGINAL:
        wanted["the payer's control number"] = claim.payer_control_number
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


def write_claims(
    bills: Sequence[Bill],
    sender: Correspondent,
    receiver: Correspondent,
    *,
    control_number: int,
    at: datetime,
    test: bool = False,
) -> str:
    """An interchange of these bills, all of one type.

    Raises ValueError for bills of several types, and for one that lacks something (`missing`).
    """
    (kind,) = {each.claim.claim_type for each in bills}
    for each in bills:
        if lacking := missing(each):
            raise ValueError(f"{each.claim.control_number}: {', '.join(lacking)} is missing")
    out = Interchange(
        sender=sender, receiver=receiver, control_number=control_number, at=at, test=test
    )
    return out.around(
        "HC",
        "837",
        GUIDES[kind],
        [
            ("BHT", "0019", "00", str(control_number), out.day, out.clock, "CH"),
            ("NM1", "41", "2", plain(sender.name), "", "", "", "", "46", sender.id),
            ("PER", "IC", plain(sender.contact), "TE", sender.phone),
            ("NM1", "40", "2", plain(receiver.name), "", "", "", "", "46", receiver.id),
            *_providers(bills),
        ],
    )


def _providers(bills: Iterable[Bill]) -> Iterator[Elements]:
    """The hierarchy: providers (HL 20), and under each its subscribers (HL 22)."""
    level = 0
    by_provider = groupby(sorted(bills, key=lambda e: e.provider.npi), key=lambda e: e.provider)
    for provider, of_provider in by_provider:
        level += 1
        parent = level
        yield "HL", str(level), "", "20", "1"
        yield from _provider(provider)
        for bill in of_provider:
            coverage = bill.claim.coverage
            assert coverage is not None, "a bill without it is not written"
            level += 1
            dependent = dependent_of(coverage)
            yield "HL", str(level), str(parent), "22", "0" if dependent is None else "1"
            yield from _subscriber(bill, coverage)
            if dependent is not None:
                level += 1
                yield "HL", str(level), str(level - 1), "23", "0"
                yield "PAT", coverage.relationship
                yield "NM1", "QC", "1", plain(dependent.last_name), plain(dependent.first_name)
                yield from _described(dependent)
            yield from _claim(bill)


def _provider(provider: BillingProvider) -> Iterator[Elements]:
    if provider.taxonomy:
        yield "PRV", "BI", "PXC", provider.taxonomy
    yield "NM1", "85", "2", plain(provider.name), "", "", "", "", "XX", provider.npi
    yield from _address_of(provider.address, nine_digits=True)
    yield "REF", "EI", provider.tin


def _subscriber(bill: Bill, coverage: Coverage) -> Iterator[Elements]:
    filing = FILING[bill.payer_kind]
    if filing == "MB" and bill.claim.claim_type is ClaimType.INSTITUTIONAL:
        filing = "MA"
    # Of a subscriber who is not the patient SBR02 says nothing, nor where they live (2010BA).
    itself = "18" if dependent_of(coverage) is None else ""
    yield "SBR", "P", itself, coverage.group_number or "", "", "", "", "", "", filing
    last, first = plain(coverage.last_name), plain(coverage.first_name)
    yield "NM1", "IL", "1", last, first, "", "", "", "MI", coverage.member_id
    if itself:
        yield from _described(coverage)
    yield "NM1", "PR", "2", plain(bill.payer_name), "", "", "", "", "PI", bill.payer_identifier


def dependent_of(coverage: Coverage) -> Dependent | None:
    """The patient, where that is not the subscriber."""
    return None if coverage.relationship is Relationship.SELF else coverage.dependent


def _described(patient: Coverage | Dependent) -> Iterator[Elements]:
    """Where the patient lives, when they were born, and their sex (U where nobody knows)."""
    yield "N3", plain(patient.address)
    yield "N4", plain(patient.city), patient.region or "", digits(patient.postal_code or "")
    yield "DMG", "D8", f"{patient.birth_on:%Y%m%d}", patient.sex


def _claim(bill: Bill) -> Iterator[Elements]:
    claim, form = bill.claim, bill.claim.form
    institutional = claim.claim_type is ClaimType.INSTITUTIONAL
    lines = _lines(claim)
    charged = sum((each.charged for each in lines), Decimal(0))
    number = claim.control_number or ""
    if institutional:
        bill_type = (form.type_of_bill or "").zfill(4)
        place = f"{bill_type[1:3]}:A:{claim.frequency}"
        yield "CLM", number, _money(charged), "", "", place, "", "A", "Y", "Y"
        through = form.service_through or claim.service_on
        yield "DTP", "434", "RD8", f"{claim.service_on:%Y%m%d}-{through:%Y%m%d}"
        if form.admission_type:
            yield "DTP", "435", "D8", f"{claim.service_on:%Y%m%d}"
        kind, source = form.admission_type or "9", form.admission_source or "9"
        yield "CL1", kind, source, form.discharge_status or "01"
    else:
        place = f"{form.place_of_service}:B:{claim.frequency}"
        yield "CLM", number, _money(charged), "", "", place, "Y", "A", "Y", "Y"
    if form.authorization_number:
        yield "REF", "G1", form.authorization_number
    if claim.frequency is not ClaimFrequency.ORIGINAL and claim.payer_control_number:
        yield "REF", "F8", claim.payer_control_number
    yield from _diagnoses(claim, institutional)
    if institutional:
        yield "NM1", "71", "1", "ATTENDING", "PROVIDER", "", "", "", "XX", form.attending_npi or ""
    elif form.rendering_npi:
        yield "NM1", "82", "1", "RENDERING", "PROVIDER", "", "", "", "XX", form.rendering_npi
    for place_in_claim, line in enumerate(lines, 1):
        yield "LX", str(place_in_claim)
        yield from _service(line, institutional)
        yield "DTP", "472", "D8", f"{line.service_on:%Y%m%d}"
        yield "REF", "6R", str(line.number)


def _service(line: ServiceLine, institutional: bool) -> Iterator[Elements]:
    procedure = ":".join(("HC", line.procedure.value, *line.modifiers))
    charged, units = _money(line.charged), str(line.units)
    if institutional:
        yield "SV2", line.revenue_code or "", procedure, charged, "UN", units
    else:
        pointers = ":".join(map(str, line.diagnosis_pointers[:4] or (1,)))
        yield "SV1", procedure, charged, "UN", units, line.place_of_service or "", "", pointers


def _diagnoses(claim: Claim, institutional: bool) -> Iterator[Elements]:
    """The principal diagnosis first; an institution tells the others in a segment of their own."""
    codes = [each.value.replace(".", "") for each in claim.diagnoses]
    if institutional:
        yield "HI", f"ABK:{codes[0]}"
        for start in range(1, len(codes), 12):
            yield "HI", *(f"ABF:{each}" for each in codes[start : start + 12])
    else:
        yield "HI", f"ABK:{codes[0]}", *(f"ABF:{each}" for each in codes[1:12])


def _lines(claim: Claim) -> tuple[ServiceLine, ...]:
    return tuple(each for each in claim.lines if not each.taken_back)


def _address_of(address: Address, *, nine_digits: bool = False) -> Iterator[Elements]:
    code = digits(address.postal_code)
    if nine_digits:
        # 2010AA N403: the billing provider's code has nine digits (X12 005010X222A1).
        code = code[:9].ljust(5, "0").ljust(9, "9") if len(code) < 9 else code[:9]
    yield "N3", *(plain(each) for each in address.lines[:2])
    yield "N4", plain(address.city), address.region, code


def _money(amount: Decimal) -> str:
    return f"{amount:f}"
