"""A transfer once it has arrived: whole, or as a case until it is known what became of the rest."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from domain import rules
from domain.kernel import Circumstances, Command, Decision, Entail, command
from domain.supply.events.transfer import (
    DiscrepancyOpened,
    DiscrepancyOutcome,
    DiscrepancyResolved,
    LateArrivalRefused,
    LotArrival,
    TransferArrived,
    TransferSettled,
)
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


# --- decisions -----------------------------------------------------------------------------------


@transfer.decides
def note_arrival(state: Transfer, command: NoteArrival, at: Circumstances) -> Decision:
    facility_id = standing_at("transfer", state, TransferStatus.IN_TRANSIT, TransferStatus.DISPUTED)
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
    facility_id = standing_at("transfer", state, TransferStatus.DISPUTED)
    no_sooner("transfer", state, "resolved_on", command.resolved_on, at)
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
