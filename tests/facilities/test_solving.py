"""What CP-SAT chooses: within the rules, by need, wishes and fairness, and again the same."""

from __future__ import annotations

import signal
import sys
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from random import Random
from uuid import UUID

import pytest

from domain.kernel import Refused
from domain.workforce.proposing import Preference, Uncovered, planned, uncovered
from domain.workforce.roster_planning import PlannedShift, PlanShifts
from facilities import solving
from facilities.first_choice import first_choice
from facilities.proposing import Choice, Effort, in_silence
from facilities.solving import SolverMissing, solve
from tests.domain.rostering import (
    BLOM,
    CHO,
    DIAZ,
    EVANS,
    HILLTOPS_ROSTER,
    MONDAY,
    NURSES,
    THE_ROSTER,
    Hospital,
    a_day,
    a_night,
    a_nurse,
)
from tests.domain.test_proposing import at, problem
from tests.domain.test_roster_properties import check

ortools = pytest.importorskip("ortools", reason="almoner[solver] is not installed")
BRIEFLY = Effort(effort=0.5, seconds=60.0)
WEEK = [MONDAY + timedelta(days=each) for each in range(7)]


@pytest.fixture
def hospital() -> Hospital:
    made = Hospital()
    made.drafts()
    return made


def chosen(
    hospital: Hospital,
    *demand: PlannedShift,
    among: Sequence[UUID] = NURSES,
    preferences: Sequence[Preference] = (),
    effort: Effort = BRIEFLY,
) -> Choice:
    asked = problem(hospital, *demand, among=among, preferences=preferences)
    return solve(asked, effort, in_silence)


def proposes(
    hospital: Hospital, *demand: PlannedShift, among: Sequence[UUID] = NURSES
) -> tuple[Uncovered, ...]:
    """A proposal that is planned, by the command that plans anything; what is not covered."""
    asked = problem(hospital, *demand, among=among)
    now = at(hospital, among)
    choice = solve(asked, BRIEFLY, in_silence)
    shifts = planned(demand, asked, choice.chosen)
    hospital.does(PlanShifts(roster_id=THE_ROSTER, shifts=shifts))
    return uncovered(demand, asked, choice.chosen, now)


def test_a_week_of_days_and_nights_is_covered_within_the_rules(hospital: Hospital) -> None:
    demand = [shift for day in WEEK for shift in (a_day(day, minimum=1), a_night(day))]
    assert proposes(hospital, *demand) == ()
    hours = [hospital.hours(each) for each in NURSES]
    assert sum(hours) == 14 * 12
    assert max(hours) - min(hours) <= 12


def test_the_minimum_comes_before_what_is_needed(hospital: Hospital) -> None:
    demand = (a_day(MONDAY, needed=2), a_night(MONDAY, minimum=1))
    (day,) = proposes(hospital, *demand, among=[BLOM, CHO])
    assert (day.shift, day.open_places, day.below_minimum) == (1, 1, False)
    assert [(each.code, each.people) for each in day.reasons] == [("shift.rest", 1)]


def test_overtime_is_given_to_nobody_while_another_is_free(hospital: Hospital) -> None:
    hospital.plans(*(a_day(day, BLOM) for day in WEEK[:3]))
    assert chosen(hospital, a_day(WEEK[4]), among=[BLOM, CHO]).chosen == {4: (CHO,)}
    assert chosen(hospital, a_day(WEEK[4]), among=[BLOM]).chosen == {4: (BLOM,)}


def test_what_people_want_decides_between_them(hospital: Hospital) -> None:
    wants = [Preference(staff_id=each, on=MONDAY, weight=-5) for each in (BLOM, CHO, EVANS)]
    wants.append(Preference(staff_id=DIAZ, on=WEEK[1], weight=-5))
    choice = chosen(hospital, a_day(MONDAY), a_day(WEEK[1]), preferences=wants)
    assert choice.chosen[1] == (DIAZ,)
    assert choice.chosen[2] != (DIAZ,)
    assert choice.best


def test_who_belongs_here_comes_before_who_does_not(hospital: Hospital) -> None:
    hospital.knows(*(a_nurse(each, assignments=()) for each in (BLOM, CHO, EVANS)))
    assert chosen(hospital, a_day(MONDAY)).chosen == {1: (DIAZ,)}


def test_hours_are_shared_by_what_was_agreed_and_nights_by_heads(hospital: Hospital) -> None:
    hospital.agrees(BLOM, weekly_hours=20)
    choice = chosen(hospital, *(a_day(day, ends="15:00") for day in WEEK[:6]), among=[BLOM, CHO])
    assert Counter(each for (each,) in choice.chosen.values()) == {BLOM: 2, CHO: 4}
    nights = chosen(hospital, *(a_night(day) for day in WEEK[::2]))
    assert len({each for (each,) in nights.chosen.values()}) == 4


def test_who_is_on_no_shift_by_the_rules_is_on_none(hospital: Hospital) -> None:
    hospital.knows(*(a_nurse(each, job="Physician") for each in NURSES))
    (short,) = proposes(hospital, a_day(MONDAY))
    assert [(each.code, each.people) for each in short.reasons] == [("shift.job", 4)]


def test_the_same_seed_chooses_the_same_again(hospital: Hospital) -> None:
    demand = [shift for day in WEEK for shift in (a_day(day, needed=2), a_night(day))]
    once, again = (chosen(hospital, *demand) for _ in range(2))
    assert once == again


def test_the_solver_tells_how_far_it_is(hospital: Hospital) -> None:
    heard: list[tuple[int, float, float]] = []
    asked = problem(hospital, *(a_day(day, needed=2) for day in WEEK))
    solve(asked, BRIEFLY, lambda *told: heard.append(told))
    assert [each for each, _, _ in heard] == list(range(1, len(heard) + 1))
    assert all(0 <= spent <= 1 and gap >= 0 for _, spent, gap in heard)


def test_without_time_the_first_choice_is_what_there_is_and_that_is_said(
    hospital: Hospital,
) -> None:
    none = Effort(effort=0.0, seconds=0.0)
    demand = [shift for day in WEEK for shift in (a_day(day), a_night(day))]
    choice = chosen(hospital, *demand, effort=none)
    assert (choice.best, choice.in_time) == (False, False)
    assert sorted(choice.chosen) == list(range(1, 15))


def test_a_first_choice_keeps_the_rules_and_prefers_who_has_it_easiest(hospital: Hospital) -> None:
    hospital.drafts(HILLTOPS_ROSTER)
    hospital.plans(*(a_day(day, BLOM) for day in WEEK[:3]))
    hospital.agrees(CHO, weekly_hours=0)
    demand = (
        a_day(WEEK[3], needed=2, minimum=1),
        a_night(WEEK[3]),
        *(a_day(day, ends="09:00", needed=4) for day in WEEK[4:]),
    )
    asked = problem(hospital, *demand)
    hospital.plans(*planned(demand, asked, first_choice(asked)))
    check(hospital)
    assert BLOM not in (*hospital.on(4), *hospital.on(5))
    assert [len(hospital.on(each)) for each in range(4, 9)] == [2, 1, 3, 4, 4]


def test_what_is_too_large_is_refused_before_it_is_tried(
    hospital: Hospital, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(solving, "MOST_PAIRS", 3)
    with pytest.raises(Refused) as refusal:
        chosen(hospital, a_day(MONDAY))
    assert refusal.value.code == "proposal.too_large"


def test_without_the_package_it_is_said_what_to_install(
    hospital: Hospital, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ortools.sat.python.cp_model", None)
    with pytest.raises(SolverMissing, match=r"pip install 'almoner\[solver\]'"):
        chosen(hospital, a_day(MONDAY))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(8))
def test_whatever_is_wanted_a_proposal_is_a_plan_that_the_rules_let_through(seed: int) -> None:
    random, hospital = Random(seed), Hospital()
    hospital.drafts()
    hospital.drafts(HILLTOPS_ROSTER)
    hospital.grants_leave(CHO, WEEK[2], WEEK[3])
    hospital.plans(a_night(WEEK[random.randrange(5)], BLOM))
    for _ in range(2):
        demand = [
            random.choice((a_day, a_night))(
                MONDAY + timedelta(days=random.randrange(14)),
                needed=random.randint(1, 3),
                minimum=random.randint(0, 1),
            )
            for _ in range(25)
        ]
        for each in proposes(hospital, *demand):
            assert each.reasons
        check(hospital)


def test_ctrl_c_is_the_programs_own_still(hospital: Hospital) -> None:
    proposes(hospital, a_day(MONDAY))
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)
