"""Routes of the organization: facilities and departments."""

from domain.organization import department, facility, licensure
from projections.organization import department_list, facility_directory
from projections.scorecards import facility_scorecard
from web.api import Does, Lists, Row, Shows, Sums

FACILITY = "/facilities/<uuid:facility_id>"
DEPARTMENT = "/departments/<uuid:department_id>"

ROUTES: tuple[Row, ...] = (
    Does("/facilities", facility.OpenFacility),
    Does(f"{FACILITY}/name", facility.RenameFacility),
    Does(f"{FACILITY}/address", facility.RelocateFacility),
    Does(f"{FACILITY}/identifiers", licensure.IdentifyFacility),
    Does(f"{FACILITY}/identifier-endings", licensure.EndFacilityIdentifier),
    Does(f"{FACILITY}/licenses", licensure.LicenseFacility),
    Does(f"{FACILITY}/license-endings", licensure.EndFacilityLicense),
    Does(f"{FACILITY}/suspension", facility.SuspendFacility),
    Does(f"{FACILITY}/reopening", facility.ReopenFacility),
    Does(f"{FACILITY}/closure", facility.CloseFacility),
    Does(f"{FACILITY}/departments", department.OpenDepartment),
    Does(f"{DEPARTMENT}/head", department.AppointDepartmentHead),
    Does(f"{DEPARTMENT}/merger", department.MergeDepartment),
    Does(f"{DEPARTMENT}/closure", department.CloseDepartment),
    Lists("/facilities", facility_directory),
    Lists("/system/facilities", facility_directory),
    Shows(FACILITY, facility_directory, "facility_id"),
    Lists(f"{FACILITY}/departments", department_list),
    Lists("/system/departments", department_list),
    Shows(DEPARTMENT, department_list, "department_id"),
    Sums(f"{FACILITY}/scorecard", facility_scorecard),
    Sums("/system/scorecard", facility_scorecard),
    Lists("/system/facility-scorecards", facility_scorecard),
)
