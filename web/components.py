"""What operations of the OpenAPI document share and refer to: problems, outcomes, headers, rows.

A row is told by the columns of its read model, and what is in a column that holds a document by the
type of the row's field.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from projections.columns import Column
from projections.kernel import ReadModel
from projections.render import MASK, personal_columns
from web.problems import MEDIA_TYPE, TITLES

Schema = dict[str, Any]

PROBLEM: Schema = {
    "type": "object",
    "description": "What is wrong, as RFC 9457 has it.",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string", "description": "`urn:almoner:problem:` and the code."},
        "title": {"type": "string", "description": "What kind of problem it is."},
        "status": {"type": "integer", "description": "The status of the response."},
        "code": {"type": "string", "description": "Stable; programs may rely on it."},
        "detail": {"type": "string", "description": "What is wrong, for people. It may change."},
        "errors": {"type": "object", "description": "What is wrong with which field."},
        "given": {"type": "object", "description": "What was given in these fields, shortened."},
        "details": {
            "type": "object",
            "description": "What the rule looked at: `field`, `value`, `rule`, and more.",
        },
    },
    "examples": [
        {
            "type": "urn:almoner:problem:claim.amount",
            "title": "Refused by a rule",
            "status": 409,
            "code": "claim.amount",
            "detail": "Unit amount must be more than zero.",
            "details": {
                "field": "unit_amount",
                "value": "0.00",
                "rule": "must be more than zero",
            },
        }
    ],
}

OUTCOME: Schema = {
    "type": "object",
    "description": "Where a command led: the thing it was for, and what was recorded.",
    "required": ["stream_id", "version", "position", "facts"],
    "properties": {
        "stream_id": {
            "type": "string",
            "format": "uuid",
            "description": "The thing it was for; the new one's id where it began one.",
        },
        "version": {
            "type": "integer",
            "minimum": 0,
            "description": "The thing's version now, as `If-Match` takes it.",
        },
        "position": {
            "type": "integer",
            "minimum": 0,
            "description": "Give it as `after` to a query, to see what this command did.",
        },
        "facts": {
            "type": "array",
            "items": {"type": "string"},
            "description": "What was recorded, by name; empty where it was so already.",
        },
        "warnings": {
            "type": "array",
            "items": {"type": "object"},
            "description": "What soft rules say, which refuse nothing.",
        },
    },
}

RATIO: Schema = {
    "type": "object",
    "description": "A figure, and what it is divided by what.",
    "required": ["numerator", "denominator", "value"],
    "properties": {
        "numerator": {"type": "string"},
        "denominator": {"type": "string"},
        "value": {"type": ["string", "null"], "description": "Null where nothing is divided by."},
    },
}
"""As `projections.ratio` tells it."""

ANSWERS = {
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
"""With which problems an operation may answer, by status."""

HEADERS: Mapping[str, Schema] = {
    "Almoner-Dry-Run": {
        "description": "With `true` the answer is what it would be, and nothing is recorded.",
        "schema": {"type": "string", "enum": ["true", "false"]},
    },
    "Idempotency-Key": {
        "description": "Sent again with the same key, a request has one effect and one answer.",
        "schema": {"type": "string", "pattern": "^[!-~]{1,255}$"},
    },
    "If-Match": {
        "description": "The version the decision is based on, as an ETag gave it.",
        "schema": {"type": "string", "pattern": '^("[0-9]{1,9}"|[0-9]{1,9}|\\*)$'},
    },
    "Almoner-Reason": {
        "description": "Why; it is written down with the event.",
        "schema": {"type": "string", "pattern": "^[!-~]([ -~]{0,498}[!-~])?$"},
    },
}
"""What the headers of commands say."""


def schema(name: str) -> Schema:
    """A reference to a schema that is said once."""
    return {"$ref": f"#/components/schemas/{name}"}


def answer(status: str) -> Schema:
    """A reference to the answer with a problem of this status."""
    return {"$ref": f"#/components/responses/{_camel(TITLES[int(status)])}"}


def row(model: ReadModel[Any]) -> Schema:
    """A reference to the row of a read model."""
    return schema(_name_of_row(model))


def register(spec: Any, models: Iterable[ReadModel[Any]]) -> None:
    """Say what is shared in a document, with the rows of these read models."""
    spec.components.schema("Problem", PROBLEM)
    spec.components.schema("Outcome", OUTCOME)
    for model in models:
        spec.components.schema(_name_of_row(model), _row_schema(model))
    for status, told in ANSWERS.items():
        problem = {MEDIA_TYPE: {"schema": schema("Problem")}}
        name = _camel(TITLES[int(status)])
        spec.components.response(name, {"description": told, "content": problem})
    for name, header in HEADERS.items():
        spec.components.parameter(name, "header", {"name": name, **header})


def said(of: Any) -> str:
    """A docstring as the document's Markdown."""
    return (inspect.getdoc(of) or "").replace("``", "`")


def _name_of_row(model: ReadModel[Any]) -> str:
    return f"{_camel(model.name.replace('_', ' '))}Row"


def _camel(words: str) -> str:
    return "".join(each.capitalize() for each in words.split())


# --- rows ----------------------------------------------------------------------------------------


def _row_schema(model: ReadModel[Any]) -> Schema:
    properties = columns(model)
    return {
        "type": "object",
        "description": said(model.row),
        "required": [*properties],
        "properties": properties,
    }


def columns(model: ReadModel[Any], leave_out: str = "") -> Schema:
    """The columns of a read model as JSON schema, by name."""
    personal = personal_columns(model)
    return {
        each.name: _personal(each) if each.name in personal else _column(each)
        for each in model.columns
        if each.name != leave_out
    }


def _personal(column: Column) -> Schema:
    told = {"description": f"Personal; an auditor sees {MASK} in its place."}
    plain = column.kind == "text" and column.enum is None
    return {**_column(column), **told} if plain else told


def _column(column: Column) -> Schema:
    if column.minor:
        told: Schema = {"type": "string", "description": "Money, in the row's currency."}
    elif column.kind == "numeric":
        told = {"type": "number"}
    else:
        told = shape_of(column.hint)
    return _or_null(told) if column.nullable else told


_PLAIN: Mapping[type, Schema] = {
    UUID: {"type": "string", "format": "uuid"},
    str: {"type": "string"},
    int: {"type": "integer"},
    bool: {"type": "boolean"},
    date: {"type": "string", "format": "date"},
    datetime: {"type": "string", "format": "date-time"},
    Decimal: {"type": "string", "description": "A decimal number."},
}


def shape_of(hint: Any) -> Schema:
    """What a type is in JSON, where it stands in a row."""
    if get_origin(hint) is Annotated:
        return shape_of(get_args(hint)[0])
    if get_origin(hint) in (Union, UnionType):
        (present,) = [each for each in get_args(hint) if each is not NoneType]
        return _or_null(shape_of(present))
    if get_origin(hint) is tuple:
        first, *others = get_args(hint)
        if others == [Ellipsis]:
            return {"type": "array", "items": shape_of(first)}
        return {"type": "array", "prefixItems": [shape_of(each) for each in (first, *others)]}
    if is_dataclass(hint):
        hints = get_type_hints(hint, include_extras=True)
        properties = {each.name: shape_of(hints[each.name]) for each in fields(hint)}
        told = {"description": said(hint), "required": [*properties]}
        return {"type": "object", **told, "properties": properties}
    if issubclass(hint, StrEnum):
        words = [each.value for each in hint]
        return {"type": "string", "enum": words, "description": said(hint)}
    return _PLAIN[hint]


def _or_null(told: Schema) -> Schema:
    """The same, or null."""
    if "enum" in told:
        told = {**told, "enum": [*told["enum"], None]}
    return {**told, "type": [told["type"], "null"]}
