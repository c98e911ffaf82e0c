"""Nursing hours per patient day: what was worked, for how many patients, and what was meant."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import hypothesis
from hypothesis import strategies

from domain.workforce.attendance import ReverseAttendance
from domain.workforce.patient_days import EnterPatientDays, SetNursingTarget
from projections.workforce import nursing_hours, nursing_targets
from projections.workforce.nursing import figures_of
from tests.domain.places import CARDIOLOGY, RIVERSIDE
from tests.domain.rostering import BLOM, CHO, DIAZ, MONDAY, Hospital
from tests.projections.grammar import given
from tests.projections.test_attendance import SEVEN, attending, weeks_later

DAY = timedelta(days=1)


def working(staff_id: UUID, job: str, hours: int = 12) -> Any:
    return attending(SEVEN, hours, staff_id=staff_id, job=job)


def entering(on: date, patients: int) -> EnterPatientDays:
    return EnterPatientDays(
        department_id=CARDIOLOGY, facility_id=RIVERSIDE, on=on, patient_days=patients
    )


def aiming(since: date, minutes: int) -> SetNursingTarget:
    return SetNursingTarget(
        department_id=CARDIOLOGY, facility_id=RIVERSIDE, valid_from=since, minutes=minutes
    )


def a_day_in_cardiology() -> Hospital:
    """On Monday a registered nurse, an assistant and a clerk are there for twelve hours each; eight
    hours of care are meant for each of two patients."""
    hospital = weeks_later()
    for staff_id, job in ((BLOM, "Registered Nurse"), (CHO, "Nursing Assistant"), (DIAZ, "Clerk")):
        hospital.does(working(staff_id, job))
    hospital.does(entering(MONDAY, 2))
    hospital.does(aiming(MONDAY, 480))
    return hospital


def test_nursing_hours_are_told_per_patient_day_and_against_the_target() -> None:
    hospital = a_day_in_cardiology()
    told = given(nursing_hours, *hospital.facts)
    told.shows(RIVERSIDE, CARDIOLOGY, MONDAY, rn_minutes=720, uap_minutes=720, other_minutes=720)
    told.shows(RIVERSIDE, CARDIOLOGY, MONDAY, patient_days=2, target_minutes=960)
    (row,) = told.rows.values()
    figures = figures_of({each.name: getattr(row, each.name) for each in nursing_hours.measures})
    assert figures.to_json() == {
        "rn_hours_per_patient_day": {
            "numerator": "12.0000",
            "denominator": "2.0000",
            "value": "6.0000",
        },
        "hours_per_patient_day": {
            "numerator": "24.0000",
            "denominator": "2.0000",
            "value": "12.0000",
        },
        "target_hours_per_patient_day": {
            "numerator": "16.0000",
            "denominator": "2.0000",
            "value": "8.0000",
        },
        "of_target": {"numerator": "24.0000", "denominator": "16.0000", "value": "1.5000"},
    }


def test_where_there_were_no_patients_or_nothing_is_meant_nothing_is_divided() -> None:
    figures = figures_of(dict.fromkeys([each.name for each in nursing_hours.measures], 0))
    assert figures.hours_per_patient_day.value is None
    assert figures.of_target.value is None


def test_hours_that_were_taken_back_are_not_nursing_hours() -> None:
    hospital = a_day_in_cardiology()
    wrong = ReverseAttendance(staff_id=BLOM, facility_id=RIVERSIDE, entry=1, why="was not here")
    hospital.does(wrong)
    given(nursing_hours, *hospital.facts).shows(
        RIVERSIDE, CARDIOLOGY, MONDAY, rn_minutes=0, uap_minutes=720
    )


def test_each_target_is_listed_with_the_day_it_holds_from() -> None:
    hospital = a_day_in_cardiology()
    hospital.does(aiming(MONDAY, 500))
    hospital.does(aiming(MONDAY + DAY, 0))
    listed = given(nursing_targets, *hospital.facts)
    listed.shows(CARDIOLOGY, MONDAY, facility_id=RIVERSIDE, minutes=500)
    listed.shows(CARDIOLOGY, MONDAY + DAY, minutes=0)


days = strategies.integers(0, 6).map(lambda number: MONDAY + number * DAY)


@hypothesis.settings(max_examples=60, deadline=None, derandomize=True)
@hypothesis.given(
    strategies.lists(
        strategies.tuples(strategies.booleans(), days, strategies.integers(0, 30)), max_size=15
    )
)
def test_in_whatever_order_they_are_told_a_day_has_the_target_that_holds_then(
    told: list[tuple[bool, date, int]],
) -> None:
    hospital = weeks_later()
    entered: dict[date, int] = {}
    targets: dict[date, int] = {}
    for is_target, on, number in told:
        hospital.does(aiming(on, number) if is_target else entering(on, number))
        (targets if is_target else entered)[on] = number
    for row in given(nursing_hours, *hospital.facts).rows.values():
        before = [each for each in targets if each <= row.on]
        meant = targets[max(before)] if before else 0
        assert row.patient_days == entered[row.on]
        assert row.target_minutes == meant * entered[row.on]
