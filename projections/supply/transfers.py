"""What the store rooms look at of transfers: what is asked of them, what is to come, what is in
transit, and what did not arrive whole."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from domain.kernel import Recorded
from domain.supply.events.stock_holds import StockDelivered, StockDispatched
from domain.supply.events.transfer import (
    DiscrepancyOpened,
    DiscrepancyOutcome,
    DiscrepancyResolved,
    InboundAnnounced,
    InboundApproved,
    InboundDeclined,
    InboundDismissed,
    InboundProposed,
    InboundReceived,
    InboundReceivedLate,
    InboundRequested,
    InboundSettled,
    InboundWithdrawn,
    LateArrivalRefused,
    LotArrival,
    LotInTransit,
    TransferApproved,
    TransferArrived,
    TransferCancelled,
    TransferDeclined,
    TransferDispatched,
    TransferRequested,
    TransferSettled,
)
from projections.kernel import GRAIN, Measure, ReadModel, Summary
from projections.rows import replace

# --- at the facility that sends ------------------------------------------------------------------


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
    """

    transfer_id: UUID
    facility_id: UUID
    inbound_transfer_id: UUID
    to_facility_id: UUID
    stock_item_id: UUID | None
    item_system: str
    item_code: str
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


# --- discrepancies -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Discrepancy:
    """A transfer that did not arrive whole, and how much of it nobody has accounted for yet.

    It leaves the list when nothing of it is in transit any more. `awaited` is what was found to
    have arrived late and is not in the other facility's stock yet.
    """

    transfer_id: UUID
    facility_id: UUID
    to_facility_id: UUID
    item_system: str
    item_code: str
    damaged: int
    missing: int
    unresolved: int
    awaited: int
    last_finding: str | None
    opened_on: date


transfer_discrepancies = ReadModel(
    "transfer_discrepancies",
    row=Discrepancy,
    key="transfer_id",
    order="opened_on",
    local=True,
    desk="store rooms: what did not arrive whole, and somebody must find out about",
)


@transfer_discrepancies.on(DiscrepancyOpened)
def discrepancy_opened(
    row: Discrepancy | None,  # noqa: ARG001 - nothing was there before
    event: Recorded[DiscrepancyOpened],
) -> Discrepancy | None:
    fact = event.fact
    return Discrepancy(
        transfer_id=fact.transfer_id,
        facility_id=fact.facility_id,
        to_facility_id=fact.to_facility_id,
        item_system=fact.item_system,
        item_code=fact.item_code,
        damaged=fact.damaged,
        missing=fact.missing,
        unresolved=fact.damaged + fact.missing,
        awaited=0,
        last_finding=None,
        opened_on=fact.opened_on,
    )


@transfer_discrepancies.on(DiscrepancyResolved)
def discrepancy_resolved(
    row: Discrepancy | None, event: Recorded[DiscrepancyResolved]
) -> Discrepancy | None:
    if row is None:
        return None
    fact = event.fact
    late = fact.quantity if fact.outcome is DiscrepancyOutcome.ARRIVED_LATE else 0
    return replace(
        row,
        unresolved=fact.unresolved_after,
        awaited=row.awaited + late,
        last_finding=fact.finding,
    )


@transfer_discrepancies.on(LateArrivalRefused)
def late_arrival_refused(
    row: Discrepancy | None, event: Recorded[LateArrivalRefused]
) -> Discrepancy | None:
    return row and replace(
        row,
        unresolved=event.fact.unresolved_after,
        awaited=row.awaited - event.fact.quantity,
        last_finding=event.fact.reason,
    )


@transfer_discrepancies.on(TransferArrived)
def late_arrival(row: Discrepancy | None, event: Recorded[TransferArrived]) -> Discrepancy | None:
    return row and replace(row, awaited=row.awaited - event.fact.fit)


@transfer_discrepancies.on(TransferSettled)
def discrepancy_settled(
    row: Discrepancy | None,  # noqa: ARG001
    event: Recorded[TransferSettled],  # noqa: ARG001
) -> Discrepancy | None:
    return None


# --- at the facility that receives ---------------------------------------------------------------


class InboundStatus(StrEnum):
    """How far a transfer has come, as the facility that receives it sees it."""

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
class InboundEntry:
    """What was asked of another facility, what it announced, and what came of it, by lot."""

    inbound_transfer_id: UUID
    facility_id: UUID
    from_facility_id: UUID
    stock_item_id: UUID
    item_system: str
    item_code: str
    quantity: int
    announced: tuple[LotInTransit, ...]
    arrived: tuple[LotArrival, ...]
    fit: int
    damaged: int
    missing: int
    status: InboundStatus
    status_since: date
    waybill: str | None
    reason: str | None


inbound_transfers = ReadModel(
    "inbound_transfers",
    row=InboundEntry,
    key="inbound_transfer_id",
    order="status_since",
    newest_first=True,
    indexes=(("status",), ("stock_item_id",)),
    local=True,
    desk="store rooms: what is asked of other facilities, and what is on its way here",
)


@inbound_transfers.on(InboundProposed, InboundRequested)
def inbound_wanted(
    row: InboundEntry | None,  # noqa: ARG001 - it begins here, or begins anew from a proposal
    event: Recorded[InboundProposed] | Recorded[InboundRequested],
) -> InboundEntry | None:
    fact = event.fact
    if isinstance(fact, InboundProposed):
        status, since = InboundStatus.PROPOSED, fact.proposed_on
    else:
        status, since = InboundStatus.REQUESTED, fact.requested_on
    return InboundEntry(
        inbound_transfer_id=fact.inbound_transfer_id,
        facility_id=fact.facility_id,
        from_facility_id=fact.from_facility_id,
        stock_item_id=fact.stock_item_id,
        item_system=fact.item_system,
        item_code=fact.item_code,
        quantity=fact.quantity,
        announced=(),
        arrived=(),
        fit=0,
        damaged=0,
        missing=0,
        status=status,
        status_since=since,
        waybill=None,
        reason=None,
    )


@inbound_transfers.on(InboundDismissed)
def inbound_dismissed(
    row: InboundEntry | None, event: Recorded[InboundDismissed]
) -> InboundEntry | None:
    return row and _ends(row, InboundStatus.DISMISSED, event.fact.dismissed_on, event.fact.reason)


@inbound_transfers.on(InboundWithdrawn)
def inbound_withdrawn(
    row: InboundEntry | None, event: Recorded[InboundWithdrawn]
) -> InboundEntry | None:
    return row and _ends(row, InboundStatus.WITHDRAWN, event.fact.withdrawn_on, event.fact.reason)


@inbound_transfers.on(InboundDeclined)
def inbound_declined(
    row: InboundEntry | None, event: Recorded[InboundDeclined]
) -> InboundEntry | None:
    return row and _ends(row, InboundStatus.DECLINED, event.fact.declined_on, event.fact.reason)


def _ends(row: InboundEntry, status: InboundStatus, on: date, reason: str) -> InboundEntry:
    return replace(row, status=status, status_since=on, reason=reason)


@inbound_transfers.on(InboundApproved)
def inbound_approved(
    row: InboundEntry | None, event: Recorded[InboundApproved]
) -> InboundEntry | None:
    return row and replace(
        row,
        quantity=event.fact.quantity,
        status=InboundStatus.APPROVED,
        status_since=event.fact.approved_on,
    )


@inbound_transfers.on(InboundAnnounced)
def inbound_announced(
    row: InboundEntry | None, event: Recorded[InboundAnnounced]
) -> InboundEntry | None:
    return row and replace(
        row,
        quantity=event.fact.quantity,
        announced=event.fact.lots,
        waybill=event.fact.waybill,
        status=InboundStatus.ANNOUNCED,
        status_since=event.fact.announced_on,
    )


@inbound_transfers.on(InboundReceived)
def inbound_received(
    row: InboundEntry | None, event: Recorded[InboundReceived]
) -> InboundEntry | None:
    fact = event.fact
    return row and replace(
        row,
        arrived=fact.lots,
        fit=fact.fit,
        damaged=fact.damaged,
        missing=fact.missing,
        status=InboundStatus.RECEIVED,
        status_since=fact.received_on,
    )


@inbound_transfers.on(InboundReceivedLate)
def inbound_received_late(
    row: InboundEntry | None, event: Recorded[InboundReceivedLate]
) -> InboundEntry | None:
    return row and replace(row, fit=row.fit + event.fact.quantity)


@inbound_transfers.on(InboundSettled)
def inbound_settled(
    row: InboundEntry | None, event: Recorded[InboundSettled]
) -> InboundEntry | None:
    return row and replace(row, status=InboundStatus.SETTLED, status_since=event.fact.settled_on)


# --- in transit ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class InTransit:
    """What a facility sent to others, took in from others, and wrote off of what it sent.

    In transit, of the whole health system: `dispatched` - `delivered` - `written_off`. Of one
    facility that difference is what it has sent more than it has received.
    """

    facility_id: UUID
    item_system: str
    item_code: str
    dispatched: Measure
    delivered: Measure
    written_off: Measure


stock_in_transit = Summary(
    "stock_in_transit",
    row=InTransit,
    dimensions=("facility_id", "item_system", "item_code"),
    desk="supply chain: what is on the road between facilities",
    grain=GRAIN,
)


@stock_in_transit.on(StockDispatched)
def left(row: InTransit, event: Recorded[StockDispatched]) -> InTransit:
    return replace(row, dispatched=row.dispatched + event.fact.quantity)


@stock_in_transit.on(StockDelivered)
def came(row: InTransit, event: Recorded[StockDelivered]) -> InTransit:
    return replace(row, delivered=row.delivered + event.fact.quantity)


@stock_in_transit.on(DiscrepancyResolved)
def lost(row: InTransit, event: Recorded[DiscrepancyResolved]) -> InTransit:
    if event.fact.outcome is not DiscrepancyOutcome.WRITTEN_OFF:
        return row
    return replace(row, written_off=row.written_off + event.fact.quantity)
