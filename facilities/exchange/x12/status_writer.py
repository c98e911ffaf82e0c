"""276: a payer is asked where claims stand.

Follows X12 005010X212. Claims stand under their provider, each under its subscriber, or under the
dependent who is the patient. Each is traced by our control number, which the answer (277) repeats.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import groupby

from domain.revenue.events.form import Coverage, Dependent
from facilities.exchange.x12.bill import Bill, dependent_of
from facilities.exchange.x12.envelope import Correspondent, Elements, Interchange, plain

GUIDE = "005010X212"


def unaskable(bill: Bill) -> tuple[str, ...]:
    """What a 276 requires and the bill does not have, in words for people."""
    claim, coverage = bill.claim, bill.coverage
    wanted: dict[str, object] = {
        "the facility's NPI": bill.provider.npi,
        "the payer's identifier": bill.payer_identifier,
        "a control number": claim.control_number,
        "the subscriber's member id": coverage and coverage.member_id,
        "the subscriber's last name": coverage and coverage.last_name,
        "the patient's date of birth": coverage and (dependent_of(coverage) or coverage).birth_on,
    }
    return tuple(name for name, value in wanted.items() if not value)


def write_status_requests(
    bills: Sequence[Bill],
    sender: Correspondent,
    receiver: Correspondent,
    *,
    control_number: int,
    at: datetime,
    test: bool = False,
) -> str:
    """An interchange that asks about these claims. Raises ValueError for one that lacks something
    (`unaskable`)."""
    for each in bills:
        if lacking := unaskable(each):
            raise ValueError(f"{each.claim.control_number}: {', '.join(lacking)} is missing")
    out = Interchange(
        sender=sender, receiver=receiver, control_number=control_number, at=at, test=test
    )
    asked = ("BHT", "0010", "13", str(control_number), out.day, out.clock)
    return out.around("HR", "276", GUIDE, [asked, *_payers(bills, sender)])


def _payers(bills: Sequence[Bill], sender: Correspondent) -> Iterator[Elements]:
    """The hierarchy: payers (HL 20), who asks (21), providers (19), subscribers (22), dependents
    (23)."""
    level = 0
    in_order = sorted(bills, key=lambda e: (e.payer_identifier, e.provider.npi))
    for (name, identifier), of_payer in groupby(
        in_order, key=lambda e: (e.payer_name, e.payer_identifier)
    ):
        level += 2
        asking = level
        yield "HL", str(level - 1), "", "20", "1"
        yield "NM1", "PR", "2", plain(name), "", "", "", "", "PI", identifier
        yield "HL", str(level), str(level - 1), "21", "1"
        yield "NM1", "41", "2", plain(sender.name), "", "", "", "", "46", sender.id
        for provider, of_provider in groupby(of_payer, key=lambda e: e.provider):
            level += 1
            parent = level
            yield "HL", str(level), str(asking), "19", "1"
            yield "NM1", "1P", "2", plain(provider.name), "", "", "", "", "XX", provider.npi
            for bill in of_provider:
                coverage = bill.coverage
                assert coverage is not None, "a bill without it is not asked about"
                level += 1
                dependent = dependent_of(coverage)
                yield "HL", str(level), str(parent), "22", "0" if dependent is None else "1"
                if dependent is None:
                    yield _born(coverage)
                last, first = plain(coverage.last_name), plain(coverage.first_name)
                yield "NM1", "IL", "1", last, first, "", "", "", "MI", coverage.member_id
                if dependent is not None:
                    level += 1
                    yield "HL", str(level), str(level - 1), "23"
                    yield _born(dependent)
                    yield "NM1", "QC", "1", plain(dependent.last_name), plain(dependent.first_name)
                yield from _traced(bill)


def _born(patient: Coverage | Dependent) -> Elements:
    # DMG03 knows no unknown sex here (X12 005010X212): it is left out then.
    sex = patient.sex if patient.sex in ("F", "M") else ""
    return "DMG", "D8", f"{patient.birth_on:%Y%m%d}", sex


def _traced(bill: Bill) -> Iterator[Elements]:
    claim = bill.claim
    number = claim.control_number or ""
    yield "TRN", "1", number
    if bill.payers_number:
        yield "REF", "1K", bill.payers_number
    yield "REF", "EJ", number
    charged = sum((each.charged for each in claim.billed_lines), Decimal(0))
    yield "AMT", "T3", f"{charged:f}"
    first, last = claim.service_on, claim.form.service_through or claim.service_on
    if first == last:
        yield "DTP", "472", "D8", f"{first:%Y%m%d}"
    else:
        yield "DTP", "472", "RD8", f"{first:%Y%m%d}-{last:%Y%m%d}"
