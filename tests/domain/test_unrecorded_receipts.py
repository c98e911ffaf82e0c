"""The named exception by which stock may be negative, and how it is closed."""

from __future__ import annotations

from dataclasses import replace

from domain.kernel import Command
from domain.supply.events.stock import StockIssued
from domain.supply.events.stock_exceptions import (
    ExceptionEnd,
    UnrecordedReceiptClosed,
    UnrecordedReceiptOpened,
)
from domain.supply.lots import StockItem
from domain.supply.stock_exceptions import OpenUnrecordedReceipt, WithdrawUnrecordedReceipt
from tests.domain.places import (
    DAY_BEFORE_NEW_YEAR,
    FEBRUARY_1,
    MARCH_1,
    RIVERSIDE,
    THE_ITEM,
    riverside_is_closed,
)
from tests.domain.stock import (
    APRIL,
    JUNE,
    adjusting,
    counting,
    gloves,
    issuing,
    listed,
    received,
    receiving,
    vaccine,
)
from tests.domain.test_stock_holds import reserving
from tests.domain.test_stock_transfers import delivering, dispatching
from tests.grammar import Given, given

opening = OpenUnrecordedReceipt(
    stock_item_id=THE_ITEM,
    quantity=10,
    said_by="Charge nurse",
    why="The delivery note is missing",
    opened_on=FEBRUARY_1,
)
withdrawing = WithdrawUnrecordedReceipt(stock_item_id=THE_ITEM, closed_on=MARCH_1)


def excepted() -> Given:
    """Three gloves by the books, and ten more that are said to be there."""
    return gloves(received(3)).when(opening).then()


def short() -> Given:
    """Eight gloves were taken."""
    return excepted().when(replace(issuing, quantity=8)).then()


def test_without_the_exception_nothing_is_negative() -> None:
    gloves(received(3)).when(replace(issuing, quantity=8)).refused("stock_item.insufficient")


def test_somebody_says_what_came_in_and_why_there_is_no_receipt() -> None:
    gloves(received(3)).when(opening).records(
        UnrecordedReceiptOpened(
            stock_item_id=THE_ITEM,
            facility_id=RIVERSIDE,
            item_system="GTIN",
            item_code="00812345678901",
            lot="",
            expires_on=None,
            quantity=10,
            said_by="Charge nurse",
            why="The delivery note is missing",
            opened_on=FEBRUARY_1,
            lot_on_hand=3,
        )
    )
    for named in ("said_by", "why"):
        untold = replace(opening, **{named: " "})  # type: ignore[arg-type]
        gloves().when(untold).refused("stock_item.text", field=named)
    gloves().when(replace(opening, quantity=0)).refused("stock_item.quantity")
    gloves().when(replace(opening, opened_on=DAY_BEFORE_NEW_YEAR)).refused("stock_item.date_order")
    excepted().when(opening).refused("stock_item.unrecorded_receipt_open", field="lot")
    given(StockItem, listed).knowing(riverside_is_closed()).when(opening).refused(
        "facility.not_open"
    )


def test_so_much_more_is_handed_out_and_not_a_piece_beyond() -> None:
    excepted().when(replace(issuing, quantity=8)).records_a(
        StockIssued, quantity=8, on_hand_after=-5
    )
    excepted().when(replace(issuing, quantity=14)).refused(
        "stock_item.insufficient", on_hand=13, asked=14
    )
    short().when(replace(issuing, quantity=5)).records_a(StockIssued, on_hand_after=-10)
    short().when(replace(issuing, quantity=6)).refused("stock_item.insufficient", on_hand=5)


def test_what_has_no_receipt_is_neither_promised_nor_sent_away() -> None:
    excepted().when(replace(reserving, quantity=4)).refused("stock_item.insufficient", on_hand=3)
    excepted().when(dispatching).refused("stock_item.insufficient", on_hand=3)


def test_it_stays_open_until_what_was_promised_is_there_again() -> None:
    promised = excepted().when(replace(reserving, quantity=3)).then()
    taken = promised.when(replace(issuing, quantity=2)).then()
    taken.when(withdrawing).refused("stock_item.still_negative", on_hand=1)
    assert taken.when(replace(receiving, quantity=1)).then().state.lots[""].unrecorded == 10
    taken.when(replace(receiving, quantity=2)).records_a(UnrecordedReceiptClosed)


def test_what_is_in_the_books_is_taken_first() -> None:
    lots = vaccine(received(3, "JUNE", JUNE))
    both = lots.when(replace(opening, lot="APRIL", expires_on=APRIL)).then()
    taken = [each for each in both.when(issuing).decided if isinstance(each, StockIssued)]
    assert [(each.lot, each.quantity, each.lot_on_hand_after) for each in taken] == [
        ("JUNE", 3, 0),
        ("APRIL", 1, -1),
    ]


def test_what_brings_the_books_up_to_it_closes_it() -> None:
    ends: tuple[tuple[Command, ExceptionEnd], ...] = (
        (receiving, ExceptionEnd.RECEIVED),
        (replace(adjusting, change=5), ExceptionEnd.ADJUSTED),
        (replace(counting, counted=2), ExceptionEnd.COUNTED),
        (
            replace(delivering, quantity=9, lot="", expires_on=None),
            ExceptionEnd.RECEIVED,
        ),
    )
    for command, how in ends:
        closed = short().when(command)
        closed.records_a(UnrecordedReceiptClosed, how=how)
        assert closed.then().state.lots[""].unrecorded == 0
        assert closed.then().state.on_hand >= 0
        closed.then().when(replace(issuing, quantity=30)).refused("stock_item.insufficient")


def test_it_stays_open_while_the_lot_is_negative() -> None:
    for command in (
        replace(receiving, quantity=4),
        replace(adjusting, change=4),
        replace(delivering, quantity=4, lot="", expires_on=None),
    ):
        assert short().when(command).then().state.lots[""].unrecorded == 10
    short().when(withdrawing).refused("stock_item.still_negative", on_hand=-5)


def test_where_nothing_was_taken_it_is_withdrawn() -> None:
    withdrawn = excepted().when(withdrawing)
    withdrawn.records_a(UnrecordedReceiptClosed, how=ExceptionEnd.WITHDRAWN, lot_on_hand=3)
    withdrawn.then().when(withdrawing).records_nothing()
    less = excepted().when(replace(adjusting, change=-1))
    assert less.then().state.lots[""].unrecorded == 10
