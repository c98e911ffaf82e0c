"""What is looked at of attendance: who is here, who came when, what was missed, and the hours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from domain.kernel import Recorded
from domain.workforce.events.attendance import (
    Punctuality,
    TimesheetAttendanceRecorded,
    TimesheetAttendanceReversed,
    TimesheetClockedIn,
    TimesheetClockedOut,
    TimesheetShiftMissed,
)
from projections.kernel import Key, ReadModel
from projections.rows import replace
from projections.workforce.coverage import monday

Began = TimesheetClockedIn | TimesheetAttendanceRecorded
Ended = TimesheetClockedOut | TimesheetAttendanceRecorded
OfAnEntry = TimesheetClockedIn | Ended | TimesheetAttendanceReversed

# --- attendance --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class AttendanceEntry:
    """Somebody's presence at work. Who has not left yet has no `left_at`, and no minutes.

    `minutes_off`: how much later than the shift it began (negative: earlier).
    """

    facility_id: UUID
    department_id: UUID
    staff_id: UUID
    entry: int
    job: str
    on: date
    came_at: datetime
    left_at: datetime | None
    minutes: int
    punctuality: Punctuality
    minutes_off: int
    left_early: int
    roster_id: UUID | None
    shift: int | None
    corrects: int | None


attendance_list = ReadModel(
    "attendance_list",
    row=AttendanceEntry,
    key=("facility_id", "staff_id", "entry"),
    order=("on", "came_at"),
    newest_first=True,
    indexes=(("staff_id", "on"), ("department_id", "on")),
    local=True,
    desk="department managers and payroll: who was at work, when, and how punctually",
)


def _entry(event: Recorded[OfAnEntry]) -> Key:
    fact = event.fact
    return fact.facility_id, fact.staff_id, fact.attendance.entry


@attendance_list.on(TimesheetClockedIn, TimesheetAttendanceRecorded, key=_entry)
def came(
    row: AttendanceEntry | None,  # noqa: ARG001 - nothing was there before
    event: Recorded[Began],
) -> AttendanceEntry | None:
    fact = event.fact
    attendance = fact.attendance
    came_for = attendance.scheduled
    entry = AttendanceEntry(
        facility_id=fact.facility_id,
        department_id=attendance.department_id,
        staff_id=fact.staff_id,
        entry=attendance.entry,
        job=attendance.job,
        on=attendance.on,
        came_at=attendance.came_at,
        left_at=None,
        minutes=0,
        punctuality=attendance.punctuality,
        minutes_off=attendance.minutes_off,
        left_early=0,
        roster_id=None if came_for is None else came_for.roster_id,
        shift=None if came_for is None else came_for.shift,
        corrects=None,
    )
    if isinstance(fact, TimesheetClockedIn):
        return entry
    return replace(
        entry,
        left_at=fact.left_at,
        minutes=fact.minutes,
        left_early=fact.left_early,
        corrects=fact.corrects,
    )


@attendance_list.on(TimesheetClockedOut, key=_entry)
def left(
    row: AttendanceEntry | None, event: Recorded[TimesheetClockedOut]
) -> AttendanceEntry | None:
    fact = event.fact
    return row and replace(
        row, left_at=fact.left_at, minutes=fact.minutes, left_early=fact.left_early
    )


@attendance_list.on(TimesheetAttendanceReversed, key=_entry)
def reversed_(
    row: AttendanceEntry | None,  # noqa: ARG001
    event: Recorded[TimesheetAttendanceReversed],  # noqa: ARG001
) -> AttendanceEntry | None:
    return None


# --- missed shifts -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class MissedShift:
    """A shift somebody was told of and did not come to."""

    facility_id: UUID
    department_id: UUID
    staff_id: UUID
    roster_id: UUID
    shift: int
    job: str
    on: date
    starts_at: datetime
    ends_at: datetime


missed_shifts = ReadModel(
    "missed_shifts",
    row=MissedShift,
    key=("staff_id", "roster_id", "shift"),
    order="on",
    newest_first=True,
    local=True,
    desk="department managers: who did not come to which shift",
)


def _missed(event: Recorded[TimesheetShiftMissed]) -> Key:
    scheduled = event.fact.scheduled
    return event.fact.staff_id, scheduled.roster_id, scheduled.shift


def _came_for(event: Recorded[Began]) -> list[Key]:
    scheduled = event.fact.attendance.scheduled
    if scheduled is None:
        return []
    return [(event.fact.staff_id, scheduled.roster_id, scheduled.shift)]


@missed_shifts.on(TimesheetShiftMissed, key=_missed)
def missed(
    row: MissedShift | None,  # noqa: ARG001 - nothing was there before
    event: Recorded[TimesheetShiftMissed],
) -> MissedShift | None:
    fact = event.fact
    return MissedShift(
        facility_id=fact.facility_id,
        department_id=fact.department_id,
        staff_id=fact.staff_id,
        roster_id=fact.scheduled.roster_id,
        shift=fact.scheduled.shift,
        job=fact.job,
        on=fact.on,
        starts_at=fact.scheduled.starts_at,
        ends_at=fact.scheduled.ends_at,
    )


@missed_shifts.on(TimesheetClockedIn, TimesheetAttendanceRecorded, key=_came_for)
def came_after_all(
    row: MissedShift | None,  # noqa: ARG001
    event: Recorded[Began],  # noqa: ARG001
) -> MissedShift | None:
    return None


# --- hours -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkedWeek:
    """What somebody worked in a week (its Monday), over all facilities, told at home.

    `usual_minutes` are those of a week that were no overtime for them when the last of it was told:
    what they had agreed to, or less where the facility lets overtime begin sooner;
    `overtime_minutes` are those beyond it.
    """

    facility_id: UUID
    staff_id: UUID
    week: date
    attendances: int
    minutes: int
    usual_minutes: int
    overtime_minutes: int


hours_worked = ReadModel(
    "hours_worked",
    row=WorkedWeek,
    key=("facility_id", "staff_id", "week"),
    order="week",
    newest_first=True,
    indexes=(("staff_id",),),
    desk="payroll: what everybody worked, week by week, and how much of it is overtime",
)


def _week(event: Recorded[Ended | TimesheetAttendanceReversed]) -> Key:
    fact = event.fact
    return fact.home_id, fact.staff_id, monday(fact.attendance.on)


@hours_worked.on(TimesheetClockedOut, TimesheetAttendanceRecorded, key=_week, key_aware=True)
def worked(row: WorkedWeek | None, event: Recorded[Ended], key: Key) -> WorkedWeek | None:
    if row is None:
        row = WorkedWeek(
            facility_id=key[0],
            staff_id=key[1],
            week=key[2],
            attendances=0,
            minutes=0,
            usual_minutes=0,
            overtime_minutes=0,
        )
    usual = event.fact.weekly_hours * 60
    return _worked(replace(row, usual_minutes=usual), 1, event.fact.minutes)


@hours_worked.on(TimesheetAttendanceReversed, key=_week)
def not_worked(
    row: WorkedWeek | None, event: Recorded[TimesheetAttendanceReversed]
) -> WorkedWeek | None:
    if row is None or event.fact.left_at is None:
        return row
    after = _worked(row, -1, -event.fact.minutes)
    return after if after.attendances else None


def _worked(row: WorkedWeek, attendances: int, minutes: int) -> WorkedWeek:
    total = row.minutes + minutes
    return replace(
        row,
        attendances=row.attendances + attendances,
        minutes=total,
        overtime_minutes=max(0, total - row.usual_minutes),
    )
