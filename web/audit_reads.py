"""The log of reads, for whoever answers for it: who has looked at somebody, and what somebody has
looked at; as it is, or as FHIR AuditEvents."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from urllib.parse import urlencode

import flask
import marshmallow as ma
import msgspec
from flask_smorest import Blueprint
from marshmallow import validate

from domain.access.roles import EVENTS
from facilities.privacy.accounting import audit_event, bundle, reads
from web.api import serve
from web.documents import problems
from web.doors import doors
from web.moments import AN_INSTANT, instant_of
from web.problems import Problem
from web.schemas import LARGEST_INTEGER, Text

LARGEST_PAGE = 1_000


def _yes_or_no(told: str) -> ma.fields.Boolean:
    return ma.fields.Boolean(
        load_default=False, truthy={"true"}, falsy={"false"}, metadata={"description": told}
    )


class ReadsAsked(ma.Schema):
    """Whose data was looked at, or who looked."""

    class Meta:
        unknown = ma.RAISE

    person = ma.fields.UUID(metadata={"description": "Whose data was looked at."})
    key = ma.fields.UUID(
        metadata={"description": "The same by the number of the key, which outlives an erasure."}
    )
    actor = Text(validate=validate.Length(min=1, max=200), metadata={"description": "Who looked."})
    since = Text(validate=AN_INSTANT, metadata={"description": "Then or later."})
    until = Text(validate=AN_INSTANT, metadata={"description": "Then or before."})
    disclosed = _yes_or_no("Only what went out in a file: claims, a payroll, a feed, an export.")
    fhir = _yes_or_no("As a FHIR R4 Bundle of AuditEvents.")
    beyond = ma.fields.Integer(load_default=0, validate=validate.Range(min=0, max=LARGEST_INTEGER))
    limit = ma.fields.Integer(load_default=100, validate=validate.Range(min=1, max=LARGEST_PAGE))


DOCUMENT: dict[str, Any] = {
    "summary": "Who has looked at whose data",
    "description": "The log of reads, in order: of a `person` (or a `key`), by an `actor`, or all. "
    "For the accounting of disclosures (45 CFR 164.528) nothing is ever removed from it.",
    "responses": {
        "200": {
            "description": "A page of the log.",
            "content": {"application/json": {"schema": {"type": "object"}}},
        },
        **problems("403"),
    },
}


def register(blueprint: Blueprint) -> None:
    """Add the route of the log to a blueprint."""
    serve(blueprint, "/audit/reads", log_of_reads, ReadsAsked(), DOCUMENT)


def log_of_reads(asked: dict[str, Any]) -> flask.Response:
    """A page of the log, for the whole system: a read belongs to no facility."""
    at = doors()
    at.reads(EVENTS)
    at.whole_system(at.actor.scope)
    person, key_id = asked.get("person"), asked.get("key")
    if person is not None and key_id is not None:
        details = {"field": "key", "value": key_id, "rule": "must not be given beside `person`"}
        raise Problem(409, "question.unclear", "Give either a person or a key.", details=details)
    if at.read_log is not None:
        at.read_log.take_in()
    if person is not None:
        # Who has no key was never written of: a number that nobody has.
        key_id = at.key_of(person) or person
    with at.pool.connection() as connection:
        found = reads(
            connection,
            key_id=key_id,
            actor=asked.get("actor"),
            since=instant_of(asked["since"], "since") if "since" in asked else None,
            until=instant_of(asked["until"], "until") if "until" in asked else None,
            disclosed=asked["disclosed"],
            beyond=asked["beyond"],
            limit=asked["limit"],
        )
    following = None
    if len(found) == asked["limit"]:
        kept = {name: value for name, value in flask.request.args.items() if name != "beyond"}
        following = f"{flask.request.path}?{urlencode({**kept, 'beyond': found[-1].number})}"
    told: dict[str, Any] = {"items": [asdict(each) for each in found], "next": following}
    if asked["fhir"]:
        told = bundle([audit_event(each, person and str(person)) for each in found], following)
    response = flask.Response(msgspec.json.encode(told, enc_hook=str), mimetype="application/json")
    if following is not None:
        response.headers["Link"] = f'<{following}>; rel="next"'
    return response
