"""Planning: which shifts there are, and who is on them; one of them, or a month at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

from domain import rules
from domain.kernel import AtMost, Circumstances, Command, Decision, Refused, command
from domain.workforce import shift_rules, wall_time
from domain.workforce.events.roster import (
    RosterShiftPlanned,
    RosterShiftWithdrawn,
    RosterStaffAssigned,
    RosterStaffUnassigned,
    Shift,
)
from domain.workforce.events.schedule import ReleaseReason, schedule_of
from domain.workforce.events.working_time import ShiftFinding
from domain.workforce.roster import (
    Roster,
    RosterStatus,
    arranging,
    booked_for,
    cover,
    joining,
    of_the_person,
    of_their_time,
    place_of,
    placed_on,
    refuse_conflicts,
    roster,
)

MOST_SHIFTS = 5_000
"""The most shifts of a roster, and of one plan (c)."""

MOST_PEOPLE = 500
"""The most people a shift is for (c)."""


# --- commands ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedShift:
    """A shift to be planned, by the clock on the wall: ``starts`` and ``ends`` are ``HH:MM``, and
    what ends no later than it starts ends on the next day. `needed` people are wanted, `minimum`
    must be there; `staff_ids` are those who are on it at once."""

    on: date
    starts: str
    ends: str
    job: str
    skill: str | None = None
    needed: int = 1
    minimum: int = 0
    staff_ids: tuple[UUID, ...] = ()


@command("roster_id")
class PlanShifts(Command):
    """Plan shifts, and put people on them: all of them, or none and every conflict is told."""

    roster_id: UUID
    shifts: Annotated[tuple[PlannedShift, ...], AtMost(MOST_SHIFTS)]


@command("roster_id")
class WithdrawShift(Command):
    """Take a shift back; who is on it is free."""

    roster_id: UUID
    shift: int


@command("roster_id")
class AssignShift(Command):
    """Put someone on a shift."""

    roster_id: UUID
    shift: int
    staff_id: UUID


@command("roster_id")
class UnassignShift(Command):
    """Take someone off a shift."""

    roster_id: UUID
    shift: int
    staff_id: UUID


# --- decisions ---------------------------------------------------------------------------------


def _of_the_plan(state: Roster, command: PlanShifts) -> Iterable[UUID]:
    planned = (staff_id for each in command.shifts for staff_id in each.staff_ids)
    return shift_rules.consulted(state.facility_id, planned)


@roster.decides(consulting=_of_the_plan)
def plan(state: Roster, command: PlanShifts, at: Circumstances) -> Decision:
    """1. Every shift is looked at for itself. 2. Everybody who is on some of them is looked at with
    all of these. 3. What is hard refuses the plan as a whole, and all of it is told, by the place
    of the shift in the plan. 4. Shifts are numbered, and everybody's time is booked at once."""
    place = place_of(state, command.roster_id, at)
    rules.at_most("roster", "shifts", command.shifts, MOST_SHIFTS - len(state.shifts))
    found: list[ShiftFinding] = []
    shifts: list[tuple[Shift, tuple[UUID, ...]]] = []
    for number, wanted in enumerate(command.shifts, start=state.last + 1):
        try:
            shift = shift_of(state, number, wanted)
        except Refused as refusal:
            said = str(refusal)
            found.append(ShiftFinding(code=refusal.code, hard=True, said=said, shift=number))
        else:
            shifts.append((shift, wanted.staff_ids))
            found += cover(state, shift, len(wanted.staff_ids))
    theirs: dict[UUID, list[Shift]] = {}
    for shift, staff_ids in shifts:
        for each in staff_ids:
            theirs.setdefault(each, []).append(shift)
    for staff_id, wanted_shifts in theirs.items():
        found += shift_rules.findings(place, staff_id, wanted_shifts, at)
    refuse_conflicts(place, found, [each for each, _ in shifts], at, state.last)
    warnings: dict[int, list[ShiftFinding]] = {}
    for finding in found:
        warnings.setdefault(finding.shift, []).append(finding)
    published = state.status is RosterStatus.PUBLISHED
    for shift, staff_ids in shifts:
        yield RosterShiftPlanned(
            roster_id=command.roster_id,
            facility_id=place.facility_id,
            department_id=place.department_id,
            shift=shift,
            staff_ids=staff_ids,
            published=published,
            warnings=tuple(warnings.get(shift.shift, ())),
        )
    for staff_id, their_shifts in theirs.items():
        bookings = tuple(shift_rules.booking(place, each) for each in their_shifts)
        looked = place.looked[staff_id]
        yield arranging(staff_id, books=bookings, published=published, looked=looked)


def _of_the_shift(state: Roster, command: WithdrawShift) -> Iterable[UUID]:
    placed = state.shifts.get(command.shift)
    return () if placed is None else map(schedule_of, placed.staff_ids)


@roster.decides(consulting=_of_the_shift)
def withdraw(state: Roster, command: WithdrawShift, at: Circumstances) -> Decision:
    place = place_of(state, command.roster_id, at)
    placed = placed_on(state, command.shift)
    yield RosterShiftWithdrawn(
        roster_id=command.roster_id,
        facility_id=place.facility_id,
        department_id=place.department_id,
        shift=placed.shift,
        staff_ids=placed.staff_ids,
    )
    for each in placed.staff_ids:
        released = booked_for(place, placed.shift, each, at)
        yield arranging(each, releases=released, reason=ReleaseReason.WITHDRAWN)


@roster.decides(consulting=of_the_person)
def assign(state: Roster, command: AssignShift, at: Circumstances) -> Decision:
    place = place_of(state, command.roster_id, at)
    placed = placed_on(state, command.shift)
    if command.staff_id in placed.staff_ids:
        return
    warnings = joining(place, placed, command.staff_id, at)
    yield RosterStaffAssigned(
        roster_id=command.roster_id,
        facility_id=place.facility_id,
        department_id=place.department_id,
        shift=placed.shift,
        staff_id=command.staff_id,
        staff_ids=(*placed.staff_ids, command.staff_id),
        warnings=warnings,
    )
    yield arranging(
        command.staff_id,
        books=(shift_rules.booking(place, placed.shift),),
        published=state.status is RosterStatus.PUBLISHED,
    )


@roster.decides(consulting=of_their_time)
def unassign(state: Roster, command: UnassignShift, at: Circumstances) -> Decision:
    place = place_of(state, command.roster_id, at)
    placed = placed_on(state, command.shift)
    if command.staff_id not in placed.staff_ids:
        return
    left = tuple(each for each in placed.staff_ids if each != command.staff_id)
    shift_rules.refuse_hard(cover(state, placed.shift, len(left)))
    yield RosterStaffUnassigned(
        roster_id=command.roster_id,
        facility_id=place.facility_id,
        department_id=place.department_id,
        shift=placed.shift,
        staff_id=command.staff_id,
        staff_ids=left,
    )
    yield arranging(
        command.staff_id, releases=booked_for(place, placed.shift, command.staff_id, at)
    )


def shift_of(state: Roster, number: int, wanted: PlannedShift) -> Shift:
    """The shift that is wanted; refuses what cannot be."""
    if not state.begins_on <= wanted.on <= state.ends_on:
        rule = f"must be from {state.begins_on} to {state.ends_on}"
        raise rules.refusal("shift.on", "on", wanted.on.isoformat(), rule)
    if not 1 <= wanted.needed <= MOST_PEOPLE:
        rule = f"must be from 1 to {MOST_PEOPLE}"
        raise rules.refusal("shift.needed", "needed", wanted.needed, rule)
    if not 0 <= wanted.minimum <= wanted.needed:
        rule = f"must be from 0 to {wanted.needed}"
        raise rules.refusal("shift.minimum", "minimum", wanted.minimum, rule)
    if len(set(wanted.staff_ids)) < len(wanted.staff_ids):
        rule = "must name everybody once"
        raise rules.refusal("shift.staff_ids", "staff_ids", len(wanted.staff_ids), rule)
    rules.at_most("shift", "staff_ids", wanted.staff_ids, MOST_PEOPLE)
    starts_at, ends_at = wall_time.instants(wanted.on, wanted.starts, wanted.ends, state.zone)
    return Shift(
        shift=number,
        job=rules.text("shift", "job", wanted.job, longest=100),
        skill=rules.optional("shift", "skill", wanted.skill, longest=100),
        needed=wanted.needed,
        minimum=wanted.minimum,
        on=wanted.on,
        starts_at=starts_at,
        ends_at=ends_at,
        night=wall_time.is_night(wanted.on, starts_at, ends_at, state.zone),
    )
