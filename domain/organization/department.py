"""A department: a part of one facility that has its own head, code and cost center.

Its life: it is **opened** inside an open facility under a code that no other department there has,
is led by a **head**, and ends either by being **merged** into another department of the same
facility or by being **closed**. Its code is free for another department then.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import assert_never
from uuid import UUID

from domain import rules
from domain.kernel import (
    Aggregate,
    Circumstances,
    Command,
    Decision,
    Refused,
    Release,
    Reserve,
    Standing,
    command,
)
from domain.organization.events import (
    DepartmentClosed,
    DepartmentFact,
    DepartmentHeadAppointed,
    DepartmentKind,
    DepartmentMerged,
    DepartmentOpened,
)

# --- state -------------------------------------------------------------------------------------


class DepartmentStatus(StrEnum):
    """Whether a department takes new work."""

    ABSENT = "absent"
    OPEN = "open"
    MERGED = "merged"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Department:
    """What a department has become. `merged_into` is where it went up in."""

    facility_id: UUID | None = None
    status: DepartmentStatus = DepartmentStatus.ABSENT
    code: str = ""
    kind: DepartmentKind | None = None
    opened_on: date = rules.EARLIEST
    head_id: UUID | None = None
    merged_into: UUID | None = None

    def evolve(self, fact: DepartmentFact) -> Department:
        match fact:
            case DepartmentOpened():
                return replace(
                    self,
                    facility_id=fact.facility_id,
                    status=DepartmentStatus.OPEN,
                    code=fact.code,
                    kind=fact.kind,
                    opened_on=fact.opened_on,
                )
            case DepartmentHeadAppointed():
                return replace(self, head_id=fact.staff_id)
            case DepartmentMerged():
                return replace(
                    self, status=DepartmentStatus.MERGED, merged_into=fact.into_department_id
                )
            case DepartmentClosed():
                return replace(self, status=DepartmentStatus.CLOSED)
            case _:
                assert_never(fact)


def _standing(state: Department, department_id: UUID) -> Standing:
    return Standing(
        kind="department",
        id=department_id,
        open=state.status is DepartmentStatus.OPEN,
        status=state.status,
        facility_id=state.facility_id,
        variety=state.kind,
    )


department = Aggregate(
    "department",
    Department(),
    standing=_standing,
    referred_to_as=("department_id", "into_department_id"),
)


# --- commands ----------------------------------------------------------------------------------


@command("department_id", creates=True)
class OpenDepartment(Command):
    """Open a department in a facility. `code` is what the facility calls it."""

    department_id: UUID
    facility_id: UUID
    code: str
    title: str
    opened_on: date
    kind: DepartmentKind = DepartmentKind.OUTPATIENT
    service_line: str | None = None
    cost_center: str | None = None


@command("department_id")
class AppointDepartmentHead(Command):
    """Let a staff member lead the department."""

    department_id: UUID
    staff_id: UUID
    appointed_on: date


@command("department_id")
class MergeDepartment(Command):
    """Let the department go up in another one of the same facility."""

    department_id: UUID
    into_department_id: UUID
    merged_on: date


@command("department_id")
class CloseDepartment(Command):
    """Stop the department's work."""

    department_id: UUID
    closed_on: date
    reason: str


# --- decisions ---------------------------------------------------------------------------------


@department.decides
def open_department(state: Department, command: OpenDepartment, at: Circumstances) -> Decision:
    if state.status is not DepartmentStatus.ABSENT:
        raise Refused("department.already_opened", "This department exists.")
    at.open("facility", command.facility_id)
    rules.happened("department", "opened_on", command.opened_on, at)
    code = rules.text("department", "code", command.code, longest=40)
    yield Reserve("department_code", f"{command.facility_id}/{code}", "department.code_in_use")
    yield DepartmentOpened(
        department_id=command.department_id,
        facility_id=command.facility_id,
        code=code,
        title=rules.text("department", "title", command.title),
        kind=command.kind,
        service_line=rules.optional("department", "service_line", command.service_line),
        cost_center=rules.optional("department", "cost_center", command.cost_center, longest=40),
        opened_on=command.opened_on,
    )


@department.decides
def appoint_head(state: Department, command: AppointDepartmentHead, at: Circumstances) -> Decision:
    facility_id = _at_work(state)
    if command.staff_id == state.head_id:
        return
    at.open("staff_member", command.staff_id, named="staff_id")
    _since_opening(state, "appointed_on", command.appointed_on, at)
    yield DepartmentHeadAppointed(
        department_id=command.department_id,
        facility_id=facility_id,
        staff_id=command.staff_id,
        appointed_on=command.appointed_on,
    )


@department.decides
def merge(state: Department, command: MergeDepartment, at: Circumstances) -> Decision:
    into = command.into_department_id
    if state.status is DepartmentStatus.MERGED and state.merged_into == into:
        return
    facility_id = _at_work(state)
    if into == command.department_id:
        raise rules.refusal(
            "department.into_itself", "into_department_id", into, "must be another department"
        )
    at.open("department", into, within=facility_id, named="into_department_id")
    _since_opening(state, "merged_on", command.merged_on, at)
    yield DepartmentMerged(
        department_id=command.department_id,
        facility_id=facility_id,
        into_department_id=into,
        merged_on=command.merged_on,
    )
    yield Release("department_code", f"{facility_id}/{state.code}")


@department.decides
def close(state: Department, command: CloseDepartment, at: Circumstances) -> Decision:
    if state.status is DepartmentStatus.CLOSED:
        return
    facility_id = _at_work(state)
    _since_opening(state, "closed_on", command.closed_on, at)
    yield DepartmentClosed(
        department_id=command.department_id,
        facility_id=facility_id,
        closed_on=command.closed_on,
        reason=rules.text("department", "reason", command.reason),
    )
    yield Release("department_code", f"{facility_id}/{state.code}")


# --- rules -------------------------------------------------------------------------------------


def _at_work(state: Department) -> UUID:
    """The facility of a department that works; refuses one that was merged or closed."""
    if state.status is not DepartmentStatus.OPEN or state.facility_id is None:
        raise Refused(
            "department.closed", f"The department is {state.status}.", status=state.status
        )
    return state.facility_id


def _since_opening(state: Department, named: str, when: date, at: Circumstances) -> None:
    rules.happened("department", named, when, at)
    rules.in_order("department", "opened_on", state.opened_on, named, when)
