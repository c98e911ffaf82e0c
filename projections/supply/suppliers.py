"""What the purchasing desks look at of suppliers: from whom may be ordered, and how they do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from domain.kernel import Recorded
from domain.supply.events.ordering import (
    OrderedItemReceived,
    PurchaseOrderCancelled,
    PurchaseOrderClosed,
    PurchaseOrderPlaced,
    PurchaseOrderReceived,
    SupplierRegistered,
    SupplierReinstated,
    SupplierRetired,
    SupplierSuspended,
    SupplierTermsAgreed,
)
from projections.kernel import GRAIN, Measure, ReadModel, Summary
from projections.rows import replace


class SupplierStatus(StrEnum):
    """Whether facilities order from a supplier."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplierEntry:
    """A supplier, and the lead time agreed on, in days from placing an order to receiving it."""

    supplier_id: UUID
    legal_name: str
    identifier: str | None
    lead_time_days: int
    phone: str | None
    status: SupplierStatus
    status_since: date
    status_reason: str | None


supplier_directory = ReadModel(
    "supplier_directory",
    row=SupplierEntry,
    key="supplier_id",
    order="legal_name",
    desk="purchasing: from whom may be ordered, and how long it takes",
)


@supplier_directory.on(SupplierRegistered)
def supplier_registered(
    row: SupplierEntry | None,  # noqa: ARG001 - nothing was there before
    event: Recorded[SupplierRegistered],
) -> SupplierEntry | None:
    fact = event.fact
    return SupplierEntry(
        supplier_id=fact.supplier_id,
        legal_name=fact.legal_name,
        identifier=fact.identifier,
        lead_time_days=fact.lead_time_days,
        phone=fact.phone,
        status=SupplierStatus.ACTIVE,
        status_since=fact.registered_on,
        status_reason=None,
    )


@supplier_directory.on(SupplierTermsAgreed)
def terms_agreed(
    row: SupplierEntry | None, event: Recorded[SupplierTermsAgreed]
) -> SupplierEntry | None:
    return row and replace(row, lead_time_days=event.fact.lead_time_days)


@supplier_directory.on(SupplierSuspended, SupplierReinstated, SupplierRetired)
def supplier_status_changed(
    row: SupplierEntry | None,
    event: Recorded[SupplierSuspended] | Recorded[SupplierReinstated] | Recorded[SupplierRetired],
) -> SupplierEntry | None:
    if row is None:
        return None
    match event.fact:
        case SupplierSuspended() as fact:
            status, since, reason = SupplierStatus.SUSPENDED, fact.suspended_on, fact.reason
        case SupplierReinstated() as fact:
            return replace(
                row,
                status=SupplierStatus.ACTIVE,
                status_since=fact.reinstated_on,
                status_reason=None,
            )
        case SupplierRetired() as fact:
            status, since, reason = SupplierStatus.RETIRED, fact.retired_on, fact.reason
    return replace(row, status=status, status_since=since, status_reason=reason)


# --- how suppliers do ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplierPerformance:
    """What a supplier was asked for and what came of it.

    Fill rate (units): `units_received` / (`units_ordered` - `units_cancelled`). Lead time:
    `lead_days` / `orders_received`, in days from placed until all had come. On time:
    1 - `units_late` / `units_received`.
    """

    facility_id: UUID
    supplier_id: UUID
    orders_placed: Measure
    orders_received: Measure
    orders_closed_short: Measure
    orders_cancelled: Measure
    units_ordered: Measure
    units_received: Measure
    units_late: Measure
    units_unfilled: Measure
    units_cancelled: Measure
    lead_days: Measure


supplier_performance = Summary(
    "supplier_performance",
    row=SupplierPerformance,
    dimensions=("facility_id", "supplier_id"),
    desk="purchasing: which suppliers deliver what was ordered, and how soon",
    grain=GRAIN,
)


@supplier_performance.on(PurchaseOrderPlaced)
def placed_with(
    row: SupplierPerformance, event: Recorded[PurchaseOrderPlaced]
) -> SupplierPerformance:
    return replace(
        row,
        orders_placed=row.orders_placed + 1,
        units_ordered=row.units_ordered + event.fact.ordered,
    )


@supplier_performance.on(OrderedItemReceived)
def received_from(
    row: SupplierPerformance, event: Recorded[OrderedItemReceived]
) -> SupplierPerformance:
    fact = event.fact
    return replace(
        row,
        units_received=row.units_received + fact.quantity,
        units_late=row.units_late + (fact.quantity if fact.late else 0),
    )


@supplier_performance.on(PurchaseOrderReceived)
def completed_by(
    row: SupplierPerformance, event: Recorded[PurchaseOrderReceived]
) -> SupplierPerformance:
    return replace(
        row,
        orders_received=row.orders_received + 1,
        lead_days=row.lead_days + event.fact.lead_days,
    )


@supplier_performance.on(PurchaseOrderClosed)
def closed_short_by(
    row: SupplierPerformance, event: Recorded[PurchaseOrderClosed]
) -> SupplierPerformance:
    unfilled = event.fact.unfilled
    return replace(
        row,
        orders_closed_short=row.orders_closed_short + (1 if unfilled else 0),
        units_unfilled=row.units_unfilled + unfilled,
    )


@supplier_performance.on(PurchaseOrderCancelled)
def cancelled_with(
    row: SupplierPerformance, event: Recorded[PurchaseOrderCancelled]
) -> SupplierPerformance:
    lines = event.fact.lines
    return replace(
        row,
        orders_cancelled=row.orders_cancelled + 1,
        units_cancelled=row.units_cancelled + sum(each.quantity for each in lines),
    )
