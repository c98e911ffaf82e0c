"""What the supply chain looks at: lots, days, months, stock-outs, open exceptions, the catalog."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from domain.kernel import Fact
from domain.supply import catalog_item, stock_item  # noqa: F401 - their commands tell the streams
from domain.supply.events.catalog import (
    CatalogItemIdentified,
    CatalogItemListed,
    CatalogItemRetired,
    CatalogItemRevised,
    ItemCode,
    Pack,
)
from domain.supply.events.stock import StockCountRestated
from domain.supply.events.stock_exceptions import (
    ExceptionEnd,
    UnrecordedReceiptClosed,
    UnrecordedReceiptOpened,
)
from projections.supply import (
    catalog,
    effective_stock,
    item_codes,
    stock_lots,
    stock_outs,
    stock_use,
    unrecorded_receipts,
)
from tests.projections.claims import RIVERSIDE
from tests.projections.grammar import figures, given
from tests.projections.stock import (
    GLOVES,
    ITEM,
    JULY_31,
    MARCH_1,
    MARCH_2,
    MARCH_3,
    adjusted,
    counted,
    held,
    issued,
    listed,
    of,
    opened,
    quarantined,
    received,
    reserved,
    written_off,
)

MORPHINE = UUID(int=31)


def restated(change: int, **lot: object) -> Fact:
    return StockCountRestated(change=change, counted_on=MARCH_3, because_of=MARCH_1, **lot)  # type: ignore[arg-type]


# --- lots and days -------------------------------------------------------------------------------


def test_a_lot_is_told_with_its_card_also_when_nothing_is_left_of_it() -> None:
    held_back = (
        listed(),
        opened(10, **of("A", 10, 10)),
        reserved(4, 4, **held(of("A", 10, 10), 6)),
        quarantined(1, 1, **held(of("A", 10, 10), 5)),
    )
    given(stock_lots, *held_back).shows(
        GLOVES,
        "A",
        facility_id=RIVERSIDE,
        expires_on=JULY_31,
        card="Card 7",
        on_hand=10,
        reserved=4,
        quarantined=1,
        available=5,
        first_movement_on=MARCH_1,
    )
    gone = given(stock_lots, opened(10, **of("A", 10, 10)), issued(10, **of("A", 0, 0)))
    gone.shows(GLOVES, "A", on_hand=0, last_movement_on=MARCH_3)


def test_what_is_entered_late_is_on_its_day_and_the_count_stays() -> None:
    days = given(
        effective_stock,
        opened(10, **of("A", 10, 10)),
        counted(8, -2, **of("A", 8, 8)),
        restated(2, **of("A", 10, 10)),
        issued(2, on=MARCH_2, **of("A", 8, 8)),
    )
    where = (RIVERSIDE, *ITEM.values(), "A")
    changes = [days.row(*where, day).on_hand for day in (MARCH_1, MARCH_2)]
    assert changes == [10, -2]
    days.shows(*where, MARCH_3, on_hand=0, movements=2)


# --- months --------------------------------------------------------------------------------------


def test_a_month_tells_what_went_in_and_out_and_what_was_wasted() -> None:
    month = given(
        stock_use,
        opened(10, **of("A", 10, 10)),
        received(5, **of("A", 15, 15)),
        issued(3, **of("A", 12, 12)),
        adjusted(-1, **of("A", 11, 11)),
        counted(12, 1, **of("A", 12, 12)),
        quarantined(2, 2, **held(of("A", 12, 12), 10)),
        written_off(2, 0, **held(of("A", 10, 10), 10)),
    )
    assert figures(month.row(RIVERSIDE, *ITEM.values(), "2026-03")) == {
        "opened": 10,
        "received": 5,
        "issued": 3,
        "issues": 1,
        "adjusted": -1,
        "counted": 1,
        "written_off": 2,
        "lost": 3,
    }


# --- out of stock --------------------------------------------------------------------------------


def test_an_item_is_out_of_stock_from_the_day_the_last_of_it_went() -> None:
    used_up = (opened(3, **of("A", 3, 3)), issued(3, on=MARCH_1, **of("A", 0, 0)))
    given(stock_outs, *used_up).shows(GLOVES, out=True, out_since=MARCH_1, times=1, days=0)
    again = (*used_up, received(5, **of("A", 5, 5)))
    given(stock_outs, *again).shows(GLOVES, out=False, out_since=None, times=1, days=1)
    twice = (*again, issued(5, **of("A", 0, 0)), issued(0, **of("A", 0, 0)))
    given(stock_outs, *twice).shows(GLOVES, out=True, out_since=MARCH_3, times=2, days=1)


def test_what_is_listed_with_nothing_has_not_run_out() -> None:
    given(stock_outs, listed(), opened(0, **of("A", 0, 0))).has_only()


# --- exceptions ----------------------------------------------------------------------------------


def test_an_unrecorded_receipt_is_listed_until_it_is_closed() -> None:
    lot = {each: of("A", 0, 0)[each] for each in of("A", 0, 0) if not each.endswith("after")}
    claimed = UnrecordedReceiptOpened(
        **lot, quantity=9, said_by="Nurse", why="No note", opened_on=MARCH_2, lot_on_hand=0
    )
    taken = (claimed, issued(4, **of("A", -4, -4)))
    given(unrecorded_receipts, *taken).shows(
        GLOVES, "A", quantity=9, on_hand=-4, said_by="Nurse", opened_by="test", opened_on=MARCH_2
    )
    closed = UnrecordedReceiptClosed(
        **lot, how=ExceptionEnd.RECEIVED, closed_on=MARCH_3, lot_on_hand=5
    )
    given(unrecorded_receipts, *taken, received(9, **of("A", 5, 5)), closed).has_only()


# --- the catalog ---------------------------------------------------------------------------------


def test_an_item_is_found_by_each_of_its_codes() -> None:
    label = {
        "catalog_item_id": MORPHINE,
        "item_system": "NDC",
        "item_code": "00409-1893-01",
        "description": "Morphine",
        "unit": "vial",
        "packs": (Pack(unit="box", quantity=25, gtin="09506000134352"),),
        "unspsc": None,
        "manufacturer": None,
        "lot_tracked": True,
        "expiry_tracked": True,
        "cold_chain": False,
        "controlled_schedule": None,
    }
    codes = (ItemCode(system="NDC", code="00409-1893-01"), ItemCode(system="own", code="M1"))
    facts = (
        CatalogItemListed(**label, listed_on=date(2026, 1, 1)),  # type: ignore[arg-type]
        CatalogItemIdentified(
            catalog_item_id=MORPHINE,
            item_system="NDC",
            item_code="00409-1893-01",
            system="own",
            code="M1",
            identified_on=MARCH_1,
            codes_after=codes,
        ),
        CatalogItemRevised(**{**label, "unit": "ampoule"}, revised_on=MARCH_2),  # type: ignore[arg-type]
        CatalogItemRetired(
            catalog_item_id=MORPHINE,
            item_system="NDC",
            item_code="00409-1893-01",
            reason="Not made",
            retired_on=MARCH_3,
        ),
    )
    given(catalog, *facts).shows(
        MORPHINE, codes=codes, unit="ampoule", status="retired", retired_on=MARCH_3
    )
    found = given(item_codes, *facts).rows
    assert {(each.system, each.code): each.quantity for each in found.values()} == {
        ("NDC", "00409-1893-01"): 1,
        ("own", "M1"): 1,
        ("GTIN", "09506000134352"): 25,
    }
