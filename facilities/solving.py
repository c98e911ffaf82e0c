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
from domain.workforce.proposing import Candidate, Problem, at_a_time, runs
from domain.workforce.working_time import week_of
from facilities.first_choice import first_choice, minutes_of
from facilities.proposing import Choice, Effort, Told

MINIMUM, NEEDED = 10_000_000, 100_000
"""What a place weighs that is missing."""

OVERTIME, WARNING, WISH = 50, 2_000, 100
"""What a minute of overtime weighs, a warning, and a tenth of the strongest wish."""

UNEVEN, NIGHTS = 10, 50
"""What a percent weighs between the busiest and the idlest, and a night of who has the most."""

SLOW_TO_BEGIN = (
    "core",
    "default_lp",
    "max_lp",
    "max_lp_sym",
    "pseudo_costs",
    "quick_restart",
    "reduced_costs",
)
"""Ways to search that solve the linear relaxation of all of it first. They prove of a small problem
that there is no better choice; of a month of 120 people that took all of the effort, and the others
had covered it in a fifth of it."""

LARGE = 2_000
"""From how many pairs of a person and a shift on they are left out."""

MOST_PERCENT = 100_000
"""How much more than agreed to somebody can have, in percent: more than a week has hours."""

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
    """The problem in the solver's words: a variable for each person and shift they may be on.

    Each variable is told its value in the first choice, so that the solver begins there.
    """

    def __init__(self, cp_model: Any, problem: Problem) -> None:
        self._cp_model, self._problem = cp_model, problem
        self._model: Any = cp_model.CpModel()
        self._first = first_choice(problem)
        self._is_on: dict[tuple[UUID, int], Any] = {}
        self._begun: dict[tuple[UUID, int], bool] = {}
        self._shifts = {each.shift: each for each in problem.shifts}
        self._costs: list[Any] = []
        for candidate in problem.candidates:
            for number in sorted(candidate.may):
                begun = candidate.staff_id in self._first.get(number, ())
                self._begun[candidate.staff_id, number] = begun
                self._is_on[candidate.staff_id, number] = self._yes_or_no(begun)
        self._cover()
        groups = at_a_time(problem)
        for candidate in problem.candidates:
            if candidate.may:
                self._time_of(candidate, groups)
        self._evenly()
        self._model.minimize(sum(self._costs))

    def solved(self, effort: Effort, told: Told) -> Choice:
        solver = self._cp_model.CpSolver()
        parameters = solver.parameters
        # Several ways to search take turns in one thread: the same again, unlike several threads.
        parameters.num_workers, parameters.interleave_search = 1, True
        if len(self._is_on) > LARGE:
            parameters.ignore_subsolvers.extend(SLOW_TO_BEGIN)
        # It would take Ctrl-C from the process, and not give it back.
        parameters.catch_sigint_signal = False
        parameters.random_seed = effort.seed
        parameters.max_deterministic_time = effort.effort
        parameters.max_time_in_seconds = effort.seconds
        status = solver.solve(self._model, _listening(self._cp_model, effort, told))
        in_time = solver.wall_time < effort.seconds
        if status not in (self._cp_model.OPTIMAL, self._cp_model.FEASIBLE):
            return Choice(chosen=self._first, best=False, in_time=in_time)
        chosen: dict[int, tuple[UUID, ...]] = {}
        for (staff_id, number), var in self._is_on.items():
            if solver.boolean_value(var):
                chosen[number] = (*chosen.get(number, ()), staff_id)
        best = status == self._cp_model.OPTIMAL
        return Choice(chosen=chosen, best=best, in_time=best or in_time)

    def _yes_or_no(self, begun: bool) -> Any:
        var = self._model.new_bool_var("")
        self._model.add_hint(var, begun)
        return var

    def _number(self, most: int, begun: int) -> Any:
        var = self._model.new_int_var(0, most, "")
        self._model.add_hint(var, begun)
        return var

    # --- what holds ------------------------------------------------------------------------------

    def _cover(self) -> None:
        """Nobody more than a shift needs; who is missing costs."""
        on: dict[int, list[Any]] = {each.shift: [] for each in self._problem.shifts}
        for (_, number), var in self._is_on.items():
            on[number].append(var)
        for shift in self._problem.shifts:
            there, begun = sum(on[shift.shift]), len(self._first.get(shift.shift, ()))
            missing = self._number(shift.needed, shift.needed - begun)
            self._model.add(there + missing == shift.needed)
            self._costs.append(NEEDED * missing)
            if shift.minimum:
                below = self._number(shift.minimum, max(0, shift.minimum - begun))
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
        on: dict[date, list[int]] = {}
        for number in theirs:
            on.setdefault(self._shifts[number].on, []).append(number)
        works: dict[date, Any] = {}
        for day, several in on.items():
            works[day] = theirs[several[0]]
            if len(several) > 1:
                begun = any(self._begun[candidate.staff_id, each] for each in several)
                works[day] = self._yes_or_no(begun)
                self._model.add_max_equality(works[day], [theirs[each] for each in several])
        for stretch in runs(candidate, on):
            free = [works[each] for each in stretch if each not in candidate.days and each in works]
            booked = sum(each in candidate.days for each in stretch)
            self._model.add(sum(free) + booked <= candidate.limits.days_in_a_row)

    def _hours_of(self, candidate: Candidate, theirs: Mapping[int, Any]) -> None:
        """A week has so many hours at most, and from fewer on they are overtime."""
        weeks: dict[date, list[int]] = {}
        for number in theirs:
            weeks.setdefault(week_of(self._shifts[number].on), []).append(number)
        most = candidate.limits.most_weekly_hours * 60
        usual = candidate.limits.overtime_after_hours * 60
        for monday, numbers in weeks.items():
            booked = candidate.weeks.get(monday, 0)
            total = self._minutes(numbers, theirs) + booked
            begun = self._minutes_begun(candidate, numbers) + booked
            self._model.add(total <= most)
            overtime = self._number(most, max(0, begun - usual))
            self._model.add(overtime >= total - usual)
            self._costs.append(OVERTIME * overtime)

    def _evenly(self) -> None:
        """The busiest and the idlest are close, by what they agreed to; and nights go around."""
        weeks = {week_of(each.on) for each in self._problem.shifts}
        able = [each for each in self._problem.candidates if each.may and each.contract]
        if len(able) < 2:
            return
        booked = {
            each.staff_id: sum(each.weeks.get(monday, 0) for monday in weeks) for each in able
        }
        full = {each.staff_id: each.contract * len(weeks) for each in able}
        begun = [
            (self._minutes_begun(each, each.may) + booked[each.staff_id], full[each.staff_id])
            for each in able
        ]
        busiest = self._number(MOST_PERCENT, max(-(-100 * here // whole) for here, whole in begun))
        idlest = self._number(MOST_PERCENT, min(100 * here // whole for here, whole in begun))
        nights = self._number(
            len(self._shifts), max(self._nights_begun(each, each.may) for each in able)
        )
        for each in able:
            theirs = {number: self._is_on[each.staff_id, number] for number in sorted(each.may)}
            total = self._minutes(theirs, theirs) + booked[each.staff_id]
            self._model.add(100 * total <= busiest * full[each.staff_id])
            self._model.add(100 * total >= idlest * full[each.staff_id])
            at_night = [var for number, var in theirs.items() if self._shifts[number].night]
            if at_night:
                self._model.add(nights >= sum(at_night))
        self._costs += [UNEVEN * (busiest - idlest), NIGHTS * nights]

    def _minutes(self, numbers: Iterable[int], theirs: Mapping[int, Any]) -> Any:
        return sum(minutes_of(self._shifts[each]) * theirs[each] for each in numbers)

    def _minutes_begun(self, candidate: Candidate, numbers: Iterable[int]) -> int:
        return sum(
            minutes_of(self._shifts[each])
            for each in numbers
            if self._begun[candidate.staff_id, each]
        )

    def _nights_begun(self, candidate: Candidate, numbers: Iterable[int]) -> int:
        return sum(
            self._shifts[each].night for each in numbers if self._begun[candidate.staff_id, each]
        )


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
