"""Whatever happens in supply, item by item: every unit is somewhere, and nothing is spent twice."""

from __future__ import annotations

from collections import Counter
from typing import Any

from domain.supply.lots import stock_item
from projections.refold import refold
from projections.supply import stock_on_hand, stock_use
from projections.supply.transit import stock_in_transit
from tests.projections.health_system import HealthSystem
from tests.projections.test_every_model import whatever_happens_in_supply


@whatever_happens_in_supply
def test_nothing_is_negative_without_its_named_exception(system: HealthSystem) -> None:
    """After every single fact, also in the middle of a decision."""
    states: dict[Any, Any] = {}
    for event in system.events:
        if not event.fact.name.startswith("stock_item."):
            continue
        state = states.get(event.stream_id, stock_item.initial).evolve(event.fact)
        states[event.stream_id] = state
        for lot in state.lots.values():
            assert lot.on_hand >= -lot.unrecorded
            assert min(lot.reserved, lot.quarantined) >= 0


@whatever_happens_in_supply
def test_every_unit_of_an_item_is_on_hand_or_in_transit_or_gone(system: HealthSystem) -> None:
    """Now and then, over all facilities: of two that ask for one lot, only one gets it."""
    for end in range(1, len(system.events), max(1, len(system.events) // 4)):
        events = system.events[:end]
        on_hand, there = Counter[str](), Counter[str]()
        left, on_the_road = Counter[str](), Counter[str]()
        for row in refold(stock_on_hand, events).values():
            on_hand[row.item_code] += row.on_hand
        for use in refold(stock_use, events).values():
            came = use.opened + use.received + use.delivered + use.adjusted + use.counted
            there[use.item_code] += came - use.issued - use.dispatched - use.written_off
            left[use.item_code] += use.dispatched - use.delivered
        for road in refold(stock_in_transit, events).values():
            on_the_road[road.item_code] += road.dispatched - road.delivered
        assert on_hand == there
        assert left == on_the_road
        assert all(each >= 0 for each in on_the_road.values())
