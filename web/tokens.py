"""Tokens: for a program that acts for oneself; and all there are, for who looks after access."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import flask
import marshmallow as ma
from flask_smorest import Blueprint
from marshmallow import validate

from facilities.service import NotFound
from web.api import serve
from web.auth import Kind, Token
from web.bearers import Held
from web.doors import Doors, doors
from web.oneself import (
    COMMANDED,
    FACILITIES,
    ID,
    INSTANT,
    NOTHING,
    administrator,
    instant,
    own,
    told,
)
from web.problems import Problem
from web.schemas import Exactly, Instant, NothingAsked, Text

LONGEST_TOKEN = timedelta(days=366)

MADE = {
    "type": "object",
    "properties": {
        "token_id": {"type": "string", "format": "uuid"},
        "token": {"type": "string", "description": "Shown once, now."},
        "role": {"type": "string"},
        "grant_id": ID,
        "facility_ids": FACILITIES,
        "expires_at": INSTANT,
    },
}
"""How a token that was just made is told."""

_TOKEN = {
    "type": "object",
    "properties": {
        "token_id": {"type": "string", "format": "uuid"},
        "kind": {"type": "string"},
        "label": {"type": ["string", "null"]},
        "actor": {"type": "string"},
        "role": {"type": "string"},
        "facility_ids": FACILITIES,
        "account_id": ID,
        "grant_id": ID,
        "created_at": INSTANT,
        "expires_at": INSTANT,
        "revoked_at": INSTANT,
        "last_used_at": INSTANT,
    },
}
_TOKENS = {
    "type": "object",
    "required": ["items"],
    "properties": {"items": {"type": "array", "items": _TOKEN}},
}


class NewToken(Exactly):
    """A token for a program that acts for oneself, at no more facilities than oneself."""

    label = Text(required=True, validate=validate.Length(min=1, max=100))
    expires_at = Instant(required=True)
    facility_ids = ma.fields.List(ma.fields.UUID(), validate=validate.Length(min=1, max=200))


def register(blueprint: Blueprint) -> None:
    """Add making, showing and revoking tokens."""
    document = told("One's tokens", "200", _TOKENS, "403")
    serve(blueprint, "/me/tokens", my_tokens, NothingAsked(), document)
    document = told("Make a token for a program", "201", MADE, *COMMANDED)
    serve(blueprint, "/me/tokens", make_token, NewToken(), document, "POST")
    document = told("Let one of one's tokens be good for nothing", "200", NOTHING, *COMMANDED)
    revocation = "/me/tokens/<uuid:token_id>/revocation"
    serve(blueprint, revocation, revoke_mine, NothingAsked(), document, "POST")
    document = told("All tokens there are, without the tokens themselves", "200", _TOKENS, "403")
    serve(blueprint, "/system/tokens", all_tokens, NothingAsked(), document)
    document = told("Let any token be good for nothing", "200", NOTHING, *COMMANDED)
    revocation = "/system/tokens/<uuid:token_id>/revocation"
    serve(blueprint, revocation, revoke_any, NothingAsked(), document, "POST")


def my_tokens(asked: dict[str, Any]) -> flask.Response:  # noqa: ARG001 - there is nothing to ask
    """The tokens and sessions of one's account."""
    at, (account_id, _) = doors(), own()
    return flask.jsonify({"items": [_shown(each) for each in at.tokens.all(account_id)]})


def make_token(asked: dict[str, Any]) -> flask.Response:
    """A token for a program, under one's own grant, at no more than one's own facilities."""
    at, (account_id, grant_id) = doors(), own()
    held = at.standings.held(account_id, grant_id)
    if held is None:
        raise Problem(403, "grant.missing", "The grant is over.")
    ends: datetime = asked["expires_at"]
    latest = datetime.now(UTC) + LONGEST_TOKEN
    if held.grant.expires_at is not None:
        latest = min(latest, held.grant.expires_at)
    if not datetime.now(UTC) < ends <= latest:
        raise _refused("expires_at", ends, f"must be to come, and not after {instant(latest)}")
    scope = at.actor.scope
    wanted = asked.get("facility_ids")
    for each in wanted or ():
        if not scope.admits(each) or not at.is_facility(each):
            raise NotFound("facility", each)
    mine = None if scope.facility_ids is None else sorted(scope.facility_ids)
    facility_ids = mine if wanted is None else sorted(set(wanted))
    return made(at, held, facility_ids, ends, Kind.TOKEN, asked["label"])


def _refused(field: str, value: datetime, rule: str) -> Problem:
    details = {"field": field, "value": value.isoformat(), "rule": rule}
    return Problem(409, f"token.{field}", f"{field}: {rule}.", details=details)


def revoke_mine(asked: dict[str, Any], token_id: UUID) -> flask.Response:  # noqa: ARG001
    """Revoke a token or a session of one's own account."""
    at, (account_id, _) = doors(), own()
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
    at = administrator()
    if token_id == at.bearer.token_id:
        rule = "must be another token than the one that asks"
        details = {"field": "token_id", "value": token_id, "rule": rule}
        raise Problem(409, "token.in_use", "This is the token you ask with.", details=details)
    if not at.tokens.revoke(token_id):
        raise NotFound("token", token_id)
    return flask.jsonify({})


def made(
    at: Doors,
    held: Held,
    facility_ids: list[UUID] | None,
    ends: datetime,
    kind: Kind,
    label: str | None,
) -> flask.Response:
    """A new token under a grant, told this once."""
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
            "expires_at": instant(ends),
        }
    )
    response.status_code = 201
    response.headers["Cache-Control"] = "no-store"
    return response


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
        "created_at": instant(token.created_at),
        "expires_at": instant(token.expires_at),
        "revoked_at": instant(token.revoked_at),
        "last_used_at": instant(token.last_used_at),
    }
