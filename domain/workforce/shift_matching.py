"""Which shift an attendance was for, and how punctual it was."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from domain import rules
from domain.kernel import Circumstances, Refused
from domain.workforce.events.attendance import Attendance, CareRole, Punctuality, Scheduled
from domain.workforce.events.working_time import Booking
from domain.workforce.shift_rules import weeks_of
from domain.workforce.timesheet import Entry
from domain.workforce.working_time import week_of

TOLERANCE = 7
"""So many minutes before or after a shift's beginning are on time (c; 29 CFR 785.48 lets time be
rounded to the quarter of an hour, which seven minutes are rounded down from)."""

REACH = timedelta(hours=4)
"""An attendance that begins so far from a shift's beginning was not meant for it (c)."""

CARE_ROLES: Mapping[str, CareRole] = {
    "registered nurse": CareRole.RN,
    "rn": CareRole.RN,
    "charge nurse": CareRole.RN,
    "licensed practical nurse": CareRole.LPN,
    "licensed vocational nurse": CareRole.LPN,
    "lpn": CareRole.LPN,
    "lvn": CareRole.LPN,
    "nursing assistant": CareRole.UAP,
    "certified nursing assistant": CareRole.UAP,
    "patient care technician": CareRole.UAP,
    "cna": CareRole.UAP,
    "uap": CareRole.UAP,
}
"""The jobs whose hours are nursing hours, as they are written here in small letters (c)."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """An attendance that is to be recorded; the department and the job are told where it is for no
    shift."""

    staff_id: UUID
    facility_id: UUID
    came_at: datetime
    department_id: UUID | None
    job: str | None


def came_for(
    wanted: Wanted, number: int, others: Collection[Entry], at: Circumstances
) -> Attendance:
    """What somebody came for; the entry is given this number.

    1. The shift at the facility that begins nearest, and that none of the others is matched to.
    2. Without one, the department and the job that are named: both must be.
    """
    facility = at.known("facility", wanted.facility_id)
    booking = _nearest(wanted, others, at)
    department_id, job = wanted.department_id, wanted.job
    if booking is not None:
        department_id, job = booking.department_id, booking.job
    if department_id is None or job is None:
        raise Refused(
            "timesheet.unscheduled",
            "No shift of theirs begins then: name the department and the job.",
            field="department_id" if department_id is None else "job",
            value=None,
        )
    if booking is None:
        at.known("department", department_id, within=wanted.facility_id)
        job = rules.text("timesheet", "job", job, longest=100)
    off = 0 if booking is None else whole_minutes(wanted.came_at - booking.starts_at)
    zone = ZoneInfo(facility.zone or "UTC")
    return Attendance(
        entry=number,
        department_id=department_id,
        job=job,
        care_role=CARE_ROLES.get(job.casefold()),
        on=wanted.came_at.astimezone(zone).date(),
        came_at=wanted.came_at,
        scheduled=None if booking is None else scheduled(booking),
        punctuality=_punctuality(booking, off),
        minutes_off=off,
    )


def scheduled(booking: Booking) -> Scheduled:
    """A shift, as attendance tells of it."""
    return Scheduled(
        roster_id=booking.roster_id,
        shift=booking.shift,
        starts_at=booking.starts_at,
        ends_at=booking.ends_at,
    )


def whole_minutes(time: timedelta) -> int:
    return int(time.total_seconds() / 60)


def _nearest(wanted: Wanted, others: Collection[Entry], at: Circumstances) -> Booking | None:
    taken = {
        (each.attendance.scheduled.roster_id, each.attendance.scheduled.shift)
        for each in others
        if each.attendance.scheduled is not None
    }
    weeks = weeks_of(wanted.staff_id, at)
    monday = week_of(wanted.came_at.astimezone(UTC).date())
    near = [
        each
        for step in (-7, 0, 7)
        for each in weeks.get(monday + timedelta(days=step), ())
        if each.facility_id == wanted.facility_id
        and abs(each.starts_at - wanted.came_at) <= REACH
        and (each.roster_id, each.shift) not in taken
    ]
    return min(near, key=lambda each: abs(each.starts_at - wanted.came_at), default=None)


def _punctuality(booking: Booking | None, off: int) -> Punctuality:
    if booking is None:
        return Punctuality.UNSCHEDULED
    if abs(off) <= TOLERANCE:
        return Punctuality.ON_TIME
    return Punctuality.LATE if off > 0 else Punctuality.EARLY
