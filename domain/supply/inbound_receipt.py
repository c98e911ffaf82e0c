"""What comes from another facility: announced, received whole, short or damaged, perhaps late."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from domain import rules
from domain.kernel import Circumstances, Command, Decision, Entail, command
from domain.supply.controlled_transfers import taking_in
from domain.supply.events.inbound_transfer import (
    InboundAnnounced,
    InboundReceived,
    InboundReceivedLate,
    InboundSettled,
)
from domain.supply.events.stock import NO_LOT
from domain.supply.events.transfer import LotArrival, LotInTransit, transfer_of
from domain.supply.inbound_transfer import InboundStatus, InboundTransfer, inbound_transfer
from domain.supply.standing import stocked, uncontrolled
from domain.supply.steps import no_sooner, standing_at
from domain.supply.stock_transfers import DeliverStock

# --- commands ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class LotReceived:
    """What has come of a lot: fit for use, and damaged."""

    fit: int
    damaged: int = 0
    lot: str = ""


@command("inbound_transfer_id")
class AnnounceTransfer(Command):
    """Take note that it is on its way."""

    inbound_transfer_id: UUID
    lots: tuple[LotInTransit, ...]
    waybill: str | None
    announced_on: date


@command("inbound_transfer_id")
class ReceiveTransfer(Command):
    """Take in what has come. Without lots all has come, and is fit for use; of a lot that is left
    out nothing has come.

    A controlled substance is taken in by one before another: `taken_in_by` and `witnessed_by` are
    of the staff. Of anything else they are not asked.
    """

    inbound_transfer_id: UUID
    received_on: date
    lots: tuple[LotReceived, ...] = ()
    taken_in_by: UUID | None = None
    witnessed_by: UUID | None = None


@command("inbound_transfer_id")
class ReceiveLateArrival(Command):
    """Take in what turned up late, as the discrepancy case found."""

    inbound_transfer_id: UUID
    lot: str
    expires_on: date | None
    quantity: int
    received_on: date


@command("inbound_transfer_id")
class NoteSettlement(Command):
    """Take note that nothing of it is in transit any more."""

    inbound_transfer_id: UUID
    settled_on: date


# --- decisions -----------------------------------------------------------------------------------


@inbound_transfer.decides
def announce(
    state: InboundTransfer,
    command: AnnounceTransfer,
    at: Circumstances,  # noqa: ARG001
) -> Decision:
    """Also where it was withdrawn: it has left, and somebody must take it in."""
    pending = (InboundStatus.REQUESTED, InboundStatus.APPROVED, InboundStatus.WITHDRAWN)
    if state.facility_id is not None and state.status in pending:
        yield InboundAnnounced(
            inbound_transfer_id=command.inbound_transfer_id,
            facility_id=state.facility_id,
            stock_item_id=state.stock_item_id,
            lots=command.lots,
            quantity=sum(each.quantity for each in command.lots),
            waybill=command.waybill,
            announced_on=command.announced_on,
        )


def _item_of(state: InboundTransfer, command: Any) -> list[UUID]:  # noqa: ARG001
    return [state.stock_item_id]


@inbound_transfer.decides(consulting=_item_of)
def receive(state: InboundTransfer, command: ReceiveTransfer, at: Circumstances) -> Decision:
    facility_id = standing_at("inbound_transfer", state, InboundStatus.ANNOUNCED)
    no_sooner("inbound_transfer", state, "received_on", command.received_on, at)
    arrivals = _arrivals(state, command.lots)
    item = stocked(at, state.stock_item_id, within=facility_id)
    yield InboundReceived(
        inbound_transfer_id=command.inbound_transfer_id,
        facility_id=facility_id,
        transfer_id=transfer_of(command.inbound_transfer_id),
        stock_item_id=state.stock_item_id,
        item_system=state.item_system,
        item_code=state.item_code,
        lots=arrivals,
        fit=sum(each.fit for each in arrivals),
        damaged=sum(each.damaged for each in arrivals),
        missing=sum(each.missing for each in arrivals),
        received_on=command.received_on,
    )
    for each in arrivals:
        if each.fit:
            coming = _delivery(state, command, at, each.lot, each.expires_on, each.fit)
            yield Entail(
                taking_in(
                    "inbound_transfer", item, coming, command.taken_in_by, command.witnessed_by
                )
            )


@inbound_transfer.decides(consulting=_item_of)
def receive_late(
    state: InboundTransfer, command: ReceiveLateArrival, at: Circumstances
) -> Decision:
    facility_id = standing_at("inbound_transfer", state, InboundStatus.RECEIVED)
    rule = "must not be a controlled substance: what turns up of it goes back to who sent it"
    uncontrolled("inbound_transfer", stocked(at, state.stock_item_id), state.stock_item_id, rule)
    yield InboundReceivedLate(
        inbound_transfer_id=command.inbound_transfer_id,
        facility_id=facility_id,
        transfer_id=transfer_of(command.inbound_transfer_id),
        stock_item_id=state.stock_item_id,
        lot=command.lot,
        expires_on=command.expires_on,
        quantity=command.quantity,
        received_on=command.received_on,
    )
    lot, quantity = command.lot, command.quantity
    yield Entail(_delivery(state, command, at, lot, command.expires_on, quantity))


@inbound_transfer.decides
def note_settlement(
    state: InboundTransfer,
    command: NoteSettlement,
    at: Circumstances,  # noqa: ARG001
) -> Decision:
    if state.facility_id is not None and state.status is InboundStatus.RECEIVED:
        yield InboundSettled(
            inbound_transfer_id=command.inbound_transfer_id,
            facility_id=state.facility_id,
            settled_on=command.settled_on,
        )


def _arrivals(state: InboundTransfer, lots: tuple[LotReceived, ...]) -> tuple[LotArrival, ...]:
    """What became of every lot that was announced.

    Refuses a lot that was not announced, one that is named twice, and more than was sent of it.
    """
    come = {each.lot: each for each in lots}
    if len(come) < len(lots):
        rule = "must name each lot once"
        raise rules.refusal("inbound_transfer.lot_twice", "lots", len(lots), rule)
    for each in lots:
        sent = state.lots.get(each.lot)
        if sent is None:
            rule = "must be one of those that were sent"
            raise rules.refusal("inbound_transfer.lot_unknown", "lot", each.lot, rule)
        for named in ("fit", "damaged"):
            rules.quantity("inbound_transfer", named, getattr(each, named), zero_allowed=True)
        if each.fit + each.damaged > sent.quantity:
            rule = f"must be at most {sent.quantity} of lot {each.lot}, which is what was sent"
            raise rules.refusal(
                "inbound_transfer.over_receipt", "fit", each.fit + each.damaged, rule
            )
    return tuple(
        LotArrival(
            lot=number,
            expires_on=sent.expires_on,
            dispatched=sent.quantity,
            fit=_fit(sent, come.get(number), whole=not lots),
            damaged=come[number].damaged if number in come else 0,
        )
        for number, sent in state.lots.items()
    )


def _fit(sent: LotInTransit, come: LotReceived | None, *, whole: bool) -> int:
    if whole:
        return sent.quantity
    return 0 if come is None else come.fit


def _delivery(
    state: InboundTransfer,
    command: ReceiveTransfer | ReceiveLateArrival,
    at: Circumstances,
    lot: str,
    expires_on: date | None,
    quantity: int,
) -> DeliverStock:
    """Into stock as it is kept here.

    1. An item that is not tracked by lot here has no lots and no expiry.
    2. One that is, and came without a number, gets one of its transfer.
    3. A lot that is known here keeps the expiry it is known by.
    """
    item = stocked(at, state.stock_item_id)
    transfer_id = transfer_of(command.inbound_transfer_id)
    kept = (lot or f"transfer {str(transfer_id)[:8]}") if item.lot_tracked else NO_LOT
    known = item.lots.get(kept)
    expires = not item.lot_tracked or (known is not None and known.expires_on is not None)
    return DeliverStock(
        stock_item_id=state.stock_item_id,
        transfer_id=transfer_id,
        lot=kept,
        expires_on=None if expires else expires_on,
        quantity=quantity,
        delivered_on=command.received_on,
    )
