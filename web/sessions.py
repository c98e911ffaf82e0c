"""Coming in by password, one's own tokens, and who one is; not for anybody but oneself.

Coming in is a procedure in five steps (`begin_session`):

1. Where attempts under this login failed too often, nothing is looked at for a while: 429.
2. The password is checked; of a login that there is not, nobody's password is checked as long.
3. Where it was wrong, that is counted. Who is locked out for it is on record, where there is an
   account. Every refusal reads the same: 401.
4. The grant to act under: the one that was named, or the only one.
5. A session: a token of that grant, for some hours.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import flask
import marshmallow as ma
from flask_smorest import Blueprint
from marshmallow import validate

from domain.access.account import LockAccount, RecordPasswordChange
from domain.access.grant import BreakGlass
from domain.kernel import Command
from facilities.access.passwords import fit
from facilities.scope import WHOLE_SYSTEM, Actor, Role
from facilities.service import Context, NotFound, NotPermitted, Outcome
from web.api import given_by, serve
from web.auth import Kind, Token
from web.bearers import Bearer, Held, chosen
from web.documents import problems
from web.doors import Doors, doors
from web.problems import Problem
from web.schemas import Text, schema_for

SESSION = timedelta(hours=12)
"""How long one goes on with a password given once."""

LONGEST_TOKEN = timedelta(days=366)

GATE = Actor("almoner", Role.SERVICE)
"""Who puts on record what happens at the door."""

_INSTANT = {"type": ["string", "null"], "format": "date-time"}
_ID = {"type": ["string", "null"], "format": "uuid"}
_FACILITIES = {
    "type": ["array", "null"],
    "items": {"type": "string", "format": "uuid"},
    "description": "Null is the whole system.",
}
_BEARER = {
    "type": "object",
    "properties": {
        "actor": {"type": "string"},
        "role": {"type": "string"},
        "facility_ids": _FACILITIES,
        "account_id": _ID,
        "grant_id": _ID,
        "sees_personal": {"type": "boolean"},
        "glass_broken_until": _INSTANT,
        "expires_at": _INSTANT,
    },
}
_MADE = {
    "type": "object",
    "properties": {
        "token_id": {"type": "string", "format": "uuid"},
        "token": {"type": "string", "description": "Shown once, now."},
        "role": {"type": "string"},
        "grant_id": _ID,
        "facility_ids": _FACILITIES,
        "expires_at": _INSTANT,
    },
}
_TOKEN = {
    "type": "object",
    "properties": {
        "token_id": {"type": "string", "format": "uuid"},
        "kind": {"type": "string"},
        "label": {"type": ["string", "null"]},
        "actor": {"type": "string"},
        "role": {"type": "string"},
        "facility_ids": _FACILITIES,
        "account_id": _ID,
        "grant_id": _ID,
        "created_at": _INSTANT,
        "expires_at": _INSTANT,
        "revoked_at": _INSTANT,
        "last_used_at": _INSTANT,
    },
}
_TOKENS = {
    "type": "object",
    "required": ["items"],
    "properties": {"items": {"type": "array", "items": _TOKEN}},
}
_NOTHING = {"type": "object"}


def _secret(told: str) -> Text:
    return Text(
        required=True,
        validate=validate.Length(min=1, max=200),
        metadata={"description": told, "format": "password"},
    )


class _Body(ma.Schema):
    class Meta:
        unknown = ma.RAISE


class Credentials(_Body):
    """Who wants to come in, and under which grant."""

    login = Text(required=True, validate=validate.Length(min=1, max=80))
    password = _secret("The account's password.")
    grant_id = ma.fields.UUID(metadata={"description": "Where the account has several grants."})


class NewPassword(_Body):
    """Another password for one's own account."""

    current = _secret("The password there is.")
    password = _secret("The one there is to be.")


class GivenPassword(_Body):
    """A password that an administrator gives to an account."""

    password = _secret("To be changed by whoever it is given to.")


class NewToken(_Body):
    """A token for a program that acts for oneself, at no more facilities than oneself."""

    label = Text(required=True, validate=validate.Length(min=1, max=100))
    expires_at = ma.fields.AwareDateTime(required=True, format="iso")
    facility_ids = ma.fields.List(ma.fields.UUID(), validate=validate.Length(min=1, max=200))


class _Nothing(_Body):
    """Nothing is to be told."""


# --- routes -------------------------------------------------------------------------------------


def _told(summary: str, status: str, schema: dict[str, Any], *others: str) -> dict[str, Any]:
    content = {"application/json": {"schema": schema}}
    done = {status: {"description": "Done.", "content": content}}
    return {"summary": summary, "responses": {**done, **problems("400", *others)}}


def register_entrance(blueprint: Blueprint) -> None:
    """Add the one route that asks for no token."""
    document = {
        **_told("Come in by password", "201", _MADE, "403", "413", "415"),
        "security": [],
    }
    serve(blueprint, "/sessions", begin_session, Credentials(), document, "POST")


def register(blueprint: Blueprint) -> None:
    """Add what one does about oneself, and an administrator about passwords and tokens."""
    commands = ("403", "412", "413", "415")
    routes: tuple[
        tuple[str, str, Callable[..., flask.Response], ma.Schema, dict[str, Any]], ...
    ] = (
        ("GET", "/me", me, _Nothing(), _told("Who one is", "200", _BEARER)),
        (
            *("POST", "/me/password", change_password, NewPassword()),
            _told("Change one's password", "200", _NOTHING, *commands),
        ),
        (
            *("POST", "/me/glass", break_glass, schema_for(BreakGlass, frozenset({"grant_id"}))),
            _told("See people as they are for some minutes", "201", _NOTHING, *commands),
        ),
        ("GET", "/me/tokens", my_tokens, _Nothing(), _told("One's tokens", "200", _TOKENS, "403")),
        (
            *("POST", "/me/tokens", make_token, NewToken()),
            _told("Make a token for a program", "201", _MADE, *commands),
        ),
        (
            *("POST", "/me/tokens/<uuid:token_id>/revocation", revoke_mine, _Nothing()),
            _told("Let one of one's tokens be good for nothing", "200", _NOTHING, *commands),
        ),
        (
            *("GET", "/system/tokens", all_tokens, _Nothing()),
            _told("All tokens there are, without the tokens themselves", "200", _TOKENS, "403"),
        ),
        (
            *("POST", "/system/tokens/<uuid:token_id>/revocation", revoke_any, _Nothing()),
            _told("Let any token be good for nothing", "200", _NOTHING, *commands),
        ),
        (
            *("POST", "/system/accounts/<uuid:account_id>/password", give_password),
            *(GivenPassword(), _told("Give an account a password", "200", _NOTHING, *commands)),
        ),
    )
    for method, path, view, schema, document in routes:
        serve(blueprint, path, view, schema, document, method)


# --- coming in ----------------------------------------------------------------------------------


def begin_session(asked: dict[str, Any]) -> flask.Response:
    """Come in by password. See above."""
    at, login = doors(), asked["login"]
    if (locked := at.passwords.locked_until(login)) is not None and _still(at, login):
        raise _locked(locked)
    found = at.standings.of_login(login)
    if not at.passwords.check(None if found is None else found[0], asked["password"]):
        failures, locked = at.passwords.failed(login)
        if locked is not None:
            if found is not None:
                _on_record(
                    at,
                    LockAccount(account_id=found[0], failures=failures, locked_until=locked),
                )
            raise _locked(locked)
        raise Problem(401, "login.refused", "Login and password do not go together.")
    assert found is not None
    at.passwords.forgive(login)
    held = chosen(at.standings, found[0], asked.get("grant_id"))
    ends = datetime.now(UTC) + SESSION
    if held.grant.expires_at is not None:
        ends = min(ends, held.grant.expires_at)
    return _made(at, held, list(held.grant.facility_ids) or None, ends, Kind.SESSION, None)


def _still(at: Doors, login: str) -> bool:
    """Whether it is locked: an administrator may have unlocked the account meanwhile."""
    found = at.standings.of_login(login)
    if found is None or found[1].locked_until is not None:
        return True
    at.passwords.forgive(login)
    return False


def _locked(until: datetime) -> Problem:
    seconds = max(1, int((until - datetime.now(UTC)).total_seconds()) + 1)
    return Problem(
        429,
        "login.locked",
        "Too many attempts failed; try again later.",
        headers={"Retry-After": str(seconds)},
    )


def _made(
    at: Doors,
    held: Held,
    facility_ids: list[UUID] | None,
    ends: datetime,
    kind: Kind,
    label: str | None,
) -> flask.Response:
    token_id, secret = at.tokens.create(
        held.account.login,
        held.grant.role,
        facility_ids,
        ends,
        under=(held.account_id, held.grant_id),
        kind=kind,
        label=label,
    )
    response = flask.jsonify(
        {
            "token_id": token_id,
            "token": secret,
            "role": held.grant.role,
            "grant_id": held.grant_id,
            "facility_ids": facility_ids,
            "expires_at": _instant(ends),
        }
    )
    response.status_code = 201
    response.headers["Cache-Control"] = "no-store"
    return response


# --- oneself ------------------------------------------------------------------------------------


def me(asked: dict[str, Any]) -> flask.Response:  # noqa: ARG001 - there is nothing to ask
    """Who one is, in which role, where and until when."""
    at = doors()
    actor, bearer = at.actor, at.bearer
    scope = actor.scope.facility_ids
    return flask.jsonify(
        {
            "actor": actor.name,
            "role": actor.role,
            "facility_ids": None if scope is None else sorted(scope),
            "account_id": bearer.account_id,
            "grant_id": bearer.grant_id,
            "sees_personal": actor.sees_personal,
            "glass_broken_until": _instant(actor.broken_until),
            "expires_at": _instant(bearer.until),
        }
    )


def change_password(asked: dict[str, Any]) -> flask.Response:
    """Change one's own password. All sessions end, also the one that asks."""
    at, (account_id, _) = doors(), _own()
    login = at.actor.name
    if (locked := at.passwords.locked_until(login)) is not None:
        raise _locked(locked)
    fit(asked["password"], login)
    if not at.passwords.check(account_id, asked["current"]):
        failures, locked = at.passwords.failed(login)
        if locked is not None:
            _on_record(
                at, LockAccount(account_id=account_id, failures=failures, locked_until=locked)
            )
        raise Problem(409, "password.wrong", "The current password is another one.")
    return _another_password(at, account_id, login, asked["password"])


def give_password(asked: dict[str, Any], account_id: UUID) -> flask.Response:
    """Give an account a password; its sessions end."""
    at = _administrator()
    found = at.standings.account(account_id)
    if found is None:
        raise NotFound("account", account_id)
    fit(asked["password"], found.login)
    return _another_password(at, account_id, found.login, asked["password"])


def _another_password(at: Doors, account_id: UUID, login: str, password: str) -> flask.Response:
    """First on record, then kept: a password that is not on record is worse than the reverse."""
    _on_record(at, RecordPasswordChange(account_id=account_id), at.actor)
    at.passwords.keep(account_id, password)
    at.passwords.forgive(login)
    at.tokens.end_sessions(account_id)
    return flask.jsonify({})


def break_glass(asked: dict[str, Any]) -> flask.Response:
    """See people as they are, under one's own grant."""
    at, (_, grant_id) = doors(), _own()
    actor = at.actor
    if not actor.role.does(BreakGlass):
        raise NotPermitted(f"This is not for the role {actor.role} to do.")
    # A grant is the whole system's; that it is one's own was seen to.
    command = BreakGlass(grant_id=grant_id, **asked)
    return given_by(replace(actor, scope=WHOLE_SYSTEM), command)


def my_tokens(asked: dict[str, Any]) -> flask.Response:  # noqa: ARG001 - there is nothing to ask
    """The tokens and sessions of one's account."""
    at, (account_id, _) = doors(), _own()
    return flask.jsonify({"items": [_shown(each) for each in at.tokens.all(account_id)]})


def make_token(asked: dict[str, Any]) -> flask.Response:
    """A token for a program, under one's own grant, at no more than one's own facilities."""
    at, (account_id, grant_id) = doors(), _own()
    held = at.standings.held(account_id, grant_id)
    if held is None:
        raise Problem(403, "grant.missing", "The grant is over.")
    ends: datetime = asked["expires_at"]
    latest = datetime.now(UTC) + LONGEST_TOKEN
    if held.grant.expires_at is not None:
        latest = min(latest, held.grant.expires_at)
    if not datetime.now(UTC) < ends <= latest:
        raise _refused("expires_at", ends, f"must be to come, and not after {_instant(latest)}")
    scope = at.actor.scope
    wanted = asked.get("facility_ids")
    for each in wanted or ():
        if not scope.admits(each) or not at.is_facility(each):
            raise NotFound("facility", each)
    mine = None if scope.facility_ids is None else sorted(scope.facility_ids)
    facility_ids = mine if wanted is None else sorted(set(wanted))
    return _made(at, held, facility_ids, ends, Kind.TOKEN, asked["label"])


def revoke_mine(asked: dict[str, Any], token_id: UUID) -> flask.Response:  # noqa: ARG001
    """Revoke a token or a session of one's own account."""
    at, (account_id, _) = doors(), _own()
    if not at.tokens.revoke(token_id, account_id):
        raise NotFound("token", token_id)
    return flask.jsonify({})


def all_tokens(asked: dict[str, Any]) -> flask.Response:  # noqa: ARG001 - there is nothing to ask
    """All tokens, for whoever looks after access."""
    at = doors()
    at.reads("access")
    at.whole_system(at.actor.scope)
    return flask.jsonify({"items": [_shown(each) for each in at.tokens.all()]})


def revoke_any(asked: dict[str, Any], token_id: UUID) -> flask.Response:  # noqa: ARG001
    """Revoke any token but the one that asks: that would be a slip of the hand."""
    at = _administrator()
    if token_id == at.bearer.token_id:
        raise Problem(409, "token.in_use", "This is the token you ask with.")
    if not at.tokens.revoke(token_id):
        raise NotFound("token", token_id)
    return flask.jsonify({})


# --- what they share ----------------------------------------------------------------------------


def _own() -> tuple[UUID, UUID]:
    """One's account and grant. A token that was made without has nothing of its own here."""
    at = doors()
    at.actor  # noqa: B018 - makes sure of the bearer
    bearer: Bearer = at.bearer
    if bearer.account_id is None or bearer.grant_id is None:
        raise Problem(403, "account.missing", "This token belongs to no account.")
    return bearer.account_id, bearer.grant_id


def _administrator() -> Doors:
    at = doors()
    at.whole_system(at.actor.scope)
    if not at.actor.role.does(RecordPasswordChange) or at.actor.role is Role.SERVICE:
        raise NotPermitted(f"This is not for the role {at.actor.role} to do.")
    return at


def _on_record(at: Doors, command: Command, actor: Actor = GATE) -> Outcome:
    """What happened at the door, under the name of whoever it was; in the program's role, where
    it is no work of his own."""
    if not (actor.scope.whole_system and actor.role.does(type(command))):
        actor = Actor(actor.name, Role.SERVICE)
    return at.service.execute(command, Context(actor=actor, source="api"))


def _refused(field: str, value: datetime, rule: str) -> Problem:
    details = {"field": field, "value": value.isoformat(), "rule": rule}
    return Problem(409, f"token.{field}", f"{field}: {rule}.", details=details)


def _shown(token: Token) -> dict[str, Any]:
    return {
        "token_id": token.token_id,
        "kind": token.kind,
        "label": token.label,
        "actor": token.actor,
        "role": token.role,
        "facility_ids": token.facility_ids,
        "account_id": token.account_id,
        "grant_id": token.grant_id,
        "created_at": _instant(token.created_at),
        "expires_at": _instant(token.expires_at),
        "revoked_at": _instant(token.revoked_at),
        "last_used_at": _instant(token.last_used_at),
    }


def _instant(value: datetime | None) -> str | None:
    if value is None:
        return None
    return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
