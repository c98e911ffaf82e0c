"""The story of ordering: a supplier is registered, a facility asks for what it needs (a
requisition, in a module of its own), orders it (a purchase order) and receives it, whole or in
parts.

A purchase order belongs to a facility; a supplier belongs to the whole health system. A line is one
stock item; quantities are whole numbers of its smallest unit, and money is in the facility's
currency.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from domain.kernel import Fact, fact, upcaster


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemQuantity:
    """So much of a stock item."""

    stock_item_id: UUID
    quantity: int


@fact("supplier.registered", effective="registered_on")
class SupplierRegistered(Fact):
    """A supplier from whom facilities may order. `lead_time_days` is from placed to received."""

    supplier_id: UUID
    legal_name: str
    identifier: str | None
    lead_time_days: int
    phone: str | None
    registered_on: date


@fact("supplier.terms_agreed", effective="agreed_on")
class SupplierTermsAgreed(Fact):
    """Another lead time is agreed on."""

    supplier_id: UUID
    lead_time_days: int
    agreed_on: date


@fact("supplier.suspended", effective="suspended_on")
class SupplierSuspended(Fact):
    """Nothing is ordered from the supplier for now; what was placed may still come in."""

    supplier_id: UUID
    suspended_on: date
    reason: str


@fact("supplier.reinstated", effective="reinstated_on")
class SupplierReinstated(Fact):
    """Facilities order from the supplier again."""

    supplier_id: UUID
    reinstated_on: date


@fact("supplier.retired", effective="retired_on")
class SupplierRetired(Fact):
    """Nothing is ordered from the supplier any more."""

    supplier_id: UUID
    retired_on: date
    reason: str


SupplierFact = (
    SupplierRegistered
    | SupplierTermsAgreed
    | SupplierSuspended
    | SupplierReinstated
    | SupplierRetired
)


@fact("purchase_order.drafted", effective="drafted_on")
class PurchaseOrderDrafted(Fact):
    """An order to a supplier is being written. `requisition_id` is what it was released from."""

    purchase_order_id: UUID
    facility_id: UUID
    supplier_id: UUID
    order_number: str
    requisition_id: UUID | None
    currency: str
    drafted_on: date


@fact("purchase_order.item_ordered", effective="ordered_on")
class ItemOrdered(Fact):
    """So much of an item is ordered, in place of what was before. `ordered_after` is of all lines,
    `amount_after` what the lines with a price come to, before taxes and freight."""

    purchase_order_id: UUID
    facility_id: UUID
    supplier_id: UUID
    stock_item_id: UUID
    item_system: str
    item_code: str
    quantity: int
    unit_cost: Decimal | None
    currency: str
    ordered_on: date
    lines_after: int
    ordered_after: int
    amount_after: Decimal


@fact("purchase_order.item_dropped", effective="dropped_on")
class OrderedItemDropped(Fact):
    """The item is not on the order any more."""

    purchase_order_id: UUID
    facility_id: UUID
    stock_item_id: UUID
    currency: str
    dropped_on: date
    lines_after: int
    ordered_after: int
    amount_after: Decimal


@fact("purchase_order.approved", effective="approved_on")
class PurchaseOrderApproved(Fact):
    """It may be placed; its lines are fixed from now on."""

    purchase_order_id: UUID
    facility_id: UUID
    approved_on: date


@fact("purchase_order.placed", effective="placed_on")
class PurchaseOrderPlaced(Fact):
    """The supplier has it, and is to deliver by `expected_on`. `lines` are on order from now on."""

    purchase_order_id: UUID
    facility_id: UUID
    supplier_id: UUID
    lines: tuple[ItemQuantity, ...]
    ordered: int
    placed_on: date
    expected_on: date


@fact("purchase_order.item_received", version=2, effective="received_on")
class OrderedItemReceived(Fact):
    """Some of what was ordered has come; the same append receives it into stock.

    `lead_days` is from placed to now, `late` whether it was expected sooner; `outstanding_after` is
    of the item, `order_outstanding_after` of all items of the order.
    """

    purchase_order_id: UUID
    facility_id: UUID
    supplier_id: UUID
    stock_item_id: UUID
    item_system: str
    item_code: str
    lot: str
    quantity: int
    received_on: date
    lead_days: int
    late: bool
    received_after: int
    outstanding_after: int
    order_outstanding_after: int
    delivery_note: str | None


@upcaster(OrderedItemReceived, from_version=1)
def _by_no_note(content: dict[str, Any]) -> dict[str, Any]:
    """The first version did not tell on which delivery note it came; the stock's own fact does."""
    return {**content, "delivery_note": None}


@fact("purchase_order.received", effective="received_on")
class PurchaseOrderReceived(Fact):
    """All that was ordered has come."""

    purchase_order_id: UUID
    facility_id: UUID
    supplier_id: UUID
    received_on: date
    lead_days: int
    late: bool


@fact("purchase_order.closed", effective="closed_on")
class PurchaseOrderClosed(Fact):
    """Nothing more is expected; what was ordered and never came is on order no more."""

    purchase_order_id: UUID
    facility_id: UUID
    supplier_id: UUID
    unfilled_lines: tuple[ItemQuantity, ...]
    unfilled: int
    reason: str | None
    closed_on: date


@fact("purchase_order.cancelled", effective="cancelled_on")
class PurchaseOrderCancelled(Fact):
    """It is not wanted any more, and nothing of it has come. `lines` are those that were on order:
    none where it had not been placed."""

    purchase_order_id: UUID
    facility_id: UUID
    supplier_id: UUID
    lines: tuple[ItemQuantity, ...]
    reason: str
    cancelled_on: date


PurchaseOrderFact = (
    PurchaseOrderDrafted
    | ItemOrdered
    | OrderedItemDropped
    | PurchaseOrderApproved
    | PurchaseOrderPlaced
    | OrderedItemReceived
    | PurchaseOrderReceived
    | PurchaseOrderClosed
    | PurchaseOrderCancelled
)
