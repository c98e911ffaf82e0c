"""Ordering as a storekeeper does it: what is needed, who supplies it, what has come."""

from __future__ import annotations

from facilities.scope import Role
from tests.web.grammar import Api

TODAY = "2026-02-02"


def test_what_is_needed_is_requested_ordered_and_received_into_stock(api: Api) -> None:
    facility = api.a_facility(currency="USD")
    acme = api.post(
        "/suppliers", legal_name="Acme Medical", lead_time_days=7, registered_on="2026-01-01"
    ).id
    manager = api.as_(Role.FACILITY_MANAGER, facility)
    gloves = manager.post(
        f"/facilities/{facility}/stock-items",
        item_system="GTIN",
        item_code="09506000134352",
        description="Gloves",
        listed_on="2026-01-01",
        lot_tracked=True,
    ).id
    need = {"program": "surgery", "period": "2026-02", "drafted_on": TODAY, "supplier_id": acme}
    requisition = manager.post(f"/facilities/{facility}/requisitions", need).responds(201).id
    manager.post(f"/facilities/{facility}/requisitions", need).problem(
        409, "requisition.already_open"
    )
    its = f"/requisitions/{requisition}"
    manager.post(f"{its}/items", stock_item_id=gloves, quantity=500, requested_on=TODAY)
    manager.post(f"{its}/submission", submitted_on=TODAY)
    manager.post(f"{its}/authorization", authorized_on=TODAY)
    manager.post(f"{its}/approval-request", put_on=TODAY)
    manager.post(
        f"{its}/items/{gloves}/approval", quantity=400, approved_on=TODAY, reason="enough"
    ).responds(201)
    manager.post(f"{its}/approval", approved_on=TODAY).responds(201)
    manager.post(f"{its}/release", order_number="PO-1", released_on=TODAY).responds(201)
    (order,) = manager.get(f"/facilities/{facility}/purchase-orders").items
    assert (order["status"], order["ordered"]) == ("drafted", 400)

    its = f"/purchase-orders/{order['purchase_order_id']}"
    manager.post(f"{its}/approval", approved_on=TODAY).responds(201)
    manager.post(f"{its}/placement", placed_on=TODAY).responds(201)
    manager.get(its).shows(status="placed", expected_on="2026-02-09")
    delivery = {"stock_item_id": gloves, "quantity": 250, "received_on": "2026-02-08"}
    manager.post(f"{its}/receipts", delivery).problem(409, "stock_item.lot_required")
    manager.get(its).shows(status="placed", received=0)
    manager.post(f"{its}/receipts", {**delivery, "lot": "A"}).responds(201)
    manager.get(its).shows(status="partially_received", received=250)
    manager.get(f"/stock-items/{gloves}").shows(on_hand=250)
    manager.post(f"{its}/closure", closed_on="2026-02-20", reason="discontinued").responds(201)
    (figures,) = api.get("/system/supplier-performance").items
    assert (figures["units_ordered"], figures["units_unfilled"]) == (400, 150)


def test_a_supplier_is_for_the_whole_system_to_decide_on(api: Api) -> None:
    manager = api.as_(Role.FACILITY_MANAGER, api.a_facility())
    manager.post(
        "/suppliers", legal_name="Acme", lead_time_days=7, registered_on="2026-01-01"
    ).problem(403, "role.not_permitted")
