"""Stock over the API: what is entered late, what it would change, and what was on hand when."""

from __future__ import annotations

from tests.web.grammar import Api

PATIENT = "7b8f6f2e-9f0a-4c1e-8d65-2c9d3d6c3f10"


def an_item(api: Api, facility: str, **known: object) -> str:
    item = {
        "item_system": "GTIN",
        "item_code": "09506000134352",
        "description": "Gloves",
        "listed_on": "2026-01-01",
        **known,
    }
    return api.post(f"/facilities/{facility}/stock-items", item).responds(201).id


def an_issue(quantity: int, on: str) -> dict[str, object]:
    return {
        "quantity": quantity,
        "issued_to": "patient",
        "patient_id": PATIENT,
        "issued_on": on,
    }


def test_a_preview_tells_what_a_late_entry_would_change_and_records_nothing(api: Api) -> None:
    item = an_item(api, api.a_facility())
    at = f"/stock-items/{item}"
    api.post(f"{at}/receipts", quantity=10, received_on="2026-01-02").responds(201)
    api.post(f"{at}/issues", an_issue(7, "2026-01-20")).responds(201)
    head = api.almoner.ledger.head()
    answer = api.post(f"{at}/issues/preview", an_issue(5, "2026-01-10")).responds(200).json
    assert answer["negative_on"] == "2026-01-20"
    assert answer["refusal"]["code"] == "stock_item.insufficient"
    assert answer["days"] == [
        {"on": "2026-01-10", "on_hand_before": 10, "on_hand_after": 5},
        {"on": "2026-01-20", "on_hand_before": 3, "on_hand_after": -2},
    ]
    good = api.post(f"{at}/issues/preview", an_issue(3, "2026-01-10")).responds(200).json
    assert (good["facts"], good["refusal"], good["negative_on"]) == (
        ["stock_item.issued"],
        None,
        None,
    )
    api.post(f"{at}/counts/preview", counted=4, counted_on="2026-01-21").responds(200)
    api.post(f"{at}/receipts/preview", {"quantity": 1}).problem(422, "input.invalid")
    nowhere = f"/stock-items/{PATIENT}/issues/preview"
    api.post(nowhere, an_issue(3, "2026-01-10")).problem(404, "stock_item.unknown")
    assert api.almoner.ledger.head() == head


def test_stock_on_hand_is_told_for_any_day_by_both_clocks(api: Api) -> None:
    facility = api.a_facility()
    item = an_item(api, facility)
    at = f"/stock-items/{item}"
    api.post(f"{at}/receipts", quantity=10, received_on="2026-01-02").responds(201)
    known = api.post(f"{at}/counts", counted=8, counted_on="2026-01-20").responds(201)
    api.post(f"{at}/issues", an_issue(2, "2026-01-10")).responds(201)

    def on_hand(day: str, **moment: object) -> int:
        page = api.get(f"/facilities/{facility}/effective-stock", effective_on=day, **moment)
        (found,) = page.items
        return int(found["on_hand"])

    assert [on_hand(f"2026-01-{day}") for day in ("02", "10", "20")] == [10, 8, 8]
    before = known.json["position"]
    assert [on_hand(f"2026-01-{day}", as_of=before) for day in ("10", "20")] == [10, 8]
    (everywhere,) = api.get("/system/effective-stock").items
    assert (everywhere["on_hand"], everywhere["movements"]) == (8, 4)


def test_a_lot_is_found_wherever_it_is(api: Api) -> None:
    for name in ("Harbor", "Ridge"):
        item = an_item(api, api.a_facility(legal_name=name), lot_tracked=True)
        api.post(
            f"/stock-items/{item}/receipts",
            quantity=10,
            received_on="2026-01-02",
            lot="A1",
            expires_on="2026-06-01",
        ).responds(201)
    found = api.get("/system/stock-lots", item_code="09506000134352", lot="A1").items
    assert [each["on_hand"] for each in found] == [10, 10]
    assert api.get("/system/stock-lots", expires_on_to="2026-05-31").items == []
