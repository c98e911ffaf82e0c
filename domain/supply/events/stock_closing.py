"""Part of the story of supply: the books of a stock item are closed for a year.

A closing carries all that an item has become, so that whoever looks at it begins there and not at
its first receipt. What an item learns to remember later, no earlier closing tells.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from domain.kernel import Fact, fact, upcaster
from domain.supply.events.catalog import ControlledSchedule
from domain.supply.events.stock_par import ParLevels


@dataclass(frozen=True, slots=True, kw_only=True)
class DaySince:
    """By how much a lot changed on a day after the year's end, and whether it was counted."""

    on: date
    change: int
    counted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedLot:
    """A lot in the books as they are closed. `balance` is what was on hand at the end of the year,
    `counted_on` when it was counted last until then; the rest is how it is now.
    """

    lot: str
    expires_on: date | None
    balance: int
    counted_on: date | None
    on_hand: int
    reserved: int
    quarantined: int
    bin: str | None
    since: tuple[DaySince, ...]
    recalls: tuple[UUID, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldOfALot:
    """What a reservation holds of a lot."""

    reservation_id: UUID
    lot: str
    quantity: int


@fact("stock_item.year_closed", version=3, effective="closed_on")
class StockYearClosed(Fact):
    """The books of a calendar year are closed. `balance` is what was on hand at its end (`through`)
    of all lots, as it was known when they were closed.
    """

    stock_item_id: UUID
    facility_id: UUID
    item_system: str
    item_code: str
    lot_tracked: bool
    listed_on: date
    par: ParLevels | None
    schedule: ControlledSchedule | None
    register_id: UUID | None
    year: int
    through: date
    closed_on: date
    balance: int
    on_hand: int
    lots: tuple[ClosedLot, ...]
    reservations: tuple[HeldOfALot, ...]


@upcaster(StockYearClosed, from_version=1)
def _recalled_by_nobody(content: dict[str, Any]) -> dict[str, Any]:
    """The first version did not tell which recalls a lot is under: an item did not know it."""
    lots = [{**each, "recalls": []} for each in content["lots"]]
    return {**content, "lots": lots}


@upcaster(StockYearClosed, from_version=2)
def _on_no_schedule(content: dict[str, Any]) -> dict[str, Any]:
    """The second version did not tell the schedule: an item did not know its own."""
    return {**content, "schedule": None}


StockClosingFact = StockYearClosed
