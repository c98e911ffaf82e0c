"""A roster's beginning, its publication and its end.

It is drafted for days that no other roster of the department has; published when nothing hard is
against it, which everybody on it is told; and closed when its period is over.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from domain import rules
from domain.kernel import Circumstances, Command, Decision, Entail, Refused, command
from domain.replacing import replace
from domain.workforce import shift_rules
from domain.workforce.events.roster import RosterClosed, RosterDrafted, RosterPublished, Shift
from domain.workforce.events.working_time import ShiftFinding
from domain.workforce.roster import Roster, RosterStatus, cover, place_of, refuse_conflicts, roster
from domain.workforce.roster_calendar import TakePeriod
from domain.workforce.schedule import ConfirmTime

MOST_DAYS = 92
"""The longest period of a roster, in days (c)."""

# --- commands ----------------------------------------------------------------------------------


@command("roster_id", creates=True)
class DraftRoster(Command):
    """Begin the roster of a department for a period; the days are both included."""

    roster_id: UUID
    facility_id: UUID
    department_id: UUID
    begins_on: date
    ends_on: date


@command("roster_id")
class PublishRoster(Command):
    """Let the roster hold, and tell everybody."""

    roster_id: UUID


@command("roster_id")
class CloseRoster(Command):
    """Let nothing about the roster change any more, now that its period is over."""

    roster_id: UUID


# --- decisions ---------------------------------------------------------------------------------


@roster.decides
def draft(state: Roster, command: DraftRoster, at: Circumstances) -> Decision:
    if state.status is not RosterStatus.ABSENT:
        raise Refused("roster.already_drafted", "This roster is begun.")
    facility = at.open("facility", command.facility_id)
    department = at.open("department", command.department_id, within=command.facility_id)
    rules.plausible("roster", "begins_on", command.begins_on)
    rules.plausible("roster", "ends_on", command.ends_on)
    rules.in_order("roster", "begins_on", command.begins_on, "ends_on", command.ends_on)
    if (command.ends_on - command.begins_on).days >= MOST_DAYS:
        rule = f"must be at most {MOST_DAYS} days from its beginning"
        raise rules.refusal("roster.period", "ends_on", command.ends_on.isoformat(), rule)
    yield RosterDrafted(
        roster_id=command.roster_id,
        facility_id=command.facility_id,
        department_id=command.department_id,
        department_kind=department.variety,
        begins_on=command.begins_on,
        ends_on=command.ends_on,
        zone=facility.zone or "UTC",
    )
    yield Entail(
        TakePeriod(
            department_id=command.department_id,
            facility_id=command.facility_id,
            roster_id=command.roster_id,
            begins_on=command.begins_on,
            ends_on=command.ends_on,
        )
    )


def _of_everybody(state: Roster, _command: PublishRoster) -> Iterable[UUID]:
    return shift_rules.consulted(state.facility_id, state.everybody())


@roster.decides(consulting=_of_everybody)
def publish(state: Roster, command: PublishRoster, at: Circumstances) -> Decision:
    """Everything is looked at once more: a credential may have lapsed since, a leave have begun."""
    place = place_of(state, command.roster_id, at)
    if state.status is RosterStatus.PUBLISHED:
        return
    published = replace(state, status=RosterStatus.PUBLISHED)
    found: list[ShiftFinding] = []
    theirs: dict[UUID, list[Shift]] = {}
    for placed in state.shifts.values():
        found += cover(published, placed.shift, len(placed.staff_ids))
        for staff_id in placed.staff_ids:
            theirs.setdefault(staff_id, []).append(placed.shift)
    for staff_id, shifts in theirs.items():
        theirs_now = [shift_rules.booking(place, each) for each in shifts]
        found += shift_rules.findings(place, staff_id, shifts, at, without=theirs_now)
    refuse_conflicts(place, found, [each.shift for each in state.shifts.values()], at)
    yield RosterPublished(
        roster_id=command.roster_id,
        facility_id=place.facility_id,
        department_id=place.department_id,
        begins_on=state.begins_on,
        ends_on=state.ends_on,
        shifts=len(state.shifts),
        warnings=tuple(found),
    )
    for staff_id, shifts in theirs.items():
        yield Entail(
            ConfirmTime(
                staff_id=staff_id,
                facility_id=place.facility_id,
                roster_id=command.roster_id,
                shifts=tuple(each.shift for each in shifts),
            )
        )


@roster.decides
def close(state: Roster, command: CloseRoster, at: Circumstances) -> Decision:
    if state.status is RosterStatus.CLOSED:
        return
    place = place_of(state, command.roster_id, at)
    if state.status is not RosterStatus.PUBLISHED:
        raise Refused("roster.not_published", "A roster that was not published is not closed.")
    rules.happened("roster", "ends_on", state.ends_on, at)
    yield RosterClosed(
        roster_id=command.roster_id,
        facility_id=place.facility_id,
        department_id=place.department_id,
        begins_on=state.begins_on,
        ends_on=state.ends_on,
    )
