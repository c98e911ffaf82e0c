"""Stock cards of OpenLMIS: which lot a card becomes, in which order its lines are entered, and what
is turned away.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from domain.kernel import foreign_id
from domain.organization.events import FacilityKind, FacilityOpened
from domain.supply.events.stock import AdjustmentReason, StockAdjusted, StockBooksOpened
from domain.supply.lots import StockItem, stock_item
from facilities.exchange.openlmis import NO_LOT_STATED, StockCardsReport, import_openlmis
from facilities.exchange.openlmis_tables import COLUMNS
from facilities.ledger import Ledger
from facilities.service import Service
from tests.facilities.exchange.exports import CLERK
from tests.grammar import NOW


def an_id(number: int) -> str:
    return str(UUID(int=number))


HARBOR, VACCINE, GLOVES, ESSENTIAL, FAMILY = (an_id(each) for each in range(1, 6))
CLINIC, LOT_A, DAMAGE = (an_id(each) for each in range(6, 9))
CARD_A, CARD_NONE, CARD_GLOVES, NODE = (an_id(each) for each in range(10, 14))
CREDIT = "313f2f5f-0c22-4626-8c49-3554ef763de3"


@dataclass
class Folder:
    """A folder of OpenLMIS tables, and where it is imported."""

    path: Path
    ledger: Ledger
    service: Service
    lines: list[tuple[str, ...]] = field(default_factory=list)
    cards: list[tuple[str, ...]] = field(
        default_factory=lambda: [
            (CARD_A, HARBOR, LOT_A.upper(), VACCINE, ESSENTIAL),
            (CARD_NONE, HARBOR, "", VACCINE, ESSENTIAL),
            (CARD_GLOVES, HARBOR, "", GLOVES, ESSENTIAL),
        ]
    )

    def line(
        self,
        card: str,
        on: str,
        quantity: str,
        *,
        source: str = "",
        to: str = "",
        reason: str = "",
        at: str = "2017-06-01T08:00:00",
    ) -> None:
        its_id = an_id(100 + len(self.lines))
        self.lines.append((its_id, on, at, to, reason, quantity, source, card))

    def imports(self, **options: Any) -> StockCardsReport:
        tables: dict[str, Sequence[tuple[str, ...]]] = {
            "referencedata.facility_types.csv": [(CLINIC, "health_center")],
            "referencedata.facilities.csv": [(HARBOR, "Harbor", CLINIC)],
            "referencedata.orderables.csv": [
                (VACCINE, "C4", "Vaccine, old name"),
                (VACCINE, "C4", "Vaccine"),
                (GLOVES, "C9", "Gloves"),
            ],
            "referencedata.lots.csv": [(LOT_A, "LA", "2019-06-01")],
            "referencedata.programs.csv": [(ESSENTIAL, "PRG2"), (FAMILY, "PRG1")],
            "stockmanagement.stock_card_line_item_reasons.csv": [(DAMAGE, "Damage", "DEBIT")],
            "stockmanagement.stock_cards.csv": self.cards,
            "stockmanagement.stock_card_line_items.csv": self.lines,
        }
        for name, rows in tables.items():
            with (self.path / name).open("w", encoding="utf-8-sig", newline="") as stream:
                csv.writer(stream).writerows([COLUMNS[name], *rows])
        return import_openlmis(self.path, self.service, self.ledger, CLERK, **options)

    def item(self, orderable: str) -> StockItem:
        stream_id = foreign_id("openlmis/stock_item", HARBOR, orderable)
        return stock_item.fold(each.fact for each in self.ledger.load([stream_id])[stream_id])


@pytest.fixture
def folder(tmp_path: Path, ledger: Ledger, service: Service) -> Folder:
    return Folder(tmp_path, ledger, service)


def test_lines_are_entered_in_the_order_of_days_whatever_their_order_in_the_file(
    folder: Folder,
) -> None:
    folder.line(CARD_GLOVES, "2017-05-03", "30")
    folder.line(CARD_GLOVES, "2017-05-02", "5", reason=DAMAGE)
    folder.line(CARD_GLOVES, "2017-05-01", "50", source=NODE)
    folder.line(CARD_GLOVES, "2017-05-03", "4", reason=CREDIT, at="2017-06-01 07:00:00.5")
    folder.line(CARD_GLOVES, "2017-05-04", "10", to=NODE)
    report = folder.imports(zone="Africa/Blantyre", currency="MWK")
    assert (report.cards, report.movements, report.counts, report.rejected) == (3, 4, 1, ())
    card = folder.item(GLOVES).lots[""].card
    assert [card.on_hand(date(2017, 5, day)) for day in (1, 2, 3, 4)] == [50, 45, 30, 20]
    again = folder.imports(zone="Africa/Blantyre", currency="MWK")
    assert (again.events_appended, again.movements) == (0, 4)


def test_a_facility_is_opened_on_the_day_of_its_first_line(folder: Folder) -> None:
    folder.line(CARD_GLOVES, "2017-05-03", "30")
    folder.imports(zone="Africa/Blantyre", currency="MWK")
    facility_id = foreign_id("openlmis/facility", HARBOR)
    (opened,) = [each.fact for each in folder.ledger.load([facility_id])[facility_id]]
    assert isinstance(opened, FacilityOpened)
    assert (opened.legal_name, opened.kind) == ("Harbor", FacilityKind.CLINIC)
    assert (opened.zone, opened.currency) == ("Africa/Blantyre", "MWK")
    assert opened.opened_on == date(2017, 5, 3)


def test_each_card_of_an_item_is_a_lot_and_keeps_its_name(folder: Folder) -> None:
    folder.line(CARD_A, "2017-05-03", "30")
    folder.line(CARD_NONE, "2017-05-04", "7")
    folder.imports()
    lots = folder.item(VACCINE).lots
    assert {each: (lot.on_hand, lot.expires_on) for each, lot in lots.items()} == {
        "LA": (30, date(2019, 6, 1)),
        NO_LOT_STATED: (7, None),
    }
    stream_id = foreign_id("openlmis/stock_item", HARBOR, VACCINE)
    facts = [each.fact for each in folder.ledger.load([stream_id])[stream_id]]
    books = [each for each in facts if isinstance(each, StockBooksOpened)]
    assert {each.lot: each.card for each in books} == {"LA": CARD_A, NO_LOT_STATED: CARD_NONE}


def test_a_lot_that_two_programs_have_cards_of_is_two_lots(folder: Folder) -> None:
    folder.cards.append((an_id(14), HARBOR, LOT_A, VACCINE, FAMILY))
    folder.line(CARD_A, "2017-05-03", "30")
    folder.line(an_id(14), "2017-05-03", "40")
    folder.imports()
    assert {
        each: lot.on_hand for each, lot in folder.item(VACCINE).lots.items() if lot.on_hand
    } == {
        "LA (PRG2)": 30,
        "LA (PRG1)": 40,
    }


def test_what_is_imported_later_counts_on_its_day(folder: Folder) -> None:
    folder.line(CARD_GLOVES, "2017-05-01", "50", source=NODE)
    folder.line(CARD_GLOVES, "2017-05-03", "30")
    folder.imports()
    folder.line(CARD_GLOVES, "2017-05-02", "5", reason=DAMAGE)
    assert folder.imports().events_appended == 2
    item = folder.item(GLOVES)
    assert [item.lots[""].card.on_hand(date(2017, 5, day)) for day in (1, 2, 3)] == [50, 45, 30]
    assert item.on_hand == 30


def test_a_reason_is_called_what_it_is_called_here(folder: Folder) -> None:
    folder.line(CARD_GLOVES, "2017-05-01", "50", reason=CREDIT)
    folder.line(CARD_GLOVES, "2017-05-02", "5", reason=DAMAGE)
    folder.line(CARD_GLOVES, "2017-05-03", "5", to=NODE)
    folder.imports()
    stream_id = foreign_id("openlmis/stock_item", HARBOR, GLOVES)
    facts = [each.fact for each in folder.ledger.load([stream_id])[stream_id]]
    assert [(each.reason, each.change) for each in facts if isinstance(each, StockAdjusted)] == [
        (AdjustmentReason.OTHER, 50),
        (AdjustmentReason.DAMAGED, -5),
        (AdjustmentReason.TRANSFERRED, -5),
    ]


def test_what_was_decided_when_all_was_checked_is_what_is_stored(folder: Folder) -> None:
    decided_at: list[datetime] = []

    def now() -> datetime:
        decided_at.append(NOW)
        return NOW

    folder.line(CARD_GLOVES, "2017-05-01", "50", source=NODE)
    folder.line(CARD_A, "2017-05-01", "3")
    folder.service = Service(folder.ledger, now)
    # One batch of facilities and one of cards, each decided on once.
    assert folder.imports().events_appended == folder.ledger.head()
    assert len(decided_at) == 2


def test_what_somebody_else_imports_meanwhile_is_there_once(folder: Folder) -> None:
    folder.line(CARD_GLOVES, "2017-05-01", "50", source=NODE)
    folder.line(CARD_A, "2017-05-01", "3")
    theirs: list[StockCardsReport] = []

    def meanwhile(stage: str, done: int, total: int) -> None:
        if stage == "checking stock cards" and done == total and not theirs:
            theirs.append(folder.imports())

    ours = folder.imports(progress=meanwhile)
    assert theirs[0].events_appended == folder.ledger.head()
    assert replace(ours, events_appended=folder.ledger.head()) == theirs[0]
    assert ours.events_appended == 0


@pytest.mark.parametrize(
    ("line", "column", "rule"),
    [
        ({"quantity": "x"}, "quantity", "must be a whole number"),
        ({"quantity": "0", "reason": DAMAGE}, "quantity", "must be more than zero"),
        ({"on": "2017-02-30"}, "occurredDate", "must be a day such as 2023-01-27"),
        ({"reason": NODE}, "reasonId", "names no reason of the folder"),
        ({"card": NODE}, "stockCardId", "names no card of stockmanagement.stock_cards.csv"),
        ({"at": "noon"}, "processedDate", "must be an instant such as 2017-05-26T04:44:51"),
        (
            {"quantity": "51", "reason": DAMAGE},
            "quantity",
            "51 are asked for, 50 are on hand to be used. (stock_item.insufficient)",
        ),
    ],
)
def test_a_bad_line_keeps_its_card_out(
    folder: Folder, line: dict[str, str], column: str, rule: str
) -> None:
    folder.line(CARD_GLOVES, "2017-05-01", "50", source=NODE)
    folder.line(**{"card": CARD_GLOVES, "on": "2017-05-02", "quantity": "1", **line})
    folder.line(CARD_A, "2017-05-01", "3")
    rejected = {(each.file, each.line): each for each in folder.imports().rejected}
    found = rejected["stockmanagement.stock_card_line_items.csv", 3]
    assert (found.column, found.rule) == (column, rule)
    assert folder.ledger.head() == 0
    assert folder.imports(skip_bad=True).counts == 1


def test_a_folder_without_its_files_is_not_imported(folder: Folder) -> None:
    (rejected,) = import_openlmis(folder.path, folder.service, folder.ledger, CLERK).rejected
    assert (rejected.file, rejected.rule) == (
        "referencedata.facility_types.csv",
        "the file is missing",
    )
