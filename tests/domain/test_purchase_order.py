"""The life of a purchase order."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from domain.kernel import CONSULTED, Command, Entail, Fact, Reserve
from domain.supply import purchase_order_drafting as module
from domain.supply.events.ordering import (
    ItemOrdered,
    ItemQuantity,
    OrderedItemDropped,
    OrderedItemReceived,
    PurchaseOrderApproved,
    PurchaseOrderCancelled,
    PurchaseOrderClosed,
    PurchaseOrderDrafted,
    PurchaseOrderPlaced,
    PurchaseOrderReceived,
)
from domain.supply.purchase_order import PurchaseOrder
from domain.supply.purchase_order_drafting import (
    ApprovePurchaseOrder,
    DraftPurchaseOrder,
    DropOrderedItem,
    OrderItem,
)
from domain.supply.purchase_order_receiving import (
    CancelPurchaseOrder,
    ClosePurchaseOrder,
    PlacePurchaseOrder,
    ReceiveOrderedItem,
)
from domain.supply.stock_item import ReceiveStock
from tests.domain.places import (
    DAY_BEFORE_NEW_YEAR,
    FEBRUARY_1,
    MARCH_1,
    NEW_YEAR,
    RIVERSIDE,
    THE_ITEM,
    riverside_is_open,
)
from tests.domain.supplies import (
    ACME,
    ANOTHER_ITEM,
    GLOVES,
    THE_ORDER,
    gloves_are_kept,
    the_supplier_is,
)
from tests.grammar import Given, given

IT: dict[str, Any] = {"purchase_order_id": THE_ORDER}
HERE: dict[str, Any] = {**IT, "facility_id": RIVERSIDE, "supplier_id": ACME}
FEBRUARY_8 = date(2026, 2, 8)

drafting = DraftPurchaseOrder(**HERE, order_number="PO-1", drafted_on=NEW_YEAR)
drafted = PurchaseOrderDrafted(
    **HERE, order_number="PO-1", requisition_id=None, currency="USD", drafted_on=NEW_YEAR
)
ordering = OrderItem(
    **IT,
    stock_item_id=THE_ITEM,
    quantity=100,
    ordered_on=NEW_YEAR,
    unit_cost=Decimal("0.125"),
)
ordered = ItemOrdered(
    **HERE,
    stock_item_id=THE_ITEM,
    **GLOVES,
    quantity=100,
    unit_cost=Decimal("0.125"),
    currency="USD",
    ordered_on=NEW_YEAR,
    lines_after=1,
    ordered_after=100,
    amount_after=Decimal("12.50"),
)
approved = PurchaseOrderApproved(
    purchase_order_id=THE_ORDER, facility_id=RIVERSIDE, approved_on=NEW_YEAR
)
placed = PurchaseOrderPlaced(
    **HERE,
    lines=(ItemQuantity(stock_item_id=THE_ITEM, quantity=100),),
    ordered=100,
    placed_on=FEBRUARY_1,
    expected_on=FEBRUARY_8,
)
receiving = ReceiveOrderedItem(
    **IT,
    stock_item_id=THE_ITEM,
    quantity=60,
    received_on=FEBRUARY_8,
    lot="A",
    expires_on=date(2027, 1, 31),
    delivery_note="DN 7",
)
received = OrderedItemReceived(
    **HERE,
    stock_item_id=THE_ITEM,
    **GLOVES,
    lot="A",
    quantity=60,
    received_on=FEBRUARY_8,
    lead_days=7,
    late=False,
    received_after=60,
    outstanding_after=40,
    order_outstanding_after=40,
    delivery_note="DN 7",
)
into_stock = ReceiveStock(
    stock_item_id=THE_ITEM,
    quantity=60,
    received_on=FEBRUARY_8,
    lot="A",
    expires_on=date(2027, 1, 31),
    unit_cost=Decimal("0.125"),
    reference="DN 7",
)
closing = ClosePurchaseOrder(**IT, closed_on=MARCH_1)
cancelling = CancelPurchaseOrder(**IT, cancelled_on=MARCH_1, reason="not needed")

PLACED = (drafted, ordered, approved, placed)


def at_riverside(*facts: Fact) -> Given:
    return given(PurchaseOrder, *facts).knowing(
        riverside_is_open(), the_supplier_is(), gloves_are_kept()
    )


def test_an_order_is_drafted_under_a_number_of_its_own() -> None:
    number = Reserve("purchase_order_number", f"{RIVERSIDE}/PO-1", "purchase_order.number_in_use")
    at_riverside().when(drafting).records(number, drafted)
    at_riverside(drafted).when(drafting).refused("purchase_order.already_drafted")


def test_nothing_is_ordered_from_a_supplier_that_is_suspended() -> None:
    at_riverside().knowing(the_supplier_is("suspended")).when(drafting).refused("supplier.not_open")


def test_items_are_ordered_and_dropped() -> None:
    at_riverside(drafted).when(ordering).records(ordered)
    at_riverside(drafted, ordered).when(ordering).records_nothing()
    at_riverside(drafted, ordered).when(replace(ordering, quantity=1, unit_cost=None)).records_a(
        ItemOrdered, quantity=1, lines_after=1, ordered_after=1, amount_after=Decimal("0.00")
    )
    dropping = DropOrderedItem(**IT, stock_item_id=THE_ITEM, dropped_on=NEW_YEAR)
    dropped = OrderedItemDropped(
        purchase_order_id=THE_ORDER,
        facility_id=RIVERSIDE,
        stock_item_id=THE_ITEM,
        currency="USD",
        dropped_on=NEW_YEAR,
        lines_after=0,
        ordered_after=0,
        amount_after=Decimal("0.00"),
    )
    at_riverside(drafted, ordered).when(dropping).records(dropped)
    at_riverside(drafted, ordered, dropped).when(dropping).records_nothing()


def test_what_an_order_comes_to_is_rounded_once() -> None:
    third = replace(ordering, quantity=3, unit_cost=Decimal("0.335"))
    at_riverside(drafted).when(third).records_a(ItemOrdered, amount_after=Decimal("1.01"))


def test_an_order_has_no_more_lines_than_somebody_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LONGEST_ORDER", 1)
    other = replace(ordering, stock_item_id=ANOTHER_ITEM)
    at_riverside(drafted, ordered).knowing(gloves_are_kept(ANOTHER_ITEM)).when(other).refused(
        "purchase_order.lines"
    )


def test_an_order_is_approved_and_its_items_are_fixed() -> None:
    approving = ApprovePurchaseOrder(**IT, approved_on=NEW_YEAR)
    at_riverside(drafted, ordered).when(approving).records(approved)
    at_riverside(drafted).when(approving).refused("purchase_order.empty")
    at_riverside(drafted, ordered, approved).when(ordering).refused(
        "purchase_order.not_now", status="approved"
    )


def test_an_order_that_is_placed_is_expected_after_the_lead_time() -> None:
    placing = PlacePurchaseOrder(**IT, placed_on=FEBRUARY_1)
    at_riverside(drafted, ordered, approved).when(placing).records(placed)
    at_riverside(drafted, ordered, approved).when(replace(placing, expected_on=MARCH_1)).records(
        replace(placed, expected_on=MARCH_1)
    )
    at_riverside(drafted, ordered, approved).when(replace(placing, expected_on=NEW_YEAR)).refused(
        "purchase_order.date_order", field="expected_on"
    )


def test_the_supplier_is_looked_at_again_when_an_order_is_placed() -> None:
    placing = PlacePurchaseOrder(**IT, placed_on=FEBRUARY_1)
    asked = CONSULTED[PlacePurchaseOrder]
    assert [*asked(given(PurchaseOrder, drafted).state, placing)] == [ACME]
    assert [*asked(given(PurchaseOrder).state, placing)] == []
    at_riverside(drafted, ordered, approved).knowing(the_supplier_is("retired")).when(
        placing
    ).refused("supplier.not_open", status="retired")


def test_what_comes_is_taken_into_stock() -> None:
    at_riverside(*PLACED).when(receiving).records(received, Entail(into_stock))


def test_the_last_receipt_completes_the_order() -> None:
    rest = replace(receiving, quantity=40, received_on=MARCH_1, delivery_note="DN 8")
    at_riverside(*PLACED, received).when(rest).records(
        replace(
            received,
            quantity=40,
            received_on=MARCH_1,
            lead_days=28,
            late=True,
            received_after=100,
            outstanding_after=0,
            order_outstanding_after=0,
            delivery_note="DN 8",
        ),
        PurchaseOrderReceived(**HERE, received_on=MARCH_1, lead_days=28, late=True),
        Entail(replace(into_stock, quantity=40, received_on=MARCH_1, reference="DN 8")),
    )


def test_a_delivery_note_brings_a_lot_once() -> None:
    again = replace(receiving, quantity=1, delivery_note=" DN 7 ")
    at_riverside(*PLACED, received).when(again).refused(
        "purchase_order.already_received", field="delivery_note", value="DN 7"
    )
    for other in (replace(again, lot="B"), replace(again, delivery_note=None)):
        assert at_riverside(*PLACED, received).when(other).refusal is None
    unnoted = replace(received, delivery_note=None)
    assert at_riverside(*PLACED, unnoted).when(again).refusal is None


def test_more_than_was_ordered_is_not_taken_in() -> None:
    at_riverside(*PLACED, received).when(replace(receiving, quantity=41)).refused(
        "purchase_order.over_receipt", value=41
    )


def test_what_was_not_ordered_is_not_taken_in() -> None:
    at_riverside(*PLACED).when(replace(receiving, stock_item_id=ANOTHER_ITEM)).refused(
        "purchase_order.not_ordered"
    )


def test_nothing_comes_before_it_was_ordered() -> None:
    at_riverside(*PLACED).when(replace(receiving, received_on=NEW_YEAR)).refused(
        "purchase_order.date_order", field="received_on"
    )


def test_an_order_is_closed_with_a_reason_where_something_never_came() -> None:
    at_riverside(*PLACED, received).when(closing).refused(
        "purchase_order.reason_required", field="reason"
    )
    at_riverside(*PLACED, received).when(replace(closing, reason="discontinued")).records(
        PurchaseOrderClosed(
            **HERE,
            unfilled_lines=(ItemQuantity(stock_item_id=THE_ITEM, quantity=40),),
            unfilled=40,
            reason="discontinued",
            closed_on=MARCH_1,
        )
    )


def test_an_order_that_was_received_is_closed_without_a_reason() -> None:
    whole = replace(received, received_after=100, outstanding_after=0, order_outstanding_after=0)
    complete = PurchaseOrderReceived(**HERE, received_on=FEBRUARY_8, lead_days=7, late=False)
    closed = PurchaseOrderClosed(
        **HERE, unfilled_lines=(), unfilled=0, reason=None, closed_on=MARCH_1
    )
    at_riverside(*PLACED, whole, complete).when(closing).records(closed)
    at_riverside(*PLACED, whole, complete, closed).when(closing).refused("purchase_order.not_now")


def test_an_order_is_cancelled_before_anything_has_come() -> None:
    cancelled = PurchaseOrderCancelled(
        **HERE, lines=placed.lines, reason="not needed", cancelled_on=MARCH_1
    )
    at_riverside(*PLACED).when(cancelling).records(cancelled)
    at_riverside(drafted, ordered).when(cancelling).records(replace(cancelled, lines=()))
    at_riverside(*PLACED, received).when(cancelling).refused("purchase_order.not_now")
    at_riverside(*PLACED, cancelled).when(receiving).refused("purchase_order.not_now")


@pytest.mark.parametrize("command", [ordering, receiving, closing, cancelling])
def test_nothing_is_done_to_what_was_never_drafted(command: Command) -> None:
    given(PurchaseOrder).when(command).refused("purchase_order.not_now", status="absent")


def test_no_step_is_taken_before_the_last() -> None:
    at_riverside(drafted).when(replace(ordering, ordered_on=DAY_BEFORE_NEW_YEAR)).refused(
        "purchase_order.date_order", field="ordered_on"
    )
