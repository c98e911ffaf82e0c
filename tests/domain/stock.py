"""Gloves and a vaccine at a facility: what the tests of stock are told with."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from domain.supply.events.stock import (
    AdjustmentReason,
    IssuedTo,
    StockIssued,
    StockItemFact,
    StockItemListed,
    StockReceived,
)
from domain.supply.lots import StockItem
from domain.supply.stock_item import (
    AdjustStock,
    CountStock,
    IssueStock,
    OpenStockBooks,
    ReceiveStock,
)
from domain.supply.stock_listing import ListStockItem
from tests.domain.places import (
    A_PATIENT,
    FEBRUARY_1,
    MARCH_1,
    NEW_YEAR,
    RIVERSIDE,
    THE_ITEM,
    riverside_is_open,
)
from tests.grammar import Given, given

APRIL = date(2026, 4, 30)
JUNE = date(2026, 6, 30)


listing = ListStockItem(
    stock_item_id=THE_ITEM,
    facility_id=RIVERSIDE,
    item_system="GTIN",
    item_code="00812345678901",
    description="Nitrile gloves, medium",
    listed_on=NEW_YEAR,
)


listed = StockItemListed(
    stock_item_id=THE_ITEM,
    facility_id=RIVERSIDE,
    item_system="GTIN",
    item_code="00812345678901",
    description="Nitrile gloves, medium",
    unit="each",
    lot_tracked=False,
    listed_on=NEW_YEAR,
)


tracked = replace(listed, lot_tracked=True)


def received(
    quantity: int,
    lot: str = "",
    expires_on: date | None = None,
    *,
    lot_after: int | None = None,
    after: int | None = None,
) -> StockReceived:
    """A receipt; of a lot (and an item) of which nothing was there, unless told otherwise."""
    return StockReceived(
        stock_item_id=THE_ITEM,
        facility_id=RIVERSIDE,
        item_system="GTIN",
        item_code="00812345678901",
        lot=lot,
        expires_on=expires_on,
        quantity=quantity,
        unit_cost=None,
        reference=None,
        received_on=FEBRUARY_1,
        lot_on_hand_after=quantity if lot_after is None else lot_after,
        on_hand_after=quantity if after is None else after,
    )


def issued(
    quantity: int, lot: str = "", expires_on: date | None = None, *, lot_after: int, after: int
) -> StockIssued:
    return StockIssued(
        stock_item_id=THE_ITEM,
        facility_id=RIVERSIDE,
        item_system="GTIN",
        item_code="00812345678901",
        lot=lot,
        expires_on=expires_on,
        quantity=quantity,
        issued_to=IssuedTo.PATIENT,
        patient_id=A_PATIENT,
        department_id=None,
        encounter_id=None,
        issued_on=MARCH_1,
        lot_on_hand_after=lot_after,
        on_hand_after=after,
    )


receiving = ReceiveStock(stock_item_id=THE_ITEM, quantity=10, received_on=FEBRUARY_1)


issuing = IssueStock(
    stock_item_id=THE_ITEM,
    quantity=4,
    issued_on=MARCH_1,
    issued_to=IssuedTo.PATIENT,
    patient_id=A_PATIENT,
)


opening = OpenStockBooks(
    stock_item_id=THE_ITEM, quantity=7, opened_on=FEBRUARY_1, basis="Shelf count"
)


adjusting = AdjustStock(
    stock_item_id=THE_ITEM, change=-3, reason=AdjustmentReason.DAMAGED, adjusted_on=MARCH_1
)


counting = CountStock(stock_item_id=THE_ITEM, counted=8, counted_on=MARCH_1)


def gloves(*facts: StockItemFact) -> Given:
    """An item that is not tracked by lot, at an open facility."""
    return given(StockItem, listed, *facts).knowing(riverside_is_open())


def vaccine(*facts: StockItemFact) -> Given:
    """An item that is tracked by lot, at an open facility."""
    return given(StockItem, tracked, *facts).knowing(riverside_is_open())
