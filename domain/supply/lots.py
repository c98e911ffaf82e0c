"""What a stock item has become: its lots, what is on hand of each, and what may be used of it.

Of what is on hand some may be reserved and some in quarantine; what is neither is available. The
decisions about it are in `stock_item`, `stock_holds` and `stock_transfers`.

An item that is not tracked by lot has a single lot without a number (`NO_LOT`) and no expiry.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from types import MappingProxyType
from typing import Protocol, TypedDict, assert_never
from uuid import UUID

from domain import rules
from domain.kernel import Aggregate, Circumstances, Refused, Standing
from domain.supply.events.stock import (
    NO_LOT,
    StockAdjusted,
    StockBooksOpened,
    StockCounted,
    StockIssued,
    StockItemFact,
    StockItemListed,
    StockReceived,
)
from domain.supply.events.stock_holds import (
    StockDelivered,
    StockDispatched,
    StockQuarantined,
    StockQuarantineReleased,
    StockReservationReleased,
    StockReserved,
    StockWrittenOff,
)

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


# --- state -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Lot:
    """What is on hand of a lot, and its last day of use (None: it does not expire)."""

    on_hand: int = 0
    reserved: int = 0
    quarantined: int = 0
    expires_on: date | None = None

    @property
    def available(self) -> int:
        """What is neither promised nor set apart."""
        return self.on_hand - self.reserved - self.quarantined

    def expired(self, on: date) -> bool:
        return self.expires_on is not None and self.expires_on < on


@dataclass(frozen=True, slots=True, kw_only=True)
class StockItem:
    """What a stock item has become. Lots stay known when nothing is on hand of them any more."""

    facility_id: UUID | None = None
    item_system: str = ""
    item_code: str = ""
    lot_tracked: bool = False
    listed_on: date = rules.EARLIEST
    lots: Mapping[str, Lot] = field(default_factory=lambda: MappingProxyType({}))
    reservations: Held = field(default_factory=lambda: MappingProxyType({}))

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
            case StockItemListed():
                return replace(
                    self,
                    facility_id=fact.facility_id,
                    item_system=fact.item_system,
                    item_code=fact.item_code,
                    lot_tracked=fact.lot_tracked,
                    listed_on=fact.listed_on,
                )
            case (
                StockBooksOpened()
                | StockReceived()
                | StockIssued()
                | StockAdjusted()
                | StockCounted()
                | StockDispatched()
                | StockDelivered()
            ):
                return self._with(fact, on_hand=fact.lot_on_hand_after)
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
            case StockWrittenOff():
                return self._with(
                    fact,
                    on_hand=fact.lot_on_hand_after,
                    quarantined=fact.lot_quarantined_after,
                )
            case _:
                assert_never(fact)

    def _with(self, fact: OfALot, **changed: int) -> StockItem:
        """The item with a lot changed, and its expiry as the fact tells it."""
        before = self.lots.get(fact.lot, Lot())
        lot = replace(before, expires_on=fact.expires_on, **changed)
        return replace(self, lots=MappingProxyType({**self.lots, fact.lot: lot}))

    def _holding(self, reservation_id: UUID, lot: str, more: int) -> StockItem:
        held = {**self.reservations}
        held[reservation_id, lot] = held.get((reservation_id, lot), 0) + more
        if held[reservation_id, lot] <= 0:
            del held[reservation_id, lot]
        return replace(self, reservations=MappingProxyType(held))


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
    )


stock_item = Aggregate(
    "stock_item", StockItem(), standing=_standing, referred_to_as=("stock_item_id",)
)


# --- what facts say of it ----------------------------------------------------------------------


class Item(TypedDict):
    """What every movement says about the item that moved."""

    stock_item_id: UUID
    facility_id: UUID
    item_system: str
    item_code: str


class Left(TypedDict):
    """What is there after a movement, of the lot and of the item."""

    lot_available_after: int
    lot_on_hand_after: int
    on_hand_after: int
    available_after: int


def item_of(state: StockItem, stock_item_id: UUID) -> Item:
    """Which item it is. Refuses with ``stock_item.not_listed`` what is none yet."""
    if state.facility_id is None:
        raise Refused("stock_item.not_listed", "The stock item is not listed.")
    return {
        "stock_item_id": stock_item_id,
        "facility_id": state.facility_id,
        "item_system": state.item_system,
        "item_code": state.item_code,
    }


def left(state: StockItem, before: Lot, *, on_hand: int = 0, available: int = 0) -> Left:
    """What is there when a lot's stock has changed by so much."""
    return {
        "lot_available_after": before.available + available,
        "lot_on_hand_after": before.on_hand + on_hand,
        "on_hand_after": state.on_hand + on_hand,
        "available_after": state.available + available,
    }


# --- rules -------------------------------------------------------------------------------------


def since_listing(state: StockItem, named: str, when: date, at: Circumstances) -> None:
    """Refuses a day to come, and one before the item was listed."""
    rules.happened("stock_item", named, when, at)
    rules.in_order("stock_item", "listed_on", state.listed_on, named, when)


def lot_of(state: StockItem, lot: str, expires_on: date | None) -> tuple[str, Lot]:
    """The number of a lot, and the lot before the movement, with the expiry it has from now on.

    Refuses a number (or an expiry) where the item is not tracked by lot, a missing one where it
    is, and an expiry other than the one the lot is known by. An expiry left out is the known one.
    """
    number = number_of(state, lot)
    if expires_on is not None and not state.lot_tracked:
        raise rules.refusal(
            "stock_item.lot_not_tracked",
            "expires_on",
            expires_on.isoformat(),
            "must be left out: the item is not tracked by lot",
        )
    rules.plausible("stock_item", "expires_on", expires_on)
    known = state.lots.get(number, Lot())
    if expires_on is None or expires_on == known.expires_on:
        return number, known
    if known.expires_on is not None:
        rule = f"must be {known.expires_on}, as this lot is known"
        raise rules.refusal("stock_item.lot_expiry", "expires_on", expires_on.isoformat(), rule)
    return number, replace(known, expires_on=expires_on)


def number_of(state: StockItem, lot: str) -> str:
    """The number of a lot, where there must be one. Refuses one where there must be none."""
    number = rules.text("stock_item", "lot", lot, longest=80, empty_allowed=True)
    if state.lot_tracked and number == NO_LOT:
        rule = "must be given: the item is tracked by lot"
        raise rules.refusal("stock_item.lot_required", "lot", number, rule)
    if not state.lot_tracked and number != NO_LOT:
        rule = "must be left out: the item is not tracked by lot"
        raise rules.refusal("stock_item.lot_not_tracked", "lot", number, rule)
    return number


def known_lot(state: StockItem, lot: str) -> tuple[str, Lot]:
    """A lot of which something has been here. Refuses with ``stock_item.lot_unknown`` others."""
    number = number_of(state, lot)
    if state.lot_tracked and number not in state.lots:
        raise rules.refusal(
            "stock_item.lot_unknown", "lot", number, "is not known here; receive it or count it"
        )
    return number, state.lots.get(number, Lot())


def picked(
    state: StockItem, lot: str | None, asked: int, on: date, reservation_id: UUID | None = None
) -> list[tuple[str, int]]:
    """From which lots, in order, how much is taken on a day to hand out what is asked.

    1. A lot that is asked for is the only one; it is refused when it has expired.
    2. Otherwise: first expiring, first out, over what has not expired; what never expires is
       last, and lots that expire together go by their numbers.
    3. What is reserved or in quarantine is not taken; out of a reservation, only what it holds.
    4. Where that is not enough, nothing is handed out at all.
    """
    if lot is None:
        candidates = {each: of for each, of in state.lots.items() if not of.expired(on)}
    else:
        number = number_of(state, lot)
        candidates = {number: state.lots.get(number, Lot())}
        if candidates[number].expired(on):
            rule = f"expired on {candidates[number].expires_on}"
            raise rules.refusal("stock_item.expired", "lot", number, rule)
    taken_from, missing = [], asked
    for number in sorted(candidates, key=lambda each: (candidates[each].expires_on or NEVER, each)):
        if reservation_id is None:
            there = max(0, candidates[number].available)
        else:
            there = state.reservations.get((reservation_id, number), 0)
        taken = min(missing, there)
        if taken:
            taken_from.append((number, taken))
            missing -= taken
    if missing:
        raise insufficient(asked - missing, asked)
    return taken_from


def insufficient(on_hand: int, asked: int) -> Refused:
    """More is asked for than may be used."""
    return Refused(
        "stock_item.insufficient",
        f"{asked} are asked for, {on_hand} are on hand to be used.",
        field="quantity",
        on_hand=on_hand,
        asked=asked,
    )
