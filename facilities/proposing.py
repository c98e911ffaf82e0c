"""The staffing desk's proposals: a roster's shifts, with somebody on each as far as the rules let.

A proposal is a numbered procedure:

1. The demand is rehearsed as a plan with nobody on it: that refuses whoever may not plan the
   roster, and tells every shift that cannot be.
2. What there is to choose among is asked of the rules (`domain.workforce.proposing`).
3. A solver chooses; it is told of every better choice it finds.
4. The choice is rehearsed as a plan, or executed: the same command as any other plan.
5. For each shift that is not covered, the rules are asked what is in the way of everybody.

Which solver is for whoever builds the program to say (`facilities.solving`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from domain.workforce.proposing import (
    Chosen,
    Preference,
    Problem,
    Uncovered,
    consulted,
    planned,
    problem_of,
    uncovered,
)
from domain.workforce.roster import Roster
from domain.workforce.roster_planning import PlannedShift, PlanShifts
from facilities.answers import Context, Outcome
from facilities.service import Service

Told = Callable[[int, float, float], None]
"""Told of each better choice: how many there were, how much of its effort the solver has spent (of
1), and how far the choice can be from the best there is (a share of 1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How hard a solver tries. The same seed and effort give the same choice, unless `seconds` of
    the clock on the wall are over first."""

    seed: int = 1
    effort: float = 10.0
    seconds: float = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What a solver came to. `best`: there is none better. `in_time`: the clock did not end it."""

    chosen: Chosen
    best: bool
    in_time: bool


class Solver(Protocol):
    """Chooses who is on which shift."""

    def __call__(self, problem: Problem, effort: Effort, told: Told) -> Choice: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """Shifts with people on them, what became of planning them, and what is not covered."""

    shifts: tuple[PlannedShift, ...]
    outcome: Outcome
    uncovered: tuple[Uncovered, ...]
    places: int
    filled: int
    best: bool
    in_time: bool


def in_silence(_choices: int, _spent: float, _gap: float) -> None:
    """Told of nothing."""


class Proposer:
    """Proposes rosters. `staff_of` tells who works in a department, where nobody is named."""

    def __init__(
        self,
        service: Service,
        solve: Solver,
        staff_of: Callable[[UUID, UUID], Sequence[UUID]],
    ) -> None:
        self._service, self._solve, self._staff_of = service, solve, staff_of

    def propose(
        self,
        roster_id: UUID,
        demand: Sequence[PlannedShift],
        context: Context,
        *,
        staff_ids: Sequence[UUID] = (),
        preferences: Iterable[Preference] = (),
        effort: Effort = Effort(),
        apply: bool = False,
        told: Told = in_silence,
    ) -> Proposal:
        """Propose who is on the shifts of a demand, and plan it where it is to be applied.

        Raises what `Service.execute` does, and SolverMissing.
        """
        service = self._service
        service.rehearse(PlanShifts(roster_id=roster_id, shifts=tuple(demand)), context)
        chosen_among = tuple(staff_ids)

        def among(state: Roster) -> Iterable[UUID]:
            nonlocal chosen_among
            if not chosen_among and state.facility_id and state.department_id:
                chosen_among = tuple(self._staff_of(state.facility_id, state.department_id))
            return consulted(state, chosen_among)

        state, at = service.look(roster_id, among)
        problem = problem_of(state, roster_id, demand, chosen_among, preferences, at)
        choice = self._solve(problem, effort, told)
        shifts = planned(demand, problem, choice.chosen)
        planning = PlanShifts(roster_id=roster_id, shifts=shifts)
        outcome = (service.execute if apply else service.rehearse)(planning, context)
        return Proposal(
            shifts=shifts,
            outcome=outcome,
            uncovered=uncovered(demand, problem, choice.chosen, at),
            places=sum(each.needed for each in problem.shifts),
            filled=sum(len(each.staff_ids) for each in shifts),
            best=choice.best,
            in_time=choice.in_time,
        )
