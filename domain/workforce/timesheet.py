"""A timesheet: when somebody was at work at one facility, matched to the shifts they were on.

They **clock in** and **clock out**, or an attendance is **recorded** afterwards; what was written
down wrongly is **reversed**, and may be recorded anew. An attendance is matched to the shift at the
facility that begins nearest to it; without one it is unscheduled, and names its department and job.
A shift nobody came to is **missed**. The minutes of what was not reversed are the hours worked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, assert_never
from uuid import UUID
from zoneinfo import ZoneInfo

from domain import rules
from domain.kernel import (
    Aggregate,
    Circumstances,
    Command,
    Decision,
    Refused,
    command,
)
from domain.workforce.events.attendance import (
    Attendance,
    CareRole,
    OfTimesheet,
    Punctuality,
    Scheduled,
    TimesheetAttendanceRecorded,
    TimesheetAttendanceReversed,
    TimesheetClockedIn,
    TimesheetClockedOut,
    TimesheetFact,
    TimesheetShiftMissed,
)
from domain.workforce.events.schedule import schedule_of
from domain.workforce.events.working_time import Booking
from domain.workforce.shift_rules import weeks_of
from domain.workforce.working_time import week_of

TOLERANCE = 7
"""So many minutes before or after a shift's beginning are on time (c; 29 CFR 785.48 lets time be
rounded to the quarter of an hour, which seven minutes are rounded down from)."""

REACH = timedelta(hours=4)
"""An attendance that begins so far from a shift's beginning was not meant for it (c)."""

LONGEST = timedelta(hours=36)
"""No attendance lasts longer (c)."""

CARE_ROLES: Mapping[str, CareRole] = {
    "registered nurse": CareRole.RN,
    "rn": CareRole.RN,
    "charge nurse": CareRole.RN,
    "licensed practical nurse": CareRole.LPN,
    "licensed vocational nurse": CareRole.LPN,
    "lpn": CareRole.LPN,
    "lvn": CareRole.LPN,
    "nursing assistant": CareRole.UAP,
    "certified nursing assistant": CareRole.UAP,
    "patient care technician": CareRole.UAP,
    "cna": CareRole.UAP,
    "uap": CareRole.UAP,
}
"""The jobs whose hours are nursing hours, as they are written here in small letters (c)."""


# --- state -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Entry:
    """An attendance and when it ended, if it has; `minutes` are those that were worked."""

    attendance: Attendance
    left_at: datetime | None = None
    minutes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Timesheet:
    """What a timesheet has become. `present` is the entry of who has clocked in and not out.

    `missed` are the shifts nobody came to, by roster and number.
    """

    facility_id: UUID | None = None
    entries: Mapping[int, Entry] = field(default_factory=dict, hash=False)
    last: int = 0
    present: int | None = None
    missed: frozenset[tuple[UUID, int]] = frozenset()

    def evolve(self, fact: TimesheetFact) -> Timesheet:
        match fact:
            case TimesheetClockedIn():
                came = replace(self._with(Entry(fact.attendance)), present=fact.attendance.entry)
                return replace(came, facility_id=fact.facility_id)
            case TimesheetClockedOut():
                ended = Entry(fact.attendance, fact.left_at, fact.minutes)
                return replace(self._with(ended), present=None)
            case TimesheetAttendanceRecorded():
                recorded = Entry(fact.attendance, fact.left_at, fact.minutes)
                return replace(self._with(recorded), facility_id=fact.facility_id)
            case TimesheetAttendanceReversed():
                entry = fact.attendance.entry
                kept = {k: v for k, v in self.entries.items() if k != entry}
                present = None if self.present == entry else self.present
                return replace(self, entries=kept, present=present)
            case TimesheetShiftMissed():
                missed = self.missed | {(fact.scheduled.roster_id, fact.scheduled.shift)}
                return replace(self, facility_id=fact.facility_id, missed=missed)
            case _:
                assert_never(fact)

    def _with(self, entry: Entry) -> Timesheet:
        number = entry.attendance.entry
        came_for = entry.attendance.scheduled
        missed = self.missed
        if came_for is not None:
            missed -= {(came_for.roster_id, came_for.shift)}
        entries = {**self.entries, number: entry}
        return replace(self, entries=entries, last=max(self.last, number), missed=missed)


timesheet = Aggregate("timesheet", Timesheet())


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


@timesheet.decides(consulting=_of_their_time)
def clock_in(state: Timesheet, command: ClockIn, at: Circumstances) -> Decision:
    home = _home(command.staff_id, at)
    rules.happened("timesheet", "came_at", command.came_at, at)
    if state.present is not None:
        since = state.entries[state.present].attendance.came_at
        raise Refused(
            "timesheet.present", f"They are here since {since:%Y-%m-%d %H:%M} UTC.", since=since
        )
    attendance = _attendance(state, command, at)
    _apart(state.entries.values(), command.came_at, command.came_at)
    yield TimesheetClockedIn(
        staff_id=command.staff_id,
        facility_id=command.facility_id,
        home_id=home,
        attendance=attendance,
    )


@timesheet.decides
def clock_out(state: Timesheet, command: ClockOut, at: Circumstances) -> Decision:
    home = _home(command.staff_id, at)
    rules.happened("timesheet", "left_at", command.left_at, at)
    if state.present is None:
        raise Refused("timesheet.not_present", "They have not clocked in.")
    attendance = state.entries[state.present].attendance
    minutes = _minutes(attendance.came_at, command.left_at)
    others = [each for number, each in state.entries.items() if number != state.present]
    _apart(others, attendance.came_at, command.left_at)
    yield TimesheetClockedOut(
        staff_id=command.staff_id,
        facility_id=command.facility_id,
        home_id=home,
        attendance=attendance,
        left_at=command.left_at,
        minutes=minutes,
        left_early=_left_early(attendance.scheduled, command.left_at),
    )


@timesheet.decides(consulting=_of_their_time)
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
        yield _reversal(command, home, wrong, why)
        kept = {k: v for k, v in kept.items() if k != command.corrects}
    _apart(kept.values(), command.came_at, command.left_at)
    attendance = _attendance(state, command, at)
    yield TimesheetAttendanceRecorded(
        staff_id=command.staff_id,
        facility_id=command.facility_id,
        home_id=home,
        attendance=attendance,
        left_at=command.left_at,
        minutes=minutes,
        left_early=_left_early(attendance.scheduled, command.left_at),
        corrects=command.corrects,
    )


@timesheet.decides
def reverse(state: Timesheet, command: ReverseAttendance, at: Circumstances) -> Decision:
    home = _home(command.staff_id, at)
    wrong = _entry(state, command.entry, "entry")
    yield _reversal(command, home, wrong, rules.text("timesheet", "why", command.why))


@timesheet.decides(consulting=_of_their_time)
def miss(state: Timesheet, command: MissShift, at: Circumstances) -> Decision:
    _home(command.staff_id, at)
    shift = command.roster_id, command.shift
    if shift in state.missed:
        return
    booking = next(
        (
            each
            for week in weeks_of(command.staff_id, at).values()
            for each in week
            if (each.roster_id, each.shift) == shift and each.facility_id == command.facility_id
        ),
        None,
    )
    if booking is None:
        raise Refused(
            "shift.unknown", "They are on no such shift.", field="shift", value=command.shift
        )
    if booking.ends_at > at.now:
        raise Refused("timesheet.not_over", "The shift is not over yet.", ends_at=booking.ends_at)
    for each in state.entries.values():
        came_for = each.attendance.scheduled
        if came_for is not None and (came_for.roster_id, came_for.shift) == shift:
            raise Refused(
                "timesheet.attended", "They came to the shift.", entry=each.attendance.entry
            )
    yield TimesheetShiftMissed(
        staff_id=command.staff_id,
        facility_id=command.facility_id,
        department_id=booking.department_id,
        job=booking.job,
        on=booking.on,
        scheduled=_scheduled(booking),
    )


# --- rules -------------------------------------------------------------------------------------


def _home(staff_id: UUID, at: Circumstances) -> UUID:
    home = at.known("staff_member", staff_id, named="staff_id").facility_id
    assert home is not None
    return home


def _attendance(
    state: Timesheet, command: ClockIn | RecordAttendance, at: Circumstances
) -> Attendance:
    """What somebody came for.

    1. The shift at the facility that begins nearest, and that nobody's attendance is matched to.
    2. Without one, the department and the job that are named: both must be.
    """
    facility = at.known("facility", command.facility_id)
    booking = _nearest(state, command, at)
    department_id, job = command.department_id, command.job
    if booking is not None:
        department_id, job = booking.department_id, booking.job
    if department_id is None or job is None:
        raise Refused(
            "timesheet.unscheduled",
            "No shift of theirs begins then: name the department and the job.",
            field="department_id" if department_id is None else "job",
            value=None,
        )
    if booking is None:
        at.known("department", department_id, within=command.facility_id)
        job = rules.text("timesheet", "job", job, longest=100)
    off = 0 if booking is None else _whole_minutes(command.came_at - booking.starts_at)
    zone = ZoneInfo(facility.zone or "UTC")
    return Attendance(
        entry=state.last + 1,
        department_id=department_id,
        job=job,
        care_role=CARE_ROLES.get(job.casefold()),
        on=command.came_at.astimezone(zone).date(),
        came_at=command.came_at,
        scheduled=None if booking is None else _scheduled(booking),
        punctuality=_punctuality(booking, off),
        minutes_off=off,
    )


def _nearest(
    state: Timesheet, command: ClockIn | RecordAttendance, at: Circumstances
) -> Booking | None:
    corrects = command.corrects if isinstance(command, RecordAttendance) else None
    taken = {
        (each.attendance.scheduled.roster_id, each.attendance.scheduled.shift)
        for number, each in state.entries.items()
        if each.attendance.scheduled is not None and number != corrects
    }
    weeks = weeks_of(command.staff_id, at)
    monday = week_of(command.came_at.astimezone(UTC).date())
    near = [
        each
        for step in (-7, 0, 7)
        for each in weeks.get(monday + timedelta(days=step), ())
        if each.facility_id == command.facility_id
        and abs(each.starts_at - command.came_at) <= REACH
        and (each.roster_id, each.shift) not in taken
    ]
    return min(near, key=lambda each: abs(each.starts_at - command.came_at), default=None)


def _scheduled(booking: Booking) -> Scheduled:
    return Scheduled(
        roster_id=booking.roster_id,
        shift=booking.shift,
        starts_at=booking.starts_at,
        ends_at=booking.ends_at,
    )


def _punctuality(booking: Booking | None, off: int) -> Punctuality:
    if booking is None:
        return Punctuality.UNSCHEDULED
    if abs(off) <= TOLERANCE:
        return Punctuality.ON_TIME
    return Punctuality.LATE if off > 0 else Punctuality.EARLY


def _minutes(came_at: datetime, left_at: datetime) -> int:
    """The whole minutes of an attendance; refuses one that ends before it begins, or never."""
    lasted = left_at - came_at
    if not timedelta(0) < lasted <= LONGEST:
        rule = f"must lie after came_at ({came_at.isoformat()}), by 36 hours at most"
        raise rules.refusal("timesheet.left_at", "left_at", left_at.isoformat(), rule)
    return _whole_minutes(lasted)


def _whole_minutes(time: timedelta) -> int:
    return int(time.total_seconds() / 60)


def _left_early(scheduled: Scheduled | None, left_at: datetime) -> int:
    return 0 if scheduled is None else max(0, _whole_minutes(scheduled.ends_at - left_at))


def _apart(entries: Iterable[Entry], came_at: datetime, left_at: datetime) -> None:
    """Nobody is present twice at a time."""
    for each in entries:
        until = each.left_at
        begins = each.attendance.came_at
        if (until is None or came_at < until) and (begins < left_at or begins == came_at):
            raise Refused(
                "timesheet.overlap",
                f"They were at work from {begins:%Y-%m-%d %H:%M} UTC already.",
                entry=each.attendance.entry,
            )


def _entry(state: Timesheet, entry: int, named: str) -> Entry:
    found = state.entries.get(entry)
    if found is None:
        raise Refused(
            "timesheet.entry", "There is no such entry to put right.", field=named, value=entry
        )
    return found


def _reversal(
    command: RecordAttendance | ReverseAttendance, home: UUID, wrong: Entry, why: str
) -> TimesheetAttendanceReversed:
    return TimesheetAttendanceReversed(
        staff_id=command.staff_id,
        facility_id=command.facility_id,
        home_id=home,
        attendance=wrong.attendance,
        left_at=wrong.left_at,
        minutes=wrong.minutes,
        why=why,
    )
