"""A transfer, at the facility that receives: what it asked another facility for, and what came.

Its life: it is **requested** (or **proposed** by replenishment, and then requested or
**dismissed**), the other facility **approves** or **declines** it, it is **announced** when it
has left there, **received** whole, short or damaged, perhaps some of it late, and **settled**
when nothing of it is in transit. A request that is **withdrawn** comes all the same where it has
left already.

What the other facility did is told by a process; its people act on their own `transfer`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Any, assert_never
from uuid import UUID

from domain import rules
from domain.kernel import (
    Aggregate,
    Circumstances,
    Command,
    Decision,
    Entail,
    Refused,
    command,
)
from domain.supply.events.stock import NO_LOT
from domain.supply.events.transfer import (
    InboundAnnounced,
    InboundApproved,
    InboundDeclined,
    InboundDismissed,
    InboundFact,
    InboundProposed,
    InboundReceived,
    InboundReceivedLate,
    InboundRequested,
    InboundSettled,
    InboundWithdrawn,
    LotArrival,
    LotInTransit,
    transfer_of,
)
from domain.supply.standing import NOT_YET, stocked
from domain.supply.stock_transfers import DeliverStock

# --- state -------------------------------------------------------------------------------------


class InboundStatus(StrEnum):
    """How far a transfer has come, as the facility that receives it sees it."""

    ABSENT = "absent"
    PROPOSED = "proposed"
    DISMISSED = "dismissed"
    REQUESTED = "requested"
    WITHDRAWN = "withdrawn"
    APPROVED = "approved"
    DECLINED = "declined"
    ANNOUNCED = "announced"
    RECEIVED = "received"
    SETTLED = "settled"


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundTransfer:
    """What it has become. `lots` is what was announced; `since` the day of its last step."""

    facility_id: UUID | None = None
    from_facility_id: UUID = NOT_YET
    stock_item_id: UUID = NOT_YET
    item_system: str = ""
    item_code: str = ""
    quantity: int = 0
    supplier_id: UUID | None = None
    status: InboundStatus = InboundStatus.ABSENT
    since: date = rules.EARLIEST
    lots: Mapping[str, LotInTransit] = field(default_factory=lambda: MappingProxyType({}))

    def evolve(self, fact: InboundFact) -> InboundTransfer:
        match fact:
            case InboundProposed():
                proposed = self._wanted(fact, InboundStatus.PROPOSED, fact.proposed_on)
                return replace(proposed, supplier_id=fact.supplier_id)
            case InboundDismissed():
                return replace(self, status=InboundStatus.DISMISSED, since=fact.dismissed_on)
            case InboundRequested():
                return self._wanted(fact, InboundStatus.REQUESTED, fact.requested_on)
            case InboundWithdrawn():
                return replace(self, status=InboundStatus.WITHDRAWN, since=fact.withdrawn_on)
            case InboundApproved():
                return replace(
                    self,
                    status=InboundStatus.APPROVED,
                    quantity=fact.quantity,
                    since=fact.approved_on,
                )
            case InboundDeclined():
                return replace(self, status=InboundStatus.DECLINED, since=fact.declined_on)
            case InboundAnnounced():
                lots = {each.lot: each for each in fact.lots}
                return replace(
                    self,
                    status=InboundStatus.ANNOUNCED,
                    since=fact.announced_on,
                    lots=MappingProxyType(lots),
                )
            case InboundReceived():
                return replace(self, status=InboundStatus.RECEIVED, since=fact.received_on)
            case InboundReceivedLate():
                return self
            case InboundSettled():
                return replace(self, status=InboundStatus.SETTLED, since=fact.settled_on)
            case _:
                assert_never(fact)

    def _wanted(
        self, fact: InboundProposed | InboundRequested, status: InboundStatus, on: date
    ) -> InboundTransfer:
        return replace(
            self,
            facility_id=fact.facility_id,
            from_facility_id=fact.from_facility_id,
            stock_item_id=fact.stock_item_id,
            item_system=fact.item_system,
            item_code=fact.item_code,
            quantity=fact.quantity,
            status=status,
            since=on,
        )


inbound_transfer = Aggregate("inbound_transfer", InboundTransfer())


# --- commands ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class LotReceived:
    """What has come of a lot: fit for use, and damaged."""

    fit: int
    damaged: int = 0
    lot: str = ""


@command("inbound_transfer_id", creates=True)
class ProposeTransfer(Command):
    """Propose to ask another facility for stock it can spare. Replenishment's command."""

    inbound_transfer_id: UUID
    facility_id: UUID
    from_facility_id: UUID
    stock_item_id: UUID
    quantity: int
    expires_on: date | None
    proposed_on: date
    supplier_id: UUID | None = None


@command("inbound_transfer_id")
class AcceptProposal(Command):
    """Ask for what was proposed, or (with a quantity) for less or more of it."""

    inbound_transfer_id: UUID
    requested_on: date
    quantity: int | None = None


@command("inbound_transfer_id")
class DismissProposal(Command):
    """Do not ask for what was proposed; replenishment proposes to buy it."""

    inbound_transfer_id: UUID
    dismissed_on: date
    reason: str


@command("inbound_transfer_id", creates=True)
class RequestTransfer(Command):
    """Ask another facility for some of an item that is kept here too."""

    inbound_transfer_id: UUID
    facility_id: UUID
    from_facility_id: UUID
    stock_item_id: UUID
    quantity: int
    requested_on: date


@command("inbound_transfer_id")
class WithdrawRequest(Command):
    """Ask for it no more. Where it has left already, it comes all the same."""

    inbound_transfer_id: UUID
    withdrawn_on: date
    reason: str


@command("inbound_transfer_id")
class NoteApproval(Command):
    """Take note that the other facility will send it."""

    inbound_transfer_id: UUID
    quantity: int
    approved_on: date


@command("inbound_transfer_id")
class NoteRefusal(Command):
    """Take note that the other facility does not send it."""

    inbound_transfer_id: UUID
    reason: str
    declined_on: date


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
    """

    inbound_transfer_id: UUID
    received_on: date
    lots: tuple[LotReceived, ...] = ()


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


# --- decisions ---------------------------------------------------------------------------------


def _other_side(state: InboundTransfer, command: Any) -> list[UUID]:  # noqa: ARG001
    return [command.from_facility_id]


@inbound_transfer.decides(consulting=_other_side)
def propose(state: InboundTransfer, command: ProposeTransfer, at: Circumstances) -> Decision:
    if state.status is not InboundStatus.ABSENT:
        return
    at.open("facility", command.facility_id)
    at.open("facility", command.from_facility_id, named="from_facility_id")
    rules.happened("inbound_transfer", "proposed_on", command.proposed_on, at)
    item = stocked(at, command.stock_item_id, within=command.facility_id)
    yield InboundProposed(
        inbound_transfer_id=command.inbound_transfer_id,
        facility_id=command.facility_id,
        from_facility_id=command.from_facility_id,
        stock_item_id=command.stock_item_id,
        item_system=item.item_system,
        item_code=item.item_code,
        quantity=rules.quantity("inbound_transfer", "quantity", command.quantity),
        expires_on=command.expires_on,
        supplier_id=command.supplier_id,
        proposed_on=command.proposed_on,
    )


@inbound_transfer.decides
def accept(state: InboundTransfer, command: AcceptProposal, at: Circumstances) -> Decision:
    facility_id = _in(state, InboundStatus.PROPOSED)
    _since(state, "requested_on", command.requested_on, at)
    quantity = state.quantity if command.quantity is None else command.quantity
    yield InboundRequested(
        inbound_transfer_id=command.inbound_transfer_id,
        facility_id=facility_id,
        transfer_id=transfer_of(command.inbound_transfer_id),
        from_facility_id=state.from_facility_id,
        stock_item_id=state.stock_item_id,
        item_system=state.item_system,
        item_code=state.item_code,
        quantity=rules.quantity("inbound_transfer", "quantity", quantity),
        requested_on=command.requested_on,
    )


@inbound_transfer.decides
def dismiss(state: InboundTransfer, command: DismissProposal, at: Circumstances) -> Decision:
    facility_id = _in(state, InboundStatus.PROPOSED)
    _since(state, "dismissed_on", command.dismissed_on, at)
    yield InboundDismissed(
        inbound_transfer_id=command.inbound_transfer_id,
        facility_id=facility_id,
        stock_item_id=state.stock_item_id,
        quantity=state.quantity,
        supplier_id=state.supplier_id,
        reason=rules.text("inbound_transfer", "reason", command.reason),
        dismissed_on=command.dismissed_on,
    )


@inbound_transfer.decides(consulting=_other_side)
def request(state: InboundTransfer, command: RequestTransfer, at: Circumstances) -> Decision:
    if state.status is not InboundStatus.ABSENT:
        raise Refused("inbound_transfer.already_requested", "This transfer exists.")
    at.open("facility", command.facility_id)
    at.open("facility", command.from_facility_id, named="from_facility_id")
    if command.from_facility_id == command.facility_id:
        rule = "must be another facility"
        raise rules.refusal(
            "inbound_transfer.own_facility", "from_facility_id", command.from_facility_id, rule
        )
    rules.happened("inbound_transfer", "requested_on", command.requested_on, at)
    item = stocked(at, command.stock_item_id, within=command.facility_id)
    yield InboundRequested(
        inbound_transfer_id=command.inbound_transfer_id,
        facility_id=command.facility_id,
        transfer_id=transfer_of(command.inbound_transfer_id),
        from_facility_id=command.from_facility_id,
        stock_item_id=command.stock_item_id,
        item_system=item.item_system,
        item_code=item.item_code,
        quantity=rules.quantity("inbound_transfer", "quantity", command.quantity),
        requested_on=command.requested_on,
    )


@inbound_transfer.decides
def withdraw(state: InboundTransfer, command: WithdrawRequest, at: Circumstances) -> Decision:
    facility_id = _in(state, InboundStatus.REQUESTED, InboundStatus.APPROVED)
    _since(state, "withdrawn_on", command.withdrawn_on, at)
    yield InboundWithdrawn(
        inbound_transfer_id=command.inbound_transfer_id,
        facility_id=facility_id,
        transfer_id=transfer_of(command.inbound_transfer_id),
        reason=rules.text("inbound_transfer", "reason", command.reason),
        withdrawn_on=command.withdrawn_on,
    )


@inbound_transfer.decides
def note_approval(
    state: InboundTransfer,
    command: NoteApproval,
    at: Circumstances,  # noqa: ARG001
) -> Decision:
    """A request that has been withdrawn meanwhile stays withdrawn: the other side is told of
    that.
    """
    if state.facility_id is not None and state.status is InboundStatus.REQUESTED:
        yield InboundApproved(
            inbound_transfer_id=command.inbound_transfer_id,
            facility_id=state.facility_id,
            quantity=command.quantity,
            approved_on=command.approved_on,
        )


@inbound_transfer.decides
def note_refusal(
    state: InboundTransfer,
    command: NoteRefusal,
    at: Circumstances,  # noqa: ARG001
) -> Decision:
    pending = (InboundStatus.REQUESTED, InboundStatus.APPROVED, InboundStatus.WITHDRAWN)
    if state.facility_id is not None and state.status in pending:
        yield InboundDeclined(
            inbound_transfer_id=command.inbound_transfer_id,
            facility_id=state.facility_id,
            reason=command.reason,
            declined_on=command.declined_on,
        )


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
    facility_id = _in(state, InboundStatus.ANNOUNCED)
    _since(state, "received_on", command.received_on, at)
    arrivals = _arrivals(state, command.lots)
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
            yield _delivery(state, command, at, each.lot, each.expires_on, each.fit)


@inbound_transfer.decides(consulting=_item_of)
def receive_late(
    state: InboundTransfer, command: ReceiveLateArrival, at: Circumstances
) -> Decision:
    facility_id = _in(state, InboundStatus.RECEIVED)
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
    yield _delivery(state, command, at, command.lot, command.expires_on, command.quantity)


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


# --- rules -------------------------------------------------------------------------------------


def _in(state: InboundTransfer, *wanted: InboundStatus) -> UUID:
    """Refuses unless it is in one of these statuses; answers with whose it is."""
    if state.facility_id is None or state.status not in wanted:
        raise Refused(
            "inbound_transfer.not_now",
            f"The transfer is {state.status.replace('_', ' ')}.",
            status=state.status,
            wanted=[each.value for each in wanted],
        )
    return state.facility_id


def _since(state: InboundTransfer, named: str, when: date, at: Circumstances) -> None:
    rules.happened("inbound_transfer", named, when, at)
    rules.in_order("inbound_transfer", "last_step", state.since, named, when)


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
) -> Entail:
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
    return Entail(
        DeliverStock(
            stock_item_id=state.stock_item_id,
            transfer_id=transfer_id,
            lot=kept,
            expires_on=None if expires else expires_on,
            quantity=quantity,
            delivered_on=command.received_on,
        )
    )
