"""A recall as its desk lives it: issued once, set apart everywhere, accounted for."""

from __future__ import annotations

from datetime import UTC, date, datetime

from domain.supply.events.recall import RecallIssued
from facilities.recalls_in_force import RecallsInForce
from facilities.scope import Role
from tests.web.grammar import Api

TODAY = str(datetime.now(UTC).date())
GLOVES = {"item_system": "GTIN", "item_code": "09506000134352"}


def with_gloves(api: Api, name: str, lot: str, quantity: int) -> tuple[str, str]:
    facility = api.a_facility(legal_name=name)
    item = api.post(
        f"/facilities/{facility}/stock-items",
        GLOVES | {"description": "Gloves", "listed_on": "2026-01-01", "lot_tracked": True},
    ).id
    received(api, item, lot, quantity)
    return facility, item


def received(api: Api, item: str, lot: str, quantity: int) -> None:
    delivery = {"lot": lot, "quantity": quantity, "received_on": "2026-01-02"}
    api.post(f"/stock-items/{item}/receipts", delivery).responds(201)


def until_reacted(api: Api) -> None:
    """The processes have seen everything, and what came of it."""
    dispatcher, seen = api.almoner.dispatcher(), -1
    while seen != api.almoner.ledger.head():
        seen = api.almoner.ledger.head()
        dispatcher.run_until(seen)
    dispatcher.close()
    api.reached[0] = seen


def test_one_command_sets_a_lot_apart_everywhere_and_every_unit_is_accounted_for(api: Api) -> None:
    one, here = with_gloves(api, "One", "A", 10)
    _two, there = with_gloves(api, "Two", "A", 20)
    with_gloves(api, "Three", "B", 5)
    recall = (
        api.post(
            "/recalls",
            GLOVES
            | {
                "number": "Z-1",
                "recall_class": "class_i",
                "reason": "holes",
                "lots": ["A"],
                "issued_on": TODAY,
            },
        )
        .responds(201)
        .id
    )
    until_reacted(api)
    (progress,) = api.get("/system/recall-progress").items
    assert (progress["facilities"], progress["held"]) == (2, 30)
    for item, quantity in ((here, 10), (there, 20)):
        shown = api.get(f"/stock-items/{item}").json
        assert (shown["on_hand"], shown["available"]) == (quantity, 0)

    manager = api.as_(Role.FACILITY_MANAGER, one)
    (line,) = manager.get(f"/recalls/{recall}/responses").items
    its = f"/recall-responses/{line['recall_response_id']}"
    manager.post(f"{its}/acknowledgement", on_the_shelves=9, acknowledged_on=TODAY).responds(201)
    used = {"disposition": "used", "finding": "given, not entered", "accounted_on": TODAY}
    manager.post(f"{its}/accounting", used | {"quantity": 1}).responds(201)
    manager.get(its).shows(status="completed", unaccounted=0)

    received(api, here, "A", 3)
    until_reacted(api)
    manager.get(its).shows(status="notified", held=13, unaccounted=3)
    assert api.get(f"/stock-items/{here}").json["available"] == 0

    release = {"lot": "A", "quantity": 2, "released_on": TODAY}
    released = f"/stock-items/{here}/quarantine-releases"
    manager.post(released, release).problem(409, "stock_item.recalled")
    api.post(f"/recalls/{recall}/termination", terminated_on=TODAY).responds(201)
    manager.post(released, release).responds(201)


def test_which_recalls_are_in_force_is_read_out_of_the_ledger_once(api: Api) -> None:
    issuing = GLOVES | {"recall_class": "class_ii", "reason": "holes", "issued_on": "2026-01-05"}
    first = api.post("/recalls", issuing | {"number": "Z-1"}).responds(201)
    second = api.post("/recalls", issuing | {"number": "Z-2"}).responds(201)
    ended = api.post(f"/recalls/{first.id}/termination", terminated_on="2026-02-01").responds(201)
    in_force = RecallsInForce(lambda: api.almoner.ledger)

    def numbers(at: int, code: str = GLOVES["item_code"]) -> list[str]:
        found: list[RecallIssued] = in_force.of("GTIN", code, at)
        return [each.number for each in found]

    assert numbers(ended.json["position"]) == ["Z-2"]
    assert numbers(second.json["position"]) == ["Z-1", "Z-2"]
    assert numbers(first.json["position"]) == ["Z-1"]
    assert numbers(ended.json["position"], "another") == []


def test_only_the_whole_system_recalls(api: Api) -> None:
    manager = api.as_(Role.FACILITY_MANAGER, api.a_facility())
    manager.post(
        "/recalls",
        GLOVES
        | {
            "number": "Z-1",
            "recall_class": "class_i",
            "reason": "holes",
            "issued_on": str(date(2026, 1, 5)),
        },
    ).problem(403, "role.not_permitted")
