"""835: what a payer tells of a payment, read from the segments of one transaction.

Follows X12 005010X221A1; what it does not need it passes over. A numbered procedure:

1. The header (BPR, TRN, DTM, the payer's and the payee's N1 loops) comes to a `Payment`.
2. Each CLP, with what follows until the next, comes to a `RemittedClaim`.
3. The PLB segments come to the provider adjustments, told last.

Amounts are exact; one that is no decimal number makes the transaction unreadable. Dates that are
none (``20990080``) count as not told.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from domain.revenue.events.claim import AdjustmentGroup, ClaimType, Code, PaymentMethod
from domain.revenue.events.remittance import (
    ProviderAdjustment,
    RemittedAdjustment,
    RemittedClaim,
    RemittedLine,
)
from facilities.exchange.x12.interchanges import (
    Malformed,
    Segment,
    Transaction,
    element,
)

_AMOUNT = re.compile(r"-?([0-9]{1,15}(\.[0-9]{0,6})?|\.[0-9]{1,6})")
_IN_CENTS = re.compile(r"-?[0-9]{1,15}\.[0-9]{2}")
ZERO = Decimal("0.00")
_CENT = Decimal("0.01")

SYSTEMS = {
    "HC": "HCPCS",
    "NU": "NUBC",
    "N4": "NDC",
    "AD": "CDT",
    "HP": "HIPPS",
    "ER": "ER",
    "IV": "IV",
    "WK": "WK",
}
"""Of which system a procedure is, by the qualifier of the composite (X12 code list 235)."""

GROUPS = frozenset(AdjustmentGroup)

METHODS = {"CHK": PaymentMethod.CHECK}
"""BPR04; everything else is electronic, if it is money at all."""


@dataclass(slots=True)
class Organization:
    """A payer or a payee, and what it is known by."""

    name: str = ""
    npi: str | None = None
    tin: str | None = None
    identifiers: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    city: str = ""
    region: str = ""
    postal_code: str = ""


@dataclass(slots=True)
class Payment:
    """The header of a remittance. `days` are those it may be of, the likeliest first."""

    amount: Decimal = Decimal(0)
    method: PaymentMethod = PaymentMethod.ELECTRONIC
    trace_number: str = ""
    originator: str = ""
    days: list[date] = field(default_factory=list)
    payer: Organization = field(default_factory=Organization)
    payee: Organization = field(default_factory=Organization)


Told = Payment | RemittedClaim | tuple[ProviderAdjustment, ...]


class Digest:
    """A digest of what a transaction says, the same in whatever file and separators it comes."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()

    def over(self, transaction: Transaction) -> Iterator[Segment]:
        component = transaction.envelope.separators.component
        for segment in transaction:
            said = "*".join(segment).rstrip("*")
            self._hash.update((said.replace(component, ":") + "~").encode("utf-8", "replace"))
            yield segment

    def hexdigest(self) -> str:
        return self._hash.hexdigest()


def read_remittance(transaction: Transaction, segments: Iterable[Segment]) -> Iterator[Told]:
    """The payment, then its claims, then the provider adjustments. Raises Malformed."""
    reader = _Reader(transaction.envelope.separators.component)
    headed = False
    for segment in segments:
        name = segment[0]
        if not headed and name in ("LX", "CLP", "PLB", "TS3", "TS2"):
            headed = True
            yield reader.payment(transaction.envelope.sent_on)
        if name in ("CLP", "LX", "PLB") and (claim := reader.claim_ended()) is not None:
            yield claim
        reader.read(name, segment)
    if not headed:
        yield reader.payment(transaction.envelope.sent_on)
    if (claim := reader.claim_ended()) is not None:
        yield claim
    transaction.whole()
    yield tuple(reader.provider_adjustments)


@dataclass(slots=True)
class _Line:
    """A service while it is read."""

    segment: Segment
    dates: dict[str, date] = field(default_factory=dict)
    number: int | None = None
    adjustments: list[RemittedAdjustment] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Claim:
    """A claim while it is read."""

    segment: Segment
    member_number: str | None = None
    institutional: bool = False
    dates: dict[str, date] = field(default_factory=dict)
    adjustments: list[RemittedAdjustment] = field(default_factory=list)
    lines: list[_Line] = field(default_factory=list)


class _Reader:
    """Where in an 835 the reading is."""

    def __init__(self, component: str) -> None:
        self._component = component
        self._payment = Payment()
        self._party: Organization | None = None
        self._days: dict[str, date] = {}
        self._claim: _Claim | None = None
        self._line: _Line | None = None
        self.provider_adjustments: list[ProviderAdjustment] = []

    def read(self, name: str, segment: Segment) -> None:
        """Take in the next segment."""
        match name:
            case "CLP":
                self._claim, self._line = _Claim(segment), None
            case "SVC" if self._claim is not None:
                self._line = _Line(segment)
                self._claim.lines.append(self._line)
            case "CAS" if self._claim is not None:
                of = self._line or self._claim
                of.adjustments.extend(_adjustments(segment))
            case "DTM":
                self._dated(segment)
            case "REF":
                self._referred(segment)
            case "NM1" if self._claim is not None and element(segment, 1) == "QC":
                self._claim.member_number = element(segment, 9) or None
            case "MIA" if self._claim is not None:
                self._claim.institutional = True
            case "LQ" if self._line is not None and element(segment, 2):
                self._line.remarks.append(element(segment, 2))
            case "PLB":
                self.provider_adjustments.extend(self._provider_adjustments(segment))
            case _ if self._claim is None:
                self._headed(name, segment)
            case _:
                pass

    def payment(self, sent_on: str) -> Payment:
        """What the header says."""
        told = [self._days.get("BPR"), self._days.get("405"), day_of(sent_on)]
        self._payment.days = [each for each in told if each is not None]
        if not self._payment.trace_number:
            raise Malformed("x12.required", "nothing", "TRN02, the payment's trace number")
        return self._payment

    def claim_ended(self) -> RemittedClaim | None:
        """The claim that was read last, once."""
        if (claim := self._claim) is None:
            return None
        self._claim = self._line = None
        lines = tuple(map(self._frozen, claim.lines))
        institutional = claim.institutional or any(element(e.segment, 4) for e in claim.lines)
        days = [
            claim.dates.get("232"),
            *(each.service_on for each in lines),
            claim.dates.get("233"),
        ]
        return RemittedClaim(
            control_number=element(claim.segment, 1)[:50] or "(none)",
            status_code=element(claim.segment, 2)[:10],
            charge=amount_of(claim.segment, 3),
            paid=amount_of(claim.segment, 4),
            patient_responsibility=amount_of(claim.segment, 5),
            payer_control_number=element(claim.segment, 7)[:50] or None,
            member_number=claim.member_number,
            claim_type=ClaimType.INSTITUTIONAL if institutional else ClaimType.PROFESSIONAL,
            service_on=next((each for each in days if each is not None), None),
            lines=lines,
            adjustments=tuple(claim.adjustments),
        )

    def _frozen(self, line: _Line) -> RemittedLine:
        procedure, modifiers = self._procedure(line.segment)
        days = (line.dates.get(each) for each in ("472", "150", "151"))
        return RemittedLine(
            charge=amount_of(line.segment, 2),
            paid=amount_of(line.segment, 3),
            procedure=procedure,
            modifiers=modifiers,
            units=amount_of(line.segment, 5) if element(line.segment, 5) else None,
            service_on=next((each for each in days if each is not None), None),
            line=line.number,
            adjustments=tuple(line.adjustments),
            remarks=tuple(line.remarks),
        )

    def _procedure(self, segment: Segment) -> tuple[Code | None, tuple[str, ...]]:
        """SVC01, and where that is empty the revenue code."""
        parts = element(segment, 1).split(self._component)
        if len(parts) > 1 and parts[1]:
            system = SYSTEMS.get(parts[0], parts[0] or "X12")
            modifiers = tuple(each for each in parts[2:6] if each)
            return Code(system=system[:40], value=parts[1][:40]), modifiers
        if revenue_code := element(segment, 4):
            return Code(system="NUBC", value=revenue_code[:40]), ()
        return (Code(system="X12", value=parts[0][:40]), ()) if parts[0] else (None, ())

    # --- the header ------------------------------------------------------------------------------

    def _headed(self, name: str, segment: Segment) -> None:
        party = self._party
        match name:
            case "BPR":
                self._payment.amount = amount_of(segment, 2)
                self._payment.method = METHODS.get(element(segment, 4), PaymentMethod.ELECTRONIC)
                if (day := day_of(element(segment, 16))) is not None:
                    self._days["BPR"] = day
            case "TRN":
                self._payment.trace_number = element(segment, 2)[:50]
                self._payment.originator = element(segment, 3)
            case "N1":
                party = Organization(name=element(segment, 2)[:200])
                self._party = party
                _identified(party, element(segment, 3), element(segment, 4))
                if element(segment, 1) == "PR":
                    self._payment.payer = party
                elif element(segment, 1) == "PE":
                    self._payment.payee = party
            case "N3" if party is not None:
                party.lines += [each for each in segment[1:3] if each.strip()]
            case "N4" if party is not None:
                party.city, party.region = element(segment, 1), element(segment, 2)
                party.postal_code = element(segment, 3)
            case _:
                pass

    def _referred(self, segment: Segment) -> None:
        qualifier, value = element(segment, 1), element(segment, 2)
        if self._line is not None:
            if qualifier == "6R" and re.fullmatch("[0-9]{1,4}", value):
                self._line.number = int(value)
        elif self._claim is None and self._party is not None:
            _identified(self._party, qualifier, value)

    def _dated(self, segment: Segment) -> None:
        if (day := day_of(element(segment, 2))) is None:
            return
        of = self._line or self._claim
        (self._days if of is None else of.dates)[element(segment, 1)] = day

    def _provider_adjustments(self, segment: Segment) -> Iterator[ProviderAdjustment]:
        for place in range(3, 15, 2):
            if element(segment, place):
                reason, _, reference = element(segment, place).partition(self._component)
                yield ProviderAdjustment(
                    reason_code=reason[:10] or "(none)",
                    amount=amount_of(segment, place + 1),
                    reference=reference[:50] or None,
                )


def _identified(party: Organization, qualifier: str, value: str) -> None:
    """What an organization is known by: N103 and N104, or a REF after it."""
    match qualifier:
        case "XX":
            party.npi = value
        case "FI" | "TJ":
            party.tin = value
        case "XV" | "2U" | "NF" | "PQ":
            pass
        case _:
            return
    if value:
        party.identifiers.append(value[:80])


def _adjustments(segment: Segment) -> Iterator[RemittedAdjustment]:
    """The reasons of a CAS segment: up to six, each with an amount and a quantity."""
    group = element(segment, 1)
    if group not in GROUPS:
        expected = ", ".join(AdjustmentGroup)
        raise Malformed("x12.adjustment_group", group, expected)
    for place in range(2, 20, 3):
        if reason := element(segment, place):
            amount = amount_of(segment, place + 1)
            yield RemittedAdjustment(
                group=AdjustmentGroup(group), reason_code=reason[:10], amount=amount
            )


def amount_of(segment: Segment, place: int) -> Decimal:
    """An element's amount, with two decimal places where it has no more. Empty is nothing."""
    text = element(segment, place)
    if not text:
        return ZERO
    if _IN_CENTS.fullmatch(text):
        return Decimal(text)
    if not _AMOUNT.fullmatch(text):
        raise Malformed("x12.amount", f"{segment[0]}{place:02d} {text}", "a decimal number")
    amount = Decimal(text)
    exponent = amount.as_tuple().exponent
    return amount if isinstance(exponent, int) and exponent < -2 else amount.quantize(_CENT)


def day_of(text: str) -> date | None:
    """``20260114``, ``260114``, the first day of ``20260101-20260131``; None where it is no day."""
    digits = text.partition("-")[0].strip()
    if re.fullmatch("[0-9]{6}", digits):
        digits = f"20{digits}"
    if not re.fullmatch("[0-9]{8}", digits):
        return None
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None
