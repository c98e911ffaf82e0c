"""837: claims are written for a payer, professional (837P) and institutional (837I).

Follows X12 005010X222A1 and 005010X223A2. One interchange holds one group and one transaction; its
claims stand under their billing provider, each under its subscriber. What a bill lacks that the
guide requires is named before anything is written; a dependent's claim is not written, because a
claim does not tell the dependent's name. Attending and rendering providers are told by their NPI.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import groupby

from domain.organization.events import Address
from domain.revenue.claim import Claim
from domain.revenue.events.claim import ClaimFrequency, ClaimType
from domain.revenue.events.form import Coverage, Relationship
from domain.revenue.events.payer import PayerKind
from domain.revenue.service_line import ServiceLine

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
class Correspondent:
    """Who sends or receives an interchange: its id in the envelope, its name, whom to call."""

    id: str
    name: str
    contact: str = "Billing office"
    phone: str = "5555550100"


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
    institutional = claim.claim_type is ClaimType.INSTITUTIONAL
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
        "the subscriber's date of birth": coverage and coverage.birth_on,
        "the subscriber's address": coverage
        and all((coverage.address, coverage.city, coverage.region, coverage.postal_code)),
        "a patient who is the subscriber": coverage and coverage.relationship is Relationship.SELF,
        "a line that is not taken back": _lines(claim),
    }
    if institutional:
        wanted["the type of bill"] = claim.form.type_of_bill
        wanted["the attending provider's NPI"] = claim.form.attending_npi
        wanted["the discharge status"] = claim.form.discharge_status
        wanted["a revenue code on every line"] = all(e.revenue_code for e in _lines(claim))
    else:
        wanted["the place of service"] = claim.form.place_of_service
    if claim.frequency is not ClaimFrequency.ORIGINAL:
        wanted["the payer's control number"] = claim.payer_control_number
    return tuple(name for name, value in wanted.items() if not value)


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
    guide = GUIDES[kind]
    day, clock = f"{at:%Y%m%d}", f"{at:%H%M}"
    inner = [
        ("ST", "837", "0001", guide),
        ("BHT", "0019", "00", str(control_number), day, clock, "CH"),
        ("NM1", "41", "2", _name(sender.name), "", "", "", "", "46", sender.id),
        ("PER", "IC", _name(sender.contact), "TE", sender.phone),
        ("NM1", "40", "2", _name(receiver.name), "", "", "", "", "46", receiver.id),
        *_providers(bills),
    ]
    whole = [
        (
            "ISA",
            *("00", " " * 10, "00", " " * 10),
            *("ZZ", f"{sender.id:<15}", "ZZ", f"{receiver.id:<15}"),
            *(f"{at:%y%m%d}", clock, "^", "00501", f"{control_number:09}"),
            *("0", "T" if test else "P", ":"),
        ),
        ("GS", "HC", sender.id, receiver.id, day, clock, str(control_number), "X", guide),
        *inner,
        ("SE", str(len(inner) + 1), "0001"),
        ("GE", "1", str(control_number)),
        ("IEA", "1", f"{control_number:09}"),
    ]
    return "".join(f"{_segment(each)}~\n" for each in whole)


def _segment(elements: Sequence[str]) -> str:
    if elements[0] == "ISA":
        return "*".join(elements)
    return "*".join(elements).rstrip("*")


def _providers(bills: Iterable[Bill]) -> Iterator[Sequence[str]]:
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
            yield "HL", str(level), str(parent), "22", "0"
            yield from _subscriber(bill, coverage)
            yield from _claim(bill)


def _provider(provider: BillingProvider) -> Iterator[Sequence[str]]:
    if provider.taxonomy:
        yield "PRV", "BI", "PXC", provider.taxonomy
    yield "NM1", "85", "2", _name(provider.name), "", "", "", "", "XX", provider.npi
    yield from _address_of(provider.address, nine_digits=True)
    yield "REF", "EI", provider.tin


def _subscriber(bill: Bill, coverage: Coverage) -> Iterator[Sequence[str]]:
    filing = FILING[bill.payer_kind]
    if filing == "MB" and bill.claim.claim_type is ClaimType.INSTITUTIONAL:
        filing = "MA"
    yield "SBR", "P", "18", coverage.group_number or "", "", "", "", "", "", filing
    last, first = _name(coverage.last_name), _name(coverage.first_name)
    yield "NM1", "IL", "1", last, first, "", "", "", "MI", coverage.member_id
    yield "N3", _name(coverage.address)
    yield "N4", _name(coverage.city), coverage.region or "", _digits(coverage.postal_code or "")
    yield "DMG", "D8", f"{coverage.birth_on:%Y%m%d}", coverage.sex
    yield "NM1", "PR", "2", _name(bill.payer_name), "", "", "", "", "PI", bill.payer_identifier


def _claim(bill: Bill) -> Iterator[Sequence[str]]:
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


def _service(line: ServiceLine, institutional: bool) -> Iterator[Sequence[str]]:
    procedure = ":".join(("HC", line.procedure.value, *line.modifiers))
    charged, units = _money(line.charged), str(line.units)
    if institutional:
        yield "SV2", line.revenue_code or "", procedure, charged, "UN", units
    else:
        pointers = ":".join(map(str, line.diagnosis_pointers[:4] or (1,)))
        yield "SV1", procedure, charged, "UN", units, line.place_of_service or "", "", pointers


def _diagnoses(claim: Claim, institutional: bool) -> Iterator[Sequence[str]]:
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


def _address_of(address: Address, *, nine_digits: bool = False) -> Iterator[Sequence[str]]:
    code = _digits(address.postal_code)
    if nine_digits:
        # 2010AA N403: the billing provider's code has nine digits (X12 005010X222A1).
        code = code[:9].ljust(5, "0").ljust(9, "9") if len(code) < 9 else code[:9]
    yield "N3", *(_name(each) for each in address.lines[:2])
    yield "N4", _name(address.city), address.region, code


def _digits(text: str) -> str:
    return re.sub("[^0-9]", "", text)


def _name(text: str | None) -> str:
    """A text in the basic character set, without the separators."""
    plain = (text or "").upper().encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Z0-9 !\"&'()+,\-./;?=]", " ", plain).strip()[:60]


def _money(amount: Decimal) -> str:
    return f"{amount:f}"
