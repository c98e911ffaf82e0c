"""Who one is, and seeing people as they are for some minutes; not for anybody but oneself.

What one does about one's password is in `web.sessions`, about one's tokens in `web.tokens`.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import flask
from flask_smorest import Blueprint

from domain.access.account import RecordPasswordChange
from domain.access.grant import BreakGlass
from facilities.scope import WHOLE_SYSTEM, Role
from facilities.service import NotPermitted
from web.api import given_by, serve
from web.bearers import Bearer
from web.documents import problems
from web.doors import Doors, doors
from web.problems import Problem
from web.schemas import NothingAsked, schema_for

COMMANDED = ("403", "412", "413", "415")
"""What a request that changes something may be answered, beside what any may be."""

INSTANT = {"type": ["string", "null"], "format": "date-time"}
ID = {"type": ["string", "null"], "format": "uuid"}
FACILITIES = {
    "type": ["array", "null"],
    "items": {"type": "string", "format": "uuid"},
    "description": "Null is the whole system.",
}
NOTHING = {"type": "object"}
_BEARER = {
    "type": "object",
    "properties": {
        "actor": {"type": "string"},
        "role": {"type": "string"},
        "facility_ids": FACILITIES,
        "account_id": ID,
        "grant_id": ID,
        "sees_personal": {"type": "boolean"},
        "glass_broken_until": INSTANT,
        "expires_at": INSTANT,
    },
}


def told(summary: str, status: str, schema: dict[str, Any], *others: str) -> dict[str, Any]:
    """How an operation about oneself is described."""
    content = {"application/json": {"schema": schema}}
    done = {status: {"description": "Done.", "content": content}}
    return {"summary": summary, "responses": {**done, **problems("400", *others)}}


def register(blueprint: Blueprint) -> None:
    """Add who one is, and breaking the glass."""
    document = told("Who one is", "200", _BEARER)
    serve(blueprint, "/me", me, NothingAsked(), document)
    document = told("See people as they are for some minutes", "201", NOTHING, *COMMANDED)
    asked = schema_for(BreakGlass, frozenset({"grant_id"}))
    serve(blueprint, "/me/glass", break_glass, asked, document, "POST")


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
            "glass_broken_until": instant(actor.broken_until),
            "expires_at": instant(bearer.until),
        }
    )


def break_glass(asked: dict[str, Any]) -> flask.Response:
    """See people as they are, under one's own grant."""
    at, (_, grant_id) = doors(), own()
    actor = at.actor
    if not actor.role.does(BreakGlass):
        raise NotPermitted(f"This is not for the role {actor.role} to do.")
    # A grant is the whole system's; that it is one's own was seen to.
    command = BreakGlass(grant_id=grant_id, **asked)
    return given_by(replace(actor, scope=WHOLE_SYSTEM), command)


# --- who asks -----------------------------------------------------------------------------------


def own() -> tuple[UUID, UUID]:
    """One's account and grant. A token that was made without has nothing of its own here."""
    at = doors()
    at.actor  # noqa: B018 - makes sure of the bearer
    bearer: Bearer = at.bearer
    if bearer.account_id is None or bearer.grant_id is None:
        raise Problem(403, "account.missing", "This token belongs to no account.")
    return bearer.account_id, bearer.grant_id


def administrator() -> Doors:
    """The doors of somebody who looks after the access of others."""
    at = doors()
    at.whole_system(at.actor.scope)
    if not at.actor.role.does(RecordPasswordChange) or at.actor.role is Role.SERVICE:
        raise NotPermitted(f"This is not for the role {at.actor.role} to do.")
    return at


def instant(value: datetime | None) -> str | None:
    """A time as it is told, to the second."""
    if value is None:
        return None
    return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
