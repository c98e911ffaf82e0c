"""The story of a person's schedule: their terms, their time, and where they are lent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any
from uuid import UUID

from domain.kernel import Fact, Standing, fact, foreign_id, upcaster
from domain.workforce.events.working_time import Booking, ShiftFinding


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """As what someone may be rostered.

    `skills` are those that were attested to them beside their job, `other_jobs` the jobs they may
    do beside their own; `adult_on` is the day they come of age, where that is still to come (no
    date of birth is kept here). `floats`: they belong to the float pool of the facilities they work
    at, and may be sent to any department there.
    """

    weekly_hours: int = 40
    skills: tuple[str, ...] = ()
    other_jobs: tuple[str, ...] = ()
    adult_on: date | None = None
    floats: bool = False


def usual_hours(agreed: int, limit: int) -> int:
    """The hours of a week that are no overtime: those somebody agreed to, or fewer where a facility
    lets overtime begin sooner (`limit`). Who agreed to none comes when asked: theirs are the
    facility's (c)."""
    return min(agreed, limit) if agreed else limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Lending:
    """A period, both days included, in which someone is lent to another facility."""

    loan_id: UUID
    facility_id: UUID
    begins_on: date
    ends_on: date


class LeaveKind(StrEnum):
    """Why someone is away."""

    VACATION = "vacation"
    SICK = "sick"
    FAMILY = "family"
    """Family and medical leave (29 U.S.C. 2612)."""
    PARENTAL = "parental"
    MILITARY = "military"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Leave:
    """Days on which someone begins no shift, both included; without an end it goes on."""

    begins_on: date
    ends_on: date | None
    kind: LeaveKind

    def covers(self, day: date) -> bool:
        return self.begins_on <= day and (self.ends_on is None or day <= self.ends_on)


Weeks = Mapping[date, tuple[Booking, ...]]
"""What is booked, by the Monday of the week; within a week in the order it begins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleStanding(Standing):
    """What rosters may know of a person's time."""

    terms: Terms
    weeks: Weeks = field(hash=False)
    lendings: tuple[Lending, ...] = ()
    leaves: tuple[Leave, ...] = ()


@lru_cache(maxsize=100_000)
def schedule_of(staff_id: UUID) -> UUID:
    """The stream of a person's schedule."""
    return foreign_id("schedule", staff_id)


class OfPerson:
    """What is told in, or wanted of, a person's schedule."""

    __slots__ = ()
    staff_id: UUID

    @property
    def schedule_id(self) -> UUID:
        return schedule_of(self.staff_id)


class ReleaseReason(StrEnum):
    """Why time is free again."""

    UNASSIGNED = "unassigned"
    WITHDRAWN = "withdrawn"
    SWAPPED = "swapped"
    CALLED_OUT = "called_out"
    LEAVE = "leave"
    SEPARATION = "separation"


@fact("schedule.terms_agreed", version=2, effective="agreed_on")
class ScheduleTermsAgreed(OfPerson, Fact):
    """It is agreed as what someone may be rostered. `facility_id` is their home facility; `weeks`
    are those (their Mondays) from then on in which time of theirs is booked already."""

    staff_id: UUID
    facility_id: UUID
    terms: Terms
    agreed_on: date
    weeks: tuple[date, ...]


@upcaster(ScheduleTermsAgreed, from_version=1)
def _with_no_weeks(content: dict[str, Any]) -> dict[str, Any]:
    """The first version did not tell what was booked."""
    return {**content, "weeks": []}


@fact("schedule.time_booked", version=2)
class ScheduleTimeBooked(OfPerson, Fact):
    """Someone's time is booked for shifts. `facility_id` is where, `home_id` their home facility;
    `weekly_hours` is what they have agreed to work in a week.

    `published`: they are told of it at once, because the roster is published. `warnings` is what
    the soft rules say about someone's time.
    """

    staff_id: UUID
    facility_id: UUID
    home_id: UUID
    bookings: tuple[Booking, ...]
    weekly_hours: int
    published: bool
    warnings: tuple[ShiftFinding, ...] = ()


@upcaster(ScheduleTimeBooked, from_version=1)
def _with_forty_hours(content: dict[str, Any]) -> dict[str, Any]:
    """The first version took everybody's week to have forty hours."""
    return {**content, "weekly_hours": 40}


@fact("schedule.time_released")
class ScheduleTimeReleased(OfPerson, Fact):
    """Time that was booked for shifts is free again."""

    staff_id: UUID
    facility_id: UUID
    home_id: UUID
    bookings: tuple[Booking, ...]
    reason: ReleaseReason


@fact("schedule.time_confirmed")
class ScheduleTimeConfirmed(OfPerson, Fact):
    """The roster was published: someone is told of these shifts."""

    staff_id: UUID
    facility_id: UUID
    roster_id: UUID
    shifts: tuple[int, ...]


@fact("schedule.lent", effective="lending.begins_on")
class ScheduleLent(OfPerson, Fact):
    """Someone may be rostered by another facility for a while, as both facilities agreed."""

    staff_id: UUID
    facility_id: UUID
    lending: Lending


@fact("schedule.taken_back")
class ScheduleTakenBack(OfPerson, Fact):
    """A loan ended: the last day at the other facility is `ends_on`, if it came to that."""

    staff_id: UUID
    facility_id: UUID
    loan_id: UUID
    ends_on: date


@fact("schedule.leave_granted", effective="leave.begins_on")
class ScheduleLeaveGranted(OfPerson, Fact):
    """Someone is on leave for a while."""

    staff_id: UUID
    facility_id: UUID
    leave: Leave


@fact("schedule.leave_ended", effective="ended_on")
class ScheduleLeaveEnded(OfPerson, Fact):
    """A leave is over; `ended_on` is its last day, or the one before its first. `leave` is as it
    was until then."""

    staff_id: UUID
    facility_id: UUID
    leave: Leave
    ended_on: date


@fact("schedule.feed_opened")
class ScheduleFeedOpened(OfPerson, Fact):
    """Someone's shifts can be subscribed to by a link. `digest` is that of the link's secret."""

    staff_id: UUID
    facility_id: UUID
    digest: str
    opened_at: datetime


@fact("schedule.feed_revoked")
class ScheduleFeedRevoked(OfPerson, Fact):
    """The link leads nowhere any more."""

    staff_id: UUID
    facility_id: UUID
    digest: str


ScheduleFact = (
    ScheduleTermsAgreed
    | ScheduleTimeBooked
    | ScheduleTimeReleased
    | ScheduleTimeConfirmed
    | ScheduleLent
    | ScheduleTakenBack
    | ScheduleLeaveGranted
    | ScheduleLeaveEnded
    | ScheduleFeedOpened
    | ScheduleFeedRevoked
)
