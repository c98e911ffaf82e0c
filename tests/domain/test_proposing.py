"""What a solver chooses among, and what it is told of the rules; why a place stays open."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import pytest

from domain.kernel import Circumstances, Refused
from domain.workforce.proposing import (
    MOST_CANDIDATES,
    Candidate,
    Chosen,
    Preference,
    Problem,
    Uncovered,
    at_a_time,
    consulted,
    planned,
    problem_of,
    runs,
    uncovered,
)
from domain.workforce.roster_planning import PlannedShift
from domain.workforce.working_time import AdoptLimits
from tests.domain.places import RIVERSIDE
from tests.domain.rostering import (
    BLOM,
    CHO,
    DIAZ,
    MONDAY,
    NURSES,
    THE_ROSTER,
    Hospital,
    a_day,
    a_night,
    a_nurse,
)

TUESDAY = MONDAY + timedelta(days=1)


@pytest.fixture
def hospital() -> Hospital:
    made = Hospital()
    made.drafts()
    return made


def at(hospital: Hospital, staff_ids: Sequence[UUID] = NURSES) -> Circumstances:
    """What a proposal may look at."""
    wanted = {*consulted(hospital.roster(), staff_ids), RIVERSIDE}
    known = {each: hospital.standings[each] for each in wanted if each in hospital.standings}
    return Circumstances(hospital.now, known)


def problem(
    hospital: Hospital,
    *demand: PlannedShift,
    among: Sequence[UUID] = NURSES,
    preferences: Sequence[Preference] = (),
) -> Problem:
    now = at(hospital, among)
    return problem_of(hospital.roster(), THE_ROSTER, demand, among, preferences, now)


def candidate(problem: Problem, staff_id: UUID) -> Candidate:
    (found,) = [each for each in problem.candidates if each.staff_id == staff_id]
    return found


def open_places(
    hospital: Hospital,
    *demand: PlannedShift,
    chosen: Chosen,
    among: Sequence[UUID] = NURSES,
) -> Sequence[Uncovered]:
    asked = problem(hospital, *demand, among=among)
    return uncovered(demand, asked, chosen, at(hospital, among))


# --- who may be on what --------------------------------------------------------------------------


def test_somebody_may_be_on_what_nothing_hard_is_against(hospital: Hospital) -> None:
    hospital.knows(a_nurse(CHO, job="Physician"), a_nurse(DIAZ, assignments=()))
    hospital.grants_leave(BLOM, TUESDAY, TUESDAY)
    asked = problem(hospital, a_day(MONDAY), a_day(TUESDAY))
    assert candidate(asked, BLOM).may == {1}
    assert candidate(asked, CHO).may == frozenset()
    assert candidate(asked, DIAZ).may == {1, 2}
    assert candidate(asked, DIAZ).warned == {1: 1, 2: 1}


def test_what_is_booked_already_is_counted(hospital: Hospital) -> None:
    hospital.plans(a_day(MONDAY, BLOM))
    hospital.agrees(BLOM, weekly_hours=20)
    asked = problem(hospital, a_night(MONDAY), a_day(TUESDAY))
    blom = candidate(asked, BLOM)
    assert [each.shift for each in asked.shifts] == [2, 3]
    assert blom.may == {3}
    assert blom.weeks == {MONDAY: 720}
    assert blom.days == {MONDAY}
    assert blom.contract == 1200
    assert candidate(asked, CHO).contract == 2400


def test_the_strictest_limits_hold_of_where_somebody_is_booked(hospital: Hospital) -> None:
    on = hospital.now.date()
    strict = AdoptLimits(facility_id=RIVERSIDE, adopted_on=on, most_weekly_hours=40)
    hospital.does(strict)
    hospital.plans(a_day(MONDAY, BLOM))
    hospital.does(AdoptLimits(facility_id=RIVERSIDE, adopted_on=on, days_in_a_row=5))
    asked = problem(hospital, a_day(TUESDAY))
    assert candidate(asked, BLOM).limits.most_weekly_hours == 40
    assert candidate(asked, BLOM).limits.days_in_a_row == 5
    assert candidate(asked, CHO).limits.most_weekly_hours == 60


def test_wishes_are_told_by_shift_and_have_their_bounds(hospital: Hospital) -> None:
    wish = Preference(staff_id=BLOM, on=TUESDAY, weight=-10)
    asked = problem(hospital, a_day(MONDAY), a_day(TUESDAY), preferences=[wish])
    assert candidate(asked, BLOM).wanted == {1: 0, 2: -10}
    stronger = Preference(staff_id=BLOM, on=TUESDAY, weight=11)
    with pytest.raises(Refused) as refusal:
        problem(hospital, a_day(), preferences=[stronger])
    assert refusal.value.code == "preference.weight"


def test_demand_that_cannot_be_is_refused_as_a_plan_is(hospital: Hospital) -> None:
    with pytest.raises(Refused) as refusal:
        problem(hospital, a_day(MONDAY - timedelta(days=1)))
    assert refusal.value.code == "shift.on"
    with pytest.raises(Refused) as refusal:
        problem(hospital, a_day(MONDAY, BLOM))
    assert refusal.value.code == "proposal.demand"
    with pytest.raises(Refused) as refusal:
        problem(hospital, a_day(), among=[UUID(int=each) for each in range(MOST_CANDIDATES + 1)])
    assert refusal.value.details["field"] == "staff_ids"


def test_a_roster_is_proposed_while_nobody_was_told_of_it(hospital: Hospital) -> None:
    hospital.publishes()
    with pytest.raises(Refused) as refusal:
        problem(hospital, a_day())
    assert refusal.value.code == "roster.not_draft"


# --- what several shifts have to do with each other ----------------------------------------------


def test_nobody_is_on_two_of_what_lies_too_close(hospital: Hospital) -> None:
    asked = problem(hospital, a_day(MONDAY), a_night(MONDAY), a_day(TUESDAY), a_night(TUESDAY))
    assert at_a_time(asked) == [(1, 2), (2, 3), (3, 4)]
    apart = problem(hospital, a_day(MONDAY), a_day(TUESDAY))
    assert at_a_time(apart) == []


def test_no_more_days_in_a_row_are_worked_than_the_limits_allow(hospital: Hospital) -> None:
    week = [MONDAY + timedelta(days=each) for each in range(7)]
    hospital.plans(a_day(week[2], BLOM, ends="12:00"))
    wanted = [each for each in week if each != week[2]]
    asked = problem(hospital, *(a_day(each, ends="12:00") for each in wanted))
    assert list(runs(candidate(asked, BLOM), wanted)) == [tuple(week)]
    assert list(runs(candidate(asked, CHO), wanted)) == []


# --- what came of it -----------------------------------------------------------------------------


def test_what_was_chosen_is_planned_as_anything_is(hospital: Hospital) -> None:
    demand = (a_day(MONDAY, needed=2), a_night(MONDAY))
    shifts = planned(demand, problem(hospital, *demand), {1: (BLOM, CHO)})
    assert [each.staff_ids for each in shifts] == [(BLOM, CHO), ()]
    hospital.plans(*shifts)
    assert hospital.on(1) == (BLOM, CHO)


def test_an_open_place_is_told_with_what_is_in_the_way_of_everybody(hospital: Hospital) -> None:
    hospital.knows(a_nurse(DIAZ, job="Physician"))
    demand = (a_day(MONDAY, minimum=1), a_night(MONDAY, needed=2, minimum=2))
    chosen = {1: (BLOM,), 2: (CHO,)}
    (night,) = open_places(hospital, *demand, chosen=chosen, among=NURSES[:3])
    assert (night.shift, night.open_places, night.below_minimum) == (2, 1, True)
    assert {each.code: each.people for each in night.reasons} == {"shift.rest": 1, "shift.job": 1}


def test_who_has_the_hours_of_the_week_is_told_so(hospital: Hospital) -> None:
    hospital.plans(*(a_day(MONDAY + timedelta(days=each), BLOM) for each in range(3)))
    demand = tuple(a_day(MONDAY + timedelta(days=each)) for each in (3, 4, 5))
    (last,) = open_places(hospital, *demand, chosen={4: (BLOM,), 5: (BLOM,)}, among=[BLOM])
    assert (last.on, last.starts) == (MONDAY + timedelta(days=5), "07:00")
    assert [each.code for each in last.reasons] == ["shift.weekly_hours"]


def test_where_nobody_is_asked_or_somebody_could_have_that_is_told(hospital: Hospital) -> None:
    (nobody,) = open_places(hospital, a_day(), chosen={}, among=[])
    assert [(each.code, each.people) for each in nobody.reasons] == [("proposal.nobody", 0)]
    hospital.knows(a_nurse(BLOM, assignments=()))
    (free,) = open_places(hospital, a_day(), chosen={}, among=[BLOM])
    assert [(each.code, each.people) for each in free.reasons] == [("proposal.not_found", 1)]
