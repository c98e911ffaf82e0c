"""Any list of facilities comes in under a mapping."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.identifiers import IdentifierKind
from domain.kernel import foreign_id
from domain.organization.events import FacilityIdentified, FacilityKind, FacilityOpened
from facilities.exchange.directories import FIELDS, PROFILES, import_facilities
from facilities.exchange.mapping import BadMapping, mapping_from
from facilities.exchange.report import ImportReport, Rejected
from facilities.ledger import Ledger
from facilities.service import Service
from tests.facilities.exchange.exports import CLERK
from tests.grammar import NOW

HARBOR, RIDGE = "1234567893", "1588664007"
MAPPING = {
    "legal_name": "NAME",
    "kind": "TYPE",
    "line": "STREET",
    "line2": "SUITE",
    "city": "CITY",
    "region": "STATE",
    "postal_code": "ZIP",
    "phone": "PHONE",
    "npi": "NPI",
    "ccn": "CCN",
}
HEADER = "NAME,TYPE,STREET,SUITE,CITY,STATE,ZIP,PHONE,NPI,CCN"
GOOD = [
    f"Harbor Clinic,clinic,1 Pier,Suite 2,Portland,ME,04101,2075550100,{HARBOR},",
    f"Ridge Hospital,hospital,9 High St,,Boise,ID,83701,2085550100,{RIDGE},130001",
    "County Home,Nursing Home,,,Guam City,GU,,,,",
]


@dataclass
class Directory:
    """A list of facilities, and where it is imported."""

    file: Path
    ledger: Ledger
    service: Service

    def imports(
        self,
        *rows: str,
        header: str = HEADER,
        mapping: dict[str, str] | None = None,
        **options: Any,
    ) -> ImportReport:
        self.file.write_text("\n".join([header, *rows]) + "\n")
        mapping = MAPPING if mapping is None else mapping
        return import_facilities(self.file, mapping, self.service, self.ledger, CLERK, **options)

    def refuses(self, *rows: str, **options: Any) -> Sequence[Rejected]:
        report = self.imports(*rows, **options)
        assert report == ImportReport(rejected=report.rejected)
        return report.rejected

    def story(self, *name: str) -> list[Any]:
        stream_id = foreign_id("directory/facility", *name)
        return [each.fact for each in self.ledger.load([stream_id])[stream_id]]


@pytest.fixture
def directory(tmp_path: Path, ledger: Ledger, service: Service) -> Directory:
    return Directory(tmp_path / "list.csv", ledger, service)


@pytest.fixture
def unsent(tmp_path: Path, empty_ledger: Ledger) -> Directory:
    return Directory(tmp_path / "list.csv", empty_ledger, Service(empty_ledger, lambda: NOW))


def test_each_row_becomes_a_facility_with_its_identifiers(directory: Directory) -> None:
    report = directory.imports(*GOOD)
    assert (report.facilities, report.rejected) == (3, ())
    assert report.events_appended == directory.ledger.head() == 9
    opened, npi, ccn = directory.story("npi", RIDGE)
    assert isinstance(opened, FacilityOpened)
    assert (opened.legal_name, opened.kind) == ("Ridge Hospital", FacilityKind.HOSPITAL)
    assert (opened.zone, opened.currency) == ("America/Boise", "USD")
    assert opened.address.lines == ("9 High St",)
    assert isinstance(npi, FacilityIdentified)
    assert (npi.kind, npi.value) == (IdentifierKind.NPI, RIDGE)
    assert (ccn.kind, ccn.value) == (IdentifierKind.CCN, "130001")
    assert npi.valid_from == opened.opened_on == date(2026, 3, 14)
    harbor, _ = directory.story("npi", HARBOR)
    assert harbor.address.lines == ("1 Pier", "Suite 2")


def test_what_has_no_number_is_known_by_its_name_and_address(directory: Directory) -> None:
    directory.imports(*GOOD)
    name = ("name", "County Home", "", "", "", "", "", "Guam City", "GU", "")
    (opened,) = directory.story(*name)
    assert (opened.kind, opened.zone) == (FacilityKind.NURSING_HOME, "Pacific/Guam")
    assert opened.opened_on == date(2026, 3, 15)  # it is tomorrow there


def test_the_same_list_on_another_day_adds_nothing(directory: Directory) -> None:
    directory.imports(*GOOD)
    directory.service = Service(directory.ledger, now=lambda: NOW + timedelta(days=3))
    report = directory.imports(*reversed(GOOD))
    assert (report.facilities, report.rejected, report.events_appended) == (3, (), 0)


def test_a_dry_run_tells_and_stores_nothing(unsent: Directory) -> None:
    report = unsent.imports(*GOOD, dry_run=True)
    assert (report.facilities, report.events_appended) == (3, 0)


def test_a_constant_stands_for_every_row_and_a_default_for_empty_cells(
    directory: Directory,
) -> None:
    report = directory.imports(
        "A,Lyon,",
        "B,Lyon,1999-12-31",
        header="n,c,o",
        mapping=mapping_from(
            "legal_name=n city=c kind=:pharmacy country=:FR zone=:Europe/Paris opened_on=o".split(),
            FIELDS,
        ),
        defaults={"opened_on": "2001-01-01", "currency": "EUR"},
    )
    assert report.rejected == ()
    (first,) = directory.story("name", "A", "", "", "", "", "", "Lyon", "", "")
    (second,) = directory.story("name", "B", "", "", "", "", "", "Lyon", "", "")
    assert (first.opened_on, second.opened_on) == (date(2001, 1, 1), date(1999, 12, 31))
    assert (first.kind, first.zone) == (FacilityKind.PHARMACY, "Europe/Paris")
    assert (first.currency, first.address.country) == ("EUR", "FR")


def test_an_id_of_theirs_is_what_a_facility_is_known_by(directory: Directory) -> None:
    mapping = {**MAPPING, "id": "CCN"}
    report = directory.imports(GOOD[1], mapping=mapping)
    assert (report.facilities, report.rejected) == (1, ())
    assert directory.story("id", "list", "130001")[0].legal_name == "Ridge Hospital"
    changed = GOOD[1].replace("Ridge", "Bridge")
    (found,) = directory.imports(changed, mapping=mapping, skip_bad=True).rejected
    assert found.rule == "was imported before with other content"


@pytest.mark.parametrize(
    ("row", "column", "value", "rule"),
    [
        (",clinic,,,X,ME,,,,", "NAME", "", "must not be empty"),
        ("X,spa,,,X,ME,,,,", "TYPE", "spa", "must be one of clinic, home_health, hospice"),
        ("X,,,,X,Maine,,,,", "STATE", "Maine", "must be the two letters of a US state"),
        ("X,,,,X,ME,,,1234567890,", "NPI", "1234567890", "must be ten digits beginning with 1"),
        ("X,,,,X,ME,,,,CA160453", "CCN", "CA160453", "must be six or ten letters and digits"),
        (f"X,,,,X,ME,,,{RIDGE},", "NPI", RIDGE, "is that of line 3 already"),
        ("X,,,,X,ME,,,,130001", "CCN", "130001", "is that of line 3 already"),
        ("County Home,,,,Guam City,GU,,,,", "NAME", "County Home", "is that of line 4 already"),
        (f"X,,{'x' * 101},,X,ME,,,,", "STREET", "x" * 40, "must have 1 to 100 characters"),
        ("X,,,,X,ME,,,", None, None, "has 9 fields where the header has 10"),
    ],
)
def test_a_bad_row_is_named(
    unsent: Directory, row: str, column: str | None, value: str | None, rule: str
) -> None:
    (found,) = unsent.refuses(*GOOD, row)
    assert (found.file, found.line, found.column) == ("list.csv", 5, column)
    assert found.value == value
    assert found.rule.startswith(rule)
    assert unsent.imports(*GOOD, row, skip_bad=True, dry_run=True).facilities == 3


def test_abroad_the_zone_has_to_be_said(unsent: Directory) -> None:
    mapping = {"legal_name": "n", "country": "c", "zone": "z"}
    (first, second) = unsent.refuses("A,DE,", "B,DE,Mars/Olympus", header="n,c,z", mapping=mapping)
    assert "or the zone must be given" in first.rule
    assert (second.column, second.rule) == ("z", "must be an IANA time zone")


def test_a_number_another_facility_bears_in_the_ledger_is_named(directory: Directory) -> None:
    directory.imports(*GOOD)
    report = directory.imports("New,,,,X,ME,,,1992726236,130001", skip_bad=True)
    (found,) = report.rejected
    assert (found.column, found.value) == ("CCN", "130001")
    assert found.rule == "The ccn 130001 is in use. (facility.identifier_in_use)"
    assert report.events_appended == 0


def test_a_list_that_is_none_is_named(unsent: Directory) -> None:
    (found,) = unsent.refuses()
    assert (found.file, found.rule) == ("list.csv", "the file has no rows")
    (found,) = unsent.refuses(*GOOD, mapping={**MAPPING, "tin": "EIN"}, skip_bad=True)
    assert (found.column, found.rule) == ("EIN", "the column is missing")
    unsent.file.unlink()
    report = import_facilities(unsent.file, MAPPING, unsent.service, unsent.ledger, CLERK)
    assert [each.rule for each in report.rejected] == ["the file is missing"]


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["nowhere"], "'nowhere' is no profile"),
        (["legal_name=n", "beds=b"], "facilities have no 'beds'"),
        (["city=c"], "which column is the legal_name"),
        (["legal_name=n", "kind=:spa"], "'spa' is no kind of facility"),
        (["legal_name=n", "zone=:Mars/Olympus"], "no IANA time zone"),
        (["legal_name=n", "opened_on=:soon"], "opened_on must be a day"),
        (["legal_name=n", *["line=l"] * 6], "at most 5 of line"),
    ],
)
def test_what_is_no_mapping_is_said_at_once(words: list[str], complaint: str) -> None:
    with pytest.raises(BadMapping, match=complaint):
        FIELDS.check(mapping_from(words, FIELDS))


def test_words_are_added_to_a_profile_and_win(unsent: Directory) -> None:
    mapping = mapping_from(
        ["cms_hospitals", "line=Address", "line=County Name", "kind=:clinic"], FIELDS
    )
    assert mapping == {
        **PROFILES["cms_hospitals"],
        "line": "Address",
        "line2": "County Name",
        "kind": ":clinic",
    }
    with pytest.raises(BadMapping, match="'beds'"):
        unsent.imports(*GOOD, defaults={"beds": "3"})


# --- real lists ----------------------------------------------------------------------------------


@pytest.mark.real
@pytest.mark.slow
@pytest.mark.parametrize(
    ("file", "profile", "loaded", "turned_away"),
    [
        (
            "us_facilities/hospitals.csv",
            "us_facilities",
            9686,
            {"npi": 858, "provider_num": 132, "clia_lab_number": 2},
        ),
        ("us_facilities/hospice.csv", "us_facilities", 5617, {"npi": 329, "provider_num": 2}),
        (
            "us_facilities/urgent_care_facilities.csv",
            "us_facilities",
            1915,
            {"npi": 26, "provider_num": 2},
        ),
        ("cms_hospitals/Hospital_General_Information.csv", "cms_hospitals", 5326, {}),
    ],
)
def test_real_lists_come_in_but_for_what_is_wrong_in_them(
    real: Callable[[str], Path],
    service: Service,
    ledger: Ledger,
    file: str,
    profile: str,
    loaded: int,
    turned_away: dict[str, int],
) -> None:
    began = time.perf_counter()
    mapping = mapping_from([profile], FIELDS)
    report = import_facilities(real(file), mapping, service, ledger, CLERK, skip_bad=True)
    assert time.perf_counter() - began < loaded / 200  # far from what it takes, far from useless
    assert report.facilities == loaded
    assert Counter(each.column for each in report.rejected) == turned_away
    assert report.events_appended == ledger.head()
