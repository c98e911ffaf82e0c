"""What is on the road between facilities, and what of it did not arrive whole."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from domain.kernel import Recorded
from domain.supply.events.stock_holds import StockDelivered, StockDispatched
from domain.supply.events.transfer import (
    DiscrepancyOpened,
    DiscrepancyOutcome,
    DiscrepancyResolved,
    LateArrivalRefused,
    TransferArrived,
    TransferSettled,
)
from projections.kernel import GRAIN, Measure, ReadModel, Summary
from projections.rows import replace


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
