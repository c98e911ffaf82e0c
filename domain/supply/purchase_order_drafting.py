"""What a purchase order orders, until it is approved."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

from domain import rules
from domain.kernel import Circumstances, Command, Decision, Refused, Reserve, command
from domain.supply.events.ordering import (
    ItemOrdered,
    OrderedItemDropped,
    PurchaseOrderApproved,
    PurchaseOrderDrafted,
)
from domain.supply.purchase_order import (
    Line,
    OrderStatus,
    PurchaseOrder,
    amount_of,
    placed_at,
    purchase_order,
)
from domain.supply.standing import stocked
from domain.supply.steps import no_sooner

LONGEST_ORDER = 500
"""Lines of an order at most (c)."""


# --- commands ------------------------------------------------------------------------------------


@command("purchase_order_id", creates=True)
class DraftPurchaseOrder(Command):
    """Begin an order to a supplier. The number is the facility's own, and used once."""

    purchase_order_id: UUID
    facility_id: UUID
    supplier_id: UUID
    order_number: str
    drafted_on: date
    requisition_id: UUID | None = None


@command("purchase_order_id")
class OrderItem(Command):
    """Order so much of an item, in place of what was on the order of it."""

    purchase_order_id: UUID
    stock_item_id: UUID
    quantity: int
    ordered_on: date
    unit_cost: Decimal | None = None


@command("purchase_order_id")
class DropOrderedItem(Command):
    """Take an item off an order."""

    purchase_order_id: UUID
    stock_item_id: UUID
    dropped_on: date


@command("purchase_order_id")
class ApprovePurchaseOrder(Command):
    """Let an order be placed; its items are fixed from then on."""

    purchase_order_id: UUID
    approved_on: date


# --- decisions -----------------------------------------------------------------------------------


@purchase_order.decides
def draft(state: PurchaseOrder, command: DraftPurchaseOrder, at: Circumstances) -> Decision:
    if state.status is not OrderStatus.ABSENT:
        raise Refused("purchase_order.already_drafted", "This purchase order exists.")
    facility = at.open("facility", command.facility_id)
    at.open("supplier", command.supplier_id)
    rules.happened("purchase_order", "drafted_on", command.drafted_on, at)
    number = rules.text("purchase_order", "order_number", command.order_number, longest=80)
    key = f"{command.facility_id}/{number}"
    yield Reserve("purchase_order_number", key, "purchase_order.number_in_use")
    yield PurchaseOrderDrafted(
        purchase_order_id=command.purchase_order_id,
        facility_id=command.facility_id,
        supplier_id=command.supplier_id,
        order_number=number,
        requisition_id=command.requisition_id,
        currency=facility.currency or "USD",
        drafted_on=command.drafted_on,
    )


@purchase_order.decides
def order(state: PurchaseOrder, command: OrderItem, at: Circumstances) -> Decision:
    facility_id, supplier_id = placed_at(state, OrderStatus.DRAFTED)
    no_sooner("purchase_order", state, "ordered_on", command.ordered_on, at)
    item = stocked(at, command.stock_item_id, within=facility_id)
    quantity = rules.quantity("purchase_order", "quantity", command.quantity)
    unit_cost = command.unit_cost
    if unit_cost is not None:
        unit_cost = rules.rate("purchase_order", "unit_cost", unit_cost)
    line = Line(
        item_system=item.item_system,
        item_code=item.item_code,
        quantity=quantity,
        unit_cost=unit_cost,
    )
    if state.lines.get(command.stock_item_id) == line:
        return
    lines = {**state.lines, command.stock_item_id: line}
    if len(lines) > LONGEST_ORDER:
        rule = f"must be one of at most {LONGEST_ORDER}"
        raise rules.refusal("purchase_order.lines", "stock_item_id", command.stock_item_id, rule)
    yield ItemOrdered(
        purchase_order_id=command.purchase_order_id,
        facility_id=facility_id,
        supplier_id=supplier_id,
        stock_item_id=command.stock_item_id,
        item_system=item.item_system,
        item_code=item.item_code,
        quantity=quantity,
        unit_cost=unit_cost,
        currency=state.currency,
        ordered_on=command.ordered_on,
        lines_after=len(lines),
        ordered_after=sum(each.quantity for each in lines.values()),
        amount_after=amount_of(lines, state.currency),
    )


@purchase_order.decides
def drop(state: PurchaseOrder, command: DropOrderedItem, at: Circumstances) -> Decision:
    facility_id, _supplier_id = placed_at(state, OrderStatus.DRAFTED)
    no_sooner("purchase_order", state, "dropped_on", command.dropped_on, at)
    if command.stock_item_id in state.lines:
        left = {each: of for each, of in state.lines.items() if each != command.stock_item_id}
        yield OrderedItemDropped(
            purchase_order_id=command.purchase_order_id,
            facility_id=facility_id,
            stock_item_id=command.stock_item_id,
            currency=state.currency,
            dropped_on=command.dropped_on,
            lines_after=len(left),
            ordered_after=sum(each.quantity for each in left.values()),
            amount_after=amount_of(left, state.currency),
        )


@purchase_order.decides
def approve(state: PurchaseOrder, command: ApprovePurchaseOrder, at: Circumstances) -> Decision:
    facility_id, _supplier_id = placed_at(state, OrderStatus.DRAFTED)
    no_sooner("purchase_order", state, "approved_on", command.approved_on, at)
    if not state.lines:
        raise Refused("purchase_order.empty", "An order that is approved orders something.")
    yield PurchaseOrderApproved(
        purchase_order_id=command.purchase_order_id,
        facility_id=facility_id,
        approved_on=command.approved_on,
    )
