"""Attendance: when somebody was at work at one facility, matched to the shifts they were on.

They **clock in** and **clock out**, or an attendance is **recorded** afterwards; what was written
down wrongly is **reversed**, and may be recorded anew. An attendance is matched to the shift at the
facility that begins nearest to it; without one it is unscheduled, and names its department and job.
A shift nobody came to is **missed**. The minutes of what was not reversed are the hours worked;
what is beyond the hours somebody has agreed to work in a week, or beyond those from which on the
facility calls it overtime, is overtime.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from domain import rules
from domain.kernel import Circumstances, Command, Decision, Entail, Refused, command
from domain.workforce.events.attendance import (
    Attendance,
    OfTimesheet,
    Scheduled,
    TimesheetAttendanceRecorded,
    TimesheetAttendanceReversed,
    TimesheetClockedIn,
    TimesheetClockedOut,
    TimesheetShiftMissed,
)
from domain.workforce.events.schedule import ScheduleStanding, schedule_of, usual_hours
from domain.workforce.events.working_time import Booking, working_time_of
from domain.workforce.schedule import NO_TERMS
from domain.workforce.shift_matching import Wanted, came_for, scheduled, whole_minutes
from domain.workforce.shift_rules import weeks_of
from domain.workforce.timesheet import (
    Entry,
    NotePresence,
    Presence,
    Timesheet,
    WithdrawPresence,
    apart_from,
    meet,
    timesheet,
)
from domain.workforce.working_time import limits_of

LONGEST = timedelta(hours=36)
"""No attendance lasts longer (c)."""

GRACE = timedelta(hours=4)
"""So long after a shift's end the calendar waits for a late entry before it calls it missed (c)."""


# --- commands ----------------------------------------------------------------------------------


@command("timesheet_id", creates=True)
class ClockIn(OfTimesheet, Command):
    """Record that somebody comes to work; where no shift of theirs begins then, in which department
    and as what."""

    staff_id: UUID
    facility_id: UUID
    came_at: datetime
    department_id: UUID | None = None
    job: str | None = None


@command("timesheet_id")
class ClockOut(OfTimesheet, Command):
    """Record that somebody goes home."""

    staff_id: UUID
    facility_id: UUID
    left_at: datetime


@command("timesheet_id", creates=True)
class RecordAttendance(OfTimesheet, Command):
    """Record an attendance as a whole, afterwards; or anew, in the place of one it corrects."""

    staff_id: UUID
    facility_id: UUID
    came_at: datetime
    left_at: datetime
    department_id: UUID | None = None
    job: str | None = None
    corrects: int | None = None
    why: str | None = None


@command("timesheet_id")
class ReverseAttendance(OfTimesheet, Command):
    """Say that an entry was wrong: its minutes do not count."""

    staff_id: UUID
    facility_id: UUID
    entry: int
    why: str


@command("timesheet_id", creates=True)
class MissShift(OfTimesheet, Command):
    """Record that somebody did not come to a shift that is over."""

    roster_id: UUID
    shift: int
    facility_id: UUID
    staff_id: UUID


# --- decisions ---------------------------------------------------------------------------------


def _of_their_time(_state: Timesheet, command: Any) -> Iterable[UUID]:
    return [schedule_of(command.staff_id)]


def _of_their_hours(_state: Timesheet, command: Any) -> Iterable[UUID]:
    return [schedule_of(command.staff_id), working_time_of(command.facility_id)]


@timesheet.decides(consulting=_of_their_time)
def clock_in(state: Timesheet, command: ClockIn, at: Circumstances) -> Decision:
    home = _home(command.staff_id, at)
    rules.happened("timesheet", "came_at", command.came_at, at)
    if state.present is not None:
        since = state.entries[state.present].attendance.came_at
        raise Refused(
            "timesheet.present", f"They are here since {since:%Y-%m-%d %H:%M} UTC.", since=since
        )
    attendance = _matched(state, command, at)
    came = command.came_at, command.came_at
    _apart(state.entries.values(), came)
    apart_from(state.elsewhere.values(), *came)
    yield TimesheetClockedIn(
        staff_id=command.staff_id,
        facility_id=command.facility_id,
        home_id=home,
        attendance=attendance,
    )
    yield from _told_at_home(command, home, attendance.entry, command.came_at, None)


@timesheet.decides(consulting=_of_their_hours)
def clock_out(state: Timesheet, command: ClockOut, at: Circumstances) -> Decision:
    home = _home(command.staff_id, at)
    rules.happened("timesheet", "left_at", command.left_at, at)
    if state.present is None:
        raise Refused("timesheet.not_present", "They have not clocked in.")
    attendance = state.entries[state.present].attendance
    minutes = _minutes(attendance.came_at, command.left_at)
    others = [each for number, each in state.entries.items() if number != state.present]
    _apart(others, (attendance.came_at, command.left_at))
    apart_from(state.elsewhere.values(), attendance.came_at, command.left_at)
    yield TimesheetClockedOut(
        staff_id=command.staff_id,
        facility_id=command.facility_id,
        home_id=home,
        attendance=attendance,
        left_at=command.left_at,
        minutes=minutes,
        left_early=_left_early(attendance.scheduled, command.left_at),
        weekly_hours=_usual_hours(command, at),
    )
    came_at, left_at = attendance.came_at, command.left_at
    yield from _told_at_home(command, home, attendance.entry, came_at, left_at)


@timesheet.decides(consulting=_of_their_hours)
def record(state: Timesheet, command: RecordAttendance, at: Circumstances) -> Decision:
    """Recorded again as it stands, it is so already."""
    home = _home(command.staff_id, at)
    rules.happened("timesheet", "left_at", command.left_at, at)
    minutes = _minutes(command.came_at, command.left_at)
    for each in state.entries.values():
        if (each.attendance.came_at, each.left_at) == (command.came_at, command.left_at):
            return
    kept = state.entries
    if command.corrects is not None:
        wrong = _entry(state, command.corrects, "corrects")
        why = rules.text("timesheet", "why", command.why or "", longest=200)
        yield _reversal(command, home, wrong, why, at)
        yield from _withdrawn_at_home(command, home, command.corrects)
        kept = {k: v for k, v in kept.items() if k != command.corrects}
    _apart(kept.values(), (command.came_at, command.left_at))
    apart_from(state.elsewhere.values(), command.came_at, command.left_at)
    attendance = _matched(state, command, at, command.corrects)
    yield TimesheetAttendanceRecorded(
        staff_id=command.staff_id,
        facility_id=command.facility_id,
        home_id=home,
        attendance=attendance,
        left_at=command.left_at,
        minutes=minutes,
        left_early=_left_early(attendance.scheduled, command.left_at),
        corrects=command.corrects,
        weekly_hours=_usual_hours(command, at),
    )
    came_at, left_at = command.came_at, command.left_at
    yield from _told_at_home(command, home, attendance.entry, came_at, left_at)


@timesheet.decides(consulting=_of_their_time)
def reverse(state: Timesheet, command: ReverseAttendance, at: Circumstances) -> Decision:
    home = _home(command.staff_id, at)
    wrong = _entry(state, command.entry, "entry")
    yield _reversal(command, home, wrong, rules.text("timesheet", "why", command.why), at)
    yield from _withdrawn_at_home(command, home, command.entry)


@timesheet.decides(consulting=_of_their_time)
def miss(state: Timesheet, command: MissShift, at: Circumstances) -> Decision:
    shift = command.roster_id, command.shift
    if shift in state.missed:
        return
    booking = _booked(command, *shift, at)
    if booking is None:
        raise Refused(
            "shift.unknown", "They are on no such shift.", field="shift", value=command.shift
        )
    if booking.ends_at > at.now:
        raise Refused("timesheet.not_over", "The shift is not over yet.", ends_at=booking.ends_at)
    for each in state.entries.values():
        attended = each.attendance.scheduled
        if attended is not None and (attended.roster_id, attended.shift) == shift:
            raise Refused(
                "timesheet.attended", "They came to the shift.", entry=each.attendance.entry
            )
    yield TimesheetShiftMissed(
        staff_id=command.staff_id,
        facility_id=command.facility_id,
        department_id=booking.department_id,
        job=booking.job,
        on=booking.on,
        scheduled=scheduled(booking),
    )


# --- rules -------------------------------------------------------------------------------------


def _home(staff_id: UUID, at: Circumstances) -> UUID:
    home = at.known("staff_member", staff_id, named="staff_id").facility_id
    assert home is not None
    return home


def _matched(
    state: Timesheet,
    command: ClockIn | RecordAttendance,
    at: Circumstances,
    corrects: int | None = None,
) -> Attendance:
    """Where somebody came, as what, and for which shift."""
    entries = [each for number, each in state.entries.items() if number != corrects]
    wanted = Wanted(
        command.staff_id, command.facility_id, command.came_at, command.department_id, command.job
    )
    return came_for(wanted, state.last + 1, entries, at)


def _minutes(came_at: datetime, left_at: datetime) -> int:
    """The whole minutes of an attendance; refuses one that ends before it begins, or never."""
    lasted = left_at - came_at
    if not timedelta(0) < lasted <= LONGEST:
        rule = f"must lie after came_at ({came_at.isoformat()}), by 36 hours at most"
        raise rules.refusal("timesheet.left_at", "left_at", left_at.isoformat(), rule)
    return whole_minutes(lasted)


def _left_early(shift: Scheduled | None, left_at: datetime) -> int:
    return 0 if shift is None else max(0, whole_minutes(shift.ends_at - left_at))


def _apart(entries: Iterable[Entry], wanted: Presence) -> None:
    """Nobody is present twice at a time."""
    for each in entries:
        if meet(each.presence, wanted):
            raise Refused(
                "timesheet.overlap",
                f"They were at work from {each.attendance.came_at:%Y-%m-%d %H:%M} UTC already.",
                entry=each.attendance.entry,
            )


def _usual_hours(command: OfTimesheet, at: Circumstances) -> int:
    """The hours of a week that are no overtime for somebody; their schedule and the facility's
    limits were consulted."""
    standing = at.standings.get(schedule_of(command.staff_id))
    terms = standing.terms if isinstance(standing, ScheduleStanding) else NO_TERMS
    limit = limits_of(command.facility_id, at).overtime_after_hours
    return usual_hours(terms.weekly_hours, limit)


def _told_at_home(
    command: OfTimesheet, home: UUID, entry: int, came_at: datetime, left_at: datetime | None
) -> Iterable[Entail]:
    """Somebody's home facility is told when they are at work at another."""
    if command.facility_id != home:
        yield Entail(
            NotePresence(
                staff_id=command.staff_id,
                facility_id=home,
                at_facility_id=command.facility_id,
                entry=entry,
                came_at=came_at,
                left_at=left_at,
            )
        )


def _withdrawn_at_home(command: OfTimesheet, home: UUID, entry: int) -> Iterable[Entail]:
    if command.facility_id != home:
        yield Entail(
            WithdrawPresence(
                staff_id=command.staff_id,
                facility_id=home,
                at_facility_id=command.facility_id,
                entry=entry,
            )
        )


def _entry(state: Timesheet, entry: int, named: str) -> Entry:
    found = state.entries.get(entry)
    if found is None:
        raise Refused(
            "timesheet.entry", "There is no such entry to put right.", field=named, value=entry
        )
    return found


def _booked(
    command: OfTimesheet, roster_id: UUID, number: int, at: Circumstances
) -> Booking | None:
    """What is booked for somebody for a shift at the facility; their schedule was consulted."""
    for week in weeks_of(command.staff_id, at).values():
        for each in week:
            if (each.roster_id, each.shift) == (roster_id, number):
                return each if each.facility_id == command.facility_id else None
    return None


def _reversal(
    command: RecordAttendance | ReverseAttendance,
    home: UUID,
    wrong: Entry,
    why: str,
    at: Circumstances,
) -> TimesheetAttendanceReversed:
    """Whoever came for a shift that they are on still is awaited again, on the shift's own day:
    who comes before midnight to a shift that begins at midnight came on the day before."""
    shift = wrong.attendance.scheduled
    booking = None if shift is None else _booked(command, shift.roster_id, shift.shift, at)
    return TimesheetAttendanceReversed(
        staff_id=command.staff_id,
        facility_id=command.facility_id,
        home_id=home,
        attendance=wrong.attendance,
        left_at=wrong.left_at,
        minutes=wrong.minutes,
        why=why,
        awaited_on=None if booking is None else booking.on,
    )
