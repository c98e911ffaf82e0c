"""The directory of facilities and the list of departments."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from domain.identifiers import IdentifierKind
from domain.kernel import Fact
from domain.organization.events import (
    Address,
    DepartmentClosed,
    DepartmentHeadAppointed,
    DepartmentKind,
    DepartmentMerged,
    DepartmentOpened,
    FacilityClosed,
    FacilityIdentified,
    FacilityIdentifierEnded,
    FacilityKind,
    FacilityLicensed,
    FacilityLicenseEnded,
    FacilityOpened,
    FacilityRelocated,
    FacilityRenamed,
    FacilityReopened,
    FacilitySuspended,
)
from projections.organization import (
    DepartmentStatus,
    FacilityStatus,
    Identifier,
    License,
    department_list,
    facility_directory,
)
from tests.projections.grammar import given

RIVERSIDE, CARDIOLOGY, RADIOLOGY, DR_ADEYEMI = (UUID(int=number) for number in range(1, 5))
NEW_YEAR, FEBRUARY, MARCH = date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)


def opened() -> FacilityOpened:
    return FacilityOpened(
        facility_id=RIVERSIDE,
        legal_name="Riverside Clinic",
        kind=FacilityKind.CLINIC,
        address=Address(
            lines=("1 River Road", "Suite 2"), city="Albany", region="NY", postal_code="12207"
        ),
        zone="America/New_York",
        currency="USD",
        fiscal_year_start=7,
        phone="+1 518 555 0100",
        opened_on=NEW_YEAR,
    )


def identified(value: str, since: date, kind: IdentifierKind = IdentifierKind.NPI) -> Fact:
    return FacilityIdentified(
        facility_id=RIVERSIDE, kind=kind, value=value, valid_from=since, valid_to=None
    )


def no_longer_identified(value: str) -> Fact:
    return FacilityIdentifierEnded(
        facility_id=RIVERSIDE, kind=IdentifierKind.NPI, value=value, ended_on=MARCH
    )


def licensed(since: date, until: date | None = None) -> Fact:
    return FacilityLicensed(
        facility_id=RIVERSIDE,
        license_kind="operating certificate",
        number="4711",
        issuer="NYSDOH",
        valid_from=since,
        valid_to=until,
    )


# --- facilities ----------------------------------------------------------------------------------


def test_a_facility_that_opens_is_in_the_directory_with_its_address_in_parts() -> None:
    given(facility_directory, opened()).shows(
        RIVERSIDE,
        legal_name="Riverside Clinic",
        kind=FacilityKind.CLINIC,
        status=FacilityStatus.OPEN,
        status_since=NEW_YEAR,
        status_reason=None,
        address_lines=("1 River Road", "Suite 2"),
        city="Albany",
        region="NY",
        postal_code="12207",
        country="US",
        zone="America/New_York",
        currency="USD",
        fiscal_year_start=7,
        phone="+1 518 555 0100",
        npi=None,
        licenses=(),
        opened_on=NEW_YEAR,
    )


def test_a_facility_goes_by_its_latest_name_at_its_latest_address() -> None:
    given(
        facility_directory,
        opened(),
        FacilityRenamed(facility_id=RIVERSIDE, legal_name="Lakeside Clinic", renamed_on=FEBRUARY),
        FacilityRelocated(
            facility_id=RIVERSIDE,
            address=Address(lines=("9 Lake Road",), city="Toronto", region="ON", country="CA"),
            zone="America/Toronto",
            relocated_on=FEBRUARY,
        ),
    ).shows(
        RIVERSIDE,
        legal_name="Lakeside Clinic",
        address_lines=("9 Lake Road",),
        city="Toronto",
        region="ON",
        postal_code="",
        country="CA",
        zone="America/Toronto",
    )


def test_a_suspended_facility_tells_since_when_and_why() -> None:
    suspended = FacilitySuspended(facility_id=RIVERSIDE, suspended_on=FEBRUARY, reason="flood")
    given(facility_directory, opened(), suspended).shows(
        RIVERSIDE, status=FacilityStatus.SUSPENDED, status_since=FEBRUARY, status_reason="flood"
    )


def test_a_closed_facility_stays_in_the_directory_and_may_be_reopened() -> None:
    closed = FacilityClosed(facility_id=RIVERSIDE, closed_on=FEBRUARY, reason="merger")
    reopened = FacilityReopened(facility_id=RIVERSIDE, reopened_on=MARCH, reason="demand")
    given(facility_directory, opened(), closed).shows(
        RIVERSIDE, status=FacilityStatus.CLOSED, status_since=FEBRUARY, status_reason="merger"
    )
    given(facility_directory, opened(), closed, reopened).shows(
        RIVERSIDE, status=FacilityStatus.OPEN, status_since=MARCH, status_reason="demand"
    )


@pytest.mark.parametrize("kind", ["npi", "ccn", "clia", "tin"])
def test_an_identifier_stands_in_the_column_of_its_kind(kind: str) -> None:
    one = identified("one", NEW_YEAR, IdentifierKind(kind))
    given(facility_directory, opened(), one).shows(RIVERSIDE, **{kind: "one"})


def test_the_identifier_that_began_last_is_the_current_one() -> None:
    new, old = identified("new", FEBRUARY), identified("old", NEW_YEAR)
    given(facility_directory, opened(), new, old).shows(RIVERSIDE, npi="new")
    given(facility_directory, opened(), old, new).shows(RIVERSIDE, npi="new")


def test_of_identifiers_that_began_together_the_one_recorded_last_is_the_current_one() -> None:
    one, other = identified("one", NEW_YEAR), identified("other", NEW_YEAR)
    given(facility_directory, opened(), one, other).shows(RIVERSIDE, npi="other")


def test_where_the_current_identifier_ends_the_one_before_stands_again() -> None:
    kept = Identifier(kind=IdentifierKind.NPI, value="old", valid_from=NEW_YEAR, valid_to=None)
    given(
        facility_directory,
        opened(),
        identified("old", NEW_YEAR),
        identified("new", FEBRUARY),
        no_longer_identified("new"),
    ).shows(RIVERSIDE, npi="old", identifiers=(kept,))


def test_without_an_identifier_that_nobody_ended_there_is_none() -> None:
    given(
        facility_directory, opened(), identified("one", NEW_YEAR), no_longer_identified("one")
    ).shows(RIVERSIDE, npi=None, identifiers=())


def test_ending_a_renewed_licence_leaves_its_earlier_term() -> None:
    earlier = License(
        kind="operating certificate",
        number="4711",
        issuer="NYSDOH",
        valid_from=NEW_YEAR,
        valid_to=date(2026, 1, 31),
    )
    ended = FacilityLicenseEnded(
        facility_id=RIVERSIDE, issuer="NYSDOH", number="4711", ended_on=MARCH, reason="surrendered"
    )
    given(
        facility_directory,
        opened(),
        licensed(NEW_YEAR, date(2026, 1, 31)),
        licensed(FEBRUARY),
        ended,
    ).shows(RIVERSIDE, licenses=(earlier,))


def test_what_happens_to_a_facility_nobody_opened_shows_nothing() -> None:
    given(facility_directory, identified("one", NEW_YEAR), no_longer_identified("one")).has_no_row(
        RIVERSIDE
    )


# --- departments ---------------------------------------------------------------------------------


def department_opened(**differing: Any) -> DepartmentOpened:
    return DepartmentOpened(
        **{
            "department_id": CARDIOLOGY,
            "facility_id": RIVERSIDE,
            "code": "CARD",
            "title": "Cardiology",
            "kind": DepartmentKind.OUTPATIENT,
            "service_line": "heart",
            "cost_center": "6010",
            "opened_on": NEW_YEAR,
            **differing,
        }
    )


def test_a_department_that_opens_is_on_the_list_without_a_head() -> None:
    given(department_list, department_opened()).shows(
        CARDIOLOGY,
        facility_id=RIVERSIDE,
        code="CARD",
        title="Cardiology",
        kind=DepartmentKind.OUTPATIENT,
        service_line="heart",
        cost_center="6010",
        head_staff_id=None,
        status=DepartmentStatus.OPEN,
        merged_into=None,
        opened_on=NEW_YEAR,
        closed_on=None,
    )


def test_a_department_shows_who_leads_it() -> None:
    appointed = DepartmentHeadAppointed(
        department_id=CARDIOLOGY,
        facility_id=RIVERSIDE,
        staff_id=DR_ADEYEMI,
        appointed_on=FEBRUARY,
    )
    given(department_list, department_opened(), appointed).shows(
        CARDIOLOGY, head_staff_id=DR_ADEYEMI
    )


def test_a_merged_department_tells_where_it_went() -> None:
    merged = DepartmentMerged(
        department_id=CARDIOLOGY,
        facility_id=RIVERSIDE,
        into_department_id=RADIOLOGY,
        merged_on=MARCH,
    )
    given(department_list, department_opened(), merged).shows(
        CARDIOLOGY, status=DepartmentStatus.MERGED, merged_into=RADIOLOGY, closed_on=MARCH
    )


def test_a_closed_department_stays_on_the_list() -> None:
    closed = DepartmentClosed(
        department_id=CARDIOLOGY, facility_id=RIVERSIDE, closed_on=MARCH, reason="demand"
    )
    given(department_list, department_opened(), closed).shows(
        CARDIOLOGY, status=DepartmentStatus.CLOSED, merged_into=None, closed_on=MARCH
    )
