"""How much of an item a facility wants to have, and how it is noticed that it runs low.

Whatever changes what is available (an issue, a receipt, a count, a quarantine, a reservation) is
`watched`: where it falls to the reorder point by it, and where it falls below the minimum, the same
decision says so; and where it rises above the reorder point again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from functools import wraps
from typing import Any, TypeVar, cast
from uuid import UUID

from domain import rules
from domain.kernel import Circumstances, Command, Decided, Decision, Fact, command
from domain.supply.events.stock_par import ParLevels, StockParSet, StockRanLow, StockRecovered
from domain.supply.lots import StockItem, stock_item
from domain.supply.stock_rules import item_of

C = TypeVar("C", bound=Command)
Decides = Callable[[StockItem, C, Circumstances], Decision]

LONGEST_LEAD_TIME = 730
"""Days within which anything that is ordered comes (c)."""


@command("stock_item_id")
class SetParLevels(Command):
    """Say how much of an item is wanted: minimum <= reorder point <= maximum."""

    stock_item_id: UUID
    minimum: int
    reorder_point: int
    maximum: int
    lead_time_days: int
    set_on: date
    supplier_id: UUID | None = None


@stock_item.decides
def set_par(state: StockItem, command: SetParLevels, at: Circumstances) -> Decision:
    item = item_of(state, command.stock_item_id)
    rules.happened("stock_item", "set_on", command.set_on, at)
    if command.supplier_id is not None:
        at.open("supplier", command.supplier_id)
    minimum = rules.quantity("stock_item", "minimum", command.minimum, zero_allowed=True)
    rules.quantity("stock_item", "maximum", command.maximum)
    if not minimum <= command.reorder_point <= command.maximum:
        rule = f"must lie between the minimum ({minimum}) and the maximum ({command.maximum})"
        raise rules.refusal("stock_item.par", "reorder_point", command.reorder_point, rule)
    if not 0 <= command.lead_time_days <= LONGEST_LEAD_TIME:
        rule = f"must be 0 to {LONGEST_LEAD_TIME} days"
        raise rules.refusal("stock_item.par", "lead_time_days", command.lead_time_days, rule)
    par = ParLevels(
        minimum=minimum,
        reorder_point=command.reorder_point,
        maximum=command.maximum,
        lead_time_days=command.lead_time_days,
        supplier_id=command.supplier_id,
    )
    if par == state.par:
        return
    yield StockParSet(
        **item, par=par, set_on=command.set_on, on_hand=state.on_hand, available=state.available
    )
    if state.available <= par.reorder_point:
        yield _ran_low(state, command.stock_item_id, par, state.available, at)
    elif state.par is not None and state.available <= state.par.reorder_point:
        yield _recovered(state, command.stock_item_id, par, state.available, at)


def watched(decide: Decides[C]) -> Decides[C]:
    """The decision, and that the item ran low or recovered, where it did by it."""

    @wraps(decide)
    def decided(state: StockItem, command: C, at: Circumstances) -> Iterator[Decided]:
        par = state.par
        if par is None:
            yield from decide(state, command, at)
            return
        after = state
        for each in decide(state, command, at):
            if isinstance(each, Fact):
                after = after.evolve(cast(Any, each))
            yield each
        now, before = after.available, state.available
        stock_item_id = getattr(command, command.stream)
        if now <= par.reorder_point < before or now < par.minimum <= before:
            yield _ran_low(state, stock_item_id, par, now, at)
        elif before <= par.reorder_point < now:
            yield _recovered(state, stock_item_id, par, now, at)

    return decided


def _ran_low(
    state: StockItem, stock_item_id: UUID, par: ParLevels, available: int, at: Circumstances
) -> StockRanLow:
    return StockRanLow(
        **item_of(state, stock_item_id),
        par=par,
        available=available,
        short=par.maximum - available,
        ran_low_on=at.now.date(),
    )


def _recovered(
    state: StockItem, stock_item_id: UUID, par: ParLevels, available: int, at: Circumstances
) -> StockRecovered:
    return StockRecovered(
        **item_of(state, stock_item_id),
        par=par,
        available=available,
        recovered_on=at.now.date(),
    )
