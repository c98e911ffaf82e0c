"""Part of the story of supply: how much of an item a facility wants; that it runs low, and is not
low any more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from domain.kernel import Fact, fact


@dataclass(frozen=True, slots=True, kw_only=True)
class ParLevels:
    """Between `minimum` and `maximum` an item is stocked to plan. At the `reorder_point` or below,
    what is missing to the maximum is asked for; it takes `lead_time_days` to come, from
    `supplier_id` where one is preferred."""

    minimum: int
    reorder_point: int
    maximum: int
    lead_time_days: int
    supplier_id: UUID | None


@fact("stock_item.par_set", effective="set_on")
class StockParSet(Fact):
    """A facility says how much of an item it wants to have."""

    stock_item_id: UUID
    facility_id: UUID
    item_system: str
    item_code: str
    par: ParLevels
    set_on: date
    on_hand: int
    available: int


@fact("stock_item.ran_low", effective="ran_low_on")
class StockRanLow(Fact):
    """What is available has fallen to the reorder point, or below the minimum, or is low already
    when the levels are set. `short` is what is missing to the maximum."""

    stock_item_id: UUID
    facility_id: UUID
    item_system: str
    item_code: str
    par: ParLevels
    available: int
    short: int
    ran_low_on: date


@fact("stock_item.recovered", effective="recovered_on")
class StockRecovered(Fact):
    """What is available has risen above the reorder point again: nobody need ask for more."""

    stock_item_id: UUID
    facility_id: UUID
    item_system: str
    item_code: str
    par: ParLevels
    available: int
    recovered_on: date


StockParFact = StockParSet | StockRanLow | StockRecovered
