"""How declarations are told in Markdown: types in words, docstrings, tables, links."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID

import msgspec

from projections.columns import MINOR

# --- types -------------------------------------------------------------------------------------

PLAIN = {
    UUID: "id",
    str: "text",
    int: "integer",
    bool: "boolean",
    date: "day",
    datetime: "instant",
    Decimal: "decimal",
}


def hints_of(declared: Any) -> dict[str, Any]:
    """The types of the fields. What two of a kind may differ in and be equal is not told."""
    hints = get_type_hints(declared, include_extras=True)
    return {each.name: hints[each.name] for each in fields(declared) if each.compare}


def marks_of(hint: Any) -> tuple[Any, ...]:
    return get_args(hint)[1:] if get_origin(hint) is Annotated else ()


def type_of(hint: Any) -> str:
    """A type in words."""
    if get_origin(hint) is Annotated:
        return "money" if MINOR in marks_of(hint) else type_of(get_args(hint)[0])
    if get_origin(hint) in (Union, UnionType):
        return f"{type_of(_present(hint))} or null"
    if get_origin(hint) is tuple:
        return f"list of {type_of(get_args(hint)[0])}"
    return PLAIN.get(hint) or f"[{hint.__name__}](words.md#{hint.__name__.lower()})"


def _present(hint: Any) -> Any:
    (present,) = [each for each in get_args(hint) if each is not NoneType]
    return present


def words_in(hint: Any) -> Iterator[type[Any]]:
    """The enumerations and documents a type is made of."""
    for each in get_args(hint):
        if each is not Ellipsis:
            yield from words_in(each)
    if isinstance(hint, type) and (issubclass(hint, StrEnum) or is_dataclass(hint)):
        yield hint
        if is_dataclass(hint):
            for part in hints_of(hint).values():
                yield from words_in(part)


# --- writing -----------------------------------------------------------------------------------


def as_json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def links(page: str, names: Iterable[str]) -> str:
    """Names, each with a link to its heading."""
    return ", ".join(f"[{each}]({page}#{each.lower().replace('.', '')})" for each in names)


def table(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    cells = [[each.replace("|", "\\|").strip() for each in row] for row in (header, *rows)]
    lines = [f"| {' | '.join(row)} |" for row in cells]
    return "\n".join([lines[0], "|" + "---|" * len(header), *lines[1:]])
