"""The story of a department's rosters: which days each of them has."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from domain.kernel import Fact, Standing, fact, foreign_id


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterPeriod:
    """The days of a roster, both included."""

    roster_id: UUID
    begins_on: date
    ends_on: date

    def covers(self, day: date) -> bool:
        return self.begins_on <= day <= self.ends_on


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterCalendarStanding(Standing):
    """Which rosters a department has."""

    periods: tuple[RosterPeriod, ...]


def roster_calendar_of(department_id: UUID) -> UUID:
    """The stream of which rosters a department has."""
    return foreign_id("roster_calendar", department_id)


class OfDepartment:
    """What is told in, or wanted of, the calendar of a department's rosters."""

    __slots__ = ()
    department_id: UUID

    @property
    def roster_calendar_id(self) -> UUID:
        return roster_calendar_of(self.department_id)


@fact("roster_calendar.period_taken", effective="period.begins_on")
class RosterPeriodTaken(OfDepartment, Fact):
    """These days of a department are those of a roster, and of no other."""

    department_id: UUID
    facility_id: UUID
    period: RosterPeriod


RosterCalendarFact = RosterPeriodTaken
