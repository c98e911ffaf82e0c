"""How operations are described in the OpenAPI document."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from domain.kernel import Command
from projections.columns import Column
from projections.kernel import ReadModel, Summary
from web.problems import MEDIA_TYPE

_PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "Stable; programs may rely on it."},
        "detail": {"type": "string"},
        "errors": {"type": "object", "description": "What is wrong with which field."},
        "given": {"type": "object", "description": "What was given in these fields, shortened."},
        "details": {"type": "object", "description": "What the rule looked at."},
    },
}

_TOLD = {
    "400": "The request is malformed: its JSON, a header or a cursor.",
    "401": "No valid token was sent.",
    "403": "This is not for the token's role, or it is for the whole system to decide.",
    "404": "There is no such thing, or it is outside the token's scope.",
    "409": "A rule refuses it; `code` names the rule, `details` what it looked at.",
    "412": "If-Match names a version that is not the current one.",
    "413": "The body is larger than 1 MiB.",
    "415": "The body is not application/json.",
    "422": "The input does not parse; `errors` tells what is wrong with which field.",
    "429": "Too much at once; Retry-After tells when to try again.",
    "501": "What it takes is not installed; `detail` says what to install.",
    "503": "The database, or a read model that was waited for, is behind.",
}

RATIO: dict[str, Any] = {
    "type": "object",
    "required": ["numerator", "denominator", "value"],
    "properties": {
        "numerator": {"type": "string"},
        "denominator": {"type": "string"},
        "value": {"type": ["string", "null"]},
    },
}
"""A figure, and what it is divided by what (`projections.ratio`)."""

ANSWERED_TO_ALL = ("401", "404", "409", "422", "429", "503")
ANSWERED_TO_COMMANDS = ("400", "403", "412", "413", "415")


def problems(*statuses: str) -> dict[str, Any]:
    """The problem documents an operation may answer with."""
    return {
        status: {"description": _TOLD[status], "content": {MEDIA_TYPE: {"schema": _PROBLEM}}}
        for status in sorted({*ANSWERED_TO_ALL, *statuses})
    }


OUTCOME_OF_ONE: dict[str, Any] = {
    "type": "object",
    "required": ["stream_id", "version", "position", "facts"],
    "properties": {
        "stream_id": {"type": "string", "format": "uuid"},
        "version": {"type": "integer", "minimum": 0},
        "position": {
            "type": "integer",
            "minimum": 0,
            "description": "Give it as `after` to a query, to see what this command did.",
        },
        "facts": {"type": "array", "items": {"type": "string"}},
        "warnings": {
            "type": "array",
            "items": {"type": "object"},
            "description": "What soft rules say, which refuse nothing.",
        },
    },
}

_HEADERS = [
    {
        "name": "Almoner-Dry-Run",
        "in": "header",
        "description": "With `true` the answer is what it would be, and nothing is recorded.",
        "schema": {"type": "string", "enum": ["true", "false"]},
    },
    {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "Sent again with the same key, a request has one effect and one answer.",
        "schema": {"type": "string", "pattern": "^[!-~]{1,255}$"},
    },
    {
        "name": "If-Match",
        "in": "header",
        "description": "The version the decision is based on, as an ETag gave it.",
        "schema": {"type": "string", "pattern": '^("[0-9]{1,9}"|[0-9]{1,9}|\\*)$'},
    },
    {
        "name": "Almoner-Reason",
        "in": "header",
        "description": "Why; it is written down with the event.",
        "schema": {"type": "string", "pattern": "^[!-~]([ -~]{0,498}[!-~])?$"},
    },
]


def of_command(command: type[Command]) -> dict[str, Any]:
    """A command's summary, headers and answers."""
    told = {"application/json": {"schema": OUTCOME_OF_ONE}}
    return {
        "summary": _sentence(command),
        "description": inspect.getdoc(command) or "",
        "parameters": _HEADERS,
        "responses": {
            "201": {"description": "It was recorded.", "content": told},
            "200": {"description": "It was so already, or a dry run.", "content": told},
            **problems(*ANSWERED_TO_COMMANDS),
        },
    }


def of_making(
    view: Callable[..., object], told: dict[str, Any], *statuses: str, headers: bool = False
) -> dict[str, Any]:
    """An operation of a view of its own, which records something: its docstring, what it takes of
    the `headers` of commands (that of a version aside), and its answers."""
    summary, _, more = (inspect.getdoc(view) or "").partition("\n\n")
    answer = {"application/json": {"schema": told}}
    return {
        "summary": " ".join(summary.split()),
        "description": more,
        "parameters": _HEADERS if headers else [],
        "responses": {
            "201": {"description": "It was recorded.", "content": answer},
            "200": {"description": "It was so already, or a dry run.", "content": answer},
            **problems(*ANSWERED_TO_COMMANDS, *statuses),
        },
    }


def of_foresight(command: type[Command], told: dict[str, Any]) -> dict[str, Any]:
    """What a command would do: its summary and answers."""
    answer = {"description": "OK", "content": {"application/json": {"schema": told}}}
    return {
        "summary": f"What would come of it: {_sentence(command)}",
        "description": "Nothing is recorded.",
        "responses": {"200": answer, **problems(*ANSWERED_TO_COMMANDS)},
    }


def of_list(model: ReadModel[Any]) -> dict[str, Any]:
    """A list's summary and answers."""
    page = {
        "type": "object",
        "required": ["items", "next", "position"],
        "properties": {
            "items": {"type": "array", "items": row_schema(model)},
            "next": {
                "type": ["string", "null"],
                "description": "The address of the next page, also in the Link header.",
            },
            "position": {"type": "integer", "description": "How far the ledger is told here."},
        },
    }
    return _query(f"{_title(model)}: {model.desk}", page, "400")


def of_row(model: ReadModel[Any]) -> dict[str, Any]:
    """One row's summary and answers."""
    return _query(f"One of: {_title(model)}", row_schema(model))


def of_summary(model: Summary[Any], through: str | None = None) -> dict[str, Any]:
    """A summary's summary and answers."""
    properties = _properties(model, leave_out="facility_id")
    properties.pop(through or "", None)
    shown = {"type": "object", "properties": properties}
    figures = {
        "type": "object",
        "required": ["items", "position"],
        "properties": {
            "items": {"type": "array", "items": shown},
            "position": {"type": "integer", "description": "How far the ledger is told here."},
        },
    }
    return _query(f"{_title(model)}: {model.desk}", figures)


def of_view(view: Callable[..., Any], schema: dict[str, Any]) -> dict[str, Any]:
    """What a view of its own answers to a query: its docstring, and a schema."""
    return _query(" ".join((inspect.getdoc(view) or "").split()).rstrip("."), schema)


def _query(summary: str, schema: dict[str, Any], *statuses: str) -> dict[str, Any]:
    return {
        "summary": summary,
        "responses": {
            "200": {"description": "OK", "content": {"application/json": {"schema": schema}}},
            **problems("403", *statuses),
        },
    }


def row_schema(model: ReadModel[Any]) -> dict[str, Any]:
    """A row as JSON schema."""
    return {"type": "object", "properties": _properties(model)}


def _properties(model: ReadModel[Any], leave_out: str = "") -> dict[str, Any]:
    return {column.name: _property(column) for column in model.columns if column.name != leave_out}


def _property(column: Column) -> dict[str, Any]:
    kind: dict[str, Any] = {
        "uuid": {"type": "string", "format": "uuid"},
        "bigint": {"type": "integer"},
        "boolean": {"type": "boolean"},
        "date": {"type": "string", "format": "date"},
        "timestamptz": {"type": "string", "format": "date-time"},
        "jsonb": {},
    }.get(column.kind, {"type": "string"})
    if column.minor:
        kind = {"type": "string", "description": "Money, in the row's currency."}
    if column.nullable and "type" in kind:
        kind = {**kind, "type": [kind["type"], "null"]}
    return kind


def _title(model: ReadModel[Any]) -> str:
    return model.name.replace("_", " ").capitalize()


def _sentence(command: type[Command]) -> str:
    told = (inspect.getdoc(command) or command.__name__).split("\n\n", maxsplit=1)[0]
    return " ".join(told.split()).partition(". ")[0].rstrip(".")
