"""What goes over the wire: marshmallow schemas derived from the command and row dataclasses.

A command's fields are the request's fields; nothing is retyped. Money is a decimal string
(``"12.30"``), a day is ``YYYY-MM-DD``, an instant is ISO 8601 with an offset, ids are UUIDs.
Unknown fields are refused by name.
"""

from __future__ import annotations

import re
import types
from collections.abc import Callable, Collection, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Union, cast, get_args, get_origin, get_type_hints
from uuid import UUID

import marshmallow as ma
from marshmallow import validate

from domain.kernel import AtMost
from web import barcodes
from web.components import said

LONGEST_TEXT = 500
LONGEST_LIST = 200
LARGEST_INTEGER = 2**53 - 1
"""Beyond this JSON numbers are no longer exact in every client (RFC 8259, section 6)."""

AMOUNT = r"^-?[0-9]{1,15}(\.[0-9]{1,6})?$"


class Text(ma.fields.String):
    """A text that PostgreSQL and UTF-8 can hold: no NUL, no lone surrogate."""

    default_error_messages = {  # noqa: RUF012 - marshmallow's own protocol
        "invalid": "Must be a text.",
        "unstorable": "Must not contain NUL or lone surrogates.",
    }

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if "\x00" in text or any("\ud800" <= each <= "\udfff" for each in text):
            raise self.make_error("unstorable")
        return text


class YesOrNo(ma.fields.Boolean):
    """True or false, and no number that equals one of them."""

    default_error_messages = {"invalid": "Must be true or false."}  # noqa: RUF012

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


class Whole(ma.fields.Integer):
    """A whole number. ``3.0`` is one too, as JSON has it; ``"3"`` and ``true`` are not."""

    default_error_messages = {"invalid": "Must be a whole number, without quotes."}  # noqa: RUF012

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> int:
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


class Amount(ma.fields.Field[Decimal]):
    """Money: a decimal string, so that no client's floating point comes in between."""

    default_error_messages = {  # noqa: RUF012
        "invalid": 'Must be a decimal number in a string, such as "12.30".'
    }

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Decimal:
        if not isinstance(value, str) or not re.fullmatch(AMOUNT[1:-1], value):
            raise self.make_error("invalid")
        return Decimal(value)


class Day(ma.fields.Date):
    """A day, written YYYY-MM-DD and no other way."""

    default_error_messages = {  # noqa: RUF012
        "invalid": "Must be a day there is, written YYYY-MM-DD."
    }

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, str) or len(value) != 10:
            raise self.make_error("invalid", input=value, obj_type=self.OBJ_TYPE)
        return super()._deserialize(value, attr, data, **kwargs)


class Instant(ma.fields.AwareDateTime):
    """A moment, with its offset from UTC."""

    default_error_messages = {  # noqa: RUF012
        "invalid": "Must be an instant with its offset, such as 2026-01-31T23:59:59Z.",
        "invalid_awareness": "Must tell its offset: 2026-01-31T23:59:59Z, not without the Z.",
    }

    def __init__(self, **options: Any) -> None:
        super().__init__(format="iso", **options)


class Exactly(ma.Schema):
    """A request with these members, and no others."""

    class Meta:
        unknown = ma.RAISE


class NothingAsked(Exactly):
    """A request without members."""


def field_for(hint: Any, *, needed: bool, default: Any = MISSING, told: str = "") -> Any:
    """The marshmallow field for a type hint of a command or a row."""
    options: dict[str, Any] = {"metadata": {"description": told} if told else {}}
    most = next((each.many for each in get_args(hint)[1:] if isinstance(each, AtMost)), None)
    inner, optional = _without_none(hint)
    if optional:
        options["allow_none"] = True
    if needed:
        options["required"] = True
    elif default is not MISSING:
        options["load_default"] = default
        if not isinstance(default, tuple) and not is_dataclass(default):
            options["metadata"]["default"] = default
    return _field(inner, options, most or LONGEST_LIST)


def _field(hint: Any, options: dict[str, Any], most: int = LONGEST_LIST) -> Any:
    if get_origin(hint) is tuple:
        element = _field(get_args(hint)[0], {})
        return ma.fields.List(element, validate=validate.Length(max=most), **options)
    if is_dataclass(hint):
        return ma.fields.Nested(schema_for(cast(type, hint)), **options)
    if issubclass(hint, StrEnum):
        return ma.fields.Enum(hint, by_value=True, **options)
    if hint is bool:
        return YesOrNo(**options)
    if hint is int:
        within = validate.Range(min=-LARGEST_INTEGER, max=LARGEST_INTEGER)
        return Whole(validate=within, **options)
    if hint is str:
        return Text(validate=validate.Length(max=LONGEST_TEXT), **options)
    if hint is datetime:
        return Instant(**options)
    simple: Mapping[type, Callable[..., Any]] = {
        UUID: ma.fields.UUID,
        Decimal: Amount,
        date: Day,
    }
    return simple[hint](**options)


def _without_none(hint: Any) -> tuple[Any, bool]:
    """The hint without Annotated and None, and whether None was in it."""
    if get_origin(hint) is Annotated:
        hint = get_args(hint)[0]
    if get_origin(hint) in (Union, types.UnionType):
        (inner,) = [each for each in get_args(hint) if each is not type(None)]
        return _without_none(inner)[0], True
    return hint, False


_schemas: dict[tuple[type[Any], frozenset[str]], ma.Schema] = {}
"""Each schema is made once: the API's description knows a schema by its class."""


def schema_for(kind: type[Any], leave_out: frozenset[str] = frozenset()) -> ma.Schema:
    """The schema of a dataclass; loading gives the dataclass, or a dict where fields are left out.

    `leave_out` names fields that come from elsewhere (the path).
    """
    if (known := _schemas.get((kind, leave_out))) is None:
        known = _schemas[kind, leave_out] = _schema_of(kind, leave_out)
    return known


def _schema_of(kind: type[Any], leave_out: frozenset[str]) -> ma.Schema:
    hints = get_type_hints(kind, include_extras=True)
    declared: dict[str, Any] = {}
    for each in fields(kind):
        if each.name not in leave_out:
            default = _default(each)
            declared[each.name] = field_for(
                hints[each.name], needed=default is MISSING, default=default
            )

    scannable = barcodes.fields_of(declared)

    def scanned(self: ma.Schema, given: Any, **_: Any) -> Any:
        return barcodes.read(given, scannable) if scannable else given

    def made(self: ma.Schema, loaded: dict[str, Any], **_: Any) -> Any:
        plain = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in loaded.items()
        }
        return plain if leave_out else kind(**plain)

    if scannable:
        declared["barcode"] = Text(metadata={"description": barcodes.TOLD})
    members = {
        **declared,
        "Meta": type("Meta", (Exactly.Meta,), {"description": said(kind)}),
        "scanned": ma.pre_load(scanned),
        "made": ma.post_load(made),
    }
    return cast(ma.Schema, type(kind.__name__, (Exactly,), members)())


def _default(each: Field[Any]) -> Any:
    if each.default_factory is not MISSING:
        return each.default_factory()
    return each.default


def register(api: Any) -> None:
    """Tell the API's description how our own fields look in JSON schema."""
    api.register_field(Text, "string", None)
    api.register_field(Whole, "integer", None)
    api.register_field(Amount, "string", None)
    api.register_field(Day, "string", "date")
    api.register_field(Instant, "string", "date-time")
    api.ma_plugin.converter.add_attribute_function(_shape)


def close(api: Any, answers: Collection[str]) -> None:
    """Say of every schema, but for those of answers, that it has no other members: of one that is
    described the library leaves this out."""
    for name, schema in api.spec.components.schemas.items():
        if name not in answers:
            schema["additionalProperties"] = False


EXAMPLES: Mapping[str, str] = {
    "city": "Boston",
    "country": "US",
    "currency": "USD",
    "item_code": "09506000134352",
    "item_system": "GTIN",
    "lot": "A1",
    "month": "2026-01",
    "npi": "1234567893",
    "postal_code": "02110",
    "reason": "entered twice",
    "region": "MA",
    "zone": "America/New_York",
}
"""What texts of these names look like."""

TOLD: Mapping[str, str] = {
    "beyond": "Begin after this number.",
    "currency": "A currency by its code of ISO 4217.",
    "item_code": "The item's code in its system.",
    "item_system": "Which system the item's code is of: GTIN, NDC, or one's own.",
    "limit": "How many rows a page has at most.",
    "month": "A month, YYYY-MM.",
    "month_from": "The first month.",
    "month_to": "The last month, included.",
    "months": "How many months to come.",
    "on": "The day.",
    "on_from": "The first day.",
    "on_to": "The last day, included.",
    "order": "Which end comes first.",
    "payer_id": "Which payer.",
    "reason": "Why.",
    "zone": "A time zone of IANA.",
}
"""What members of these names are, where nothing else is said of them."""


def _shape(self: Any, field: Any, ret: dict[str, Any], **_: Any) -> dict[str, Any]:
    """How a field looks, and what it is called for."""
    told = TOLD.get(field.name or "") if "description" not in ret else None
    return {**_look(field, ret), **({"description": told} if told else {})}


def _look(field: Any, ret: dict[str, Any]) -> dict[str, Any]:
    match field:
        case Amount():
            return {"pattern": AMOUNT, "examples": ["12.30"]}
        case Text():
            shape = {} if "pattern" in ret else {"pattern": r"^[^\x00]*$"}
            example = EXAMPLES.get(field.name or "")
            return {**shape, "examples": [example]} if example else shape
        case ma.fields.Enum():
            told = {} if "description" in ret else {"description": said(field.enum)}
            return {"type": ["string", "null"] if field.allow_none else "string", **told}
        case Day():
            return {"examples": ["2026-01-31"]}
        case Instant():
            return {"examples": ["2026-01-31T23:59:59Z"]}
        case _:
            return {}
