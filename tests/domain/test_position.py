"""The life of a position: budgeted, filled, vacated, and abolished while nobody holds it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from domain.kernel import Command
from domain.workforce.events.position import (
    PositionAbolished,
    PositionBudgeted,
    PositionFilled,
    PositionRebudgeted,
    PositionVacated,
    VacancyReason,
)
from domain.workforce.position import (
    AbolishPosition,
    BudgetPosition,
    FillPosition,
    Position,
    RebudgetPosition,
    VacatePosition,
    position,
)
from tests.domain.files import NURSE, the_doctor_works_here, the_nurse_works_here
from tests.domain.places import (
    CARDIOLOGY,
    DR_ADEYEMI,
    FEBRUARY_1,
    HILLTOP,
    MARCH_1,
    NEW_YEAR,
    NURSE_BLOM,
    RIVERSIDE,
    TOMORROW_EVERYWHERE,
    riverside_is_open,
)
from tests.grammar import Given, an_open, given

DAY = timedelta(days=1)
THE_POSITION = UUID(int=81)

budgeted = PositionBudgeted(
    position_id=THE_POSITION,
    facility_id=RIVERSIDE,
    department_id=CARDIOLOGY,
    job=NURSE,
    fte=80,
    budgeted_on=NEW_YEAR,
)
filled = PositionFilled(
    position_id=THE_POSITION,
    facility_id=RIVERSIDE,
    department_id=CARDIOLOGY,
    job=NURSE,
    fte=80,
    staff_id=NURSE_BLOM,
    filled_on=FEBRUARY_1,
)
budget = BudgetPosition(
    position_id=THE_POSITION,
    facility_id=RIVERSIDE,
    department_id=CARDIOLOGY,
    job=NURSE,
    fte=80,
    budgeted_on=NEW_YEAR,
)
fill = FillPosition(position_id=THE_POSITION, staff_id=NURSE_BLOM, filled_on=FEBRUARY_1)
vacate = VacatePosition(
    position_id=THE_POSITION, vacated_on=MARCH_1, reason=VacancyReason.SEPARATION
)
rebudget = RebudgetPosition(position_id=THE_POSITION, fte=100, rebudgeted_on=MARCH_1)
abolish = AbolishPosition(position_id=THE_POSITION, abolished_on=MARCH_1, reason="a ward closed")


def a_position(*facts: object) -> Given:
    """A position in cardiology at Riverside, where the nurse and the doctor work."""
    return given(Position, *facts).knowing(  # type: ignore[arg-type]
        riverside_is_open(),
        an_open("department", CARDIOLOGY, facility_id=RIVERSIDE),
        the_nurse_works_here(),
        the_doctor_works_here(),
    )


def test_a_position_is_budgeted_filled_vacated_and_filled_again() -> None:
    a_position().when(budget).records(budgeted)
    outcome = a_position(budgeted).when(fill)
    outcome.records(filled)
    outcome.then().when(fill).records_nothing()
    vacant = outcome.then().when(vacate)
    vacant.records_a(PositionVacated, staff_id=NURSE_BLOM, reason=VacancyReason.SEPARATION)
    vacant.then().when(vacate).records_nothing()
    again = FillPosition(position_id=THE_POSITION, staff_id=DR_ADEYEMI, filled_on=MARCH_1)
    vacant.then().when(again).records_a(PositionFilled, staff_id=DR_ADEYEMI)


def test_a_position_is_held_by_one_person() -> None:
    other = replace(fill, staff_id=DR_ADEYEMI)
    a_position(budgeted, filled).when(other).refused(
        "position.filled", field="staff_id", holder_staff_id=NURSE_BLOM
    )


def test_who_does_not_hold_it_does_not_vacate_it() -> None:
    a_position(budgeted, filled).when(replace(vacate, staff_id=DR_ADEYEMI)).records_nothing()


def test_there_may_be_money_for_more_of_it() -> None:
    outcome = a_position(budgeted, filled).when(rebudget)
    outcome.records_a(PositionRebudgeted, fte_before=80, fte_after=100, filled=True)
    outcome.then().when(rebudget).records_nothing()
    assert outcome.then().state.fte == 100


def test_only_what_is_vacant_is_abolished() -> None:
    a_position(budgeted, filled).when(abolish).refused(
        "position.filled", holder_staff_id=NURSE_BLOM
    )
    outcome = a_position(budgeted).when(abolish)
    outcome.records_a(PositionAbolished, fte=80)
    outcome.then().when(abolish).records_nothing()
    for command in (fill, vacate, rebudget):
        outcome.then().when(command).refused("position.abolished")


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (replace(budget, fte=0), "position.fte"),
        (replace(budget, fte=101), "position.fte"),
        (replace(budget, job=""), "position.text"),
        (replace(budget, facility_id=HILLTOP), "facility.unknown"),
        (replace(budget, department_id=UUID(int=5)), "department.unknown"),
        (replace(budget, budgeted_on=TOMORROW_EVERYWHERE), "position.date"),
    ],
    ids=str,
)
def test_what_cannot_be_budgeted_is_refused(command: Command, code: str) -> None:
    a_position().when(command).refused(code)


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (budget, "position.already_budgeted"),
        (replace(fill, filled_on=NEW_YEAR - DAY), "position.date_order"),
        (replace(fill, filled_on=TOMORROW_EVERYWHERE), "position.date"),
        (replace(fill, staff_id=UUID(int=5)), "staff_member.unknown"),
        (replace(rebudget, fte=0), "position.fte"),
        (replace(rebudget, rebudgeted_on=TOMORROW_EVERYWHERE), "position.date"),
        (replace(abolish, reason=""), "position.text"),
    ],
    ids=str,
)
def test_what_cannot_happen_to_it_is_refused(command: Command, code: str) -> None:
    a_position(budgeted).when(command).refused(code)


def test_its_standing_is_open_while_there_is_money_for_it() -> None:
    assert position.standing is not None
    assert position.standing(position.fold([budgeted]), THE_POSITION).open
    gone = a_position(budgeted).when(abolish).then().state
    assert not position.standing(gone, THE_POSITION).open
