"""How people may work: the limits of a facility, and one person's time, week by week.

A facility **adopts** its limits; until it does, the usual ones hold. What they say about a person
is found by the rules in `time_rules`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date, timedelta
from functools import lru_cache
from operator import attrgetter
from typing import Any, cast
from uuid import UUID

from domain import rules
from domain.kernel import Aggregate, Circumstances, Command, Decision, command
from domain.replacing import replace
from domain.workforce.events.schedule import Weeks
from domain.workforce.events.working_time import (
    USUAL,
    Booking,
    Limits,
    LimitsStanding,
    OfFacility,
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


@lru_cache(maxsize=1_000)
def week_of(day: date) -> date:
    """The Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def booked(weeks: Weeks, bookings: Iterable[Booking]) -> Weeks:
    """The weeks with these bookings among them."""
    after, added = dict(weeks), dict[date, list[Booking]]()
    for each in bookings:
        added.setdefault(week_of(each.on), []).append(each)
    for monday, those in added.items():
        in_order = sorted((*after.get(monday, ()), *those), key=attrgetter("starts_at"))
        after[monday] = tuple(in_order)
    return after


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
