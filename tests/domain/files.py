"""Whose credentials the domain's tests are about: a nurse's license, and what her work requires."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from domain.kernel import Standing
from domain.workforce.credential import credential, standing_of
from domain.workforce.credential_requirements import credential_requirements
from domain.workforce.events.credential import (
    CredentialFact,
    CredentialRecorded,
    CredentialVerified,
)
from domain.workforce.events.held import (
    CredentialKind,
    CredentialStatus,
    credential_id_of,
    credentials_of,
)
from domain.workforce.events.requirement import (
    REQUIREMENTS,
    RequirementEstablished,
)
from tests.domain.places import DR_ADEYEMI, FEBRUARY_1, NEW_YEAR, NURSE_BLOM, RIVERSIDE
from tests.grammar import an_open

BOARD_OF_NURSING = "New York State Board of Nursing"
NURSE = "registered nurse"
LAST_DAY = date(2026, 3, 14)
"""The last day of the nurse's license; today, by the tests' clock."""
THE_REQUIREMENT = UUID(int=71)
LICENSE = credential_id_of(
    NURSE_BLOM, CredentialKind.LICENSE, issuer=BOARD_OF_NURSING, title="RN", state="NY", number="7A"
)


def recorded(valid_to: date | None = LAST_DAY) -> CredentialRecorded:
    return CredentialRecorded(
        staff_id=NURSE_BLOM,
        facility_id=RIVERSIDE,
        credential_id=LICENSE,
        kind=CredentialKind.LICENSE,
        title="RN",
        number="7A",
        issuer=BOARD_OF_NURSING,
        state="NY",
        valid_from=NEW_YEAR,
        valid_to=valid_to,
    )


def verified(valid_to: date | None = LAST_DAY, valid_from: date = NEW_YEAR) -> CredentialVerified:
    return CredentialVerified(
        staff_id=NURSE_BLOM,
        facility_id=RIVERSIDE,
        credential_id=LICENSE,
        kind=CredentialKind.LICENSE,
        verified_on=FEBRUARY_1,
        verified_by="Medical staff office",
        source="Nursys",
        valid_from=valid_from,
        valid_to=valid_to,
        status_before=CredentialStatus.PENDING,
        status_after=CredentialStatus.ACTIVE,
    )


def a_requirement(
    kind: CredentialKind = CredentialKind.LICENSE,
    *,
    job: str | None = NURSE,
    title: str = "",
    department_kind: str | None = None,
    valid_from: date = NEW_YEAR,
) -> RequirementEstablished:
    return RequirementEstablished(
        requirement_id=THE_REQUIREMENT,
        kind=kind,
        title=title,
        job=job,
        department_kind=department_kind,
        valid_from=valid_from,
    )


def the_file_of_the_nurse(*facts: CredentialFact) -> Standing:
    """What the gate may know of her after these facts."""
    state = credential.fold(facts)
    return standing_of(state, credentials_of(NURSE_BLOM))


def what_is_required(*facts: RequirementEstablished) -> Standing:
    assert credential_requirements.standing is not None
    return credential_requirements.standing(credential_requirements.fold(facts), REQUIREMENTS)


def the_nurse_works_here() -> Standing:
    return an_open("staff_member", NURSE_BLOM, facility_id=RIVERSIDE)


def the_doctor_works_here() -> Standing:
    return an_open("staff_member", DR_ADEYEMI, facility_id=RIVERSIDE)
