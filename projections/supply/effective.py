"""What was on hand at the end of a day: by when things happened, not by when they were entered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from domain.kernel import Recorded
from projections.kernel import GRAIN, Key, Measure, Summary
from projections.rows import replace
from projections.supply.moved import MOVED, Moved, change_of


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectiveStock:
    """By how much a lot changed on a day; the days up to one, added up, are what was on hand then.

    What is entered late counts on the day it happened. `movements` is how often the lot moved.
    """

    facility_id: UUID
    item_system: str
    item_code: str
    lot: str
    effective_on: date
    on_hand: Measure
    movements: Measure


effective_stock = Summary(
    "effective_stock",
    row=EffectiveStock,
    dimensions=("facility_id", "item_system", "item_code", "lot", "effective_on"),
    desk="supply chain and auditors: what was on hand at the end of any day, as it is known now, "
    "or as it was known then",
    grain=GRAIN,
)


def _day(event: Recorded[Moved]) -> Key:
    fact = event.fact
    *_, on = change_of(fact)
    return fact.facility_id, fact.item_system, fact.item_code, fact.lot, on


@effective_stock.on(*MOVED, key=_day)
def moved_on(row: EffectiveStock, event: Recorded[Moved]) -> EffectiveStock:
    _, change, _ = change_of(event.fact)
    return replace(row, on_hand=row.on_hand + change, movements=row.movements + 1)
