"""Stock that leaves for another facility, and stock that comes from one."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from domain.supply.events.stock_holds import (
    StockDelivered,
    StockDispatched,
    StockReservationReleased,
)
from domain.supply.lots import StockItem
from domain.supply.stock_transfers import DeliverStock, DispatchStock
from tests.domain.places import (
    DAY_BEFORE_NEW_YEAR,
    MARCH_1,
    RIVERSIDE,
    THE_ITEM,
    riverside_is_closed,
)
from tests.domain.stock import APRIL, JUNE, gloves, listed, received, tracked, vaccine
from tests.domain.test_stock_holds import SURGERY_OF_MONDAY, reserved, two_lots
from tests.grammar import given

THE_TRANSFER = UUID(int=81)

dispatching = DispatchStock(
    stock_item_id=THE_ITEM, transfer_id=THE_TRANSFER, quantity=4, dispatched_on=MARCH_1
)
delivering = DeliverStock(
    stock_item_id=THE_ITEM,
    transfer_id=THE_TRANSFER,
    quantity=4,
    delivered_on=MARCH_1,
    lot="APRIL",
    expires_on=APRIL,
)


def test_what_expires_first_is_sent_first() -> None:
    first = StockDispatched(
        stock_item_id=THE_ITEM,
        facility_id=RIVERSIDE,
        item_system="GTIN",
        item_code="00812345678901",
        lot="APRIL",
        expires_on=APRIL,
        transfer_id=THE_TRANSFER,
        quantity=3,
        dispatched_on=MARCH_1,
        lot_available_after=0,
        lot_on_hand_after=0,
        on_hand_after=3,
        available_after=3,
    )
    second = replace(
        first,
        lot="JUNE",
        expires_on=JUNE,
        quantity=1,
        lot_available_after=2,
        lot_on_hand_after=2,
        on_hand_after=2,
        available_after=2,
    )
    vaccine(*two_lots).when(dispatching).records(first, second)


def test_no_more_is_sent_than_is_there() -> None:
    vaccine(*two_lots).when(replace(dispatching, quantity=7)).refused("stock_item.insufficient")
    reserved().when(replace(dispatching, quantity=7)).refused("stock_item.insufficient", on_hand=6)
    gloves(received(9)).when(replace(dispatching, quantity=0)).refused("stock_item.quantity")
    gloves(received(9)).when(replace(dispatching, dispatched_on=DAY_BEFORE_NEW_YEAR)).refused(
        "stock_item.date_order", field="dispatched_on"
    )


def test_what_was_reserved_for_a_transfer_is_sent() -> None:
    sent = reserved().when(replace(dispatching, reservation_id=SURGERY_OF_MONDAY))
    sent.records_a(StockReservationReleased, quantity=4, lot_reserved_after=0)
    sent.records_a(StockDispatched, quantity=4, on_hand_after=6, available_after=6)


def test_a_closed_facility_sends_away_what_it_has_and_takes_nothing_in() -> None:
    closed = given(StockItem, listed, received(9)).knowing(riverside_is_closed())
    closed.when(dispatching).records_a(StockDispatched, on_hand_after=5)
    closed.when(replace(delivering, lot="", expires_on=None)).refused("facility.not_open")


def test_what_arrives_is_a_lot_with_its_expiry() -> None:
    vaccine(*two_lots).when(delivering).records(
        StockDelivered(
            stock_item_id=THE_ITEM,
            facility_id=RIVERSIDE,
            item_system="GTIN",
            item_code="00812345678901",
            lot="APRIL",
            expires_on=APRIL,
            transfer_id=THE_TRANSFER,
            quantity=4,
            delivered_on=MARCH_1,
            lot_available_after=7,
            lot_on_hand_after=7,
            on_hand_after=10,
            available_after=10,
        )
    )
    vaccine(*two_lots).when(replace(delivering, expires_on=JUNE)).refused("stock_item.lot_expiry")
    vaccine().when(replace(delivering, quantity=0)).refused("stock_item.quantity")
    assert vaccine().when(delivering).then().state.lots["APRIL"].expires_on == APRIL
    given(StockItem, tracked).when(delivering).refused("facility.unknown")
