"""What the store rooms look at of transfers from them: what other facilities ask for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from domain.kernel import Recorded
from domain.supply.events.transfer import (
    DiscrepancyOpened,
    DiscrepancyOutcome,
    DiscrepancyResolved,
    TransferApproved,
    TransferArrived,
    TransferCancelled,
    TransferDeclined,
    TransferDispatched,
    TransferRequested,
    TransferSettled,
)
from projections.kernel import ReadModel
from projections.rows import replace


class TransferStatus(StrEnum):
    """How far a transfer has come, as the facility that sends it sees it."""

    REQUESTED = "requested"
    APPROVED = "approved"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    IN_TRANSIT = "in_transit"
    DISPUTED = "disputed"
    SETTLED = "settled"


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferEntry:
    """What another facility asks for, and what became of it.

    `in_transit` is what has left and has not come into anybody's stock, as far as it is known here.
    `by_register`: who asks keeps a register of it, so that it may be a controlled substance.
    """

    transfer_id: UUID
    facility_id: UUID
    inbound_transfer_id: UUID
    to_facility_id: UUID
    stock_item_id: UUID | None
    item_system: str
    item_code: str
    by_register: bool
    requested: int
    approved: int
    dispatched: int
    arrived: int
    in_transit: int
    written_off: int
    status: TransferStatus
    status_since: date
    waybill: str | None
    reason: str | None
    requested_on: date


outbound_transfers = ReadModel(
    "outbound_transfers",
    row=TransferEntry,
    key="transfer_id",
    order="requested_on",
    newest_first=True,
    indexes=(("status",), ("in_transit",)),
    local=True,
    desk="store rooms: what other facilities ask for, and what is on its way to them",
)


@outbound_transfers.on(TransferRequested)
def transfer_requested(
    row: TransferEntry | None,  # noqa: ARG001 - nothing was there before
    event: Recorded[TransferRequested],
) -> TransferEntry | None:
    fact = event.fact
    return TransferEntry(
        transfer_id=fact.transfer_id,
        facility_id=fact.facility_id,
        inbound_transfer_id=fact.inbound_transfer_id,
        to_facility_id=fact.to_facility_id,
        stock_item_id=None,
        item_system=fact.item_system,
        item_code=fact.item_code,
        by_register=fact.by_register,
        requested=fact.quantity,
        approved=0,
        dispatched=0,
        arrived=0,
        in_transit=0,
        written_off=0,
        status=TransferStatus.REQUESTED,
        status_since=fact.requested_on,
        waybill=None,
        reason=None,
        requested_on=fact.requested_on,
    )


@outbound_transfers.on(TransferApproved)
def transfer_approved(
    row: TransferEntry | None, event: Recorded[TransferApproved]
) -> TransferEntry | None:
    return row and replace(
        row,
        stock_item_id=event.fact.stock_item_id,
        approved=event.fact.quantity,
        status=TransferStatus.APPROVED,
        status_since=event.fact.approved_on,
    )


@outbound_transfers.on(TransferDeclined)
def transfer_declined(
    row: TransferEntry | None, event: Recorded[TransferDeclined]
) -> TransferEntry | None:
    return row and replace(
        row,
        status=TransferStatus.DECLINED,
        status_since=event.fact.declined_on,
        reason=event.fact.reason,
    )


@outbound_transfers.on(TransferCancelled)
def transfer_cancelled(
    row: TransferEntry | None, event: Recorded[TransferCancelled]
) -> TransferEntry | None:
    return row and replace(
        row,
        status=TransferStatus.CANCELLED,
        status_since=event.fact.cancelled_on,
        reason=event.fact.reason,
    )


@outbound_transfers.on(TransferDispatched)
def transfer_dispatched(
    row: TransferEntry | None, event: Recorded[TransferDispatched]
) -> TransferEntry | None:
    return row and replace(
        row,
        dispatched=event.fact.quantity,
        in_transit=event.fact.quantity,
        waybill=event.fact.waybill,
        status=TransferStatus.IN_TRANSIT,
        status_since=event.fact.dispatched_on,
    )


@outbound_transfers.on(TransferArrived)
def transfer_arrived(
    row: TransferEntry | None, event: Recorded[TransferArrived]
) -> TransferEntry | None:
    return row and replace(
        row,
        arrived=row.arrived + event.fact.fit,
        in_transit=event.fact.in_transit_after,
    )


@outbound_transfers.on(DiscrepancyOpened)
def transfer_disputed(
    row: TransferEntry | None, event: Recorded[DiscrepancyOpened]
) -> TransferEntry | None:
    return row and replace(row, status=TransferStatus.DISPUTED, status_since=event.fact.opened_on)


@outbound_transfers.on(DiscrepancyResolved)
def transfer_discrepancy_resolved(
    row: TransferEntry | None, event: Recorded[DiscrepancyResolved]
) -> TransferEntry | None:
    if row is None:
        return None
    fact = event.fact
    lost = fact.quantity if fact.outcome is DiscrepancyOutcome.WRITTEN_OFF else 0
    return replace(row, in_transit=fact.in_transit_after, written_off=row.written_off + lost)


@outbound_transfers.on(TransferSettled)
def transfer_settled(
    row: TransferEntry | None, event: Recorded[TransferSettled]
) -> TransferEntry | None:
    return row and replace(row, status=TransferStatus.SETTLED, status_since=event.fact.settled_on)
