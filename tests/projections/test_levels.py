"""What runs low, what is on its way, what is stocked to plan."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from domain.supply.events.ordering import ItemQuantity, PurchaseOrderCancelled, PurchaseOrderClosed
from projections.supply.levels import (
    Coming,
    StockLevel,
    Way,
    level_of,
    stock_levels,
    stocked_to_plan,
)
from tests.domain import test_inbound_transfer as inbound
from tests.domain.places import MARCH_1, RIVERSIDE, THE_ITEM
from tests.domain.stock import issued
from tests.domain.supplies import GLOVES, THE_ORDER
from tests.domain.test_purchase_order import HERE as ORDER
from tests.domain.test_purchase_order import placed
from tests.domain.test_purchase_order import received as part
from tests.domain.test_stock_par import low, was_set
from tests.grammar import TODAY
from tests.projections.grammar import figures, given

taken = issued(5, lot_after=5, after=5)


@pytest.mark.parametrize(
    ("available", "level"),
    [
        (0, StockLevel.OUT),
        (1, StockLevel.BELOW_MINIMUM),
        (5, StockLevel.TO_REORDER),
        (6, StockLevel.ON_PLAN),
        (20, StockLevel.ON_PLAN),
        (21, StockLevel.ABOVE_MAXIMUM),
    ],
)
def test_a_level_is_where_it_stands_between_the_par_levels(
    available: int, level: StockLevel
) -> None:
    assert level_of(available, 2, 5, 20) is level


def test_an_item_without_par_levels_is_not_watched() -> None:
    given(stock_levels, taken).has_no_row(THE_ITEM)
    assert not given(stocked_to_plan, taken).rows


def test_an_item_that_runs_low_is_on_the_list_since_that_day() -> None:
    given(stock_levels, was_set).shows(THE_ITEM, level=StockLevel.ON_PLAN, low_since=None)
    given(stock_levels, was_set, taken, low).shows(
        THE_ITEM, level=StockLevel.TO_REORDER, available=5, low_since=TODAY
    )


def test_what_is_ordered_is_on_its_way_until_it_comes_or_is_given_up() -> None:
    given(stock_levels, was_set, placed).shows(THE_ITEM, on_order=100)
    given(stock_levels, was_set, placed, part).shows(THE_ITEM, on_order=40)
    left = (ItemQuantity(stock_item_id=THE_ITEM, quantity=40),)
    given(
        stock_levels,
        was_set,
        placed,
        part,
        PurchaseOrderClosed(
            **ORDER, unfilled_lines=left, unfilled=40, reason="gone", closed_on=MARCH_1
        ),
    ).shows(THE_ITEM, on_order=0)
    off = PurchaseOrderCancelled(
        **ORDER, lines=placed.lines, reason="not needed", cancelled_on=MARCH_1
    )
    given(stock_levels, was_set, placed, off).shows(THE_ITEM, on_order=0)


def test_what_comes_of_an_older_order_or_transfer_leaves_alone_what_is_to_come_of_others() -> None:
    """Ordered, or sent, before the item had par levels."""
    older = UUID(int=17)
    come = replace(part, purchase_order_id=older, quantity=60, outstanding_after=0)
    given(stock_levels, was_set, placed, come).shows(
        THE_ITEM, on_order=100, coming=(Coming(way=Way.ORDER, its_id=THE_ORDER, quantity=100),)
    )
    rest = replace(come, outstanding_after=7)
    given(stock_levels, was_set, placed, rest).shows(THE_ITEM, on_order=107)
    announced = replace(inbound.announced, facility_id=RIVERSIDE)
    arrived = replace(inbound.received, facility_id=RIVERSIDE, inbound_transfer_id=older)
    given(stock_levels, was_set, placed, announced, arrived).shows(
        THE_ITEM, on_order=100, inbound=10
    )


def test_what_is_announced_is_on_its_way_until_it_is_received() -> None:
    announced = replace(inbound.announced, facility_id=RIVERSIDE)
    given(stock_levels, was_set, announced).shows(THE_ITEM, inbound=10)
    come = replace(inbound.received, facility_id=RIVERSIDE)
    given(stock_levels, was_set, announced, come).shows(THE_ITEM, inbound=0)


def test_new_levels_keep_what_is_on_its_way() -> None:
    given(stock_levels, was_set, placed, replace(was_set, available=30)).shows(
        THE_ITEM, on_order=100, level=StockLevel.ABOVE_MAXIMUM
    )


def test_stocked_to_plan_counts_facilities_by_where_they_stand() -> None:
    row = given(stocked_to_plan, was_set, taken).row(RIVERSIDE, *GLOVES.values())
    shown = figures(row)
    assert shown["facilities"] == shown["to_reorder"] == 1
    assert "on_plan" not in shown
