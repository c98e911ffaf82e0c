"""Code tables come in as CMS lays them out; an edition is loaded whole, or not at all."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from domain.revenue.code_table import code_page, code_table
from domain.revenue.events.code_table import CareSetting, CodeEntry, CodeTable, page_of, table_of
from facilities.exchange.code_tables import CodeTableReport, import_code_table
from facilities.ledger import Ledger
from facilities.scope import Actor, Role
from facilities.service import Service
from tests.facilities.exchange.workbook import write

CLERK = Actor("mailroom", Role.SERVICE)
JULY = date(2026, 7, 1)
PRACTITIONER = CareSetting.PRACTITIONER

NOTICE = "CPT only copyright American Medical Association. All rights reserved."
PTP_HEADER = (
    "Column 1\tColumn 2\t*=in existence prior to 1996\tEffective Date\tDeletion Date *=no data\t"
    "Modifier 0=not allowed 1=allowed 9=not applicable\tPTP Edit Rationale"
)
PTP = "\r\n".join(
    (
        f"{NOTICE}\t\t\t\t\t\t",
        "Column1/Column2 Edits\t\t\t\t\t\t",
        PTP_HEADER,
        "\t\t\t\t*=no data\t1=allowed\t",
        "99213\t36415\t\t20150101\t*\t1\tStandards of medical / surgical practice",
        "99213\t36416\t*\t19960101\t20260331\t0\tMisuse of column two code",
        "99213\t36417\t\t19980401\t19980401\t9\tnever held",
        "99213\t36418\t\t19980401\t20010101\t0\tended long ago",
        "J0110\tJ0120\t\t20150101\t20240101\t0\tended, and taken up again",
        "J0110\tJ0120\t\t20250101\t*\t1\tthe one that goes on",
    )
)
MUE = (
    f'"{NOTICE}\nand more of it",,,\n'
    '"HCPCS/\nCPT Code",Practitioner Services MUE Values,MUE Adjudication Indicator,MUE Rationale\n'
    "99213,2,2 Date of Service Edit: Policy,Nature of Service\n"
    "J0120,10,1 Line Edit,Prescribing Information\n"
)


class Desk:
    """Loads tables, and looks into them."""

    def __init__(self, folder: Path, service: Service, ledger: Ledger) -> None:
        self.folder, self._service, self._ledger = folder, service, ledger

    def loads(
        self, table: CodeTable, *texts: str, effective: date = JULY, **options: Any
    ) -> CodeTableReport:
        paths = []
        for number, text in enumerate(texts):
            paths.append(self.folder / f"{number}.txt")
            paths[-1].write_text(text, encoding="utf-8")
        return self.loads_files(table, *paths, effective=effective, **options)

    def loads_files(
        self, table: CodeTable, *paths: Path, effective: date = JULY, **options: Any
    ) -> CodeTableReport:
        if table in (CodeTable.NCCI_PTP, CodeTable.NCCI_MUE):
            options.setdefault("setting", PRACTITIONER)
        return import_code_table(
            paths,
            self._service,
            self._ledger,
            CLERK,
            table=table,
            edition=f"{effective}",
            effective=effective,
            **options,
        )

    def page(self, table: CodeTable, setting: CareSetting, page: str) -> dict[str, CodeEntry]:
        stream = page_of(table, setting, page)
        state = code_page.fold(e.fact for e in self._ledger.load([stream]).get(stream, []))
        return dict(state.listings[-1][1]) if state.listings else {}

    def editions(self, table: CodeTable, setting: CareSetting = CareSetting.ANY) -> list[str]:
        stream = table_of(table, setting)
        state = code_table.fold(e.fact for e in self._ledger.load([stream]).get(stream, []))
        return [each.name for each in state.editions]


@pytest.fixture
def desk(tmp_path: Path, service: Service, ledger: Ledger) -> Desk:
    return Desk(tmp_path, service, ledger)


def test_pairs_are_loaded_once_without_those_that_ended_long_ago(desk: Desk) -> None:
    first = desk.loads(CodeTable.NCCI_PTP, PTP)
    assert (first.codes, first.pages, first.passed_over, first.rejected) == (3, 2, 2, ())
    assert desk.page(CodeTable.NCCI_PTP, PRACTITIONER, "99213") == {
        "36415": CodeEntry(code="36415", valid_from=date(2015, 1, 1), indicator="1"),
        "36416": CodeEntry(
            code="36416",
            valid_from=date(1996, 1, 1),
            valid_to=date(2026, 3, 31),
            indicator="0",
        ),
    }
    taken_up = desk.page(CodeTable.NCCI_PTP, PRACTITIONER, "J0110")["J0120"]
    assert (taken_up.valid_from, taken_up.indicator) == (date(2025, 1, 1), "1")
    assert desk.loads(CodeTable.NCCI_PTP, PTP).events_appended == 0
    # A later edition adds what it says otherwise, and that it was published.
    changed = PTP.replace("99213\t36415\t\t20150101\t*\t1", "99213\t36415\t\t20150101\t*\t0")
    later = desk.loads(CodeTable.NCCI_PTP, changed, effective=date(2026, 10, 1))
    assert later.events_appended == 2
    assert desk.editions(CodeTable.NCCI_PTP, PRACTITIONER) == ["2026-07-01", "2026-10-01"]
    older = desk.loads(CodeTable.NCCI_PTP, PTP)
    assert [each.rule.rpartition(" ")[2] for each in older.rejected] == [
        "(code_page.older_edition)"
    ]


def test_limits_and_lists_of_codes_are_read_in_every_layout(desk: Desk, tmp_path: Path) -> None:
    assert desk.loads(CodeTable.NCCI_MUE, MUE).codes == 2
    assert desk.page(CodeTable.NCCI_MUE, PRACTITIONER, "99")["99213"] == CodeEntry(
        code="99213", units=2, indicator="2"
    )
    ordered = (
        "00001 A00     0 Cholera                    Cholera\n"
        '00002 A000    1 Cholera, "biovar" cholerae Cholera due to Vibrio\n'
        "00003 U071    1 COVID-19                   COVID-19\n"
    )
    assert desk.loads(CodeTable.ICD_10_CM, ordered).to_json()["codes"] == 2
    listed = "A000    Cholera due to Vibrio cholerae 01\nU071    COVID-19\n"
    assert desk.loads(CodeTable.ICD_10_CM, listed).events_appended == 0
    titled = "icd_10_cm,description\nA00.0,Cholera\nU071,COVID-19\n"
    assert desk.loads(CodeTable.ICD_10_CM, titled).events_appended == 0
    rows = [["2026 HCPCS"], ["HCPC", "LONG DESCRIPTION", "TERM DT"]]
    rows += [["A1", "a modifier", ""], ["G0008", "a vaccine given", ""]]
    rows += [["J0120", "withdrawn", "20260630"]]
    workbook = write(tmp_path / "hcpcs.xlsx", rows)
    told = desk.loads_files(CodeTable.HCPCS, workbook)
    assert (told.codes, told.passed_over) == (2, 1)
    assert desk.page(CodeTable.HCPCS, CareSetting.ANY, "J0")["J0120"].valid_to == date(2026, 6, 30)


def test_one_bad_row_is_enough_for_nothing_to_be_loaded(desk: Desk) -> None:
    bad = PTP + "\r\n9921\t36415\t\t20150101\t*\t1\tx\r\n99214\t36415\t\t2015\t*\t1\tx"
    told = desk.loads(CodeTable.NCCI_PTP, bad)
    assert [(each.line, each.column, each.value) for each in told.rejected] == [
        (11, "Column 1", "9921"),
        (12, "Effective Date", "2015"),
    ]
    assert (told.events_appended, desk.editions(CodeTable.NCCI_PTP, PRACTITIONER)) == (0, [])
    good = desk.loads(CodeTable.NCCI_PTP, bad, skip_bad=True, dry_run=True)
    assert good.events_appended == 3
    assert desk.editions(CodeTable.NCCI_PTP, PRACTITIONER) == []
    for table, text in (
        (CodeTable.NCCI_MUE, PTP),
        (CodeTable.ICD_10_CM, ""),
        (CodeTable.HCPCS, "a"),
    ):
        assert desk.loads(table, text).rejected
    unlikely = MUE.replace(",10,1 Line", ",many,1 Line").replace("2 Date", "4 Date")
    assert [each.column for each in desk.loads(CodeTable.NCCI_MUE, unlikely).rejected] == [
        "MUE Adjudication Indicator",
        "Practitioner Services MUE Values",
    ]
