"""What changed in something between two moments: by field, and by which events.

Fields are told by their place: ``address.city``, ``entries.3.reversed``, ``assignments[0].share``.
Where a list is longer or shorter than it was, what is the same at its beginning and its end is not
told of. An event is responsible for a field when the field was another before it than after it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from typing import Any
from uuid import UUID

from domain.kernel import Recorded, aggregate_of
from projections.audit.state import Moment, Step, steps

RESPONSIBLE = 200
"""Of how many events it is told at once which fields they changed, where there are many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A field that was `old` and is `new`; None where it was or is not there."""

    path: str
    old: Any
    new: Any
    by: tuple[int, ...]
    """The positions of the events that are responsible, in order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What changed in one aggregate, and the events that lie between the moments.

    What changed is told whole. Of many events that is told a part at a time which of them is
    responsible: of those up to the position `upto`, and `complete` where these are the last.
    """

    aggregate: str
    stream_id: UUID
    versions: tuple[int, int]
    changes: tuple[Change, ...]
    events: tuple[Recorded[Any], ...]
    set_aside: tuple[Recorded[Any], ...]
    upto: int
    complete: bool


def difference(
    events: Sequence[Recorded[Any]],
    old: Moment,
    new: Moment,
    *,
    beyond: int = 0,
    most: int | None = None,
) -> Difference | None:
    """What changed between two moments in the stream of these events; None where it had not begun
    at the later one. Of the events in between it tells those beyond a position, at `most` so many.

    1. Fold up to the new moment. On the way there lies the old one, where nothing but what was
       known makes the moments; by the other clock it is folded by itself.
    2. Compare the two states.
    3. Of the events that are in the new one only, look which fields each of them changed.
    """
    on_the_way = old.effective_at is None and new.effective_at is None
    before = [] if on_the_way else list(steps(events, old, []))
    known = {each.event.position for each in before}
    first: Step | None = before[-1] if before else None
    last: Step | None = None
    told, set_aside, complete = list[Step](), list[Recorded[Any]](), True
    for last in steps(events, new, set_aside):
        position = last.event.position
        if on_the_way and position <= old.known_at:
            first = last
        elif position in known or position <= beyond:
            continue
        elif most is None or len(told) < most:
            told.append(last)
        else:
            complete = False
    if last is None:
        return None
    responsible = _Responsible(told)
    changes = [
        Change(path=path, old=was, new=now, by=responsible.of(path))
        for path, was, now in compare(first.after if first else None, last.after)
    ]
    return Difference(
        aggregate=aggregate_of(last.event.fact.name).name,
        stream_id=last.event.stream_id,
        versions=(first.event.version if first else 0, last.event.version),
        changes=tuple(changes),
        events=tuple(each.event for each in told),
        set_aside=tuple(set_aside),
        upto=new.known_at if complete else told[-1].event.position,
        complete=complete,
    )


class _Responsible:
    """Which events changed a field, something within it, or what it lies in.

    Places in a list shift while others come and go: where no event changed just this place, it is
    those that changed the list.
    """

    def __init__(self, steps: Sequence[Step]) -> None:
        self._at: dict[str, set[int]] = {}
        self._within: dict[str, set[int]] = {}
        for step in steps:
            for path, _, _ in compare(step.before, step.after):
                self._at.setdefault(path, set()).add(step.event.position)
                for outer in _around(path):
                    self._within.setdefault(outer, set()).add(step.event.position)

    def of(self, path: str) -> tuple[int, ...]:
        """Their positions, in order."""
        found, lists = _NOBODY, list[str]()
        for border in _BORDER.finditer(path):
            outer = path[: border.start()]
            found = found | self._at.get(outer, _NOBODY)
            if outer not in self._within:
                break  # nothing in it changed
            if border[0] == "[":
                lists.append(outer)
        else:
            found = found | self._at.get(path, _NOBODY) | self._within.get(path, _NOBODY)
        if not found and lists:
            found = frozenset(self._within[lists[-1]])
        return tuple(sorted(found))


_NOBODY: frozenset[int] = frozenset()


def _around(path: str) -> list[str]:
    """The places a place lies in."""
    return [path[: each.start()] for each in _BORDER.finditer(path)]


_BORDER = re.compile(r"[.\[]")


# --- comparing -----------------------------------------------------------------------------------


def compare(old: Any, new: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """The innermost places at which two values differ, with what is there in each."""
    if old is new or (type(old) is type(new) and old == new):
        return
    shape = _shape(new if old is None else old)
    if new is not None and old is not None and shape is not _shape(new):
        yield path, old, new
    elif shape is dict:
        was, now = _parts(old), _parts(new)
        for name, before in was.items():
            after = now.get(name)
            if before is not after:
                yield from compare(before, after, f"{path}.{name}" if path else str(name))
        for name, after in now.items():
            if name not in was:
                yield from compare(None, after, f"{path}.{name}" if path else str(name))
    elif shape is list:
        yield from _compare_lists(tuple(old or ()), tuple(new or ()), path)
    else:
        yield path, old, new


def _compare_lists(
    old: tuple[Any, ...], new: tuple[Any, ...], path: str
) -> Iterator[tuple[str, Any, Any]]:
    shorter = min(len(old), len(new))
    same = 0
    while same < shorter and old[same] == new[same]:
        same += 1
    ending = 0
    while ending < shorter - same and old[-1 - ending] == new[-1 - ending]:
        ending += 1
    was, now = old[same : len(old) - ending], new[same : len(new) - ending]
    for place in range(max(len(was), len(now))):
        yield from compare(
            was[place] if place < len(was) else None,
            now[place] if place < len(now) else None,
            f"{path}[{same + place}]",
        )


def _shape(value: Any) -> type[Any]:
    kind: Any = type(value)
    return _shape_of(kind)


@cache
def _shape_of(kind: Any) -> type[Any]:
    if is_dataclass(kind) or issubclass(kind, Mapping):
        return dict
    return list if issubclass(kind, (tuple, list)) else object


@cache
def _names(kind: Any) -> tuple[str, ...]:
    return tuple(each.name for each in fields(kind))


def _parts(value: Any) -> Mapping[Any, Any]:
    if value is None:
        return {}
    if isinstance(value, Mapping):
        return value
    kind: Any = type(value)
    return {name: getattr(value, name) for name in _names(kind)}
