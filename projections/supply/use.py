"""How stock is used: what went in and out of it month by month, and when there was none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from domain.kernel import Recorded
from domain.supply.events.stock import AdjustmentReason, StockAdjusted
from domain.supply.events.stock_holds import QuarantineReason, StockWrittenOff
from projections.kernel import GRAIN, Key, Measure, ReadModel, Summary
from projections.rows import replace
from projections.supply.moved import MOVED, Moved, MovementKind, change_of

# --- month by month ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """What moved of an item in a month, by the days it happened on, in smallest units.

    Wastage by expiry is `expired` over `opened` + `received` + `delivered` of the same months;
    turns are `issued` over what was on hand in the mean (`effective-stock`); days on hand are what
    is on hand over `issued` a day. `lost` is what else was wasted: damaged, lost, stolen, spoilt.
    """

    facility_id: UUID
    item_system: str
    item_code: str
    month: str
    opened: Measure
    received: Measure
    delivered: Measure
    issued: Measure
    dispatched: Measure
    adjusted: Measure
    counted: Measure
    written_off: Measure
    expired: Measure
    lost: Measure
    issues: Measure


stock_use = Summary(
    "stock_use",
    row=Use,
    dimensions=("facility_id", "item_system", "item_code", "month"),
    desk="supply chain: what is used and what is wasted, month by month (turns, wastage)",
    grain=GRAIN,
)

LOST = (
    AdjustmentReason.DAMAGED,
    AdjustmentReason.LOST,
    AdjustmentReason.STOLEN,
    AdjustmentReason.OPEN_VIAL,
    AdjustmentReason.TEMPERATURE,
)

_MEASURES = {
    MovementKind.OPENED: ("opened", 1),
    MovementKind.RECEIVED: ("received", 1),
    MovementKind.DELIVERED: ("delivered", 1),
    MovementKind.ISSUED: ("issued", -1),
    MovementKind.DISPATCHED: ("dispatched", -1),
    MovementKind.ADJUSTED: ("adjusted", 1),
    MovementKind.COUNTED: ("counted", 1),
    MovementKind.RESTATED: ("counted", 1),
    MovementKind.WRITTEN_OFF: ("written_off", -1),
}


def _month(event: Recorded[Moved]) -> Key:
    fact = event.fact
    *_, on = change_of(fact)
    return fact.facility_id, fact.item_system, fact.item_code, f"{on:%Y-%m}"


@stock_use.on(*MOVED, key=_month)
def used(row: Use, event: Recorded[Moved]) -> Use:
    kind, change, _ = change_of(event.fact)
    measure, sign = _MEASURES[kind]
    figures: dict[str, Any] = {measure: getattr(row, measure) + sign * change}
    if kind is MovementKind.ISSUED:
        figures["issues"] = row.issues + 1
    match event.fact:
        case (
            StockAdjusted(reason=AdjustmentReason.EXPIRED)
            | StockWrittenOff(why=QuarantineReason.EXPIRED)
        ):
            figures["expired"] = row.expired - change
        case StockAdjusted(reason=reason) if reason in LOST:
            figures["lost"] = row.lost - change
        case StockWrittenOff():
            figures["lost"] = row.lost - change
        case _:
            pass
    return replace(row, **figures)


# --- out of stock --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class StockOut:
    """An item that is out of stock, or has been: since when it is (`out_since`), how often it was,
    and on how many days before now, in the order in which it was recorded.
    """

    stock_item_id: UUID
    facility_id: UUID
    item_system: str
    item_code: str
    out: bool
    out_since: date | None
    times: int
    days: int


stock_outs = ReadModel(
    "stock_outs",
    row=StockOut,
    key="stock_item_id",
    order=("item_system", "item_code"),
    indexes=(("out",),),
    local=True,
    desk="supply chain: what is out of stock, since when, and how often it has been",
)


@stock_outs.on(*MOVED)
def stock_moved(row: StockOut | None, event: Recorded[Moved]) -> StockOut | None:
    fact = event.fact
    kind, _, on = change_of(fact)
    # Books that are opened with nothing say that it is kept here from now on, not that it ran out.
    if kind is MovementKind.OPENED and row is None:
        return None
    if fact.on_hand_after <= 0:
        if row is None:
            return StockOut(
                stock_item_id=fact.stock_item_id,
                facility_id=fact.facility_id,
                item_system=fact.item_system,
                item_code=fact.item_code,
                out=True,
                out_since=on,
                times=1,
                days=0,
            )
        return row if row.out else replace(row, out=True, out_since=on, times=row.times + 1)
    if row is None or row.out_since is None:
        return row
    over = max(0, (on - row.out_since).days)
    return replace(row, out=False, out_since=None, days=row.days + over)
