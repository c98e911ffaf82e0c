"""What the workforce desk looks at: who works where, and whose work there is about to end."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from domain.kernel import PERSONAL, Recorded
from domain.workforce.events.employment import (
    StaffMemberLeaveBegan,
    StaffMemberOnboarded,
    StaffMemberOnboardingBegan,
    StaffMemberReturned,
)
from domain.workforce.events.staff import (
    Assignment,
    StaffMemberAssigned,
    StaffMemberAssignmentEnded,
    StaffMemberJobChanged,
    StaffMemberNameChanged,
    StaffMemberNpiRecorded,
    StaffMemberRegistered,
    StaffMemberSeparated,
    StaffMemberSpecialtyChanged,
)
from projections.kernel import Key, ReadModel
from projections.rows import replace


class StaffStatus(StrEnum):
    """Whether someone works for the health system, and is at work."""

    ONBOARDING = "onboarding"
    ACTIVE = "active"
    ON_LEAVE = "on_leave"
    SEPARATED = "separated"


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignmentHere:
    """An assignment at the row's facility that nobody has ended: days are both included."""

    department_id: UUID | None
    share: int
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffEntry:
    """Someone at one of the facilities they work at, their `home` or another.

    `share` (a percentage) and `departments` are those of the day on which the latest assignment
    here begins, and None and empty without one; a planned last day ends an assignment only when it
    is told to have passed. The day of registration is known at home only. Who left stays listed at
    home, and nowhere else.
    """

    facility_id: UUID
    staff_id: UUID
    full_name: Annotated[str, PERSONAL]
    job: str
    specialty: str | None
    npi: str | None
    home: bool
    departments: tuple[UUID, ...]
    share: int | None
    assignments: tuple[AssignmentHere, ...]
    status: StaffStatus
    registered_on: date | None
    separated_on: date | None


staff_directory = ReadModel(
    "staff_directory",
    row=StaffEntry,
    key=("facility_id", "staff_id"),
    order="job",
    indexes=(("staff_id",),),
    desk="facility managers: who works here, in which departments, with how much of their time",
)


@staff_directory.on(StaffMemberRegistered)
def registered(
    row: StaffEntry | None,  # noqa: ARG001 - nothing was there before
    event: Recorded[StaffMemberRegistered],
) -> StaffEntry | None:
    fact = event.fact
    return StaffEntry(
        facility_id=fact.facility_id,
        staff_id=fact.staff_id,
        full_name=fact.full_name,
        job=fact.job,
        specialty=fact.specialty,
        npi=fact.npi,
        home=True,
        departments=(),
        share=None,
        assignments=(),
        status=StaffStatus.ACTIVE,
        registered_on=fact.registered_on,
        separated_on=None,
    )


def _everywhere(
    event: Recorded[StaffMemberSpecialtyChanged]
    | Recorded[StaffMemberJobChanged]
    | Recorded[StaffMemberNameChanged]
    | Recorded[StaffMemberNpiRecorded]
    | Recorded[StaffMemberSeparated]
    | Recorded[StaffMemberOnboarded]
    | Recorded[StaffMemberLeaveBegan]
    | Recorded[StaffMemberReturned],
) -> list[Key]:
    return [(each, event.fact.staff_id) for each in event.fact.facility_ids]


@staff_directory.on(StaffMemberOnboardingBegan)
def onboarding(
    row: StaffEntry | None,
    event: Recorded[StaffMemberOnboardingBegan],  # noqa: ARG001 - whoever it is
) -> StaffEntry | None:
    return row and replace(row, status=StaffStatus.ONBOARDING)


@staff_directory.on(StaffMemberLeaveBegan, key=_everywhere)
def goes_on_leave(
    row: StaffEntry | None,
    event: Recorded[StaffMemberLeaveBegan],  # noqa: ARG001
) -> StaffEntry | None:
    return row and replace(row, status=StaffStatus.ON_LEAVE)


@staff_directory.on(StaffMemberOnboarded, StaffMemberReturned, key=_everywhere)
def is_at_work(
    row: StaffEntry | None,
    event: Recorded[StaffMemberOnboarded] | Recorded[StaffMemberReturned],  # noqa: ARG001
) -> StaffEntry | None:
    return row and replace(row, status=StaffStatus.ACTIVE)


def _where_assigned(
    event: Recorded[StaffMemberAssigned] | Recorded[StaffMemberAssignmentEnded],
) -> Key:
    return event.fact.assignment.facility_id, event.fact.staff_id


@staff_directory.on(StaffMemberSpecialtyChanged, key=_everywhere)
def specialty_changed(
    row: StaffEntry | None, event: Recorded[StaffMemberSpecialtyChanged]
) -> StaffEntry | None:
    return row and replace(row, specialty=event.fact.specialty)


@staff_directory.on(StaffMemberJobChanged, key=_everywhere)
def job_changed(
    row: StaffEntry | None, event: Recorded[StaffMemberJobChanged]
) -> StaffEntry | None:
    return row and replace(row, job=event.fact.job)


@staff_directory.on(StaffMemberNameChanged, key=_everywhere)
def name_changed(
    row: StaffEntry | None, event: Recorded[StaffMemberNameChanged]
) -> StaffEntry | None:
    return row and replace(row, full_name=event.fact.full_name)


@staff_directory.on(StaffMemberNpiRecorded, key=_everywhere)
def npi_recorded(
    row: StaffEntry | None, event: Recorded[StaffMemberNpiRecorded]
) -> StaffEntry | None:
    return row and replace(row, npi=event.fact.npi)


@staff_directory.on(StaffMemberAssigned, key=_where_assigned)
def assigned(row: StaffEntry | None, event: Recorded[StaffMemberAssigned]) -> StaffEntry | None:
    fact = event.fact
    if row is None:
        row = StaffEntry(
            facility_id=fact.assignment.facility_id,
            staff_id=fact.staff_id,
            full_name=fact.full_name,
            job=fact.job,
            specialty=fact.specialty,
            npi=fact.npi,
            home=fact.assignment.facility_id == fact.facility_id,
            departments=(),
            share=None,
            assignments=(),
            status=StaffStatus.ACTIVE,
            registered_on=None,
            separated_on=None,
        )
    return _assigned_to(row, (*row.assignments, _here(fact.assignment)))


@staff_directory.on(StaffMemberAssignmentEnded, key=_where_assigned)
def assignment_ended(
    row: StaffEntry | None, event: Recorded[StaffMemberAssignmentEnded]
) -> StaffEntry | None:
    fact = event.fact
    if row is None or not fact.still_at_facility:
        return None
    ended = _here(fact.assignment)
    return _assigned_to(row, (each for each in row.assignments if each != ended))


@staff_directory.on(StaffMemberSeparated, key=_everywhere)
def separated(row: StaffEntry | None, event: Recorded[StaffMemberSeparated]) -> StaffEntry | None:
    if row is None or not row.home:
        return None
    gone = replace(row, status=StaffStatus.SEPARATED, separated_on=event.fact.separated_on)
    return _assigned_to(gone, ())


def _here(assignment: Assignment) -> AssignmentHere:
    return AssignmentHere(
        department_id=assignment.department_id,
        share=assignment.share,
        valid_from=assignment.valid_from,
        valid_to=assignment.valid_to,
    )


def _assigned_to(row: StaffEntry, assignments: Iterable[AssignmentHere]) -> StaffEntry:
    """The row with these assignments, and what they come to on the day the latest of them begins.

    Assignments begin today or earlier, so that this is the last day on which anything was added.
    """
    kept = tuple(assignments)
    day = max((each.valid_from for each in kept), default=date.min)
    current = [each for each in kept if each.valid_to is None or each.valid_to >= day]
    departments = dict.fromkeys(each.department_id for each in current)
    return replace(
        row,
        assignments=kept,
        departments=tuple(each for each in departments if each is not None),
        share=sum(each.share for each in current) if current else None,
    )


# --- assignments whose end is planned ----------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignmentEnding:
    """An assignment with a planned last day, at the facility it is at, until its end is told.

    `place_id` is the department, or the facility itself where the assignment is to none of them;
    `ends_on` is the last day.
    """

    facility_id: UUID
    staff_id: UUID
    place_id: UUID
    department_id: UUID | None
    share: int
    begins_on: date
    ends_on: date


assignments_ending = ReadModel(
    "assignments_ending",
    row=AssignmentEnding,
    key=("facility_id", "staff_id", "place_id", "begins_on"),
    order="ends_on",
    desk="facility managers, and the calendar: whose work here ends, where and when",
)


def _ending(staff_id: UUID, assignment: Assignment) -> Key:
    place_id = assignment.department_id or assignment.facility_id
    return assignment.facility_id, staff_id, place_id, assignment.valid_from


def _of_the_assignment(
    event: Recorded[StaffMemberAssigned] | Recorded[StaffMemberAssignmentEnded],
) -> Key:
    return _ending(event.fact.staff_id, event.fact.assignment)


def _of_all_assignments(event: Recorded[StaffMemberSeparated]) -> list[Key]:
    return [_ending(event.fact.staff_id, each) for each in event.fact.assignments]


@assignments_ending.on(StaffMemberAssigned, key=_of_the_assignment)
def end_planned(
    row: AssignmentEnding | None,  # noqa: ARG001 - nothing was there before
    event: Recorded[StaffMemberAssigned],
) -> AssignmentEnding | None:
    assignment = event.fact.assignment
    if assignment.valid_to is None:
        return None
    return AssignmentEnding(
        facility_id=assignment.facility_id,
        staff_id=event.fact.staff_id,
        place_id=assignment.department_id or assignment.facility_id,
        department_id=assignment.department_id,
        share=assignment.share,
        begins_on=assignment.valid_from,
        ends_on=assignment.valid_to,
    )


@assignments_ending.on(StaffMemberAssignmentEnded, key=_of_the_assignment)
def end_told(
    row: AssignmentEnding | None,  # noqa: ARG001
    event: Recorded[StaffMemberAssignmentEnded],  # noqa: ARG001
) -> AssignmentEnding | None:
    return None


@assignments_ending.on(StaffMemberSeparated, key=_of_all_assignments)
def ended_with_all(
    row: AssignmentEnding | None,  # noqa: ARG001
    event: Recorded[StaffMemberSeparated],  # noqa: ARG001
) -> AssignmentEnding | None:
    return None
