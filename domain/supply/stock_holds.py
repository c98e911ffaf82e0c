"""Stock that is on hand and not to be used: what is reserved, and what is in quarantine.

A **reservation** holds some of an item for whoever it was promised to, what expires first first; it
ends when it is used or given up. The **quarantine** of a lot is stronger: it takes what is reserved
too, and what it holds is released as fit for use or written off. A count and an adjustment may find
less of a lot than is held: then reservations give way first, and the quarantine after them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from domain import rules
from domain.kernel import Circumstances, Command, Decision, command
from domain.supply.events.stock import NO_LOT
from domain.supply.events.stock_holds import (
    QuarantineEnd,
    QuarantineReason,
    ReservationEnd,
    StockHoldFact,
    StockQuarantined,
    StockQuarantineReleased,
    StockReservationReleased,
    StockReserved,
    StockWrittenOff,
)
from domain.supply.lots import StockItem, stock_item
from domain.supply.stock_par import watched
from domain.supply.stock_recall import recalls_of, under_recall
from domain.supply.stock_rules import (
    by_its_register,
    insufficient,
    item_of,
    known_lot,
    left,
    picked,
    restating,
    since_listing,
)

# --- commands ----------------------------------------------------------------------------------


@command("stock_item_id")
class ReserveStock(Command):
    """Promise stock. Without a `lot`, what expires first is held, and none that has expired."""

    stock_item_id: UUID
    reservation_id: UUID
    quantity: int
    reserved_for: str
    reserved_on: date
    lot: str | None = None


@command("stock_item_id")
class ReleaseReservation(Command):
    """Give up what a reservation still holds."""

    stock_item_id: UUID
    reservation_id: UUID
    released_on: date


@command("stock_item_id")
class QuarantineStock(Command):
    """Set some of a lot apart; without a `quantity`, all that is there of it."""

    stock_item_id: UUID
    why: QuarantineReason
    quarantined_on: date
    lot: str = NO_LOT
    quantity: int | None = None
    recall_id: UUID | None = None
    note: str | None = None


@command("stock_item_id")
class ReleaseQuarantine(Command):
    """Let some of a lot be used again; without a `quantity`, all of it that is in quarantine."""

    stock_item_id: UUID
    released_on: date
    lot: str = NO_LOT
    quantity: int | None = None
    recall_id: UUID | None = None
    note: str | None = None


@command("stock_item_id")
class WriteOffStock(Command):
    """Take some of a lot out of the quarantine and off the books; without a `quantity`, all."""

    stock_item_id: UUID
    why: QuarantineReason
    written_off_on: date
    lot: str = NO_LOT
    quantity: int | None = None
    recall_id: UUID | None = None
    note: str | None = None


# --- decisions ---------------------------------------------------------------------------------


@stock_item.decides(consulting=recalls_of)
@watched
def reserve(state: StockItem, command: ReserveStock, at: Circumstances) -> Decision:
    item = item_of(state, command.stock_item_id)
    at.open("facility", item["facility_id"])
    since_listing(state, "reserved_on", command.reserved_on, at)
    asked = rules.quantity("stock_item", "quantity", command.quantity)
    held = sum(much for (each, _), much in state.reservations.items() if _is(each, command))
    if held == asked:
        return
    if held:
        raise rules.refusal(
            "stock_item.reservation_exists",
            "reservation_id",
            command.reservation_id,
            f"holds {held} already",
        )
    reserved_for = rules.text("stock_item", "reserved_for", command.reserved_for)
    recalled = under_recall(state, at, command.lot)
    for number, quantity in picked(
        state, command.lot, asked, command.reserved_on, recalled=recalled
    ):
        before = state.lots[number]
        reserved = StockReserved(
            **item,
            lot=number,
            expires_on=before.expires_on,
            reservation_id=command.reservation_id,
            quantity=quantity,
            reserved_for=reserved_for,
            reserved_on=command.reserved_on,
            lot_reserved_after=before.reserved + quantity,
            **left(state, before, available=-quantity),
        )
        state = state.evolve(reserved)
        yield reserved


@stock_item.decides
@watched
def release_reservation(
    state: StockItem, command: ReleaseReservation, at: Circumstances
) -> Decision:
    since_listing(state, "released_on", command.released_on, at)
    for (reservation_id, lot), quantity in state.reservations.items():
        if _is(reservation_id, command):
            released = released_from(
                state,
                command.stock_item_id,
                (reservation_id, lot),
                quantity,
                ReservationEnd.CANCELLED,
                command.released_on,
            )
            state = state.evolve(released)
            yield released


@stock_item.decides
@watched
def quarantine(state: StockItem, command: QuarantineStock, at: Circumstances) -> Decision:
    item = item_of(state, command.stock_item_id)
    number, before = known_lot(state, command.lot)
    since_listing(state, "quarantined_on", command.quarantined_on, at)
    there = max(0, before.on_hand - before.quarantined)
    quantity = _some("quantity", command.quantity, there)
    if not quantity:
        return
    for released in giving_way(
        state,
        command.stock_item_id,
        number,
        there - quantity,
        ReservationEnd.QUARANTINED,
        command.quarantined_on,
    ):
        state = state.evolve(released)
        yield released
    before = state.lots[number]
    yield StockQuarantined(
        **item,
        lot=number,
        expires_on=before.expires_on,
        quantity=quantity,
        why=command.why,
        recall_id=command.recall_id,
        note=rules.optional("stock_item", "note", command.note),
        quarantined_on=command.quarantined_on,
        lot_quarantined_after=before.quarantined + quantity,
        **left(state, before, available=-quantity),
    )


@stock_item.decides(consulting=recalls_of)
@watched
def release_quarantine(state: StockItem, command: ReleaseQuarantine, at: Circumstances) -> Decision:
    """What is under a recall stays where it is until the recall is terminated: it may be written
    off."""
    number, before = known_lot(state, command.lot)
    since_listing(state, "released_on", command.released_on, at)
    under_recall(state, at, number)
    if quantity := _some("quantity", command.quantity, before.quarantined):
        yield StockQuarantineReleased(
            **item_of(state, command.stock_item_id),
            lot=number,
            expires_on=before.expires_on,
            quantity=quantity,
            why=QuarantineEnd.CLEARED,
            recall_id=command.recall_id,
            note=rules.optional("stock_item", "note", command.note),
            released_on=command.released_on,
            lot_quarantined_after=before.quarantined - quantity,
            **left(state, before, available=quantity),
        )


@stock_item.decides
def write_off(state: StockItem, command: WriteOffStock, at: Circumstances) -> Decision:
    by_its_register(state, command)
    item = item_of(state, command.stock_item_id)
    number, before = known_lot(state, command.lot)
    on = command.written_off_on
    since_listing(state, "written_off_on", on, at)
    quantity = _some("quantity", command.quantity, before.quarantined)
    if quantity > (there := before.card.lowest(on)):
        raise insufficient(there, quantity)
    if not quantity:
        return
    for known in restating(state, command.stock_item_id, number, on, -quantity):
        state = state.evolve(known)
        yield known
    before = state.lots[number]
    yield StockWrittenOff(
        **item,
        lot=number,
        expires_on=before.expires_on,
        quantity=quantity,
        why=command.why,
        recall_id=command.recall_id,
        note=rules.optional("stock_item", "note", command.note),
        written_off_on=on,
        lot_quarantined_after=before.quarantined - quantity,
        **left(state, before, on_hand=-quantity),
    )


def _is(reservation_id: UUID, command: ReserveStock | ReleaseReservation) -> bool:
    return reservation_id == command.reservation_id


def _some(named: str, asked: int | None, there: int) -> int:
    """How much is meant: all that is there, unless less is asked for. Refuses more."""
    if asked is None:
        return there
    quantity = rules.quantity("stock_item", named, asked)
    if quantity > there:
        raise insufficient(there, quantity)
    return quantity


# --- what gives way ----------------------------------------------------------------------------


def released_from(
    state: StockItem,
    stock_item_id: UUID,
    held: tuple[UUID, str],
    quantity: int,
    why: ReservationEnd,
    on: date,
) -> StockReservationReleased:
    """The fact that a reservation holds so much less of a lot."""
    reservation_id, number = held
    before = state.lots[number]
    return StockReservationReleased(
        **item_of(state, stock_item_id),
        lot=number,
        expires_on=before.expires_on,
        reservation_id=reservation_id,
        quantity=quantity,
        why=why,
        released_on=on,
        lot_reserved_after=before.reserved - quantity,
        **left(state, before, available=quantity),
    )


def giving_way(
    state: StockItem, stock_item_id: UUID, lot: str, kept: int, why: ReservationEnd, on: date
) -> Iterable[StockReservationReleased]:
    """The facts by which reservations hold no more than `kept` of a lot: the last made go first."""
    for held, quantity in reversed([*state.reservations.items()]):
        over = state.lots[lot].reserved - kept if held[1] == lot else 0
        if over > 0:
            released = released_from(state, stock_item_id, held, min(over, quantity), why, on)
            state = state.evolve(released)
            yield released


def missing(
    state: StockItem, stock_item_id: UUID, lot: str, on_hand: int, on: date
) -> Iterable[StockHoldFact]:
    """The facts by which no more of a lot is held than is on hand of it from now on."""
    before = state.lots.get(lot)
    if before is None or not (before.reserved or before.quarantined):
        return
    kept = max(0, on_hand - before.quarantined)
    for released in giving_way(state, stock_item_id, lot, kept, ReservationEnd.MISSING, on):
        state = state.evolve(released)
        yield released
    before = state.lots[lot]
    if (over := before.quarantined - max(0, on_hand)) > 0:
        yield StockQuarantineReleased(
            **item_of(state, stock_item_id),
            lot=lot,
            expires_on=before.expires_on,
            quantity=over,
            why=QuarantineEnd.MISSING,
            recall_id=None,
            note=None,
            released_on=on,
            lot_quarantined_after=before.quarantined - over,
            **left(state, before, available=over),
        )


def taken(
    state: StockItem,
    stock_item_id: UUID,
    reservation_id: UUID | None,
    lot: str,
    quantity: int,
    on: date,
) -> Iterable[StockReservationReleased]:
    """The fact by which a reservation lets go of what is handed out of it, where there is one."""
    if reservation_id is not None:
        held = (reservation_id, lot)
        yield released_from(state, stock_item_id, held, quantity, ReservationEnd.USED, on)
