"""A workbook is read as the CSV it might have been; what is none is told so."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from facilities.exchange.tables import BadRow, Row, Table, Unreadable
from facilities.exchange.workbooks import Cell, text_of
from tests.facilities.exchange.workbook import Value, write


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "table.xlsx"


def row_of(file: Path, *cells: Value) -> Row:
    """The row of these cells, under the columns A, B, C."""
    columns = ["A", "B", "C"][: len(cells)]
    (row,) = Table(write(file, [columns, cells]), columns)
    return row


def test_a_cell_says_what_is_meant_however_it_is_stored(file: Path) -> None:
    row = row_of(file, 77.49, 1234567893, date(2026, 3, 14))
    assert row.amount("A", "USD") == Decimal("77.49")
    assert row.text("B") == "1234567893"
    assert row.day("C", UTC) == date(2026, 3, 14)


def test_text_stays_text_with_its_zeros_and_lines(file: Path) -> None:
    row = row_of(file, "02115", 'one, "two"\nthree', True)
    assert [row.text(each) for each in "ABC"] == ["02115", 'one, "two"\nthree', "true"]


def test_an_instant_in_a_workbook_has_no_zone_and_is_none(file: Path) -> None:
    row = row_of(file, datetime.fromisoformat("2026-03-14T15:30:00"))
    assert row.text("A") == "2026-03-14T15:30:00"
    with pytest.raises(BadRow, match="must be an instant"):
        row.instant("A")


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (1e21, "1" + "0" * 21),
        (1e-07, "0.0000001"),
        (100.0, "100"),
        (-0.5, "-0.5"),
        (float("nan"), ""),
        (False, "false"),
        (time(7, 30), "07:30:00"),
        (timedelta(hours=30), "1 day, 6:00:00"),
        (3, "3"),
        ("a\x00b", "a\ufffdb"),
    ],
)
def test_whatever_a_cell_holds_has_a_spelling(cell: Cell, text: str) -> None:
    assert text_of(cell) == text


def test_a_row_is_called_by_its_number_in_the_sheet(file: Path) -> None:
    write(file, [["A", "B"], ["1", None], [None, None], ["2", "x"]], first_row=3)
    table = Table(file, ["A"])
    assert [(row.line, row.text("A"), row.text("B")) for row in table] == [
        (4, "1", ""),
        (6, "2", "x"),
    ]
    assert [row.line for row in table] == [4, 6]
    assert table.header() == ["A", "B"]


def test_a_value_beside_the_table_is_no_part_of_it(file: Path) -> None:
    write(file, [["A", "B"], ["1", "2", "a note"]])
    (row,) = Table(file, ["A"])
    with pytest.raises(BadRow, match="has a value beside the 2 columns of the header"):
        row.whole()


def test_a_sheet_that_is_hidden_is_passed_over(file: Path) -> None:
    write(file, [["A"], ["seen"]], hidden_before=[["A"], ["unseen"]])
    (row,) = Table(file, ["A"])
    assert row.text("A") == "seen"


def test_a_workbook_is_told_by_how_it_begins_and_not_by_its_name(tmp_path: Path) -> None:
    (row,) = Table(write(tmp_path / "table.csv", [["A"], ["1"]]), ["A"])
    assert row.text("A") == "1"
    text = tmp_path / "table.xlsx"
    text.write_text("A\n2\n")
    (row,) = Table(text, ["A"])
    assert row.text("A") == "2"


def test_what_is_no_workbook_is_told_so(file: Path) -> None:
    def said(content: bytes) -> str:
        file.write_bytes(content)
        with pytest.raises(Unreadable) as unreadable:
            list(Table(file, ["A"]))
        (rejected,) = unreadable.value.rejected
        return rejected.rule

    assert said(b"PK\x03\x04 and then nothing").startswith("is no workbook")
    assert said(b"\xd0\xcf\x11\xe0" + b"\x00" * 2000).startswith("is no workbook")
    whole = write(file, [["A"], ["1"]]).read_bytes()
    assert said(whole[: len(whole) // 2]).startswith("is no workbook")


def test_a_workbook_without_a_table_is_empty(file: Path) -> None:
    write(file, [])
    with pytest.raises(Unreadable, match="the file is empty"):
        list(Table(file, ["A"]))
    write(file, [["A"]], state="hidden")
    with pytest.raises(Unreadable, match="the workbook shows no sheet"):
        list(Table(file, ["A"]))
    write(file, [["B"], ["1"]])
    with pytest.raises(Unreadable, match="the column is missing"):
        list(Table(file, ["A"]))
