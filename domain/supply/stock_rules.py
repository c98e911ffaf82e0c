"""What the decisions about a stock item have in common: what their facts say, what they refuse."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from datetime import date
from typing import TypedDict, TypeVar
from uuid import UUID

from domain import rules
from domain.kernel import Circumstances, Command, Refused
from domain.supply.events.stock import NO_LOT, StockCountRestated, StockItemFact
from domain.supply.events.stock_exceptions import ExceptionEnd, UnrecordedReceiptClosed
from domain.supply.lots import NEVER, Lot, StockItem

# --- what facts say of it ----------------------------------------------------------------------


Moves = TypeVar("Moves", bound=StockItemFact)


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


def same_item(state: StockItem, gtin: str | None, udi_di: str | None) -> None:
    """Refuses with ``stock_item.another_item`` a GTIN, or a device identifier of HIBCC, other than
    the one the item is kept under.

    Of an item that is kept under a code of another system nothing is said.
    """
    of_gs1, of_hibcc = ("GTIN", "gtin", gtin, 14), ("UDI-DI", "udi_di", udi_di, 0)
    for system, named, scanned, digits in (of_gs1, of_hibcc):
        if scanned is None or state.item_system != system:
            continue
        if scanned.strip().zfill(digits) != state.item_code.zfill(digits):
            rule = f"must be {state.item_code}: this is another item"
            raise rules.refusal("stock_item.another_item", named, scanned, rule)


def by_its_register(state: StockItem, command: Command) -> None:
    """Refuses what moves a controlled substance past its register, also where it has none yet."""
    not_past_its_register(state, command)
    has_its_register(state, command)


def not_past_its_register(state: StockItem, command: Command) -> None:
    """Refuses with ``stock_item.controlled`` what moves an item past its register.

    What the register itself entails names it (``register_id``); no other command does.
    """
    register_id = getattr(command, "register_id", None)
    if register_id != state.register_id:
        raise Refused(
            "stock_item.controlled",
            "The item is a controlled substance: it moves by its register, before a witness."
            if state.register_id
            else "The item is not under control.",
            field="stock_item_id",
            value=getattr(command, command.stream),
            register_id=state.register_id,
        )


def has_its_register(state: StockItem, command: Command) -> None:
    """Refuses with ``stock_item.register_required`` what moves a controlled substance of which
    nobody has opened the register.

    Every receipt, use and loss of one is a record from the first on (21 CFR 1304.21(a)), which
    begins with what is there (1304.11(b)): its books may be opened, and then its register.
    """
    if state.schedule is not None and state.register_id is None:
        raise Refused(
            "stock_item.register_required",
            f"The item is a controlled substance ({state.schedule}), and no register of it is open "
            "here. Open the register first: nothing of it moves without one.",
            field="stock_item_id",
            value=getattr(command, command.stream),
            schedule=state.schedule,
        )


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
    state: StockItem,
    lot: str | None,
    asked: int,
    on: date,
    reservation_id: UUID | None = None,
    *,
    unrecorded_too: bool = False,
    recalled: Collection[str] = (),
) -> list[tuple[str, int]]:
    """From which lots, in order, how much is taken on a day to hand out what is asked.

    1. A lot that is asked for is the only one; it is refused when it has expired.
    2. Otherwise: first expiring, first out, over what has not expired and is not recalled; what
       never expires is last, and lots that expire together go by their numbers.
    3. What is reserved or in quarantine is not taken; out of a reservation, only what it holds.
    4. What is entered late takes no more than leaves every day since without a negative end.
    5. Where that is not enough, nothing is handed out at all.
    """
    if lot is None:
        candidates = {
            each: of
            for each, of in state.lots.items()
            if not of.expired(on) and each not in recalled
        }
    else:
        number = number_of(state, lot)
        candidates = {number: state.lots.get(number, Lot())}
        if candidates[number].expired(on):
            rule = f"expired on {candidates[number].expires_on}"
            raise rules.refusal("stock_item.expired", "lot", number, rule)
    taken_from: dict[str, int] = {}
    missing = asked
    for number in sorted(candidates, key=lambda each: (candidates[each].expires_on or NEVER, each)):
        there = candidates[number].usable(on)
        if reservation_id is not None:
            held = state.reservations.get((reservation_id, number), 0)
            there = min(held, candidates[number].card.lowest(on))
        taken = min(missing, max(0, there))
        if taken:
            taken_from[number] = taken
            missing -= taken
    if unrecorded_too and reservation_id is None:
        # What has no receipt yet is taken last.
        for number, known in candidates.items():
            beyond = min(0, known.usable(on)) + known.unrecorded if known.unrecorded else 0
            taken = min(missing, max(0, beyond))
            if taken:
                taken_from[number] = taken_from.get(number, 0) + taken
                missing -= taken
    if missing:
        raise insufficient(asked - missing, asked)
    return [*taken_from.items()]


def restating(
    state: StockItem, stock_item_id: UUID, lot: str, on: date, change: int
) -> Iterable[StockCountRestated]:
    """The fact by which a movement on a day that is entered late leaves alone what was counted
    after it: the count differed by so much the other way.
    """
    before = state.lots.get(lot, Lot())
    counted_on = before.card.counted_after(on)
    if counted_on is not None and change:
        yield StockCountRestated(
            **item_of(state, stock_item_id),
            lot=lot,
            expires_on=before.expires_on,
            change=-change,
            counted_on=counted_on,
            because_of=on,
            lot_on_hand_after=before.on_hand - change,
            on_hand_after=state.on_hand - change,
        )


def entered(
    state: StockItem,
    stock_item_id: UUID,
    lot: str,
    on: date,
    change: int,
    fact_in: Callable[[StockItem], Moves],
    settles: ExceptionEnd | None = None,
) -> Iterable[Moves | StockCountRestated | UnrecordedReceiptClosed]:
    """A movement by `change`, and what it restates: what is more first, so that nothing becomes
    negative in between. `fact_in` tells the movement in the state it happens in; it `settles` an
    unrecorded receipt of the lot where nothing is negative afterwards.
    """
    before = state.lots.get(lot, Lot())
    if before.card.counted_after(on) is None and not before.unrecorded:
        # Nearly always there is nothing more to say.
        yield fact_in(state)
        return
    if change < 0:
        for restated in restating(state, stock_item_id, lot, on, change):
            state = state.evolve(restated)
            yield restated
    fact = fact_in(state)
    yield fact
    state = state.evolve(fact)
    for restated in restating(state, stock_item_id, lot, on, max(0, change)):
        state = state.evolve(restated)
        yield restated
    if settles is not None and state.lots[lot].available >= 0:
        yield from closing(state, stock_item_id, lot, on, settles)


def closing(
    state: StockItem, stock_item_id: UUID, lot: str, on: date, how: ExceptionEnd
) -> Iterable[UnrecordedReceiptClosed]:
    """The fact that an unrecorded receipt of a lot is closed, where there is one."""
    known = state.lots.get(lot, Lot())
    if known.unrecorded:
        yield UnrecordedReceiptClosed(
            **item_of(state, stock_item_id),
            lot=lot,
            expires_on=known.expires_on,
            how=how,
            closed_on=on,
            lot_on_hand=known.on_hand,
        )


def insufficient(on_hand: int, asked: int) -> Refused:
    """More is asked for than may be used."""
    return Refused(
        "stock_item.insufficient",
        f"{asked} are asked for, {on_hand} are on hand to be used.",
        field="quantity",
        on_hand=on_hand,
        asked=asked,
    )
