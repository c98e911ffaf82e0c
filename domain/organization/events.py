"""The story of the organization: facilities open, are identified and licensed, and close;
departments open inside them, merge and close.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from domain.identifiers import IdentifierKind
from domain.kernel import Fact, fact


class FacilityKind(StrEnum):
    """What a facility does."""

    HOSPITAL = "hospital"
    CLINIC = "clinic"
    PRACTICE = "practice"
    URGENT_CARE = "urgent_care"
    SURGERY_CENTER = "surgery_center"
    NURSING_HOME = "nursing_home"
    HOSPICE = "hospice"
    HOME_HEALTH = "home_health"
    LABORATORY = "laboratory"
    PHARMACY = "pharmacy"
    WAREHOUSE = "warehouse"
    OFFICE = "office"


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A postal address. `region` is the state or province, `country` an ISO 3166-1 alpha-2 code."""

    lines: tuple[str, ...] = ()
    city: str = ""
    region: str = ""
    postal_code: str = ""
    country: str = "US"


@fact("facility.opened", effective="opened_on")
class FacilityOpened(Fact):
    """A facility begins to work. `fiscal_year_start` is the month (1-12) its fiscal year begins."""

    facility_id: UUID
    legal_name: str
    kind: FacilityKind
    address: Address
    zone: str
    currency: str
    fiscal_year_start: int
    phone: str | None
    opened_on: date


@fact("facility.renamed", effective="renamed_on")
class FacilityRenamed(Fact):
    """A facility goes by another legal name."""

    facility_id: UUID
    legal_name: str
    renamed_on: date


@fact("facility.relocated", effective="relocated_on")
class FacilityRelocated(Fact):
    """A facility moves; its zone may change with it."""

    facility_id: UUID
    address: Address
    zone: str
    relocated_on: date


@fact("facility.identified", effective="valid_from")
class FacilityIdentified(Fact):
    """An issuer's identifier stands for the facility in a period (both days included)."""

    facility_id: UUID
    kind: IdentifierKind
    value: str
    valid_from: date
    valid_to: date | None


@fact("facility.identifier_ended", effective="ended_on")
class FacilityIdentifierEnded(Fact):
    """An identifier stops standing for the facility; `ended_on` is its last day."""

    facility_id: UUID
    kind: IdentifierKind
    value: str
    ended_on: date


@fact("facility.licensed", effective="valid_from")
class FacilityLicensed(Fact):
    """An authority licenses the facility for a period (both days included)."""

    facility_id: UUID
    license_kind: str
    number: str
    issuer: str
    valid_from: date
    valid_to: date | None


@fact("facility.license_ended", effective="ended_on")
class FacilityLicenseEnded(Fact):
    """A licence ends before its time (surrendered, revoked); `ended_on` is its last day."""

    facility_id: UUID
    issuer: str
    number: str
    ended_on: date
    reason: str


@fact("facility.suspended", effective="suspended_on")
class FacilitySuspended(Fact):
    """A facility takes no new work until it is reopened."""

    facility_id: UUID
    suspended_on: date
    reason: str


@fact("facility.reopened", effective="reopened_on")
class FacilityReopened(Fact):
    """A suspended or closed facility works again."""

    facility_id: UUID
    reopened_on: date
    reason: str


@fact("facility.closed", effective="closed_on")
class FacilityClosed(Fact):
    """A facility stops working."""

    facility_id: UUID
    closed_on: date
    reason: str


FacilityFact = (
    FacilityOpened
    | FacilityRenamed
    | FacilityRelocated
    | FacilityIdentified
    | FacilityIdentifierEnded
    | FacilityLicensed
    | FacilityLicenseEnded
    | FacilitySuspended
    | FacilityReopened
    | FacilityClosed
)


class DepartmentKind(StrEnum):
    """What a department is for, as cost reports group departments (after CMS-2552-10)."""

    INPATIENT = "inpatient"
    OUTPATIENT = "outpatient"
    EMERGENCY = "emergency"
    ANCILLARY = "ancillary"
    SUPPORT = "support"
    ADMINISTRATION = "administration"


@fact("department.opened", effective="opened_on")
class DepartmentOpened(Fact):
    """A department begins to work inside a facility. `code` is what the facility calls it."""

    department_id: UUID
    facility_id: UUID
    code: str
    title: str
    kind: DepartmentKind
    service_line: str | None
    cost_center: str | None
    opened_on: date


@fact("department.head_appointed", effective="appointed_on")
class DepartmentHeadAppointed(Fact):
    """A staff member leads the department from a day on."""

    department_id: UUID
    facility_id: UUID
    staff_id: UUID
    appointed_on: date


@fact("department.merged", effective="merged_on")
class DepartmentMerged(Fact):
    """A department goes up in another one of the same facility and takes no new work."""

    department_id: UUID
    facility_id: UUID
    into_department_id: UUID
    merged_on: date


@fact("department.closed", effective="closed_on")
class DepartmentClosed(Fact):
    """A department stops working."""

    department_id: UUID
    facility_id: UUID
    closed_on: date
    reason: str


DepartmentFact = DepartmentOpened | DepartmentHeadAppointed | DepartmentMerged | DepartmentClosed
