"""Tables are read cell by cell; and what codes and zones are guessed from."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

import pytest

from facilities.exchange.codes import coded
from facilities.exchange.report import ImportReport, in_silence
from facilities.exchange.tables import BadRow, Row, Table, Unreadable
from facilities.exchange.zones import ZONES


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "table.csv"


def row_of(file: Path, *cells: str) -> Row:
    """The row of these cells, under the columns A, B, C."""
    columns = ["A", "B", "C"][: len(cells)]
    file.write_text(",".join(columns) + "\n" + ",".join(cells) + "\n")
    (row,) = Table(file, columns)
    return row


@pytest.mark.parametrize(
    ("cell", "amount"),
    [("77.49", "77.49"), ("0", "0.00"), ("77.4900", "77.49"), ("007", "7.00"), (" 5 ", "5.00")],
)
def test_an_amount_has_the_places_of_its_currency(file: Path, cell: str, amount: str) -> None:
    assert str(row_of(file, cell).amount("A", "USD")) == amount


def test_an_empty_amount_is_none_and_no_zero(file: Path) -> None:
    assert row_of(file, "", "1").amount("A", "USD") is None


@pytest.mark.parametrize(
    ("cell", "instant"),
    [
        ("2023-01-27T16:17:47Z", datetime(2023, 1, 27, 16, 17, 47, tzinfo=UTC)),
        ("2023-01-27T16:17Z", datetime(2023, 1, 27, 16, 17, tzinfo=UTC)),
        ("2023-01-27T16:17:47.5+02:00", datetime(2023, 1, 27, 14, 17, 47, 500000, tzinfo=UTC)),
    ],
)
def test_an_instant_is_in_utc(file: Path, cell: str, instant: datetime) -> None:
    assert row_of(file, cell).instant("A") == instant


@pytest.mark.parametrize("cell", ["2023-01-27", "2023-01-27T16:17:47", "20230127T161747Z", "1"])
def test_an_instant_without_its_zone_is_none(file: Path, cell: str) -> None:
    with pytest.raises(BadRow, match="must be an instant"):
        row_of(file, cell).instant("A")


def test_a_day_is_taken_as_it_is_and_an_instant_where_it_was(file: Path) -> None:
    row = row_of(file, "2023-02-01", "2023-02-01T03:00:00Z")
    assert row.day("A", ZoneInfo("America/Los_Angeles")) == date(2023, 2, 1)
    assert row.day("B", ZoneInfo("America/Los_Angeles")) == date(2023, 1, 31)


def test_a_uuid_is_spelled_as_it_should_be(file: Path) -> None:
    row = row_of(
        file, "5E766F2B-E908-3888-9FC7-DF2CB87BEB58", "{5e766f2b-e908-3888-9fc7-df2cb87beb58}"
    )
    assert row.uuid("A") == "5e766f2b-e908-3888-9fc7-df2cb87beb58"
    with pytest.raises(BadRow, match="must be a UUID"):
        row.uuid("B")


def test_a_quoted_cell_may_have_commas_quotes_and_lines(file: Path) -> None:
    file.write_text('A,B\n"one, ""two""\nthree",x\n4,5\n')
    first, second = Table(file, ["A"])
    assert first.text("A") == 'one, "two"\nthree'
    assert (first.line, second.line) == (2, 4)


def test_a_column_nobody_asks_for_may_be_there_twice(file: Path) -> None:
    file.write_text("A,note,note\n1,2,3\n")
    (row,) = Table(file, ["A"])
    row.whole()
    assert row.text("A") == "1"


def test_a_column_that_is_needed_may_not_be_there_twice(file: Path) -> None:
    file.write_text("A,A\n1,2\n")
    with pytest.raises(Unreadable, match="the column is there twice"):
        list(Table(file, ["A"]))


def test_a_header_that_is_no_text_is_no_header(file: Path) -> None:
    file.write_bytes("A,B\n".encode("utf-16"))
    with pytest.raises(Unreadable, match="is not UTF-8 at byte 1 of line 1"):
        list(Table(file, ["A"]))


def test_a_folder_is_no_table(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="cannot be opened: Is a directory"):
        list(Table(tmp_path, ["A"]))


def test_what_is_private_is_not_repeated(file: Path) -> None:
    file.write_text("A,B\nAda,Boston\n")
    (row,) = Table(file, ["A", "B"], private=["A"])
    assert row.bad("A", "is wrong").rejected.value is None
    assert row.bad("B", "is wrong").rejected.value == "Boston"


@pytest.mark.parametrize(
    ("value", "system"),
    [
        ("162673000", "SNOMED-CT"),
        ("444814009", "SNOMED-CT"),
        ("162673001", "RxNorm"),  # the check digit is another
        ("308192", "RxNorm"),
        ("140", "CVX"),
        ("08", "CVX"),
        ("99213-X", "Synthea"),
        ("٣٠٨١٩٢", "Synthea"),
    ],
)
def test_a_codes_system_is_told_from_its_digits(value: str, system: str) -> None:
    assert (coded(value).system, coded(value).value) == (system, value)


def test_every_state_has_a_zone_there_is() -> None:
    assert len(ZONES) == 56
    assert set(ZONES.values()) <= available_timezones()


def test_a_report_of_nothing_is_all_zero() -> None:
    told = ImportReport().to_json()
    assert (told["charges"], told["claims"], told["rejected"]) == ("0.00", 0, [])
    assert ImportReport(balance=Decimal("-1.5")).to_json()["balance"] == "-1.50"
    in_silence("reading", 0, 0)
