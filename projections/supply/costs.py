"""What was paid for stock: by what its use is told by value."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from uuid import UUID

from domain.kernel import Recorded
from domain.rules import LARGEST_AMOUNT
from domain.supply.events.stock import StockReceived
from projections.kernel import GRAIN, Key, Measure, Summary
from projections.rows import replace

FINENESS = 4
"""Decimal places of a cost that is kept: what a unit costs is finer than a cent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What was paid for what a facility received of an item in a month: `cost` for the `costed`
    units of which a cost is told. It is in ten-thousandths of the facility's currency, and means
    something within one facility only."""

    facility_id: UUID
    item_system: str
    item_code: str
    month: str
    costed: Measure
    cost: Measure


stock_costs = Summary(
    "stock_costs",
    row=Cost,
    dimensions=("facility_id", "item_system", "item_code", "month"),
    desk="supply chain: what was paid for what came in (turns by value)",
    grain=GRAIN,
)


def _month(event: Recorded[StockReceived]) -> Key:
    fact = event.fact
    return fact.facility_id, fact.item_system, fact.item_code, f"{fact.received_on:%Y-%m}"


@stock_costs.on(StockReceived, key=_month)
def paid(row: Cost, event: Recorded[StockReceived]) -> Cost:
    fact = event.fact
    if fact.unit_cost is None:
        return row
    cost = fact.unit_cost * fact.quantity
    if cost >= LARGEST_AMOUNT:
        # Of a slip of the pen no mean is made.
        return row
    units = cost.scaleb(FINENESS).to_integral_value(ROUND_HALF_EVEN)
    return replace(row, costed=row.costed + fact.quantity, cost=row.cost + int(units))


def unit_cost(cost: int, costed: int) -> Decimal:
    """What a unit cost in the mean, in the currency."""
    return Decimal(cost).scaleb(-FINENESS) / costed
