"""What a stock item has become: its lots, what is on hand of each, and what may be used of it.

Of what is on hand some may be reserved and some in quarantine; what is neither is available. The
decisions about it are in `stock_item`, `stock_holds` and `stock_transfers`.

An item that is not tracked by lot has a single lot without a number (`NO_LOT`) and no expiry.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Any, Protocol, assert_never
from uuid import UUID

from domain import rules
from domain.kernel import Aggregate, Standing
from domain.replacing import changing, replace
from domain.supply.card import Card, Day
from domain.supply.events.catalog import ControlledSchedule
from domain.supply.events.stock import (
    StockAdjusted,
    StockBooksOpened,
    StockCounted,
    StockCountRestated,
    StockIssued,
    StockItemFact,
    StockItemListed,
    StockReceived,
)
from domain.supply.events.stock_bins import StockPutAway
from domain.supply.events.stock_closing import StockYearClosed
from domain.supply.events.stock_control import StockItemScheduled, StockPutUnderControl
from domain.supply.events.stock_exceptions import UnrecordedReceiptClosed, UnrecordedReceiptOpened
from domain.supply.events.stock_holds import (
    StockDelivered,
    StockDispatched,
    StockQuarantined,
    StockQuarantineReleased,
    StockRecalled,
    StockReservationReleased,
    StockReserved,
    StockWrittenOff,
)
from domain.supply.events.stock_par import ParLevels, StockParSet, StockRanLow, StockRecovered

NEVER = date.max
"""When stock without an expiry expires: after all other."""

Held = Mapping[tuple[UUID, str], int]
"""How much of which lot is held by which reservation."""


class OfALot(Protocol):
    """A fact of one lot."""

    @property
    def lot(self) -> str: ...
    @property
    def expires_on(self) -> date | None: ...


class Moving(OfALot, Protocol):
    """A fact by which what is on hand of a lot changes."""

    @property
    def lot_on_hand_after(self) -> int: ...


# --- state -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Lot:
    """What is on hand of a lot, and its last day of use (None: it does not expire).

    `unrecorded` is what is said to have come in without a receipt: so far it may become negative.
    `bin` is where it lies, and `recalls` are those it is under, or was.
    """

    on_hand: int = 0
    reserved: int = 0
    quarantined: int = 0
    unrecorded: int = 0
    expires_on: date | None = None
    bin: str | None = None
    recalls: frozenset[UUID] = frozenset()
    card: Card = Card()  # noqa: RUF009 - a card is frozen

    @property
    def available(self) -> int:
        """What is neither promised nor set apart."""
        return self.on_hand - self.reserved - self.quarantined

    def usable(self, on: date) -> int:
        """How much could have been handed out on a day, so that nothing was negative after it.

        What is held back now is no part of it, unless the lot was counted since: then the day is
        over, and what was counted stays.
        """
        lowest = self.card.lowest(on)
        return lowest if self.card.counted_after(on) else min(lowest, self.available)

    def expired(self, on: date) -> bool:
        return self.expires_on is not None and self.expires_on < on


NOTHING = Lot()
"""A lot of which nothing has been here yet."""

_with_movement = changing(Lot, "on_hand", "expires_on", "card")


@dataclass(frozen=True, slots=True, kw_only=True)
class StockItem:
    """What a stock item has become. Lots stay known when nothing is on hand of them any more.

    `schedule` is that of a controlled substance, and `register_id` its register, by which alone it
    moves; `closed_through` is the last day of the years whose books are closed.
    """

    facility_id: UUID | None = None
    item_system: str = ""
    item_code: str = ""
    lot_tracked: bool = False
    listed_on: date = rules.EARLIEST
    lots: MappingProxyType[str, Lot] = field(default_factory=lambda: MappingProxyType({}))
    reservations: Held = field(default_factory=lambda: MappingProxyType({}))
    par: ParLevels | None = None
    schedule: ControlledSchedule | None = None
    register_id: UUID | None = None
    closed_through: date | None = None

    @property
    def on_hand(self) -> int:
        """The sum of the lots, in the item's smallest unit."""
        return sum(lot.on_hand for lot in self.lots.values())

    @property
    def available(self) -> int:
        """The sum of what is available of the lots, also of those that have expired."""
        return sum(lot.available for lot in self.lots.values())

    def evolve(self, fact: StockItemFact) -> StockItem:
        match fact:
            # What happens most comes first: a fact is held against one after the other.
            case StockIssued():
                return self._moved(fact, fact.issued_on)
            case StockReceived():
                return self._moved(fact, fact.received_on)
            case StockItemListed():
                return replace(
                    self,
                    facility_id=fact.facility_id,
                    item_system=fact.item_system,
                    item_code=fact.item_code,
                    lot_tracked=fact.lot_tracked,
                    listed_on=fact.listed_on,
                )
            case StockBooksOpened():
                return self._moved(fact, fact.opened_on)
            case StockAdjusted():
                return self._moved(fact, fact.adjusted_on)
            case StockCounted():
                return self._moved(fact, fact.counted_on, counted=True)
            case StockCountRestated():
                return self._moved(fact, fact.counted_on)
            case StockDispatched():
                return self._moved(fact, fact.dispatched_on)
            case StockDelivered():
                return self._moved(fact, fact.delivered_on)
            case UnrecordedReceiptOpened():
                return self._with(fact, unrecorded=fact.quantity)
            case UnrecordedReceiptClosed():
                return self._with(fact, unrecorded=0)
            case StockReserved():
                return self._with(fact, reserved=fact.lot_reserved_after)._holding(
                    fact.reservation_id, fact.lot, fact.quantity
                )
            case StockReservationReleased():
                return self._with(fact, reserved=fact.lot_reserved_after)._holding(
                    fact.reservation_id, fact.lot, -fact.quantity
                )
            case StockQuarantined() | StockQuarantineReleased():
                return self._with(fact, quarantined=fact.lot_quarantined_after)
            case StockRecalled():
                known = self.lots.get(fact.lot, NOTHING).recalls
                return self._with(fact, recalls=known | {fact.recall_id})
            case StockWrittenOff():
                return self._with(fact, quarantined=fact.lot_quarantined_after)._moved(
                    fact, fact.written_off_on
                )
            case StockParSet():
                return replace(self, par=fact.par)
            case StockRanLow() | StockRecovered():
                return self
            case StockPutUnderControl():
                return replace(self, register_id=fact.register_id)
            case StockItemScheduled():
                return replace(self, schedule=fact.schedule)
            case StockPutAway():
                return self._with(fact, bin=fact.bin)
            case StockYearClosed():
                return _carried(fact)
            case _:
                assert_never(fact)

    def _with(self, fact: OfALot, **changed: Any) -> StockItem:
        """The item with a lot changed, and its expiry as the fact tells it."""
        before = self.lots.get(fact.lot, NOTHING)
        lot = replace(before, expires_on=fact.expires_on, **changed)
        return _with_lots(self, MappingProxyType(self.lots | {fact.lot: lot}))

    def _moved(self, fact: Moving, on: date, *, counted: bool = False) -> StockItem:
        """The item with a lot that has another quantity since a day."""
        before = self.lots.get(fact.lot, NOTHING)
        change = fact.lot_on_hand_after - before.on_hand
        card = before.card.entered(on, change, counted=counted)
        lot = _with_movement(before, fact.lot_on_hand_after, fact.expires_on, card)
        return _with_lots(self, MappingProxyType(self.lots | {fact.lot: lot}))

    def _holding(self, reservation_id: UUID, lot: str, more: int) -> StockItem:
        held = {**self.reservations}
        held[reservation_id, lot] = held.get((reservation_id, lot), 0) + more
        if held[reservation_id, lot] <= 0:
            del held[reservation_id, lot]
        return replace(self, reservations=MappingProxyType(held))


_with_lots = changing(StockItem, "lots")


def _carried(fact: StockYearClosed) -> StockItem:
    """The item as a closing tells it: of nothing else, and nothing more."""
    lots = {
        each.lot: Lot(
            on_hand=each.on_hand,
            reserved=each.reserved,
            quarantined=each.quarantined,
            expires_on=each.expires_on,
            bin=each.bin,
            recalls=frozenset(each.recalls),
            card=Card(
                days=(
                    Day(fact.through, each.balance),
                    *(Day(day.on, day.change, day.counted) for day in each.since),
                ),
                total=each.on_hand,
                closed_through=fact.through,
                counted_on=each.counted_on,
            ),
        )
        for each in fact.lots
    }
    held = {(each.reservation_id, each.lot): each.quantity for each in fact.reservations}
    return StockItem(
        facility_id=fact.facility_id,
        item_system=fact.item_system,
        item_code=fact.item_code,
        lot_tracked=fact.lot_tracked,
        listed_on=fact.listed_on,
        lots=MappingProxyType(lots),
        reservations=MappingProxyType(held),
        par=fact.par,
        schedule=fact.schedule,
        register_id=fact.register_id,
        closed_through=fact.through,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class StockStanding(Standing):
    """What others may know of a stock item: what it is, and how much of it may be used."""

    item_system: str
    item_code: str
    lot_tracked: bool
    on_hand: int
    available: int
    lots: Mapping[str, Lot]
    reservations: Held
    schedule: ControlledSchedule | None = None
    register_id: UUID | None = None

    @property
    def controlled(self) -> bool:
        """Whether it is a controlled substance, also where nobody has opened its register yet."""
        return self.register_id is not None or self.schedule is not None


def _standing(state: StockItem, stock_item_id: UUID) -> Standing:
    return StockStanding(
        kind="stock_item",
        id=stock_item_id,
        open=True,
        status="listed",
        facility_id=state.facility_id,
        item_system=state.item_system,
        item_code=state.item_code,
        lot_tracked=state.lot_tracked,
        on_hand=state.on_hand,
        available=state.available,
        lots=state.lots,
        reservations=state.reservations,
        schedule=state.schedule,
        register_id=state.register_id,
    )


stock_item = Aggregate(
    "stock_item", StockItem(), standing=_standing, referred_to_as=("stock_item_id",)
)
