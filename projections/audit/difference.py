"""What changed in something between two moments: by field, and by which events.

Fields are told by their place: ``address.city``, ``entries.3.reversed``, ``assignments[0].share``.
Where a list is longer or shorter than it was, what is the same at its beginning and its end is not
told of. An event is responsible for a field when the field was another before it than after it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Any
from uuid import UUID

from domain.kernel import Recorded, aggregate_of
from projections.audit.state import Moment, Step, steps


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
    """What changed in one aggregate, and the events that lie between the moments."""

    aggregate: str
    stream_id: UUID
    versions: tuple[int, int]
    changes: tuple[Change, ...]
    events: tuple[Recorded[Any], ...]
    set_aside: tuple[Recorded[Any], ...]


def difference(events: Sequence[Recorded[Any]], old: Moment, new: Moment) -> Difference | None:
    """What changed between two moments in the stream of these events; None where it had not begun
    at the later one.

    1. Fold up to the old moment, and up to the new one.
    2. Compare the two states.
    3. Of the events that are in the new one only, look which fields each of them changed.
    """
    set_aside: list[Recorded[Any]] = []
    before = list(steps(events, old, []))
    after = list(steps(events, new, set_aside))
    if not after:
        return None
    known = {each.event.position for each in before}
    between = [each for each in after if each.event.position not in known]
    responsible = _Responsible(between)
    first, last = before[-1] if before else None, after[-1]
    changes = [
        Change(
            path=path,
            old=was,
            new=now,
            by=responsible.of(path),
        )
        for path, was, now in compare(first.after if first else None, last.after)
    ]
    return Difference(
        aggregate=aggregate_of(last.event.fact.name).name,
        stream_id=last.event.stream_id,
        versions=(first.event.version if first else 0, last.event.version),
        changes=tuple(changes),
        events=tuple(each.event for each in between),
        set_aside=tuple(set_aside),
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
        around = _around(path)
        found = self._at.get(path, set()) | self._within.get(path, set())
        found = found.union(*(self._at.get(each, ()) for each in around))
        while not found and around:
            found = self._within.get(around.pop(), set())
        return tuple(sorted(found))


def _around(path: str) -> list[str]:
    """The places a place lies in."""
    return [path[:cut] for cut, letter in enumerate(path) if letter in ".["]


# --- comparing -----------------------------------------------------------------------------------


def compare(old: Any, new: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """The innermost places at which two values differ, with what is there in each."""
    if old is new or (type(old) is type(new) and old == new):
        return
    kind = new if old is None else old
    if new is not None and old is not None and _shape(old) is not _shape(new):
        yield path, old, new
    elif _shape(kind) is dict:
        was, now = _parts(old), _parts(new)
        for name in [*was, *(each for each in now if each not in was)]:
            before, after = was.get(name), now.get(name)
            if before is not after:
                inner = f"{path}.{name}" if path else str(name)
                yield from compare(before, after, inner)
    elif _shape(kind) is list:
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
    if is_dataclass(value) or isinstance(value, Mapping):
        return dict
    return list if isinstance(value, (tuple, list)) else object


def _parts(value: Any) -> Mapping[Any, Any]:
    if value is None:
        return {}
    if isinstance(value, Mapping):
        return value
    return {each.name: getattr(value, each.name) for each in fields(value)}
