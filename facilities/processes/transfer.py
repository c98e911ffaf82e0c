"""Transfers, for the store rooms of two facilities: what one does, the other is told.

Each side's people act on their own facility's part of it (`transfer`, `inbound_transfer`), and
neither sees the other's stock. This process carries the news across:

* requested there: asked for here; withdrawn there: cancelled here, where it has not left yet;
* approved, declined or cancelled here: noted there; dispatched here: announced there;
* received there: arrived here; found here to have come late: received late there, and the same;
* settled here: noted there.

Killed between two of these, it goes on where it was; until then the transfer stands in its list
as what it last was, and what has left and not arrived is in transit.
"""

from __future__ import annotations

from collections.abc import Iterator

from domain.kernel import Command, Recorded, Refused
from domain.supply.events.inbound_transfer import (
    InboundReceived,
    InboundReceivedLate,
    InboundRequested,
    InboundWithdrawn,
)
from domain.supply.events.transfer import (
    DiscrepancyOutcome,
    DiscrepancyResolved,
    LotArrival,
    TransferApproved,
    TransferCancelled,
    TransferDeclined,
    TransferDispatched,
    TransferSettled,
)
from domain.supply.inbound_receipt import AnnounceTransfer, NoteSettlement, ReceiveLateArrival
from domain.supply.inbound_request import NoteApproval, NoteRefusal
from domain.supply.transfer_case import NoteArrival, NoteLateRefusal
from domain.supply.transfer_sending import AskForTransfer, CancelTransfer
from facilities.process import Process

transfers = Process(
    "transfers", desk="store rooms: what one facility does about a transfer, the other is told"
)


@transfers.on(InboundRequested)
def requested(event: Recorded[InboundRequested]) -> Iterator[Command]:
    fact = event.fact
    yield AskForTransfer(
        transfer_id=fact.transfer_id,
        facility_id=fact.from_facility_id,
        inbound_transfer_id=fact.inbound_transfer_id,
        to_facility_id=fact.facility_id,
        item_system=fact.item_system,
        item_code=fact.item_code,
        quantity=fact.quantity,
        by_register=fact.by_register,
        requested_on=fact.requested_on,
    )


@transfers.when_refused(AskForTransfer)
def not_even_asked(
    event: Recorded[InboundRequested],
    command: AskForTransfer,  # noqa: ARG001
    refusal: Refused,
) -> Iterator[Command]:
    """A facility that has closed meanwhile is not asked, and whoever asked is told."""
    yield NoteRefusal(
        inbound_transfer_id=event.fact.inbound_transfer_id,
        reason=str(refusal),
        declined_on=event.fact.requested_on,
    )


@transfers.on(InboundWithdrawn)
def withdrawn(event: Recorded[InboundWithdrawn]) -> Iterator[Command]:
    fact = event.fact
    yield CancelTransfer(
        transfer_id=fact.transfer_id, cancelled_on=fact.withdrawn_on, reason=fact.reason
    )


@transfers.when_refused(CancelTransfer)
def too_late(
    event: Recorded[InboundWithdrawn],  # noqa: ARG001
    command: CancelTransfer,  # noqa: ARG001
    refusal: Refused,  # noqa: ARG001
) -> Iterator[Command]:
    """What has left already comes all the same; what was declined is known to be."""
    yield from ()


@transfers.on(TransferApproved)
def approved(event: Recorded[TransferApproved]) -> Iterator[Command]:
    fact = event.fact
    yield NoteApproval(
        inbound_transfer_id=fact.inbound_transfer_id,
        quantity=fact.quantity,
        approved_on=fact.approved_on,
    )


@transfers.on(TransferDeclined, TransferCancelled)
def not_sent(event: Recorded[TransferDeclined | TransferCancelled]) -> Iterator[Command]:
    fact = event.fact
    yield NoteRefusal(
        inbound_transfer_id=fact.inbound_transfer_id,
        reason=fact.reason,
        declined_on=fact.declined_on if isinstance(fact, TransferDeclined) else fact.cancelled_on,
    )


@transfers.on(TransferDispatched)
def dispatched(event: Recorded[TransferDispatched]) -> Iterator[Command]:
    fact = event.fact
    yield AnnounceTransfer(
        inbound_transfer_id=fact.inbound_transfer_id,
        lots=fact.lots,
        waybill=fact.waybill,
        announced_on=fact.dispatched_on,
    )


@transfers.on(InboundReceived)
def received(event: Recorded[InboundReceived]) -> Iterator[Command]:
    fact = event.fact
    yield NoteArrival(transfer_id=fact.transfer_id, lots=fact.lots, arrived_on=fact.received_on)


@transfers.on(DiscrepancyResolved)
def resolved(event: Recorded[DiscrepancyResolved]) -> Iterator[Command]:
    fact = event.fact
    if fact.outcome is DiscrepancyOutcome.ARRIVED_LATE:
        yield ReceiveLateArrival(
            inbound_transfer_id=fact.inbound_transfer_id,
            lot=fact.lot,
            expires_on=fact.expires_on,
            quantity=fact.quantity,
            received_on=fact.resolved_on,
        )


@transfers.when_refused(ReceiveLateArrival)
def not_taken_in(
    event: Recorded[DiscrepancyResolved],
    command: ReceiveLateArrival,
    refusal: Refused,
) -> Iterator[Command]:
    """The case is open again: somebody must say something else about it."""
    yield NoteLateRefusal(
        transfer_id=event.fact.transfer_id,
        lot=command.lot,
        quantity=command.quantity,
        reason=str(refusal),
        refused_on=command.received_on,
    )


@transfers.on(InboundReceivedLate)
def received_late(event: Recorded[InboundReceivedLate]) -> Iterator[Command]:
    fact = event.fact
    come = LotArrival(
        lot=fact.lot,
        expires_on=fact.expires_on,
        dispatched=fact.quantity,
        fit=fact.quantity,
        damaged=0,
    )
    yield NoteArrival(transfer_id=fact.transfer_id, lots=(come,), arrived_on=fact.received_on)


@transfers.on(TransferSettled)
def settled(event: Recorded[TransferSettled]) -> Iterator[Command]:
    fact = event.fact
    yield NoteSettlement(inbound_transfer_id=fact.inbound_transfer_id, settled_on=fact.settled_on)
