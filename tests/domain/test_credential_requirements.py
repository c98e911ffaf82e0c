"""What the work requires: established from a day on, ended on one, and never twice at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest

from domain.workforce.credential_requirements import (
    MOST,
    CredentialRequirements,
    EndRequirement,
    EstablishRequirement,
)
from domain.workforce.events.held import CredentialKind
from domain.workforce.events.requirement import (
    REQUIREMENTS,
    RequirementEnded,
    RequirementEstablished,
    RequirementsStanding,
)
from tests.domain.files import NURSE, THE_REQUIREMENT, a_requirement, what_is_required
from tests.domain.places import FAR_FUTURE, FEBRUARY_1, MARCH_1, NEW_YEAR
from tests.grammar import given

DAY = timedelta(days=1)

establish = EstablishRequirement(
    kind=CredentialKind.LICENSE, job=NURSE, department_kind="emergency", valid_from=NEW_YEAR
)
end = EndRequirement(requirement_id=THE_REQUIREMENT, ended_on=FEBRUARY_1)
established = a_requirement(department_kind="emergency")
ended = RequirementEnded(requirement_id=THE_REQUIREMENT, ended_on=FEBRUARY_1)


def test_a_job_needs_a_license_from_a_day_on() -> None:
    outcome = given(CredentialRequirements).when(establish)
    outcome.records_a(
        RequirementEstablished, job=NURSE, department_kind="emergency", valid_from=NEW_YEAR
    )
    outcome.then().when(establish).records_nothing()
    assert establish.requirements_id == established.requirements_id == REQUIREMENTS


def test_what_will_be_required_may_be_told_beforehand() -> None:
    in_time = replace(establish, valid_from=date(2030, 1, 1))
    given(CredentialRequirements).when(in_time).records_a(RequirementEstablished)


def test_the_same_is_not_required_twice_at_once() -> None:
    shouted = replace(establish, job=NURSE.upper(), valid_from=MARCH_1)
    given(CredentialRequirements, established).when(shouted).refused(
        "credential_requirements.overlap", requirement_id=THE_REQUIREMENT
    )
    over = given(CredentialRequirements, established, ended)
    over.when(shouted).records_a(RequirementEstablished, valid_from=MARCH_1)
    over.when(replace(shouted, valid_from=FEBRUARY_1)).refused("credential_requirements.overlap")


def test_something_else_may_be_required_at_the_same_time() -> None:
    for otherwise in (
        replace(establish, job=None),
        replace(establish, department_kind=None),
        replace(establish, kind=CredentialKind.DEA),
        replace(establish, title="RN"),
    ):
        given(CredentialRequirements, established).when(otherwise).records_a(RequirementEstablished)


@pytest.mark.parametrize(
    ("wrong", "code", "field"),
    [
        ({"job": ""}, "credential_requirements.text", "job"),
        ({"title": "x" * 101}, "credential_requirements.text", "title"),
        (
            {"department_kind": "The ER"},
            "credential_requirements.department_kind",
            "department_kind",
        ),
        ({"valid_from": FAR_FUTURE}, "credential_requirements.date", "valid_from"),
    ],
    ids=str,
)
def test_what_cannot_be_required_is_refused(
    wrong: dict[str, object], code: str, field: str
) -> None:
    command = replace(establish, **wrong)  # type: ignore[arg-type]
    given(CredentialRequirements).when(command).refused(code, field=field)


def test_there_are_not_more_than_the_gate_can_walk_through() -> None:
    many = [
        replace(established, requirement_id=UUID(int=number), job=f"job {number}")
        for number in range(MOST)
    ]
    given(CredentialRequirements, *many).when(establish).refused(
        "credential_requirements.requirements"
    )


def test_a_requirement_ends_on_a_day_that_may_still_come() -> None:
    outcome = given(CredentialRequirements, established).when(end)
    outcome.records(ended)
    outcome.then().when(end).records_nothing()
    later = replace(end, ended_on=date(2030, 1, 1))
    outcome.then().when(later).records_a(RequirementEnded, ended_on=date(2030, 1, 1))


def test_a_requirement_ends_after_it_began() -> None:
    there = given(CredentialRequirements, established)
    there.when(replace(end, ended_on=NEW_YEAR - DAY)).refused("credential_requirements.date_order")
    there.when(replace(end, ended_on=FAR_FUTURE)).refused("credential_requirements.date")
    there.when(replace(end, requirement_id=UUID(int=5))).refused("credential_requirements.unknown")


def test_the_standing_tells_every_requirement() -> None:
    another = replace(established, requirement_id=UUID(int=5), job=None)
    standing = what_is_required(established, another)
    assert isinstance(standing, RequirementsStanding)
    assert [each.job for each in standing.requirements] == [NURSE, None]
    after = given(CredentialRequirements, established, another, ended).state
    assert [each.valid_to for each in after.requirements] == [FEBRUARY_1, None]
