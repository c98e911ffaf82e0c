"""A stock item: one item at one facility, with its lots inside.

Its life: it is **listed**, its books are **opened** lot by lot with what is there, and from then on
stock is **received**, **issued** to patients and departments, **adjusted** for a reason, and
**counted**. What expires first is issued first, what has expired is not issued at all, and nothing
ever becomes negative. At every step what is on hand is the sum of the lots.

An item that is not tracked by lot has a single lot without a number (`NO_LOT`) and no expiry.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import TypedDict, assert_never
from uuid import UUID

from domain import rules
from domain.kernel import Aggregate, Circumstances, Command, Decision, Refused, Reserve, command
from domain.supply.events.stock import (
    NO_LOT,
    AdjustmentReason,
    IssuedTo,
    StockAdjusted,
    StockBooksOpened,
    StockCounted,
    StockIssued,
    StockItemFact,
    StockItemListed,
    StockReceived,
)

NEVER = date.max
"""When stock without an expiry expires: after all other."""


# --- state -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Lot:
    """What is on hand of a lot, and its last day of use (None: it does not expire)."""

    on_hand: int = 0
    expires_on: date | None = None

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

    @property
    def on_hand(self) -> int:
        """The sum of the lots, in the item's smallest unit."""
        return sum(lot.on_hand for lot in self.lots.values())

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
            ):
                lot = Lot(on_hand=fact.lot_on_hand_after, expires_on=fact.expires_on)
                return replace(self, lots=MappingProxyType({**self.lots, fact.lot: lot}))
            case _:
                assert_never(fact)


stock_item = Aggregate("stock_item", StockItem())


# --- commands ----------------------------------------------------------------------------------


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
class OpenStockBooks(Command):
    """Record what is there of a lot before it first moves; `basis` is what the figure rests on."""

    stock_item_id: UUID
    quantity: int
    opened_on: date
    basis: str
    lot: str = NO_LOT
    expires_on: date | None = None


@command("stock_item_id")
class ReceiveStock(Command):
    """Take stock in. `unit_cost` is in the facility's currency."""

    stock_item_id: UUID
    quantity: int
    received_on: date
    lot: str = NO_LOT
    expires_on: date | None = None
    unit_cost: Decimal | None = None
    reference: str | None = None


@command("stock_item_id")
class IssueStock(Command):
    """Hand stock out. Without a `lot`, what expires first goes first."""

    stock_item_id: UUID
    quantity: int
    issued_on: date
    issued_to: IssuedTo
    patient_id: UUID | None = None
    department_id: UUID | None = None
    encounter_id: UUID | None = None
    lot: str | None = None


@command("stock_item_id")
class AdjustStock(Command):
    """Put the books right: `change` is more (positive) or less (negative) than they say."""

    stock_item_id: UUID
    change: int
    reason: AdjustmentReason
    adjusted_on: date
    lot: str = NO_LOT


@command("stock_item_id")
class CountStock(Command):
    """Record what was counted of a lot."""

    stock_item_id: UUID
    counted: int
    counted_on: date
    lot: str = NO_LOT
    expires_on: date | None = None


# --- decisions ---------------------------------------------------------------------------------


@stock_item.decides
def list_item(state: StockItem, command: ListStockItem, at: Circumstances) -> Decision:
    if state.facility_id is not None:
        raise Refused("stock_item.already_listed", "This stock item exists.")
    at.open("facility", command.facility_id)
    rules.happened("stock_item", "listed_on", command.listed_on, at)
    system = rules.text("stock_item", "item_system", command.item_system, longest=40)
    code = rules.text("stock_item", "item_code", command.item_code, longest=80)
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


@stock_item.decides
def open_books(state: StockItem, command: OpenStockBooks, at: Circumstances) -> Decision:
    lot, before = _lot(state, command.lot, command.expires_on)
    if lot in state.lots:
        raise Refused(
            "stock_item.books_already_open",
            "The books of this lot are open; count it or adjust it.",
            field="lot",
            value=lot,
        )
    _since_listing(state, "opened_on", command.opened_on, at)
    quantity = rules.quantity("stock_item", "quantity", command.quantity, zero_allowed=True)
    yield StockBooksOpened(
        **_item(state, command.stock_item_id),
        lot=lot,
        expires_on=before.expires_on,
        quantity=quantity,
        opened_on=command.opened_on,
        basis=rules.text("stock_item", "basis", command.basis),
        lot_on_hand_after=quantity,
        on_hand_after=state.on_hand + quantity,
    )


@stock_item.decides
def receive(state: StockItem, command: ReceiveStock, at: Circumstances) -> Decision:
    item = _item(state, command.stock_item_id)
    at.open("facility", item["facility_id"])
    lot, before = _lot(state, command.lot, command.expires_on)
    _since_listing(state, "received_on", command.received_on, at)
    quantity = rules.quantity("stock_item", "quantity", command.quantity)
    unit_cost = command.unit_cost
    if unit_cost is not None:
        unit_cost = rules.rate("stock_item", "unit_cost", unit_cost)
    yield StockReceived(
        **item,
        lot=lot,
        expires_on=before.expires_on,
        quantity=quantity,
        unit_cost=unit_cost,
        reference=rules.optional("stock_item", "reference", command.reference, longest=80),
        received_on=command.received_on,
        lot_on_hand_after=before.on_hand + quantity,
        on_hand_after=state.on_hand + quantity,
    )


@stock_item.decides
def issue(state: StockItem, command: IssueStock, at: Circumstances) -> Decision:
    item = _item(state, command.stock_item_id)
    at.open("facility", item["facility_id"])
    if command.department_id is not None:
        at.open("department", command.department_id, within=item["facility_id"])
    if command.issued_to is IssuedTo.PATIENT and command.patient_id is None:
        raise _without("patient")
    if command.issued_to is IssuedTo.DEPARTMENT and command.department_id is None:
        raise _without("department")
    _since_listing(state, "issued_on", command.issued_on, at)
    asked = rules.quantity("stock_item", "quantity", command.quantity)
    on_hand = state.on_hand
    for number, quantity in _picked(state, command.lot, asked, command.issued_on):
        lot = state.lots[number]
        on_hand -= quantity
        yield StockIssued(
            **item,
            lot=number,
            expires_on=lot.expires_on,
            quantity=quantity,
            issued_to=command.issued_to,
            patient_id=command.patient_id,
            department_id=command.department_id,
            encounter_id=command.encounter_id,
            issued_on=command.issued_on,
            lot_on_hand_after=lot.on_hand - quantity,
            on_hand_after=on_hand,
        )


@stock_item.decides
def adjust(state: StockItem, command: AdjustStock, at: Circumstances) -> Decision:
    lot, before = _lot(state, command.lot, None)
    if state.lot_tracked and lot not in state.lots:
        raise rules.refusal(
            "stock_item.lot_unknown", "lot", lot, "is not known here; receive it or count it"
        )
    _since_listing(state, "adjusted_on", command.adjusted_on, at)
    rules.quantity("stock_item", "change", abs(command.change))
    if before.on_hand + command.change < 0:
        raise _insufficient(before.on_hand, -command.change)
    yield StockAdjusted(
        **_item(state, command.stock_item_id),
        lot=lot,
        expires_on=before.expires_on,
        change=command.change,
        reason=command.reason,
        adjusted_on=command.adjusted_on,
        lot_on_hand_after=before.on_hand + command.change,
        on_hand_after=state.on_hand + command.change,
    )


@stock_item.decides
def count(state: StockItem, command: CountStock, at: Circumstances) -> Decision:
    lot, before = _lot(state, command.lot, command.expires_on)
    _since_listing(state, "counted_on", command.counted_on, at)
    counted = rules.quantity("stock_item", "counted", command.counted, zero_allowed=True)
    difference = counted - before.on_hand
    yield StockCounted(
        **_item(state, command.stock_item_id),
        lot=lot,
        expires_on=before.expires_on,
        counted=counted,
        difference=difference,
        counted_on=command.counted_on,
        lot_on_hand_after=counted,
        on_hand_after=state.on_hand + difference,
    )


# --- rules -------------------------------------------------------------------------------------


class _Item(TypedDict):
    """What every movement says about the item that moved."""

    stock_item_id: UUID
    facility_id: UUID
    item_system: str
    item_code: str


def _item(state: StockItem, stock_item_id: UUID) -> _Item:
    if state.facility_id is None:
        raise Refused("stock_item.not_listed", "The stock item is not listed.")
    return {
        "stock_item_id": stock_item_id,
        "facility_id": state.facility_id,
        "item_system": state.item_system,
        "item_code": state.item_code,
    }


def _since_listing(state: StockItem, named: str, when: date, at: Circumstances) -> None:
    rules.happened("stock_item", named, when, at)
    rules.in_order("stock_item", "listed_on", state.listed_on, named, when)


def _lot(state: StockItem, lot: str, expires_on: date | None) -> tuple[str, Lot]:
    """The number of a lot, and the lot before the movement, with the expiry it has from now on.

    Refuses a number (or an expiry) where the item is not tracked by lot, a missing one where it
    is, and an expiry other than the one the lot is known by. An expiry left out is the known one.
    """
    number = _number(state, lot)
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


def _number(state: StockItem, lot: str) -> str:
    number = rules.text("stock_item", "lot", lot, longest=80, empty_allowed=True)
    if state.lot_tracked and number == NO_LOT:
        rule = "must be given: the item is tracked by lot"
        raise rules.refusal("stock_item.lot_required", "lot", number, rule)
    if not state.lot_tracked and number != NO_LOT:
        rule = "must be left out: the item is not tracked by lot"
        raise rules.refusal("stock_item.lot_not_tracked", "lot", number, rule)
    return number


def _picked(state: StockItem, lot: str | None, asked: int, on: date) -> list[tuple[str, int]]:
    """From which lots, in order, how much is taken on a day to issue what is asked.

    1. A lot that is asked for is the only one; it is refused when it has expired.
    2. Otherwise: first expiring, first out, over what has not expired; what never expires is
       last, and lots that expire together go by their numbers.
    3. Where that is not enough, nothing is issued at all.
    """
    if lot is None:
        candidates = {each: of for each, of in state.lots.items() if not of.expired(on)}
    else:
        number = _number(state, lot)
        candidates = {number: state.lots.get(number, Lot())}
        if candidates[number].expired(on):
            rule = f"expired on {candidates[number].expires_on}"
            raise rules.refusal("stock_item.expired", "lot", number, rule)
    picked, left = [], asked
    for number in sorted(candidates, key=lambda each: (candidates[each].expires_on or NEVER, each)):
        taken = min(left, max(0, candidates[number].on_hand))
        if taken:
            picked.append((number, taken))
            left -= taken
    if left:
        raise _insufficient(asked - left, asked)
    return picked


def _insufficient(on_hand: int, asked: int) -> Refused:
    return Refused(
        "stock_item.insufficient",
        f"{asked} are asked for, {on_hand} are on hand to be used.",
        field="quantity",
        on_hand=on_hand,
        asked=asked,
    )


def _without(whom: str) -> Refused:
    return Refused(
        f"stock_item.{whom}_required",
        f"Stock that is issued to a {whom} names the {whom}.",
        field=f"{whom}_id",
    )
