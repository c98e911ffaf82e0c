"""A timesheet: when somebody was at work at one facility, and what of it still holds.

What is decided about attendance is in `attendance`; here is what a timesheet has become, and what
one facility's timesheet is told by others. Somebody has one for each facility they work at. That of
their home facility is told of every **presence** elsewhere, in the same append, so that nobody is
at work in two places at a time: what does not fit is refused wherever it is recorded. Who works at
home only, as nearly everybody does, has nothing to be told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import assert_never
from uuid import UUID

from domain.kernel import Aggregate, Circumstances, Command, Decision, Refused, command
from domain.replacing import replace
from domain.workforce.events.attendance import (
    Attendance,
    OfTimesheet,
    TimesheetAttendanceRecorded,
    TimesheetAttendanceReversed,
    TimesheetClockedIn,
    TimesheetClockedOut,
    TimesheetFact,
    TimesheetPresenceNoted,
    TimesheetPresenceWithdrawn,
    TimesheetShiftMissed,
)

# --- state -------------------------------------------------------------------------------------


Presence = tuple[datetime, datetime | None]
"""When somebody came, and when they left, if they have."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An attendance and when it ended, if it has; `minutes` are those that were worked."""

    attendance: Attendance
    left_at: datetime | None = None
    minutes: int = 0

    @property
    def presence(self) -> Presence:
        return self.attendance.came_at, self.left_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Timesheet:
    """What a timesheet has become. `present` is the entry of who has clocked in and not out.

    `missed` are the shifts nobody came to, by roster and number. `elsewhere` is when they were at
    work at other facilities, by facility and entry, which their home facility is told.
    """

    facility_id: UUID | None = None
    entries: Mapping[int, Entry] = field(default_factory=dict, hash=False)
    last: int = 0
    present: int | None = None
    missed: frozenset[tuple[UUID, int]] = frozenset()
    elsewhere: Mapping[tuple[UUID, int], Presence] = field(default_factory=dict, hash=False)

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
            case TimesheetPresenceNoted():
                presence = fact.came_at, fact.left_at
                elsewhere = {**self.elsewhere, (fact.at_facility_id, fact.entry): presence}
                return replace(self, facility_id=fact.facility_id, elsewhere=elsewhere)
            case TimesheetPresenceWithdrawn():
                gone = fact.at_facility_id, fact.entry
                elsewhere = {k: v for k, v in self.elsewhere.items() if k != gone}
                return replace(self, elsewhere=elsewhere)
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


# --- presence at other facilities --------------------------------------------------------------


@command("timesheet_id", creates=True)
class NotePresence(OfTimesheet, Command):
    """Tell somebody's home facility when they are at work at another one. For attendance to
    entail; told again, it is as it was told last."""

    staff_id: UUID
    facility_id: UUID
    at_facility_id: UUID
    entry: int
    came_at: datetime
    left_at: datetime | None = None


@command("timesheet_id")
class WithdrawPresence(OfTimesheet, Command):
    """Tell somebody's home facility that they were not at work there after all. For attendance to
    entail."""

    staff_id: UUID
    facility_id: UUID
    at_facility_id: UUID
    entry: int


@timesheet.decides
def note(
    state: Timesheet,
    command: NotePresence,
    at: Circumstances,  # noqa: ARG001 - when it was has been looked at where it is recorded
) -> Decision:
    """Refuses where they were at work at home, or at yet another facility."""
    noted = command.at_facility_id, command.entry
    others = [each for key, each in state.elsewhere.items() if key != noted]
    at_home = [each.presence for each in state.entries.values()]
    apart_from((*at_home, *others), command.came_at, command.left_at)
    yield TimesheetPresenceNoted(
        staff_id=command.staff_id,
        facility_id=command.facility_id,
        at_facility_id=command.at_facility_id,
        entry=command.entry,
        came_at=command.came_at,
        left_at=command.left_at,
    )


@timesheet.decides
def withdraw(
    state: Timesheet,
    command: WithdrawPresence,
    at: Circumstances,  # noqa: ARG001
) -> Decision:
    if (command.at_facility_id, command.entry) in state.elsewhere:
        yield TimesheetPresenceWithdrawn(
            staff_id=command.staff_id,
            facility_id=command.facility_id,
            at_facility_id=command.at_facility_id,
            entry=command.entry,
        )


def apart_from(others: Iterable[Presence], came_at: datetime, left_at: datetime | None) -> None:
    """Nobody is at work at two facilities at a time."""
    for presence in others:
        if meet(presence, (came_at, left_at)):
            raise Refused(
                "timesheet.overlap_elsewhere",
                f"They were at work at another facility from {presence[0]:%Y-%m-%d %H:%M} UTC.",
                since=presence[0],
            )


def meet(one: Presence, other: Presence) -> bool:
    """Whether two presences have a moment in common; who has not left is there from then on."""
    (one_came, one_left), (other_came, other_left) = one, other
    return (one_left is None or other_came < one_left) and (
        other_left is None or one_came < other_left or one_came == other_came
    )
