"""Closed years of stock, and the bins that lots lie in."""

from __future__ import annotations

from datetime import date

from domain.kernel import Fact
from domain.supply.events.stock_bins import StockPutAway
from domain.supply.events.stock_closing import ClosedLot, StockYearClosed
from projections.supply import stock_closings, stock_items, stock_lots
from projections.supply.closings import ClosedYear
from tests.projections.claims import RIVERSIDE
from tests.projections.grammar import given
from tests.projections.stock import GLOVES, ITEM, MARCH_1, MARCH_2, issued, listed, of, received


def closed(year: int, balance: int, on_hand: int) -> Fact:
    return StockYearClosed(
        stock_item_id=GLOVES,
        facility_id=RIVERSIDE,
        **ITEM,
        lot_tracked=True,
        listed_on=date(2023, 1, 1),
        par=None,
        schedule=None,
        register_id=None,
        year=year,
        through=date(year, 12, 31),
        closed_on=date(year + 1, 1, 31),
        balance=balance,
        on_hand=on_hand,
        lots=(
            ClosedLot(
                lot="A",
                expires_on=None,
                balance=balance,
                counted_on=None,
                on_hand=on_hand,
                reserved=0,
                quarantined=0,
                bin=None,
                since=(),
                recalls=(),
            ),
        ),
        reservations=(),
    )


def year(number: int, balance: int, late_entries: int = 0, late_change: int = 0) -> ClosedYear:
    return ClosedYear(
        year=number,
        closed_on=date(number + 1, 1, 31),
        balance=balance,
        counted_on=None,
        late_entries=late_entries,
        late_change=late_change,
    )


def test_what_is_entered_late_is_told_beside_every_balance_it_comes_after() -> None:
    facts = (
        received(9, **of("A", 9, 9)),
        closed(2024, 9, 9),
        issued(1, on=date(2024, 6, 1), **of("A", 8, 8)),
        closed(2025, 8, 8),
        issued(2, on=date(2025, 6, 1), **of("A", 6, 6)),
        issued(1, on=date(2024, 7, 1), **of("A", 5, 5)),
        issued(1, on=MARCH_2, **of("A", 4, 4)),
    )
    given(stock_closings, *facts).shows(
        GLOVES,
        "A",
        year=2025,
        balance=8,
        late_entries=2,
        late_change=-3,
        years=(year(2025, 8, 2, -3), year(2024, 9, 2, -2)),
    )


def test_an_item_says_up_to_when_its_books_are_closed() -> None:
    given(stock_items, listed()).shows(GLOVES, closed_year=2025)
    given(stock_items, listed(), closed(2026, 0, 0)).shows(GLOVES, closed_year=2026)


def test_a_lot_lies_in_a_bin_wherever_it_moves() -> None:
    put = StockPutAway(
        stock_item_id=GLOVES,
        facility_id=RIVERSIDE,
        **ITEM,
        lot="A",
        expires_on=None,
        bin="B-12",
        bin_before=None,
        put_away_on=MARCH_1,
        lot_on_hand=9,
    )
    moved = (received(9, **of("A", 9, 9)), put, issued(2, **of("A", 7, 7)))
    given(stock_lots, *moved).shows(GLOVES, "A", bin="B-12", on_hand=7)
