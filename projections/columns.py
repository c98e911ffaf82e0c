"""The columns of a read model, derived from the type hints of its row.

What a type becomes in PostgreSQL, and how a value goes there and comes back the same:

    UUID                             uuid
    str, StrEnum                     text COLLATE "C"
    int, Minor, Measure              bigint
    bool                             boolean
    date                             date
    datetime (aware, UTC)            timestamptz
    Decimal                          numeric
    tuples, frozen dataclasses       jsonb

``X | None`` is nullable. Anything else is refused when the model is declared.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID

import msgspec

from domain.kernel import PERSONAL


class MinorUnits:
    """Marks money in minor units of the row's `currency`."""

    __slots__ = ()


MINOR = MinorUnits()

KINDS: dict[type, str] = {
    UUID: "uuid",
    str: "text",
    int: "bigint",
    bool: "boolean",
    date: "date",
    datetime: "timestamptz",
    Decimal: "numeric",
}

RANGED = frozenset({"bigint", "date", "timestamptz"})
"""The kinds that can also be asked for from and to a value."""

SORTABLE = frozenset({"uuid", "text", "bigint", "boolean", "date", "timestamptz"})
"""The kinds whose comparisons are leakproof, so that an index can answer under row security."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column: `kind` is its PostgreSQL type, `minor` says that it is money in minor units,
    `enum` which words a text column knows, `hint` the type of the row's field without None.

    A `personal` column (``Annotated[str, PERSONAL]``) is neither filtered nor sorted by: what is
    asked for stands in addresses, and addresses end up in logs.
    """

    name: str
    kind: str
    nullable: bool
    minor: bool
    enum: type[StrEnum] | None
    personal: bool
    filterable: bool
    hint: Any

    @property
    def sql_type(self) -> str:
        return 'text COLLATE "C"' if self.kind == "text" else self.kind


def columns_of(row: type[Any]) -> tuple[Column, ...]:
    """The columns of a row type, in the order of its fields. Raises TypeError for a field that
    has no column.
    """
    hints = get_type_hints(row, include_extras=True)
    return tuple(_column(each.name, hints[each.name]) for each in fields(row))


def _column(name: str, declared: Any) -> Column:
    hint, nullable, marks = _bare(declared)
    enum = hint if isinstance(hint, type) and issubclass(hint, StrEnum) else None
    if enum is not None:
        kind: str | None = "text"
    elif get_origin(hint) is tuple or (isinstance(hint, type) and is_dataclass(hint)):
        kind = "jsonb"
    else:
        kind = KINDS.get(hint)
    if kind is None:
        raise TypeError(f"no column for field {name!r} of type {declared!r}")
    return Column(
        name=name,
        kind=kind,
        nullable=nullable,
        minor=MINOR in marks,
        enum=enum,
        personal=PERSONAL in marks,
        filterable=kind != "jsonb" and PERSONAL not in marks,
        hint=hint,
    )


def _bare(declared: Any) -> tuple[Any, bool, list[Any]]:
    """A hint without Annotated and None; whether None was allowed; how it was marked."""
    nullable, marks = False, list[Any]()
    while True:
        origin = get_origin(declared)
        if origin is Annotated:
            declared, *more = get_args(declared)
            marks += more
        elif origin in (Union, UnionType):
            present = [each for each in get_args(declared) if each is not NoneType]
            if len(present) != 1:
                return declared, nullable, marks
            (declared,), nullable = present, True
        else:
            return declared, nullable, marks


# --- values to the database and back ------------------------------------------------------------

Convert = Callable[[Any], Any]


def encoder(column: Column) -> Convert | None:
    """What makes a field's value one that psycopg sends; None where it does so by itself."""
    if column.enum is not None or column.kind == "text":
        return _text
    if column.kind == "timestamptz":
        return lambda value: None if value is None else utc(value)
    if column.kind == "jsonb":
        return lambda value: None if value is None else _told(value).decode()
    return None


_told = msgspec.json.Encoder().encode
"""A document as JSON; `_reader` is what takes it back."""


def decoder(column: Column) -> Convert | None:
    """What makes a field's value of what psycopg loads; None where they are the same."""
    if column.enum is not None:
        members: dict[str, StrEnum] = {each.value: each for each in column.enum}
        return lambda value: None if value is None else members[value]
    if column.kind == "jsonb":
        read = _reader(column.hint)
        return lambda value: None if value is None else read(value)
    return None


def _text(value: Any) -> Any:
    return value.value if isinstance(value, StrEnum) else value


def utc(value: datetime) -> datetime:
    """An instant as it is. Raises ValueError for any other zone: it would come back as UTC, and
    what is folded from it would then depend on where a batch ended.
    """
    if value.tzinfo is not UTC and value.utcoffset() != timedelta(0):
        raise ValueError("a time in a row must be aware and in UTC")
    return value


def _reader(hint: Any) -> Convert:
    """What reads a JSON value as `hint`; chosen once, when the model is declared."""
    bare, nullable, _marks = _bare(hint)
    read = _present_reader(bare)
    return (lambda value: None if value is None else read(value)) if nullable else read


def _present_reader(hint: Any) -> Convert:
    if get_origin(hint) is tuple:
        of = get_args(hint)
        if len(of) == 2 and of[1] is Ellipsis:
            each = _reader(of[0])
            return lambda values: tuple(each(value) for value in values)
        readers = tuple(_reader(one) for one in of)
        return lambda values: tuple(
            read(value) for read, value in zip(readers, values, strict=True)
        )
    if not isinstance(hint, type):
        raise TypeError(f"no place in a document for {hint!r}")
    if is_dataclass(hint):
        hints = get_type_hints(hint, include_extras=True)
        named = {field.name: _reader(hints[field.name]) for field in fields(hint)}
        return lambda value: hint(**{name: read(value[name]) for name, read in named.items()})
    if hint in (str, int, bool):
        return lambda value: value
    if issubclass(hint, (date, datetime)):
        return hint.fromisoformat
    if issubclass(hint, (UUID, Decimal, StrEnum)):
        return hint
    raise TypeError(f"no place in a document for {hint!r}")
