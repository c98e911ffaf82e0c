"""Who is away, or has left, is on no shift: schedules and rosters learn what human resources tell.

A leave of absence is decided on in `employment`, somebody's separation in `staff_member`. Both
entail what is here, in the same append: the schedule is told of the leave, or of the last day; time
that was booked for later is free; and the rosters learn that somebody is not on those shifts, which
are gaps then. A shift that has begun stays: what became of it is for attendance to tell. Nothing of
it refuses a leave or a separation, because no roster can keep anybody at work.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from itertools import groupby
from typing import NamedTuple
from uuid import UUID

from domain.kernel import Circumstances, Command, Decision, Entail, command
from domain.workforce.events.employment import LeaveReason
from domain.workforce.events.roster import RosterStaffWithdrawn, WithdrawalReason
from domain.workforce.events.schedule import (
    Leave,
    LeaveKind,
    OfPerson,
    ReleaseReason,
    ScheduleLeaveEnded,
    ScheduleLeaveGranted,
    ScheduleTimeReleased,
    Weeks,
)
from domain.workforce.events.working_time import Booking, ShiftFinding
from domain.workforce.roster import Roster, RosterStatus, place_of, roster
from domain.workforce.schedule import Schedule, home_of, schedule
from domain.workforce.shift_feed import feed_revoked
from domain.workforce.shift_rules import weeks_of

KINDS: Mapping[LeaveReason, LeaveKind] = {
    LeaveReason.MEDICAL: LeaveKind.SICK,
    LeaveReason.FAMILY: LeaveKind.FAMILY,
    LeaveReason.PARENTAL: LeaveKind.PARENTAL,
    LeaveReason.MILITARY: LeaveKind.MILITARY,
}
"""What a leave of absence is called in a schedule; any other is called other."""

DAY = timedelta(days=1)

# --- commands ------------------------------------------------------------------------------------


@command("schedule_id", creates=True)
class TakeLeave(OfPerson, Command):
    """Let somebody be away, and be on no shift in these days. For employment to entail."""

    staff_id: UUID
    kind: LeaveKind
    begins_on: date
    ends_on: date | None = None


@command("schedule_id", creates=True)
class ComeBack(OfPerson, Command):
    """Let the leave that began on a day be over. For employment to entail."""

    staff_id: UUID
    began_on: date
    returned_on: date


@command("schedule_id", creates=True)
class EndSchedule(OfPerson, Command):
    """Let somebody who leaves be on no shift after their last day. For separations to entail."""

    staff_id: UUID
    ended_on: date


@command("roster_id")
class WithdrawStaff(Command):
    """Let somebody be off shifts they cannot come to. For schedules to entail."""

    roster_id: UUID
    staff_id: UUID
    shifts: tuple[int, ...]
    why: WithdrawalReason


# --- decisions: the schedule ---------------------------------------------------------------------


@schedule.decides
def take(state: Schedule, command: TakeLeave, at: Circumstances) -> Decision:
    """What was granted before for some of these days gives way to it; the rest of that stays."""
    home = home_of(command.staff_id, at)
    leave = Leave(begins_on=command.begins_on, ends_on=command.ends_on, kind=command.kind)
    if leave not in state.leaves:
        for each in state.leaves:
            if each.covers(leave.begins_on) or leave.covers(each.begins_on):
                yield from _gives_way(command.staff_id, home, each, leave)
        yield ScheduleLeaveGranted(staff_id=command.staff_id, facility_id=home, leave=leave)
    freed = covered_by(leave, state.weeks, at)
    yield from _freed(command.staff_id, home, freed, ON_LEAVE)


@schedule.decides
def come_back(state: Schedule, command: ComeBack, at: Circumstances) -> Decision:
    """Where they come back later than was expected, the leave was as long as it was."""
    ended_on = command.returned_on - DAY
    for leave in state.leaves:
        if leave.begins_on == command.began_on and leave.ends_on != ended_on:
            yield ScheduleLeaveEnded(
                staff_id=command.staff_id,
                facility_id=home_of(command.staff_id, at),
                leave=leave,
                ended_on=ended_on,
            )


@schedule.decides
def end(state: Schedule, command: EndSchedule, at: Circumstances) -> Decision:
    home = home_of(command.staff_id, at)
    freed = later_than(command.ended_on, state.weeks)
    yield from _freed(command.staff_id, home, freed, GONE)
    if state.feed is not None:
        yield feed_revoked(command.staff_id, home, state.feed)


def _gives_way(staff_id: UUID, home: UUID, granted: Leave, leave: Leave) -> Decision:
    """1. What was granted ends before the leave, or does not come about. 2. Where it would have
    gone on after the leave, it does."""
    until = leave if granted.begins_on < leave.begins_on else granted
    ended_on = until.begins_on - DAY
    yield ScheduleLeaveEnded(staff_id=staff_id, facility_id=home, leave=granted, ended_on=ended_on)
    if leave.ends_on is not None and (granted.ends_on is None or granted.ends_on > leave.ends_on):
        rest = Leave(begins_on=leave.ends_on + DAY, ends_on=granted.ends_on, kind=granted.kind)
        yield ScheduleLeaveGranted(staff_id=staff_id, facility_id=home, leave=rest)


class _Why(NamedTuple):
    """Why somebody is on no shift, as schedules and as rosters tell it."""

    released: ReleaseReason
    withdrawn: WithdrawalReason


ON_LEAVE = _Why(ReleaseReason.LEAVE, WithdrawalReason.LEAVE)
GONE = _Why(ReleaseReason.SEPARATION, WithdrawalReason.SEPARATION)


def _freed(staff_id: UUID, home: UUID, bookings: Iterable[Booking], why: _Why) -> Decision:
    """What was booked is free, facility by facility, and each roster is told."""

    def place(booking: Booking) -> tuple[UUID, UUID]:
        return booking.facility_id, booking.roster_id

    for (facility_id, roster_id), theirs in groupby(sorted(bookings, key=place), key=place):
        freed = tuple(theirs)
        yield ScheduleTimeReleased(
            staff_id=staff_id,
            facility_id=facility_id,
            home_id=home,
            bookings=freed,
            reason=why.released,
        )
        yield Entail(
            WithdrawStaff(
                roster_id=roster_id,
                staff_id=staff_id,
                shifts=tuple(each.shift for each in freed),
                why=why.withdrawn,
            )
        )


# --- decisions: the roster -----------------------------------------------------------------------


@roster.decides
def withdraw_staff(state: Roster, command: WithdrawStaff, at: Circumstances) -> Decision:
    """A roster that is closed tells what it told; nobody looks for cover in it any more."""
    if state.status is RosterStatus.CLOSED:
        return
    place = place_of(state, command.roster_id, at)
    for number in command.shifts:
        placed = state.shifts.get(number)
        if placed is not None and command.staff_id in placed.staff_ids:
            yield RosterStaffWithdrawn(
                roster_id=command.roster_id,
                facility_id=place.facility_id,
                department_id=place.department_id,
                shift=placed.shift,
                staff_id=command.staff_id,
                staff_ids=tuple(each for each in placed.staff_ids if each != command.staff_id),
                why=command.why,
            )


# --- what is to be told of it --------------------------------------------------------------------


def covered_by(leave: Leave, weeks: Weeks, at: Circumstances) -> list[Booking]:
    """The shifts a leave takes somebody off: those in its days that have not begun."""
    return [
        each
        for week in weeks.values()
        for each in week
        if leave.covers(each.on) and each.starts_at > at.now
    ]


def later_than(day: date, weeks: Weeks) -> list[Booking]:
    """The shifts that begin after somebody's last day."""
    return [each for week in weeks.values() for each in week if each.on > day]


def left_open(
    staff_id: UUID, leave: Leave | None, last_day: date, at: Circumstances
) -> tuple[ShiftFinding, ...]:
    """Warnings of the shifts that somebody who goes on leave, or else leaves, is taken off; where
    their schedule was consulted."""
    weeks = weeks_of(staff_id, at)
    freed = later_than(last_day, weeks) if leave is None else covered_by(leave, weeks, at)
    return tuple(
        ShiftFinding(
            code="shift.left_open",
            hard=False,
            said=f"They are taken off the shift of {each.on}, which is to be covered.",
            shift=each.shift,
            staff_id=staff_id,
        )
        for each in sorted(freed, key=lambda each: each.starts_at)
    )
