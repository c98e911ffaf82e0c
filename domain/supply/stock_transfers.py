"""Stock on its way from one facility to another: it leaves the books of one and enters the other's.

What happens to it in between, and what of it does not arrive, the transfer tells.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from domain import rules
from domain.kernel import Circumstances, Command, Decision, command
from domain.supply.events.stock import NO_LOT
from domain.supply.events.stock_exceptions import ExceptionEnd
from domain.supply.events.stock_holds import StockDelivered, StockDispatched
from domain.supply.lots import StockItem, stock_item
from domain.supply.register_receipt import entered_in_its_register
from domain.supply.stock_holds import taken
from domain.supply.stock_par import watched
from domain.supply.stock_recall import recalls_of, under_recall
from domain.supply.stock_rules import (
    by_its_register,
    closing,
    has_its_register,
    item_of,
    left,
    lot_of,
    picked,
    restating,
    since_listing,
)


@command("stock_item_id")
class DispatchStock(Command):
    """Send stock to another facility. Without a `lot`, what expires first goes first.

    With a `reservation_id`, what that reservation holds is sent.
    """

    stock_item_id: UUID
    transfer_id: UUID
    quantity: int
    dispatched_on: date
    lot: str | None = None
    reservation_id: UUID | None = None


@command("stock_item_id")
class DeliverStock(Command):
    """Take in what another facility sent, as much of it as arrived fit to be used."""

    stock_item_id: UUID
    transfer_id: UUID
    quantity: int
    delivered_on: date
    lot: str = NO_LOT
    expires_on: date | None = None


# A facility that is closed sends away what it still has: only what comes in needs an open one.
@stock_item.decides(consulting=recalls_of)
@watched
def dispatch(state: StockItem, command: DispatchStock, at: Circumstances) -> Decision:
    by_its_register(state, command)
    item = item_of(state, command.stock_item_id)
    since_listing(state, "dispatched_on", command.dispatched_on, at)
    asked = rules.quantity("stock_item", "quantity", command.quantity)
    on, reservation_id = command.dispatched_on, command.reservation_id
    recalled = under_recall(state, at, command.lot)
    for number, quantity in picked(
        state, command.lot, asked, on, reservation_id, recalled=recalled
    ):
        for used in taken(state, command.stock_item_id, reservation_id, number, quantity, on):
            state = state.evolve(used)
            yield used
        for known in restating(state, command.stock_item_id, number, on, -quantity):
            state = state.evolve(known)
            yield known
        before = state.lots[number]
        dispatched = StockDispatched(
            **item,
            lot=number,
            expires_on=before.expires_on,
            transfer_id=command.transfer_id,
            quantity=quantity,
            dispatched_on=on,
            **left(state, before, on_hand=-quantity, available=-quantity),
        )
        state = state.evolve(dispatched)
        yield dispatched


@stock_item.decides
@watched
def deliver(state: StockItem, command: DeliverStock, at: Circumstances) -> Decision:
    has_its_register(state, command)
    item = item_of(state, command.stock_item_id)
    at.open("facility", item["facility_id"])
    lot, before = lot_of(state, command.lot, command.expires_on)
    since_listing(state, "delivered_on", command.delivered_on, at)
    quantity = rules.quantity("stock_item", "quantity", command.quantity)
    before_it = state
    delivered = StockDelivered(
        **item,
        lot=lot,
        expires_on=before.expires_on,
        transfer_id=command.transfer_id,
        quantity=quantity,
        delivered_on=command.delivered_on,
        **left(state, before, on_hand=quantity, available=quantity),
    )
    yield delivered
    state = state.evolve(delivered)
    for known in restating(state, command.stock_item_id, lot, command.delivered_on, quantity):
        state = state.evolve(known)
        yield known
    if state.lots[lot].available >= 0:
        on, how = command.delivered_on, ExceptionEnd.RECEIVED
        yield from closing(state, command.stock_item_id, lot, on, how)
    if not hasattr(command, "register_id"):
        # What its register says itself, it knows.
        reference = f"transfer {command.transfer_id}"
        on = command.delivered_on
        yield from entered_in_its_register(before_it, lot, quantity, on, reference)
