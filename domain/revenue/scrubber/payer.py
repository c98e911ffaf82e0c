"""Rules about the payer: its authorization, and its filing limit."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from domain.revenue.events.preparation import Severity
from domain.revenue.scrubber.rules import Reviewed, Wrong, rule
from domain.revenue.terms import file_by

SOON = timedelta(days=14)
"""How long before the end of the filing limit a claim is urgent (c)."""


@rule("authorization.missing", source="the payer's contract, prior-authorization rules")
def authorization_missing(reviewed: Reviewed) -> Iterator[Wrong]:
    """What the payer wants to be asked for beforehand rests on an authorization."""
    terms = reviewed.terms
    stated = reviewed.claim.form.authorization_number is not None
    if terms is None or stated or reviewed.claim.authorization_id is not None:
        return
    for each in reviewed.lines:
        if terms.terms.needs_authorization(each.procedure.value):
            message = f"{each.procedure.value} needs a prior authorization."
            yield Wrong("authorization_id", message, each.number)


@rule("authorization.not_valid", source="X12 837, REF*G1; the payer's approval")
def authorization_not_valid(reviewed: Reviewed) -> Iterator[Wrong]:
    """The authorization is approved, for this patient and payer, and in force on the day."""
    found = reviewed.authorization
    if found is None:
        return
    claim = reviewed.claim
    if not found.open:
        yield Wrong("authorization_id", f"The authorization is {found.status}.")
        return
    if (found.patient_id, found.payer_id) != (claim.patient_id, claim.payer_id):
        yield Wrong("authorization_id", "It is for another patient, or from another payer.")
    for each in reviewed.lines:
        begun = found.valid_from is None or found.valid_from <= each.service_on
        lasts = found.valid_to is None or each.service_on <= found.valid_to
        if not (begun and lasts):
            message = f"The authorization is not in force on {each.service_on}."
            yield Wrong("service_on", message, each.number)


@rule("authorization.units_left", source="the payer's approval: units")
def authorization_units(reviewed: Reviewed) -> Iterator[Wrong]:
    """The authorization has as many units left as the claim needs."""
    found = reviewed.authorization
    if found is not None and found.open:
        needed, left = reviewed.claim.units_for(found.procedures), found.left_for(reviewed.claim_id)
        if needed > left:
            yield Wrong("units", f"{needed} units are needed and {left} are left.")


@rule("timely_filing.passed", source="the payer's contract; Medicare: 42 CFR 424.44")
def timely_filing_passed(reviewed: Reviewed) -> Iterator[Wrong]:
    """The claim is filed in time."""
    terms = reviewed.terms
    if terms is not None:
        last = file_by(reviewed.claim, terms)
        if last < (reviewed.claim.submitted_on or reviewed.at.now.date()):
            yield Wrong("service_on", f"The last day to file it was {last}.")


@rule(
    "timely_filing.soon",
    source="the payer's contract; Medicare: 42 CFR 424.44",
    severity=Severity.WARNING,
)
def timely_filing_soon(reviewed: Reviewed) -> Iterator[Wrong]:
    """There is still some time left to file the claim."""
    terms, today = reviewed.terms, reviewed.at.now.date()
    if terms is not None and reviewed.claim.submitted_on is None:
        last = file_by(reviewed.claim, terms)
        if today <= last <= today + SOON:
            yield Wrong("service_on", f"The last day to file it is {last}.")
