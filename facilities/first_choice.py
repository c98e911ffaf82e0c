"""A first choice of who is on which shift: day after day, whoever has it easiest.

A solver begins with it and makes it better; where it has no time for that, it is what there is.
Three rounds fill the minimum of each shift, then what it needs, then that with overtime, each shift
with those who may be on it and are least burdened.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from domain.workforce.events.roster import Shift
from domain.workforce.proposing import Candidate, Chosen, Problem, at_a_time
from domain.workforce.working_time import week_of

_DAY = timedelta(days=1)


def minutes_of(shift: Shift) -> int:
    """How long it lasts."""
    return int((shift.ends_at - shift.starts_at).total_seconds()) // 60


@dataclass(slots=True)
class _Person:
    """A candidate, and what they have been given so far."""

    candidate: Candidate
    given: set[int] = field(default_factory=set)
    minutes: int = 0
    nights: int = 0
    weeks: Counter[date] = field(default_factory=Counter)
    days: set[date] = field(default_factory=set)

    def give(self, shift: Shift) -> None:
        self.given.add(shift.shift)
        self.minutes += minutes_of(shift)
        self.nights += shift.night
        self.weeks[week_of(shift.on)] += minutes_of(shift)
        self.days.add(shift.on)

    def can(self, shift: Shift, most_hours: int) -> bool:
        week = self.weeks[week_of(shift.on)]
        return week + minutes_of(shift) <= most_hours * 60 and self._rested(shift.on)

    def _rested(self, day: date) -> bool:
        """Whether that day is one of no more in a row than are allowed."""
        in_a_row = 1
        for step in (-_DAY, _DAY):
            other = day + step
            while other in self.days:
                in_a_row += 1
                other += step
        return in_a_row <= self.candidate.limits.days_in_a_row

    def burden(self, shift: Shift) -> tuple[float, ...]:
        """What speaks against them before others, the weightiest first."""
        number, contract = shift.shift, self.candidate.contract
        return (
            self.candidate.warned[number],
            -self.candidate.wanted[number],
            self.minutes / contract if contract else 0.0,
            self.nights if shift.night else 0,
        )


def first_choice(problem: Problem) -> Chosen:
    """Somebody on every shift as far as that goes without changing one's mind."""
    clashes = defaultdict[int, set[int]](set)
    for group in at_a_time(problem):
        for number in group:
            clashes[number].update(group)
    people = [_person(each) for each in problem.candidates if each.may]
    chosen: dict[int, list[UUID]] = {each.shift: [] for each in problem.shifts}
    in_order = sorted(problem.shifts, key=lambda each: (each.starts_at, each.shift))

    def fill(shift: Shift, people_needed: int, *, overtime: bool) -> None:
        there = chosen[shift.shift]
        able = [
            each
            for each in people
            if shift.shift in each.candidate.may
            and shift.shift not in each.given
            and not each.given & clashes[shift.shift]
            and each.can(shift, _hours(each.candidate, overtime=overtime))
        ]
        able.sort(key=lambda each: each.burden(shift))
        for each in able[: max(0, people_needed - len(there))]:
            each.give(shift)
            there.append(each.candidate.staff_id)

    for shift in in_order:
        fill(shift, shift.minimum, overtime=True)
    for overtime in (False, True):
        for shift in in_order:
            fill(shift, shift.needed, overtime=overtime)
    return {number: tuple(there) for number, there in chosen.items() if there}


def _hours(candidate: Candidate, *, overtime: bool) -> int:
    limits = candidate.limits
    most = limits.most_weekly_hours
    return most if overtime else min(most, limits.overtime_after_hours)


def _person(candidate: Candidate) -> _Person:
    person = _Person(candidate, weeks=Counter(candidate.weeks), days={*candidate.days})
    person.minutes = sum(candidate.weeks.values())
    return person
