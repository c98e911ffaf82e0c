"""Leave, as the staffing office grants it: days on which somebody begins no shift.

A leave is **granted** once nothing is booked in its days, and **ends** on its last day, or earlier
where it is said so. It is one of the things a schedule tells; leaves of absence are told of by
human resources (`employment`), and take somebody off their shifts (`absence`).
"""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from domain import rules
from domain.kernel import Circumstances, Command, Decision, Refused, command
from domain.workforce.events.schedule import (
    Leave,
    LeaveKind,
    OfPerson,
    ScheduleLeaveEnded,
    ScheduleLeaveGranted,
)
from domain.workforce.schedule import Schedule, home_of, schedule

# --- commands ----------------------------------------------------------------------------------


@command("schedule_id", creates=True)
class GrantLeave(OfPerson, Command):
    """Let someone be on leave, at their home facility; both days are included."""

    staff_id: UUID
    facility_id: UUID
    kind: LeaveKind
    begins_on: date
    ends_on: date | None = None


@command("schedule_id")
class EndLeave(OfPerson, Command):
    """Let the leave that began on a day be over; `ended_on` is its last day, or the day before its
    first where it does not come about."""

    staff_id: UUID
    facility_id: UUID
    begins_on: date
    ended_on: date


# --- decisions ---------------------------------------------------------------------------------


@schedule.decides
def grant_leave(state: Schedule, command: GrantLeave, at: Circumstances) -> Decision:
    """Refuses a leave from a shift that is booked: that is to be given to somebody else first."""
    home = home_of(command.staff_id, at, command.facility_id)
    rules.plausible("leave", "begins_on", command.begins_on)
    rules.plausible("leave", "ends_on", command.ends_on)
    rules.in_order("leave", "begins_on", command.begins_on, "ends_on", command.ends_on)
    leave = Leave(begins_on=command.begins_on, ends_on=command.ends_on, kind=command.kind)
    if leave in state.leaves:
        return
    for other in state.leaves:
        if other.covers(leave.begins_on) or leave.covers(other.begins_on):
            raise Refused(
                "leave.overlap",
                f"They are on leave from {other.begins_on}.",
                field="begins_on",
                value=leave.begins_on,
            )
    rostered = [each.on for week in state.weeks.values() for each in week if leave.covers(each.on)]
    if rostered:
        raise Refused(
            "leave.rostered",
            f"They are rostered on {rostered[0]}.",
            field="begins_on",
            value=leave.begins_on,
            on=sorted(rostered),
        )
    yield ScheduleLeaveGranted(staff_id=command.staff_id, facility_id=home, leave=leave)


@schedule.decides
def end_leave(state: Schedule, command: EndLeave, at: Circumstances) -> Decision:
    home = home_of(command.staff_id, at, command.facility_id)
    leave = next((each for each in state.leaves if each.begins_on == command.begins_on), None)
    if leave is None:
        raise Refused(
            "leave.unknown",
            "No leave of theirs begins on that day.",
            field="begins_on",
            value=command.begins_on,
        )
    if command.ended_on == leave.ends_on:
        return
    if leave.ends_on is not None and command.ended_on > leave.ends_on:
        rule = f"must not be after {leave.ends_on}, when it ends"
        raise rules.refusal("leave.ended_on", "ended_on", command.ended_on.isoformat(), rule)
    if command.ended_on < leave.begins_on - timedelta(days=1):
        rule = f"must not be before the day before {leave.begins_on}"
        raise rules.refusal("leave.ended_on", "ended_on", command.ended_on.isoformat(), rule)
    yield ScheduleLeaveEnded(
        staff_id=command.staff_id, facility_id=home, leave=leave, ended_on=command.ended_on
    )
