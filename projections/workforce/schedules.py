"""What is looked at of people's time: their shifts and hours, and who may subscribe to them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from domain.kernel import Recorded
from domain.workforce.events.schedule import (
    ScheduleFeedOpened,
    ScheduleFeedRevoked,
    ScheduleTermsAgreed,
    ScheduleTimeBooked,
    ScheduleTimeConfirmed,
    ScheduleTimeReleased,
    usual_hours,
)
from domain.workforce.events.working_time import Booking
from projections.kernel import Key, ReadModel
from projections.rows import replace
from projections.workforce.coverage import monday

# --- a person's shifts -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonsShift:
    """A shift somebody is on, at the facility it is at. `minutes` is how long it really lasts.

    `published`: they were told of it.
    """

    facility_id: UUID
    department_id: UUID
    staff_id: UUID
    roster_id: UUID
    shift: int
    job: str
    on: date
    starts_at: datetime
    ends_at: datetime
    minutes: int
    published: bool


my_shifts = ReadModel(
    "my_shifts",
    row=PersonsShift,
    key=("staff_id", "roster_id", "shift"),
    order="starts_at",
    indexes=(("staff_id", "on"),),
    local=True,
    desk="everybody: when and where one works, over all departments and facilities",
)

Arranged = ScheduleTimeBooked | ScheduleTimeReleased


def shifts_booked(event: Recorded[Arranged]) -> list[Key]:
    """The keys of the shifts whose time is booked or released."""
    staff_id = event.fact.staff_id
    return [(staff_id, each.roster_id, each.shift) for each in event.fact.bookings]


def shifts_confirmed(event: Recorded[ScheduleTimeConfirmed]) -> list[Key]:
    """The keys of the shifts that were published."""
    fact = event.fact
    return [(fact.staff_id, fact.roster_id, each) for each in fact.shifts]


def booking_of(fact: ScheduleTimeBooked, key: Key) -> Booking:
    """What was booked for a shift."""
    (booking,) = [each for each in fact.bookings if (each.roster_id, each.shift) == key[1:]]
    return booking


@my_shifts.on(ScheduleTimeBooked, key=shifts_booked, key_aware=True)
def booked(
    row: PersonsShift | None,  # noqa: ARG001 - nothing was there before
    event: Recorded[ScheduleTimeBooked],
    key: Key,
) -> PersonsShift | None:
    fact = event.fact
    booking = booking_of(fact, key)
    return PersonsShift(
        facility_id=booking.facility_id,
        department_id=booking.department_id,
        staff_id=fact.staff_id,
        roster_id=booking.roster_id,
        shift=booking.shift,
        job=booking.job,
        on=booking.on,
        starts_at=booking.starts_at,
        ends_at=booking.ends_at,
        minutes=booking.minutes,
        published=fact.published,
    )


@my_shifts.on(ScheduleTimeReleased, key=shifts_booked)
def released(
    row: PersonsShift | None,  # noqa: ARG001
    event: Recorded[ScheduleTimeReleased],  # noqa: ARG001
) -> PersonsShift | None:
    return None


@my_shifts.on(ScheduleTimeConfirmed, key=shifts_confirmed)
def confirmed(
    row: PersonsShift | None,
    event: Recorded[ScheduleTimeConfirmed],  # noqa: ARG001
) -> PersonsShift | None:
    return row and replace(row, published=True)


# --- hours that are booked ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekOfPerson:
    """What is booked for somebody in a week (its Monday), over all facilities, told at home.

    `contracted_minutes` is what they have agreed to work in a week, `limit_minutes` that from which
    on it is overtime by the strictest of the facilities; `overtime_minutes` are those beyond the
    less of the two. Who has agreed to no hours has the facility's alone.
    """

    facility_id: UUID
    staff_id: UUID
    week: date
    shifts: int
    minutes: int
    contracted_minutes: int
    limit_minutes: int
    overtime_minutes: int


overtime_forecast = ReadModel(
    "overtime_forecast",
    row=WeekOfPerson,
    key=("facility_id", "staff_id", "week"),
    order="week",
    indexes=(("staff_id",), ("week", "overtime_minutes")),
    desk="department managers: whose week comes to more than is no overtime",
)


def _weeks(event: Recorded[Arranged]) -> list[Key]:
    fact = event.fact
    return [(fact.home_id, fact.staff_id, monday(each.on)) for each in fact.bookings]


@overtime_forecast.on(ScheduleTimeBooked, key=_weeks, key_aware=True)
def more(
    row: WeekOfPerson | None, event: Recorded[ScheduleTimeBooked], key: Key
) -> WeekOfPerson | None:
    there = [each for each in event.fact.bookings if monday(each.on) == key[2]]
    limit = min(each.limits.overtime_after_hours for each in there) * 60
    if row is None:
        row = WeekOfPerson(
            facility_id=key[0],
            staff_id=key[1],
            week=key[2],
            shifts=0,
            minutes=0,
            contracted_minutes=0,
            limit_minutes=limit,
            overtime_minutes=0,
        )
    contracted, limit = event.fact.weekly_hours * 60, min(limit, row.limit_minutes)
    return _week(replace(row, contracted_minutes=contracted, limit_minutes=limit), there, 1)


@overtime_forecast.on(ScheduleTimeReleased, key=_weeks, key_aware=True)
def fewer(
    row: WeekOfPerson | None, event: Recorded[ScheduleTimeReleased], key: Key
) -> WeekOfPerson | None:
    there = [each for each in event.fact.bookings if monday(each.on) == key[2]]
    after = row and _week(row, there, -1)
    return after if after and after.shifts else None


def _booked_weeks(event: Recorded[ScheduleTermsAgreed]) -> list[Key]:
    fact = event.fact
    return [(fact.facility_id, fact.staff_id, each) for each in fact.weeks]


@overtime_forecast.on(ScheduleTermsAgreed, key=_booked_weeks)
def other_hours(
    row: WeekOfPerson | None, event: Recorded[ScheduleTermsAgreed]
) -> WeekOfPerson | None:
    contracted = event.fact.terms.weekly_hours * 60
    return row and _week(replace(row, contracted_minutes=contracted), [], 1)


def _week(row: WeekOfPerson, there: list[Booking], sign: int) -> WeekOfPerson:
    minutes = row.minutes + sign * sum(each.minutes for each in there)
    usual = usual_hours(row.contracted_minutes, row.limit_minutes)
    return replace(
        row,
        shifts=row.shifts + sign * len(there),
        minutes=minutes,
        overtime_minutes=max(0, minutes - usual),
    )


# --- feeds -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftFeed:
    """A link by which somebody's shifts can be subscribed to, by the digest of its secret."""

    facility_id: UUID
    staff_id: UUID
    digest: str
    opened_at: datetime


shift_feeds = ReadModel(
    "shift_feeds",
    row=ShiftFeed,
    key="digest",
    indexes=(("staff_id",),),
    local=True,
    desk="who keeps the links: whose shifts can be subscribed to",
)


@shift_feeds.on(ScheduleFeedOpened)
def feed_opened(
    row: ShiftFeed | None,  # noqa: ARG001 - nothing was there before
    event: Recorded[ScheduleFeedOpened],
) -> ShiftFeed | None:
    fact = event.fact
    return ShiftFeed(
        facility_id=fact.facility_id,
        staff_id=fact.staff_id,
        digest=fact.digest,
        opened_at=fact.opened_at,
    )


@shift_feeds.on(ScheduleFeedRevoked)
def feed_revoked(
    row: ShiftFeed | None,  # noqa: ARG001
    event: Recorded[ScheduleFeedRevoked],  # noqa: ARG001
) -> ShiftFeed | None:
    return None
