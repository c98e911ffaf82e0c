"""What the store rooms look at of par levels: what runs low, what is on its way, and what is
stocked to plan.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from domain.kernel import Recorded
from domain.supply.events.inbound_transfer import InboundAnnounced, InboundReceived
from domain.supply.events.ordering import (
    OrderedItemReceived,
    PurchaseOrderCancelled,
    PurchaseOrderClosed,
    PurchaseOrderPlaced,
)
from domain.supply.events.stock_par import StockParSet, StockRanLow, StockRecovered
from projections.kernel import GRAIN, Key, Measure, ReadModel, Summary
from projections.rows import replace
from projections.supply.moved import MOVED, QUARANTINING, RESERVING, Moved, Quarantining, Reserving

Changed = Moved | Reserving | Quarantining
CHANGED = (*MOVED, *RESERVING, *QUARANTINING)


class StockLevel(StrEnum):
    """Where what is available stands between the par levels."""

    OUT = "out"
    BELOW_MINIMUM = "below_minimum"
    TO_REORDER = "to_reorder"
    ON_PLAN = "on_plan"
    ABOVE_MAXIMUM = "above_maximum"


def level_of(available: int, minimum: int, reorder_point: int, maximum: int) -> StockLevel:
    """An item at its reorder point is to be reordered, and still between minimum and maximum."""
    if available <= 0:
        return StockLevel.OUT
    if available < minimum:
        return StockLevel.BELOW_MINIMUM
    if available <= reorder_point:
        return StockLevel.TO_REORDER
    return StockLevel.ON_PLAN if available <= maximum else StockLevel.ABOVE_MAXIMUM


def available_after(fact: Any, on_hand: int, available: int) -> int:
    """What is available after a fact that tells what is on hand: what is held stays held by it."""
    told: int | None = getattr(fact, "available_after", None)
    return int(fact.on_hand_after) - (on_hand - available) if told is None else told


# --- levels --------------------------------------------------------------------------------------


class Way(StrEnum):
    """How something comes in."""

    ORDER = "order"
    TRANSFER = "transfer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Coming:
    """How much is still to come of an order, or of a transfer that is on the road."""

    way: Way
    its_id: UUID
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelEntry:
    """An item that has par levels, and how much of it is there, ordered (`on_order`), and on the
    road to here (`inbound`): since it has par levels, by order and transfer (`coming`).

    `low_since` is the day on which it last ran low, while it is.
    """

    stock_item_id: UUID
    facility_id: UUID
    item_system: str
    item_code: str
    supplier_id: UUID | None
    minimum: int
    reorder_point: int
    maximum: int
    lead_time_days: int
    on_hand: int
    available: int
    on_order: int
    inbound: int
    coming: tuple[Coming, ...]
    level: StockLevel
    low_since: date | None


stock_levels = ReadModel(
    "stock_levels",
    row=LevelEntry,
    key="stock_item_id",
    order="item_code",
    indexes=(("level",), ("item_system", "item_code"), ("supplier_id",)),
    local=True,
    desk="store rooms: what runs low, what is out, and what is on its way",
)


@stock_levels.on(StockParSet)
def par_set(row: LevelEntry | None, event: Recorded[StockParSet]) -> LevelEntry | None:
    fact, par = event.fact, event.fact.par
    return LevelEntry(
        stock_item_id=fact.stock_item_id,
        facility_id=fact.facility_id,
        item_system=fact.item_system,
        item_code=fact.item_code,
        supplier_id=par.supplier_id,
        minimum=par.minimum,
        reorder_point=par.reorder_point,
        maximum=par.maximum,
        lead_time_days=par.lead_time_days,
        on_hand=fact.on_hand,
        available=fact.available,
        on_order=row.on_order if row else 0,
        inbound=row.inbound if row else 0,
        coming=row.coming if row else (),
        level=level_of(fact.available, par.minimum, par.reorder_point, par.maximum),
        low_since=None,
    )


@stock_levels.on(*CHANGED)
def level_changed(row: LevelEntry | None, event: Recorded[Changed]) -> LevelEntry | None:
    if row is None:
        return None
    fact = event.fact
    available = available_after(fact, row.on_hand, row.available)
    return replace(
        row,
        on_hand=fact.on_hand_after,
        available=available,
        level=level_of(available, row.minimum, row.reorder_point, row.maximum),
        low_since=row.low_since if available <= row.reorder_point else None,
    )


@stock_levels.on(StockRanLow)
def ran_low(row: LevelEntry | None, event: Recorded[StockRanLow]) -> LevelEntry | None:
    return row and replace(row, low_since=event.fact.ran_low_on)


@stock_levels.on(StockRecovered)
def recovered(row: LevelEntry | None, event: Recorded[StockRecovered]) -> LevelEntry | None:  # noqa: ARG001
    return row and replace(row, low_since=None)


def _coming(row: LevelEntry, way: Way, its_id: UUID, quantity: int) -> LevelEntry:
    """The item when so much of it is still to come of an order or a transfer. What came of one that
    is older than the par levels, and is not known here, leaves alone what is to come of others."""
    others = tuple(each for each in row.coming if each.its_id != its_id)
    if quantity > 0:
        others = (*others, Coming(way=way, its_id=its_id, quantity=quantity))
    on_order = sum(each.quantity for each in others if each.way is Way.ORDER)
    return replace(
        row,
        coming=others,
        on_order=on_order,
        inbound=sum(each.quantity for each in others) - on_order,
    )


def _lines(event: Recorded[PurchaseOrderPlaced] | Recorded[PurchaseOrderCancelled]) -> list[Key]:
    return [(each.stock_item_id,) for each in event.fact.lines]


@stock_levels.on(PurchaseOrderPlaced, key=_lines, key_aware=True)
def ordered(
    row: LevelEntry | None, event: Recorded[PurchaseOrderPlaced], key: Key
) -> LevelEntry | None:
    fact = event.fact
    quantity = sum(each.quantity for each in fact.lines if (each.stock_item_id,) == key)
    return row and _coming(row, Way.ORDER, fact.purchase_order_id, quantity)


@stock_levels.on(PurchaseOrderCancelled, key=_lines)
def order_cancelled(
    row: LevelEntry | None, event: Recorded[PurchaseOrderCancelled]
) -> LevelEntry | None:
    return row and _coming(row, Way.ORDER, event.fact.purchase_order_id, 0)


def _unfilled(event: Recorded[PurchaseOrderClosed]) -> list[Key]:
    return [(each.stock_item_id,) for each in event.fact.unfilled_lines]


@stock_levels.on(PurchaseOrderClosed, key=_unfilled)
def order_closed(row: LevelEntry | None, event: Recorded[PurchaseOrderClosed]) -> LevelEntry | None:
    return row and _coming(row, Way.ORDER, event.fact.purchase_order_id, 0)


@stock_levels.on(OrderedItemReceived)
def order_received(
    row: LevelEntry | None, event: Recorded[OrderedItemReceived]
) -> LevelEntry | None:
    fact = event.fact
    return row and _coming(row, Way.ORDER, fact.purchase_order_id, fact.outstanding_after)


@stock_levels.on(InboundAnnounced)
def announced(row: LevelEntry | None, event: Recorded[InboundAnnounced]) -> LevelEntry | None:
    fact = event.fact
    return row and _coming(row, Way.TRANSFER, fact.inbound_transfer_id, fact.quantity)


@stock_levels.on(InboundReceived)
def received(row: LevelEntry | None, event: Recorded[InboundReceived]) -> LevelEntry | None:
    return row and _coming(row, Way.TRANSFER, event.fact.inbound_transfer_id, 0)


# --- stocked to plan -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class StockedToPlan:
    """An item with par levels, by facility; over the system, how many facilities stand where.

    Stocked to plan: (`to_reorder` + `on_plan`) / `facilities`. Stock-out rate: `out` /
    `facilities`.
    """

    facility_id: UUID
    item_system: str
    item_code: str
    facilities: Measure
    out: Measure
    below_minimum: Measure
    to_reorder: Measure
    on_plan: Measure
    above_maximum: Measure
    on_hand: Measure
    available: Measure
    minimum: Measure
    reorder_point: Measure
    maximum: Measure


stocked_to_plan = Summary(
    "stocked_to_plan",
    row=StockedToPlan,
    dimensions=("facility_id", "item_system", "item_code"),
    desk="supply chain: at how many facilities an item is out, low, on plan or too much",
    grain=GRAIN,
)


@stocked_to_plan.on(StockParSet)
def planned(row: StockedToPlan, event: Recorded[StockParSet]) -> StockedToPlan:
    fact, par = event.fact, event.fact.par
    return _standing(
        replace(
            row,
            facilities=1,
            on_hand=fact.on_hand,
            available=fact.available,
            minimum=par.minimum,
            reorder_point=par.reorder_point,
            maximum=par.maximum,
        )
    )


@stocked_to_plan.on(*CHANGED)
def changed(row: StockedToPlan, event: Recorded[Changed]) -> StockedToPlan:
    if not row.facilities:
        return row
    fact = event.fact
    available = available_after(fact, row.on_hand, row.available)
    return _standing(replace(row, on_hand=fact.on_hand_after, available=available))


def _standing(row: StockedToPlan) -> StockedToPlan:
    level = level_of(row.available, row.minimum, row.reorder_point, row.maximum)
    return replace(
        row,
        out=int(level is StockLevel.OUT),
        below_minimum=int(level is StockLevel.BELOW_MINIMUM),
        to_reorder=int(level is StockLevel.TO_REORDER),
        on_plan=int(level is StockLevel.ON_PLAN),
        above_maximum=int(level is StockLevel.ABOVE_MAXIMUM),
    )
