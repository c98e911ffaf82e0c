"""The life of a grievance: filed, looked into, answered or withdrawn."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from domain.kernel import Command
from domain.workforce.events.grievance import (
    GrievanceFiled,
    GrievanceInvestigated,
    GrievanceKind,
    GrievanceOutcome,
    GrievanceResolved,
    GrievanceWithdrawn,
)
from domain.workforce.grievance import (
    FileGrievance,
    Grievance,
    InvestigateGrievance,
    ResolveGrievance,
    WithdrawGrievance,
)
from tests.domain.files import the_doctor_works_here, the_nurse_works_here
from tests.domain.places import (
    DR_ADEYEMI,
    FEBRUARY_1,
    HILLTOP,
    MARCH_1,
    NEW_YEAR,
    NURSE_BLOM,
    RIVERSIDE,
    TOMORROW_EVERYWHERE,
)
from tests.grammar import TODAY, Given, given

IT = UUID(int=95)

file = FileGrievance(
    grievance_id=IT,
    facility_id=RIVERSIDE,
    staff_id=NURSE_BLOM,
    kind=GrievanceKind.SCHEDULING,
    account="three weekends in a row",
    filed_on=FEBRUARY_1,
)
investigate = InvestigateGrievance(
    grievance_id=IT,
    investigator_staff_id=DR_ADEYEMI,
    findings="the roster was made by hand",
    investigated_on=MARCH_1,
)
resolve = ResolveGrievance(
    grievance_id=IT,
    outcome=GrievanceOutcome.UPHELD,
    answer="the next two weekends are hers",
    resolved_on=TODAY,
)
withdraw = WithdrawGrievance(grievance_id=IT, withdrawn_on=MARCH_1)


def a_grievance(*commands: Command) -> Given:
    """A grievance of the nurse's, after these commands."""
    so_far = given(Grievance).knowing(the_nurse_works_here(), the_doctor_works_here())
    for each in commands:
        so_far = so_far.when(each).then()
    return so_far


def test_a_grievance_is_filed_looked_into_and_answered() -> None:
    a_grievance().when(file).records_a(GrievanceFiled, staff_id=NURSE_BLOM)
    a_grievance(file).when(investigate).records_a(GrievanceInvestigated, first=True)
    again = replace(investigate, investigated_on=TODAY)
    a_grievance(file, investigate).when(again).records_a(GrievanceInvestigated, first=False)
    a_grievance(file, investigate).when(resolve).records_a(
        GrievanceResolved, days=(TODAY - FEBRUARY_1).days, investigated=True
    )


def test_what_nobody_looked_into_can_only_be_settled() -> None:
    a_grievance(file).when(resolve).refused("grievance.not_investigated", field="outcome")
    settled = replace(resolve, outcome=GrievanceOutcome.SETTLED)
    a_grievance(file).when(settled).records_a(GrievanceResolved, investigated=False)


def test_who_complained_may_do_so_no_longer() -> None:
    outcome = a_grievance(file, investigate).when(withdraw)
    outcome.records_a(GrievanceWithdrawn, investigated=True)
    outcome.then().when(withdraw).records_nothing()
    outcome.then().when(resolve).refused("grievance.closed", status="withdrawn")
    a_grievance(file, investigate, resolve).when(withdraw).refused("grievance.closed")


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (replace(file, facility_id=HILLTOP), "staff_member.unknown"),
        (replace(file, account=" "), "grievance.text"),
        (replace(file, filed_on=TOMORROW_EVERYWHERE), "grievance.date"),
    ],
    ids=str,
)
def test_what_cannot_be_filed_is_refused(command: Command, code: str) -> None:
    a_grievance().when(command).refused(code)


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (file, "grievance.already_filed"),
        (replace(investigate, investigator_staff_id=NURSE_BLOM), "grievance.own_investigation"),
        (replace(investigate, investigator_staff_id=UUID(int=5)), "staff_member.unknown"),
        (replace(investigate, findings=""), "grievance.text"),
        (replace(investigate, investigated_on=NEW_YEAR), "grievance.date_order"),
        (replace(withdraw, withdrawn_on=TOMORROW_EVERYWHERE), "grievance.date"),
    ],
    ids=str,
)
def test_what_cannot_happen_to_it_is_refused(command: Command, code: str) -> None:
    a_grievance(file).when(command).refused(code)


def test_an_answer_has_words() -> None:
    a_grievance(file, investigate).when(replace(resolve, answer="")).refused("grievance.text")
