"""What is on hand and not to be used: reservations, and the quarantine."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from domain.kernel import CONSULTED
from domain.supply.events.stock import StockAdjusted, StockCounted, StockIssued
from domain.supply.events.stock_holds import (
    QuarantineEnd,
    QuarantineReason,
    ReservationEnd,
    StockQuarantined,
    StockQuarantineReleased,
    StockRecalled,
    StockReservationReleased,
    StockReserved,
    StockWrittenOff,
)
from domain.supply.lots import StockItem, StockStanding, stock_item
from domain.supply.stock_holds import (
    QuarantineStock,
    ReleaseQuarantine,
    ReleaseReservation,
    ReserveStock,
    WriteOffStock,
)
from domain.supply.stock_item import CountStock
from domain.supply.stock_recall import RecallLot, RecallStanding
from domain.supply.stock_transfers import DispatchStock
from tests.domain.places import (
    DAY_BEFORE_NEW_YEAR,
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
    received,
    tracked,
    vaccine,
)
from tests.grammar import Given, given

SURGERY_OF_MONDAY, SURGERY_OF_TUESDAY, THE_RECALL = (UUID(int=each) for each in (71, 72, 73))

reserving = ReserveStock(
    stock_item_id=THE_ITEM,
    reservation_id=SURGERY_OF_MONDAY,
    quantity=4,
    reserved_for="Surgery of Monday",
    reserved_on=MARCH_1,
)
giving_up = ReleaseReservation(
    stock_item_id=THE_ITEM, reservation_id=SURGERY_OF_MONDAY, released_on=MARCH_1
)
quarantining = QuarantineStock(
    stock_item_id=THE_ITEM,
    why=QuarantineReason.RECALL,
    quarantined_on=MARCH_1,
    recall_id=THE_RECALL,
)
clearing = ReleaseQuarantine(stock_item_id=THE_ITEM, released_on=MARCH_1)
writing_off = WriteOffStock(
    stock_item_id=THE_ITEM, why=QuarantineReason.RECALL, written_off_on=MARCH_1
)

two_lots = (received(3, "JUNE", JUNE), received(3, "APRIL", APRIL, after=6))


def reserved() -> Given:
    """Ten gloves, four of which are promised."""
    return gloves(received(10)).when(reserving).then()


def in_quarantine() -> Given:
    """Ten gloves, four of which are in quarantine."""
    return gloves(received(10)).when(replace(quarantining, quantity=4)).then()


# --- reservations --------------------------------------------------------------------------------


def test_a_reservation_holds_what_expires_first() -> None:
    held = vaccine(*two_lots).when(reserving)
    first = StockReserved(
        stock_item_id=THE_ITEM,
        facility_id=RIVERSIDE,
        item_system="GTIN",
        item_code="00812345678901",
        lot="APRIL",
        expires_on=APRIL,
        reservation_id=SURGERY_OF_MONDAY,
        quantity=3,
        reserved_for="Surgery of Monday",
        reserved_on=MARCH_1,
        lot_reserved_after=3,
        lot_available_after=0,
        lot_on_hand_after=3,
        on_hand_after=6,
        available_after=3,
    )
    second = replace(
        first,
        lot="JUNE",
        expires_on=JUNE,
        quantity=1,
        lot_reserved_after=1,
        lot_available_after=2,
        available_after=2,
    )
    held.records(first, second)
    assert (held.then().state.on_hand, held.then().state.available) == (6, 2)


def test_what_is_reserved_is_for_nobody_else() -> None:
    reserved().when(replace(issuing, quantity=7)).refused(
        "stock_item.insufficient", on_hand=6, asked=7
    )
    reserved().when(replace(reserving, reservation_id=SURGERY_OF_TUESDAY, quantity=7)).refused(
        "stock_item.insufficient"
    )


def test_a_reservation_is_made_once() -> None:
    reserved().when(reserving).records_nothing()
    reserved().when(replace(reserving, quantity=5)).refused(
        "stock_item.reservation_exists", field="reservation_id", rule="holds 4 already"
    )


def test_a_reservation_is_made_where_work_is_done_and_for_someone() -> None:
    given(StockItem, tracked).knowing(riverside_is_closed()).when(reserving).refused(
        "facility.not_open"
    )
    gloves(received(10)).when(replace(reserving, reserved_for=" ")).refused("stock_item.text")
    given(StockItem).when(reserving).refused("stock_item.not_listed")


def test_what_is_reserved_is_used_by_whom_it_was_promised_to() -> None:
    used = reserved().when(replace(issuing, quantity=3, reservation_id=SURGERY_OF_MONDAY))
    used.records_a(
        StockReservationReleased,
        quantity=3,
        why=ReservationEnd.USED,
        lot_reserved_after=1,
        available_after=9,
    )
    used.records_a(StockIssued, quantity=3, lot_on_hand_after=7, on_hand_after=7)
    assert used.then().state.available == 6
    used.then().when(replace(issuing, quantity=2, reservation_id=SURGERY_OF_MONDAY)).refused(
        "stock_item.insufficient", on_hand=1, asked=2
    )
    reserved().when(replace(issuing, reservation_id=SURGERY_OF_TUESDAY)).refused(
        "stock_item.insufficient", on_hand=0
    )


def test_a_reservation_is_given_up() -> None:
    both = reserved().when(replace(reserving, reservation_id=SURGERY_OF_TUESDAY, quantity=2))
    given_up = both.then().when(giving_up)
    given_up.records_a(
        StockReservationReleased,
        reservation_id=SURGERY_OF_MONDAY,
        quantity=4,
        why=ReservationEnd.CANCELLED,
        lot_reserved_after=2,
    )
    given_up.then().when(giving_up).records_nothing()
    assert given_up.then().state.available == 8


# --- quarantine ----------------------------------------------------------------------------------


def test_a_whole_lot_is_set_apart() -> None:
    apart = vaccine(*two_lots).when(replace(quarantining, lot="APRIL", note=" FDA "))
    apart.records(
        StockQuarantined(
            stock_item_id=THE_ITEM,
            facility_id=RIVERSIDE,
            item_system="GTIN",
            item_code="00812345678901",
            lot="APRIL",
            expires_on=APRIL,
            quantity=3,
            why=QuarantineReason.RECALL,
            recall_id=THE_RECALL,
            note="FDA",
            quarantined_on=MARCH_1,
            lot_quarantined_after=3,
            lot_available_after=0,
            lot_on_hand_after=3,
            on_hand_after=6,
            available_after=3,
        )
    )
    apart.then().when(replace(quarantining, lot="APRIL")).records_nothing()
    apart.then().when(issuing).refused("stock_item.insufficient", on_hand=3, asked=4)
    apart.then().when(replace(issuing, lot="APRIL", quantity=1)).refused("stock_item.insufficient")


def test_some_of_a_lot_is_set_apart_and_no_more_than_there_is() -> None:
    assert in_quarantine().state.available == 6
    in_quarantine().when(replace(quarantining, quantity=7)).refused(
        "stock_item.insufficient", on_hand=6, asked=7
    )
    in_quarantine().when(replace(quarantining, quantity=0)).refused("stock_item.quantity")
    vaccine().when(replace(quarantining, lot="A1")).refused("stock_item.lot_unknown")


def test_a_quarantine_takes_what_is_reserved_too() -> None:
    second = replace(reserving, reservation_id=SURGERY_OF_TUESDAY, quantity=2)
    taken = reserved().when(second).then().when(replace(quarantining, quantity=7))
    released = [each for each in taken.decided if isinstance(each, StockReservationReleased)]
    assert [(each.reservation_id, each.quantity, each.why) for each in released] == [
        (SURGERY_OF_TUESDAY, 2, ReservationEnd.QUARANTINED),
        (SURGERY_OF_MONDAY, 1, ReservationEnd.QUARANTINED),
    ]
    taken.records_a(StockQuarantined, quantity=7, available_after=0)
    assert taken.then().state.reservations == {(SURGERY_OF_MONDAY, ""): 3}


def test_a_quarantine_leaves_the_reservations_of_other_lots() -> None:
    held = vaccine(*two_lots).when(reserving).then()
    taken = held.when(replace(quarantining, lot="APRIL"))
    taken.records_a(StockReservationReleased, lot="APRIL", quantity=3)
    assert taken.then().state.reservations == {(SURGERY_OF_MONDAY, "JUNE"): 1}


def test_what_is_cleared_may_be_used_again() -> None:
    in_quarantine().when(replace(clearing, quantity=1)).records_a(
        StockQuarantineReleased,
        quantity=1,
        why=QuarantineEnd.CLEARED,
        lot_quarantined_after=3,
        available_after=7,
    )
    cleared = in_quarantine().when(clearing)
    cleared.records_a(StockQuarantineReleased, quantity=4, available_after=10)
    cleared.then().when(clearing).records_nothing()
    in_quarantine().when(replace(clearing, quantity=5)).refused("stock_item.insufficient")


def test_what_is_under_a_recall_stays_in_quarantine_as_long_as_it_is_in_force() -> None:
    recalling = RecallLot(
        stock_item_id=THE_ITEM, lot="", recall_id=THE_RECALL, number="Z-1", recalled_on=MARCH_1
    )
    marked = in_quarantine().when(recalling)
    marked.records_a(StockRecalled, recall_id=THE_RECALL, number="Z-1", lot_on_hand=10)
    recalled = marked.then()
    recalled.when(recalling).records_nothing()
    assert [*CONSULTED[ReleaseQuarantine](recalled.state, clearing)] == [THE_RECALL]
    recalled.knowing(the_recall(in_force=True)).when(clearing).refused(
        "stock_item.recalled", value="", recall_id=THE_RECALL
    )
    over = recalled.knowing(the_recall(in_force=False))
    over.when(clearing).records_a(StockQuarantineReleased, quantity=4)
    # It may leave the books, and what came in of it meanwhile is recalled too.
    gone = recalled.when(writing_off)
    gone.records_a(StockWrittenOff, quantity=4)
    assert gone.then().state.lots[""].recalls == {THE_RECALL}


@pytest.mark.parametrize("lot", [None, "JUNE"])
def test_of_a_lot_under_a_recall_nothing_is_taken_also_of_what_has_just_come_in(
    lot: str | None,
) -> None:
    recalling = RecallLot(
        stock_item_id=THE_ITEM,
        lot="JUNE",
        recall_id=THE_RECALL,
        number="Z-1",
        recalled_on=MARCH_1,
    )
    come = vaccine(*two_lots).when(recalling).then()
    in_force = come.knowing(the_recall(in_force=True))
    over = come.knowing(the_recall(in_force=False))
    code = "stock_item.insufficient" if lot is None else "stock_item.recalled"
    sending = DispatchStock(
        stock_item_id=THE_ITEM, transfer_id=THE_RECALL, quantity=4, dispatched_on=MARCH_1, lot=lot
    )
    for command in (
        replace(issuing, quantity=4, lot=lot, issued_on=MARCH_1),
        replace(reserving, lot=lot),
        sending,
    ):
        in_force.when(command).refused(code)
        less = replace(command, quantity=3)
        assert (in_force.when(less).refusal is None) == (lot is None)
        assert over.when(less).refusal is None


def the_recall(*, in_force: bool) -> RecallStanding:
    status = "in_force" if in_force else "terminated"
    return RecallStanding(kind="recall", id=THE_RECALL, open=in_force, status=status, number="Z-1")


def test_what_is_written_off_leaves_the_books() -> None:
    gone = in_quarantine().when(replace(writing_off, note="Burnt"))
    gone.records_a(
        StockWrittenOff,
        quantity=4,
        note="Burnt",
        lot_quarantined_after=0,
        lot_available_after=6,
        lot_on_hand_after=6,
        on_hand_after=6,
        available_after=6,
    )
    gone.then().when(writing_off).records_nothing()
    assert (gone.then().state.on_hand, gone.then().state.available) == (6, 6)
    gloves(received(10)).when(replace(writing_off, quantity=1)).refused("stock_item.insufficient")


@pytest.mark.parametrize(
    ("command", "field"),
    [
        (reserving, "reserved_on"),
        (giving_up, "released_on"),
        (quarantining, "quarantined_on"),
        (clearing, "released_on"),
        (writing_off, "written_off_on"),
    ],
)
def test_nothing_is_held_before_the_item_was_listed(command: ReserveStock, field: str) -> None:
    early = replace(command, **{field: DAY_BEFORE_NEW_YEAR})  # type: ignore[arg-type]
    gloves(received(10)).when(early).refused("stock_item.date_order", field=field)


# --- less is there than is held ------------------------------------------------------------------


def test_what_is_adjusted_away_is_not_reserved_any_more() -> None:
    less = reserved().when(replace(adjusting, change=-8))
    less.records_a(StockReservationReleased, quantity=2, why=ReservationEnd.MISSING)
    less.records_a(StockAdjusted, lot_on_hand_after=2)
    assert (less.then().state.on_hand, less.then().state.available) == (2, 0)


def test_what_is_in_quarantine_is_not_adjusted_away() -> None:
    in_quarantine().when(replace(adjusting, change=-7)).refused(
        "stock_item.insufficient", on_hand=6, asked=7
    )
    in_quarantine().when(replace(adjusting, change=-6)).records_a(StockAdjusted, on_hand_after=4)


def test_a_count_that_finds_less_than_is_held_says_what_is_missing() -> None:
    held = in_quarantine().when(reserving).then()
    found = held.when(replace(counting, counted=3))
    found.records_a(StockReservationReleased, quantity=4, why=ReservationEnd.MISSING)
    found.records_a(
        StockQuarantineReleased, quantity=1, why=QuarantineEnd.MISSING, lot_quarantined_after=3
    )
    found.records_a(StockCounted, counted=3, difference=-7)
    assert found.then().state.available == 0


def test_others_may_know_how_much_of_an_item_there_is() -> None:
    assert stock_item.standing is not None
    state = reserved().state
    assert stock_item.standing(state, THE_ITEM) == StockStanding(
        kind="stock_item",
        id=THE_ITEM,
        open=True,
        status="listed",
        facility_id=RIVERSIDE,
        item_system="GTIN",
        item_code="00812345678901",
        lot_tracked=False,
        on_hand=10,
        available=6,
        lots=state.lots,
        reservations=state.reservations,
    )


def test_an_expired_lot_is_counted_and_written_off_but_not_reserved() -> None:
    old = vaccine(received(5, "A1", date(2026, 2, 20)))
    old.when(reserving).refused("stock_item.insufficient", on_hand=0)
    apart = old.when(replace(quarantining, lot="A1", why=QuarantineReason.EXPIRED)).then()
    apart.when(replace(writing_off, lot="A1")).records_a(StockWrittenOff, on_hand_after=0)
    apart.when(
        CountStock(stock_item_id=THE_ITEM, counted=5, counted_on=MARCH_1, lot="A1")
    ).records_a(StockCounted, difference=0)
