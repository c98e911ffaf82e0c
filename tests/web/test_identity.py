"""Coming in: by password, by a token of a grant, and through an identity provider."""

from __future__ import annotations

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from facilities.access.issuer import Issuer, IssuerSettings
from facilities.access.passwords import FREE
from facilities.database import Role as DatabaseRole
from facilities.procedures import grants_expire
from facilities.scope import Role
from facilities.service import Service
from tests.facilities.access.test_issuer import AUDIENCE, Provider, provider, signed
from tests.web.grammar import Answer, Api
from web.bootstrap import Almoner
from web.due import Due

__all__ = ["provider"]

PASSWORD = "correct horse battery"
LATER = (datetime.now(UTC) + timedelta(days=30)).isoformat()


def an_account(api: Api, login: str = "ana") -> str:
    account = api.post("/accounts", login=login).responds(201).id
    api.send("POST", f"/system/accounts/{account}/password", json={"password": PASSWORD}).responds(
        200
    )
    return account


def a_grant(api: Api, account: str, role: Role, *facilities: str, **members: Any) -> str:
    body = {"account_id": account, "role": role, "facility_ids": facilities, **members}
    return api.post("/grants", body).responds(201).id


def an_audit(api: Api, account: str, *facilities: str) -> str:
    return a_grant(
        api, account, Role.AUDITOR, *facilities, expires_at=LATER, purpose="The yearly audit"
    )


def comes_in(api: Api, login: str = "ana", password: str = PASSWORD, **members: Any) -> Answer:
    body = {"login": login, "password": password, **members}
    return api.without_token().send("POST", "/sessions", json=body)


def as_(api: Api, entered: Answer) -> Api:
    """The API, by the token somebody was given."""
    answered = entered.responds(201).json
    made = api.without_token()
    made.token = answered["token"]
    return made


# --- by password ---------------------------------------------------------------------------------


def test_who_has_a_password_and_a_grant_comes_in_and_acts_under_it(api: Api) -> None:
    facility, elsewhere = api.a_facility(legal_name="Own"), api.a_facility(legal_name="Other")
    grant = a_grant(api, an_account(api), Role.BILLER, facility)
    entered = comes_in(api)
    assert entered.response.headers["Cache-Control"] == "no-store"
    ana = as_(api, entered)
    ana.send("GET", "/me").shows(
        actor="ana", role="biller", facility_ids=[facility], grant_id=grant, sees_personal=True
    )
    claim = ana.a_claim(facility)
    (event,) = ana.get(f"/streams/{claim}/events").items
    assert (event["actor"], event["role"]) == ("ana", "biller")
    ana.get(f"/facilities/{elsewhere}/claims").problem(404, "facility.unknown")
    assert [each["legal_name"] for each in ana.get("/facilities").items] == ["Own"]


def test_every_refusal_at_the_door_reads_the_same(api: Api) -> None:
    account = an_account(api)
    wrong = comes_in(api, password="incorrect horse battery").problem(401, "login.refused")
    assert comes_in(api, "nobody").problem(401, "login.refused") == wrong
    api.post(f"/accounts/{account}/closure", reason="left").responds(201)
    assert comes_in(api).problem(401, "login.refused") == wrong


@pytest.mark.parametrize("login", ["ana", "nobody"])
def test_too_many_attempts_lock_a_login_whether_there_is_one_or_not(api: Api, login: str) -> None:
    account = an_account(api)
    for _ in range(FREE - 1):
        comes_in(api, login, "incorrect horse battery").problem(401, "login.refused")
    locked = comes_in(api, login, "incorrect horse battery")
    locked.problem(429, "login.locked")
    assert int(locked.response.headers["Retry-After"]) > 20
    # The right password is not looked at either.
    comes_in(api, login).problem(429, "login.locked")
    events = api.get(f"/streams/{account}/events").items
    assert ("account.locked" in [each["fact"] for each in events]) == (login == "ana")


def test_many_attempts_at_once_learn_no_more_than_one_after_the_other(api: Api) -> None:
    a_grant(api, an_account(api), Role.BILLER)
    passwords = api.almoner.passwords
    turn = passwords._turn = Turn()  # type: ignore[assignment]
    with ThreadPoolExecutor(1) as others:
        last = others.submit(comes_in, api)
        assert turn.waited_for.wait(10)
        for _ in range(FREE):
            passwords.failed("ana")
        turn.come.set()
        last.result().problem(429, "login.locked")


class Turn:
    """A turn that somebody waits for until it has come."""

    def __init__(self) -> None:
        self.waited_for, self.come = threading.Event(), threading.Event()

    def acquire(self, timeout: float) -> bool:
        self.waited_for.set()
        return self.come.wait(timeout)

    def release(self) -> None:
        """It is over."""


def test_an_administrator_unlocks_an_account(api: Api) -> None:
    account = an_account(api)
    a_grant(api, account, Role.BILLER)
    for _ in range(FREE):
        comes_in(api, password="incorrect horse battery")
    comes_in(api).problem(429, "login.locked")
    api.post(f"/accounts/{account}/unlocking", reason="She called").responds(201)
    comes_in(api).responds(201)


def test_who_has_several_grants_names_one(api: Api) -> None:
    account, facility = an_account(api), api.a_facility()
    comes_in(api).problem(403, "grant.missing")
    billing = a_grant(api, account, Role.BILLER, facility)
    stock = a_grant(api, account, Role.STOREKEEPER, facility)
    problem = comes_in(api).problem(409, "grant.ambiguous")
    assert {each["grant_id"] for each in problem["details"]["grants"]} == {billing, stock}
    as_(api, comes_in(api, grant_id=stock)).send("GET", "/me").shows(role="storekeeper")
    others = a_grant(api, an_account(api, "ben"), Role.BILLER, facility)
    comes_in(api, grant_id=others).problem(403, "grant.missing")


def test_a_grant_that_is_revoked_lets_nobody_in_from_that_moment(api: Api) -> None:
    account, facility = an_account(api), api.a_facility()
    grant = a_grant(api, account, Role.FACILITY_MANAGER, facility)
    ana = as_(api, comes_in(api))
    for path in ("/facilities", f"/facilities/{facility}"):
        ana.get(path).responds(200)
    api.post(f"/grants/{grant}/revocation", reason="moved").responds(201)
    for path in ("/facilities", f"/facilities/{facility}", "/audit/timeline"):
        ana.send("GET", path).problem(401, "token.unknown")
    ana.post(f"/facilities/{facility}/name", {}).problem(401, "token.unknown")
    comes_in(api).problem(403, "grant.missing")


def test_a_closed_account_lets_nobody_in_from_that_moment(api: Api) -> None:
    account = an_account(api)
    a_grant(api, account, Role.BILLER)
    ana = as_(api, comes_in(api))
    ana.get("/facilities").responds(200)
    api.post(f"/accounts/{account}/closure", reason="left").responds(201)
    ana.send("GET", "/facilities").problem(401, "token.unknown")


def test_a_password_is_changed_by_who_knows_it_and_sessions_end(api: Api) -> None:
    a_grant(api, an_account(api), Role.BILLER)
    ana = as_(api, comes_in(api))
    change = {"current": "incorrect horse battery", "password": "another horse battery"}
    ana.send("POST", "/me/password", json=change).problem(409, "password.wrong")
    change["current"] = PASSWORD
    weak = {**change, "password": "short"}
    ana.send("POST", "/me/password", json=weak).problem(409, "password.length")
    ana.send("POST", "/me/password", json=change).responds(200)
    ana.send("GET", "/me").problem(401, "token.unknown")
    comes_in(api).problem(401, "login.refused")
    comes_in(api, password="another horse battery").responds(201)


def test_no_password_and_no_token_is_in_the_ledger_or_in_a_log(
    api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    a_grant(api, an_account(api), Role.BILLER)
    token = comes_in(api).responds(201).json["token"]
    comes_in(api, password="incorrect horse battery").problem(401, "login.refused")
    with api.almoner.database.connect(None) as login:
        rows = login.execute("SELECT convert_from(state, 'UTF8') FROM ledger.events").fetchall()
        kept = login.execute("SELECT t::text FROM access.tokens t").fetchall()
    everything = f"{rows} {kept} {caplog.text}"
    for secret in (PASSWORD, "incorrect horse", "argon2", token, token[4:]):
        assert secret not in everything


# --- tokens of a grant ---------------------------------------------------------------------------


def test_somebody_makes_tokens_for_programs_and_revokes_them(api: Api) -> None:
    facility, other = api.a_facility(legal_name="Own"), api.a_facility(legal_name="Other")
    a_grant(api, an_account(api), Role.BILLER, facility, other)
    ana = as_(api, comes_in(api))
    body = {"label": "nightly", "expires_at": LATER, "facility_ids": [facility]}
    made = ana.send("POST", "/me/tokens", json=body)
    program = as_(api, made)
    assert [each["legal_name"] for each in program.get("/facilities").items] == ["Own"]
    session, token = ana.send("GET", "/me/tokens").items
    assert (session["kind"], token["kind"], token["label"]) == ("session", "token", "nightly")
    assert token["last_used_at"] is not None
    assert "token" not in token
    ana.send("POST", f"/me/tokens/{token['token_id']}/revocation", json={}).responds(200)
    program.send("GET", "/facilities").problem(401, "token.unknown")


def test_a_token_is_good_for_no_more_than_who_made_it(api: Api) -> None:
    facility, other = api.a_facility(legal_name="Own"), api.a_facility(legal_name="Other")
    a_grant(api, an_account(api), Role.BILLER, facility)
    ana = as_(api, comes_in(api))
    wider = {"label": "x", "expires_at": LATER, "facility_ids": [other]}
    nowhere = {**wider, "facility_ids": [str(UUID(int=7))]}
    theirs = ana.send("POST", "/me/tokens", json=wider).problem(404, "facility.unknown")
    assert theirs == ana.send("POST", "/me/tokens", json=nowhere).problem(404, "facility.unknown")
    late = {"label": "x", "expires_at": "2199-01-01T00:00:00Z"}
    ana.send("POST", "/me/tokens", json=late).problem(409, "token.expires_at")


def test_nobody_revokes_anothers_token(api: Api) -> None:
    a_grant(api, an_account(api), Role.BILLER)
    a_grant(api, an_account(api, "ben"), Role.BILLER)
    ana, ben = as_(api, comes_in(api)), as_(api, comes_in(api, "ben"))
    (token,) = ben.send("GET", "/me/tokens").items
    path = f"{token['token_id']}/revocation"
    ana.send("POST", f"/me/tokens/{path}", json={}).problem(404, "token.unknown")
    ana.send("POST", f"/system/tokens/{path}", json={}).problem(403, "role.not_permitted")
    ana.send("GET", "/system/tokens").problem(403, "role.not_permitted")
    ben.send("GET", "/me").responds(200)
    tokens = api.send("GET", "/system/tokens").items
    (own,) = [each["token_id"] for each in tokens if each["actor"] == "administration"]
    api.send("POST", f"/system/tokens/{own}/revocation", json={}).problem(409, "token.in_use")
    api.send("POST", f"/system/tokens/{path}", json={}).responds(200)
    ben.send("GET", "/me").problem(401, "token.unknown")


def test_a_token_without_an_account_has_nothing_of_its_own(api: Api) -> None:
    api.send("GET", "/me").shows(actor="administration", account_id=None)
    for method, path in (("GET", "/me/tokens"), ("POST", "/me/glass"), ("POST", "/me/password")):
        body = {"reason": "x"} if path == "/me/glass" else {"current": "x", "password": "y"}
        sent = {"json": body} if method == "POST" else {}
        api.send(method, path, **sent).problem(403, "account.missing")


# --- glass ---------------------------------------------------------------------------------------


@pytest.fixture
def named(api: Api) -> str:
    """A facility where somebody with a name works."""
    facility = api.a_facility()
    person = {"full_name": "Kessandra Molnefer", "job": "nurse", "registered_on": "2026-01-02"}
    api.post(f"/facilities/{facility}/staff", person).responds(201)
    return facility


def test_an_auditor_sees_people_while_the_glass_is_broken_and_that_is_on_record(
    api: Api, named: str
) -> None:
    grant = an_audit(api, an_account(api), named)
    ana = as_(api, comes_in(api))
    assert "Kessandra" not in ana.get("/audit/timeline").response.text
    ana.send("POST", "/me/glass", json={"reason": " "}).problem(409, "grant.text")
    ana.post("/me/glass", reason="A complaint names no one", minutes=5).responds(201)
    assert "Kessandra" in ana.get("/audit/timeline").response.text
    ana.send("GET", "/me").shows(sees_personal=True)
    (row,) = api.get("/system/broken-glass").items
    assert (row["grant_id"], row["login"], row["reason"]) == (
        grant, "ana", "A complaint names no one",
    )  # fmt: skip
    (event,) = [
        each
        for each in api.get(f"/streams/{grant}/events").items
        if each["fact"] == "grant.glass_broken"
    ]
    assert (event["actor"], event["role"]) == ("ana", "auditor")
    read = api.send("GET", "/audit/reads?actor=ana").items[-1]
    assert (read["what"], read["why"]) == (
        "/api/v1/audit/timeline", "A complaint names no one",
    )  # fmt: skip


def test_the_glass_is_mended_after_its_time(api: Api, named: str) -> None:
    an_audit(api, an_account(api), named)
    ana = as_(api, comes_in(api))
    ana.post("/me/glass", reason="A complaint", minutes=1).responds(201)
    found = api.almoner.standings.of_login("ana")
    assert found is not None
    (held,) = api.almoner.standings.all_held(found[0])
    assert held.actor(None).sees_personal
    until = held.grant.broken_until
    assert until is not None
    assert until - datetime.now(UTC) <= timedelta(minutes=1)


def test_an_auditor_changes_nothing_else(api: Api, named: str) -> None:
    an_audit(api, an_account(api), named)
    ana = as_(api, comes_in(api))
    rename = {"legal_name": "Mine", "renamed_on": "2026-01-02"}
    ana.post(f"/facilities/{named}/name", rename).problem(403, "role.not_permitted")


def test_who_sees_people_has_no_glass(api: Api) -> None:
    a_grant(api, an_account(api), Role.BILLER)
    ana = as_(api, comes_in(api))
    ana.post("/me/glass", reason="x").problem(403, "role.not_permitted")


# --- an identity provider ------------------------------------------------------------------------


@pytest.fixture
def trusting(almoner: Almoner, provider: Provider) -> Api:
    """The API, which trusts a provider."""
    almoner.issuer = Issuer(IssuerSettings(issuer=provider.address, audience=AUDIENCE))
    return Api.of(almoner)


def test_an_identity_that_is_linked_comes_in_with_its_providers_token(
    trusting: Api, provider: Provider
) -> None:
    api, facility = trusting, trusting.a_facility(legal_name="Own")
    api.a_facility(legal_name="Other")
    account = an_account(api)
    ana = api.without_token()
    ana.token = signed(provider)
    ana.send("GET", "/me").problem(401, "token.unknown")
    identity = {"issuer": provider.address, "subject": "ana"}
    api.post(f"/accounts/{account}/identities", identity).responds(201)
    ana.send("GET", "/me").problem(403, "grant.missing")
    grant = a_grant(api, account, Role.FACILITY_MANAGER, facility)
    ana.send("GET", "/me").shows(actor="ana", role="facility_manager", grant_id=grant)
    assert [each["legal_name"] for each in ana.get("/facilities").items] == ["Own"]
    assert [each["legal_name"] for each in ana.get("/facilities").items] == ["Own"]
    ana.a_claim(facility)
    api.post(f"/accounts/{account}/identity-removals", identity).responds(201)
    ana.send("GET", "/facilities").problem(401, "token.unknown")


def test_who_comes_with_several_grants_names_one_in_a_header(
    trusting: Api, provider: Provider
) -> None:
    api, facility = trusting, trusting.a_facility()
    account = an_account(api)
    identity = {"issuer": provider.address, "subject": "ana"}
    api.post(f"/accounts/{account}/identities", identity).responds(201)
    billing = a_grant(api, account, Role.BILLER, facility)
    a_grant(api, account, Role.STOREKEEPER, facility)
    api.get("/system/grants").responds(200)
    ana = api.without_token()
    ana.token = signed(provider)
    ana.send("GET", f"/facilities/{facility}/claims").problem(409, "grant.ambiguous")
    chosen = ana.with_(Almoner_Grant=billing)
    chosen.send("GET", f"/facilities/{facility}/claims").responds(200)
    api.post(f"/grants/{billing}/revocation", reason="moved").responds(201)
    chosen.send("GET", f"/facilities/{facility}/claims").problem(403, "grant.missing")
    api.with_(Almoner_Grant="7").send("GET", "/me").problem(400, "grant.malformed")
    ana.token = "a.b.c"
    ana.with_(Almoner_Grant="7").send("GET", "/me").problem(401, "token.unknown")


def test_what_the_provider_did_not_sign_is_answered_as_any_unknown_token(
    trusting: Api, provider: Provider
) -> None:
    stranger = trusting.without_token()
    stranger.token = "a.b.c"
    stranger.send("GET", "/me").problem(401, "token.unknown")
    provider.answers = False
    stranger.token = signed(provider)
    stranger.send("GET", "/me").problem(503, "issuer.unavailable")


# --- what the calendar does ----------------------------------------------------------------------


def test_a_grant_whose_time_is_over_is_put_on_record(api: Api) -> None:
    grant = a_grant(api, an_account(api), Role.BILLER, expires_at=LATER)
    almoner = api.almoner
    due = Due(almoner.database.pool(DatabaseRole.APP), almoner.ledger, almoner.progress)
    api.get("/system/grants").responds(200)
    grants_expire(almoner.service, due.grants_over)()
    facts = [each["fact"] for each in api.get(f"/streams/{grant}/events").items]
    assert facts == ["grant.given"]
    next_year = Service(almoner.ledger, lambda: datetime.now(UTC) + timedelta(days=366))
    grants_expire(next_year, due.grants_over)()
    facts = [each["fact"] for each in api.get(f"/streams/{grant}/events").items]
    assert facts == ["grant.given", "grant.expired"]
    comes_in(api).problem(403, "grant.missing")
