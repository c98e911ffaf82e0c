"""What is held back is told to the unit: every page says what the stock item itself knows."""

from __future__ import annotations

from collections import Counter

import pytest

from projections.refold import refold
from projections.supply import (
    stock_in_quarantine,
    stock_items,
    stock_lots,
    stock_on_hand,
    stock_reservations,
)
from projections.supply.levels import stock_levels
from tests.projections.health_system import HealthSystem


@pytest.mark.parametrize("seed", range(2))
def test_every_page_tells_what_is_held_as_the_item_knows_it(seed: int) -> None:
    system = HealthSystem(seed, "supply").lives(400)
    items, lots = refold(stock_items, system.events), refold(stock_lots, system.events)
    reservations = refold(stock_reservations, system.events)
    quarantine = refold(stock_in_quarantine, system.events)
    levels = refold(stock_levels, system.events)
    sums = refold(stock_on_hand, system.events)
    held = 0
    for its_id, state in system.all("stock_item").items():
        page = items[its_id,]
        known = {
            name: (lot.on_hand, lot.reserved, lot.quarantined)
            for name, lot in state.lots.items()
            if lot.on_hand or lot.reserved or lot.quarantined
        }
        assert {
            each.lot: (each.on_hand, each.reserved, each.quarantined) for each in page.lots
        } == known
        assert (page.on_hand, page.available) == (state.on_hand, state.available)
        assert page.reserved + page.quarantined == page.on_hand - page.available
        by_lot: Counter[str] = Counter()
        for (_, lot), quantity in state.reservations.items():
            by_lot[lot] += quantity
        told = {
            (row.reservation_id, row.lot): row.quantity
            for row in reservations.values()
            if row.stock_item_id == its_id
        }
        assert told == dict(state.reservations)
        for name, lot in state.lots.items():
            row = quarantine.get((its_id, name))
            assert (row.quantity if row else 0) == lot.quarantined
            assert by_lot[name] == lot.reserved
            if (its_id, name) in lots:
                shelf = lots[its_id, name]
                assert (shelf.reserved, shelf.quarantined) == (lot.reserved, lot.quarantined)
                assert shelf.available == lot.available
            summed = sums.get((state.facility_id, state.item_system, state.item_code, name))
            assert (summed.available if summed else 0) == lot.available
            held += lot.reserved + lot.quarantined
        if (its_id,) in levels:
            level = levels[its_id,]
            assert (level.on_hand, level.available) == (state.on_hand, state.available)
    assert held
