"""What is looked at before somebody is rostered: as what, within which limits, and when not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from domain.kernel import Recorded
from domain.workforce.events.schedule import (
    LeaveKind,
    ScheduleLeaveEnded,
    ScheduleLeaveGranted,
    ScheduleTermsAgreed,
)
from domain.workforce.events.working_time import WorkingTimeLimitsAdopted
from projections.kernel import Key, ReadModel
from projections.rows import replace

# --- terms and limits --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class TermsOfPerson:
    """As what somebody may be rostered; who `floats` is in the float pool of where they work."""

    facility_id: UUID
    staff_id: UUID
    weekly_hours: int
    skills: tuple[str, ...]
    other_jobs: tuple[str, ...]
    floats: bool
    agreed_on: date


rostering_terms = ReadModel(
    "rostering_terms",
    row=TermsOfPerson,
    key="staff_id",
    order="agreed_on",
    local=True,
    desk="staffing office: the float pool (floats=true), skills and agreed hours",
)


@rostering_terms.on(ScheduleTermsAgreed)
def agreed(
    row: TermsOfPerson | None,  # noqa: ARG001 - terms are agreed as a whole
    event: Recorded[ScheduleTermsAgreed],
) -> TermsOfPerson | None:
    fact = event.fact
    return TermsOfPerson(
        facility_id=fact.facility_id,
        staff_id=fact.staff_id,
        weekly_hours=fact.terms.weekly_hours,
        skills=fact.terms.skills,
        other_jobs=fact.terms.other_jobs,
        floats=fact.terms.floats,
        agreed_on=fact.agreed_on,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitsOfFacility:
    """Within which limits people work at a facility."""

    facility_id: UUID
    rest_hours: int
    days_in_a_row: int
    overtime_after_hours: int
    most_weekly_hours: int
    minor_most_hours: int
    adopted_on: date


working_time_limits = ReadModel(
    "working_time_limits",
    row=LimitsOfFacility,
    key="facility_id",
    local=True,
    desk="everybody who plans: rest, days in a row and hours a week, by facility",
)


@working_time_limits.on(WorkingTimeLimitsAdopted)
def limits_adopted(
    row: LimitsOfFacility | None,  # noqa: ARG001 - limits are adopted as a whole
    event: Recorded[WorkingTimeLimitsAdopted],
) -> LimitsOfFacility | None:
    fact, limits = event.fact, event.fact.limits
    return LimitsOfFacility(
        facility_id=fact.facility_id,
        rest_hours=limits.rest_hours,
        days_in_a_row=limits.days_in_a_row,
        overtime_after_hours=limits.overtime_after_hours,
        most_weekly_hours=limits.most_weekly_hours,
        minor_most_hours=limits.minor_most_hours,
        adopted_on=fact.adopted_on,
    )


# --- leave -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveOfPerson:
    """Days on which somebody begins no shift, both included; without an end it goes on."""

    facility_id: UUID
    staff_id: UUID
    begins_on: date
    ends_on: date | None
    kind: LeaveKind


leave_calendar = ReadModel(
    "leave_calendar",
    row=LeaveOfPerson,
    key=("staff_id", "begins_on"),
    order="begins_on",
    local=True,
    desk="staffing office: who is away, and until when",
)


def _leave(event: Recorded[ScheduleLeaveGranted | ScheduleLeaveEnded]) -> Key:
    return event.fact.staff_id, event.fact.leave.begins_on


@leave_calendar.on(ScheduleLeaveGranted, key=_leave)
def leave_granted(
    row: LeaveOfPerson | None,  # noqa: ARG001 - nothing was there before
    event: Recorded[ScheduleLeaveGranted],
) -> LeaveOfPerson | None:
    fact = event.fact
    return LeaveOfPerson(
        facility_id=fact.facility_id,
        staff_id=fact.staff_id,
        begins_on=fact.leave.begins_on,
        ends_on=fact.leave.ends_on,
        kind=fact.leave.kind,
    )


@leave_calendar.on(ScheduleLeaveEnded, key=_leave)
def leave_ended(
    row: LeaveOfPerson | None, event: Recorded[ScheduleLeaveEnded]
) -> LeaveOfPerson | None:
    if row is None or event.fact.ended_on < row.begins_on:
        return None
    return replace(row, ends_on=event.fact.ended_on)
