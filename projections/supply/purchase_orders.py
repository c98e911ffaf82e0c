"""What purchasing and the loading dock look at of orders: what is ordered, and what is to come."""

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
    OrderedItemDropped,
    OrderedItemReceived,
    PurchaseOrderApproved,
    PurchaseOrderCancelled,
    PurchaseOrderClosed,
    PurchaseOrderDrafted,
    PurchaseOrderPlaced,
    PurchaseOrderReceived,
)
from projections.kernel import Minor, ReadModel
from projections.rows import replace


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
