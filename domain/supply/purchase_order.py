"""A purchase order: what a facility orders from a supplier, and what has come of it.

Its life: it is **drafted** with its items, **approved**, **placed** with the supplier, and its
items are **received**, in parts, each receipt taken into stock in the same append. When all has
come it is **received**. It is **closed** then, or before, when the rest is not expected any more;
before anything has come it may be **cancelled**.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import assert_never
from uuid import UUID

from domain import rules
from domain.kernel import (
    Aggregate,
    Circumstances,
    Command,
    Decision,
    Entail,
    Refused,
    Reserve,
    command,
)
from domain.money import minor_digits
from domain.supply.events.ordering import (
    ItemOrdered,
    ItemQuantity,
    OrderedItemDropped,
    OrderedItemReceived,
    PurchaseOrderApproved,
    PurchaseOrderCancelled,
    PurchaseOrderClosed,
    PurchaseOrderDrafted,
    PurchaseOrderFact,
    PurchaseOrderPlaced,
    PurchaseOrderReceived,
)
from domain.supply.events.stock import NO_LOT
from domain.supply.standing import stocked
from domain.supply.stock_item import ReceiveStock
from domain.supply.supplier import SupplierStanding

LONGEST_ORDER = 500
"""Lines of an order at most (c)."""

# --- state -------------------------------------------------------------------------------------


class OrderStatus(StrEnum):
    """How far an order has come."""

    ABSENT = "absent"
    DRAFTED = "drafted"
    APPROVED = "approved"
    PLACED = "placed"
    PARTIALLY_RECEIVED = "partially_received"
    RECEIVED = "received"
    CLOSED = "closed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One item of an order: how much of it, at which price, and how much of it has come."""

    item_system: str
    item_code: str
    quantity: int
    unit_cost: Decimal | None
    received: int = 0

    @property
    def outstanding(self) -> int:
        return self.quantity - self.received


@dataclass(frozen=True, slots=True, kw_only=True)
class PurchaseOrder:
    """What an order has become. `since` is the day of its last step."""

    facility_id: UUID | None = None
    supplier_id: UUID | None = None
    status: OrderStatus = OrderStatus.ABSENT
    currency: str = "USD"
    since: date = rules.EARLIEST
    placed_on: date = rules.EARLIEST
    expected_on: date = rules.LATEST
    lines: Mapping[UUID, Line] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def outstanding(self) -> int:
        """What was ordered and has not come, over all items."""
        return sum(line.outstanding for line in self.lines.values())

    def evolve(self, fact: PurchaseOrderFact) -> PurchaseOrder:
        match fact:
            case PurchaseOrderDrafted():
                return replace(
                    self,
                    facility_id=fact.facility_id,
                    supplier_id=fact.supplier_id,
                    status=OrderStatus.DRAFTED,
                    currency=fact.currency,
                    since=fact.drafted_on,
                )
            case ItemOrdered():
                line = Line(
                    item_system=fact.item_system,
                    item_code=fact.item_code,
                    quantity=fact.quantity,
                    unit_cost=fact.unit_cost,
                )
                return self._with({**self.lines, fact.stock_item_id: line})
            case OrderedItemDropped():
                return self._with(
                    {each: of for each, of in self.lines.items() if each != fact.stock_item_id}
                )
            case PurchaseOrderApproved():
                return replace(self, status=OrderStatus.APPROVED, since=fact.approved_on)
            case PurchaseOrderPlaced():
                return replace(
                    self,
                    status=OrderStatus.PLACED,
                    since=fact.placed_on,
                    placed_on=fact.placed_on,
                    expected_on=fact.expected_on,
                )
            case OrderedItemReceived():
                line = replace(self.lines[fact.stock_item_id], received=fact.received_after)
                received = self._with({**self.lines, fact.stock_item_id: line})
                return replace(received, status=OrderStatus.PARTIALLY_RECEIVED)
            case PurchaseOrderReceived():
                return replace(self, status=OrderStatus.RECEIVED)
            case PurchaseOrderClosed():
                return replace(self, status=OrderStatus.CLOSED, since=fact.closed_on)
            case PurchaseOrderCancelled():
                return replace(self, status=OrderStatus.CANCELLED, since=fact.cancelled_on)
            case _:
                assert_never(fact)

    def _with(self, lines: dict[UUID, Line]) -> PurchaseOrder:
        return replace(self, lines=MappingProxyType(lines))


purchase_order = Aggregate("purchase_order", PurchaseOrder())


# --- commands ----------------------------------------------------------------------------------


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


@command("purchase_order_id")
class PlacePurchaseOrder(Command):
    """Give an order to its supplier. Without a day it is expected after the agreed lead time."""

    purchase_order_id: UUID
    placed_on: date
    expected_on: date | None = None


@command("purchase_order_id")
class ReceiveOrderedItem(Command):
    """Take in what has come of an item, of one lot. Another lot is another receipt."""

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


# --- decisions ---------------------------------------------------------------------------------


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
    facility_id, supplier_id = _in(state, OrderStatus.DRAFTED)
    _since(state, "ordered_on", command.ordered_on, at)
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
        amount_after=_amount(lines, state.currency),
    )


@purchase_order.decides
def drop(state: PurchaseOrder, command: DropOrderedItem, at: Circumstances) -> Decision:
    facility_id, _supplier_id = _in(state, OrderStatus.DRAFTED)
    _since(state, "dropped_on", command.dropped_on, at)
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
            amount_after=_amount(left, state.currency),
        )


@purchase_order.decides
def approve(state: PurchaseOrder, command: ApprovePurchaseOrder, at: Circumstances) -> Decision:
    facility_id, _supplier_id = _in(state, OrderStatus.DRAFTED)
    _since(state, "approved_on", command.approved_on, at)
    if not state.lines:
        raise Refused("purchase_order.empty", "An order that is approved orders something.")
    yield PurchaseOrderApproved(
        purchase_order_id=command.purchase_order_id,
        facility_id=facility_id,
        approved_on=command.approved_on,
    )


def _supplier_of(state: PurchaseOrder, command: PlacePurchaseOrder) -> list[UUID]:  # noqa: ARG001
    return [] if state.supplier_id is None else [state.supplier_id]


@purchase_order.decides(consulting=_supplier_of)
def place(state: PurchaseOrder, command: PlacePurchaseOrder, at: Circumstances) -> Decision:
    facility_id, supplier_id = _in(state, OrderStatus.APPROVED)
    _since(state, "placed_on", command.placed_on, at)
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
        lines=_outstanding(state),
        ordered=state.outstanding,
        placed_on=command.placed_on,
        expected_on=expected_on,
    )


@purchase_order.decides
def receive(state: PurchaseOrder, command: ReceiveOrderedItem, at: Circumstances) -> Decision:
    """More than was ordered is refused: order the rest, or send it back."""
    facility_id, supplier_id = _in(state, OrderStatus.PLACED, OrderStatus.PARTIALLY_RECEIVED)
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
        lot=command.lot,
        quantity=quantity,
        received_on=command.received_on,
        lead_days=lead_days,
        late=late,
        received_after=line.received + quantity,
        outstanding_after=line.outstanding - quantity,
        order_outstanding_after=outstanding,
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
            lot=command.lot,
            expires_on=command.expires_on,
            unit_cost=line.unit_cost,
            reference=command.delivery_note,
        )
    )


@purchase_order.decides
def close(state: PurchaseOrder, command: ClosePurchaseOrder, at: Circumstances) -> Decision:
    open_ones = (OrderStatus.PLACED, OrderStatus.PARTIALLY_RECEIVED, OrderStatus.RECEIVED)
    facility_id, supplier_id = _in(state, *open_ones)
    _since(state, "closed_on", command.closed_on, at)
    reason = rules.optional("purchase_order", "reason", command.reason)
    if state.outstanding and reason is None:
        rule = f"must say why {state.outstanding} are not expected any more"
        raise rules.refusal("purchase_order.reason_required", "reason", None, rule)
    yield PurchaseOrderClosed(
        purchase_order_id=command.purchase_order_id,
        facility_id=facility_id,
        supplier_id=supplier_id,
        unfilled_lines=_outstanding(state),
        unfilled=state.outstanding,
        reason=reason,
        closed_on=command.closed_on,
    )


@purchase_order.decides
def cancel(state: PurchaseOrder, command: CancelPurchaseOrder, at: Circumstances) -> Decision:
    facility_id, supplier_id = _in(
        state, OrderStatus.DRAFTED, OrderStatus.APPROVED, OrderStatus.PLACED
    )
    _since(state, "cancelled_on", command.cancelled_on, at)
    yield PurchaseOrderCancelled(
        purchase_order_id=command.purchase_order_id,
        facility_id=facility_id,
        supplier_id=supplier_id,
        lines=_outstanding(state) if state.status is OrderStatus.PLACED else (),
        reason=rules.text("purchase_order", "reason", command.reason),
        cancelled_on=command.cancelled_on,
    )


# --- rules -------------------------------------------------------------------------------------


def _in(state: PurchaseOrder, *wanted: OrderStatus) -> tuple[UUID, UUID]:
    """Refuses unless it is in one of these statuses; answers with whose it is, and from whom."""
    if state.facility_id is None or state.supplier_id is None or state.status not in wanted:
        raise Refused(
            "purchase_order.not_now",
            f"The purchase order is {state.status.replace('_', ' ')}.",
            status=state.status,
            wanted=[each.value for each in wanted],
        )
    return state.facility_id, state.supplier_id


def _since(state: PurchaseOrder, named: str, when: date, at: Circumstances) -> None:
    rules.happened("purchase_order", named, when, at)
    rules.in_order("purchase_order", "last_step", state.since, named, when)


def _outstanding(state: PurchaseOrder) -> tuple[ItemQuantity, ...]:
    return tuple(
        ItemQuantity(stock_item_id=each, quantity=line.outstanding)
        for each, line in state.lines.items()
        if line.outstanding
    )


def _amount(lines: Mapping[UUID, Line], currency: str) -> Decimal:
    """What the lines with a price come to, rounded once, to the currency's smallest unit."""
    exact = sum(
        (line.quantity * line.unit_cost for line in lines.values() if line.unit_cost is not None),
        Decimal(0),
    )
    smallest = Decimal(1).scaleb(-minor_digits(currency))
    return exact.quantize(smallest, rounding=ROUND_HALF_UP)
