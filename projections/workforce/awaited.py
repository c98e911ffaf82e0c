"""What is looked at before a shift is missed: which shifts nobody has come to yet, and in which
departments attendance is kept at all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from domain.kernel import Recorded
from domain.workforce.events.attendance import (
    TimesheetAttendanceRecorded,
    TimesheetAttendanceReversed,
    TimesheetClockedIn,
    TimesheetShiftMissed,
)
from domain.workforce.events.schedule import (
    ScheduleTimeBooked,
    ScheduleTimeConfirmed,
    ScheduleTimeReleased,
)
from projections.kernel import Key, ReadModel
from projections.rows import replace
from projections.workforce.schedules import booking_of, shifts_booked, shifts_confirmed

OfAnAttendance = TimesheetClockedIn | TimesheetAttendanceRecorded | TimesheetAttendanceReversed


@dataclass(frozen=True, slots=True, kw_only=True)
class AwaitedShift:
    """A shift somebody is on, until they come to it or it is missed.

    `published`: they were told of it. Who is on a shift that was not published is not awaited.
    """

    facility_id: UUID
    department_id: UUID
    staff_id: UUID
    roster_id: UUID
    shift: int
    job: str
    on: date
    starts_at: datetime
    ends_at: datetime
    published: bool


awaited_shifts = ReadModel(
    "awaited_shifts",
    row=AwaitedShift,
    key=("staff_id", "roster_id", "shift"),
    order=("on", "starts_at"),
    indexes=(("staff_id",),),
    local=True,
    desk="department managers, and the calendar: who is still to come to which shift",
)


@awaited_shifts.on(ScheduleTimeBooked, key=shifts_booked, key_aware=True)
def booked(
    row: AwaitedShift | None,  # noqa: ARG001 - nothing was there before
    event: Recorded[ScheduleTimeBooked],
    key: Key,
) -> AwaitedShift | None:
    fact = event.fact
    booking = booking_of(fact, key)
    return AwaitedShift(
        facility_id=booking.facility_id,
        department_id=booking.department_id,
        staff_id=fact.staff_id,
        roster_id=booking.roster_id,
        shift=booking.shift,
        job=booking.job,
        on=booking.on,
        starts_at=booking.starts_at,
        ends_at=booking.ends_at,
        published=fact.published,
    )


@awaited_shifts.on(ScheduleTimeReleased, key=shifts_booked)
def released(
    row: AwaitedShift | None,  # noqa: ARG001
    event: Recorded[ScheduleTimeReleased],  # noqa: ARG001
) -> AwaitedShift | None:
    return None


@awaited_shifts.on(ScheduleTimeConfirmed, key=shifts_confirmed)
def confirmed(
    row: AwaitedShift | None,
    event: Recorded[ScheduleTimeConfirmed],  # noqa: ARG001
) -> AwaitedShift | None:
    return row and replace(row, published=True)


def _came_for(event: Recorded[OfAnAttendance]) -> list[Key]:
    came_for = event.fact.attendance.scheduled
    return [] if came_for is None else [(event.fact.staff_id, came_for.roster_id, came_for.shift)]


@awaited_shifts.on(TimesheetClockedIn, TimesheetAttendanceRecorded, key=_came_for)
def came(
    row: AwaitedShift | None,  # noqa: ARG001
    event: Recorded[TimesheetClockedIn | TimesheetAttendanceRecorded],  # noqa: ARG001
) -> AwaitedShift | None:
    return None


@awaited_shifts.on(TimesheetAttendanceReversed, key=_came_for)
def did_not_come(
    row: AwaitedShift | None,  # noqa: ARG001
    event: Recorded[TimesheetAttendanceReversed],
) -> AwaitedShift | None:
    """It was somebody else's badge: who is on the shift still is awaited again."""
    fact, attendance = event.fact, event.fact.attendance
    came_for = attendance.scheduled
    if came_for is None or fact.awaited_on is None:
        return None
    return AwaitedShift(
        facility_id=fact.facility_id,
        department_id=attendance.department_id,
        staff_id=fact.staff_id,
        roster_id=came_for.roster_id,
        shift=came_for.shift,
        job=attendance.job,
        on=fact.awaited_on,
        starts_at=came_for.starts_at,
        ends_at=came_for.ends_at,
        published=True,
    )


def _missed(event: Recorded[TimesheetShiftMissed]) -> Key:
    scheduled = event.fact.scheduled
    return event.fact.staff_id, scheduled.roster_id, scheduled.shift


@awaited_shifts.on(TimesheetShiftMissed, key=_missed)
def missed(
    row: AwaitedShift | None,  # noqa: ARG001
    event: Recorded[TimesheetShiftMissed],  # noqa: ARG001
) -> AwaitedShift | None:
    return None


# --- where attendance is kept ------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class AttendanceKept:
    """A department in which attendance is kept: somebody's was told, for these days the first and
    the last. What was taken back later is among it.

    Of the days between them it is known who came. Of those after the last it is not known yet: a
    time clock tells at once, a file comes when the period is over.
    """

    facility_id: UUID
    department_id: UUID
    first_on: date
    latest_on: date


attendance_kept = ReadModel(
    "attendance_kept",
    row=AttendanceKept,
    key="department_id",
    local=True,
    desk="department managers, and the calendar: where attendance is kept, and told until when",
)


def _department(event: Recorded[TimesheetClockedIn | TimesheetAttendanceRecorded]) -> Key:
    return (event.fact.attendance.department_id,)


@attendance_kept.on(TimesheetClockedIn, TimesheetAttendanceRecorded, key=_department)
def told(
    row: AttendanceKept | None, event: Recorded[TimesheetClockedIn | TimesheetAttendanceRecorded]
) -> AttendanceKept | None:
    fact, on = event.fact, event.fact.attendance.on
    return AttendanceKept(
        facility_id=fact.facility_id,
        department_id=fact.attendance.department_id,
        first_on=on if row is None else min(on, row.first_on),
        latest_on=on if row is None else max(on, row.latest_on),
    )
