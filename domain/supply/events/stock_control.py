"""Part of the story of supply: an item is a controlled substance, and moves by its register."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from domain.kernel import Fact, fact
from domain.supply.events.catalog import ControlledSchedule


@fact("stock_item.put_under_control", effective="controlled_on")
class StockPutUnderControl(Fact):
    """From now on nothing of the item goes out, and nothing is adjusted or counted, but by the
    register."""

    stock_item_id: UUID
    facility_id: UUID
    item_system: str
    item_code: str
    register_id: UUID
    controlled_on: date
    on_hand: int


@fact("stock_item.scheduled", effective="scheduled_on")
class StockItemScheduled(Fact):
    """The catalog says that the item is a controlled substance of this schedule, and nothing of it
    moves until its register is opened; without a schedule, that it is none any more."""

    stock_item_id: UUID
    facility_id: UUID
    item_system: str
    item_code: str
    schedule: ControlledSchedule | None
    register_id: UUID | None
    scheduled_on: date
    on_hand: int


StockControlFact = StockPutUnderControl | StockItemScheduled
