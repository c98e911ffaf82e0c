"""Par levels, and that it is noticed when an item runs low."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from domain.kernel import Fact
from domain.supply.events.stock_holds import QuarantineReason
from domain.supply.events.stock_par import ParLevels, StockParSet, StockRanLow, StockRecovered
from domain.supply.lots import StockItem
from domain.supply.stock_holds import QuarantineStock
from domain.supply.stock_item import CountStock, ReceiveStock
from domain.supply.stock_par import SetParLevels
from tests.domain.places import FEBRUARY_1, MARCH_1, RIVERSIDE, THE_ITEM, riverside_is_open
from tests.domain.stock import listed, received
from tests.domain.supplies import ACME, GLOVES, the_supplier_is
from tests.grammar import TODAY, Given, given

par = ParLevels(minimum=2, reorder_point=5, maximum=20, lead_time_days=7, supplier_id=ACME)
setting = SetParLevels(
    stock_item_id=THE_ITEM,
    minimum=2,
    reorder_point=5,
    maximum=20,
    lead_time_days=7,
    supplier_id=ACME,
    set_on=FEBRUARY_1,
)
was_set = StockParSet(
    stock_item_id=THE_ITEM,
    facility_id=RIVERSIDE,
    **GLOVES,
    par=par,
    set_on=FEBRUARY_1,
    on_hand=10,
    available=10,
)
low = StockRanLow(
    stock_item_id=THE_ITEM,
    facility_id=RIVERSIDE,
    **GLOVES,
    par=par,
    available=5,
    short=15,
    ran_low_on=TODAY,
)
recovered = StockRecovered(
    stock_item_id=THE_ITEM,
    facility_id=RIVERSIDE,
    **GLOVES,
    par=par,
    available=6,
    recovered_on=TODAY,
)
counting = CountStock(stock_item_id=THE_ITEM, counted=5, counted_on=MARCH_1)


def at_riverside(*facts: Fact) -> Given:
    return given(StockItem, listed, *facts).knowing(riverside_is_open(), the_supplier_is())


def test_par_levels_are_set_and_changed() -> None:
    at_riverside(received(10)).when(setting).records(was_set)
    at_riverside(received(10), was_set).when(setting).records_nothing()


def test_an_item_that_is_low_already_is_noticed_when_its_levels_are_set() -> None:
    at_riverside(received(5)).when(setting).records(replace(was_set, on_hand=5, available=5), low)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"minimum": -1}, "stock_item.quantity"),
        ({"maximum": 0}, "stock_item.quantity"),
        ({"reorder_point": 1}, "stock_item.par"),
        ({"reorder_point": 21}, "stock_item.par"),
        ({"lead_time_days": 731}, "stock_item.par"),
        ({"set_on": date(2026, 4, 1)}, "stock_item.date"),
    ],
)
def test_impossible_levels_are_refused(changed: dict[str, object], code: str) -> None:
    at_riverside(received(10)).when(replace(setting, **changed)).refused(code)  # type: ignore[arg-type]


def test_a_supplier_that_is_suspended_is_not_preferred() -> None:
    at_riverside().knowing(the_supplier_is("suspended")).when(setting).refused("supplier.not_open")
    at_riverside(received(10)).when(replace(setting, supplier_id=None)).records_a(
        StockParSet, par=replace(par, supplier_id=None)
    )


def test_whatever_takes_it_to_the_reorder_point_says_so_once() -> None:
    at_riverside(received(10), was_set).when(replace(counting, counted=6)).then().when(
        counting
    ).records_a(StockRanLow, available=5, short=15)
    ran_low = at_riverside(received(10), was_set).when(counting).then()
    again = ran_low.when(replace(counting, counted=4))
    assert not [each for each in again.decided if isinstance(each, StockRanLow)]


def test_what_is_set_apart_is_not_available_either() -> None:
    apart = QuarantineStock(
        stock_item_id=THE_ITEM, why=QuarantineReason.DAMAGED, quarantined_on=MARCH_1, quantity=8
    )
    at_riverside(received(10), was_set).when(apart).records_a(StockRanLow, available=2, short=18)


def test_below_the_minimum_it_says_so_once_more() -> None:
    below = at_riverside(received(10), was_set).when(counting).then()
    below.when(replace(counting, counted=1)).records_a(StockRanLow, available=1, short=19)


def test_when_it_has_risen_above_the_reorder_point_it_has_recovered() -> None:
    ran_low = at_riverside(received(10), was_set).when(counting).then()
    one_more = ReceiveStock(stock_item_id=THE_ITEM, quantity=1, received_on=MARCH_1)
    ran_low.when(one_more).records_a(StockRecovered, available=6)
    again = ran_low.when(one_more).then().when(one_more)
    assert not [each for each in again.decided if isinstance(each, StockRecovered)]


def test_lower_levels_are_a_recovery_too() -> None:
    ran_low = at_riverside(received(10), was_set).when(counting).then()
    ran_low.when(replace(setting, reorder_point=3)).records_a(StockRecovered, available=5)
    first = at_riverside(received(10)).when(setting)
    assert not [each for each in first.decided if isinstance(each, StockRecovered)]
