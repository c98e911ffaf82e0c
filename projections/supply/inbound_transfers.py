"""What the store rooms look at of transfers to them: what is asked for, and what is to come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from domain.kernel import Recorded
from domain.supply.events.inbound_transfer import (
    InboundAnnounced,
    InboundApproved,
    InboundDeclined,
    InboundDismissed,
    InboundProposalWithdrawn,
    InboundProposed,
    InboundReceived,
    InboundReceivedLate,
    InboundRequested,
    InboundSettled,
    InboundWithdrawn,
)
from domain.supply.events.requisition import ExpectedUse
from domain.supply.events.transfer import LotArrival, LotInTransit
from projections.kernel import ReadModel
from projections.rows import replace


class InboundStatus(StrEnum):
    """How far a transfer has come, as the facility that receives it sees it."""

    PROPOSED = "proposed"
    DISMISSED = "dismissed"
    NOT_NEEDED = "not_needed"
    REQUESTED = "requested"
    WITHDRAWN = "withdrawn"
    APPROVED = "approved"
    DECLINED = "declined"
    ANNOUNCED = "announced"
    RECEIVED = "received"
    SETTLED = "settled"


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundEntry:
    """What was asked of another facility, what it announced, and what came of it, by lot.

    Of what replenishment proposed it tells the use that is `expected` and when the first of it
    expires there, which is why it is offered. `damaged` and `missing` are as it was received; what
    came late of that is `fit`, too."""

    inbound_transfer_id: UUID
    facility_id: UUID
    from_facility_id: UUID
    stock_item_id: UUID
    item_system: str
    item_code: str
    quantity: int
    expected: ExpectedUse | None
    expires_on: date | None
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
    row: InboundEntry | None,
    event: Recorded[InboundProposed] | Recorded[InboundRequested],
) -> InboundEntry | None:
    fact = event.fact
    if isinstance(fact, InboundProposed):
        status, since = InboundStatus.PROPOSED, fact.proposed_on
        expected, expires_on = fact.expected, fact.expires_on
    else:
        status, since = InboundStatus.REQUESTED, fact.requested_on
        # It begins here, or goes on from what was proposed.
        expected, expires_on = (row.expected, row.expires_on) if row else (None, None)
    return InboundEntry(
        inbound_transfer_id=fact.inbound_transfer_id,
        facility_id=fact.facility_id,
        from_facility_id=fact.from_facility_id,
        stock_item_id=fact.stock_item_id,
        item_system=fact.item_system,
        item_code=fact.item_code,
        quantity=fact.quantity,
        expected=expected,
        expires_on=expires_on,
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


@inbound_transfers.on(InboundProposalWithdrawn)
def inbound_not_needed(
    row: InboundEntry | None, event: Recorded[InboundProposalWithdrawn]
) -> InboundEntry | None:
    since = event.fact.withdrawn_on
    return row and replace(row, status=InboundStatus.NOT_NEEDED, status_since=since)


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
