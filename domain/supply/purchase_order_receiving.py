"""A purchase order at its supplier: placed, received in parts, closed or cancelled."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from domain import rules
from domain.kernel import Circumstances, Command, Decision, Entail, command
from domain.supply.events.ordering import (
    OrderedItemReceived,
    PurchaseOrderCancelled,
    PurchaseOrderClosed,
    PurchaseOrderPlaced,
    PurchaseOrderReceived,
)
from domain.supply.events.stock import NO_LOT
from domain.supply.purchase_order import (
    OrderStatus,
    PurchaseOrder,
    outstanding_lines,
    placed_at,
    purchase_order,
)
from domain.supply.steps import no_sooner
from domain.supply.stock_item import ReceiveStock
from domain.supply.supplier import SupplierStanding

# --- commands ------------------------------------------------------------------------------------


@command("purchase_order_id")
class PlacePurchaseOrder(Command):
    """Give an order to its supplier. Without a day it is expected after the agreed lead time."""

    purchase_order_id: UUID
    placed_on: date
    expected_on: date | None = None


@command("purchase_order_id")
class ReceiveOrderedItem(Command):
    """Take in what has come of an item, of one lot. Another lot is another receipt.

    A delivery note brings a lot once: entered again, it is refused.
    """

    purchase_order_id: UUID
    stock_item_id: UUID
    quantity: int
    received_on: date
    lot: str = NO_LOT
    expires_on: date | None = None
    delivery_note: str | None = None


@command("purchase_order_id")
class ClosePurchaseOrder(Command):
    """Expect nothing more. Where something has not come, the reason says why it is not expected."""

    purchase_order_id: UUID
    closed_on: date
    reason: str | None = None


@command("purchase_order_id")
class CancelPurchaseOrder(Command):
    """Give an order up of which nothing has come."""

    purchase_order_id: UUID
    cancelled_on: date
    reason: str


# --- decisions -----------------------------------------------------------------------------------


def _supplier_of(state: PurchaseOrder, command: PlacePurchaseOrder) -> list[UUID]:  # noqa: ARG001
    return [] if state.supplier_id is None else [state.supplier_id]


@purchase_order.decides(consulting=_supplier_of)
def place(state: PurchaseOrder, command: PlacePurchaseOrder, at: Circumstances) -> Decision:
    facility_id, supplier_id = placed_at(state, OrderStatus.APPROVED)
    no_sooner("purchase_order", state, "placed_on", command.placed_on, at)
    supplier = at.open("supplier", supplier_id)
    assert isinstance(supplier, SupplierStanding)
    expected_on = command.expected_on
    if expected_on is None:
        expected_on = command.placed_on + timedelta(days=supplier.lead_time_days)
    rules.plausible("purchase_order", "expected_on", expected_on)
    rules.in_order("purchase_order", "placed_on", command.placed_on, "expected_on", expected_on)
    yield PurchaseOrderPlaced(
        purchase_order_id=command.purchase_order_id,
        facility_id=facility_id,
        supplier_id=supplier_id,
        lines=outstanding_lines(state),
        ordered=state.outstanding,
        placed_on=command.placed_on,
        expected_on=expected_on,
    )


@purchase_order.decides
def receive(state: PurchaseOrder, command: ReceiveOrderedItem, at: Circumstances) -> Decision:
    """More than was ordered is refused: order the rest, or send it back. So is what was entered
    from the same delivery note already, by somebody else, or on another day."""
    facility_id, supplier_id = placed_at(state, OrderStatus.PLACED, OrderStatus.PARTIALLY_RECEIVED)
    rules.happened("purchase_order", "received_on", command.received_on, at)
    rules.in_order(
        "purchase_order", "placed_on", state.placed_on, "received_on", command.received_on
    )
    line = state.lines.get(command.stock_item_id)
    if line is None:
        rule = "must be of an item that was ordered"
        raise rules.refusal(
            "purchase_order.not_ordered", "stock_item_id", command.stock_item_id, rule
        )
    quantity = rules.quantity("purchase_order", "quantity", command.quantity)
    if quantity > line.outstanding:
        rule = f"must be at most {line.outstanding}, which is what has not come yet"
        raise rules.refusal("purchase_order.over_receipt", "quantity", quantity, rule)
    note = rules.optional("purchase_order", "delivery_note", command.delivery_note, longest=80)
    lot = command.lot.strip()
    if note is not None and (note, lot) in line.notes:
        rule = "must be another one: what it brought of this lot is received"
        raise rules.refusal("purchase_order.already_received", "delivery_note", note, rule)
    lead_days = (command.received_on - state.placed_on).days
    late = command.received_on > state.expected_on
    outstanding = state.outstanding - quantity
    yield OrderedItemReceived(
        purchase_order_id=command.purchase_order_id,
        facility_id=facility_id,
        supplier_id=supplier_id,
        stock_item_id=command.stock_item_id,
        item_system=line.item_system,
        item_code=line.item_code,
        lot=lot,
        quantity=quantity,
        received_on=command.received_on,
        lead_days=lead_days,
        late=late,
        received_after=line.received + quantity,
        outstanding_after=line.outstanding - quantity,
        order_outstanding_after=outstanding,
        delivery_note=note,
    )
    if not outstanding:
        yield PurchaseOrderReceived(
            purchase_order_id=command.purchase_order_id,
            facility_id=facility_id,
            supplier_id=supplier_id,
            received_on=command.received_on,
            lead_days=lead_days,
            late=late,
        )
    yield Entail(
        ReceiveStock(
            stock_item_id=command.stock_item_id,
            quantity=quantity,
            received_on=command.received_on,
            lot=lot,
            expires_on=command.expires_on,
            unit_cost=line.unit_cost,
            reference=note,
        )
    )


@purchase_order.decides
def close(state: PurchaseOrder, command: ClosePurchaseOrder, at: Circumstances) -> Decision:
    open_ones = (OrderStatus.PLACED, OrderStatus.PARTIALLY_RECEIVED, OrderStatus.RECEIVED)
    facility_id, supplier_id = placed_at(state, *open_ones)
    no_sooner("purchase_order", state, "closed_on", command.closed_on, at)
    reason = rules.optional("purchase_order", "reason", command.reason)
    if state.outstanding and reason is None:
        rule = f"must say why {state.outstanding} are not expected any more"
        raise rules.refusal("purchase_order.reason_required", "reason", None, rule)
    yield PurchaseOrderClosed(
        purchase_order_id=command.purchase_order_id,
        facility_id=facility_id,
        supplier_id=supplier_id,
        unfilled_lines=outstanding_lines(state),
        unfilled=state.outstanding,
        reason=reason,
        closed_on=command.closed_on,
    )


@purchase_order.decides
def cancel(state: PurchaseOrder, command: CancelPurchaseOrder, at: Circumstances) -> Decision:
    facility_id, supplier_id = placed_at(
        state, OrderStatus.DRAFTED, OrderStatus.APPROVED, OrderStatus.PLACED
    )
    no_sooner("purchase_order", state, "cancelled_on", command.cancelled_on, at)
    yield PurchaseOrderCancelled(
        purchase_order_id=command.purchase_order_id,
        facility_id=facility_id,
        supplier_id=supplier_id,
        lines=outstanding_lines(state) if state.status is OrderStatus.PLACED else (),
        reason=rules.text("purchase_order", "reason", command.reason),
        cancelled_on=command.cancelled_on,
    )
