"""The seals and what they prove, for auditors and administrators of the whole system."""

from __future__ import annotations

import json
from typing import Any

import flask
import marshmallow as ma
from flask_smorest import Blueprint
from marshmallow import validate

from facilities.scope import Role
from facilities.seals.proofs import NotSealed, Prover
from facilities.seals.register import Register
from web.api import serve
from web.documents import problems
from web.doors import Doors, doors
from web.problems import Problem
from web.schemas import LARGEST_INTEGER, Exactly

MAY_ASK = frozenset({Role.AUDITOR, Role.SYSTEM_ADMINISTRATOR})

_HASH = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
_PATH = {"type": "array", "items": _HASH}
_SEAL = {
    "type": "object",
    "description": "A signed statement; its text is written with sorted names and two spaces.",
    "properties": {
        "format": {"type": "string"},
        "number": {"type": "integer"},
        "first_position": {"type": "integer"},
        "last_position": {"type": "integer"},
        "tree_size": {"type": "integer"},
        "root": _HASH,
        "leaves": _HASH,
        "predecessor": {"type": "string"},
        "key": _HASH,
        "sealed_at": {"type": "string", "format": "date-time"},
        "signature": {"type": "string"},
    },
}
_SEALS = {
    "type": "object",
    "required": ["items", "keys", "next"],
    "properties": {
        "items": {"type": "array", "items": _SEAL},
        "keys": {"type": "array", "items": {"type": "object"}},
        "next": {"type": ["string", "null"]},
    },
}
_INCLUSION = {
    "type": "object",
    "properties": {
        "position": {"type": "integer"},
        "leaf_index": {"type": "integer"},
        "leaf_hash": _HASH,
        "tree_size": {"type": "integer"},
        "inclusion_path": _PATH,
        "seal": _SEAL,
    },
}
_CONSISTENCY = {
    "type": "object",
    "properties": {
        "first": {"type": "integer"},
        "second": {"type": "integer"},
        "consistency_path": _PATH,
    },
}


def _number(told: str, **options: Any) -> ma.fields.Integer:
    return ma.fields.Integer(
        validate=validate.Range(min=1, max=LARGEST_INTEGER),
        metadata={"description": told},
        **options,
    )


class AskedSeals(Exactly):
    """Which seals."""

    before = _number("Begin before this number; without it, with the newest.")
    limit = ma.fields.Integer(load_default=100, validate=validate.Range(min=1, max=1000))


class AskedInclusion(Exactly):
    """Which event."""

    position = _number("The event's position.", required=True)


class AskedConsistency(Exactly):
    """Which two trees."""

    first = _number("The size of the earlier tree.", required=True)
    second = _number("The size of the later one.", required=True)


def register(blueprint: Blueprint) -> None:
    """Add the routes to a blueprint."""
    for path, view, asked, summary, answer in (
        ("/audit/seals", seals, AskedSeals(), "The seals, the newest first", _SEALS),
        (
            *("/audit/proofs/inclusion", inclusion, AskedInclusion()),
            *("That an event is in the newest seal's tree (RFC 9162, 2.1.3)", _INCLUSION),
        ),
        (
            *("/audit/proofs/consistency", consistency, AskedConsistency()),
            *("That a tree is the beginning of a later one (RFC 9162, 2.1.4)", _CONSISTENCY),
        ),
    ):
        told = {
            "description": "What is under seal.",
            "content": {"application/json": {"schema": answer}},
        }
        serve(
            blueprint,
            path,
            view,
            asked,
            {"summary": summary, "responses": {"200": told, **problems()}},
        )


def seals(asked: dict[str, int]) -> flask.Response:
    """A page of seals, with the keys that may have signed them."""
    at = _entered()
    with at.pool.connection() as connection:
        rows = Register(connection).newest(asked.get("before"), asked["limit"])
        keys = Register(connection).introductions()
    following = None
    if len(rows) == asked["limit"]:
        following = f"{flask.request.path}?before={rows[-1].number}&limit={asked['limit']}"
    return flask.jsonify(
        {
            "items": [json.loads(each.statement) for each in rows],
            "keys": [json.loads(each) for each in keys.values()],
            "next": following,
        }
    )


def inclusion(asked: dict[str, int]) -> flask.Response:
    """The proof of one event."""
    at = _entered()
    try:
        with at.pool.connection() as connection:
            found = Prover(connection).inclusion(asked["position"])
    except NotSealed as error:
        raise _not_sealed(error, "position", asked["position"]) from None
    return flask.jsonify(
        {
            "position": found.position,
            "leaf_index": found.leaf_index,
            "leaf_hash": found.leaf_hash.hex(),
            "tree_size": found.tree_size,
            "inclusion_path": [each.hex() for each in found.path],
            "seal": json.loads(found.seal.statement),
        }
    )


def consistency(asked: dict[str, int]) -> flask.Response:
    """The proof of two trees."""
    at = _entered()
    try:
        with at.pool.connection() as connection:
            path = Prover(connection).consistency(asked["first"], asked["second"])
    except NotSealed as error:
        raise _not_sealed(error, "second", asked["second"]) from None
    return flask.jsonify({**asked, "consistency_path": [each.hex() for each in path]})


def _entered() -> Doors:
    """For others there is nothing here."""
    at = doors()
    at.whole_system(at.actor.scope)
    if at.actor.role not in MAY_ASK:
        raise Problem(404, "route.unknown", "There is no such address.")
    return at


def _not_sealed(error: NotSealed, field: str, value: int) -> Problem:
    details = {"field": field, "value": value, "rule": "must be under a seal"}
    return Problem(409, "audit.not_sealed", f"Not under a seal: {error}.", details=details)
