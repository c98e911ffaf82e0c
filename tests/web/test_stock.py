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


def test_figures_of_use_are_told_with_what_they_are_divided_by(api: Api) -> None:
    facility = api.a_facility()
    at = f"/stock-items/{an_item(api, facility, lot_tracked=True)}"
    lot = {"lot": "A1", "expires_on": "2026-06-01"}
    receipt = {"quantity": 10, "received_on": "2026-01-02", "unit_cost": "2.50", **lot}
    api.post(f"{at}/receipts", receipt).responds(201)
    api.post(f"{at}/bin", bin="B-12", lot="A1", put_away_on="2026-01-02").responds(201)
    position = api.post(f"{at}/issues", an_issue(4, "2026-01-10")).responds(201).json["position"]
    (known,) = api.get(f"/facilities/{facility}/stock-lots", bin="B-12", after=position).items
    assert known["on_hand"] == 6
    period = {"month_from": "2026-01", "month_to": "2026-01"}
    for where in (f"/facilities/{facility}", "/system"):
        answer = api.get(f"{where}/stock-figures", **period)
        (figures,) = answer.items
        (value,) = figures["by_value"]
        assert (value["currency"], value["issued"], value["on_hand"]) == (
            "USD",
            "10.0000",
            "15.0000",
        )
        # Of 10.00 in 31 days so much goes in a year; on hand were 0.00 and 15.00.
        turns = {"numerator": "117.7419", "denominator": "7.5000", "value": "15.6989"}
        assert value["turns"] == turns
        assert answer.json["by_value"] == [value]
        assert figures["days_on_hand"] == {
            "numerator": "3.0000",
            "denominator": "0.1290",
            "value": "23.2500",
        }
        (ends,) = api.get(f"{where}/stock-expiring", on="2026-04-20").items
        assert [ends[f"within_{days}"] for days in (30, 60, 90)] == [0, 6, 6]
        item = {"item_system": "GTIN", "item_code": "09506000134352"}
        (told,) = api.get(f"{where}/demand-forecast", months=2, **item).items
        assert (told["method"], len(told["demand"])) == ("seasonal_naive", 2)
    api.get("/system/stock-figures", **period, as_of=position - 1).shows(position=position - 1)
    backwards = {"month_from": "2026-02", "month_to": "2026-01"}
    api.get("/system/stock-figures", **backwards).problem(409, "stock_figures.period")


def test_a_year_is_closed_and_what_comes_late_is_told_beside_it(api: Api) -> None:
    facility = api.a_facility(opened_on="2025-01-01")
    at = f"/stock-items/{an_item(api, facility, listed_on='2025-01-01')}"
    api.post(f"{at}/receipts", quantity=10, received_on="2025-03-02").responds(201)
    api.post(f"{at}/year-closings", year=2025, closed_on="2026-01-31").responds(201)
    late = api.post(f"{at}/issues", an_issue(4, "2025-12-30")).responds(201).json["position"]
    (told,) = api.get(f"/facilities/{facility}/stock-closings", after=late).items
    assert (told["balance"], told["late_entries"], told["late_change"]) == (10, 1, -4)
    count = {"counted": 6, "counted_on": "2025-12-31"}
    api.post(f"{at}/counts", count).problem(409, "stock_item.year_closed")


# --- catalog and barcodes ------------------------------------------------------------------------

A_LABEL = "(01)09506000134352(17)260600(10)50A"


def test_an_item_is_known_to_all_under_each_of_its_codes(api: Api) -> None:
    item = api.post(
        "/catalog-items",
        item_system="NDC",
        item_code="0409-1893-01",
        description="Morphine 10 mg/mL",
        listed_on="2026-01-01",
        packs=[{"unit": "box", "quantity": 25, "gtin": "9506000134352"}],
        controlled_schedule="CII",
    ).responds(201)
    at = f"/catalog-items/{item.id}"
    code = {"system": "GTIN", "code": "36000291452", "identified_on": "2026-01-02"}
    api.post(f"{at}/codes", code).problem(409, "catalog_item.gtin")
    api.post(f"{at}/codes", code | {"code": "036000291452"}).responds(201)
    api.get(at).shows(item_code="00409-1893-01", controlled_schedule="CII", status="listed")
    found = {each["code"]: each["quantity"] for each in api.get("/item-codes").items}
    assert found == {"00409-1893-01": 1, "09506000134352": 25, "00036000291452": 1}
    again = {"item_system": "NDC", "item_code": "00409189301", "listed_on": "2026-01-02"}
    api.post("/catalog-items", again | {"description": "x"}).problem(409, "catalog_item.code_taken")


def test_a_controlled_substance_stands_still_until_its_register_is_opened(api: Api) -> None:
    facility = api.a_facility()
    ndc = {"item_system": "NDC", "description": "Morphine", "listed_on": "2026-01-01"}
    morphine = {**ndc, "item_code": "0409-1893-01"}
    early = api.post(f"/facilities/{facility}/stock-items", morphine).id
    listed = api.post("/catalog-items", morphine | {"controlled_schedule": "CII"})
    listed.responds(201)
    another = api.a_facility(legal_name="Hilltop")
    late = api.post(f"/facilities/{another}/stock-items", {**morphine, "item_code": "00409189301"})
    receipt = {"quantity": 5, "received_on": "2026-01-02"}
    at = f"/stock-items/{late.id}"
    api.post(f"{at}/receipts", receipt).problem(409, "stock_item.register_required")
    # Who kept it before is told by a process.
    dispatcher = api.almoner.dispatcher()
    dispatcher.run_until(api.almoner.ledger.head())
    dispatcher.close()
    api.post(f"/stock-items/{early}/receipts", receipt).problem(409, "stock_item.register_required")
    waiting = api.get("/system/stock-without-register", after=api.almoner.ledger.head()).items
    assert {each["stock_item_id"]: each["schedule"] for each in waiting} == {
        early: "CII",
        late.id: "CII",
    }
    opened = {"stock_item_id": late.id, "schedule": "ii", "opened_on": "2026-01-02"}
    api.post(f"/facilities/{another}/controlled-registers", opened).responds(201)
    position = api.post(f"{at}/receipts", receipt).json["position"]
    (left,) = api.get("/system/stock-without-register", after=position).items
    assert left["stock_item_id"] == early


def test_a_barcode_stands_for_what_it_says(api: Api) -> None:
    facility = api.a_facility()
    gloves = {"barcode": "9506000134352", "description": "Gloves", "listed_on": "2026-01-01"}
    item = api.post(f"/facilities/{facility}/stock-items", gloves | {"lot_tracked": True}).id
    at = f"/stock-items/{item}"
    receipt = {"barcode": A_LABEL, "quantity": 10, "received_on": "2026-01-02"}
    api.post(f"{at}/receipts", receipt).responds(201)
    (lot,) = api.get(f"{at}/lots").items
    assert (lot["lot"], lot["expires_on"], lot["on_hand"]) == ("50A", "2026-06-30", 10)
    assert lot["item_code"] == "09506000134352"
    api.post(f"{at}/issues", an_issue(1, "2026-01-03") | {"barcode": A_LABEL}).responds(201)


def test_a_label_of_hibcc_stands_for_what_it_says_too(api: Api) -> None:
    """ANSI/HIBC 2.6, the example of 4.3.3, and its secondary data alone."""
    facility, both = api.a_facility(), "+A99912345/$$52001510X33"
    screw = {"barcode": both, "description": "Bone screw", "listed_on": "2026-01-01"}
    item = api.post(f"/facilities/{facility}/stock-items", screw | {"lot_tracked": True}).id
    at = f"/stock-items/{item}"
    receipt = {"quantity": 10, "received_on": "2026-01-02"}
    api.post(f"{at}/receipts", receipt | {"barcode": both}).responds(201)
    (lot,) = api.get(f"{at}/lots", barcode=both).items
    assert (lot["item_system"], lot["item_code"]) == ("UDI-DI", "A99912345")
    assert (lot["lot"], lot["expires_on"], lot["on_hand"]) == ("10X3", "2020-01-15", 10)
    found = api.get(f"/facilities/{facility}/stock-lots", barcode="+$$52001510X374").items
    assert [each["lot"] for each in found] == ["10X3"]
    another = receipt | {"barcode": "+A123BJC5D6E71G", "lot": "A"}
    api.post(f"{at}/receipts", another).problem(409, "stock_item.another_item")
    wrong = api.post(f"{at}/receipts", receipt | {"barcode": f"{both[:-1]}4"})
    told = wrong.problem(409, "barcode.unreadable")["details"]["rule"]
    assert told == "Invalid HIBC check character: Expected '3', got '4'"


def test_whoever_looks_for_an_item_or_a_lot_may_scan_it(api: Api) -> None:
    facility = api.a_facility()
    listing = {"item_system": "GTIN", "item_code": "09506000134352", "listed_on": "2026-01-01"}
    api.post("/catalog-items", listing | {"description": "Gloves"}).responds(201)
    (code,) = api.get("/item-codes", barcode=A_LABEL).items
    assert code["code"] == "09506000134352"
    at = f"/stock-items/{an_item(api, facility, lot_tracked=True)}"
    receipt = {"barcode": A_LABEL, "quantity": 10, "received_on": "2026-01-02"}
    api.post(f"{at}/receipts", receipt).responds(201)
    here, another = f"/facilities/{facility}", "(01)00036000291452(10)50A"
    for found in ("stock-lots", "stock-movements", "stock-on-hand", "stock-items", "stock-use"):
        assert len(api.get(f"{here}/{found}", barcode=A_LABEL).items) == 1
        assert api.get(f"{here}/{found}", barcode=another).items == []
    assert api.get(f"{here}/stock-expiring", on="2026-06-01", barcode=A_LABEL).items
    assert api.get(f"{here}/stock-expiring", on="2026-06-01", barcode=another).items == []
    api.get(f"{here}/demand-forecast", barcode=A_LABEL).responds(200)
    api.get("/system/stock-lots", barcode="9506000134353").problem(409, "barcode.unreadable")
    api.get(f"{here}/stock-expiring", barcode="(10)50A").problem(409, "barcode.no_item")
    assert api.get(f"{here}/stock-lots", barcode="(10)50A").items
    otherwise = api.get("/system/stock-lots", barcode=A_LABEL, lot="51")
    otherwise.problem(409, "barcode.says_otherwise")


def test_a_barcode_that_says_something_else_is_told(api: Api) -> None:
    item = an_item(api, api.a_facility(), lot_tracked=True)
    at = f"/stock-items/{item}/receipts"
    receipt = {"quantity": 10, "received_on": "2026-01-02"}

    wrong = api.post(at, receipt | {"barcode": "9506000134353"}).problem(409, "barcode.unreadable")
    rule = "Invalid GTIN check digit for '9506000134353': Expected 2, got 3"
    assert wrong["details"] == {"field": "barcode", "value": "9506000134353", "rule": rule}
    answer = api.post(at, receipt | {"barcode": A_LABEL, "lot": "51"})
    otherwise = answer.problem(409, "barcode.says_otherwise")
    assert otherwise["detail"] == "The barcode says 50A."
    assert otherwise["details"]["field"] == "lot"
    untold = api.post(at, receipt | {"barcode": 7}).problem(422, "input.invalid")
    assert untold["errors"] == {"barcode": ["Must be a text."]}
    other = receipt | {"barcode": "(01)00036000291452(10)50A"}
    api.post(at, other).problem(409, "stock_item.another_item")


def test_what_has_no_receipt_is_used_and_stays_on_a_list_until_it_has_one(api: Api) -> None:
    facility = api.a_facility()
    at = f"/stock-items/{an_item(api, facility)}"
    api.post(f"{at}/issues", an_issue(3, "2026-01-03")).problem(409, "stock_item.insufficient")
    claim = {"quantity": 5, "said_by": "Nurse", "why": "No note", "opened_on": "2026-01-03"}
    api.post(f"{at}/unrecorded-receipts", claim).responds(201)
    api.post(f"{at}/issues", an_issue(3, "2026-01-03")).responds(201)
    (owed,) = api.get(f"/facilities/{facility}/unrecorded-receipts").items
    assert (owed["on_hand"], owed["said_by"]) == (-3, "Nurse")
    withdrawal = {"closed_on": "2026-01-04"}
    api.post(f"{at}/unrecorded-receipts/withdrawal", withdrawal).problem(
        409, "stock_item.still_negative"
    )
    api.post(f"{at}/receipts", quantity=5, received_on="2026-01-03").responds(201)
    assert api.get("/system/unrecorded-receipts").items == []
