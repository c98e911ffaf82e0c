"""What a pharmacy has to see to: controlled substances of which nobody has opened a register."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from domain.kernel import Recorded
from domain.supply.events.catalog import ControlledSchedule
from domain.supply.events.stock_control import StockItemScheduled, StockPutUnderControl
from projections.kernel import ReadModel
from projections.rows import replace
from projections.supply.moved import MOVED, Moved


@dataclass(frozen=True, slots=True, kw_only=True)
class WithoutRegister:
    """A controlled substance that is kept without a register: nothing of it moves until one is
    opened. `since` is the day on which the item learned of its `schedule`, `on_hand` what is to be
    counted when the register is opened (21 CFR 1304.11(d))."""

    stock_item_id: UUID
    facility_id: UUID
    item_system: str
    item_code: str
    schedule: ControlledSchedule
    on_hand: int
    since: date


stock_without_register = ReadModel(
    "stock_without_register",
    row=WithoutRegister,
    key="stock_item_id",
    order="since",
    indexes=(("item_system", "item_code"),),
    local=True,
    desk="pharmacies: controlled substances that stand still until somebody opens their register",
)


@stock_without_register.on(StockItemScheduled)
def scheduled(
    row: WithoutRegister | None, event: Recorded[StockItemScheduled]
) -> WithoutRegister | None:
    fact = event.fact
    if fact.schedule is None or fact.register_id is not None:
        return None
    return WithoutRegister(
        stock_item_id=fact.stock_item_id,
        facility_id=fact.facility_id,
        item_system=fact.item_system,
        item_code=fact.item_code,
        schedule=fact.schedule,
        on_hand=fact.on_hand,
        since=fact.scheduled_on if row is None else row.since,
    )


@stock_without_register.on(StockPutUnderControl)
def put_under_control(
    row: WithoutRegister | None,  # noqa: ARG001 - it leaves the list
    event: Recorded[StockPutUnderControl],  # noqa: ARG001
) -> WithoutRegister | None:
    return None


@stock_without_register.on(*MOVED)
def moved(row: WithoutRegister | None, event: Recorded[Moved]) -> WithoutRegister | None:
    return row and replace(row, on_hand=event.fact.on_hand_after)
