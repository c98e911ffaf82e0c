"""A controlled substance on its way between two facilities: two people send it, and two take it in.

Each facility's register tells its own side, and entails what moves its stock. What two people did
not say of a transfer does not happen to it: `transfer_sending` and `inbound_receipt` ask for them,
and give these commands, which have no route. What was sent and never arrived is a **loss in
transit**, of whoever sent it (21 CFR 1301.76(b)).
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import ClassVar
from uuid import UUID

from domain import rules
from domain.kernel import Circumstances, Command, Decision, command
from domain.supply.controlled_losses import FORM_106_WITHIN, next_business_day
from domain.supply.controlled_register import (
    ControlledRegister,
    controlled_register,
    moves,
    since,
    the_item_and_two_people,
    two_people,
    under_control,
)
from domain.supply.events.controlled import (
    ControlledSent,
    ControlledTakenIn,
    LossKind,
    TransitLossDiscovered,
)
from domain.supply.lots import StockStanding
from domain.supply.standing import two_named
from domain.supply.stock_control import DeliverControlled, DispatchControlled
from domain.supply.stock_transfers import DeliverStock

# --- commands ------------------------------------------------------------------------------------


@command("register_id")
class SendControlled(Command):
    """Send what a transfer has reserved of a lot, before a witness. The transfer's command."""

    by: ClassVar[str] = "dispatched_by"
    register_id: UUID
    transfer_id: UUID
    to_facility_id: UUID
    lot: str
    quantity: int
    dispatched_by: UUID
    witnessed_by: UUID
    reference: str | None
    sent_on: date


@command("register_id")
class TakeInControlled(Command):
    """Take in what came of a transfer, or came back, before a witness. The transfer's command."""

    by: ClassVar[str] = "taken_in_by"
    register_id: UUID
    transfer_id: UUID
    lot: str
    expires_on: date | None
    quantity: int
    taken_in_by: UUID
    witnessed_by: UUID
    taken_in_on: date


@command("register_id")
class LoseInTransit(Command):
    """Say that some of what was sent is lost on the road. The transfer's command."""

    register_id: UUID
    transfer_id: UUID
    lot: str
    quantity: int
    circumstances: str
    discovered_on: date


def taking_in(
    noun: str, item: StockStanding, coming: DeliverStock, one: UUID | None, other: UUID | None
) -> Command:
    """What takes into stock what comes, or comes back, of a transfer: the stock item, or the
    register of a controlled substance, which wants to know who takes it in and who sees it.

    Refuses with ``<noun>.two_people`` where it does not.
    """
    if item.register_id is None:
        return coming
    taken_in_by, witnessed_by = two_named(noun, TakeInControlled.by, one, other)
    return TakeInControlled(
        register_id=item.register_id,
        transfer_id=coming.transfer_id,
        lot=coming.lot,
        expires_on=coming.expires_on,
        quantity=coming.quantity,
        taken_in_by=taken_in_by,
        witnessed_by=witnessed_by,
        taken_in_on=coming.delivered_on,
    )


# --- decisions -----------------------------------------------------------------------------------


@controlled_register.decides(consulting=the_item_and_two_people)
def send(state: ControlledRegister, command: SendControlled, at: Circumstances) -> Decision:
    facility_id, item = under_control(state, at)
    since(state, "dispatched_on", command.sent_on, at)
    two_people(at, command)
    quantity = rules.quantity("controlled_register", "quantity", command.quantity)
    yield ControlledSent(
        register_id=command.register_id,
        facility_id=facility_id,
        stock_item_id=state.stock_item_id,
        transfer_id=command.transfer_id,
        to_facility_id=command.to_facility_id,
        lot=command.lot,
        quantity=quantity,
        sent_by=command.dispatched_by,
        witnessed_by=command.witnessed_by,
        reference=command.reference,
        sent_on=command.sent_on,
        balance_after=item.on_hand - quantity,
    )
    sent = DispatchControlled(
        stock_item_id=state.stock_item_id,
        register_id=command.register_id,
        transfer_id=command.transfer_id,
        reservation_id=command.transfer_id,
        lot=command.lot,
        quantity=quantity,
        dispatched_on=command.sent_on,
    )
    yield from moves(state, command.register_id, item, sent)


@controlled_register.decides(consulting=the_item_and_two_people)
def take_in(state: ControlledRegister, command: TakeInControlled, at: Circumstances) -> Decision:
    facility_id, item = under_control(state, at)
    since(state, "taken_in_on", command.taken_in_on, at)
    two_people(at, command)
    quantity = rules.quantity("controlled_register", "quantity", command.quantity)
    yield ControlledTakenIn(
        register_id=command.register_id,
        facility_id=facility_id,
        stock_item_id=state.stock_item_id,
        transfer_id=command.transfer_id,
        lot=command.lot,
        quantity=quantity,
        taken_in_by=command.taken_in_by,
        witnessed_by=command.witnessed_by,
        taken_in_on=command.taken_in_on,
        balance_after=item.on_hand + quantity,
    )
    taken_in = DeliverControlled(
        stock_item_id=state.stock_item_id,
        register_id=command.register_id,
        transfer_id=command.transfer_id,
        lot=command.lot,
        expires_on=command.expires_on,
        quantity=quantity,
        delivered_on=command.taken_in_on,
    )
    yield from moves(state, command.register_id, item, taken_in)


@controlled_register.decides
def lose_in_transit(
    state: ControlledRegister, command: LoseInTransit, at: Circumstances
) -> Decision:
    assert state.facility_id is not None, "a register begins when it is opened"
    since(state, "discovered_on", command.discovered_on, at)
    yield TransitLossDiscovered(
        register_id=command.register_id,
        facility_id=state.facility_id,
        stock_item_id=state.stock_item_id,
        transfer_id=command.transfer_id,
        loss=len(state.losses) + 1,
        lot=command.lot,
        quantity=command.quantity,
        kind=LossKind.LOST,
        circumstances=command.circumstances,
        discovered_on=command.discovered_on,
        notice_due_on=next_business_day(command.discovered_on),
        form_106_due_on=command.discovered_on + timedelta(days=FORM_106_WITHIN),
        balance=state.balance,
    )
