"""Rules about the form: what has to be there, and what it has to look like."""

from __future__ import annotations

import re
from collections.abc import Iterator

from domain.identifiers import IdentifierKind, valid
from domain.revenue.scrubber.rules import Reviewed, Wrong, rule

PLACES_OF_SERVICE = frozenset(
    """
    01 02 03 04 05 06 07 08 09 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 31 32 33 34 41
    42 49 50 51 52 53 54 55 56 57 58 60 61 62 65 66 71 72 81 99
    """.split()
)
"""The CMS place of service code set."""

TYPE_OF_BILL = r"0[1-8][1-9][0-9A-Z]"
INPATIENT = ("011", "012", "018", "021", "028", "041")
"""Types of bill of somebody who stays (NUBC, UB-04 manual)."""


@rule("claim.lines_missing", source="X12 837, loop 2400")
def lines_missing(reviewed: Reviewed) -> Iterator[Wrong]:
    """Something is billed."""
    if not reviewed.lines:
        yield Wrong("lines", "There is no line that is not taken back.")


@rule("claim.diagnosis_missing", source="X12 837, HI segment")
def diagnosis_missing(reviewed: Reviewed) -> Iterator[Wrong]:
    """A claim to a payer has a diagnosis."""
    if reviewed.insured and not reviewed.claim.diagnoses:
        yield Wrong("diagnoses", "There is no diagnosis.")


@rule("claim.member_id_missing", source="X12 837, NM109 of loop 2010BA")
def member_id_missing(reviewed: Reviewed) -> Iterator[Wrong]:
    """A claim to a payer says under whose policy."""
    if reviewed.insured and reviewed.claim.coverage is None:
        yield Wrong("coverage", "It is not said under whose policy the payer is asked.")


@rule("claim.place_of_service", source="CMS place of service code set; CMS-1500, box 24B")
def place_of_service(reviewed: Reviewed) -> Iterator[Wrong]:
    """A professional claim says where each service was rendered, by a code of the code set."""
    if not reviewed.professional:
        return
    whole = reviewed.claim.form.place_of_service
    for each in reviewed.lines:
        place = each.place_of_service or whole
        if place is None:
            yield Wrong("place_of_service", "There is no place of service.", each.number)
        elif place not in PLACES_OF_SERVICE:
            yield Wrong("place_of_service", f"There is no place of service {place}.", each.number)


@rule("claim.type_of_bill", source="NUBC, UB-04 locator 4")
def type_of_bill(reviewed: Reviewed) -> Iterator[Wrong]:
    """An institutional claim has a type of bill: a zero and three digits."""
    if reviewed.professional:
        return
    found = reviewed.claim.form.type_of_bill
    if found is None or not re.fullmatch(TYPE_OF_BILL, found):
        yield Wrong("type_of_bill", f"{found or 'Nothing'} is no type of bill, such as 0131.")


@rule("claim.discharge_status_missing", source="NUBC, UB-04 locator 17; X12 837I, CL103")
def discharge_status_missing(reviewed: Reviewed) -> Iterator[Wrong]:
    """An inpatient claim says what became of the patient."""
    form = reviewed.claim.form
    inpatient = (form.type_of_bill or "").startswith(INPATIENT)
    if not reviewed.professional and inpatient and form.discharge_status is None:
        yield Wrong("discharge_status", "There is no discharge status.")


@rule("claim.attending_missing", source="X12 837I, loop 2310A")
def attending_missing(reviewed: Reviewed) -> Iterator[Wrong]:
    """An institutional claim names the attending provider by an NPI."""
    if not reviewed.professional and reviewed.claim.form.attending_npi is None:
        yield Wrong("attending_npi", "There is no attending provider.")


@rule("claim.rendering_missing", source="X12 837P, loop 2310B")
def rendering_missing(reviewed: Reviewed) -> Iterator[Wrong]:
    """A professional claim names who rendered each service, by an NPI."""
    if reviewed.professional and reviewed.claim.form.rendering_npi is None:
        for each in reviewed.lines:
            if each.rendering_npi is None:
                yield Wrong("rendering_npi", "It is not said who rendered it.", each.number)


@rule("provider.npi", source="45 CFR 162.406")
def npi(reviewed: Reviewed) -> Iterator[Wrong]:
    """Every NPI has ten digits, the last a check digit."""
    form = reviewed.claim.form
    for named in ("rendering_npi", "attending_npi", "referring_npi"):
        found = getattr(form, named)
        if found is not None and not valid(IdentifierKind.NPI, found):
            yield Wrong(named, f"{found} is no NPI.")
    for each in reviewed.lines:
        if each.rendering_npi is not None and not valid(IdentifierKind.NPI, each.rendering_npi):
            yield Wrong("rendering_npi", f"{each.rendering_npi} is no NPI.", each.number)


@rule("line.revenue_code", source="NUBC, UB-04 locator 42")
def revenue_code(reviewed: Reviewed) -> Iterator[Wrong]:
    """A line of an institutional claim has a revenue code of four digits."""
    if not reviewed.professional:
        for each in reviewed.lines:
            found = each.revenue_code
            if found is None or not re.fullmatch("[0-9]{4}", found):
                message = f"{found or 'Nothing'} is no revenue code."
                yield Wrong("revenue_code", message, each.number)


@rule("line.date_outside", source="X12 837, DTP*472 within DTP*434")
def date_outside(reviewed: Reviewed) -> Iterator[Wrong]:
    """A service is rendered within the days of the claim."""
    first = reviewed.claim.service_on
    last = reviewed.claim.form.service_through
    if last is not None and last < first:
        yield Wrong("service_through", f"{last} is before the first day of care, {first}.")
        return
    for each in reviewed.lines:
        if each.service_on < first or (last is not None and each.service_on > last):
            message = f"{each.service_on} is outside the days of the claim."
            yield Wrong("service_on", message, each.number)
