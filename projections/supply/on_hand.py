"""What the supply chain looks at: how much of each lot is where, in figures that add up."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from domain.kernel import Recorded
from projections.kernel import GRAIN, Measure, Summary
from projections.rows import replace
from projections.supply.moved import (
    MOVED,
    QUARANTINING,
    RESERVING,
    Moved,
    Quarantining,
    Reserving,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OnHand:
    """What is on hand of a lot of an item at a facility; stock without a lot number has lot "".

    What is neither `reserved` nor `quarantined` is `available`.
    """

    facility_id: UUID
    item_system: str
    item_code: str
    lot: str
    on_hand: Measure
    reserved: Measure
    quarantined: Measure
    available: Measure


stock_on_hand = Summary(
    "stock_on_hand",
    row=OnHand,
    dimensions=("facility_id", "item_system", "item_code", "lot"),
    desk="supply chain: what is on hand of each lot, here and in the whole health system (recalls)",
    grain=GRAIN,
)


@stock_on_hand.on(*MOVED)
def moved_lot(row: OnHand, event: Recorded[Moved]) -> OnHand:
    return _available(replace(row, on_hand=event.fact.lot_on_hand_after))


@stock_on_hand.on(*RESERVING)
def reserved_lot(row: OnHand, event: Recorded[Reserving]) -> OnHand:
    return _available(replace(row, reserved=event.fact.lot_reserved_after))


@stock_on_hand.on(*QUARANTINING)
def quarantined_lot(row: OnHand, event: Recorded[Quarantining]) -> OnHand:
    return _available(replace(row, quarantined=event.fact.lot_quarantined_after))


def _available(row: OnHand) -> OnHand:
    return replace(row, available=row.on_hand - row.reserved - row.quarantined)
