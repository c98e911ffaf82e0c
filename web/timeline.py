"""The events behind a figure: who, when, why, what."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import flask
import marshmallow as ma
import msgspec
from flask_smorest import Blueprint
from marshmallow import validate

from domain.access.roles import EVENTS, context_of
from domain.kernel import Recorded
from facilities.service import NotFound
from projections.audit.masking import masked
from web.api import serve
from web.auditor import persons_of
from web.components import said
from web.documents import problems
from web.doors import doors
from web.schemas import LARGEST_INTEGER, Exactly

EVENT = {
    "type": "object",
    "properties": {
        "position": {"type": "integer"},
        "stream_id": {"type": "string", "format": "uuid"},
        "version": {"type": "integer"},
        "fact": {"type": "string"},
        "facility_id": {"type": ["string", "null"], "format": "uuid"},
        "effective_at": {"type": "string", "format": "date-time"},
        "recorded_at": {"type": "string", "format": "date-time"},
        "actor": {"type": "string"},
        "role": {"type": "string"},
        "command_id": {"type": "string", "format": "uuid"},
        "correlation_id": {"type": "string", "format": "uuid"},
        "causation_id": {"type": ["string", "null"], "format": "uuid"},
        "reason": {"type": ["string", "null"]},
        "source": {"type": ["string", "null"]},
        "content": {"type": "object"},
    },
}
_EVENTS = {
    "type": "object",
    "required": ["items", "next"],
    "properties": {
        "items": {"type": "array", "items": EVENT},
        "next": {"type": ["string", "null"]},
    },
}


class Asked(Exactly):
    """Which part of a timeline."""

    beyond = ma.fields.Integer(
        load_default=0,
        validate=validate.Range(min=0, max=LARGEST_INTEGER),
        metadata={"description": "Begin after this version (stream) or position (facility)."},
    )
    limit = ma.fields.Integer(load_default=100, validate=validate.Range(min=1, max=1000))


def _description(summary: str, description: str) -> dict[str, Any]:
    told = {
        "description": "A page of events.",
        "content": {"application/json": {"schema": _EVENTS}},
    }
    return {
        "summary": summary,
        "description": description,
        "responses": {"200": told, **problems("403")},
    }


def register(blueprint: Blueprint) -> None:
    """Add the timelines to a blueprint."""
    for path, view, summary in (
        ("/streams/<uuid:stream_id>/events", stream_events, "The life of one thing, in order"),
        ("/facilities/<uuid:facility_id>/events", facility_events, "What happened at a facility"),
        ("/system/events", system_events, "What happened anywhere"),
    ):
        serve(blueprint, path, view, Asked(), _description(summary, said(view)))


def stream_events(asked: dict[str, int], stream_id: UUID) -> flask.Response:
    """The events of one stream, beyond a version."""
    at = doors()
    first = at.seen.stream(stream_id, limit=1)
    if not first or not at.actor.scope.admits(first[0].facility_id):
        raise NotFound("stream", stream_id)
    if not at.actor.role.reads(EVENTS) and not at.actor.role.reads(context_of(type(first[0].fact))):
        raise NotFound("stream", stream_id)
    found = at.seen.stream(stream_id, after=asked["beyond"], limit=asked["limit"])
    return _page(found, asked["limit"], lambda event: event.version)


def facility_events(asked: dict[str, int], facility_id: UUID) -> flask.Response:
    """The events of one facility, beyond a position."""
    at = doors()
    at.reads(EVENTS)
    if not at.actor.scope.admits(facility_id) or not at.is_facility(facility_id):
        raise NotFound("facility", facility_id)
    found = at.seen.at(
        at.ledger.positions_of(facility_id, after=asked["beyond"], limit=asked["limit"])
    )
    return _page(found, asked["limit"], lambda event: event.position)


def system_events(asked: dict[str, int]) -> flask.Response:
    """The events of the whole system, beyond a position."""
    at = doors()
    at.reads(EVENTS)
    at.whole_system(at.actor.scope)
    found = at.seen.read(asked["beyond"], asked["limit"])
    return _page(found, asked["limit"], lambda event: event.position)


def _page(
    found: Sequence[Recorded[Any]], limit: int, place: Callable[[Recorded[Any]], int]
) -> flask.Response:
    following = None
    if len(found) == limit:
        following = f"{flask.request.path}?beyond={place(found[-1])}&limit={limit}"
    seen: Sequence[Recorded[Any]] = masked(found)
    if doors().actor.sees_personal:
        seen, flask.g.persons = found, persons_of(found)
    body = {"items": [shown(each) for each in seen], "next": following}
    encoded = msgspec.json.encode(body, enc_hook=str)
    response = flask.Response(encoded, mimetype="application/json")
    if following is not None:
        response.headers["Link"] = f'<{following}>; rel="next"'
    return response


def shown(event: Recorded[Any]) -> dict[str, Any]:
    """An event as JSON has it."""
    return {
        "position": event.position,
        "stream_id": event.stream_id,
        "version": event.version,
        "fact": event.fact.name,
        "facility_id": event.facility_id,
        "effective_at": event.effective_at,
        "recorded_at": event.recorded_at,
        "actor": event.actor,
        "role": event.role,
        "command_id": event.command_id,
        "correlation_id": event.correlation_id,
        "causation_id": event.causation_id,
        "reason": event.reason,
        "source": event.source,
        "content": event.fact,
    }
