"""Attendance: people come and go, their hours are those that were not reversed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import hypothesis
import pytest
from hypothesis import strategies

from domain.kernel import UPCASTERS, Command, Refused
from domain.workforce.attendance import (
    ClockIn,
    ClockOut,
    MissShift,
    RecordAttendance,
    ReverseAttendance,
)
from domain.workforce.events.attendance import (
    CareRole,
    Punctuality,
    TimesheetAttendanceRecorded,
    TimesheetAttendanceReversed,
    TimesheetClockedIn,
    TimesheetClockedOut,
    timesheet_of,
)
from domain.workforce.roster_planning import UnassignShift
from domain.workforce.timesheet import Timesheet, WithdrawPresence
from domain.workforce.working_time import AdoptLimits
from tests.domain.places import CARDIOLOGY, HILLTOP, RADIOLOGY, RIVERSIDE
from tests.domain.rostering import (
    BLOM,
    CHO,
    MONDAY,
    THE_ROSTER,
    Hospital,
    a_day,
    a_night,
)

SEVEN = datetime(2026, 10, 5, 11, 0, tzinfo=UTC)
"""Monday, 7 in the morning in New York."""
NINETEEN = SEVEN + timedelta(hours=12)
THERE: dict[str, Any] = {"department_id": CARDIOLOGY, "job": "Physician"}


@pytest.fixture
def hospital() -> Hospital:
    """Blom is on Monday's day shift, and Monday is over."""
    made = Hospital()
    made.drafts()
    made.plans(a_day(MONDAY, BLOM))
    made.publishes()
    made.now = NINETEEN + timedelta(days=2)
    return made


def coming(at: datetime = SEVEN, **where: Any) -> ClockIn:
    return ClockIn(staff_id=BLOM, facility_id=RIVERSIDE, came_at=at, **where)


def going(at: datetime = NINETEEN) -> ClockOut:
    return ClockOut(staff_id=BLOM, facility_id=RIVERSIDE, left_at=at)


def recording(came: datetime = SEVEN, left: datetime = NINETEEN, **more: Any) -> RecordAttendance:
    return RecordAttendance(
        staff_id=BLOM, facility_id=RIVERSIDE, came_at=came, left_at=left, **more
    )


def reversing(entry: int = 1) -> ReverseAttendance:
    return ReverseAttendance(
        staff_id=BLOM, facility_id=RIVERSIDE, entry=entry, why="somebody else's badge"
    )


def missing(shift: int = 1) -> MissShift:
    return MissShift(staff_id=BLOM, facility_id=RIVERSIDE, roster_id=THE_ROSTER, shift=shift)


def refused(hospital: Hospital, command: Command) -> str:
    with pytest.raises(Refused) as refusal:
        hospital.does(command)
    return refusal.value.code


def came(hospital: Hospital) -> TimesheetClockedIn:
    (fact,) = [each for each in hospital.facts if isinstance(each, TimesheetClockedIn)]
    return fact


@pytest.mark.parametrize(
    ("minutes", "punctuality"),
    [
        (0, Punctuality.ON_TIME),
        (7, Punctuality.ON_TIME),
        (-7, Punctuality.ON_TIME),
        (8, Punctuality.LATE),
        (-8, Punctuality.EARLY),
    ],
)
def test_who_comes_is_matched_to_the_beginning_of_their_shift(
    hospital: Hospital, minutes: int, punctuality: Punctuality
) -> None:
    hospital.does(coming(SEVEN + timedelta(minutes=minutes)))
    attendance = came(hospital).attendance
    assert (attendance.punctuality, attendance.minutes_off) == (punctuality, minutes)
    assert (attendance.department_id, attendance.care_role) == (CARDIOLOGY, CareRole.RN)
    assert attendance.on == MONDAY


def test_who_goes_has_worked_and_may_have_gone_early(hospital: Hospital) -> None:
    assert refused(hospital, coming(SEVEN + timedelta(days=3))) == "timesheet.date"
    hospital.does(coming())
    assert refused(hospital, coming()) == "timesheet.present"
    assert refused(hospital, going(SEVEN)) == "timesheet.left_at"
    assert refused(hospital, going(SEVEN + timedelta(hours=37))) == "timesheet.left_at"
    hospital.does(going(NINETEEN - timedelta(minutes=30)))
    (left,) = [each for each in hospital.facts if isinstance(each, TimesheetClockedOut)]
    assert (left.minutes, left.left_early) == (690, 30)
    assert refused(hospital, going()) == "timesheet.not_present"


def test_who_comes_unscheduled_says_where_and_as_what(hospital: Hospital) -> None:
    tuesday = SEVEN + timedelta(days=1)
    assert refused(hospital, coming(tuesday)) == "timesheet.unscheduled"
    assert refused(hospital, coming(tuesday, department_id=CARDIOLOGY)) == "timesheet.unscheduled"
    unknown = {"department_id": THE_ROSTER, "job": "Physician"}
    assert refused(hospital, coming(tuesday, **unknown)) == "department.unknown"
    hospital.does(coming(tuesday, **THERE))
    attendance = came(hospital).attendance
    assert (attendance.punctuality, attendance.care_role) == (Punctuality.UNSCHEDULED, None)
    hospital.does(going(tuesday + timedelta(hours=2)))


def test_an_attendance_is_recorded_once_and_nobody_is_present_twice(hospital: Hospital) -> None:
    hospital.does(recording())
    assert hospital.does(recording()) == []
    overlapping = recording(SEVEN + timedelta(hours=1), NINETEEN + timedelta(hours=1), **THERE)
    assert refused(hospital, overlapping) == "timesheet.overlap"
    assert refused(hospital, coming(SEVEN + timedelta(minutes=1), **THERE)) == "timesheet.overlap"
    hospital.does(recording(NINETEEN, NINETEEN + timedelta(hours=1), **THERE))


def test_who_has_clocked_in_is_present_until_they_have_clocked_out(hospital: Hospital) -> None:
    hospital.does(coming())
    later = recording(SEVEN + timedelta(hours=1), NINETEEN, **THERE)
    assert refused(hospital, later) == "timesheet.overlap"
    hospital.does(recording(SEVEN - timedelta(hours=2), SEVEN, **THERE))


def test_who_goes_has_not_been_here_twice_meanwhile(hospital: Hospital) -> None:
    hospital.does(recording(SEVEN + timedelta(hours=3), NINETEEN))
    hospital.does(coming(SEVEN + timedelta(hours=1), **THERE))
    assert refused(hospital, going(SEVEN + timedelta(hours=4))) == "timesheet.overlap"
    hospital.does(going(SEVEN + timedelta(hours=3)))


def test_a_correction_reverses_and_records_anew(hospital: Hospital) -> None:
    hospital.does(recording())
    corrected = recording(SEVEN, NINETEEN - timedelta(hours=1), corrects=1, why="left at 18")
    wrong, right = hospital.does(corrected)
    assert isinstance(wrong, TimesheetAttendanceReversed)
    assert isinstance(right, TimesheetAttendanceRecorded)
    assert (wrong.minutes, right.minutes, right.corrects) == (720, 660, 1)
    assert right.attendance.scheduled == wrong.attendance.scheduled
    assert refused(hospital, reversing()) == "timesheet.entry"
    assert refused(hospital, recording(SEVEN, NINETEEN, corrects=2)) == "timesheet.text"
    assert hospital.does(reversing(2))[0].name == "timesheet.attendance_reversed"


def test_who_is_present_by_mistake_is_not(hospital: Hospital) -> None:
    hospital.does(coming())
    hospital.does(reversing())
    state: Timesheet = hospital.states[timesheet_of(RIVERSIDE, BLOM)]
    assert state.present is None
    hospital.does(recording())
    hospital.does(coming(NINETEEN + timedelta(hours=1), **THERE))
    hospital.does(reversing(2))
    assert hospital.states[timesheet_of(RIVERSIDE, BLOM)].present == 3


def awaited_again(hospital: Hospital, entry: int = 1, staff_id: UUID = BLOM) -> date | None:
    """On which day somebody is awaited, now that their entry is reversed."""
    (fact,) = hospital.does(replace(reversing(entry), staff_id=staff_id))
    assert isinstance(fact, TimesheetAttendanceReversed)
    return fact.awaited_on


def test_who_came_before_midnight_is_awaited_again_on_the_day_of_the_shift(
    hospital: Hospital,
) -> None:
    tuesday, midnight = MONDAY + timedelta(days=1), datetime(2026, 10, 6, 4, 0, tzinfo=UTC)
    hospital.plans(a_day(tuesday, CHO, starts="00:00", ends="08:00"))
    early = recording(midnight - timedelta(minutes=10), midnight + timedelta(hours=8))
    (came,) = hospital.does(replace(early, staff_id=CHO))
    assert isinstance(came, TimesheetAttendanceRecorded)
    assert came.attendance.on == MONDAY
    assert awaited_again(hospital, staff_id=CHO) == tuesday


def test_who_came_for_no_shift_or_is_off_it_by_now_is_not_awaited_again(
    hospital: Hospital,
) -> None:
    hospital.does(coming(NINETEEN + timedelta(hours=5), **THERE))
    assert awaited_again(hospital) is None
    hospital.does(recording())
    assert awaited_again(hospital, 2) == MONDAY
    hospital.does(recording())
    hospital.does(UnassignShift(roster_id=THE_ROSTER, shift=1, staff_id=BLOM))
    assert awaited_again(hospital, 3) is None


def test_what_was_reversed_in_the_first_version_is_awaited_on_the_day_they_came() -> None:
    upcast = UPCASTERS["timesheet.attendance_reversed", 1]
    came: dict[str, Any] = {"on": "2026-10-05", "scheduled": None}
    assert upcast({"attendance": came})["awaited_on"] is None
    assert upcast({"attendance": {**came, "scheduled": {"shift": 1}}})["awaited_on"] == came["on"]


def test_a_shift_that_nobody_came_to_is_missed_once_it_is_over(hospital: Hospital) -> None:
    hospital.plans(a_night(MONDAY + timedelta(days=4), BLOM))
    assert refused(hospital, missing(2)) == "timesheet.not_over"
    assert refused(hospital, missing(9)) == "shift.unknown"
    hospital.does(missing())
    assert hospital.does(missing()) == []
    before = SEVEN - timedelta(hours=9)
    hospital.does(recording(before, before + timedelta(hours=1), **THERE))
    hospital.does(recording(SEVEN + timedelta(hours=1)))
    assert refused(hospital, missing()) == "timesheet.attended"


def test_a_shift_is_attended_once(hospital: Hospital) -> None:
    hospital.does(recording(SEVEN, SEVEN + timedelta(hours=1)))
    again = recording(SEVEN + timedelta(hours=2), NINETEEN)
    assert refused(hospital, again) == "timesheet.unscheduled"


def test_a_thirteen_hour_night_is_thirteen_hours_worked(hospital: Hospital) -> None:
    saturday = MONDAY + timedelta(days=26)
    hospital.plans(a_night(saturday, BLOM))
    hospital.now += timedelta(days=60)
    began = datetime(2026, 10, 31, 23, 0, tzinfo=UTC)
    (fact,) = hospital.does(recording(began, datetime(2026, 11, 1, 12, 0, tzinfo=UTC)))
    assert isinstance(fact, TimesheetAttendanceRecorded)
    assert (fact.minutes, fact.attendance.on) == (13 * 60, saturday)


# --- at several facilities -----------------------------------------------------------------------

ELSEWHERE: dict[str, Any] = {"department_id": RADIOLOGY, "job": "Physician"}


def elsewhere(came: datetime = SEVEN, left: datetime = NINETEEN, **more: Any) -> RecordAttendance:
    """Blom, whose home is Riverside, is at work at Hilltop."""
    return RecordAttendance(
        staff_id=BLOM, facility_id=HILLTOP, came_at=came, left_at=left, **{**ELSEWHERE, **more}
    )


def test_nobody_is_at_work_at_two_facilities_at_a_time(hospital: Hospital) -> None:
    hospital.does(recording())
    late = SEVEN + timedelta(hours=11)
    assert refused(hospital, elsewhere(late, late + timedelta(hours=3))) == (
        "timesheet.overlap_elsewhere"
    )
    hospital.does(elsewhere(NINETEEN, NINETEEN + timedelta(hours=2)))
    night = recording(NINETEEN + timedelta(hours=1), NINETEEN + timedelta(hours=4), **THERE)
    assert refused(hospital, night) == "timesheet.overlap_elsewhere"
    assert refused(hospital, coming(NINETEEN + timedelta(hours=1), **THERE)) == (
        "timesheet.overlap_elsewhere"
    )


def test_who_has_clocked_in_elsewhere_is_there_until_they_have_clocked_out(
    hospital: Hospital,
) -> None:
    there: dict[str, Any] = {"staff_id": BLOM, "facility_id": HILLTOP}
    hospital.does(ClockIn(came_at=SEVEN + timedelta(hours=2), **there, **ELSEWHERE))
    assert refused(hospital, recording()) == "timesheet.overlap_elsewhere"
    hospital.does(ClockOut(left_at=SEVEN + timedelta(hours=3), **there))
    hospital.does(coming(SEVEN + timedelta(hours=4)))
    hospital.does(
        elsewhere(SEVEN + timedelta(hours=3, minutes=30), SEVEN + timedelta(hours=3, minutes=50))
    )
    hospital.does(going())


def test_who_goes_has_not_been_elsewhere_meanwhile(hospital: Hospital) -> None:
    hospital.does(elsewhere(SEVEN + timedelta(hours=3), NINETEEN))
    hospital.does(coming(SEVEN + timedelta(hours=1)))
    assert refused(hospital, going(SEVEN + timedelta(hours=4))) == "timesheet.overlap_elsewhere"


def test_what_is_put_right_elsewhere_is_put_right_at_home(hospital: Hospital) -> None:
    hospital.does(elsewhere())
    corrected = elsewhere(SEVEN, SEVEN + timedelta(hours=1), corrects=1, why="left at 8")
    hospital.does(corrected)
    later = recording(SEVEN + timedelta(hours=2))
    hospital.does(later)
    wrong = ReverseAttendance(staff_id=BLOM, facility_id=HILLTOP, entry=2, why="was not there")
    hospital.does(wrong)
    hospital.does(recording(SEVEN, SEVEN + timedelta(hours=2), **THERE))
    state: Timesheet = hospital.states[timesheet_of(RIVERSIDE, BLOM)]
    assert state.elsewhere == {}
    unknown = WithdrawPresence(
        staff_id=BLOM, facility_id=RIVERSIDE, at_facility_id=HILLTOP, entry=2
    )
    assert hospital.does(unknown) == []


def test_overtime_is_what_is_beyond_the_hours_somebody_agreed_to(hospital: Hospital) -> None:
    hospital.agrees(BLOM, weekly_hours=24)
    (fact,) = hospital.does(recording())
    assert isinstance(fact, TimesheetAttendanceRecorded)
    assert fact.weekly_hours == 24
    hospital.does(coming(NINETEEN + timedelta(hours=1), **THERE))
    (left,) = hospital.does(going(NINETEEN + timedelta(hours=2)))
    assert isinstance(left, TimesheetClockedOut)
    assert left.weekly_hours == 24


@pytest.mark.parametrize(("agreed", "usual"), [(40, 36), (24, 24), (0, 36)])
def test_a_facility_may_let_overtime_begin_sooner_than_a_contract_does(
    hospital: Hospital, agreed: int, usual: int
) -> None:
    today = hospital.now.date()
    sooner = AdoptLimits(facility_id=RIVERSIDE, adopted_on=today, overtime_after_hours=36)
    hospital.does(sooner)
    hospital.agrees(BLOM, weekly_hours=agreed)
    (fact,) = hospital.does(recording())
    assert isinstance(fact, TimesheetAttendanceRecorded)
    assert fact.weekly_hours == usual


# --- properties ----------------------------------------------------------------------------------

moments = strategies.integers(0, 96).map(lambda quarter: SEVEN + timedelta(minutes=15 * quarter))


@hypothesis.settings(max_examples=40, deadline=None, derandomize=True)
@hypothesis.given(
    strategies.lists(
        strategies.one_of(
            strategies.tuples(strategies.just("in"), moments),
            strategies.tuples(strategies.just("out"), moments),
            strategies.tuples(strategies.just("record"), moments, moments),
            strategies.tuples(strategies.just("correct"), moments, moments),
            strategies.tuples(strategies.just("reverse"), strategies.integers(1, 5)),
        ),
        max_size=12,
    )
)
def test_the_hours_are_the_sum_of_the_attendance_whatever_is_put_right(steps: list[Any]) -> None:
    hospital = Hospital()
    hospital.drafts()
    hospital.plans(a_day(MONDAY, BLOM, CHO, needed=2))
    hospital.now = NINETEEN + timedelta(days=9)
    for kind, *chosen in steps:
        command: Command
        match kind:
            case "in":
                command = coming(chosen[0], **THERE)
            case "out":
                command = going(chosen[0])
            case "record":
                command = recording(*chosen, **THERE)
            case "correct":
                command = recording(*chosen, corrects=1, why="wrong", **THERE)
            case _:
                command = reversing(chosen[0])
        try:
            hospital.does(command)
        except Refused:
            continue
    worked = 0
    for fact in hospital.facts:
        match fact:
            case TimesheetClockedOut() | TimesheetAttendanceRecorded():
                worked += fact.minutes
            case TimesheetAttendanceReversed():
                worked -= fact.minutes
            case _:
                pass
    state: Timesheet = hospital.states.get(timesheet_of(RIVERSIDE, BLOM), Timesheet())
    assert worked == sum(each.minutes for each in state.entries.values())
    ended = sorted(
        (each.attendance.came_at, each.left_at)
        for each in state.entries.values()
        if each.left_at is not None
    )
    assert all(first[1] <= second[0] for first, second in pairwise(ended))


@pytest.mark.parametrize("name", ["timesheet.clocked_out", "timesheet.attendance_recorded"])
def test_before_contracts_were_known_a_week_had_forty_hours(name: str) -> None:
    assert UPCASTERS[name, 1]({"minutes": 480}) == {"minutes": 480, "weekly_hours": 40}
