"""Who may see and do what: tokens, roles, scopes, and a walk through every route."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from facilities.scope import Role
from tests.web.grammar import PREFIX, Api
from web.auth import Tokens


def test_without_a_token_nothing_is_answered(api: Api) -> None:
    answer = api.without_token().get("/facilities")
    answer.problem(401, "token.missing")
    assert answer.response.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_stranger_is_not_told_what_is_wrong_with_the_request(api: Api) -> None:
    stranger = api.without_token()
    stranger.send("POST", "/facilities", data=b"{").problem(401, "token.missing")
    stranger.send("GET", "/facilities?colour=blue").problem(401, "token.missing")
    stranger.send("GET", "/facilities?as_of=2999-01-01T00:00:00Z").problem(401, "token.missing")


@pytest.mark.parametrize("token", ["alm_wrong", "x", "ünïcode".encode().decode("latin-1")])
def test_an_unknown_token_is_answered_with_401(api: Api, token: str) -> None:
    api.token = token
    api.get("/facilities").problem(401, "token.unknown")


def test_a_revoked_token_is_good_for_nothing(api: Api) -> None:
    tokens: Tokens = api.almoner.tokens
    token_id, api.token = tokens.create("desk", Role.SYSTEM_ADMINISTRATOR)
    api.get("/facilities").responds(200)
    assert tokens.revoke(token_id)
    api.get("/facilities").problem(401, "token.unknown")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/facilities"),
        ("GET", "/facilities?limit=nonsense"),
        ("GET", "/facilities?cursor=nonsense"),
        ("GET", "/facilities?as_of=999999"),
        ("GET", "/facilities/7b8f6f2e-9f0a-4c1e-8d65-2c9d3d6c3f10/claims"),
        ("GET", "/system/scorecard"),
        ("GET", "/system/events"),
        ("POST", "/facilities"),
    ],
)
def test_whatever_is_asked_with_a_token_that_another_process_revoked_is_refused_at_once(
    api: Api, method: str, path: str
) -> None:
    token_id, api.token = api.almoner.tokens.create("desk", Role.SYSTEM_ADMINISTRATOR)
    api.get("/facilities").responds(200)
    head = api.almoner.ledger.head()
    elsewhere = Tokens(api.almoner.tokens._pool)
    assert elsewhere.revoke(token_id)
    for _ in range(2):
        body = {"json": {"legal_name": "x"}} if method == "POST" else {}
        api.send(method, path, **body).problem(401, "token.unknown")
    assert api.almoner.ledger.head() == head


def test_a_command_that_would_be_taken_is_not_where_the_token_was_revoked_elsewhere(
    api: Api,
) -> None:
    facility = api.a_facility()
    token_id, api.token = api.almoner.tokens.create("desk", Role.FACILITY_MANAGER, [UUID(facility)])
    api.a_claim(facility)
    head = api.almoner.ledger.head()
    assert Tokens(api.almoner.tokens._pool).revoke(token_id)
    claim = {"patient_id": "7b8f6f2e-9f0a-4c1e-8d65-2c9d3d6c3f10", "service_on": "2026-01-05"}
    api.post(f"/facilities/{facility}/claims", claim).problem(401, "token.unknown")
    assert api.almoner.ledger.head() == head


def test_a_token_whose_facilities_were_changed_is_good_for_those_at_once(api: Api) -> None:
    one, other = api.a_facility(legal_name="One"), api.a_facility(legal_name="Other")
    manager = api.as_(Role.FACILITY_MANAGER, one)
    assert [each["legal_name"] for each in manager.get("/facilities").items] == ["One"]
    with api.almoner.tokens._pool.connection() as connection:
        connection.execute(
            "UPDATE access.tokens SET facility_ids = %s::uuid[] WHERE facility_ids IS NOT NULL",
            [[other]],
        )
    assert [each["legal_name"] for each in manager.get("/facilities").items] == ["Other"]
    manager.get(f"/facilities/{one}/claims").problem(404, "facility.unknown")


def test_an_expired_token_is_good_for_nothing(api: Api) -> None:
    yesterday = datetime.now(UTC) - timedelta(days=1)
    _, api.token = api.almoner.tokens.create("desk", Role.AUDITOR, None, yesterday)
    api.get("/facilities").problem(401, "token.unknown")


def test_the_database_does_not_hold_the_token(api: Api) -> None:
    with api.almoner.tokens._pool.connection() as connection:
        rows = connection.execute("SELECT t::text FROM access.tokens t").fetchall()
    assert api.token is not None
    assert not any(api.token in row or api.token[4:] in row for (row,) in rows)


def test_an_auditor_reads_and_changes_nothing(api: Api) -> None:
    facility = api.a_facility()
    auditor = api.as_(Role.AUDITOR)
    auditor.get(f"/facilities/{facility}").responds(200)
    closing = {"closed_on": "2026-01-01", "reason": "x"}
    auditor.post(f"/facilities/{facility}/closure", closing).problem(403, "role.not_permitted")


def test_a_facility_manager_sees_and_works_one_facility(api: Api) -> None:
    own, other = api.a_facility(legal_name="Own"), api.a_facility(legal_name="Other")
    claim = api.a_claim(other)
    manager = api.as_(Role.FACILITY_MANAGER, own)
    assert [each["legal_name"] for each in manager.get("/facilities").items] == ["Own"]
    manager.a_charge(manager.a_claim(own))
    rename = {"legal_name": "Mine", "renamed_on": "2026-01-02"}
    manager.post(f"/facilities/{other}/name", rename).problem(404, "facility.unknown")
    manager.post(f"/claims/{claim}/closure", closed_on="2026-02-01").problem(404, "claim.unknown")
    manager.post(
        f"/facilities/{other}/claims",
        patient_id="7b8f6f2e-9f0a-4c1e-8d65-2c9d3d6c3f10",
        service_on="2026-01-05",
    ).problem(404, "facility.unknown")


def test_what_is_elsewhere_answers_as_if_it_did_not_exist(api: Api) -> None:
    own, other = api.a_facility(legal_name="Own"), api.a_facility(legal_name="Other")
    claim = api.a_claim(other)
    manager = api.as_(Role.FACILITY_MANAGER, own)
    nowhere = "7b8f6f2e-9f0a-4c1e-8d65-2c9d3d6c3f10"
    for path in ("/claims/{}", "/facilities/{}", "/streams/{}/events"):
        its_id = other if path.startswith("/facilities") else claim
        theirs = manager.get(path.format(its_id)).responds(404)
        assert theirs.json == manager.get(path.format(nowhere)).responds(404).json


@pytest.mark.parametrize(
    ("role", "reads", "does_not_read"),
    [
        (Role.BILLER, "claims", "stock-items"),
        (Role.STOREKEEPER, "stock-items", "claims"),
        (Role.SCHEDULER, "staff", "claims"),
        (Role.DEPARTMENT_MANAGER, "stock-items", "claims"),
    ],
)
def test_a_desk_looks_at_what_it_works_on(
    api: Api, role: Role, reads: str, does_not_read: str
) -> None:
    facility = api.a_facility()
    desk = api.as_(role, facility)
    desk.get(f"/facilities/{facility}/{reads}").responds(200)
    for path in (does_not_read, "events"):
        desk.get(f"/facilities/{facility}/{path}").problem(403, "role.not_permitted")
    desk.get("/audit/timeline").problem(403, "role.not_permitted")
    desk.get("/system/events").problem(403, "role.not_permitted")


def test_a_desk_does_its_own_work(api: Api) -> None:
    facility = api.a_facility()
    biller, storekeeper = (
        api.as_(Role.BILLER, facility),
        api.as_(Role.STOREKEEPER, facility),
    )
    claim = biller.a_claim(facility)
    biller.get(f"/streams/{claim}/events").responds(200)
    storekeeper.get(f"/streams/{claim}/events").problem(404, "stream.unknown")
    storekeeper.post(f"/claims/{claim}/closure", closed_on="2026-02-01").problem(
        403, "role.not_permitted"
    )


def test_no_route_shows_another_facility(api: Api) -> None:
    """Walks every GET route of the application with the token of another facility."""
    own, other = api.a_facility(legal_name="Own"), api.a_facility(legal_name="Secret Harbor")
    claim = api.a_claim(other)
    api.a_charge(claim, "4321.09")
    item = (
        api.post(
            f"/facilities/{other}/stock-items",
            item_system="GTIN",
            item_code="09506000134352",
            description="Secret Gloves",
            listed_on="2026-01-01",
        )
        .responds(201)
        .id
    )
    api.post(f"/stock-items/{item}/receipts", quantity=4321, received_on="2026-01-02").responds(201)
    ids = {"facility_id": other, "claim_id": claim, "stock_item_id": item, "stream_id": claim}
    manager = api.as_(Role.FACILITY_MANAGER, own)
    secrets = ("Secret", "4321", claim, item, other)
    walked = 0
    for rule in manager.app.url_map.iter_rules():
        if not rule.rule.startswith(PREFIX) or "GET" not in (rule.methods or ()):
            continue
        if rule.rule.startswith((f"{PREFIX}/docs", f"{PREFIX}/openapi.json")):
            continue
        path = re.sub(r"<uuid:(\w+)>", lambda found: ids.get(found[1], claim), rule.rule)
        answer = manager.get(path.removeprefix(PREFIX)).response
        text = answer.get_data(as_text=True)
        # 409 and 422: what was asked is incomplete, and nothing was looked up.
        shown = answer.status_code not in (404, 409, 422)
        assert not shown or '"items":[]' in text or "Own" in text, path
        assert not [each for each in secrets if each in text], path
        walked += 1
    assert walked > 30


def test_no_route_changes_another_facility(api: Api) -> None:
    """Walks every command with the token of another facility: nothing is recorded."""
    own, other = api.a_facility(legal_name="Own"), api.a_facility(legal_name="Other")
    ids = {"facility_id": other, "claim_id": api.a_claim(other)}
    manager = api.as_(Role.FACILITY_MANAGER, own)
    head = api.almoner.ledger.head()
    walked = 0
    for rule in manager.app.url_map.iter_rules():
        if "POST" in (rule.methods or ()) and rule.rule.startswith(PREFIX):
            path = re.sub(
                r"<uuid:(\w+)>", lambda found: ids.get(found[1], ids["claim_id"]), rule.rule
            )
            status = manager.post(path.removeprefix(PREFIX), {}).response.status_code
            assert status in (404, 403, 422), path
            walked += 1
    assert walked > 25
    assert api.almoner.ledger.head() == head
