"""A transfer, at the facility that sends: another facility's request, and what is done about it.

Its life: it is **requested** (by a process, from the other facility's `inbound_transfer`),
**approved**, which reserves the stock, or **declined**; **dispatched**, which takes it out of
stock; and has **arrived** when the other facility says what it received. Whole, it is **settled**
at once. Otherwise a discrepancy case is open until somebody has said of every unit what became of
it: written off, back in stock, or arrived late. Before it is dispatched it may be **cancelled**.

From dispatch until it has arrived, the receiving side alone says what comes out of transit; from
then on this side does. So no unit can leave transit twice.
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
from domain.supply.events.transfer import (
    DiscrepancyOpened,
    DiscrepancyOutcome,
    DiscrepancyResolved,
    LateArrivalRefused,
    LotArrival,
    LotInTransit,
    TransferApproved,
    TransferArrived,
    TransferCancelled,
    TransferDeclined,
    TransferDispatched,
    TransferFact,
    TransferRequested,
    TransferSettled,
)
from domain.supply.standing import NOT_YET, stocked
from domain.supply.stock_holds import ReleaseReservation, ReserveStock
from domain.supply.stock_transfers import DeliverStock, DispatchStock

# --- state -------------------------------------------------------------------------------------


class TransferStatus(StrEnum):
    """How far a transfer has come, as the facility that sends it sees it."""

    ABSENT = "absent"
    REQUESTED = "requested"
    APPROVED = "approved"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    IN_TRANSIT = "in_transit"
    DISPUTED = "disputed"
    SETTLED = "settled"


@dataclass(frozen=True, slots=True, kw_only=True)
class OnTheRoad:
    """A lot of which something is in transit. Of what is `promised`, the other facility is to take
    it into its stock as a late arrival."""

    quantity: int
    promised: int = 0
    expires_on: date | None = None

    @property
    def unresolved(self) -> int:
        return self.quantity - self.promised


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """What it has become. `lots` is what is in transit; `since` the day of its last step."""

    facility_id: UUID | None = None
    inbound_transfer_id: UUID = NOT_YET
    to_facility_id: UUID = NOT_YET
    stock_item_id: UUID = NOT_YET
    item_system: str = ""
    item_code: str = ""
    quantity: int = 0
    status: TransferStatus = TransferStatus.ABSENT
    since: date = rules.EARLIEST
    lots: Mapping[str, OnTheRoad] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def in_transit(self) -> int:
        return sum(lot.quantity for lot in self.lots.values())

    @property
    def unresolved(self) -> int:
        """What is in transit, and of which nobody has said what became of it."""
        return sum(lot.unresolved for lot in self.lots.values())

    def evolve(self, fact: TransferFact) -> Transfer:
        match fact:
            case TransferRequested():
                return replace(
                    self,
                    facility_id=fact.facility_id,
                    inbound_transfer_id=fact.inbound_transfer_id,
                    to_facility_id=fact.to_facility_id,
                    item_system=fact.item_system,
                    item_code=fact.item_code,
                    quantity=fact.quantity,
                    status=TransferStatus.REQUESTED,
                    since=fact.requested_on,
                )
            case TransferApproved():
                return replace(
                    self,
                    stock_item_id=fact.stock_item_id,
                    quantity=fact.quantity,
                    status=TransferStatus.APPROVED,
                    since=fact.approved_on,
                )
            case TransferDeclined():
                return replace(self, status=TransferStatus.DECLINED, since=fact.declined_on)
            case TransferCancelled():
                return replace(self, status=TransferStatus.CANCELLED, since=fact.cancelled_on)
            case TransferDispatched():
                lots = {
                    each.lot: OnTheRoad(quantity=each.quantity, expires_on=each.expires_on)
                    for each in fact.lots
                }
                sent = replace(self, status=TransferStatus.IN_TRANSIT, since=fact.dispatched_on)
                return sent._with(lots)
            case TransferArrived():
                lots = {**self.lots}
                for each in fact.lots:
                    lots[each.lot] = _less(lots[each.lot], each.fit)
                return self._with(lots)
            case DiscrepancyOpened():
                return replace(self, status=TransferStatus.DISPUTED, since=fact.opened_on)
            case DiscrepancyResolved():
                lot = self.lots[fact.lot]
                if fact.outcome is DiscrepancyOutcome.ARRIVED_LATE:
                    lot = replace(lot, promised=lot.promised + fact.quantity)
                else:
                    lot = replace(lot, quantity=lot.quantity - fact.quantity)
                return self._with({**self.lots, fact.lot: lot})
            case LateArrivalRefused():
                lot = self.lots[fact.lot]
                lot = replace(lot, promised=lot.promised - fact.quantity)
                return self._with({**self.lots, fact.lot: lot})
            case TransferSettled():
                return replace(self, status=TransferStatus.SETTLED, since=fact.settled_on)
            case _:
                assert_never(fact)

    def _with(self, lots: dict[str, OnTheRoad]) -> Transfer:
        left = {each: of for each, of in lots.items() if of.quantity}
        return replace(self, lots=MappingProxyType(left))


def _less(lot: OnTheRoad, fit: int) -> OnTheRoad:
    """A lot when so much of it has come into the other facility's stock, promised first."""
    return replace(lot, quantity=lot.quantity - fit, promised=max(0, lot.promised - fit))


transfer = Aggregate("transfer", Transfer())


# --- commands ----------------------------------------------------------------------------------


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
    """Send what is reserved for it."""

    transfer_id: UUID
    dispatched_on: date
    waybill: str | None = None


@command("transfer_id")
class NoteArrival(Command):
    """Take note of what the other facility has received, or has received late."""

    transfer_id: UUID
    lots: tuple[LotArrival, ...]
    arrived_on: date


@command("transfer_id")
class ResolveDiscrepancy(Command):
    """Say what became of so much of a lot that did not arrive whole, and how that was found out."""

    transfer_id: UUID
    quantity: int
    outcome: DiscrepancyOutcome
    finding: str
    resolved_on: date
    lot: str = ""


@command("transfer_id")
class NoteLateRefusal(Command):
    """Take note that the other facility could not take in what was found to have arrived late."""

    transfer_id: UUID
    lot: str
    quantity: int
    reason: str
    refused_on: date


# --- decisions ---------------------------------------------------------------------------------


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
        requested_on=command.requested_on,
    )


@transfer.decides
def approve(state: Transfer, command: ApproveTransfer, at: Circumstances) -> Decision:
    facility_id = _in(state, TransferStatus.REQUESTED)
    _since(state, "approved_on", command.approved_on, at)
    item = stocked(at, command.stock_item_id, within=facility_id)
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
    facility_id = _in(state, TransferStatus.REQUESTED)
    _since(state, "declined_on", command.declined_on, at)
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
    facility_id = _in(state, TransferStatus.REQUESTED, TransferStatus.APPROVED)
    _since(state, "cancelled_on", command.cancelled_on, at)
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
    facility_id = _in(state, TransferStatus.APPROVED)
    _since(state, "dispatched_on", command.dispatched_on, at)
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
        yield Entail(
            DispatchStock(
                stock_item_id=state.stock_item_id,
                transfer_id=command.transfer_id,
                reservation_id=command.transfer_id,
                lot=each.lot,
                quantity=each.quantity,
                dispatched_on=command.dispatched_on,
            )
        )


@transfer.decides
def note_arrival(state: Transfer, command: NoteArrival, at: Circumstances) -> Decision:
    facility_id = _in(state, TransferStatus.IN_TRANSIT, TransferStatus.DISPUTED)
    rules.happened("transfer", "arrived_on", command.arrived_on, at)
    fit = sum(each.fit for each in command.lots)
    left = state.in_transit - fit
    damaged = sum(each.damaged for each in command.lots)
    missing = sum(each.missing for each in command.lots)
    yield TransferArrived(
        transfer_id=command.transfer_id,
        facility_id=facility_id,
        inbound_transfer_id=state.inbound_transfer_id,
        to_facility_id=state.to_facility_id,
        lots=command.lots,
        fit=fit,
        damaged=damaged,
        missing=missing,
        arrived_on=command.arrived_on,
        in_transit_after=left,
    )
    if not left:
        yield _settled(state, command.transfer_id, facility_id, command.arrived_on)
    elif state.status is TransferStatus.IN_TRANSIT:
        yield DiscrepancyOpened(
            transfer_id=command.transfer_id,
            facility_id=facility_id,
            to_facility_id=state.to_facility_id,
            item_system=state.item_system,
            item_code=state.item_code,
            damaged=damaged,
            missing=missing,
            opened_on=command.arrived_on,
        )


@transfer.decides
def resolve(state: Transfer, command: ResolveDiscrepancy, at: Circumstances) -> Decision:
    facility_id = _in(state, TransferStatus.DISPUTED)
    _since(state, "resolved_on", command.resolved_on, at)
    lot = state.lots.get(command.lot, OnTheRoad(quantity=0))
    quantity = rules.quantity("transfer", "quantity", command.quantity)
    if quantity > lot.unresolved:
        rule = f"must be at most {lot.unresolved}, which is what is unresolved of the lot"
        raise rules.refusal("transfer.more_than_missing", "quantity", quantity, rule)
    late = command.outcome is DiscrepancyOutcome.ARRIVED_LATE
    in_transit = state.in_transit if late else state.in_transit - quantity
    yield DiscrepancyResolved(
        transfer_id=command.transfer_id,
        facility_id=facility_id,
        inbound_transfer_id=state.inbound_transfer_id,
        to_facility_id=state.to_facility_id,
        item_system=state.item_system,
        item_code=state.item_code,
        lot=command.lot,
        expires_on=lot.expires_on,
        quantity=quantity,
        outcome=command.outcome,
        finding=rules.text("transfer", "finding", command.finding),
        resolved_on=command.resolved_on,
        in_transit_after=in_transit,
        unresolved_after=state.unresolved - quantity,
    )
    if not in_transit:
        yield _settled(state, command.transfer_id, facility_id, command.resolved_on)
    if command.outcome is DiscrepancyOutcome.RETURNED:
        yield Entail(
            DeliverStock(
                stock_item_id=state.stock_item_id,
                transfer_id=command.transfer_id,
                lot=command.lot,
                expires_on=lot.expires_on,
                quantity=quantity,
                delivered_on=command.resolved_on,
            )
        )


@transfer.decides
def note_late_refusal(
    state: Transfer,
    command: NoteLateRefusal,
    at: Circumstances,  # noqa: ARG001
) -> Decision:
    yield LateArrivalRefused(
        transfer_id=command.transfer_id,
        facility_id=_in(state, TransferStatus.DISPUTED),
        lot=command.lot,
        quantity=command.quantity,
        reason=command.reason,
        refused_on=command.refused_on,
        unresolved_after=state.unresolved + command.quantity,
    )


# --- rules -------------------------------------------------------------------------------------


def _in(state: Transfer, *wanted: TransferStatus) -> UUID:
    """Refuses unless it is in one of these statuses; answers with whose it is."""
    if state.facility_id is None or state.status not in wanted:
        raise Refused(
            "transfer.not_now",
            f"The transfer is {state.status.replace('_', ' ')}.",
            status=state.status,
            wanted=[each.value for each in wanted],
        )
    return state.facility_id


def _since(state: Transfer, named: str, when: date, at: Circumstances) -> None:
    rules.happened("transfer", named, when, at)
    rules.in_order("transfer", "last_step", state.since, named, when)


def _held(state: Transfer, transfer_id: UUID, at: Circumstances) -> list[LotInTransit]:
    """What the stock item has reserved for a transfer, what expires first first."""
    item = stocked(at, state.stock_item_id, within=state.facility_id)
    held = [
        LotInTransit(lot=lot, expires_on=item.lots[lot].expires_on, quantity=quantity)
        for (reservation_id, lot), quantity in item.reservations.items()
        if reservation_id == transfer_id
    ]
    return sorted(held, key=lambda each: (each.expires_on or date.max, each.lot))


def _settled(state: Transfer, transfer_id: UUID, facility_id: UUID, on: date) -> TransferSettled:
    return TransferSettled(
        transfer_id=transfer_id,
        facility_id=facility_id,
        inbound_transfer_id=state.inbound_transfer_id,
        settled_on=on,
    )
