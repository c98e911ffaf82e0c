"""Which controlled substances stand still until somebody opens their register."""

from __future__ import annotations

from dataclasses import replace

from domain.supply.events.catalog import ControlledSchedule
from projections.supply.unregistered import stock_without_register
from tests.domain.places import FEBRUARY_1, MARCH_1, THE_ITEM
from tests.domain.stock import received
from tests.domain.test_controlled_code import THE_REGISTER, learned
from tests.domain.test_stock_control import controlled
from tests.projections.grammar import given


def test_what_nobody_opened_a_register_for_is_on_the_list_with_what_is_there() -> None:
    known = given(stock_without_register, received(10), learned)
    known.shows(THE_ITEM, schedule=ControlledSchedule.CII, on_hand=10, since=MARCH_1)
    stricter = replace(learned, schedule=ControlledSchedule.CI, scheduled_on=FEBRUARY_1, on_hand=7)
    again = given(stock_without_register, learned, stricter, received(4, after=11))
    again.shows(THE_ITEM, schedule=ControlledSchedule.CI, on_hand=11, since=MARCH_1)


def test_it_leaves_the_list_when_it_has_one_or_needs_none() -> None:
    given(stock_without_register, learned, controlled).has_only()
    given(stock_without_register, learned, replace(learned, schedule=None)).has_only()
    with_register = replace(learned, register_id=THE_REGISTER)
    given(stock_without_register, controlled, with_register).has_only()
    given(stock_without_register, received(4)).has_only()
