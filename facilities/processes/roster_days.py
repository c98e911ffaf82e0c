"""Days of rosters, for the roster desk: also a roster that is older than the calendars of rosters
has its days there, so that no other one takes them, and an import finds it by them."""

from __future__ import annotations

from collections.abc import Iterator

from domain.kernel import Command, Recorded
from domain.workforce.events.roster import RosterDrafted
from domain.workforce.roster_calendar import TakePeriod
from facilities.process import Process

roster_days = Process("roster_days", desk="the roster desk: each roster has its days")


@roster_days.on(RosterDrafted)
def drafted(event: Recorded[RosterDrafted]) -> Iterator[Command]:
    """Who drafts a roster takes its days along with it, and has them then already. Of two old ones
    that share a day the first has it; the other is told of in the log."""
    fact = event.fact
    yield TakePeriod(
        department_id=fact.department_id,
        facility_id=fact.facility_id,
        roster_id=fact.roster_id,
        begins_on=fact.begins_on,
        ends_on=fact.ends_on,
    )
