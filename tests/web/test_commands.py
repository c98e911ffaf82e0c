"""Commands over HTTP: what is answered, how a version is expected, how a request is repeated."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from facilities.scope import Role
from tests.web.grammar import Api


def test_a_command_answers_with_its_stream_its_version_and_the_position_to_wait_for(
    api: Api,
) -> None:
    answer = api.post(
        "/facilities",
        legal_name="Harbor Clinic",
        kind="clinic",
        zone="America/New_York",
        opened_on="2020-01-01",
    ).responds(201)
    assert answer.json["facts"] == ["facility.opened"]
    assert answer.json["version"] == 1
    assert answer.response.headers["ETag"] == '"1"'
    assert answer.response.headers["Location"] == f"/api/v1/streams/{answer.id}/events"
    api.get(f"/facilities/{answer.id}").shows(legal_name="Harbor Clinic", status="open")


def test_what_is_so_already_is_answered_with_200_and_no_fact(api: Api) -> None:
    facility = api.a_facility()
    closing = {"suspended_on": "2026-01-02", "reason": "flood"}
    api.post(f"/facilities/{facility}/suspension", closing).responds(201)
    again = api.post(f"/facilities/{facility}/suspension", closing).responds(200)
    assert again.json["facts"] == []
    assert again.json["version"] == 2


def test_the_life_of_a_claim(api: Api) -> None:
    facility = api.a_facility()
    claim = api.a_claim(facility)
    api.a_charge(claim, "120.50")
    api.post(f"/claims/{claim}/submission", submitted_on="2026-01-06").responds(201)
    api.post(
        f"/claims/{claim}/adjustments",
        amount="20.50",
        group="CO",
        reason_code="45",
        adjusted_on="2026-01-20",
    ).responds(201)
    api.post(
        f"/claims/{claim}/transfers",
        amount="30.00",
        from_party="payer",
        to_party="patient",
        transferred_on="2026-01-20",
    ).responds(201)
    api.post(f"/claims/{claim}/closure", closed_on="2026-02-01").problem(409, "claim.balance_owed")
    for party, method, amount in (("payer", "electronic", "70.00"), ("patient", "card", "30.00")):
        api.post(
            f"/claims/{claim}/payments",
            amount=amount,
            paid_by=party,
            method=method,
            received_on="2026-02-01",
        ).responds(201)
    api.post(f"/claims/{claim}/closure", closed_on="2026-02-01").responds(201)
    api.get(f"/claims/{claim}").shows(
        status="closed",
        charges="120.50",
        adjustments="20.50",
        payments="100.00",
        balance="0.00",
        transfers_out="30.00",
        transfers_in="30.00",
    )
    entries = api.get(f"/claims/{claim}/entries").items
    assert [each["amount"] for each in entries] == [
        "120.50", "20.50", "30.00", "30.00", "70.00", "30.00",
    ]  # fmt: skip


def test_a_stale_version_is_answered_with_412_and_the_current_one(api: Api) -> None:
    facility = api.a_facility()
    rename = {"legal_name": "Harbor Hospital", "renamed_on": "2026-01-02"}
    stale = api.with_(If_Match='"7"').post(f"/facilities/{facility}/name", rename)
    assert stale.problem(412, "version.stale")["current_version"] == 1
    assert stale.response.headers["ETag"] == '"1"'
    api.with_(If_Match='"1"').post(f"/facilities/{facility}/name", rename).responds(201)


def test_the_etag_of_a_row_is_what_if_match_expects(api: Api) -> None:
    facility = api.a_facility()
    etag = api.get(f"/facilities/{facility}").response.headers["ETag"]
    rename = {"legal_name": "Harbor Hospital", "renamed_on": "2026-01-02"}
    api.with_(If_Match=etag).post(f"/facilities/{facility}/name", rename).responds(201)
    api.with_(If_Match=etag).post(f"/facilities/{facility}/name", rename).problem(
        412, "version.stale"
    )


def test_of_two_clients_that_expect_one_version_one_wins(api: Api) -> None:
    facility = api.a_facility()

    def rename(name: str) -> int:
        client = api.with_(If_Match='"1"')
        body = {"legal_name": name, "renamed_on": "2026-01-02"}
        return client.send("POST", f"/facilities/{facility}/name", json=body).response.status_code

    with ThreadPoolExecutor(8) as crowd:
        statuses = sorted(crowd.map(rename, [f"Name {each}" for each in range(8)]))
    assert statuses == [201] + [412] * 7


def test_the_same_key_twice_has_one_effect_and_one_answer(api: Api) -> None:
    client = api.with_(Idempotency_Key="open-harbor")
    body = {
        "legal_name": "Harbor Clinic",
        "kind": "clinic",
        "zone": "America/New_York",
        "opened_on": "2020-01-01",
    }
    first = client.post("/facilities", body).responds(201)
    again = client.post("/facilities", body).responds(201)
    assert again.json == first.json
    assert again.response.headers["Idempotency-Replayed"] == "true"
    assert len(api.get("/facilities").items) == 1


def test_the_same_key_sent_by_many_at_once_has_one_effect(api: Api) -> None:
    facility = api.a_facility()
    claim = api.a_claim(facility)
    client = api.with_(Idempotency_Key="charge-once")
    body = {
        "procedure": {"system": "CPT", "value": "99213"},
        "unit_amount": "10.00",
        "service_on": "2026-01-05",
    }

    def send(_: int) -> tuple[int, bytes]:
        answer = client.send("POST", f"/claims/{claim}/charges", json=body).response
        return answer.status_code, answer.get_data()

    with ThreadPoolExecutor(8) as crowd:
        answers = set(crowd.map(send, range(8)))
    assert len(answers) == 1
    assert next(iter(answers))[0] == 201
    # Version 2 is the charge; had it been booked twice there would be a third.
    assert len(api.get(f"/streams/{claim}/events").items) == 2


def test_the_same_key_for_something_else_is_refused(api: Api) -> None:
    client = api.with_(Idempotency_Key="k")
    client.a_facility()
    client.send(
        "POST",
        "/facilities",
        json={
            "legal_name": "Another",
            "kind": "clinic",
            "zone": "America/New_York",
            "opened_on": "2020-01-01",
        },
    ).problem(409, "idempotency_key.reused")


def test_a_refusal_names_the_field_the_value_and_the_rule(api: Api) -> None:
    facility = api.a_facility()
    refusal = api.post(
        f"/facilities/{facility}/identifiers",
        kind="npi",
        value="1234567890",
        valid_from="2020-01-01",
    ).problem(409, "facility.identifier")
    assert refusal["details"]["value"] == "1234567890"
    assert "check digit" in refusal["details"]["rule"]


def test_an_npi_in_use_is_refused(api: Api) -> None:
    first, second = api.a_facility(), api.a_facility(legal_name="Hill Clinic")
    npi = {"kind": "npi", "value": "1588664007", "valid_from": "2020-01-01"}
    api.post(f"/facilities/{first}/identifiers", npi).responds(201)
    api.post(f"/facilities/{second}/identifiers", npi).problem(409, "facility.identifier_in_use")


def test_a_closed_facility_takes_no_new_claims(api: Api) -> None:
    facility = api.a_facility()
    api.post(f"/facilities/{facility}/closure", closed_on="2026-01-02", reason="sold").responds(201)
    api.post(
        f"/facilities/{facility}/claims",
        patient_id="7b8f6f2e-9f0a-4c1e-8d65-2c9d3d6c3f10",
        service_on="2026-01-05",
    ).problem(409, "facility.not_open")


def test_the_reason_is_written_down_with_the_event(api: Api) -> None:
    facility = api.with_(Almoner_Reason="Board decision 12").a_facility()
    (event,) = api.get(f"/streams/{facility}/events").items
    assert (event["reason"], event["actor"], event["role"]) == (
        "Board decision 12",
        "administration",
        Role.SYSTEM_ADMINISTRATOR,
    )
    assert event["content"]["legal_name"] == "Harbor Clinic"


def test_stock_moves(api: Api) -> None:
    facility = api.a_facility()
    item = (
        api.post(
            f"/facilities/{facility}/stock-items",
            item_system="GTIN",
            item_code="09506000134352",
            description="Gloves",
            lot_tracked=True,
            listed_on="2026-01-01",
        )
        .responds(201)
        .id
    )
    for lot, expiry in (("B", "2027-01-01"), ("A", "2026-06-01")):
        api.post(
            f"/stock-items/{item}/receipts",
            quantity=10,
            lot=lot,
            expires_on=expiry,
            received_on="2026-01-02",
        ).responds(201)
    issue = {
        "quantity": 15,
        "issued_to": "patient",
        "patient_id": "7b8f6f2e-9f0a-4c1e-8d65-2c9d3d6c3f10",
        "issued_on": "2026-01-03",
    }
    api.post(f"/stock-items/{item}/issues", issue).responds(201)
    api.post(f"/stock-items/{item}/issues", issue).problem(409, "stock_item.insufficient")
    api.post(
        f"/stock-items/{item}/quarantine",
        lot="B",
        why="damaged",
        quantity=2,
        quarantined_on="2026-01-04",
    ).responds(201)
    api.post(
        f"/stock-items/{item}/reservations",
        reservation_id=facility,
        quantity=3,
        reserved_for="a surgery",
        reserved_on="2026-01-04",
    ).responds(201)
    again = api.post(f"/stock-items/{item}/issues", issue | {"quantity": 1})
    again.problem(409, "stock_item.insufficient")
    assert api.get(f"/stock-items/{item}").json["available"] == 0
    (promised,) = api.get("/system/stock-reservations").items
    (apart,) = api.get(f"/facilities/{facility}/stock-in-quarantine").items
    assert (promised["quantity"], apart["quantity"]) == (3, 2)
    on_hand = api.get(f"/facilities/{facility}/stock-on-hand").items
    assert {each["lot"]: each["on_hand"] for each in on_hand} == {"A": 0, "B": 5}
    assert api.get("/system/stock-on-hand").items == [
        {name: value for name, value in each.items() if name != "facility_id"} for each in on_hand
    ]
