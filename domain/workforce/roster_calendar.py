"""The calendar of a department's rosters: each day is in one of them at most.

Whoever drafts a roster **takes** its days here by the same decision, or is told whose they are. And
whoever has a day and a department (an import) finds the roster by it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from domain.kernel import Aggregate, Circumstances, Command, Decision, Refused, command
from domain.replacing import replace
from domain.workforce.events.roster_calendar import (
    OfDepartment,
    RosterCalendarFact,
    RosterCalendarStanding,
    RosterPeriod,
    RosterPeriodTaken,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterCalendar:
    """The periods of a department's rosters, in the order they were taken."""

    facility_id: UUID | None = None
    periods: tuple[RosterPeriod, ...] = ()

    def evolve(self, fact: RosterCalendarFact) -> RosterCalendar:
        periods = (*self.periods, fact.period)
        return replace(self, facility_id=fact.facility_id, periods=periods)

    def roster_on(self, day: date) -> UUID | None:
        """The roster that has a day, if there is one."""
        return next((each.roster_id for each in self.periods if each.covers(day)), None)


def _standing(state: RosterCalendar, its_id: UUID) -> RosterCalendarStanding:
    return RosterCalendarStanding(
        kind="roster_calendar",
        id=its_id,
        open=True,
        status="kept",
        facility_id=state.facility_id,
        periods=state.periods,
    )


roster_calendar = Aggregate("roster_calendar", RosterCalendar(), standing=_standing)


@command("roster_calendar_id", creates=True)
class TakePeriod(OfDepartment, Command):
    """Let these days of a department be those of a roster. For rosters to entail, and for the
    process that does so for old ones."""

    department_id: UUID
    facility_id: UUID
    roster_id: UUID
    begins_on: date
    ends_on: date


@roster_calendar.decides
def take(state: RosterCalendar, command: TakePeriod, _at: Circumstances) -> Decision:
    """Refuses days that another roster has, with ``roster.period_taken``."""
    if any(each.roster_id == command.roster_id for each in state.periods):
        return
    for each in state.periods:
        if command.begins_on <= each.ends_on and each.begins_on <= command.ends_on:
            raise Refused(
                "roster.period_taken",
                f"The department has a roster from {each.begins_on} to {each.ends_on}.",
                field="begins_on",
                value=command.begins_on,
                roster_id=each.roster_id,
            )
    yield RosterPeriodTaken(
        department_id=command.department_id,
        facility_id=command.facility_id,
        period=RosterPeriod(
            roster_id=command.roster_id, begins_on=command.begins_on, ends_on=command.ends_on
        ),
    )
