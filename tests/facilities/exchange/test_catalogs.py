"""Catalogs and opening balances: what a row becomes, and what is wrong with one."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from domain.kernel import foreign_id
from domain.supply.catalog_item import CatalogItem, catalog_item
from domain.supply.events.catalog import ControlledSchedule
from domain.supply.lots import StockItem, stock_item
from facilities.exchange.balances import import_balances
from facilities.exchange.catalogs import CatalogReport, import_catalog
from facilities.exchange.mapping import BadMapping
from facilities.ledger import Ledger
from facilities.service import Service
from tests.domain.places import RIVERSIDE
from tests.facilities.exchange.exports import CLERK
from tests.facilities.scenes import opening, said_by

GTIN = "09506000134352"


def written(path: Path, *rows: dict[str, str]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as stream:
        table = csv.DictWriter(stream, [*dict.fromkeys(name for row in rows for name in row)])
        table.writeheader()
        table.writerows(rows)
    return path


def item(ledger: Ledger, name: str) -> CatalogItem:
    stream_id = foreign_id("catalog/item", *name.split("/", 1))
    return catalog_item.fold(each.fact for each in ledger.load([stream_id])[stream_id])


GLOVES = {
    "item_system": "GTIN",
    "item_code": "9506000134352",
    "description": "Gloves",
    "unit": "pair",
    "ndc": "0409-1893-01",
    "unspsc": "42132203",
    "lot_tracked": "yes",
    "controlled_schedule": "CII",
}


def test_a_row_of_a_table_is_an_item_with_all_its_codes(
    tmp_path: Path, ledger: Ledger, service: Service
) -> None:
    file = written(tmp_path / "items.csv", GLOVES)
    report = import_catalog(file, {}, service, ledger, CLERK)
    assert (report.items, report.codes, report.rejected) == (1, 1, ())
    found = item(ledger, f"GTIN/{GTIN}")
    assert [each.code for each in found.codes] == [GTIN, "00409-1893-01"]
    assert (found.label.unit, found.label.lot_tracked) == ("pair", True)
    assert found.label.controlled_schedule is ControlledSchedule.CII
    assert import_catalog(file, {}, service, ledger, CLERK).events_appended == 0
    written(file, GLOVES | {"description": "Gloves, nitrile"})
    assert import_catalog(file, {}, service, ledger, CLERK).events_appended == 1
    assert item(ledger, f"GTIN/{GTIN}").label.description == "Gloves, nitrile"


@pytest.mark.parametrize(
    ("said", "column", "rule"),
    [
        ({"item_code": "9506000134353"}, "item_code", "must end with the check digit 2"),
        ({"ndc": "0409189301"}, "ndc", "must be 4-4-2, 5-3-2, 5-4-1 or 5-4-2 digits with hyphens"),
        ({"unspsc": "4213"}, "unspsc", "must have eight digits"),
        ({"lot_tracked": "perhaps"}, "lot_tracked", "must be one of true, yes"),
        ({"item_system": "EAN"}, "item_system", "must be one of GTIN, NDC, UDI-DI, UNSPSC, own"),
        ({"description": ""}, "description", "must not be empty"),
    ],
)
def test_a_bad_row_of_a_catalog_is_told(
    tmp_path: Path, ledger: Ledger, service: Service, said: dict[str, str], column: str, rule: str
) -> None:
    file = written(tmp_path / "items.csv", GLOVES | said)
    (rejected,) = import_catalog(file, {}, service, ledger, CLERK).rejected
    assert (rejected.line, rejected.column) == (2, column)
    assert rejected.rule.startswith(rule)
    assert ledger.head() == 0


def test_the_columns_of_anybodys_table_are_mapped(
    tmp_path: Path, ledger: Ledger, service: Service
) -> None:
    file = written(
        tmp_path / "items.csv",
        {"Item No.": "G-1", "Name": "Gloves", "unit": "pair", "UOM": "box"},
        {"Item No.": "", "Name": "Masks", "unit": "each", "UOM": "box"},
    )
    theirs = {"item_system": ":own", "item_code": "Item No.", "description": "Name", "unit": "UOM"}
    report = import_catalog(file, theirs, service, ledger, CLERK, skip_bad=True)
    assert report.items == 1
    assert item(ledger, "own/G-1").label.unit == "box"
    (rejected,) = report.rejected
    assert (rejected.line, rejected.column, rejected.rule) == (3, "Item No.", "must not be empty")
    with pytest.raises(BadMapping, match="which column is the item_code"):
        import_catalog(file, {"item_system": ":own", "unit": "UOM"}, service, ledger, CLERK)
    nothing = import_catalog(tmp_path / "none.csv", {}, service, ledger, CLERK)
    assert [each.rule for each in nothing.rejected] == ["the file is missing"]


def test_a_commodity_of_the_unspsc_is_an_item_under_its_code(
    tmp_path: Path, ledger: Ledger, service: Service
) -> None:
    commodity = {"Segment": "42000000", "Commodity": "42132203", "Commodity Title": "Exam gloves"}
    file = written(tmp_path / "unspsc.csv", commodity, commodity | {"Commodity": ""})
    report = import_catalog(file, {}, service, ledger, CLERK, profile="unspsc", skip_bad=True)
    assert (report.items, len(report.rejected)) == (1, 1)
    assert item(ledger, "UNSPSC/42132203").label.description == "Exam gloves"


def test_an_item_that_is_in_a_file_twice_is_told(
    tmp_path: Path, ledger: Ledger, service: Service
) -> None:
    file = written(tmp_path / "items.csv", GLOVES, GLOVES | {"item_code": GTIN})
    (rejected,) = import_catalog(file, {}, service, ledger, CLERK).rejected
    assert (rejected.line, rejected.rule) == (3, "is that of line 2 already")


@pytest.mark.real
def test_the_fdas_packages_are_items_under_their_ndc(
    tmp_path: Path, ledger: Ledger, service: Service, real: Callable[[str], Path]
) -> None:
    folder = real("fda_ndc")
    for name in ("unfinished_product.txt", "unfinished_package.txt"):
        rows = (folder / name).read_bytes().split(b"\r\n")
        (tmp_path / name).write_bytes(b"\r\n".join(rows[:150]))
    report = import_catalog(tmp_path, {}, service, ledger, CLERK, profile="ndc", skip_bad=True)
    assert report.items > 50
    found = item(ledger, "NDC/00002-0485-04")
    assert found.label.description.startswith("Insulin human, CRYSTAL: 4 BOTTLE in 1 CONTAINER")
    assert (found.label.manufacturer, found.label.lot_tracked) == ("Eli Lilly and Company", True)


@pytest.mark.real
def test_device_identifiers_are_items_under_their_gtin(
    tmp_path: Path, ledger: Ledger, service: Service, real: Callable[[str], Path]
) -> None:
    rows = (real("fda_gudid") / "gudid_devices.csv").read_text("utf-8").splitlines(keepends=True)
    file = tmp_path / "devices.csv"
    file.write_text("".join(rows[:120]), "utf-8")
    report = import_catalog(file, {}, service, ledger, CLERK, profile="gudid", skip_bad=True)
    assert report.items > 90
    found = item(ledger, "GTIN/00844588018923")
    assert (found.label.lot_tracked, found.label.expiry_tracked) == (True, True)
    assert found.label.manufacturer == "CONSENSUS ORTHOPEDICS, INC."


# --- opening balances ----------------------------------------------------------------------------

SHELF = {
    "item_system": "GTIN",
    "item_code": GTIN,
    "description": "Gloves",
    "quantity": "30",
    "opened_on": "2026-02-01",
    "lot": "A1",
    "expires_on": "2027-02-01",
}


def test_the_books_open_with_what_is_on_the_shelves(
    tmp_path: Path, ledger: Ledger, service: Service
) -> None:
    service.execute(opening(), said_by())
    file = written(tmp_path / "shelves.csv", SHELF, SHELF | {"lot": "B2", "quantity": "0"})
    options: dict[str, Any] = {"facility_id": RIVERSIDE}
    report = import_balances(file, {}, service, ledger, CLERK, **options)
    assert (report.items, report.lots, report.rejected) == (1, 2, ())
    assert import_balances(file, {}, service, ledger, CLERK, **options).events_appended == 0
    stream_id = foreign_id("balances/stock_item", str(RIVERSIDE), "GTIN", GTIN)
    state: StockItem = stock_item.fold(each.fact for each in ledger.load([stream_id])[stream_id])
    assert {each: lot.on_hand for each, lot in state.lots.items()} == {"A1": 30, "B2": 0}


def test_the_columns_of_a_stock_list_are_mapped(
    tmp_path: Path, ledger: Ledger, service: Service
) -> None:
    service.execute(opening(), said_by())
    file = written(
        tmp_path / "stock.csv",
        {"Art": "G-1", "Text": "Gloves", "Charge": "A1", "Verfall": "2027-02-01", "Menge": "30"},
        {"Art": "G-1", "Text": "Gloves", "Charge": "B2", "Verfall": "soon", "Menge": "5"},
    )
    report = import_balances(
        file,
        {
            "facility_id": f":{RIVERSIDE}",
            "item_system": ":own",
            "item_code": "Art",
            "description": "Text",
            "quantity": "Menge",
            "opened_on": ":2026-02-01",
            "lot": "Charge",
            "expires_on": "Verfall",
        },
        service,
        ledger,
        CLERK,
        skip_bad=True,
    )
    assert (report.items, report.lots) == (1, 1)
    (rejected,) = report.rejected
    assert (rejected.line, rejected.column, rejected.value) == (3, "Verfall", "soon")


def test_balances_of_nowhere_and_of_a_lot_twice_are_told(
    tmp_path: Path, ledger: Ledger, service: Service
) -> None:
    file = written(tmp_path / "shelves.csv", SHELF, SHELF)
    rejected = import_balances(file, {}, service, ledger, CLERK, facility_id=RIVERSIDE).rejected
    assert {each.line for each in rejected} == {2, 3}
    assert any("facility.unknown" in each.rule for each in rejected)
    with pytest.raises(BadMapping, match="which column is the facility_id"):
        import_balances(file, {}, service, ledger, CLERK)
    assert isinstance(
        import_catalog(file, {}, service, ledger, CLERK, profile="gudid"), CatalogReport
    )
