"""The story of attendance: who came, when, for which shift, and what was put right afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from domain.kernel import Fact, fact, foreign_id, upcaster


class CareRole(StrEnum):
    """Whose hours are nursing hours (NQF 0205)."""

    RN = "rn"
    LPN = "lpn"
    UAP = "uap"
    """Unlicensed assistive personnel."""


class Punctuality(StrEnum):
    """How somebody came to a shift: up to seven minutes either way are on time (c)."""

    ON_TIME = "on_time"
    EARLY = "early"
    LATE = "late"
    UNSCHEDULED = "unscheduled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheduled:
    """The shift somebody came for."""

    roster_id: UUID
    shift: int
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Attendance:
    """Somebody's presence at work: where, as what, for which shift, and since when.

    `entry` numbers it within a person's timesheet at the facility; `on` is the local day it began.
    `minutes_off` is how much later than the shift it began (negative: earlier).
    """

    entry: int
    department_id: UUID
    job: str
    care_role: CareRole | None
    on: date
    came_at: datetime
    scheduled: Scheduled | None
    punctuality: Punctuality
    minutes_off: int


def timesheet_of(facility_id: UUID, staff_id: UUID) -> UUID:
    """The stream of a person's attendance at a facility."""
    return foreign_id("timesheet", facility_id, staff_id)


class OfTimesheet:
    """What is told in, or wanted of, a person's timesheet at a facility."""

    __slots__ = ()
    facility_id: UUID
    staff_id: UUID

    @property
    def timesheet_id(self) -> UUID:
        return timesheet_of(self.facility_id, self.staff_id)


@fact("timesheet.clocked_in", effective="attendance.on")
class TimesheetClockedIn(OfTimesheet, Fact):
    """Somebody came to work."""

    staff_id: UUID
    facility_id: UUID
    home_id: UUID
    attendance: Attendance


@fact("timesheet.clocked_out", version=2, effective="attendance.on")
class TimesheetClockedOut(OfTimesheet, Fact):
    """Somebody went home: so many minutes were worked. `left_early`: minutes before the shift's
    end. `weekly_hours`: the hours of a week that are no overtime for them."""

    staff_id: UUID
    facility_id: UUID
    home_id: UUID
    attendance: Attendance
    left_at: datetime
    minutes: int
    left_early: int
    weekly_hours: int


@fact("timesheet.attendance_recorded", version=2, effective="attendance.on")
class TimesheetAttendanceRecorded(OfTimesheet, Fact):
    """Somebody was at work, as was written down afterwards. `corrects` is the entry it replaces,
    `weekly_hours` the hours of a week that are no overtime for them."""

    staff_id: UUID
    facility_id: UUID
    home_id: UUID
    attendance: Attendance
    left_at: datetime
    minutes: int
    left_early: int
    corrects: int | None
    weekly_hours: int


@upcaster(TimesheetClockedOut, from_version=1)
@upcaster(TimesheetAttendanceRecorded, from_version=1)
def _with_weekly_hours(content: dict[str, Any]) -> dict[str, Any]:
    """The first version took everybody's week to have forty hours."""
    return {**content, "weekly_hours": 40}


@fact("timesheet.attendance_reversed", version=2, effective="attendance.on")
class TimesheetAttendanceReversed(OfTimesheet, Fact):
    """An entry was wrong; its minutes do not count.

    `awaited_on`: the day of the shift it was for, to which nobody has come now. None where it was
    for none, or where they are not on the shift any more.
    """

    staff_id: UUID
    facility_id: UUID
    home_id: UUID
    attendance: Attendance
    left_at: datetime | None
    minutes: int
    why: str
    awaited_on: date | None


@upcaster(TimesheetAttendanceReversed, from_version=1)
def _with_the_day_they_came(content: dict[str, Any]) -> dict[str, Any]:
    """The first version awaited people on the day they came, be it the eve of the shift."""
    attendance = content["attendance"]
    return {**content, "awaited_on": attendance["on"] if attendance["scheduled"] else None}


@fact("timesheet.shift_missed", effective="on")
class TimesheetShiftMissed(OfTimesheet, Fact):
    """Somebody did not come to a shift they were told of."""

    staff_id: UUID
    facility_id: UUID
    department_id: UUID
    job: str
    on: date
    scheduled: Scheduled


@fact("timesheet.presence_noted", effective="came_at")
class TimesheetPresenceNoted(OfTimesheet, Fact):
    """Somebody's home facility is told that they are, or were, at work at another one."""

    staff_id: UUID
    facility_id: UUID
    at_facility_id: UUID
    entry: int
    came_at: datetime
    left_at: datetime | None


@fact("timesheet.presence_withdrawn")
class TimesheetPresenceWithdrawn(OfTimesheet, Fact):
    """Somebody's home facility is told that they were not at work there after all."""

    staff_id: UUID
    facility_id: UUID
    at_facility_id: UUID
    entry: int


TimesheetFact = (
    TimesheetClockedIn
    | TimesheetClockedOut
    | TimesheetAttendanceRecorded
    | TimesheetAttendanceReversed
    | TimesheetShiftMissed
    | TimesheetPresenceNoted
    | TimesheetPresenceWithdrawn
)
