"""A roster: the shifts of a department in a period, and who is on them.

Its life: it is **drafted**; shifts are **planned**, one or a month of them at once, and people
**assigned** and **unassigned**; it is **published** when nothing hard is against it, by what is
known then; afterwards people **call out**, open places are **offered** and **taken**, shifts are
**swapped**; when its period is over it is **closed**.

Here is what a roster has become, and the rules all of its decisions share. These are told apart by
desk: `roster_publication` (it begins, is published, is closed), `roster_planning` and
`roster_changes`.

Whoever is on a shift has their time booked in their schedule by the same decision, or is not on it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, assert_never
from uuid import UUID

from domain import rules
from domain.kernel import (
    Aggregate,
    Circumstances,
    Entail,
    Refused,
    Standing,
)
from domain.replacing import replace
from domain.workforce import shift_rules, working_time
from domain.workforce.events.roster import (
    RosterCalledOut,
    RosterClosed,
    RosterDrafted,
    RosterFact,
    RosterOfferTaken,
    RosterOfferWithdrawn,
    RosterPublished,
    RosterShiftOffered,
    RosterShiftPlanned,
    RosterShiftWithdrawn,
    RosterStaffAssigned,
    RosterStaffUnassigned,
    RosterStaffWithdrawn,
    RosterSwapEnded,
    RosterSwapped,
    RosterSwapProposed,
    Shift,
)
from domain.workforce.events.schedule import ReleaseReason, schedule_of
from domain.workforce.events.working_time import Booking, ShiftFinding
from domain.workforce.numbered import Numbered
from domain.workforce.schedule import ArrangeTime
from domain.workforce.shift_rules import Place
from domain.workforce.time_rules import Looked

# --- state -------------------------------------------------------------------------------------


class RosterStatus(StrEnum):
    """How far a roster has come."""

    ABSENT = "absent"
    DRAFT = "draft"
    PUBLISHED = "published"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Placed:
    """A shift, who is on it, and to whom its open places are offered: to nobody (None), to these
    people, or to whoever may take them (no one is named)."""

    shift: Shift
    staff_ids: tuple[UUID, ...] = ()
    offered_to: tuple[UUID, ...] | None = None

    @property
    def open_places(self) -> int:
        return max(0, self.shift.needed - len(self.staff_ids))


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """What a roster has become. `last`: the highest number a shift had; `swaps`: those proposed."""

    facility_id: UUID | None = None
    department_id: UUID | None = None
    department_kind: str | None = None
    status: RosterStatus = RosterStatus.ABSENT
    zone: str = "UTC"
    begins_on: date = rules.EARLIEST
    ends_on: date = rules.EARLIEST
    shifts: Numbered[Placed] = field(default_factory=Numbered, hash=False)
    last: int = 0
    swaps: Mapping[int, RosterSwapProposed] = field(default_factory=dict, hash=False)
    last_swap: int = 0

    def evolve(self, fact: RosterFact) -> Roster:
        match fact:
            case RosterDrafted():
                return replace(
                    self,
                    facility_id=fact.facility_id,
                    department_id=fact.department_id,
                    department_kind=fact.department_kind,
                    status=RosterStatus.DRAFT,
                    zone=fact.zone,
                    begins_on=fact.begins_on,
                    ends_on=fact.ends_on,
                )
            case RosterShiftPlanned():
                number = fact.shift.shift
                shifts = self.shifts.with_one(number, Placed(fact.shift, fact.staff_ids))
                return replace(self, shifts=shifts, last=max(self.last, number))
            case RosterShiftWithdrawn():
                return replace(self, shifts=self.shifts.without(fact.shift.shift))
            case (
                RosterStaffAssigned()
                | RosterStaffUnassigned()
                | RosterStaffWithdrawn()
                | RosterCalledOut()
            ):
                return self._on(fact.shift.shift, fact.staff_ids)
            case RosterPublished():
                return replace(self, status=RosterStatus.PUBLISHED)
            case RosterClosed():
                return replace(self, status=RosterStatus.CLOSED)
            case RosterShiftOffered():
                offered = replace(self.shifts[fact.shift.shift], offered_to=fact.offered_to)
                return self._with(offered)
            case RosterOfferTaken():
                taken = self._on(fact.shift.shift, fact.staff_ids)
                return taken if fact.open_places else taken._not_offered(fact.shift.shift)
            case RosterOfferWithdrawn():
                return self._not_offered(fact.shift)
            case RosterSwapProposed():
                swaps = {**self.swaps, fact.swap: fact}
                return replace(self, swaps=swaps, last_swap=fact.swap)
            case RosterSwapped():
                swapped = self._on(fact.shift.shift, fact.staff_ids)
                swapped = swapped._on(fact.other_shift.shift, fact.other_staff_ids)
                return swapped._without_swap(fact.swap)
            case RosterSwapEnded():
                return self._without_swap(fact.swap)
            case _:
                assert_never(fact)

    def _with(self, placed: Placed) -> Roster:
        return replace(self, shifts=self.shifts.with_one(placed.shift.shift, placed))

    def _on(self, shift: int, staff_ids: tuple[UUID, ...]) -> Roster:
        return self._with(replace(self.shifts[shift], staff_ids=staff_ids))

    def _not_offered(self, shift: int) -> Roster:
        return self._with(replace(self.shifts[shift], offered_to=None))

    def _without_swap(self, swap: int) -> Roster:
        return replace(self, swaps={k: v for k, v in self.swaps.items() if k != swap})

    def everybody(self) -> Iterator[UUID]:
        """Whoever is on a shift, as often as they are."""
        for each in self.shifts.values():
            yield from each.staff_ids


def _standing(state: Roster, its_id: UUID) -> Standing:
    return Standing(
        kind="roster",
        id=its_id,
        open=state.status in (RosterStatus.DRAFT, RosterStatus.PUBLISHED),
        status=state.status,
        facility_id=state.facility_id,
        zone=state.zone,
    )


roster = Aggregate("roster", Roster(), standing=_standing)


# --- rules -------------------------------------------------------------------------------------


def of_the_person(state: Roster, command: Any) -> Iterable[UUID]:
    """Who is about to join a shift is consulted with all that is known of them."""
    return shift_rules.consulted(state.facility_id, [command.staff_id])


def of_their_time(_state: Roster, command: Any) -> Iterable[UUID]:
    """Of who is about to leave a shift only their time is consulted."""
    return [schedule_of(command.staff_id)]


def place_of(state: Roster, roster_id: UUID, at: Circumstances) -> Place:
    """Where a roster is that may still change; refuses with ``roster.closed``."""
    if state.status is RosterStatus.CLOSED:
        raise Refused("roster.closed", "The roster is closed.")
    assert state.facility_id is not None
    assert state.department_id is not None
    return Place(
        roster_id=roster_id,
        facility_id=state.facility_id,
        department_id=state.department_id,
        department_kind=state.department_kind,
        zone=state.zone,
        limits=working_time.limits_of(state.facility_id, at),
    )


def placed_on(state: Roster, shift: int, named: str = "shift") -> Placed:
    """A shift of the roster; refuses with ``shift.unknown``."""
    placed = state.shifts.get(shift)
    if placed is None:
        raise Refused(
            "shift.unknown", "There is no such shift in the roster.", field=named, value=shift
        )
    return placed


def joining(
    place: Place, placed: Placed, staff_id: UUID, at: Circumstances
) -> tuple[ShiftFinding, ...]:
    """What is to be told where someone joins a shift; refuses what is hard against it."""
    found = shift_rules.findings(place, staff_id, [placed.shift], at)
    news = shift_rules.gate_news(place, found, [placed.shift], at)
    if not placed.open_places:
        said = f"There are {placed.shift.needed} on it already, which is all it needs."
        number = placed.shift.shift
        found.append(ShiftFinding(code="shift.full", hard=False, said=said, shift=number))
    return shift_rules.refuse_hard(found, news)


def booked_for(
    place: Place, shift: Shift, staff_id: UUID, at: Circumstances
) -> tuple[Booking, ...]:
    """What is booked for someone on a shift, where their schedule was consulted."""
    weeks = shift_rules.weeks_of(staff_id, at)
    found = working_time.find(weeks, place.roster_id, shift.shift, shift.on)
    return () if found is None else (found,)


def arranging(
    staff_id: UUID,
    *,
    books: tuple[Booking, ...] = (),
    releases: tuple[Booking, ...] = (),
    reason: ReleaseReason = ReleaseReason.UNASSIGNED,
    published: bool = False,
    looked: Looked | None = None,
) -> Entail:
    """Someone's time is released and booked along with what the roster decides; `looked` is what
    was found about it then."""
    return Entail(
        ArrangeTime(
            staff_id=staff_id,
            bookings=books,
            releases=releases,
            reason=reason,
            published=published,
            looked=looked,
        )
    )


def cover(state: Roster, shift: Shift, people: int) -> Iterator[ShiftFinding]:
    """So many are on a shift as must be, once the roster is published (hard), and as it needs
    (soft)."""
    if state.status is RosterStatus.PUBLISHED and people < shift.minimum:
        said = f"{people} are on it; {shift.minimum} must be."
        yield ShiftFinding(code="shift.minimum_cover", hard=True, said=said, shift=shift.shift)
    elif state.status is RosterStatus.PUBLISHED and people < shift.needed:
        said = f"{people} are on it; it needs {shift.needed}."
        yield ShiftFinding(code="shift.under_cover", hard=False, said=said, shift=shift.shift)


def refuse_conflicts(
    place: Place,
    found: list[ShiftFinding],
    shifts: Iterable[Shift],
    at: Circumstances,
    before: int = 0,
) -> None:
    """Refuses with ``roster.conflicts`` where something hard was found, and tells all of it.

    `before`: what the number of a shift is counted from. In a plan that is its place in it.
    """
    conflicts = [each for each in found if each.hard]
    if conflicts:
        raise Refused(
            "roster.conflicts",
            f"Conflicts: {len(conflicts)}; nothing was recorded.",
            rule="must have no conflicts",
            conflicts=[
                shift_rules.shown(replace(each, shift=each.shift - before)) for each in conflicts
            ],
        ).noting(*shift_rules.gate_news(place, found, shifts, at))
