"""Attendance and hours, as payroll and department managers see them."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import hypothesis
from hypothesis import strategies

from domain.kernel import Refused
from domain.workforce.attendance import RecordAttendance, ReverseAttendance
from domain.workforce.events.roster import RosterStaffWithdrawn, WithdrawalReason
from projections.workforce import (
    attendance_kept,
    attendance_list,
    awaited_shifts,
    cover_by_week,
    coverage_gaps,
    hours_worked,
)
from projections.workforce.coverage import monday
from tests.domain.places import CARDIOLOGY, HILLTOP, RADIOLOGY, RIVERSIDE
from tests.domain.rostering import BLOM, CHO, MONDAY, THE_ROSTER, Hospital, a_day
from tests.projections.grammar import given

SEVEN = datetime(2026, 10, 5, 11, 0, tzinfo=UTC)
"""Monday, 7 in the morning in New York."""
PLACES = {RIVERSIDE: CARDIOLOGY, HILLTOP: RADIOLOGY}


def attending(
    came: datetime, hours: int, at: UUID = RIVERSIDE, staff_id: UUID = BLOM, **more: Any
) -> RecordAttendance:
    return RecordAttendance(
        staff_id=staff_id,
        facility_id=at,
        came_at=came,
        left_at=came + timedelta(hours=hours),
        department_id=PLACES[at],
        **{"job": "Registered Nurse", **more},
    )


def weeks_later() -> Hospital:
    hospital = Hospital()
    hospital.now = SEVEN + timedelta(days=60)
    return hospital


def test_overtime_is_counted_from_the_hours_somebody_agreed_to() -> None:
    hospital = weeks_later()
    hospital.agrees(BLOM, weekly_hours=24)
    for day in range(3):
        for staff_id in (BLOM, CHO):
            hospital.does(attending(SEVEN + timedelta(days=day), 12, staff_id=staff_id))
    hours = given(hours_worked, *hospital.facts)
    usual, overtime = 24 * 60, 12 * 60
    hours.shows(
        RIVERSIDE,
        BLOM,
        MONDAY,
        minutes=36 * 60,
        usual_minutes=usual,
        overtime_minutes=overtime,
    )
    hours.shows(RIVERSIDE, CHO, MONDAY, usual_minutes=40 * 60, overtime_minutes=0)
    wrong = ReverseAttendance(staff_id=BLOM, facility_id=RIVERSIDE, entry=1, why="was not here")
    hospital.does(wrong)
    given(hours_worked, *hospital.facts).shows(RIVERSIDE, BLOM, MONDAY, overtime_minutes=0)


def test_who_did_not_come_after_all_is_awaited_as_before_their_badge_was_used() -> None:
    hospital = weeks_later()
    hospital.drafts()
    hospital.plans(a_day(MONDAY, BLOM, starts="00:00", ends="08:00"))
    hospital.publishes()
    awaited = given(awaited_shifts, *hospital.facts).row(BLOM, THE_ROSTER, 1)
    hospital.does(attending(SEVEN - timedelta(hours=7, minutes=10), 8))
    given(awaited_shifts, *hospital.facts).has_only()
    wrong = ReverseAttendance(staff_id=BLOM, facility_id=RIVERSIDE, entry=1, why="was not here")
    hospital.does(wrong)
    assert given(awaited_shifts, *hospital.facts).row(BLOM, THE_ROSTER, 1) == awaited


def test_attendance_is_kept_where_it_was_told_from_the_first_of_its_days_to_the_last() -> None:
    hospital = weeks_later()
    for day in (3, 0, 5):
        hospital.does(attending(SEVEN + timedelta(days=day), 8))
    where = given(attendance_kept, *hospital.facts)
    where.has_only((CARDIOLOGY,))
    first, latest = MONDAY, MONDAY + timedelta(days=5)
    where.shows(CARDIOLOGY, facility_id=RIVERSIDE, first_on=first, latest_on=latest)


steps = strategies.tuples(
    strategies.integers(0, 60).map(lambda quarter: SEVEN + timedelta(hours=6 * quarter)),
    strategies.integers(1, 12),
    strategies.sampled_from([RIVERSIDE, HILLTOP]),
    strategies.sampled_from([BLOM, CHO]),
    strategies.one_of(strategies.none(), strategies.integers(1, 3)),
    strategies.booleans(),
)


@hypothesis.settings(max_examples=60, deadline=None, derandomize=True)
@hypothesis.given(strategies.lists(steps, max_size=20))
def test_the_hours_are_the_sum_of_the_attendance(told: list[Any]) -> None:
    hospital = weeks_later()
    for came, hours, at, staff_id, entry, corrects in told:
        more = {"corrects": entry, "why": "wrong"} if corrects and entry else {}
        command: Any = attending(came, hours, at, staff_id, **more)
        if entry and not corrects:
            command = ReverseAttendance(
                staff_id=staff_id, facility_id=at, entry=entry, why="was not here"
            )
        try:
            hospital.does(command)
        except Refused:
            continue
    attended: Counter[tuple[Any, ...]] = Counter()
    times: dict[UUID, list[tuple[datetime, datetime]]] = {}
    for each in given(attendance_list, *hospital.facts).rows.values():
        attended[RIVERSIDE, each.staff_id, monday(each.on)] += each.minutes
        assert each.left_at is not None
        times.setdefault(each.staff_id, []).append((each.came_at, each.left_at))
    hours_of = given(hours_worked, *hospital.facts).rows
    assert {key: row.minutes for key, row in hours_of.items()} == dict(attended)
    # Also over facilities nobody is at work in two places at a time.
    for theirs in times.values():
        ends = [left for _, left in sorted(theirs)]
        begins = [came for came, _ in sorted(theirs)]
        assert all(left <= came for left, came in zip(ends, begins[1:], strict=False))


def test_who_cannot_come_leaves_a_gap_that_says_why() -> None:
    hospital = Hospital()
    hospital.drafts()
    hospital.plans(a_day(MONDAY, BLOM, CHO, needed=2, minimum=2))
    shift = hospital.roster().shifts[1].shift
    withdrawn = RosterStaffWithdrawn(
        roster_id=THE_ROSTER,
        facility_id=RIVERSIDE,
        department_id=CARDIOLOGY,
        shift=shift,
        staff_id=BLOM,
        staff_ids=(CHO,),
        why=WithdrawalReason.LEAVE,
    )
    gaps = given(coverage_gaps, *hospital.facts, withdrawn)
    gaps.shows(
        THE_ROSTER,
        1,
        open_places=1,
        below_minimum=True,
        called_out=None,
        withdrawn=WithdrawalReason.LEAVE,
    )
    given(cover_by_week, *hospital.facts, withdrawn).shows(
        RIVERSIDE, CARDIOLOGY, MONDAY, places=2, filled=1, call_outs=0
    )
