"""A transfer once it has arrived: whole, or as a case until it is known what became of the rest."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from domain import rules
from domain.kernel import Circumstances, Command, Decision, Entail, command
from domain.supply.controlled_transfers import LoseInTransit, taking_in
from domain.supply.events.transfer import (
    DiscrepancyOpened,
    DiscrepancyOutcome,
    DiscrepancyResolved,
    LateArrivalRefused,
    LotArrival,
    TransferArrived,
    TransferSettled,
)
from domain.supply.standing import stocked, uncontrolled
from domain.supply.steps import no_sooner, standing_at
from domain.supply.stock_transfers import DeliverStock
from domain.supply.transfer import OnTheRoad, Transfer, TransferStatus, transfer

# --- commands ------------------------------------------------------------------------------------


@command("transfer_id")
class NoteArrival(Command):
    """Take note of what the other facility has received, or has received late."""

    transfer_id: UUID
    lots: tuple[LotArrival, ...]
    arrived_on: date


@command("transfer_id")
class ResolveDiscrepancy(Command):
    """Say what became of so much of a lot that did not arrive whole, and how that was found out.

    A controlled substance that came back is taken in by one before another: `taken_in_by` and
    `witnessed_by` are of the staff. What of it is lost is entered in its register, to be reported.
    """

    transfer_id: UUID
    quantity: int
    outcome: DiscrepancyOutcome
    finding: str
    resolved_on: date
    lot: str = ""
    taken_in_by: UUID | None = None
    witnessed_by: UUID | None = None


@command("transfer_id")
class NoteLateRefusal(Command):
    """Take note that the other facility could not take in what was found to have arrived late."""

    transfer_id: UUID
    lot: str
    quantity: int
    reason: str
    refused_on: date


# --- decisions -----------------------------------------------------------------------------------


@transfer.decides
def note_arrival(state: Transfer, command: NoteArrival, at: Circumstances) -> Decision:
    """What has arrived is noted once: afterwards only what was found to have come late."""
    on_its_way = TransferStatus.IN_TRANSIT, TransferStatus.DISPUTED, TransferStatus.SETTLED
    facility_id = standing_at("transfer", state, *on_its_way)
    if state.status is not TransferStatus.IN_TRANSIT and not _promised(state, command.lots):
        return
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


def _promised(state: Transfer, lots: tuple[LotArrival, ...]) -> bool:
    """Whether all of it was found to have come late, and is not noted yet."""
    none = OnTheRoad(quantity=0)
    return all(0 < each.fit <= state.lots.get(each.lot, none).promised for each in lots)


def _item_of(state: Transfer, command: Any) -> list[UUID]:  # noqa: ARG001
    return [state.stock_item_id]


@transfer.decides(consulting=_item_of)
def resolve(state: Transfer, command: ResolveDiscrepancy, at: Circumstances) -> Decision:
    facility_id = standing_at("transfer", state, TransferStatus.DISPUTED)
    no_sooner("transfer", state, "resolved_on", command.resolved_on, at)
    lot = state.lots.get(command.lot, OnTheRoad(quantity=0))
    quantity = rules.quantity("transfer", "quantity", command.quantity)
    if quantity > lot.unresolved:
        rule = f"must be at most {lot.unresolved}, which is what is unresolved of the lot"
        raise rules.refusal("transfer.more_than_missing", "quantity", quantity, rule)
    item = stocked(at, state.stock_item_id, within=facility_id)
    late = command.outcome is DiscrepancyOutcome.ARRIVED_LATE
    if late:
        rule = "must not be a controlled substance: what turns up of it goes back to who sent it"
        uncontrolled("transfer", item, state.stock_item_id, rule)
    finding = rules.text("transfer", "finding", command.finding)
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
        finding=finding,
        resolved_on=command.resolved_on,
        in_transit_after=in_transit,
        unresolved_after=state.unresolved - quantity,
    )
    if not in_transit:
        yield _settled(state, command.transfer_id, facility_id, command.resolved_on)
    register_id = item.register_id
    if command.outcome is DiscrepancyOutcome.RETURNED:
        back = DeliverStock(
            stock_item_id=state.stock_item_id,
            transfer_id=command.transfer_id,
            lot=command.lot,
            expires_on=lot.expires_on,
            quantity=quantity,
            delivered_on=command.resolved_on,
        )
        yield Entail(taking_in("transfer", item, back, command.taken_in_by, command.witnessed_by))
    if command.outcome is DiscrepancyOutcome.WRITTEN_OFF and register_id is not None:
        yield Entail(
            LoseInTransit(
                register_id=register_id,
                transfer_id=command.transfer_id,
                lot=command.lot,
                quantity=quantity,
                circumstances=finding,
                discovered_on=command.resolved_on,
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
        facility_id=standing_at("transfer", state, TransferStatus.DISPUTED),
        lot=command.lot,
        quantity=command.quantity,
        reason=command.reason,
        refused_on=command.refused_on,
        unresolved_after=state.unresolved + command.quantity,
    )


def _settled(state: Transfer, transfer_id: UUID, facility_id: UUID, on: date) -> TransferSettled:
    return TransferSettled(
        transfer_id=transfer_id,
        facility_id=facility_id,
        inbound_transfer_id=state.inbound_transfer_id,
        settled_on=on,
    )
