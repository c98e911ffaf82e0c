"""Somebody of the staff, and where they are assigned: what the tests of both are told with."""

from __future__ import annotations

from datetime import date

from domain.kernel import Entail
from domain.workforce.absence import EndSchedule
from domain.workforce.assignment import AssignStaffMember, EndAssignment
from domain.workforce.credentialing import CloseCredentialFile
from domain.workforce.events.staff import (
    Assignment,
    SeparationReason,
    StaffMemberAssigned,
    StaffMemberAssignmentEnded,
    StaffMemberFact,
    StaffMemberRegistered,
    StaffMemberSeparated,
)
from domain.workforce.staff_member import (
    RegisterStaffMember,
    SeparateStaffMember,
    StaffMember,
)
from tests.domain.places import (
    CARDIOLOGY,
    DR_ADEYEMI,
    FEBRUARY_1,
    HILLTOP,
    MARCH_1,
    NEW_YEAR,
    RADIOLOGY,
    RIVERSIDE,
    hilltop_is_open,
    riverside_is_open,
)
from tests.grammar import Given, an_open, given

JANUARY_31 = date(2026, 1, 31)


FEBRUARY_28 = date(2026, 2, 28)


registering = RegisterStaffMember(
    staff_id=DR_ADEYEMI,
    facility_id=RIVERSIDE,
    full_name="Ngozi Adeyemi",
    job="Physician",
    registered_on=NEW_YEAR,
)


registered = StaffMemberRegistered(
    staff_id=DR_ADEYEMI,
    facility_id=RIVERSIDE,
    full_name="Ngozi Adeyemi",
    job="Physician",
    specialty=None,
    npi=None,
    registered_on=NEW_YEAR,
)


at_home = Assignment(
    facility_id=RIVERSIDE,
    department_id=CARDIOLOGY,
    share=60,
    valid_from=NEW_YEAR,
    valid_to=None,
)


on_the_hill = Assignment(
    facility_id=HILLTOP,
    department_id=None,
    share=40,
    valid_from=FEBRUARY_1,
    valid_to=None,
)


def assigning(assignment: Assignment) -> AssignStaffMember:
    return AssignStaffMember(
        staff_id=DR_ADEYEMI,
        facility_id=assignment.facility_id,
        department_id=assignment.department_id,
        share=assignment.share,
        valid_from=assignment.valid_from,
        valid_to=assignment.valid_to,
    )


def assigned(assignment: Assignment) -> StaffMemberAssigned:
    return StaffMemberAssigned(
        staff_id=DR_ADEYEMI,
        facility_id=RIVERSIDE,
        assignment=assignment,
        full_name="Ngozi Adeyemi",
        job="Physician",
        specialty=None,
        npi=None,
    )


def ending(assignment: Assignment, ended_on: date = MARCH_1) -> EndAssignment:
    return EndAssignment(
        staff_id=DR_ADEYEMI,
        facility_id=assignment.facility_id,
        department_id=assignment.department_id,
        ended_on=ended_on,
    )


def ended(
    assignment: Assignment, *, still_there: bool = False, still_at_facility: bool
) -> StaffMemberAssignmentEnded:
    return StaffMemberAssignmentEnded(
        staff_id=DR_ADEYEMI,
        facility_id=RIVERSIDE,
        assignment=assignment,
        ended_on=MARCH_1,
        still_there=still_there,
        still_at_facility=still_at_facility,
    )


separating = SeparateStaffMember(
    staff_id=DR_ADEYEMI, separated_on=MARCH_1, reason=SeparationReason.RETIREMENT
)


closing = Entail(CloseCredentialFile(staff_id=DR_ADEYEMI, closed_on=MARCH_1))
freeing = Entail(EndSchedule(staff_id=DR_ADEYEMI, ended_on=MARCH_1))


separated = StaffMemberSeparated(
    staff_id=DR_ADEYEMI,
    facility_id=RIVERSIDE,
    separated_on=MARCH_1,
    reason=SeparationReason.RETIREMENT,
    facility_ids=(RIVERSIDE,),
    assignments=(),
)


def adeyemi(*facts: StaffMemberFact) -> Given:
    """Dr. Adeyemi, registered, in a world where everything is open."""
    return given(StaffMember, registered, *facts).knowing(
        riverside_is_open(),
        hilltop_is_open(),
        an_open("department", CARDIOLOGY, facility_id=RIVERSIDE),
        an_open("department", RADIOLOGY, facility_id=RIVERSIDE),
    )
