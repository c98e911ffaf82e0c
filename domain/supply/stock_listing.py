"""How an item begins to be kept at a facility, and learns what it is.

It is kept under a code, and the catalog knows what that code means: whether it is a controlled
substance the item looks up when it is **listed**, and is told when the catalog says otherwise.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from domain import rules
from domain.kernel import Circumstances, Command, Decision, Refused, Reserve, command
from domain.supply.controlled_code import schedule_told
from domain.supply.events.controlled_code import code_stream
from domain.supply.events.stock import StockItemListed
from domain.supply.events.stock_control import StockItemScheduled
from domain.supply.item_codes import as_kept
from domain.supply.lots import StockItem, stock_item
from domain.supply.stock_rules import item_of


@command("stock_item_id", creates=True)
class ListStockItem(Command):
    """Begin to keep an item at a facility. `unit` is the smallest unit it is counted in."""

    stock_item_id: UUID
    facility_id: UUID
    item_system: str
    item_code: str
    description: str
    listed_on: date
    unit: str = "each"
    lot_tracked: bool = False


@command("stock_item_id")
class ScheduleStockItem(Command):
    """Let an item know whether it is a controlled substance. A process's command."""

    stock_item_id: UUID
    scheduled_on: date


def _its_code(state: StockItem, command: ListStockItem) -> list[UUID]:  # noqa: ARG001
    """The code a command names, as far as it can be told before it is checked."""
    try:
        return [code_stream(*as_kept("stock_item", command.item_system, command.item_code))]
    except Refused:
        return []


@stock_item.decides(consulting=_its_code)
def list_item(state: StockItem, command: ListStockItem, at: Circumstances) -> Decision:
    if state.facility_id is not None:
        raise Refused("stock_item.already_listed", "This stock item exists.")
    at.open("facility", command.facility_id)
    rules.happened("stock_item", "listed_on", command.listed_on, at)
    system, code = as_kept("stock_item", command.item_system, command.item_code)
    yield Reserve(
        "stock_item", f"{command.facility_id}/{system}/{code}", "stock_item.already_listed"
    )
    yield StockItemListed(
        stock_item_id=command.stock_item_id,
        facility_id=command.facility_id,
        item_system=system,
        item_code=code,
        description=rules.text("stock_item", "description", command.description, longest=500),
        unit=rules.text("stock_item", "unit", command.unit, longest=40),
        lot_tracked=command.lot_tracked,
        listed_on=command.listed_on,
    )
    if (schedule := schedule_told(at, code_stream(system, code))) is not None:
        yield StockItemScheduled(
            stock_item_id=command.stock_item_id,
            facility_id=command.facility_id,
            item_system=system,
            item_code=code,
            schedule=schedule,
            register_id=None,
            scheduled_on=command.listed_on,
            on_hand=0,
        )


def _own_code(state: StockItem, command: ScheduleStockItem) -> list[UUID]:  # noqa: ARG001
    return [code_stream(state.item_system, state.item_code)]


@stock_item.decides(consulting=_own_code)
def schedule(state: StockItem, command: ScheduleStockItem, at: Circumstances) -> Decision:
    """What its code means now counts, not what it meant when the process saw it change."""
    item = item_of(state, command.stock_item_id)
    now = schedule_told(at, code_stream(state.item_system, state.item_code))
    if now != state.schedule:
        yield StockItemScheduled(
            **item,
            schedule=now,
            register_id=state.register_id,
            scheduled_on=command.scheduled_on,
            on_hand=state.on_hand,
        )
