"""Where a lot lies."""

from __future__ import annotations

from dataclasses import replace

from domain.supply.events.stock_bins import StockPutAway
from domain.supply.stock_bins import PutStockAway
from tests.domain.places import MARCH_1, THE_ITEM
from tests.domain.stock import gloves, issuing, received, vaccine

putting_away = PutStockAway(stock_item_id=THE_ITEM, bin=" B-12 ", put_away_on=MARCH_1)


def test_what_there_is_of_a_lot_lies_in_one_bin_until_it_is_put_into_another() -> None:
    put = gloves(received(10)).when(putting_away)
    put.records_a(StockPutAway, bin="B-12", bin_before=None, lot_on_hand=10)
    put.then().when(putting_away).records_nothing()
    assert put.then().when(issuing).then().state.lots[""].bin == "B-12"
    taken = put.then().when(replace(putting_away, bin=None))
    taken.records_a(StockPutAway, bin=None, bin_before="B-12")


def test_only_a_lot_that_is_known_lies_anywhere() -> None:
    gloves().when(putting_away).refused("stock_item.lot_unknown")
    vaccine().when(replace(putting_away, lot="A")).refused("stock_item.lot_unknown")
    gloves(received(10)).when(replace(putting_away, bin="")).refused("stock_item.text")
