"""What the purchasing desks look at: suppliers, requisitions, orders, and how suppliers do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from domain.kernel import Recorded
from domain.money import minor_units
from domain.supply.events.ordering import (
    ItemOrdered,
    ItemRequested,
    OrderedItemDropped,
    OrderedItemReceived,
    PurchaseOrderApproved,
    PurchaseOrderCancelled,
    PurchaseOrderClosed,
    PurchaseOrderDrafted,
    PurchaseOrderPlaced,
    PurchaseOrderReceived,
    QuantityApproved,
    RequestedItemDropped,
    RequisitionApproved,
    RequisitionAuthorized,
    RequisitionClosed,
    RequisitionDrafted,
    RequisitionKind,
    RequisitionOrigin,
    RequisitionPutToApproval,
    RequisitionRejected,
    RequisitionReleased,
    RequisitionSubmitted,
    RequisitionWithdrawn,
    SupplierRegistered,
    SupplierReinstated,
    SupplierRetired,
    SupplierSuspended,
    SupplierTermsAgreed,
)
from projections.kernel import GRAIN, Measure, Minor, ReadModel, Summary
from projections.rows import replace

# --- suppliers ---------------------------------------------------------------------------------


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


# --- requisitions ------------------------------------------------------------------------------


class RequisitionStatus(StrEnum):
    """How far a requisition has come."""

    DRAFTED = "drafted"
    SUBMITTED = "submitted"
    AUTHORIZED = "authorized"
    IN_APPROVAL = "in_approval"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    RELEASED = "released"
    CLOSED = "closed"


OVER = (RequisitionStatus.REJECTED, RequisitionStatus.WITHDRAWN, RequisitionStatus.CLOSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class RequisitionLine:
    """An item that is asked for; `approved` where another quantity was approved."""

    stock_item_id: UUID
    item_system: str
    item_code: str
    requested: int
    approved: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RequisitionEntry:
    """A requisition, its items, and on whose desk it lies. `open` until nothing comes of it."""

    requisition_id: UUID
    facility_id: UUID
    program: str
    period: str
    kind: RequisitionKind
    origin: RequisitionOrigin
    status: RequisitionStatus
    status_since: date
    open: bool
    supplier_id: UUID | None
    purchase_order_id: UUID | None
    lines: tuple[RequisitionLine, ...]
    line_count: int
    reason: str | None
    drafted_on: date


requisition_list = ReadModel(
    "requisition_list",
    row=RequisitionEntry,
    key="requisition_id",
    order="drafted_on",
    newest_first=True,
    indexes=(("status",), ("supplier_id",)),
    local=True,
    desk="purchasing: what facilities ask for, and who is to decide on it",
)


@requisition_list.on(RequisitionDrafted)
def requisition_drafted(
    row: RequisitionEntry | None,  # noqa: ARG001 - nothing was there before
    event: Recorded[RequisitionDrafted],
) -> RequisitionEntry | None:
    fact = event.fact
    return RequisitionEntry(
        requisition_id=fact.requisition_id,
        facility_id=fact.facility_id,
        program=fact.program,
        period=fact.period,
        kind=fact.kind,
        origin=fact.origin,
        status=RequisitionStatus.DRAFTED,
        status_since=fact.drafted_on,
        open=True,
        supplier_id=fact.supplier_id,
        purchase_order_id=None,
        lines=(),
        line_count=0,
        reason=None,
        drafted_on=fact.drafted_on,
    )


@requisition_list.on(ItemRequested)
def item_requested(
    row: RequisitionEntry | None, event: Recorded[ItemRequested]
) -> RequisitionEntry | None:
    if row is None:
        return None
    fact = event.fact
    line = RequisitionLine(
        stock_item_id=fact.stock_item_id,
        item_system=fact.item_system,
        item_code=fact.item_code,
        requested=fact.quantity,
        approved=None,
    )
    kept = tuple(each for each in row.lines if each.stock_item_id != fact.stock_item_id)
    return replace(row, lines=(*kept, line), line_count=fact.lines_after)


@requisition_list.on(RequestedItemDropped)
def requested_item_dropped(
    row: RequisitionEntry | None, event: Recorded[RequestedItemDropped]
) -> RequisitionEntry | None:
    if row is None:
        return None
    fact = event.fact
    kept = tuple(each for each in row.lines if each.stock_item_id != fact.stock_item_id)
    return replace(row, lines=kept, line_count=fact.lines_after)


@requisition_list.on(QuantityApproved)
def quantity_approved(
    row: RequisitionEntry | None, event: Recorded[QuantityApproved]
) -> RequisitionEntry | None:
    if row is None:
        return None
    fact = event.fact
    lines = tuple(
        replace(each, approved=fact.approved) if each.stock_item_id == fact.stock_item_id else each
        for each in row.lines
    )
    return replace(row, lines=lines)


Moved = (
    RequisitionSubmitted
    | RequisitionAuthorized
    | RequisitionPutToApproval
    | RequisitionApproved
    | RequisitionRejected
    | RequisitionWithdrawn
    | RequisitionReleased
    | RequisitionClosed
)


@requisition_list.on(
    RequisitionSubmitted,
    RequisitionAuthorized,
    RequisitionPutToApproval,
    RequisitionApproved,
    RequisitionRejected,
    RequisitionWithdrawn,
    RequisitionReleased,
    RequisitionClosed,
)
def requisition_moved(
    row: RequisitionEntry | None, event: Recorded[Moved]
) -> RequisitionEntry | None:
    if row is None:
        return None
    match event.fact:
        case RequisitionSubmitted(submitted_on=on):
            return _stands(row, RequisitionStatus.SUBMITTED, on)
        case RequisitionAuthorized(authorized_on=on):
            return _stands(row, RequisitionStatus.AUTHORIZED, on)
        case RequisitionPutToApproval(put_on=on):
            return _stands(row, RequisitionStatus.IN_APPROVAL, on)
        case RequisitionApproved(approved_on=on):
            return _stands(row, RequisitionStatus.APPROVED, on)
        case RequisitionRejected(rejected_on=on, reason=reason):
            return replace(_stands(row, RequisitionStatus.REJECTED, on), reason=reason)
        case RequisitionWithdrawn(withdrawn_on=on, reason=reason):
            return replace(_stands(row, RequisitionStatus.WITHDRAWN, on), reason=reason)
        case RequisitionReleased() as fact:
            return replace(
                _stands(row, RequisitionStatus.RELEASED, fact.released_on),
                purchase_order_id=fact.purchase_order_id,
                supplier_id=fact.supplier_id,
            )
        case RequisitionClosed(closed_on=on):
            return _stands(row, RequisitionStatus.CLOSED, on)


def _stands(row: RequisitionEntry, status: RequisitionStatus, on: date) -> RequisitionEntry:
    return replace(row, status=status, status_since=on, open=status not in OVER)


# --- purchase orders ---------------------------------------------------------------------------


class OrderStatus(StrEnum):
    """How far an order has come."""

    DRAFTED = "drafted"
    APPROVED = "approved"
    PLACED = "placed"
    PARTIALLY_RECEIVED = "partially_received"
    RECEIVED = "received"
    CLOSED = "closed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLine:
    """An item of an order, and how much of it has come."""

    stock_item_id: UUID
    item_system: str
    item_code: str
    ordered: int
    received: int
    unit_cost: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderEntry:
    """An order, its items, and what of it is still to come. `amount` is what the items with a price
    come to, before taxes and freight."""

    purchase_order_id: UUID
    facility_id: UUID
    supplier_id: UUID
    order_number: str
    requisition_id: UUID | None
    status: OrderStatus
    currency: str
    amount: Minor
    ordered: int
    received: int
    lines: tuple[OrderLine, ...]
    drafted_on: date
    placed_on: date | None
    expected_on: date | None
    last_received_on: date | None
    ended_on: date | None
    reason: str | None


purchase_orders = ReadModel(
    "purchase_orders",
    row=OrderEntry,
    key="purchase_order_id",
    order="drafted_on",
    newest_first=True,
    indexes=(("status",), ("supplier_id",), ("expected_on",)),
    local=True,
    desk="purchasing and the loading dock: what is ordered, and what of it is to come",
)


@purchase_orders.on(PurchaseOrderDrafted)
def order_drafted(
    row: OrderEntry | None,  # noqa: ARG001 - nothing was there before
    event: Recorded[PurchaseOrderDrafted],
) -> OrderEntry | None:
    fact = event.fact
    return OrderEntry(
        purchase_order_id=fact.purchase_order_id,
        facility_id=fact.facility_id,
        supplier_id=fact.supplier_id,
        order_number=fact.order_number,
        requisition_id=fact.requisition_id,
        status=OrderStatus.DRAFTED,
        currency=fact.currency,
        amount=0,
        ordered=0,
        received=0,
        lines=(),
        drafted_on=fact.drafted_on,
        placed_on=None,
        expected_on=None,
        last_received_on=None,
        ended_on=None,
        reason=None,
    )


@purchase_orders.on(ItemOrdered)
def item_ordered(row: OrderEntry | None, event: Recorded[ItemOrdered]) -> OrderEntry | None:
    if row is None:
        return None
    fact = event.fact
    line = OrderLine(
        stock_item_id=fact.stock_item_id,
        item_system=fact.item_system,
        item_code=fact.item_code,
        ordered=fact.quantity,
        received=0,
        unit_cost=fact.unit_cost,
    )
    kept = tuple(each for each in row.lines if each.stock_item_id != fact.stock_item_id)
    return replace(
        row,
        lines=(*kept, line),
        ordered=fact.ordered_after,
        amount=minor_units(fact.amount_after, fact.currency),
    )


@purchase_orders.on(OrderedItemDropped)
def ordered_item_dropped(
    row: OrderEntry | None, event: Recorded[OrderedItemDropped]
) -> OrderEntry | None:
    if row is None:
        return None
    fact = event.fact
    return replace(
        row,
        lines=tuple(each for each in row.lines if each.stock_item_id != fact.stock_item_id),
        ordered=fact.ordered_after,
        amount=minor_units(fact.amount_after, fact.currency),
    )


@purchase_orders.on(PurchaseOrderApproved)
def order_approved(
    row: OrderEntry | None,
    event: Recorded[PurchaseOrderApproved],  # noqa: ARG001
) -> OrderEntry | None:
    return row and replace(row, status=OrderStatus.APPROVED)


@purchase_orders.on(PurchaseOrderPlaced)
def order_placed(row: OrderEntry | None, event: Recorded[PurchaseOrderPlaced]) -> OrderEntry | None:
    return row and replace(
        row,
        status=OrderStatus.PLACED,
        placed_on=event.fact.placed_on,
        expected_on=event.fact.expected_on,
    )


@purchase_orders.on(OrderedItemReceived)
def ordered_item_received(
    row: OrderEntry | None, event: Recorded[OrderedItemReceived]
) -> OrderEntry | None:
    if row is None:
        return None
    fact = event.fact
    lines = tuple(
        replace(each, received=fact.received_after)
        if each.stock_item_id == fact.stock_item_id
        else each
        for each in row.lines
    )
    return replace(
        row,
        status=OrderStatus.PARTIALLY_RECEIVED,
        lines=lines,
        received=row.received + fact.quantity,
        last_received_on=max(fact.received_on, row.last_received_on or fact.received_on),
    )


@purchase_orders.on(PurchaseOrderReceived)
def order_received(
    row: OrderEntry | None,
    event: Recorded[PurchaseOrderReceived],  # noqa: ARG001
) -> OrderEntry | None:
    return row and replace(row, status=OrderStatus.RECEIVED)


@purchase_orders.on(PurchaseOrderClosed)
def order_closed(row: OrderEntry | None, event: Recorded[PurchaseOrderClosed]) -> OrderEntry | None:
    return row and replace(
        row, status=OrderStatus.CLOSED, ended_on=event.fact.closed_on, reason=event.fact.reason
    )


@purchase_orders.on(PurchaseOrderCancelled)
def order_cancelled(
    row: OrderEntry | None, event: Recorded[PurchaseOrderCancelled]
) -> OrderEntry | None:
    return row and replace(
        row,
        status=OrderStatus.CANCELLED,
        ended_on=event.fact.cancelled_on,
        reason=event.fact.reason,
    )


# --- how suppliers do --------------------------------------------------------------------------


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
