"""Lists of people, and of what they hold, come in from CSV files and workbooks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from domain.identifiers import IdentifierKind
from domain.organization.department import OpenDepartment
from domain.organization.events import FacilityKind
from domain.organization.facility import OpenFacility
from domain.organization.licensure import IdentifyFacility
from domain.workforce.credential import Credentials, credential
from domain.workforce.events.attendance import timesheet_of
from domain.workforce.events.held import CredentialStatus, credentials_of
from domain.workforce.staff_member import StaffMember, staff_member
from domain.workforce.timesheet import Timesheet, timesheet
from facilities.exchange.attendance import import_attendance
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

HOURS = ["staff", "came_at", "left_at", "facility", "department", "job"]
WORKED: list[Value] = [
    "E7",
    "2026-01-05 19:00",
    datetime(2026, 1, 6, 7, 15),  # noqa: DTZ001 - as a workbook has it, by the clock on the wall
    HOUSE_NPI,
    "CARD",
    "registered nurse",
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

    def attendance(
        self, *rows: list[Value], header: Sequence[str] = HOURS, **more: Any
    ) -> ImportReport:
        file = write(self.folder / "hours.xlsx", [header, *rows])
        return import_attendance(file, {}, self.service, self.ledger, CLERK, **more)

    def open_department(self, code: str) -> None:
        """Another department of Riverside."""
        opening = OpenDepartment(
            department_id=new_id(),
            facility_id=RIVERSIDE,
            code=code,
            title=code,
            opened_on=date(2020, 1, 1),
        )
        self.service.execute(opening, Context(actor=CLERK, command_id=new_id()))

    def open_facility(self) -> str:
        """A clinic beside Riverside; its id."""
        opening = OpenFacility(
            facility_id=new_id(),
            legal_name="Hilltop",
            kind=FacilityKind.CLINIC,
            zone="America/New_York",
            opened_on=date(2020, 1, 1),
        )
        self.service.execute(opening, Context(actor=CLERK, command_id=new_id()))
        return str(opening.facility_id)

    def timesheet(self, called: str = "E7") -> Timesheet:
        stream_id = timesheet_of(RIVERSIDE, staff_id_of("hr", called))
        return timesheet.fold(each.fact for each in self.ledger.load([stream_id])[stream_id])

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


def test_what_a_list_says_otherwise_of_who_is_known_brings_them_up_to_date(house: House) -> None:
    house.staff(NURSE)
    header = [*STAFF, "specialty"]
    told: list[Value] = ["E7", "Staff Member Seven", "charge nurse", *NURSE[3:], AN_NPI, "cardiac"]
    foreseen = house.staff(told, header=header, dry_run=True)
    assert house.person().job == "registered nurse"
    assert [(each.column, each.was, each.becomes) for each in foreseen.changes] == [
        ("full_name", None, None),
        ("job", "registered nurse", "charge nurse"),
        ("specialty", None, "cardiac"),
        ("npi", None, AN_NPI),
    ]
    assert {each.line for each in foreseen.changes} == {2}
    done = house.staff(told, header=header)
    assert (done.changes, done.staff) == (foreseen.changes, 1)
    nurse = house.person()
    assert (nurse.full_name, nurse.job) == ("Staff Member Seven", "charge nurse")
    assert (nurse.specialty, nurse.npi) == ("cardiac", AN_NPI)
    again = house.staff(told, header=header)
    assert (again.changes, again.events_appended, again.rejected) == ((), 0, ())
    # What a list leaves open stays as it is, and what is said again another day counts again.
    back = house.staff([*told[:2], *NURSE[2:]])
    assert [(each.column, each.becomes) for each in back.changes] == [("job", "registered nurse")]
    assert house.staff(told, header=header).changes[0].becomes == "charge nurse"
    assert house.person().specialty == "cardiac"


def test_who_works_elsewhere_or_less_by_a_list_is_assigned_anew_since_a_day(house: House) -> None:
    house.staff(NURSE)
    house.open_department("ICU")
    header = [*STAFF, "changed_on"]
    moved: list[Value] = [*NURSE[:5], "ICU", "50%", None, date(2025, 3, 1)]
    report = house.staff(moved, header=header)
    assert [(each.column, each.was, each.becomes) for each in report.changes] == [
        ("department", "CARD", "ICU"),
        ("share", "80", "50"),
    ]
    first, second = house.person().assignments
    assert (first.department_id, first.valid_to) == (CARDIOLOGY, date(2025, 2, 28))
    assert (second.share, second.valid_from) == (50, date(2025, 3, 1))
    assert house.staff(moved, header=header).events_appended == 0
    assert house.staff([*NURSE[:5], None, None, None]).events_appended == 0
    more: list[Value] = [*NURSE[:5], None, "60%", None]
    assert [each.becomes for each in house.staff(more).changes] == ["60"]
    assert house.person().assignments[-1].department_id == second.department_id


def test_what_does_not_change_of_somebody_is_turned_away(house: House) -> None:
    house.staff([*NURSE, AN_NPI])
    another = house.open_facility()
    for place, cell, column, rule in (
        (3, another, "facility", "is not their home, which stays the same"),
        (4, date(2024, 1, 9), "registered_on", "is not their first day, which was 2024-01-08"),
        (7, HOUSE_NPI, "npi", "(staff_member.npi_known)"),
    ):
        row: list[Value] = [*NURSE[:5], None, None, AN_NPI]
        row[place] = cell
        (rejected,) = house.staff(row).rejected
        assert (rejected.column, rejected.rule.endswith(rule)) == (column, True)


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


def test_a_credential_on_file_is_brought_up_to_date_by_the_list(house: House) -> None:
    house.staff([*NURSE, AN_NPI])
    checked: list[Value] = [date(2026, 1, 5), "Medical staff office", "Nursys"]
    house.credentials([*LICENSE, *checked], header=VERIFIED)
    longer: list[Value] = [*LICENSE[:6], date(2026, 2, 1), *checked]
    foreseen = house.credentials(longer, header=VERIFIED, dry_run=True)
    done = house.credentials(longer, header=VERIFIED)
    assert foreseen.changes == done.changes
    assert [(each.column, each.was, each.becomes) for each in done.changes] == [
        ("valid_to", "2026-01-01", "2026-02-01"),
        ("verified_on", "2026-01-05", "2026-01-05"),
    ]
    (held,) = house.file().held
    assert (held.latest.valid_to, held.status) == (date(2026, 2, 1), CredentialStatus.ACTIVE)
    later: list[Value] = [*LICENSE[:6], None, date(2026, 1, 9), *checked[1:]]
    (again,) = house.credentials(later, header=VERIFIED).changes
    assert (again.column, again.becomes) == ("verified_on", "2026-01-09")
    for known in (longer, later):
        assert house.credentials(known, header=VERIFIED).events_appended == 0


def test_a_term_that_a_later_one_follows_stands(house: House) -> None:
    house.staff([*NURSE, AN_NPI])
    second: list[Value] = [*LICENSE[:5], date(2026, 1, 2), date(2028, 1, 1)]
    house.credentials(LICENSE, second)
    assert house.credentials(LICENSE, second).events_appended == 0
    for place, cell, column in (
        (6, date(2025, 12, 31), "valid_to"),
        (5, date(2024, 6, 1), "valid_from"),
    ):
        (rejected,) = house.credentials([*LICENSE[:place], cell, *LICENSE[place + 1 :]]).rejected
        assert rejected.column == column


def test_hours_that_cannot_be_are_turned_away_by_name(house: House) -> None:
    house.staff(NURSE)
    no_moment = "must be a day and a time such as 2026-01-05 07:00"
    wrong: list[tuple[int, Value, str, str]] = [
        (0, "E9", "staff", "names nobody who is registered"),
        (1, "yesterday", "came_at", no_moment),
        (1, "2026-13-05 07:00", "came_at", no_moment),
        (2, "2026-03-08 02:30", "left_at", "skipped by the clocks in America/New_York that night"),
        (2, "2026-01-05 18:00", "left_at", "(timesheet.left_at)"),
        (3, "nowhere", "facility", "names no facility"),
        (4, "XRAY", "department", "is no department's code there"),
        (5, None, "job", "name the department and the job. (timesheet.unscheduled)"),
    ]
    rows = [[*WORKED[:place], cell, *WORKED[place + 1 :]] for place, cell, _, _ in wrong]
    rejected = house.attendance(*rows).rejected
    assert [(each.line, each.column) for each in rejected] == [
        (line, column) for line, (_, _, column, _) in enumerate(wrong, 2)
    ]
    for each, (_, _, _, rule) in zip(rejected, wrong, strict=True):
        assert each.rule.endswith(rule)


def test_days_without_a_time_are_no_hours_and_nobody_is_at_work_twice(house: House) -> None:
    house.staff(NURSE)
    days: list[Value] = ["E7", "2026-01-05", "2026-01-06", *WORKED[3:]]
    assert house.attendance(days).rejected[0].column == "came_at"
    again: list[Value] = ["E7", "2026-01-06 07:00", "2026-01-06 08:00", *WORKED[3:]]
    (twice,) = house.attendance(WORKED, again).rejected
    assert (twice.line, twice.rule.endswith("(timesheet.overlap)")) == (3, True)
    assert house.attendance(header=HOURS).rejected[0].rule == "the file has no rows"
