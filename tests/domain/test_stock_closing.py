"""A year's books are closed: what is carried over, and what can still be entered."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from types import MappingProxyType

import pytest

from domain.kernel import Command
from domain.supply.card import Card, Day
from domain.supply.events.stock import (
    StockCountRestated,
    StockIssued,
    StockReceived,
)
from domain.supply.events.stock_closing import StockYearClosed
from domain.supply.foreseeing import foreseen
from domain.supply.lots import StockItem, stock_item
from domain.supply.stock_bins import PutStockAway
from domain.supply.stock_closing import CloseStockYear
from domain.supply.stock_exceptions import OpenUnrecordedReceipt
from domain.supply.stock_par import SetParLevels
from domain.supply.stock_recall import RecallLot
from tests.domain.places import FEBRUARY_1, THE_ITEM, riverside_is_open
from tests.domain.stock import counting, issuing, receiving, tracked
from tests.domain.test_stock_holds import THE_RECALL, quarantining, reserving
from tests.grammar import Given, given

OCTOBER_1, DECEMBER_10, DECEMBER_20, LAST_DAY, JANUARY_5 = (
    date(2025, 10, 1),
    date(2025, 12, 10),
    date(2025, 12, 20),
    date(2025, 12, 31),
    date(2026, 1, 5),
)

closing = CloseStockYear(stock_item_id=THE_ITEM, year=2025, closed_on=FEBRUARY_1)
listed = replace(tracked, listed_on=OCTOBER_1)


def kept() -> Given:
    """Lot A came in, was counted on 20 December, and moved after the year's end."""
    item = given(StockItem, listed).knowing(riverside_is_open())
    for command in (
        replace(receiving, lot="A", quantity=10, received_on=DECEMBER_10),
        replace(counting, lot="A", counted=9, counted_on=DECEMBER_20),
        replace(issuing, lot="A", quantity=2, issued_on=JANUARY_5),
    ):
        item = item.when(command).then()
    return item


def test_a_closing_tells_what_was_on_hand_at_the_end_of_the_year_and_is_now() -> None:
    outcome = kept().when(closing)
    outcome.records_a(StockYearClosed, year=2025, through=LAST_DAY, balance=9, on_hand=7)
    (lot,) = next(each for each in outcome.decided if isinstance(each, StockYearClosed)).lots
    assert (lot.lot, lot.balance, lot.counted_on, lot.on_hand) == ("A", 9, DECEMBER_20, 7)
    assert [(each.on, each.change) for each in lot.since] == [(JANUARY_5, -2)]
    outcome.then().when(closing).records_nothing()


def test_all_that_an_item_has_become_is_carried_over() -> None:
    item = kept()
    for command in (
        replace(reserving, lot="A", quantity=1),
        replace(quarantining, lot="A", quantity=2),
        SetParLevels(
            stock_item_id=THE_ITEM,
            minimum=1,
            reorder_point=2,
            maximum=3,
            lead_time_days=4,
            set_on=FEBRUARY_1,
        ),
        PutStockAway(stock_item_id=THE_ITEM, bin="A-3", lot="A", put_away_on=FEBRUARY_1),
        RecallLot(
            stock_item_id=THE_ITEM,
            lot="A",
            recall_id=THE_RECALL,
            number="Z-1",
            recalled_on=FEBRUARY_1,
        ),
    ):
        assert isinstance(command, Command)
        item = item.when(command).then()
    before: StockItem = item.state
    closed = item.when(closing).then()
    lot = before.lots["A"]
    expected = replace(
        before,
        lots=MappingProxyType({"A": replace(lot, card=lot.card.closed(LAST_DAY))}),
        closed_through=LAST_DAY,
    )
    assert closed.state == expected
    # Whoever begins with the closing comes to the same.
    assert stock_item.fold(closed.facts[-1:]) == closed.state


def test_what_is_entered_late_for_a_day_before_a_closed_count_leaves_alone_what_was_counted() -> (
    None
):
    late = (
        kept()
        .when(closing)
        .then()
        .when(replace(issuing, lot="A", quantity=3, issued_on=DECEMBER_10))
    )
    late.records_a(StockCountRestated, change=3, counted_on=DECEMBER_20, because_of=DECEMBER_10)
    late.records_a(StockIssued, quantity=3, issued_on=DECEMBER_10, on_hand_after=7)
    card = late.then().state.lots["A"].card
    assert (card.on_hand(DECEMBER_10), card.on_hand(LAST_DAY), card.total) == (9, 9, 7)


def test_what_is_entered_late_for_a_day_after_it_changes_what_is_on_hand() -> None:
    closed = kept().when(closing).then()
    late = closed.when(replace(receiving, lot="A", quantity=5, received_on=LAST_DAY))
    late.records_a(StockReceived, on_hand_after=12)
    assert late.then().state.lots["A"].card.on_hand(LAST_DAY) == 14
    too_much = replace(issuing, lot="A", quantity=8, issued_on=LAST_DAY)
    closed.when(too_much).refused("stock_item.insufficient", on_hand=7)
    again = late.then().when(replace(counting, lot="A", counted=3, counted_on=FEBRUARY_1)).then()
    again.when(replace(issuing, lot="A", quantity=12, issued_on=LAST_DAY)).records_a(
        StockCountRestated, change=12, counted_on=FEBRUARY_1
    )


def test_a_count_of_a_closed_year_cannot_be_entered_any_more() -> None:
    closed = kept().when(closing).then()
    late = replace(counting, lot="A", counted=1, counted_on=LAST_DAY)
    closed.when(late).refused(
        "stock_item.year_closed",
        value="2025-12-31",
        rule="must be after 2025-12-31: until then the books are closed",
    )
    assert closed.when(replace(late, counted_on=JANUARY_5)).refusal is None
    # Of a lot that came since nothing was closed.
    assert closed.when(replace(late, lot="new")).refusal is None


@pytest.mark.parametrize("year", [2024, 2026])
def test_a_year_is_closed_when_it_is_over_and_the_item_was_kept(year: int) -> None:
    rule = "must be a year that is over on 2026-02-01, and not before 2025"
    kept().when(replace(closing, year=year)).refused("stock_item.year", value=year, rule=rule)
    given(StockItem).when(closing).refused("stock_item.not_listed")
    kept().when(replace(closing, closed_on=date(2026, 4, 1))).refused("stock_item.date")


def test_a_year_is_not_closed_while_a_receipt_is_missing() -> None:
    missing = OpenUnrecordedReceipt(
        stock_item_id=THE_ITEM,
        quantity=5,
        said_by="Nurse",
        why="No note",
        opened_on=JANUARY_5,
        lot="A",
    )
    kept().when(missing).then().when(closing).refused("stock_item.year_unsettled", value=2025)


def test_an_issue_of_any_lot_is_foreseen_with_closed_days_as_one() -> None:
    state = kept().when(closing).then().state
    late = replace(issuing, quantity=1, issued_on=DECEMBER_10)
    assert [(each.on, each.on_hand_after) for each in foreseen(state, late)] == [
        (DECEMBER_10, 8),
        (JANUARY_5, 6),
    ]


def test_a_card_that_is_closed_again_keeps_when_it_was_counted_last() -> None:
    card = Card().entered(DECEMBER_10, 5, counted=True).closed(LAST_DAY)
    again = card.entered(FEBRUARY_1, -1).closed(date(2026, 12, 31))
    assert again == Card((Day(date(2026, 12, 31), 4),), 4, date(2026, 12, 31), DECEMBER_10)
    assert again.lowest(DECEMBER_20) == again.on_hand(OCTOBER_1) == 4
    assert again.counted_after(DECEMBER_20) is None
