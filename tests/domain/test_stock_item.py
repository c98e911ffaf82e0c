"""The life of a stock item: listed, opened, put right and counted."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from domain.kernel import UPCASTERS, Reserve
from domain.supply.events.stock import (
    AdjustmentReason,
    StockAdjusted,
    StockBooksOpened,
    StockCounted,
    StockIssued,
    StockItemListed,
    StockReceived,
)
from domain.supply.lots import StockItem
from tests.domain.places import (
    DAY_BEFORE_NEW_YEAR,
    FEBRUARY_1,
    MARCH_1,
    RIVERSIDE,
    THE_ITEM,
    TOMORROW_EVERYWHERE,
    riverside_is_closed,
    riverside_is_open,
)
from tests.domain.stock import (
    APRIL,
    JUNE,
    adjusting,
    counting,
    gloves,
    issued,
    issuing,
    listed,
    listing,
    opening,
    received,
    receiving,
    vaccine,
)
from tests.grammar import given

# --- listing -----------------------------------------------------------------------------------


def test_an_item_is_listed_once_at_a_facility() -> None:
    reserved = Reserve(
        "stock_item", f"{RIVERSIDE}/GTIN/00812345678901", "stock_item.already_listed"
    )
    given(StockItem).knowing(riverside_is_open()).when(listing).records(reserved, listed)
    gloves().when(listing).refused("stock_item.already_listed")
    assert gloves().state.on_hand == 0


def test_an_item_is_listed_only_where_work_is_done() -> None:
    given(StockItem).when(listing).refused("facility.unknown")
    given(StockItem).knowing(riverside_is_closed()).when(listing).refused("facility.not_open")


@pytest.mark.parametrize("field", ["item_system", "item_code", "description", "unit"])
def test_an_item_says_what_it_is(field: str) -> None:
    untold = replace(listing, **{field: ""})  # type: ignore[arg-type]
    given(StockItem).knowing(riverside_is_open()).when(untold).refused(
        "stock_item.text", field=field
    )


@pytest.mark.parametrize(
    ("system", "code", "kept"),
    [
        ("gtin", "812345678901", ("GTIN", "00812345678901")),
        ("NDC", "0409-1893-01", ("NDC", "00409-1893-01")),
        ("NDC", "00409189301", ("NDC", "00409-1893-01")),
        ("unspsc", "42132203", ("UNSPSC", "42132203")),
        ("Own", " GAUZE-5 ", ("own", "GAUZE-5")),
        ("SNOMED-CT", "  12-3", ("SNOMED-CT", "12-3")),
    ],
)
def test_an_item_is_kept_under_one_spelling_of_its_code(
    system: str, code: str, kept: tuple[str, str]
) -> None:
    spelled = replace(listing, item_system=system, item_code=code)
    given(StockItem).knowing(riverside_is_open()).when(spelled).records_a(
        StockItemListed, item_system=kept[0], item_code=kept[1]
    )


def test_a_wrong_check_digit_is_told_and_not_guessed() -> None:
    wrong = replace(listing, item_code="00812345678903")
    given(StockItem).knowing(riverside_is_open()).when(wrong).refused(
        "catalog_item.gtin", field="item_code", rule="must end with the check digit 1"
    )
    unclear = replace(listing, item_system="NDC", item_code="0409189301")
    given(StockItem).knowing(riverside_is_open()).when(unclear).refused("catalog_item.ndc")


def test_an_item_is_not_listed_tomorrow() -> None:
    given(StockItem).knowing(riverside_is_open()).when(
        replace(listing, listed_on=TOMORROW_EVERYWHERE)
    ).refused("stock_item.date", field="listed_on")


@pytest.mark.parametrize(
    ("day", "code"),
    [(DAY_BEFORE_NEW_YEAR, "stock_item.date_order"), (TOMORROW_EVERYWHERE, "stock_item.date")],
)
def test_nothing_moves_before_the_item_was_listed_or_after_today(day: date, code: str) -> None:
    stocked = gloves(received(10))
    gloves().when(replace(opening, opened_on=day)).refused(code, field="opened_on")
    stocked.when(replace(receiving, received_on=day)).refused(code, field="received_on")
    stocked.when(replace(issuing, issued_on=day)).refused(code, field="issued_on")
    stocked.when(replace(adjusting, adjusted_on=day)).refused(code, field="adjusted_on")
    stocked.when(replace(counting, counted_on=day)).refused(code, field="counted_on")


def test_what_is_not_listed_does_not_move() -> None:
    for command in (opening, receiving, issuing, counting):
        given(StockItem).when(command).refused("stock_item.not_listed")


def test_what_was_scanned_is_the_item() -> None:
    for command in (opening, receiving, counting, issuing, adjusting):
        stocked = gloves() if command is opening else gloves(received(10))
        assert stocked.when(replace(command, gtin="812345678901")).refusal is None
        stocked.when(replace(command, gtin="9506000134352")).refused(
            "stock_item.another_item", field="gtin"
        )
        assert stocked.when(replace(command, udi_di="A123BJC5D6E71")).refusal is None
        device = replace(listed, item_system="UDI-DI", item_code="A123BJC5D6E71")
        of_hibcc = replace(stocked, facts=(device, *stocked.facts[1:]))
        assert of_hibcc.when(replace(command, udi_di="A123BJC5D6E71")).refusal is None
        of_hibcc.when(replace(command, udi_di="A123BJC5D6E72")).refused(
            "stock_item.another_item",
            field="udi_di",
            value="A123BJC5D6E72",
        )
    by_its_ndc = replace(listed, item_system="NDC", item_code="00409-1893-01")
    given(StockItem, by_its_ndc).knowing(riverside_is_open()).when(
        replace(receiving, gtin="9506000134352")
    ).records_a(StockReceived, quantity=10)


# --- opening the books -------------------------------------------------------------------------


def opened(quantity: int, lot: str = "", expires_on: date | None = None) -> StockBooksOpened:
    return StockBooksOpened(
        stock_item_id=THE_ITEM,
        facility_id=RIVERSIDE,
        item_system="GTIN",
        item_code="00812345678901",
        lot=lot,
        expires_on=expires_on,
        quantity=quantity,
        opened_on=FEBRUARY_1,
        basis="Shelf count",
        card=None,
        lot_on_hand_after=quantity,
        on_hand_after=quantity,
    )


def test_the_books_open_with_what_is_there_and_be_it_nothing() -> None:
    gloves().when(opening).records(opened(7))
    gloves().when(replace(opening, quantity=0)).records(opened(0))


def test_the_books_of_each_lot_are_opened() -> None:
    first = vaccine().when(replace(opening, lot=" A1 ", expires_on=JUNE))
    first.records(opened(7, "A1", JUNE))
    first.then().when(replace(opening, lot="B2", quantity=5)).records(
        replace(opened(5, "B2"), on_hand_after=12)
    )


def test_the_books_open_before_anything_moves() -> None:
    for before in (opened(0), received(10)):
        gloves(before).when(opening).refused("stock_item.books_already_open")


def test_the_books_of_a_closed_facility_can_be_opened_adjusted_and_counted() -> None:
    shut = given(StockItem, listed).knowing(riverside_is_closed())
    after = shut.when(opening).then()
    after.when(adjusting).records_a(StockAdjusted)
    after.when(counting).records_a(StockCounted)


def test_the_books_rest_on_something() -> None:
    gloves().when(replace(opening, basis=" ")).refused("stock_item.text", field="basis")
    gloves().when(replace(opening, quantity=-1)).refused("stock_item.quantity", field="quantity")


# --- adjusting ---------------------------------------------------------------------------------


def test_the_books_are_put_right_for_a_reason() -> None:
    adjusted = StockAdjusted(
        stock_item_id=THE_ITEM,
        facility_id=RIVERSIDE,
        item_system="GTIN",
        item_code="00812345678901",
        lot="",
        expires_on=None,
        change=-3,
        reason=AdjustmentReason.DAMAGED,
        adjusted_on=MARCH_1,
        lot_on_hand_after=7,
        on_hand_after=7,
    )
    gloves(received(10)).when(adjusting).records(adjusted)
    gloves().when(replace(adjusting, change=3, reason=AdjustmentReason.FOUND)).records(
        replace(
            adjusted,
            change=3,
            reason=AdjustmentReason.FOUND,
            lot_on_hand_after=3,
            on_hand_after=3,
        )
    )


def test_an_expired_lot_is_written_off() -> None:
    vaccine(received(10, "A1", FEBRUARY_1)).when(
        replace(adjusting, lot="A1", change=-10, reason=AdjustmentReason.EXPIRED)
    ).records_a(StockAdjusted, lot="A1", expires_on=FEBRUARY_1, lot_on_hand_after=0)


def test_an_adjustment_takes_no_more_than_there_is() -> None:
    gloves(received(2)).when(adjusting).refused("stock_item.insufficient", on_hand=2, asked=3)


@pytest.mark.parametrize("change", [0, 1_000_000_000, -1_000_000_000])
def test_an_adjustment_changes_something(change: int) -> None:
    gloves(received(2)).when(replace(adjusting, change=change)).refused(
        "stock_item.quantity", field="change"
    )


def test_a_lot_nobody_knows_is_not_adjusted() -> None:
    vaccine().when(replace(adjusting, lot="A1", change=5)).refused(
        "stock_item.lot_unknown", value="A1"
    )


# --- counting ----------------------------------------------------------------------------------


def test_a_count_is_recorded_also_when_nothing_differs() -> None:
    counted = StockCounted(
        stock_item_id=THE_ITEM,
        facility_id=RIVERSIDE,
        item_system="GTIN",
        item_code="00812345678901",
        lot="",
        expires_on=None,
        counted=8,
        difference=-2,
        counted_on=MARCH_1,
        lot_on_hand_after=8,
        on_hand_after=8,
    )
    gloves(received(10)).when(counting).records(counted)
    gloves(received(8)).when(counting).records(replace(counted, difference=0))
    gloves(received(8)).when(replace(counting, counted=0)).records_a(StockCounted, difference=-8)


def test_a_lot_that_turns_up_is_counted_in() -> None:
    vaccine(received(10, "A1", JUNE)).when(replace(counting, lot="B2", expires_on=APRIL)).records_a(
        StockCounted,
        lot="B2",
        expires_on=APRIL,
        difference=8,
        lot_on_hand_after=8,
        on_hand_after=18,
    )


def test_nobody_counts_less_than_nothing() -> None:
    gloves().when(replace(counting, counted=-1)).refused("stock_item.quantity", field="counted")


# --- what was ----------------------------------------------------------------------------------


def test_what_todays_rules_would_refuse_still_replays() -> None:
    history = (
        received(5),
        issued(9, lot_after=-4, after=-4),
        received(3, "A1", date(1800, 1, 1), after=-1),
        received(3, "A1", JUNE, lot_after=6, after=2),
        opened(0, "A1"),
    )
    state = gloves(*history).state
    assert (state.on_hand, state.lots["A1"].expires_on) == (-4, None)
    assert state == gloves(*history).state


def test_what_was_booked_below_nothing_is_not_issued_from() -> None:
    vaccine(received(5, "A1", lot_after=-5), received(5, "B2")).when(issuing).records_a(
        StockIssued, lot="B2", quantity=4
    )


def test_the_first_books_did_not_tell_of_a_card() -> None:
    assert UPCASTERS["stock_item.books_opened", 1]({"lot": ""}) == {"lot": "", "card": None}
