"""Routes of the workforce: the people who work in facilities."""

from domain.workforce import staff_member
from projections.workforce import assignments_ending, staff_directory
from web.api import Does, Lists, Row, Shows

FACILITY = "/facilities/<uuid:facility_id>"
STAFF_MEMBER = "/staff/<uuid:staff_id>"

ROUTES: tuple[Row, ...] = (
    Does(f"{FACILITY}/staff", staff_member.RegisterStaffMember),
    Does(f"{STAFF_MEMBER}/specialty", staff_member.ChangeSpecialty),
    Does(f"{STAFF_MEMBER}/assignments", staff_member.AssignStaffMember),
    Does(f"{STAFF_MEMBER}/assignment-endings", staff_member.EndAssignment),
    Does(f"{STAFF_MEMBER}/separation", staff_member.SeparateStaffMember),
    Lists(f"{FACILITY}/staff", staff_directory),
    Lists("/system/staff", staff_directory),
    Shows(f"{FACILITY}/staff/<uuid:staff_id>", staff_directory, "staff_id"),
    Lists(f"{FACILITY}/assignments-ending", assignments_ending),
    Lists("/system/assignments-ending", assignments_ending),
)
