"""The rules that look at one person's time: where they are, their rest, their days, their hours.

Small functions with a stable code each. They look at all that is booked for a person, in whatever
department and facility, and where facilities differ the strictest of their limits counts.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from operator import attrgetter
from typing import NamedTuple
from uuid import UUID

from domain.workforce.events.schedule import Terms, Weeks, usual_hours
from domain.workforce.events.working_time import Booking, ShiftFinding
from domain.workforce.working_time import LEAST_AND_MOST, week_of

_DAY, _WEEK = timedelta(days=1), timedelta(days=7)
_LONGEST_REST = timedelta(hours=LEAST_AND_MOST["rest_hours"][1])
_LONGEST_SHIFT = timedelta(hours=25)
"""From a time of the day to the same on the next day, when the clocks are put back."""
_begins = attrgetter("starts_at")


@dataclass(slots=True)
class _Week:
    """What a week has so far, and the strictest of the limits of those who booked it."""

    minutes: int
    most_hours: int
    overtime_after: int


class Around:
    """A person's time around what is wanted of it, laid out for the rules.

    `days` are those on which something begins, with the fewest days in a row that are the most
    there.
    """

    def __init__(self, weeks: Weeks, wanted: Iterable[Booking]) -> None:
        self.days: dict[date, int] = {}
        self.weeks: dict[date, _Week] = {}
        self._in_order: list[Booking] = []
        mondays = {week_of(each.on) for each in wanted}
        for monday in {each + step for each in mondays for step in (-_WEEK, timedelta(), _WEEK)}:
            for booking in weeks.get(monday, ()):
                self.add(booking)

    def add(self, booking: Booking) -> None:
        """It is booked, too."""
        insort(self._in_order, booking, key=_begins)
        monday, limits = week_of(booking.on), booking.limits
        most, after = limits.most_weekly_hours, limits.overtime_after_hours
        in_a_row = limits.days_in_a_row
        self.days[booking.on] = min(in_a_row, self.days.get(booking.on, in_a_row))
        week = self.weeks.get(monday)
        if week is None:
            self.weeks[monday] = _Week(booking.minutes, most, after)
        else:
            week.minutes += booking.minutes
            week.most_hours = min(week.most_hours, most)
            week.overtime_after = min(week.overtime_after, after)

    def near(self, wanted: Booking) -> list[Booking]:
        """Those that begin or end so close to it that they could leave too little rest."""
        since, until = wanted.starts_at - _LONGEST_REST, wanted.ends_at + _LONGEST_REST
        first = bisect_left(self._in_order, since - _LONGEST_SHIFT, key=_begins)
        last = bisect_left(self._in_order, until, first, key=_begins)
        return [each for each in self._in_order[first:last] if each.ends_at > since]


class _Seen(NamedTuple):
    """A booking that is wanted, and the time around it; `near` are those close to it."""

    staff_id: UUID
    wanted: Booking
    terms: Terms
    around: Around
    near: list[Booking]


def _finds(seen: _Seen, code: str, said: str, *, hard: bool = True) -> ShiftFinding:
    return ShiftFinding(
        code=code, hard=hard, said=said, shift=seen.wanted.shift, staff_id=seen.staff_id
    )


def overlap(seen: _Seen) -> Iterator[ShiftFinding]:
    """Nobody is in two places at a time (hard)."""
    wanted = seen.wanted
    for each in seen.near:
        if each.starts_at < wanted.ends_at and wanted.starts_at < each.ends_at:
            yield _finds(
                seen,
                "shift.overlap",
                f"They are booked from {each.starts_at:%Y-%m-%d %H:%M} to "
                f"{each.ends_at:%Y-%m-%d %H:%M} UTC already.",
            )


def rest(seen: _Seen) -> Iterator[ShiftFinding]:
    """Between two shifts lies the rest that either facility asks for (hard)."""
    wanted = seen.wanted
    for each in seen.near:
        if each.ends_at <= wanted.starts_at:
            pause = wanted.starts_at - each.ends_at
        elif wanted.ends_at <= each.starts_at:
            pause = each.starts_at - wanted.ends_at
        else:
            continue
        hours = max(each.limits.rest_hours, wanted.limits.rest_hours)
        if pause < timedelta(hours=hours):
            yield _finds(
                seen,
                "shift.rest",
                f"{_hours(pause)} h lie between this and another shift; {hours} h are needed.",
            )


def days_in_a_row(seen: _Seen) -> Iterator[ShiftFinding]:
    """After so many days worked comes one that is not (hard)."""
    days, wanted = seen.around.days, seen.wanted
    in_a_row, most = 1, wanted.limits.days_in_a_row
    most = min(most, days.get(wanted.on, most))
    for step in (-_DAY, _DAY):
        day = wanted.on + step
        while (limit := days.get(day)) is not None:
            in_a_row, most = in_a_row + 1, min(most, limit)
            day += step
    if in_a_row > most:
        yield _finds(
            seen,
            "shift.days_in_a_row",
            f"It would be one of {in_a_row} days in a row; {most} are the most.",
        )


def weekly_hours(seen: _Seen) -> Iterator[ShiftFinding]:
    """A week has so many hours at most (hard); beyond what somebody agreed to, or what a facility
    calls overtime, it is overtime (soft)."""
    minutes, limits = seen.wanted.minutes, seen.wanted.limits
    most, limit = limits.most_weekly_hours, limits.overtime_after_hours
    week = seen.around.weeks.get(week_of(seen.wanted.on))
    if week is not None:
        minutes += week.minutes
        most, limit = min(most, week.most_hours), min(limit, week.overtime_after)
    usual = usual_hours(seen.terms.weekly_hours, limit)
    if minutes > most * 60:
        yield _finds(
            seen,
            "shift.weekly_hours",
            f"The week would have {_spoken(minutes)} h; {most} h are the most.",
        )
    elif minutes > usual * 60:
        said = f"The week has {_spoken(minutes)} h, of which {usual} h are no overtime."
        yield _finds(seen, "shift.overtime", said, hard=False)


def minor(seen: _Seen) -> Iterator[ShiftFinding]:
    """Who is not of age works no long shifts, and not at night (hard; c)."""
    wanted, adult_on = seen.wanted, seen.terms.adult_on
    if adult_on is None or adult_on <= wanted.on:
        return
    most = wanted.limits.minor_most_hours
    if wanted.minutes > most * 60:
        said = f"Before they are of age they work {most} h a shift at most."
        yield _finds(seen, "shift.minor_hours", said)
    if wanted.night:
        said = "Before they are of age they do not work between 22:00 and 06:00."
        yield _finds(seen, "shift.minor_night", said)


RULES: tuple[Callable[[_Seen], Iterator[ShiftFinding]], ...] = (
    overlap,
    rest,
    days_in_a_row,
    weekly_hours,
    minor,
)


@dataclass(frozen=True, slots=True)
class Looked:
    """What the rules found about bookings among these weeks, under these terms. As long as nothing
    of it is another, they would find the same."""

    weeks: Weeks
    bookings: tuple[Booking, ...]
    terms: Terms
    found: tuple[ShiftFinding, ...]

    def at(self, weeks: Weeks, bookings: tuple[Booking, ...], terms: Terms) -> bool:
        """Whether it is these very weeks that were looked at, for these bookings."""
        return weeks is self.weeks and terms is self.terms and bookings == self.bookings


def findings(
    staff_id: UUID, weeks: Weeks, wanted: Iterable[Booking], terms: Terms
) -> list[ShiftFinding]:
    """What the rules find about bookings that are wanted.

    Each is looked at among those that are there and those that were wanted before it, so that of
    two that do not go together the later one is told.
    """
    found: list[ShiftFinding] = []
    in_order = sorted(wanted, key=_begins)
    around = Around(weeks, in_order)
    for each in in_order:
        seen = _Seen(staff_id, each, terms, around, around.near(each))
        for rule in RULES:
            found += rule(seen)
        around.add(each)
    return found


def _hours(pause: timedelta) -> str:
    return _spoken(int(pause.total_seconds()) // 60)


def _spoken(minutes: int) -> str:
    return f"{minutes // 60}" if minutes % 60 == 0 else f"{minutes / 60:.2f}"
