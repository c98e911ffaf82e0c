"""Whoever may not work any more is found on the shifts that lie ahead of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from domain.kernel import Fact
from domain.workforce.credentialing import RecordCredential, VerifyCredential
from domain.workforce.events.credential import CredentialRevoked, CredentialScreened, GateRefused
from domain.workforce.events.held import (
    CredentialKind,
    CredentialStatus,
    FindingCode,
    ScreeningResult,
    credential_id_of,
)
from domain.workforce.events.requirement import RequirementEnded, RequirementEstablished
from domain.workforce.overrides import AskAtGate
from domain.workforce.sanctions import SuspendCredential
from facilities.process import Process
from facilities.processes.gate_again import gate_again
from tests.domain.places import CARDIOLOGY, HILLTOP, RIVERSIDE
from tests.domain.rostering import (
    BLOM,
    CHO,
    MONDAY,
    NOW,
    NURSE,
    THE_ROSTER,
    Hospital,
    a_day,
    an_rn_license_is_required,
)
from tests.facilities.processes_grammar import sees

REQUIREMENT = UUID(int=7)
SEVEN = datetime(2026, 10, 5, 11, 0, tzinfo=UTC)
"""Monday, 7 in the morning in New York."""


@dataclass(frozen=True)
class Ahead:
    """A day shift in cardiology."""

    facility_id: UUID = HILLTOP
    department_id: UUID = CARDIOLOGY
    department_kind: str | None = "inpatient"
    job: str = NURSE
    starts_at: datetime = SEVEN
    ends_at: datetime = SEVEN + timedelta(hours=12)
    staff_id: UUID = BLOM
    home_id: UUID = RIVERSIDE


def watching(*shifts: Ahead) -> Process:
    def ahead(staff_id: UUID, _since: datetime, _position: int) -> Iterable[Ahead]:
        return shifts if staff_id == BLOM else ()

    def under(requirement_id: UUID, _since: datetime, _position: int) -> Iterable[Ahead]:
        return shifts if requirement_id == REQUIREMENT else ()

    return gate_again(ahead, under)


asking = AskAtGate(
    staff_id=BLOM,
    facility_id=RIVERSIDE,
    job=NURSE,
    begins_at=SEVEN,
    ends_at=SEVEN + timedelta(hours=12),
    department_kind="inpatient",
    department_id=CARDIOLOGY,
    work_facility_id=HILLTOP,
)
revoked = CredentialRevoked(
    staff_id=BLOM,
    facility_id=RIVERSIDE,
    credential_id=THE_ROSTER,
    kind=CredentialKind.LICENSE,
    revoked_on=MONDAY,
    reason="the board's decision",
    status_before=CredentialStatus.ACTIVE,
    status_after=CredentialStatus.REVOKED,
)


established = RequirementEstablished(
    requirement_id=REQUIREMENT,
    kind=CredentialKind.LIFE_SUPPORT,
    title="ACLS",
    job=NURSE,
    department_kind=None,
    valid_from=MONDAY,
)
ended_later = RequirementEnded(requirement_id=REQUIREMENT, ended_on=MONDAY)


def screened(result: ScreeningResult) -> CredentialScreened:
    return CredentialScreened(
        staff_id=BLOM, facility_id=RIVERSIDE, screened_on=MONDAY, source="LEIE", result=result
    )


@pytest.mark.parametrize("fact", [revoked, screened(ScreeningResult.EXCLUDED)])
def test_the_gate_is_asked_about_each_shift_that_lies_ahead(fact: Fact) -> None:
    sees(watching(Ahead()), fact).sends(asking)
    sees(watching(), fact).sends_nothing()


@pytest.mark.parametrize("fact", [established, ended_later])
def test_what_the_work_comes_to_require_is_asked_of_everybody_it_is_about(fact: Fact) -> None:
    another = Ahead(staff_id=CHO, home_id=HILLTOP)
    sees(watching(Ahead(), another), fact).sends(
        asking, replace(asking, staff_id=CHO, facility_id=HILLTOP)
    )
    sees(watching(), fact).sends_nothing()


def test_who_is_not_on_the_list_of_the_excluded_works_on() -> None:
    sees(watching(Ahead()), screened(ScreeningResult.CLEAR)).sends_nothing()


def test_a_license_that_is_suspended_after_the_roster_was_published_is_on_record() -> None:
    hospital = Hospital(an_rn_license_is_required())
    its = {"issuer": "Board of Nursing", "number": "1", "title": "RN"}
    hospital.does(
        RecordCredential(
            staff_id=BLOM,
            facility_id=RIVERSIDE,
            kind=CredentialKind.LICENSE,
            valid_from=date(2025, 1, 1),
            valid_to=date(2027, 1, 1),
            state="NY",
            **its,
        )
    )
    license_id = credential_id_of(BLOM, CredentialKind.LICENSE, state="NY", **its)
    hospital.does(
        VerifyCredential(
            staff_id=BLOM,
            credential_id=license_id,
            verified_on=date(2026, 9, 1),
            verified_by="Medical staff office",
            source="Nursys",
        )
    )
    hospital.drafts()
    hospital.plans(a_day(MONDAY, BLOM))
    hospital.publishes()
    (suspended,) = hospital.does(
        SuspendCredential(
            staff_id=BLOM,
            credential_id=license_id,
            suspended_on=NOW.date(),
            reason="under investigation",
        )
    )
    here = Ahead(facility_id=RIVERSIDE, department_kind=None)
    (command,) = watching(here).commands(sees(watching(), suspended).event)
    (told,) = hospital.does(command)
    assert isinstance(told, GateRefused)
    assert [each.code for each in told.findings] == [FindingCode.SUSPENDED]
    assert (told.work_from, told.department_id) == (MONDAY, CARDIOLOGY)
