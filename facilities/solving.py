"""Who is on which shift, chosen by OR-Tools' CP-SAT.

OR-Tools is large and needed for nothing else: it is installed on demand, as ``almoner[solver]``.

What is hard about one person and one shift was sorted out before (`Candidate.may`). Here are the
rules about several shifts of a person: rest and overlap, days in a row, hours of a week. What is
aimed at, by weights that make it about this order:

1. nobody is missing from the minimum of a shift; 2. nor from what it needs; 3. no overtime;
4. no warnings; 5. what people want; 6. hours by everybody's contract, and nights, spread evenly.

One worker, a seed, and an effort that is counted in the solver's own steps give the same choice
again; the clock on the wall is for the case that the machine is slower than anybody thought.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from importlib import import_module
from typing import Any
from uuid import UUID

from domain.kernel import Refused
from domain.workforce.events.roster import Shift
from domain.workforce.proposing import Candidate, Problem, at_a_time, runs
from domain.workforce.working_time import week_of
from facilities.proposing import Choice, Effort, Told

MINIMUM, NEEDED = 10_000_000, 100_000
"""What a place weighs that is missing."""

OVERTIME, WARNING, WISH = 50, 2_000, 100
"""What a minute of overtime weighs, a warning, and a tenth of the strongest wish."""

UNEVEN, NIGHTS = 10, 50
"""What a percent weighs between the busiest and the idlest, and a night of who has the most."""

MOST_PAIRS = 200_000
"""How many pairs of a person and a shift a proposal looks at (c): about 2 GB of the solver's."""


class SolverMissing(Exception):
    """OR-Tools is not installed."""


def solve(problem: Problem, effort: Effort, told: Told) -> Choice:
    """Choose who is on which shift. Raises SolverMissing."""
    try:
        cp_model: Any = import_module("ortools.sat.python.cp_model")
    except ImportError:
        raise SolverMissing(
            "Rosters are proposed by OR-Tools, which is not installed: "
            "pip install 'almoner[solver]'"
        ) from None
    pairs = sum(len(each.may) for each in problem.candidates)
    if pairs > MOST_PAIRS:
        raise Refused(
            "proposal.too_large",
            f"There are {pairs} pairs of a person and a shift they could be on; "
            f"{MOST_PAIRS} are the most. Ask for fewer days, or among fewer people.",
        )
    return _Model(cp_model, problem).solved(effort, told)


class _Model:
    """The problem in the solver's words: a variable for each person and shift they may be on."""

    def __init__(self, cp_model: Any, problem: Problem) -> None:
        self._cp_model, self._problem = cp_model, problem
        self._model: Any = cp_model.CpModel()
        self._is_on: dict[tuple[UUID, int], Any] = {}
        self._shifts = {each.shift: each for each in problem.shifts}
        self._costs: list[Any] = []
        for candidate in problem.candidates:
            for number in sorted(candidate.may):
                self._is_on[candidate.staff_id, number] = self._model.new_bool_var("")
        self._cover()
        groups = at_a_time(problem)
        for candidate in problem.candidates:
            if candidate.may:
                self._time_of(candidate, groups)
        self._evenly()
        self._model.minimize(sum(self._costs))

    def solved(self, effort: Effort, told: Told) -> Choice:
        solver = self._cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.random_seed = effort.seed
        solver.parameters.max_deterministic_time = effort.effort
        solver.parameters.max_time_in_seconds = effort.seconds
        status = solver.solve(self._model, _listening(self._cp_model, effort, told))
        if status not in (self._cp_model.OPTIMAL, self._cp_model.FEASIBLE):
            # Nobody on any shift is a choice too: it had no time to find even that.
            return Choice(chosen={}, best=False, in_time=solver.wall_time < effort.seconds)
        chosen: dict[int, tuple[UUID, ...]] = {}
        for (staff_id, number), var in self._is_on.items():
            if solver.boolean_value(var):
                chosen[number] = (*chosen.get(number, ()), staff_id)
        best = status == self._cp_model.OPTIMAL
        return Choice(chosen=chosen, best=best, in_time=best or solver.wall_time < effort.seconds)

    # --- what holds ------------------------------------------------------------------------------

    def _cover(self) -> None:
        """Nobody more than a shift needs; who is missing costs."""
        for shift in self._problem.shifts:
            there = sum(var for (_, number), var in self._is_on.items() if number == shift.shift)
            missing = self._model.new_int_var(0, shift.needed, "")
            self._model.add(there + missing == shift.needed)
            self._costs.append(NEEDED * missing)
            if shift.minimum:
                below = self._model.new_int_var(0, shift.minimum, "")
                self._model.add(below >= shift.minimum - there)
                self._costs.append(MINIMUM * below)

    def _time_of(self, candidate: Candidate, groups: Iterable[tuple[int, ...]]) -> None:
        theirs = {
            number: self._is_on[candidate.staff_id, number] for number in sorted(candidate.may)
        }
        for group in groups:
            together = [theirs[each] for each in group if each in theirs]
            if len(together) > 1:
                self._model.add_at_most_one(together)
        self._days_of(candidate, theirs)
        self._hours_of(candidate, theirs)
        for number, var in theirs.items():
            cost = WARNING * candidate.warned[number] - WISH * candidate.wanted[number]
            if cost:
                self._costs.append(cost * var)

    def _days_of(self, candidate: Candidate, theirs: Mapping[int, Any]) -> None:
        """After so many days comes one that is not worked."""
        on: dict[date, list[Any]] = {}
        for number, var in theirs.items():
            on.setdefault(self._shifts[number].on, []).append(var)
        works: dict[date, Any] = {}
        for day, several in on.items():
            works[day] = several[0]
            if len(several) > 1:
                works[day] = self._model.new_bool_var("")
                self._model.add_max_equality(works[day], several)
        for stretch in runs(candidate, on):
            free = [works[each] for each in stretch if each not in candidate.days and each in works]
            booked = sum(each in candidate.days for each in stretch)
            self._model.add(sum(free) + booked <= candidate.limits.days_in_a_row)

    def _hours_of(self, candidate: Candidate, theirs: Mapping[int, Any]) -> None:
        """A week has so many hours at most, and from fewer on they are overtime."""
        weeks: dict[date, list[Any]] = {}
        for number, var in theirs.items():
            shift = self._shifts[number]
            weeks.setdefault(week_of(shift.on), []).append(_minutes(shift) * var)
        for monday, minutes in weeks.items():
            total = sum(minutes) + candidate.weeks.get(monday, 0)
            most = candidate.limits.most_weekly_hours * 60
            self._model.add(total <= most)
            overtime = self._model.new_int_var(0, most, "")
            self._model.add(overtime >= total - candidate.limits.overtime_after_hours * 60)
            self._costs.append(OVERTIME * overtime)

    def _evenly(self) -> None:
        """The busiest and the idlest are close, by what they agreed to; and nights go around."""
        weeks = {week_of(each.on) for each in self._problem.shifts}
        able = [each for each in self._problem.candidates if each.may and each.contract]
        if len(able) < 2:
            return
        busiest, idlest, nights = (self._model.new_int_var(0, 10_000, "") for _ in range(3))
        for each in able:
            theirs = [(self._shifts[number], self._is_on[each.staff_id, number])
                      for number in sorted(each.may)]  # fmt: skip
            booked = sum(each.weeks.get(monday, 0) for monday in weeks)
            minutes = sum(_minutes(shift) * var for shift, var in theirs) + booked
            self._model.add(100 * minutes <= busiest * each.contract * len(weeks))
            self._model.add(100 * minutes >= idlest * each.contract * len(weeks))
            if any(shift.night for shift, _ in theirs):
                self._model.add(nights >= sum(var for shift, var in theirs if shift.night))
        self._costs += [UNEVEN * (busiest - idlest), NIGHTS * nights]


def _minutes(shift: Shift) -> int:
    return int((shift.ends_at - shift.starts_at).total_seconds()) // 60


def _listening(cp_model: Any, effort: Effort, told: Told) -> Any:
    """A callback that tells of each better choice."""

    class Listening(cp_model.CpSolverSolutionCallback):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.choices = 0

        def on_solution_callback(self) -> None:
            self.choices += 1
            cost, bound = self.objective_value, self.best_objective_bound
            gap = abs(cost - bound) / max(1.0, abs(cost))
            spent = min(1.0, self.deterministic_time / effort.effort)
            told(self.choices, spent, gap)

    return Listening()
