"""What the purchasing desks look at: suppliers, requisitions, orders, how suppliers do."""

from __future__ import annotations

from dataclasses import replace

from domain.supply.events.ordering import (
    ItemQuantity,
    OrderedItemReceived,
    PurchaseOrderCancelled,
    PurchaseOrderClosed,
    PurchaseOrderReceived,
    SupplierReinstated,
    SupplierRetired,
    SupplierSuspended,
    SupplierTermsAgreed,
)
from domain.supply.events.requisition import QuantityApproved, RequisitionRejected
from projections.supply.purchase_orders import OrderStatus, purchase_orders
from projections.supply.requisitions import RequisitionStatus, requisition_list
from projections.supply.suppliers import SupplierStatus, supplier_directory, supplier_performance
from tests.domain.places import FEBRUARY_1, MARCH_1, RIVERSIDE, THE_ITEM
from tests.domain.supplies import ACME, THE_ORDER, THE_REQUISITION
from tests.domain.test_purchase_order import HERE, PLACED
from tests.domain.test_purchase_order import received as part
from tests.domain.test_requisition import FULL, drafted, rejected, released, requested
from tests.domain.test_supplier import registered
from tests.projections.grammar import figures, given

whole: OrderedItemReceived = replace(
    part, quantity=40, received_after=100, outstanding_after=0, order_outstanding_after=0, late=True
)
complete = PurchaseOrderReceived(**HERE, received_on=MARCH_1, lead_days=28, late=True)


# --- suppliers -----------------------------------------------------------------------------------


def test_the_directory_tells_whom_to_order_from_and_how_long_it_takes() -> None:
    agreed = SupplierTermsAgreed(supplier_id=ACME, lead_time_days=14, agreed_on=FEBRUARY_1)
    suspended = SupplierSuspended(supplier_id=ACME, suspended_on=FEBRUARY_1, reason="late again")
    given(supplier_directory, registered, agreed).shows(
        ACME, legal_name="Acme Medical", lead_time_days=14, status=SupplierStatus.ACTIVE
    )
    given(supplier_directory, registered, suspended).shows(
        ACME,
        status=SupplierStatus.SUSPENDED,
        status_since=FEBRUARY_1,
        status_reason="late again",
    )
    back = SupplierReinstated(supplier_id=ACME, reinstated_on=MARCH_1)
    given(supplier_directory, registered, suspended, back).shows(
        ACME, status=SupplierStatus.ACTIVE, status_since=MARCH_1, status_reason=None
    )
    gone = SupplierRetired(supplier_id=ACME, retired_on=MARCH_1, reason="bought up")
    given(supplier_directory, registered, gone).shows(ACME, status=SupplierStatus.RETIRED)


# --- requisitions --------------------------------------------------------------------------------


def test_a_requisition_shows_what_is_asked_for_and_on_whose_desk_it_lies() -> None:
    steps = {
        1: RequisitionStatus.DRAFTED,
        3: RequisitionStatus.SUBMITTED,
        4: RequisitionStatus.AUTHORIZED,
        5: RequisitionStatus.IN_APPROVAL,
        6: RequisitionStatus.APPROVED,
    }
    for count, status in steps.items():
        given(requisition_list, *FULL[:count]).shows(THE_REQUISITION, status=status, open=True)
    given(requisition_list, *FULL, released).shows(
        THE_REQUISITION, status="released", purchase_order_id=released.purchase_order_id
    )


def test_a_requisition_shows_what_was_asked_for_last_and_what_was_approved() -> None:
    changed = replace(requested, quantity=60)
    cut = QuantityApproved(
        requisition_id=THE_REQUISITION,
        facility_id=RIVERSIDE,
        stock_item_id=THE_ITEM,
        requested=60,
        approved=30,
        approved_on=FEBRUARY_1,
        reason="enough",
    )
    row = given(requisition_list, drafted, requested, changed, cut).row(THE_REQUISITION)
    assert [(each.requested, each.approved) for each in row.lines] == [(60, 30)]
    assert row.line_count == 1


def test_a_requisition_that_was_rejected_says_why() -> None:
    no: RequisitionRejected = rejected
    given(requisition_list, *FULL[:5], no).shows(
        THE_REQUISITION, status="rejected", reason="no money", open=False
    )


# --- purchase orders -----------------------------------------------------------------------------


def test_an_order_shows_what_has_come_of_it() -> None:
    given(purchase_orders, *PLACED).shows(
        THE_ORDER, status=OrderStatus.PLACED, amount=1250, ordered=100, received=0
    )
    given(purchase_orders, *PLACED, part).shows(
        THE_ORDER, status=OrderStatus.PARTIALLY_RECEIVED, received=60
    )
    row = given(purchase_orders, *PLACED, part, whole, complete).row(THE_ORDER)
    assert (row.status, row.received) == (OrderStatus.RECEIVED, 100)
    assert [(each.ordered, each.received) for each in row.lines] == [(100, 100)]


# --- how suppliers do ----------------------------------------------------------------------------


def test_a_suppliers_figures_are_of_what_was_placed_with_it() -> None:
    row = given(supplier_performance, *PLACED, part, whole, complete).row(RIVERSIDE, ACME)
    assert figures(row) == {
        "orders_placed": 1,
        "orders_received": 1,
        "units_ordered": 100,
        "units_received": 100,
        "units_late": 40,
        "lead_days": 28,
    }


def test_what_never_came_and_what_was_cancelled_are_told_apart() -> None:
    left = (ItemQuantity(stock_item_id=THE_ITEM, quantity=40),)
    short = PurchaseOrderClosed(
        **HERE, unfilled_lines=left, unfilled=40, reason="gone", closed_on=MARCH_1
    )
    row = given(supplier_performance, *PLACED, part, short).row(RIVERSIDE, ACME)
    assert (row.orders_closed_short, row.units_unfilled) == (1, 40)
    off = PurchaseOrderCancelled(**HERE, lines=left, reason="not needed", cancelled_on=MARCH_1)
    row = given(supplier_performance, *PLACED, off).row(RIVERSIDE, ACME)
    assert (row.orders_cancelled, row.units_cancelled) == (1, 40)
    given(purchase_orders, *PLACED, off).shows(THE_ORDER, status="cancelled", reason="not needed")
