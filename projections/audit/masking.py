"""What identifies a person, hidden from whoever may not see it.

Facts are masked before anything is folded from them, so that a value is hidden wherever it got to,
under whatever name. A masked value is still equal to itself and to no other: a difference tells
that a name changed, and not what it was.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields, is_dataclass
from functools import cache
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin, get_type_hints

from domain.kernel import PERSONAL
from domain.replacing import replace
from projections.audit import Placed
from projections.render import MASK

P = TypeVar("P", bound=Placed)


class Masked:
    """A value that is there and not shown."""

    __slots__ = ("_hidden",)

    def __init__(self, hidden: object) -> None:
        self._hidden = hidden

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Masked) and self._hidden == other._hidden

    def __hash__(self) -> int:
        return hash(self._hidden)

    def __str__(self) -> str:
        return MASK

    __repr__ = __str__


def masked(events: Sequence[P]) -> list[P]:
    """The events with what is personal in their facts hidden."""
    return [_masked(each) for each in events]


def _masked(event: P) -> P:
    kind: Any = type(event.fact)
    hide = _hider(kind)
    if hide is None:
        return event
    hidden = hide(event.fact)
    return event if hidden is event.fact else event._replace(fact=hidden)


Hide = Callable[[Any], Any]


@cache
def _hider(hint: Any) -> Hide | None:
    """What hides the personal parts of a value of this type; None where it has none."""
    origin = get_origin(hint)
    if origin is Annotated:
        inner, *marks = get_args(hint)
        return _hidden if PERSONAL in marks else _hider(inner)
    if origin in (Union, UnionType):
        return next(filter(None, map(_hider, get_args(hint))), None)
    if origin is tuple:
        each = _hider(get_args(hint)[0])
        return None if each is None else lambda values: tuple(map(each, values))
    if isinstance(hint, type) and is_dataclass(hint):
        hints = get_type_hints(hint, include_extras=True)
        parts = {each.name: _hider(hints[each.name]) for each in fields(hint)}
        hiding = {name: hide for name, hide in parts.items() if hide is not None}
        return _in_fields(hiding) if hiding else None
    return None


def _in_fields(hiding: dict[str, Hide]) -> Hide:
    one_by_one = tuple(hiding.items())

    def hide(value: Any) -> Any:
        if value is None:
            return None
        hidden: dict[str, Any] = {}
        for name, one in one_by_one:
            if (its := getattr(value, name)) is not None:
                hidden[name] = one(its)
        return replace(value, **hidden) if hidden else value

    return hide


def _hidden(value: Any) -> Any:
    return None if value is None else Masked(value)
