"""Lists of shifts come in from CSV files and workbooks, row by row, into the rosters there are."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from domain.workforce.roster import Roster, roster
from domain.workforce.roster_planning import PlannedShift
from domain.workforce.roster_publication import DraftRoster
from facilities.exchange.mapping import BadMapping
from facilities.exchange.references import staff_id_of
from facilities.exchange.report import ImportReport
from facilities.exchange.shifts import demand_of, import_shifts
from facilities.exchange.tables import Unreadable
from facilities.ledger import Ledger
from facilities.service import Service
from tests.domain.places import CARDIOLOGY, RIVERSIDE
from tests.facilities.exchange.exports import CLERK
from tests.facilities.exchange.test_people import House, house
from tests.facilities.exchange.workbook import Value, write
from tests.facilities.scenes import said_by

__all__ = ["house"]

THE_ROSTER = UUID("018f0000-0000-7000-8000-000000000071")
HEADER = ["facility", "department", "on", "starts", "ends", "job", "needed", "staff"]
NURSE = "registered nurse"


def a_row(on: str, starts: str, ends: str, staff: str = "", needed: str = "") -> list[Value]:
    return [str(RIVERSIDE), "CARD", date.fromisoformat(on), starts, ends, NURSE, needed, staff]


DAY = a_row("2026-01-05", "07:00", "19:00", "E7; E8")
NIGHT = a_row("2026-01-06", "19:00", "07:00", "E8", "2")


class Ward:
    """Two nurses of a house, and a roster of January."""

    def __init__(self, house: House) -> None:
        self.house = house
        names: list[list[Value]] = [
            [called, f"Staff Member {called}", NURSE, str(RIVERSIDE), "2024-01-08", "CARD"]
            for called in ("E7", "E8")
        ]
        header = ["id", "full_name", "job", "facility", "registered_on", "department"]
        assert house.staff(*names, header=header).rejected == ()
        drafting = DraftRoster(
            roster_id=THE_ROSTER,
            facility_id=RIVERSIDE,
            department_id=CARDIOLOGY,
            begins_on=date(2026, 1, 1),
            ends_on=date(2026, 1, 31),
        )
        house.service.execute(drafting, said_by())

    def imports(self, *rows: list[Value], **more: Any) -> ImportReport:
        header = more.pop("header", HEADER)
        file = write(self.house.folder / "shifts.xlsx", [header, *rows])
        ledger: Ledger = self.house.ledger
        service: Service = self.house.service
        return import_shifts(file, more.pop("mapping", {}), service, ledger, CLERK, **more)

    @property
    def roster(self) -> Roster:
        stored = self.house.ledger.load([THE_ROSTER])[THE_ROSTER]
        return roster.fold(each.fact for each in stored)


@pytest.fixture
def ward(house: House) -> Ward:
    return Ward(house)


def told(report: ImportReport) -> list[tuple[int | None, str | None, str]]:
    return [(each.line, each.column, each.rule) for each in report.rejected]


def test_a_list_of_shifts_is_planned_once_however_often_it_comes(ward: Ward) -> None:
    report = ward.imports(DAY, NIGHT)
    assert (report.rejected, report.shifts) == ((), 2)
    day, night = ward.roster.shifts.values()
    assert day.staff_ids == (staff_id_of("hr", "E7"), staff_id_of("hr", "E8"))
    assert (day.shift.needed, night.shift.needed) == (2, 2)
    again = ward.imports(DAY, NIGHT)
    assert (again.rejected, again.events_appended, len(ward.roster.shifts)) == ((), 0, 2)


def test_every_conflict_is_told_at_its_row_and_nothing_is_planned(ward: Ward) -> None:
    evening = a_row("2026-01-05", "18:00", "23:00", "E8")
    report = ward.imports(DAY, evening, a_row("2026-01-07", "25:00", "26:00"))
    assert told(report) == [
        (
            3,
            "staff",
            "They are booked from 2026-01-05 12:00 to 2026-01-06 00:00 UTC already (shift.overlap)",
        ),
        (4, "starts", "Starts must be a time of the day, such as 07:30 (shift.starts)"),
    ]
    assert len(ward.roster.shifts) == 0
    skipped = ward.imports(DAY, evening, skip_bad=True)
    assert (skipped.shifts, len(ward.roster.shifts)) == (1, 1)


def test_a_dry_run_plans_nothing(ward: Ward) -> None:
    assert ward.imports(DAY, NIGHT, dry_run=True).shifts == 2
    assert len(ward.roster.shifts) == 0


BAD_CELLS: list[tuple[int, Value, str, str]] = [
    (0, "Nowhere", "facility", "names no facility"),
    (1, "ICU", "department", "is no department's code there"),
    (2, "2026-02-01", "on", "is in no roster of the department: draft one first"),
    (2, "soon", "on", "must be a day such as 2023-01-27"),
    (3, "morning", "starts", "must be a time of the day, such as 07:30"),
    (6, "two", "needed", "must be a whole number"),
    (7, "E7; E9", "staff", "E9 is nobody who is registered"),
]


def test_every_row_that_cannot_be_is_told_with_its_column(ward: Ward) -> None:
    rows = [[*DAY[:place], cell, *DAY[place + 1 :]] for place, cell, _, _ in BAD_CELLS]
    assert told(ward.imports(*rows)) == [
        (line, column, rule) for line, (_, _, column, rule) in enumerate(BAD_CELLS, start=2)
    ]


def test_what_the_source_calls_a_shift_is_one_shift(ward: Ward) -> None:
    header = [*HEADER, "id"]
    assert ward.imports([*DAY, "A-1"], header=header).shifts == 1
    (changed,) = told(ward.imports([*DAY[:6], "3", "E7", "A-1"], header=header))
    assert changed == (2, "id", "was imported before with other content")
    (once,) = told(ward.imports([*NIGHT, "A-2"], [*NIGHT, "A-2"], header=header, skip_bad=True))
    assert once == (3, "id", "is in line 2 already, word for word")


def test_a_list_without_rows_or_with_a_bad_mapping_is_no_list(ward: Ward) -> None:
    (empty,) = ward.imports().rejected
    assert empty.rule == "the file has no rows"
    with pytest.raises(BadMapping, match="which column is the facility"):
        ward.imports(DAY, header=["colour", *HEADER[1:]])


def test_a_table_may_ask_for_shifts_with_nobody_on_them(tmp_path: Path) -> None:
    file = tmp_path / "demand.csv"
    file.write_text("on,starts,ends,job,needed,minimum\n2026-01-05,7:00,19:00,RN,3,1\n")
    assert demand_of(file, {}) == (
        PlannedShift(
            on=date(2026, 1, 5), starts="07:00", ends="19:00", job="RN", needed=3, minimum=1
        ),
    )
    file.write_text("on,starts,ends,job\n2026-01-05,noon,19:00,RN\n")
    with pytest.raises(Unreadable, match="must be a time of the day"):
        demand_of(file, {})
    file.write_text("on,starts,ends,job\n")
    with pytest.raises(Unreadable, match="the file has no rows"):
        demand_of(file, {})
