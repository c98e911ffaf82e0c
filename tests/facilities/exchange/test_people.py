"""Lists of people, and of what they hold, come in from CSV files and workbooks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from domain.identifiers import IdentifierKind
from domain.organization.department import OpenDepartment
from domain.organization.events import FacilityKind
from domain.organization.facility import IdentifyFacility, OpenFacility
from domain.workforce.credential import Credentials, credential
from domain.workforce.events.held import CredentialStatus, credentials_of
from domain.workforce.staff_member import StaffMember, staff_member
from facilities.exchange.credentials import import_credentials
from facilities.exchange.mapping import BadMapping
from facilities.exchange.references import staff_id_of
from facilities.exchange.report import ImportReport
from facilities.exchange.staff import import_staff
from facilities.exchange.tables import Unreadable
from facilities.ledger import Ledger
from facilities.service import Context, Service, new_id
from tests.domain.places import AN_NPI, CARDIOLOGY, RIVERSIDE
from tests.facilities.exchange.exports import CLERK
from tests.facilities.exchange.workbook import Value, write

HOUSE_NPI = "1588664007"
STAFF = ["id", "full_name", "job", "facility", "registered_on", "department", "share", "npi"]
CREDENTIALS = ["staff", "kind", "issuer", "number", "state", "valid_from", "valid_to"]
VERIFIED = [*CREDENTIALS, "verified_on", "verified_by", "source"]
NURSE: list[Value] = [
    "E7",
    "Staff Member 7",
    "registered nurse",
    HOUSE_NPI,
    date(2024, 1, 8),
    "CARD",
    "80%",
]
LICENSE: list[Value] = [
    "E7",
    "License",
    "Board of Nursing",
    "7A",
    "NY",
    date(2024, 1, 1),
    date(2026, 1, 1),
]


@dataclass
class House:
    """Riverside, with a department, and a folder where its tables are."""

    folder: Path
    ledger: Ledger
    service: Service

    def staff(self, *rows: list[Value], header: Sequence[str] = STAFF, **more: Any) -> ImportReport:
        file = write(self.folder / "staff.xlsx", [header, *rows])
        mapping = more.pop("mapping", {})
        return import_staff(file, mapping, self.service, self.ledger, CLERK, **more)

    def credentials(
        self, *rows: list[Value], header: Sequence[str] = CREDENTIALS, **more: Any
    ) -> ImportReport:
        file = write(self.folder / "credentials.xlsx", [header, *rows])
        return import_credentials(file, {}, self.service, self.ledger, CLERK, **more)

    def person(self, called: str = "E7") -> StaffMember:
        stream_id = staff_id_of("hr", called)
        return staff_member.fold(each.fact for each in self.ledger.load([stream_id])[stream_id])

    def file(self, called: str = "E7") -> Credentials:
        stream_id = credentials_of(staff_id_of("hr", called))
        return credential.fold(each.fact for each in self.ledger.load([stream_id])[stream_id])


@pytest.fixture
def house(tmp_path: Path, ledger: Ledger, service: Service) -> House:
    opened = OpenFacility(
        facility_id=RIVERSIDE,
        legal_name="Riverside",
        kind=FacilityKind.HOSPITAL,
        zone="America/New_York",
        opened_on=date(2020, 1, 1),
    )
    identified = IdentifyFacility(
        facility_id=RIVERSIDE,
        kind=IdentifierKind.NPI,
        value=HOUSE_NPI,
        valid_from=date(2020, 1, 1),
    )
    department = OpenDepartment(
        department_id=CARDIOLOGY,
        facility_id=RIVERSIDE,
        code="CARD",
        title="Cardiology",
        opened_on=date(2020, 1, 1),
    )
    for command in (opened, identified, department):
        service.execute(command, Context(actor=CLERK, command_id=new_id()))
    return House(tmp_path, ledger, service)


def test_a_workbook_of_people_becomes_staff_in_their_departments(house: House) -> None:
    report = house.staff(
        [*NURSE, AN_NPI], ["E8", "Staff Member 8", "clerk", str(RIVERSIDE), "2025-02-01"]
    )
    assert (report.rejected, report.staff) == ((), 2)
    nurse = house.person()
    assert (nurse.facility_id, nurse.npi) == (RIVERSIDE, AN_NPI)
    (assignment,) = nurse.assignments
    assert (assignment.department_id, assignment.share) == (CARDIOLOGY, 80)
    (whole,) = house.person("E8").assignments
    assert (whole.department_id, whole.share) == (None, 100)
    again = house.staff([*NURSE, AN_NPI])
    assert (again.rejected, again.staff, again.events_appended) == ((), 1, 0)


def test_columns_are_mapped_where_they_are_called_otherwise(house: House) -> None:
    header = ["No", "Name", "Title", "Start"]
    report = house.staff(
        ["E7", "Staff Member 7", "clerk", "2024-01-08"],
        header=header,
        mapping={
            "id": "No",
            "full_name": "Name",
            "job": "Title",
            "registered_on": "Start",
            "facility": f":{HOUSE_NPI}",
        },
    )
    assert (report.rejected, house.person().job) == ((), "clerk")
    with pytest.raises(BadMapping, match="which column is the id"):
        house.staff(["E7"], header=["Name"])
    with pytest.raises(Unreadable, match="the file is empty"):
        house.staff(header=())


@pytest.mark.parametrize(
    ("place", "cell", "column", "rule"),
    [
        (0, None, "id", "must not be empty"),
        (3, "1234567894", "facility", "names no facility"),
        (3, "Riverside", "facility", "names no facility"),
        (4, "soon", "registered_on", "must be a day such as 2023-01-27"),
        (5, "LAB", "department", "is no department's code there"),
        (6, "most", "share", "must be a whole percentage, such as 80"),
        (6, "0", "share", "must be from 1 to 100 (staff_member.share)"),
        (7, "1234567894", "npi", "(staff_member.npi)"),
    ],
)
def test_a_bad_row_is_turned_away_with_its_column_and_rule(
    house: House, place: int, cell: Value, column: str, rule: str
) -> None:
    row: list[Value] = [*NURSE, AN_NPI]
    row[place] = cell
    head = house.ledger.head()
    report = house.staff(row)
    (rejected,) = report.rejected
    assert (rejected.file, rejected.line, rejected.column) == ("staff.xlsx", 2, column)
    assert rule in rejected.rule
    assert house.ledger.head() == head


def test_what_is_said_of_a_name_is_not_repeated(house: House) -> None:
    (rejected,) = house.staff(["E7", "x" * 300, *NURSE[2:], None]).rejected
    assert (rejected.column, rejected.value) == ("full_name", None)


def test_credentials_go_into_the_files_of_those_who_hold_them(house: House) -> None:
    house.staff([*NURSE, AN_NPI])
    confirmed: list[Value] = [*LICENSE, date(2026, 1, 5), "Medical staff office", "Nursys"]
    card: list[Value] = [
        AN_NPI,
        "life support",
        "American Heart Association",
        None,
        None,
        "2025-06-01",
    ]
    report = house.credentials(confirmed, card, header=VERIFIED)
    assert (report.rejected, report.credentials) == ((), 2)
    license_, card_ = sorted(house.file().held, key=lambda each: each.kind)
    assert (license_.number, license_.status) == ("7A", CredentialStatus.ACTIVE)
    assert (card_.latest.valid_to, card_.status) == (None, CredentialStatus.PENDING)
    assert house.credentials(confirmed, card, header=VERIFIED).events_appended == 0


def test_a_later_term_renews_what_is_on_file_in_one_list_or_in_the_next(house: House) -> None:
    house.staff([*NURSE, AN_NPI])
    second: list[Value] = [*LICENSE[:5], date(2026, 1, 2), date(2028, 1, 1)]
    third: list[Value] = [*LICENSE[:5], date(2028, 1, 2), date(2030, 1, 1)]
    assert house.credentials(second, LICENSE).rejected == ()
    assert house.credentials(third).rejected == ()
    (held,) = house.file().held
    assert [each.valid_to for each in held.terms] == [
        date(2026, 1, 1),
        date(2028, 1, 1),
        date(2030, 1, 1),
    ]


@pytest.mark.parametrize(
    ("place", "cell", "column", "rule"),
    [
        (0, "E9", "staff", "names nobody who is registered"),
        (0, str(UUID(int=5)), "staff", "names nobody who is registered"),
        (1, "diploma", "kind", "must be one of license"),
        (3, None, "number", "(credential.number)"),
        (4, "New York", "state", "(credential.state)"),
        (5, None, "valid_from", "must not be empty"),
        (6, "2020-01-01", "valid_to", "(credential.date_order)"),
    ],
)
def test_a_bad_credential_is_turned_away_with_its_column_and_rule(
    house: House, place: int, cell: Value, column: str, rule: str
) -> None:
    house.staff([*NURSE, AN_NPI])
    row: list[Value] = [*LICENSE]
    row[place] = cell
    (rejected,) = house.credentials(row).rejected
    assert (rejected.line, rejected.column) == (2, column)
    assert rule in rejected.rule


def test_a_verification_says_by_whom_and_where(house: House) -> None:
    house.staff([*NURSE, AN_NPI])
    (rejected,) = house.credentials([*LICENSE, date(2026, 1, 5)], header=VERIFIED).rejected
    assert (rejected.column, rejected.rule) == ("verified_by", "must not be empty")


def test_a_dry_run_stores_nothing_and_skipping_leaves_out_the_bad(house: House) -> None:
    head = house.ledger.head()
    report = house.staff([*NURSE, AN_NPI], dry_run=True)
    assert (report.staff, house.ledger.head()) == (1, head)
    bad: list[Value] = ["E8", "Staff Member 8", "clerk", "nowhere", "2024-01-08"]
    report = house.staff([*NURSE, AN_NPI], bad, skip_bad=True)
    assert (report.staff, len(report.rejected)) == (1, 1)


def test_a_list_without_rows_says_so(house: House) -> None:
    for report in (house.staff(), house.credentials()):
        assert [each.rule for each in report.rejected] == ["the file has no rows"]
