"""Where in a value the personal parts are, and what stands in their place when they are gone.

A field is marked by its type, ``full_name: Annotated[str, PERSONAL]``, in a fact or in anything a
fact holds. Whoever seals, hides or erases asks here, so that a mark is all that a fact's author
writes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from domain.kernel import PERSONAL

ERASED = "[erased]"
"""What a text of a person says whose data was erased."""

Change = Callable[[Any, Any, str], Any]
"""Given a personal value, its type, and the path of its field: what is to stand there."""

Walk = Callable[[Any, Change, str], Any]
"""Given a value as JSON has it, what changes it and where it stands: the value changed."""


def erased_id(number: int) -> UUID:
    """What stands for the identity of a person whose data was erased. Recognizable, and another
    one for each: who counts persons still counts as many. `number` has at most 62 bits."""
    return UUID(int=(0x8 << 76) | (0b10 << 62) | number)


def is_erased_id(value: UUID) -> bool:
    """Whether this is what `erased_id` gives."""
    return value.int >> 62 == (0x8 << 14) | 0b10


@cache
def personal_fields(kind: Any) -> dict[str, Walk]:
    """The fields of a dataclass that are personal or have personal parts, and how to walk each."""
    hints = get_type_hints(kind, include_extras=True)
    found = {each.name: _walk(hints[each.name]) for each in fields(kind)}
    return {name: walk for name, walk in found.items() if walk is not None}


def has_personal_parts(kind: Any, name: str | None = None) -> bool:
    """Whether anything in a dataclass, or in one field of it, is personal."""
    found = personal_fields(kind)
    return bool(found) if name is None else name in found


def tombstone(hint: Any, number: int) -> Any:
    """A value of this type that says that the person's own was erased; None where it may be."""
    if get_origin(hint) is Annotated:
        return tombstone(get_args(hint)[0], number)
    if get_origin(hint) in (Union, UnionType):
        present = [each for each in get_args(hint) if each is not NoneType]
        found = tombstone(present[0], number) if len(present) == 1 else None
        return found if found == ERASED or isinstance(found, UUID) else None
    if hint is str:
        return ERASED
    if hint is UUID:
        return erased_id(number)
    if get_origin(hint) is tuple:
        return ()
    if is_dataclass(hint):
        hints = get_type_hints(hint, include_extras=True)
        return hint(**{each.name: tombstone(hints[each.name], number) for each in fields(hint)})  # type: ignore[operator]
    if issubclass(hint, StrEnum):
        return next(iter(hint))
    return _NOTHING[hint]


_NOTHING: dict[type, Any] = {
    bool: False,
    int: 0,
    Decimal: Decimal(0),
    date: date(1, 1, 1),
    datetime: datetime(1, 1, 1, tzinfo=UTC),
}


@cache
def _walk(hint: Any) -> Walk | None:
    """How to walk a value of this type; None where nothing in it is personal."""
    origin = get_origin(hint)
    if origin is Annotated:
        inner, *marks = get_args(hint)
        return _here(inner) if PERSONAL in marks else _walk(inner)
    if origin in (Union, UnionType):
        return next(filter(None, map(_walk, get_args(hint))), None)
    if origin is tuple:
        each = _walk(get_args(hint)[0])
        return None if each is None else _in_list(each)
    if isinstance(hint, type) and is_dataclass(hint):
        parts = personal_fields(hint)
        return _in_object(parts) if parts else None
    return None


def _here(hint: Any) -> Walk:
    return lambda value, change, path: None if value is None else change(value, hint, path)


def _in_list(each: Walk) -> Walk:
    def walk(values: Any, change: Change, path: str) -> Any:
        return None if values is None else [each(value, change, path) for value in values]

    return walk


def _in_object(parts: dict[str, Walk]) -> Walk:
    def walk(value: Any, change: Change, path: str) -> Any:
        if value is None:
            return None
        changed = {
            name: part(value[name], change, f"{path}.{name}")
            for name, part in parts.items()
            if name in value
        }
        return {**value, **changed}

    return walk
