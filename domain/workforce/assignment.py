"""Assignments: where somebody works, a facility or a department of it, with how much of their time.

Somebody is **assigned** for a period, with a share. On no day do their shares exceed their whole
time, and at one place they are assigned once at a time. An assignment **ends** when its end is
told: the last day that was planned for it is told, too, once it has passed.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from domain import rules
from domain.kernel import Circumstances, Command, Decision, Refused, command
from domain.workforce.events.staff import (
    Assignment,
    StaffMemberAssigned,
    StaffMemberAssignmentEnded,
)
from domain.workforce.staff_member import (
    StaffMember,
    employed,
    facilities_among,
    not_ended,
    since_registration,
    staff_member,
)

WHOLE_TIME = 100
"""The most that someone's shares may come to on any day, in percent."""


# --- commands ----------------------------------------------------------------------------------


@command("staff_id")
class AssignStaffMember(Command):
    """Let someone work at a facility, in one of its departments perhaps.

    `facility_id` is where they are to work, at home or elsewhere; `share` a whole percentage.
    """

    staff_id: UUID
    facility_id: UUID
    valid_from: date
    valid_to: date | None = None
    department_id: UUID | None = None
    share: int = WHOLE_TIME


@command("staff_id")
class EndAssignment(Command):
    """End the assignment someone has at a place on `ended_on`, which is its last day.

    That may be the day that was planned: until it is told, an assignment has not ended.
    """

    staff_id: UUID
    facility_id: UUID
    ended_on: date
    department_id: UUID | None = None


# --- decisions ---------------------------------------------------------------------------------


@staff_member.decides
def assign(state: StaffMember, command: AssignStaffMember, at: Circumstances) -> Decision:
    home = employed(state)
    wanted = Assignment(
        facility_id=command.facility_id,
        department_id=command.department_id,
        share=command.share,
        valid_from=command.valid_from,
        valid_to=command.valid_to,
    )
    if wanted in state.assignments:
        return
    at.open("facility", command.facility_id)
    if command.department_id is not None:
        at.open("department", command.department_id, within=command.facility_id)
    since_registration(state, "valid_from", command.valid_from, at)
    rules.plausible("staff_member", "valid_to", command.valid_to)
    rules.in_order("staff_member", "valid_from", command.valid_from, "valid_to", command.valid_to)
    _fits(state.assignments, wanted)
    yield StaffMemberAssigned(
        staff_id=command.staff_id,
        facility_id=home,
        assignment=wanted,
        full_name=state.full_name,
        job=state.job,
        specialty=state.specialty,
        npi=state.npi,
    )


@staff_member.decides
def end_assignment(state: StaffMember, command: EndAssignment, at: Circumstances) -> Decision:
    home = employed(state)
    rules.happened("staff_member", "ended_on", command.ended_on, at)
    place = (command.facility_id, command.department_id)
    ending = [
        each
        for each in state.assignments
        if _place(each) == place and each.covers(command.ended_on)
    ]
    if not ending:
        raise Refused(
            "staff_member.not_assigned",
            "The staff member has no assignment there on that day.",
            facility_id=command.facility_id,
            department_id=command.department_id,
            ended_on=command.ended_on,
        )
    (assignment,) = ending
    if assignment.valid_to == command.ended_on and assignment in state.ended:
        return
    left = [each for each in not_ended(state) if each != assignment]
    yield StaffMemberAssignmentEnded(
        staff_id=command.staff_id,
        facility_id=home,
        assignment=assignment,
        ended_on=command.ended_on,
        still_there=any(_place(each) == place for each in left),
        still_at_facility=command.facility_id in facilities_among(home, left),
    )


# --- rules -------------------------------------------------------------------------------------


def _place(assignment: Assignment) -> tuple[UUID, UUID | None]:
    return assignment.facility_id, assignment.department_id


def _fits(assignments: Iterable[Assignment], wanted: Assignment) -> None:
    """Refuses a second assignment at one place at a time, and more than someone's whole time.

    1. Those assignments that share a day with the wanted one compete with it.
    2. What someone's shares come to rises only on a day on which one of them begins, so that
       looking at those days is enough.
    """
    if not 1 <= wanted.share <= WHOLE_TIME:
        rule = f"must be from 1 to {WHOLE_TIME}"
        raise rules.refusal("staff_member.share", "share", wanted.share, rule)
    competing = [
        each
        for each in assignments
        if each.covers(wanted.valid_from) or wanted.covers(each.valid_from)
    ]
    for each in competing:
        if _place(each) == _place(wanted):
            raise Refused(
                "staff_member.already_assigned",
                f"The staff member works there from {each.valid_from}.",
                valid_from=each.valid_from,
                valid_to=each.valid_to,
                share=each.share,
            )
    for day in [max(each.valid_from, wanted.valid_from) for each in competing]:
        taken = sum(each.share for each in competing if each.covers(day))
        if taken + wanted.share > WHOLE_TIME:
            rule = f"must be at most {WHOLE_TIME - taken}: {taken} are taken on {day}"
            raise rules.refusal("staff_member.share", "share", wanted.share, rule)
