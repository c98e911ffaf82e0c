"""A purchase order: what a facility orders from a supplier, and what has come of it.

Its life: it is **drafted** with its items, **approved**, **placed** with the supplier, and its
items are **received**, in parts, each receipt taken into stock in the same append. When all has
come it is **received**. It is **closed** then, or before, when the rest is not expected any more;
before anything has come it may be **cancelled**.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import assert_never
from uuid import UUID

from domain import rules
from domain.kernel import Aggregate
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
from domain.supply.steps import standing_at


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
    """One item of an order: how much of it, at which price, how much of it has come, and by which
    delivery notes, of each lot."""

    item_system: str
    item_code: str
    quantity: int
    unit_cost: Decimal | None
    received: int = 0
    notes: frozenset[tuple[str, str]] = frozenset()

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
                known = self.lines[fact.stock_item_id]
                note = [] if fact.delivery_note is None else [(fact.delivery_note, fact.lot)]
                line = replace(known, received=fact.received_after, notes=known.notes.union(note))
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


def placed_at(state: PurchaseOrder, *wanted: OrderStatus) -> tuple[UUID, UUID]:
    """Refuses unless it is in one of these statuses; answers with whose it is, and from whom."""
    facility_id = standing_at("purchase_order", state, *wanted)
    assert state.supplier_id is not None, "an order begins with its supplier"
    return facility_id, state.supplier_id


def outstanding_lines(state: PurchaseOrder) -> tuple[ItemQuantity, ...]:
    return tuple(
        ItemQuantity(stock_item_id=each, quantity=line.outstanding)
        for each, line in state.lines.items()
        if line.outstanding
    )


def amount_of(lines: Mapping[UUID, Line], currency: str) -> Decimal:
    """What the lines with a price come to, rounded once, to the currency's smallest unit."""
    exact = sum(
        (line.quantity * line.unit_cost for line in lines.values() if line.unit_cost is not None),
        Decimal(0),
    )
    smallest = Decimal(1).scaleb(-minor_digits(currency))
    return exact.quantize(smallest, rounding=ROUND_HALF_UP)
