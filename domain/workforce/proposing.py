"""A roster that is proposed: what a solver chooses among, and why it could not cover the rest.

The rules stay where they are. Whether somebody may be on a shift at all is asked of the same rules
as ever; what several shifts of one person have to do with each other (rest, days, hours) is put
into numbers for the solver; and what comes of it is planned by the command that plans anything, so
that a proposal cannot be more than a plan could. Why a place stays open is asked of the rules
again, with everybody on the shifts they were given.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from domain import rules
from domain.kernel import Circumstances, Refused, Standing
from domain.replacing import replace
from domain.workforce import shift_rules, working_time
from domain.workforce.events.roster import Shift
from domain.workforce.events.schedule import ScheduleStanding, schedule_of, usual_hours
from domain.workforce.events.working_time import Booking, Limits
from domain.workforce.roster import Roster, RosterStatus, place_of
from domain.workforce.roster_planning import MOST_SHIFTS, PlannedShift, shift_of
from domain.workforce.schedule import NO_TERMS
from domain.workforce.shift_rules import Place

MOST_CANDIDATES = 500
"""Among how many people a proposal chooses at most (c)."""

STRONGEST = 10
"""How much somebody can want to work on a day, or not to (c)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preference:
    """Somebody wants to work on a day, or rather not: from 10 to -10."""

    staff_id: UUID
    on: date
    weight: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Somebody, and the shifts that nothing hard is against, each by itself.

    `warned`: how many soft findings there are about them; `wanted`: how much they want them. What
    is booked already is told by week (minutes, its Monday) and by day. `limits` are the strictest
    of those they are under, their own agreement to hours among them; `contract` is the minutes a
    week that were agreed.
    """

    staff_id: UUID
    may: frozenset[int]
    warned: Mapping[int, int] = field(hash=False)
    wanted: Mapping[int, int] = field(hash=False)
    weeks: Mapping[date, int] = field(hash=False)
    days: frozenset[date]
    limits: Limits
    contract: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """The shifts that are wanted, and who there is for them."""

    place: Place
    shifts: tuple[Shift, ...]
    candidates: tuple[Candidate, ...]


Chosen = Mapping[int, tuple[UUID, ...]]
"""Who is to be on each shift, by its number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why so many people could not be on a shift: the code of the rule that is in the way.

    Who could still be on it, by every rule, is told of as ``proposal.not_found``: more of an effort
    may find how. ``proposal.nobody``: there was nobody to choose among.
    """

    code: str
    people: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Uncovered:
    """A shift of the demand with open places, by its place in the demand, and why they are."""

    shift: int
    on: date
    starts: str
    job: str
    skill: str | None
    open_places: int
    below_minimum: bool
    reasons: tuple[Reason, ...]


NOBODY = "proposal.nobody"
NOT_FOUND = "proposal.not_found"


def consulted(state: Roster, staff_ids: Iterable[UUID]) -> Iterable[UUID]:
    """The streams to consult about a proposal."""
    return shift_rules.consulted(state.facility_id, staff_ids)


def problem_of(
    state: Roster,
    roster_id: UUID,
    demand: Sequence[PlannedShift],
    staff_ids: Sequence[UUID],
    preferences: Iterable[Preference],
    at: Circumstances,
) -> Problem:
    """What there is to be chosen. Refuses demand that cannot be, under the codes of a plan, and
    with ``roster.not_draft`` where everybody was told of the roster already."""
    place = place_of(state, roster_id, at)
    if state.status is not RosterStatus.DRAFT:
        raise Refused("roster.not_draft", "A roster is proposed while it is a draft.")
    rules.at_most("roster", "demand", demand, MOST_SHIFTS - len(state.shifts))
    rules.at_most("roster", "staff_ids", staff_ids, MOST_CANDIDATES)
    wanted: dict[tuple[UUID, date], int] = {}
    for each in preferences:
        if not -STRONGEST <= each.weight <= STRONGEST:
            rule = f"must be from {-STRONGEST} to {STRONGEST}"
            raise rules.refusal("preference.weight", "weight", each.weight, rule)
        wanted[each.staff_id, each.on] = each.weight
    for one in demand:
        if one.staff_ids:
            rule = "must name nobody: who is on a shift is what is asked"
            raise rules.refusal("proposal.demand", "staff_ids", len(one.staff_ids), rule)
    shifts = tuple(
        shift_of(state, number, each) for number, each in enumerate(demand, state.last + 1)
    )
    return Problem(
        place=place,
        shifts=shifts,
        candidates=tuple(
            _candidate(place, shifts, each, wanted, at) for each in dict.fromkeys(staff_ids)
        ),
    )


def _candidate(
    place: Place,
    shifts: Iterable[Shift],
    staff_id: UUID,
    wanted: Mapping[tuple[UUID, date], int],
    at: Circumstances,
) -> Candidate:
    may, warned = set[int](), dict[int, int]()
    for shift in shifts:
        found = shift_rules.findings(place, staff_id, [shift], at)
        if not any(each.hard for each in found):
            may.add(shift.shift)
            warned[shift.shift] = len(found)
    kept = at.standings.get(schedule_of(staff_id))
    schedule = kept if isinstance(kept, ScheduleStanding) else None
    weeks = {} if schedule is None else schedule.weeks
    booked = [each for week in weeks.values() for each in week]
    terms = NO_TERMS if schedule is None else schedule.terms
    return Candidate(
        staff_id=staff_id,
        may=frozenset(may),
        warned=warned,
        wanted={each.shift: wanted.get((staff_id, each.on), 0) for each in shifts},
        weeks={monday: sum(each.minutes for each in week) for monday, week in weeks.items()},
        days=frozenset(each.on for each in booked),
        limits=_strictest([place.limits, *(each.limits for each in booked)], terms.weekly_hours),
        contract=terms.weekly_hours * 60,
    )


def _strictest(limits: Sequence[Limits], agreed: int) -> Limits:
    overtime_after = min(each.overtime_after_hours for each in limits)
    return replace(
        limits[0],
        days_in_a_row=min(each.days_in_a_row for each in limits),
        overtime_after_hours=usual_hours(agreed, overtime_after),
        most_weekly_hours=min(each.most_weekly_hours for each in limits),
    )


# --- what came of it ---------------------------------------------------------------------------


def planned(
    demand: Sequence[PlannedShift], problem: Problem, chosen: Chosen
) -> tuple[PlannedShift, ...]:
    """The demand with those who were chosen on it, as it is planned."""
    return tuple(
        replace(wanted, staff_ids=chosen.get(shift.shift, ()))
        for wanted, shift in zip(demand, problem.shifts, strict=True)
    )


def uncovered(
    demand: Sequence[PlannedShift], problem: Problem, chosen: Chosen, at: Circumstances
) -> tuple[Uncovered, ...]:
    """The shifts with open places, and what is in the way of everybody who is not on them."""
    then = replace(at, standings={**at.standings, **_with_chosen(problem, chosen, at)})
    told = []
    for number, (wanted, shift) in enumerate(zip(demand, problem.shifts, strict=True), 1):
        there = chosen.get(shift.shift, ())
        if len(there) >= shift.needed:
            continue
        others = [each.staff_id for each in problem.candidates if each.staff_id not in there]
        reasons = Counter(_in_the_way(problem.place, shift, each, then) for each in others)
        told.append(
            Uncovered(
                shift=number,
                on=shift.on,
                starts=wanted.starts,
                job=shift.job,
                skill=shift.skill,
                open_places=shift.needed - len(there),
                below_minimum=len(there) < shift.minimum,
                reasons=tuple(
                    Reason(code=code, people=people) for code, people in reasons.most_common()
                )
                or (Reason(code=NOBODY, people=0),),
            )
        )
    return tuple(told)


def _in_the_way(place: Place, shift: Shift, staff_id: UUID, at: Circumstances) -> str:
    for each in shift_rules.findings(place, staff_id, [shift], at):
        if each.hard:
            return each.code
    return NOT_FOUND


def _with_chosen(problem: Problem, chosen: Chosen, at: Circumstances) -> dict[UUID, Standing]:
    """Everybody's schedule, with the shifts they were given."""
    given: dict[UUID, list[Booking]] = {}
    for shift in problem.shifts:
        for staff_id in chosen.get(shift.shift, ()):
            given.setdefault(staff_id, []).append(shift_rules.booking(problem.place, shift))
    schedules: dict[UUID, Standing] = {}
    for staff_id, bookings in given.items():
        its_id = schedule_of(staff_id)
        known = at.standings.get(its_id)
        if not isinstance(known, ScheduleStanding):
            known = ScheduleStanding(
                kind="schedule", id=its_id, open=True, status="kept", terms=NO_TERMS, weeks={}
            )
        schedules[its_id] = replace(known, weeks=working_time.booked(known.weeks, bookings))
    return schedules


# --- what several shifts of one person have to do with each other ------------------------------


def at_a_time(problem: Problem) -> list[tuple[int, ...]]:
    """The shifts of which nobody can be on two: one is not over and rested from when another
    begins. All pairs are in one of these, which are told once for each beginning."""
    rest = timedelta(hours=problem.place.limits.rest_hours)
    groups = {
        tuple(
            each.shift for each in problem.shifts if each.starts_at <= begins < each.ends_at + rest
        )
        for begins in {each.starts_at for each in problem.shifts}
    }
    return sorted(each for each in groups if len(each) > 1)


def runs(candidate: Candidate, days: Iterable[date]) -> Iterable[tuple[date, ...]]:
    """The stretches of days that somebody cannot work all of, around days that are wanted."""
    longest = candidate.limits.days_in_a_row
    wanted = {*days}
    begins = {day - timedelta(days=back) for day in wanted for back in range(longest + 1)}
    for first in sorted(begins):
        stretch = tuple(first + timedelta(days=each) for each in range(longest + 1))
        if all(each in wanted or each in candidate.days for each in stretch):
            yield stretch
