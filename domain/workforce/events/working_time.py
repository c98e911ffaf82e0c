"""The story of working time: the rules of a facility, and what a rule finds about a shift."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from domain.kernel import Fact, Standing, fact, foreign_id

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How a facility lets people work. Hours and days are whole (c: all of them, per facility).

    `rest_hours` lie between two shifts; `days_in_a_row` are the most that are worked without a day
    off; above `overtime_after_hours` in a week a shift is overtime, above `most_weekly_hours` it is
    refused. Who is not of age works at most `minor_most_hours` a shift, and not at night.
    """

    rest_hours: int = 10
    days_in_a_row: int = 6
    overtime_after_hours: int = 40
    most_weekly_hours: int = 60
    minor_most_hours: int = 8


USUAL = Limits()
"""What holds where a facility has adopted nothing else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitsStanding(Standing):
    """What a facility's working time rules are known by."""

    limits: Limits


def working_time_of(facility_id: UUID) -> UUID:
    """The stream of a facility's limits."""
    return foreign_id("working_time", facility_id)


class OfFacility:
    """What is told in, or wanted of, the limits of a facility."""

    __slots__ = ()
    facility_id: UUID

    @property
    def working_time_id(self) -> UUID:
        return working_time_of(self.facility_id)


@fact("working_time.limits_adopted", effective="adopted_on")
class WorkingTimeLimitsAdopted(OfFacility, Fact):
    """A facility lets people work within these limits from now on."""

    facility_id: UUID
    limits: Limits
    adopted_on: date


WorkingTimeFact = WorkingTimeLimitsAdopted


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftFinding:
    """What a rule says about a person on a shift: its stable `code`, and the words for people.

    What is `hard` refuses; what is not is recorded, and answered as a warning.
    """

    code: str
    hard: bool
    said: str
    shift: int
    staff_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """A person's time on a shift of a roster.

    `on` is the local day on which it begins, which is the day and the week it is counted to; the
    instants are UTC. `night`: some of it lies between 22:00 and 06:00 there. `limits` are those of
    its facility when it was booked: of several facilities' limits the strictest counts.
    """

    roster_id: UUID
    shift: int
    facility_id: UUID
    department_id: UUID
    job: str
    on: date
    starts_at: datetime
    ends_at: datetime
    night: bool
    limits: Limits

    @property
    def minutes(self) -> int:
        """How long it lasts, also where the clocks are changed meanwhile."""
        return (self.ends_at - self.starts_at) // MINUTE
