"""How the auditor's routes are described in the OpenAPI document."""

from __future__ import annotations

from typing import Any

from projections import READ_MODELS
from projections.kernel import Summary
from web.documents import problems
from web.timeline import EVENT

SUMMARIES = tuple(each.name for each in READ_MODELS if isinstance(each, Summary))

_ID = {"type": "string", "format": "uuid"}
_ID_OR_NULL = {"type": ["string", "null"], "format": "uuid"}
_INSTANT = {"type": "string", "format": "date-time"}
_INSTANT_OR_NULL = {"type": ["string", "null"], "format": "date-time"}
_TEXT = {"type": "string"}
_TEXT_OR_NULL = {"type": ["string", "null"]}
_NUMBER = {"type": "integer"}
_AMOUNT = {"type": ["integer", "string"], "description": "A count, or money as decimal text."}
_ADDRESS = {"type": ["string", "null"], "description": "Also in the Link header."}


def _list(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


def _object(**members: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "required": list(members), "properties": members}


def _answers(summary: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    told = {"description": "What was found.", "content": {"application/json": {"schema": schema}}}
    return {
        "summary": summary,
        "description": description,
        "responses": {"200": told, **problems("403")},
    }


_BRIEF = _object(
    position=_NUMBER,
    version=_NUMBER,
    fact=_TEXT,
    actor=_TEXT,
    role=_TEXT,
    effective_at=_INSTANT,
    recorded_at=_INSTANT,
    reason=_TEXT_OR_NULL,
)
_GIVEN = _object(
    command_id=_ID,
    causation_id=_ID_OR_NULL,
    events=_list(_BRIEF),
    led_to={"type": "array", "items": {"type": "object"}, "description": "As this, and so on."},
)

TIMELINE = _answers(
    "What happened, by any dimension",
    "Events in the order of their positions. `next` goes on, `previous` goes back. A page may be "
    "shorter than its limit, or empty, and still have a `next`: looking for something rare goes on "
    "with the next page.",
    _object(items=_list(EVENT), next=_ADDRESS, previous=_ADDRESS),
)

CAUSES = _answers(
    "What led to an event, and what followed from it",
    "Commands with their events: the chain that leads here from its first cause, what followed, "
    "and everything of the same correlation as trees.",
    _object(
        event=EVENT,
        led_here=_list(_GIVEN),
        led_to=_list(_GIVEN),
        correlated=_list(_GIVEN),
        complete={"type": "boolean", "description": "Whether `limit` left nothing out."},
    ),
)

STATE = _answers(
    "What something had become, on both clocks",
    "`as_of` is by what was known then; `effective_at` by what had happened then, of what is "
    "known. `set_aside` are events that build on one that had not happened yet. `next` and "
    "`previous` are the state a version later and earlier.",
    _object(
        stream_id=_ID,
        aggregate=_TEXT,
        facility_id=_ID_OR_NULL,
        version=_NUMBER,
        position=_NUMBER,
        known_at=_NUMBER,
        effective_at=_INSTANT_OR_NULL,
        state={"type": "object"},
        set_aside=_list(_BRIEF),
        next=_ADDRESS,
        previous=_ADDRESS,
    ),
)

_CHANGE = {
    "type": "object",
    "required": ["path", "old", "new", "by"],
    "properties": {
        "path": _TEXT,
        "old": {"description": "What was there; null where nothing was."},
        "new": {"description": "What is there; null where nothing is."},
        "by": {**_list(_NUMBER), "description": "The positions of the events responsible."},
    },
}
_THING = _object(
    stream_id=_ID,
    aggregate=_TEXT,
    versions=_list(_NUMBER),
    changes=_list(_CHANGE),
    events=_list(_BRIEF),
    set_aside=_list(_BRIEF),
    told_upto=_NUMBER,
    complete={
        "type": "boolean",
        "description": "Whether `events` and `by` are told of all events; else up to `told_upto`.",
    },
)
_FIGURE = _object(
    summary=_TEXT,
    group={"type": "object", "description": "What tells the figure's row apart from others."},
    figure=_TEXT,
    old=_AMOUNT,
    new=_AMOUNT,
    change=_AMOUNT,
    moved_by=_list(_object(fact=_TEXT, events=_NUMBER, by=_AMOUNT, first=_NUMBER, last=_NUMBER)),
)

DIFFERENCE = _answers(
    "What changed between two moments, and by which events",
    "Of a stream: every field that differs. Of a facility: the same for each thing that changed, "
    "and its scorecard. Of the system: the figures of its scorecard. What changed is told for the "
    "whole stretch; by which events, up to `told_upto`; `next` tells the rest. Of a facility that "
    "goes for `items` too; one that is not `complete` tells the rest when it is asked for alone.",
    _object(
        **{"from": _NUMBER},
        to=_NUMBER,
        told_upto=_NUMBER,
        items=_list(_THING),
        figures=_list(_FIGURE),
        next=_ADDRESS,
    ),
)
