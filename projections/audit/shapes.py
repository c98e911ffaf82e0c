"""What values consist of, whatever type they have: it is asked of thousands of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from operator import attrgetter
from types import MappingProxyType
from typing import Any, TypeVar, cast

T = TypeVar("T")


def of_each_type(function: Callable[[Any], T]) -> Callable[[Any], T]:
    """What is found out of a type, found out once."""
    return cache(function)


@of_each_type
def shape(kind: Any) -> type[Any]:
    """How things of a type are told: by names (dict), one after the other (list), or as they are
    (object)."""
    if is_dataclass(kind) or issubclass(kind, Mapping):
        return dict
    return list if issubclass(kind, (tuple, list)) else object


@of_each_type
def fields_of(kind: Any) -> tuple[tuple[str, ...], Callable[[Any], tuple[Any, ...]]] | None:
    """The names of a dataclass's fields, and what gives all of them; None of anything else."""
    if not is_dataclass(kind):
        return None
    names = tuple(each.name for each in fields(kind))
    if len(names) > 1:
        return names, attrgetter(*names)
    return names, lambda value: tuple(getattr(value, name) for name in names)


def by_names(value: Any) -> Mapping[Any, Any]:
    """What is under each name in something that is told by names."""
    if isinstance(value, MappingProxyType):
        # A proxy is asked for one name after the other in more time than it is copied in.
        return cast(Mapping[Any, Any], value.copy())
    known = fields_of(type(value))
    if known is None:
        return cast(Mapping[Any, Any], value)
    names, values = known
    return dict(zip(names, values(value), strict=True))
