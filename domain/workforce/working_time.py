"""How people may work: a facility's limits, and the rules that look at one person's time.

A facility **adopts** its limits; until it does, the usual ones hold. The rules are small functions
with a stable code each. They look at all that is booked for a person, in whatever department and
facility, and where facilities differ the strictest of their limits counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from typing import Any, cast
from uuid import UUID

from domain import rules
from domain.kernel import Aggregate, Circumstances, Command, Decision, command
from domain.workforce.events.schedule import Terms, Weeks
from domain.workforce.events.working_time import (
    USUAL,
    Booking,
    Limits,
    LimitsStanding,
    OfFacility,
    ShiftFinding,
    WorkingTimeFact,
    WorkingTimeLimitsAdopted,
    working_time_of,
)

LEAST_AND_MOST = {
    "rest_hours": (0, 24),
    "days_in_a_row": (1, 7),
    "overtime_after_hours": (1, 168),
    "most_weekly_hours": (1, 168),
    "minor_most_hours": (1, 24),
}
"""What a facility may adopt (c). Days in a row are looked for in three weeks, hence seven."""


# --- the limits of a facility ------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkingTime:
    """The limits of one facility."""

    facility_id: UUID | None = None
    limits: Limits = USUAL

    def evolve(self, fact: WorkingTimeFact) -> WorkingTime:
        return replace(self, facility_id=fact.facility_id, limits=fact.limits)


def _standing(state: WorkingTime, its_id: UUID) -> LimitsStanding:
    return LimitsStanding(
        kind="working_time",
        id=its_id,
        open=True,
        status="adopted",
        facility_id=state.facility_id,
        limits=state.limits,
    )


working_time = Aggregate("working_time", WorkingTime(), standing=_standing)


@command("working_time_id", creates=True)
class AdoptLimits(OfFacility, Command):
    """Let people work within these limits at a facility from now on."""

    facility_id: UUID
    adopted_on: date
    rest_hours: int = USUAL.rest_hours
    days_in_a_row: int = USUAL.days_in_a_row
    overtime_after_hours: int = USUAL.overtime_after_hours
    most_weekly_hours: int = USUAL.most_weekly_hours
    minor_most_hours: int = USUAL.minor_most_hours


@working_time.decides
def adopt(state: WorkingTime, command: AdoptLimits, at: Circumstances) -> Decision:
    at.open("facility", command.facility_id)
    rules.happened("working_time", "adopted_on", command.adopted_on, at)
    chosen = {each.name: getattr(command, each.name) for each in fields(cast(Any, Limits))}
    for named, value in chosen.items():
        least, most = LEAST_AND_MOST[named]
        if not least <= value <= most:
            rule = f"must be from {least} to {most}"
            raise rules.refusal(f"working_time.{named}", named, value, rule)
    limits = Limits(**chosen)
    if state.facility_id is None or limits != state.limits:
        yield WorkingTimeLimitsAdopted(
            facility_id=command.facility_id,
            limits=limits,
            adopted_on=command.adopted_on,
        )


def limits_of(facility_id: UUID, at: Circumstances) -> Limits:
    """The limits of a facility, where its stream was consulted."""
    standing = at.standings.get(working_time_of(facility_id))
    return standing.limits if isinstance(standing, LimitsStanding) else USUAL


# --- one person's time -------------------------------------------------------------------------

NOTHING: Weeks = {}


def week_of(day: date) -> date:
    """The Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def booked(weeks: Weeks, bookings: Iterable[Booking]) -> Weeks:
    """The weeks with these bookings among them."""
    after = dict(weeks)
    for each in bookings:
        _put(after, each)
    return after


def _put(weeks: dict[date, tuple[Booking, ...]], booking: Booking) -> None:
    monday = week_of(booking.on)
    there = weeks.get(monday, ())
    if not there or there[-1].starts_at <= booking.starts_at:
        weeks[monday] = (*there, booking)
    else:
        weeks[monday] = tuple(sorted((*there, booking), key=lambda of: of.starts_at))


def released(weeks: Weeks, bookings: Iterable[Booking]) -> Weeks:
    """The weeks without these bookings."""
    after = dict(weeks)
    for each in bookings:
        monday = week_of(each.on)
        kept = tuple(one for one in after.get(monday, ()) if not _same(one, each))
        if kept:
            after[monday] = kept
        else:
            after.pop(monday, None)
    return after


def find(weeks: Weeks, roster_id: UUID, shift: int, on: date) -> Booking | None:
    """What is booked for a shift that begins on a day."""
    for each in weeks.get(week_of(on), ()):
        if each.shift == shift and each.roster_id == roster_id:
            return each
    return None


def _same(one: Booking, other: Booking) -> bool:
    return one.shift == other.shift and one.roster_id == other.roster_id


@dataclass(frozen=True, slots=True)
class _Seen:
    """A booking that is wanted, among those of the weeks around it; `near` are those that begin or
    end so close to it that they could leave too little rest."""

    staff_id: UUID
    wanted: Booking
    terms: Terms
    week: tuple[Booking, ...]
    around: tuple[Booking, ...]
    near: tuple[Booking, ...]


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
    limits = {each.on: each.limits for each in seen.around}
    row = [seen.wanted.limits.days_in_a_row]
    for step in (-1, 1):
        day = seen.wanted.on + timedelta(days=step)
        while day in limits:
            row.append(limits[day].days_in_a_row)
            day += timedelta(days=step)
    if seen.wanted.on in limits:
        row[0] = min(row[0], limits[seen.wanted.on].days_in_a_row)
    if len(row) > min(row):
        yield _finds(
            seen,
            "shift.days_in_a_row",
            f"It would be one of {len(row)} days in a row; {min(row)} are the most.",
        )


def weekly_hours(seen: _Seen) -> Iterator[ShiftFinding]:
    """A week has so many hours at most (hard); from fewer hours on they are overtime (soft)."""
    minutes = seen.wanted.minutes
    most, usual = seen.wanted.limits.most_weekly_hours, seen.wanted.limits.overtime_after_hours
    for each in seen.week:
        minutes += each.minutes
        most = min(most, each.limits.most_weekly_hours)
        usual = min(usual, each.limits.overtime_after_hours)
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

_WEEK = timedelta(days=7)
_LONGEST_REST = timedelta(hours=LEAST_AND_MOST["rest_hours"][1])


def findings(
    staff_id: UUID, weeks: Weeks, wanted: Iterable[Booking], terms: Terms
) -> tuple[list[ShiftFinding], Weeks]:
    """What the rules find about bookings that are wanted, and the weeks with them.

    Each is looked at among those that are there and those that were wanted before it, so that of
    two that do not go together the later one is told.
    """
    found: list[ShiftFinding] = []
    after = dict(weeks)
    for each in sorted(wanted, key=lambda of: of.starts_at):
        monday = week_of(each.on)
        week = after.get(monday, ())
        around = (*after.get(monday - _WEEK, ()), *week, *after.get(monday + _WEEK, ()))
        after_rest, before_rest = each.ends_at + _LONGEST_REST, each.starts_at - _LONGEST_REST
        near = tuple(
            one for one in around if one.ends_at > before_rest and one.starts_at < after_rest
        )
        seen = _Seen(staff_id, each, terms, week, around, near)
        for rule in RULES:
            found += rule(seen)
        _put(after, each)
    return found, after


def _hours(pause: timedelta) -> str:
    return _spoken(int(pause.total_seconds()) // 60)


def _spoken(minutes: int) -> str:
    return f"{minutes // 60}" if minutes % 60 == 0 else f"{minutes / 60:.2f}"
