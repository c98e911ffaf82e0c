"""837: claims are written for a payer, professional (837P) and institutional (837I).

Follows X12 005010X222A1 and 005010X223A2. One interchange holds one group and one transaction; its
claims stand under their billing provider, each under its subscriber, or under the dependent of the
subscriber who is the patient. What a bill lacks that the guide requires is named before anything is
written. Attending and rendering providers are told by their NPI. A payer that is asked second is
told what the first one decided (loops 2320, 2330 and 2430).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import groupby

from domain.organization.events import Address
from domain.revenue.claim import Claim
from domain.revenue.events.claim import ClaimFrequency, ClaimType
from domain.revenue.events.form import Coverage, Dependent
from domain.revenue.events.payer import PayerKind
from domain.revenue.events.remittance import AdjudicatedLine, RemittedAdjustment
from domain.revenue.service_line import ServiceLine
from facilities.exchange.x12.bill import Bill, BillingProvider, dependent_of, missing
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

REASONS_OF_A_SEGMENT = 6
"""How many reasons a CAS segment has room for."""


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
            coverage = bill.coverage
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
    # Of a subscriber who is not the patient SBR02 says nothing, nor where they live (2010BA).
    itself = "18" if dependent_of(coverage) is None else ""
    yield _insured(bill, "P" if bill.earlier is None else "S", itself, coverage, bill.payer_kind)
    last, first = plain(coverage.last_name), plain(coverage.first_name)
    yield "NM1", "IL", "1", last, first, "", "", "", "MI", coverage.member_id
    if itself:
        yield from _described(coverage)
    yield "NM1", "PR", "2", plain(bill.payer_name), "", "", "", "", "PI", bill.payer_identifier


def _insured(
    bill: Bill, rank: str, relationship: str, coverage: Coverage, kind: PayerKind
) -> Elements:
    """Whose policy it is with a payer, and which of the payers that is."""
    filing = FILING[kind]
    institutional = bill.claim.claim_type is ClaimType.INSTITUTIONAL
    if filing == "MB" and institutional:
        filing = "MA"
    second = ""
    if rank == "S" and kind is PayerKind.MEDICARE and not institutional:
        second = coverage.insurance_type or ""
    group = coverage.group_number or ""
    return "SBR", rank, relationship, group, "", second, "", "", "", filing


def _described(patient: Coverage | Dependent) -> Iterator[Elements]:
    """Where the patient lives, when they were born, and their sex (U where nobody knows)."""
    yield "N3", plain(patient.address)
    yield "N4", plain(patient.city), patient.region or "", digits(patient.postal_code or "")
    yield "DMG", "D8", f"{patient.birth_on:%Y%m%d}", patient.sex


def _claim(bill: Bill) -> Iterator[Elements]:
    claim, form = bill.claim, bill.claim.form
    institutional = claim.claim_type is ClaimType.INSTITUTIONAL
    lines = claim.billed_lines
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
    if claim.frequency is not ClaimFrequency.ORIGINAL and bill.payers_number:
        yield "REF", "F8", bill.payers_number
    yield from _diagnoses(claim, institutional)
    if institutional:
        yield "NM1", "71", "1", "ATTENDING", "PROVIDER", "", "", "", "XX", form.attending_npi or ""
    elif form.rendering_npi:
        yield "NM1", "82", "1", "RENDERING", "PROVIDER", "", "", "", "XX", form.rendering_npi
    yield from _decided_before(bill)
    for place_in_claim, line in enumerate(lines, 1):
        yield "LX", str(place_in_claim)
        yield from _service(line, institutional)
        yield "DTP", "472", "D8", f"{line.service_on:%Y%m%d}"
        yield "REF", "6R", str(line.number)
        yield from _line_decided_before(bill, line, institutional)


def _decided_before(bill: Bill) -> Iterator[Elements]:
    """Who was asked first, under which policy, and what they paid (loops 2320 and 2330)."""
    earlier, coverage = bill.earlier, bill.claim.coverage
    if earlier is None or earlier.decision is None or coverage is None:
        return
    decision = earlier.decision
    yield _insured(bill, "P", coverage.relationship, coverage, earlier.kind)
    yield from _reasons(decision.adjustments)
    yield "AMT", "D", _money(decision.paid)
    yield "OI", "", "", "Y", "", "", "Y"
    last, first = plain(coverage.last_name), plain(coverage.first_name)
    yield "NM1", "IL", "1", last, first, "", "", "", "MI", coverage.member_id
    yield "NM1", "PR", "2", plain(earlier.name), "", "", "", "", "PI", earlier.identifier
    if not decision.lines:
        yield "DTP", "573", "D8", f"{decision.adjudicated_on:%Y%m%d}"
    if decision.payer_control_number:
        yield "REF", "F8", decision.payer_control_number


def _line_decided_before(bill: Bill, line: ServiceLine, institutional: bool) -> Iterator[Elements]:
    """What was paid for a line by who was asked first, and why not more (loop 2430)."""
    decision = None if bill.earlier is None else bill.earlier.decision
    told: Sequence[AdjudicatedLine] = () if decision is None else decision.lines
    for each in told:
        if bill.earlier is None or decision is None or each.line != line.number:
            continue
        revenue_code = (line.revenue_code or "") if institutional else ""
        paid, units = _money(each.paid), str(line.units)
        yield "SVD", bill.earlier.identifier, paid, _procedure(line), revenue_code, units
        yield from _reasons(each.adjustments)
        yield "DTP", "573", "D8", f"{decision.adjudicated_on:%Y%m%d}"


def _reasons(adjustments: Sequence[RemittedAdjustment]) -> Iterator[Elements]:
    """Why less was paid than was asked for: a CAS for six reasons of a group at most. What comes to
    nothing is no reason."""
    told_of = [each for each in adjustments if each.amount]
    for group in dict.fromkeys(each.group for each in told_of):
        reasons = [each for each in told_of if each.group is group]
        for start in range(0, len(reasons), REASONS_OF_A_SEGMENT):
            told: list[str] = []
            for each in reasons[start : start + REASONS_OF_A_SEGMENT]:
                told += [each.reason_code, _money(each.amount), ""]
            yield "CAS", group, *told[:-1]


def _procedure(line: ServiceLine) -> str:
    return ":".join(("HC", line.procedure.value, *line.modifiers))


def _service(line: ServiceLine, institutional: bool) -> Iterator[Elements]:
    procedure = _procedure(line)
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


def _address_of(address: Address, *, nine_digits: bool = False) -> Iterator[Elements]:
    code = digits(address.postal_code)
    if nine_digits:
        # 2010AA N403: the billing provider's code has nine digits (X12 005010X222A1).
        code = code[:9].ljust(5, "0").ljust(9, "9") if len(code) < 9 else code[:9]
    yield "N3", *(plain(each) for each in address.lines[:2])
    yield "N4", plain(address.city), address.region, code


def _money(amount: Decimal) -> str:
    return f"{amount:f}"
