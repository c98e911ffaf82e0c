"""The story of the workforce: people are registered, assigned to where they work, and leave."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from domain.kernel import PERSONAL, Fact, Standing, fact, upcaster
from domain.workforce.events.working_time import ShiftFinding


class SeparationReason(StrEnum):
    """Why someone leaves."""

    RESIGNATION = "resignation"
    RETIREMENT = "retirement"
    END_OF_CONTRACT = "end_of_contract"
    DISMISSAL = "dismissal"
    TRANSFER_OUT = "transfer_out"
    DEATH = "death"


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """Where someone works: a facility, perhaps a department of it, with which share of their time.

    `share` is a whole percentage (100 is full time); the period's days are both included.
    """

    facility_id: UUID
    department_id: UUID | None
    share: int
    valid_from: date
    valid_to: date | None

    def covers(self, day: date) -> bool:
        """Whether somebody is assigned by it on a day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffStanding(Standing):
    """What rosters may know of a staff member."""

    job: str
    specialty: str | None
    assignments: tuple[Assignment, ...] = ()


@fact("staff_member.registered", effective="registered_on", person="staff_id")
class StaffMemberRegistered(Fact):
    """Someone begins to work for a facility, their home facility from then on."""

    staff_id: UUID
    facility_id: UUID
    full_name: Annotated[str, PERSONAL]
    job: str
    specialty: str | None
    npi: str | None
    registered_on: date


@fact("staff_member.specialty_changed", effective="changed_on")
class StaffMemberSpecialtyChanged(Fact):
    """Someone practises another specialty. Names every facility they work at."""

    staff_id: UUID
    facility_id: UUID
    specialty: str | None
    changed_on: date
    facility_ids: tuple[UUID, ...]


@fact("staff_member.job_changed", effective="changed_on")
class StaffMemberJobChanged(Fact):
    """Someone does another job from now on. Names every facility they work at."""

    staff_id: UUID
    facility_id: UUID
    job: str
    changed_on: date
    facility_ids: tuple[UUID, ...]


@fact("staff_member.name_changed", effective="changed_on")
class StaffMemberNameChanged(Fact):
    """Someone is called otherwise, or is written otherwise. Names every facility they work at."""

    staff_id: UUID
    facility_id: UUID
    full_name: Annotated[str, PERSONAL]
    changed_on: date
    facility_ids: tuple[UUID, ...]


@fact("staff_member.npi_recorded")
class StaffMemberNpiRecorded(Fact):
    """Someone's NPI is known, which it was not when they were registered. Names every facility they
    work at."""

    staff_id: UUID
    facility_id: UUID
    npi: str
    facility_ids: tuple[UUID, ...]


@fact("staff_member.assigned", effective="assignment.valid_from")
class StaffMemberAssigned(Fact):
    """Someone works at a facility, perhaps in one of its departments, for a period.

    `facility_id` is their home facility, `assignment.facility_id` where they are to work. Their
    name, job and specialty go along, so that the other facility's directory need not ask.
    """

    staff_id: UUID
    facility_id: UUID
    assignment: Assignment
    full_name: Annotated[str, PERSONAL]
    job: str
    specialty: str | None
    npi: str | None


@fact("staff_member.assignment_ended", effective="ended_on")
class StaffMemberAssignmentEnded(Fact):
    """An assignment ends on its last day, also on one that was planned.

    `assignment` is as it was until then. `still_there`: another assignment at the same place
    (facility and department) has not ended. `still_at_facility`: another one at the facility has
    not, or it is their home facility. Ended is what a fact told the end of, whatever was planned,
    so that of several assignments it is the one told last that takes someone away.
    """

    staff_id: UUID
    facility_id: UUID
    assignment: Assignment
    ended_on: date
    still_there: bool
    still_at_facility: bool


@fact("staff_member.separated", version=3, effective="separated_on")
class StaffMemberSeparated(Fact):
    """Someone leaves, and with them every assignment ends.

    `facility_ids`: all they worked at. `assignments`: those that had not ended, as they were.
    `warnings`: the shifts they are taken off.
    """

    staff_id: UUID
    facility_id: UUID
    separated_on: date
    reason: SeparationReason
    facility_ids: tuple[UUID, ...]
    assignments: tuple[Assignment, ...]
    warnings: tuple[ShiftFinding, ...] = ()


@upcaster(StaffMemberSeparated, from_version=1)
def _with_assignments(content: dict[str, Any]) -> dict[str, Any]:
    """The first version did not tell which assignments ended."""
    return {**content, "assignments": []}


@upcaster(StaffMemberSeparated, from_version=2)
def _with_warnings(content: dict[str, Any]) -> dict[str, Any]:
    """The second version did not take anybody off their shifts."""
    return {**content, "warnings": []}


StaffMemberFact = (
    StaffMemberRegistered
    | StaffMemberSpecialtyChanged
    | StaffMemberJobChanged
    | StaffMemberNameChanged
    | StaffMemberNpiRecorded
    | StaffMemberAssigned
    | StaffMemberAssignmentEnded
    | StaffMemberSeparated
)
