"""Rules about others: who rendered the service, and what other claims of the patient bill."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from uuid import UUID

from domain.revenue.claim import Claim
from domain.revenue.events.service_register import BilledService, RegisterStanding, register_of
from domain.revenue.scrubber.codes import REPEATED
from domain.revenue.scrubber.rules import Reviewed, Wrong, rule
from domain.revenue.service_line import ServiceLine
from domain.workforce.events.credential import CredentialStanding
from domain.workforce.events.held import CredentialKind, HeldCredential, credentials_of


def consulted(claim: Claim) -> Iterator[UUID]:
    """Those who rendered the services, their credentials, and what is billed for the patient."""
    for each in {_who(claim, line) for line in claim.billed_lines}:
        if each is not None:
            yield each
            yield credentials_of(each)
    if claim.facility_id is not None:
        yield register_of(claim.facility_id, claim.patient_id)


def services_of(claim: Claim) -> tuple[BilledService, ...]:
    """What a claim bills, but for what is marked as done again."""
    return tuple(
        dict.fromkeys(
            _service(claim, each)
            for each in claim.billed_lines
            if REPEATED.isdisjoint(each.modifiers)
        )
    )


@rule("claim.duplicate", source="CMS Pub. 100-04, chapter 1, section 120")
def duplicate(reviewed: Reviewed) -> Iterator[Wrong]:
    """What another claim of the patient at the facility bills is not billed again."""
    claim = reviewed.claim
    assert claim.facility_id is not None, "a claim that is reviewed is somewhere"
    register = reviewed.at.standings.get(register_of(claim.facility_id, claim.patient_id))
    if not isinstance(register, RegisterStanding):
        return
    elsewhere = register.beside(reviewed.claim_id)
    for each in reviewed.lines:
        other = elsewhere.get(_service(claim, each))
        if other is not None and REPEATED.isdisjoint(each.modifiers):
            yield Wrong("procedure", f"The claim {other} bills the same.", each.number)


@rule("rendering.not_at_work", source="42 CFR 424.516; the credential gate")
def not_at_work(reviewed: Reviewed) -> Iterator[Wrong]:
    """Who rendered the service may work."""
    for each in reviewed.lines:
        staff_id = _who(reviewed.claim, each)
        standing = None if staff_id is None else reviewed.at.standings.get(staff_id)
        if standing is not None and not standing.open:
            message = f"Who rendered it is {standing.status}."
            yield Wrong("rendering_staff_id", message, each.number)


@rule("rendering.excluded", source="42 CFR 1001.1901")
def excluded(reviewed: Reviewed) -> Iterator[Wrong]:
    """Nothing is billed of whom federal health care programs exclude on the day."""
    for each, held in _credentialed(reviewed):
        if any(span.touches(each.service_on, each.service_on) for span in held.exclusions):
            message = f"Who rendered it is excluded on {each.service_on}."
            yield Wrong("rendering_staff_id", message, each.number)


@rule("rendering.not_licensed", source="42 CFR 424.516; the credential gate")
def not_licensed(reviewed: Reviewed) -> Iterator[Wrong]:
    """Who rendered the service held a license on the day, verified at its source.

    Of whom no license is on file, nothing is known. An override of the gate counts here too.
    """
    for each, held in _credentialed(reviewed):
        licenses = [one for one in held.credentials if one.kind is CredentialKind.LICENSE]
        day = each.service_on
        waived = any(
            one.kind is CredentialKind.LICENSE
            and one.work_facility_id == reviewed.claim.facility_id
            and one.valid_from <= day <= one.valid_to
            for one in held.overrides
        )
        if licenses and not waived and not any(_in_force(one, day) for one in licenses):
            message = f"No license of who rendered it is verified and in force on {day}."
            yield Wrong("rendering_staff_id", message, each.number)


def _credentialed(reviewed: Reviewed) -> Iterator[tuple[ServiceLine, CredentialStanding]]:
    """The lines whose renderers' credentials are on file, with these."""
    for each in reviewed.lines:
        staff_id = _who(reviewed.claim, each)
        if staff_id is not None:
            standing = reviewed.at.standings.get(credentials_of(staff_id))
            if isinstance(standing, CredentialStanding):
                yield each, standing


def _in_force(credential: HeldCredential, day: date) -> bool:
    revoked = credential.revoked_on is not None and credential.revoked_on <= day
    suspended = any(each.touches(day, day) for each in credential.suspensions)
    covered = any(
        each.verified and each.valid_from <= day and (each.valid_to is None or day <= each.valid_to)
        for each in credential.terms
    )
    return covered and not (revoked or suspended)


def _who(claim: Claim, line: ServiceLine) -> UUID | None:
    return line.rendering_staff_id or claim.rendering_staff_id


def _service(claim: Claim, line: ServiceLine) -> BilledService:
    return BilledService(
        service_on=line.service_on,
        procedure=line.procedure.value,
        modifiers=tuple(sorted(line.modifiers)),
        rendering_npi=line.rendering_npi or claim.form.rendering_npi,
    )
