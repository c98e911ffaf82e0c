"""A transfer until it has left: asked for, approved or declined, dispatched or cancelled."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from domain import rules
from domain.kernel import Circumstances, Command, Decision, Entail, Refused, command
from domain.supply.controlled_transfers import SendControlled
from domain.supply.events.transfer import (
    LotInTransit,
    TransferApproved,
    TransferCancelled,
    TransferDeclined,
    TransferDispatched,
    TransferRequested,
)
from domain.supply.lots import StockStanding
from domain.supply.standing import stocked, two_named, uncontrolled
from domain.supply.steps import no_sooner, standing_at
from domain.supply.stock_holds import ReleaseReservation, ReserveStock
from domain.supply.stock_transfers import DispatchStock
from domain.supply.transfer import Transfer, TransferStatus, transfer

# --- commands ------------------------------------------------------------------------------------


@command("transfer_id", creates=True)
class AskForTransfer(Command):
    """Put another facility's request before the one that has the stock."""

    transfer_id: UUID
    facility_id: UUID
    inbound_transfer_id: UUID
    to_facility_id: UUID
    item_system: str
    item_code: str
    quantity: int
    requested_on: date
    by_register: bool = False


@command("transfer_id")
class ApproveTransfer(Command):
    """Agree to send so much (without a quantity: all that was asked for) of a stock item."""

    transfer_id: UUID
    stock_item_id: UUID
    approved_on: date
    quantity: int | None = None


@command("transfer_id")
class DeclineTransfer(Command):
    """Do not send it."""

    transfer_id: UUID
    declined_on: date
    reason: str


@command("transfer_id")
class CancelTransfer(Command):
    """Do not send it after all. What has left already is not called back."""

    transfer_id: UUID
    cancelled_on: date
    reason: str


@command("transfer_id")
class DispatchTransfer(Command):
    """Send what is reserved for it.

    A controlled substance is sent by one before another: `dispatched_by` and `witnessed_by` are of
    the staff. Of anything else they are not asked.
    """

    transfer_id: UUID
    dispatched_on: date
    waybill: str | None = None
    dispatched_by: UUID | None = None
    witnessed_by: UUID | None = None


# --- decisions -----------------------------------------------------------------------------------


@transfer.decides
def ask(state: Transfer, command: AskForTransfer, at: Circumstances) -> Decision:
    if state.status is not TransferStatus.ABSENT:
        return
    at.open("facility", command.facility_id)
    yield TransferRequested(
        transfer_id=command.transfer_id,
        facility_id=command.facility_id,
        inbound_transfer_id=command.inbound_transfer_id,
        to_facility_id=command.to_facility_id,
        item_system=command.item_system,
        item_code=command.item_code,
        quantity=rules.quantity("transfer", "quantity", command.quantity),
        by_register=command.by_register,
        requested_on=command.requested_on,
    )


@transfer.decides
def approve(state: Transfer, command: ApproveTransfer, at: Circumstances) -> Decision:
    facility_id = standing_at("transfer", state, TransferStatus.REQUESTED)
    no_sooner("transfer", state, "approved_on", command.approved_on, at)
    item = stocked(at, command.stock_item_id, within=facility_id)
    _taken_in_there(state, item, command.stock_item_id)
    if (item.item_system, item.item_code) != (state.item_system, state.item_code):
        rule = f"must be of {state.item_system} {state.item_code}, which is what is asked for"
        raise rules.refusal("transfer.other_item", "stock_item_id", command.stock_item_id, rule)
    quantity = state.quantity if command.quantity is None else command.quantity
    rules.quantity("transfer", "quantity", quantity)
    if quantity > state.quantity:
        rule = f"must be at most {state.quantity}, which is what is asked for"
        raise rules.refusal("transfer.more_than_asked", "quantity", quantity, rule)
    yield TransferApproved(
        transfer_id=command.transfer_id,
        facility_id=facility_id,
        inbound_transfer_id=state.inbound_transfer_id,
        to_facility_id=state.to_facility_id,
        stock_item_id=command.stock_item_id,
        quantity=quantity,
        approved_on=command.approved_on,
    )
    yield Entail(
        ReserveStock(
            stock_item_id=command.stock_item_id,
            reservation_id=command.transfer_id,
            quantity=quantity,
            reserved_for="transfer",
            reserved_on=command.approved_on,
        )
    )


@transfer.decides
def decline(state: Transfer, command: DeclineTransfer, at: Circumstances) -> Decision:
    facility_id = standing_at("transfer", state, TransferStatus.REQUESTED)
    no_sooner("transfer", state, "declined_on", command.declined_on, at)
    yield TransferDeclined(
        transfer_id=command.transfer_id,
        facility_id=facility_id,
        inbound_transfer_id=state.inbound_transfer_id,
        reason=rules.text("transfer", "reason", command.reason),
        declined_on=command.declined_on,
    )


def _item_of(state: Transfer, command: Any) -> list[UUID]:  # noqa: ARG001
    return [state.stock_item_id]


@transfer.decides(consulting=_item_of)
def cancel(state: Transfer, command: CancelTransfer, at: Circumstances) -> Decision:
    facility_id = standing_at("transfer", state, TransferStatus.REQUESTED, TransferStatus.APPROVED)
    no_sooner("transfer", state, "cancelled_on", command.cancelled_on, at)
    yield TransferCancelled(
        transfer_id=command.transfer_id,
        facility_id=facility_id,
        inbound_transfer_id=state.inbound_transfer_id,
        reason=rules.text("transfer", "reason", command.reason),
        cancelled_on=command.cancelled_on,
    )
    if state.status is TransferStatus.APPROVED and _held(state, command.transfer_id, at):
        yield Entail(
            ReleaseReservation(
                stock_item_id=state.stock_item_id,
                reservation_id=command.transfer_id,
                released_on=command.cancelled_on,
            )
        )


@transfer.decides(consulting=_item_of)
def dispatch(state: Transfer, command: DispatchTransfer, at: Circumstances) -> Decision:
    """All that is still reserved for it leaves: a recall may have taken some of it away since."""
    facility_id = standing_at("transfer", state, TransferStatus.APPROVED)
    no_sooner("transfer", state, "dispatched_on", command.dispatched_on, at)
    item = stocked(at, state.stock_item_id, within=facility_id)
    _taken_in_there(state, item, state.stock_item_id)
    lots = _held(state, command.transfer_id, at)
    if not lots:
        raise Refused("transfer.nothing_reserved", "Nothing is reserved for it any more.")
    yield TransferDispatched(
        transfer_id=command.transfer_id,
        facility_id=facility_id,
        inbound_transfer_id=state.inbound_transfer_id,
        to_facility_id=state.to_facility_id,
        stock_item_id=state.stock_item_id,
        item_system=state.item_system,
        item_code=state.item_code,
        lots=tuple(lots),
        quantity=sum(each.quantity for each in lots),
        waybill=rules.optional("transfer", "waybill", command.waybill, longest=80),
        dispatched_on=command.dispatched_on,
    )
    for each in lots:
        yield Entail(_leaving(state, command, item.register_id, each))


def _leaving(
    state: Transfer, command: DispatchTransfer, register_id: UUID | None, lot: LotInTransit
) -> Command:
    """What takes a lot out of stock: the register of a controlled substance, which wants to know
    two people, or the stock item."""
    if register_id is None:
        return DispatchStock(
            stock_item_id=state.stock_item_id,
            transfer_id=command.transfer_id,
            reservation_id=command.transfer_id,
            lot=lot.lot,
            quantity=lot.quantity,
            dispatched_on=command.dispatched_on,
        )
    one, other = two_named("transfer", "dispatched_by", command.dispatched_by, command.witnessed_by)
    return SendControlled(
        register_id=register_id,
        transfer_id=command.transfer_id,
        to_facility_id=state.to_facility_id,
        lot=lot.lot,
        quantity=lot.quantity,
        dispatched_by=one,
        witnessed_by=other,
        reference=rules.optional("transfer", "waybill", command.waybill, longest=80),
        sent_on=command.dispatched_on,
    )


def _taken_in_there(state: Transfer, item: StockStanding, stock_item_id: UUID) -> None:
    """A controlled substance goes where it is entered in a register, too."""
    if not state.by_register:
        rule = "must not be a controlled substance: who asks for it keeps no register of it"
        uncontrolled("transfer", item, stock_item_id, rule)


def _held(state: Transfer, transfer_id: UUID, at: Circumstances) -> list[LotInTransit]:
    """What the stock item has reserved for a transfer, what expires first first."""
    item = stocked(at, state.stock_item_id, within=state.facility_id)
    held = [
        LotInTransit(lot=lot, expires_on=item.lots[lot].expires_on, quantity=quantity)
        for (reservation_id, lot), quantity in item.reservations.items()
        if reservation_id == transfer_id
    ]
    return sorted(held, key=lambda each: (each.expires_on or date.max, each.lot))
