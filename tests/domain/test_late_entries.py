"""What is entered late: the card puts it on its day, and what was counted since stays."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from domain.supply.card import Card, Foreseen
from domain.supply.events.stock import (
    StockAdjusted,
    StockCounted,
    StockCountRestated,
    StockIssued,
    StockReceived,
)
from domain.supply.events.stock_holds import StockDelivered, StockDispatched, StockWrittenOff
from domain.supply.stock_holds import WriteOffStock
from tests.domain.places import FEBRUARY_1, MARCH_1, RIVERSIDE, THE_ITEM
from tests.domain.stock import adjusting, counting, gloves, issuing, received, receiving
from tests.domain.test_stock_holds import quarantining
from tests.domain.test_stock_transfers import delivering, dispatching
from tests.grammar import Given

FEBRUARY_10, FEBRUARY_20, MARCH_5 = date(2026, 2, 10), date(2026, 2, 20), date(2026, 3, 5)


def counted(found: int = 8, on: date = FEBRUARY_20) -> Given:
    """Ten gloves came in on 1 February, and some were counted later."""
    return gloves(received(10)).when(replace(counting, counted=found, counted_on=on)).then()


def restated(change: int, after: int) -> StockCountRestated:
    return StockCountRestated(
        stock_item_id=THE_ITEM,
        facility_id=RIVERSIDE,
        item_system="GTIN",
        item_code="00812345678901",
        lot="",
        expires_on=None,
        change=change,
        counted_on=FEBRUARY_20,
        because_of=FEBRUARY_10,
        lot_on_hand_after=after,
        on_hand_after=after,
    )


def test_an_issue_from_before_a_count_was_known_to_whoever_counted() -> None:
    late = counted().when(replace(issuing, quantity=2, issued_on=FEBRUARY_10))
    first, second = late.decided
    assert first == restated(2, 10)
    assert isinstance(second, StockIssued)
    assert (second.quantity, second.on_hand_after) == (2, 8)
    card = late.then().state.lots[""].card
    assert [card.on_hand(each) for each in (FEBRUARY_1, FEBRUARY_10, FEBRUARY_20)] == [10, 8, 8]


def test_a_receipt_from_before_a_count_was_known_to_whoever_counted() -> None:
    late = counted().when(replace(receiving, quantity=5, received_on=FEBRUARY_10))
    first, second = late.decided
    assert isinstance(first, StockReceived)
    assert first.on_hand_after == 13
    assert second == restated(-5, 8)


def test_what_was_counted_stays_whatever_else_is_entered_late() -> None:
    for change, restating in ((-2, 2), (2, -2)):
        late = counted().when(replace(adjusting, change=change, adjusted_on=FEBRUARY_10))
        late.records_a(StockAdjusted, change=change)
        late.records_a(StockCountRestated, change=restating)
        assert late.then().state.on_hand == 8
    sent = counted().when(replace(dispatching, quantity=2, dispatched_on=FEBRUARY_10))
    sent.records_a(StockDispatched, on_hand_after=8)
    came = counted().when(
        replace(delivering, quantity=2, delivered_on=FEBRUARY_10, lot="", expires_on=None)
    )
    came.records_a(StockDelivered, on_hand_after=10)
    assert sent.then().state.on_hand == came.then().state.on_hand == 8


def test_a_write_off_from_before_a_count_leaves_the_quarantine() -> None:
    apart = counted().when(replace(quarantining, quantity=3)).then()
    gone = apart.when(
        WriteOffStock(stock_item_id=THE_ITEM, why=quarantining.why, written_off_on=FEBRUARY_10)
    )
    gone.records_a(StockCountRestated, change=3, on_hand_after=11)
    gone.records_a(StockWrittenOff, quantity=3, on_hand_after=8, available_after=8)
    too_early = WriteOffStock(
        stock_item_id=THE_ITEM, why=quarantining.why, written_off_on=date(2026, 1, 15)
    )
    apart.when(too_early).refused("stock_item.insufficient", on_hand=0, asked=3)


def test_a_count_that_is_entered_late_leaves_what_moved_since() -> None:
    used = gloves(received(10)).when(issuing).then()
    late = used.when(replace(counting, counted=9, counted_on=FEBRUARY_10))
    late.records_a(StockCounted, counted=9, difference=-1, on_hand_after=5)
    again = counted().when(replace(counting, counted=9, counted_on=FEBRUARY_10))
    again.records_a(StockCounted, difference=-1, on_hand_after=8)
    again.records_a(StockCountRestated, change=1)
    assert again.then().state.on_hand == 8


def test_a_late_count_that_leaves_too_little_for_what_went_out_is_refused() -> None:
    used = gloves(received(10)).when(issuing).then()
    used.when(replace(counting, counted=3, counted_on=FEBRUARY_10)).refused(
        "stock_item.count_contradicted",
        value=3,
        rule="leaves -1 on 2026-03-01: more went out by then",
    )


def test_nothing_goes_out_before_it_came_in_or_from_what_was_needed_later() -> None:
    gloves(received(10)).when(replace(issuing, issued_on=date(2026, 1, 31))).refused(
        "stock_item.insufficient", on_hand=0, asked=4
    )
    nearly_all = gloves(received(10)).when(replace(issuing, quantity=9)).then()
    nearly_all.when(replace(issuing, issued_on=FEBRUARY_10)).refused(
        "stock_item.insufficient", on_hand=1, asked=4
    )
    refilled = nearly_all.when(replace(receiving, quantity=50, received_on=MARCH_5)).then()
    refilled.when(replace(issuing, issued_on=FEBRUARY_10)).refused("stock_item.insufficient")
    refilled.when(replace(adjusting, adjusted_on=FEBRUARY_10)).refused(
        "stock_item.insufficient", on_hand=1, asked=3
    )


def test_what_is_held_back_today_does_not_count_for_a_day_before_the_last_count() -> None:
    apart = counted(0, MARCH_1).when(replace(issuing, quantity=10, issued_on=FEBRUARY_10))
    apart.records_a(StockIssued, quantity=10, on_hand_after=0)


# --- the card ------------------------------------------------------------------------------------


def test_a_card_is_in_the_order_of_days() -> None:
    card = Card().entered(MARCH_1, 5).entered(FEBRUARY_1, 3).entered(MARCH_1, -1)
    card = card.entered(FEBRUARY_20, 7, counted=True).entered(FEBRUARY_20, 1)
    assert [(each.on, each.change, each.counted) for each in card.days] == [
        (FEBRUARY_1, 3, False),
        (FEBRUARY_20, 8, True),
        (MARCH_1, 4, False),
    ]
    assert [card.on_hand(each) for each in (date(2026, 1, 1), FEBRUARY_10, MARCH_5)] == [0, 3, 15]
    assert [card.counted_after(each) for each in (FEBRUARY_1, FEBRUARY_20, MARCH_1)] == [
        FEBRUARY_20,
        None,
        None,
    ]
    assert Card().counted_after(MARCH_1) is None


def test_a_card_foresees_the_days_until_the_next_count() -> None:
    card = Card().entered(FEBRUARY_1, 10).entered(FEBRUARY_10, -4)
    card = card.entered(FEBRUARY_20, 2, counted=True).entered(MARCH_1, -8)
    assert card.foreseen(FEBRUARY_1, -7) == (
        Foreseen(FEBRUARY_1, 10, 3),
        Foreseen(FEBRUARY_10, 6, -1),
    )
    assert card.foreseen(FEBRUARY_20, 1) == (Foreseen(FEBRUARY_20, 8, 9), Foreseen(MARCH_1, 0, 1))
    assert (card.lowest(FEBRUARY_1), card.lowest(FEBRUARY_20), Card().lowest(MARCH_1)) == (6, 0, 0)
