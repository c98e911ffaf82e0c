"""What changed in something between two moments: by field, and by which events.

Fields are told by their place: ``address.city``, ``entries.3.reversed``, ``assignments[0].share``.
Where a list is longer or shorter than it was, what is the same at its beginning and its end is not
told of. An event is responsible for a field when the field was another before it than after it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from itertools import chain
from operator import attrgetter
from typing import Any, cast
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
        found, innermost = set[int](), None
        for border in _BORDER.finditer(path):
            outer = path[: border.start()]
            if outer in self._at:
                found |= self._at[outer]
            if outer not in self._within:
                break  # nothing in it changed
            if border[0] == "[":
                innermost = outer
        else:
            found.update(self._at.get(path, ()), self._within.get(path, ()))
        if not found and innermost is not None:
            found = self._within[innermost]
        return tuple(sorted(found)) if found else ()


def _around(path: str) -> list[str]:
    """The places a place lies in."""
    return [path[: each.start()] for each in _BORDER.finditer(path)]


_BORDER = re.compile(r"[.\[]")


# --- comparing -----------------------------------------------------------------------------------

Found = tuple[str, Any, Any]
"""A place, what was there, and what is."""


def compare(old: Any, new: Any) -> list[Found]:
    """The innermost places at which two values differ, with what is there in each."""
    found: list[Found] = []
    _compare(old, new, "", found)
    return found


def _compare(old: Any, new: Any, path: str, found: list[Found]) -> None:
    """Add what differs. A state has hundreds of parts of which an event changes a few: the others
    are the same object before and after it, and nothing is made of them."""
    if old is new:
        return
    kind: Any = type(new if old is None else old)
    shape = _shape(kind)
    if old is not None and new is not None and shape is not _shape(cast(Any, type(new))):
        found.append((path, old, new))
    elif shape is dict:
        within = f"{path}." if path else ""
        for name, before, after in _by_names(kind, old, new):
            if before is not after:
                _compare(before, after, f"{within}{name}", found)
    elif shape is list:
        _compare_lists(tuple(old or ()), tuple(new or ()), path, found)
    elif type(old) is not type(new) or old != new:
        found.append((path, old, new))


def _by_names(kind: Any, old: Any, new: Any) -> Iterable[Found]:
    """What is under each name in one or the other."""
    if type(old) is type(new) and (known := _fields(kind)) is not None:
        names, values = known
        return zip(names, values(old), values(new), strict=True)
    was, now = _parts(old), _parts(new)
    both = ((name, before, now.get(name)) for name, before in was.items())
    return chain(both, ((name, None, after) for name, after in now.items() if name not in was))


def _compare_lists(
    old: tuple[Any, ...], new: tuple[Any, ...], path: str, found: list[Found]
) -> None:
    shorter = min(len(old), len(new))
    same = 0
    while same < shorter and old[same] == new[same]:
        same += 1
    ending = 0
    while ending < shorter - same and old[-1 - ending] == new[-1 - ending]:
        ending += 1
    was, now = old[same : len(old) - ending], new[same : len(new) - ending]
    for place in range(max(len(was), len(now))):
        before = was[place] if place < len(was) else None
        after = now[place] if place < len(now) else None
        _compare(before, after, f"{path}[{same + place}]", found)


@cache
def _shape(kind: Any) -> type[Any]:
    if is_dataclass(kind) or issubclass(kind, Mapping):
        return dict
    return list if issubclass(kind, (tuple, list)) else object


@cache
def _fields(kind: Any) -> tuple[tuple[str, ...], Callable[[Any], tuple[Any, ...]]] | None:
    """The names of a dataclass's fields, and what gives all of them; None of anything else."""
    if not is_dataclass(kind):
        return None
    names = tuple(each.name for each in fields(kind))
    if len(names) > 1:
        return names, attrgetter(*names)
    return names, lambda value: tuple(getattr(value, name) for name in names)


def _parts(value: Any) -> Mapping[Any, Any]:
    if value is None:
        return {}
    if isinstance(value, Mapping):
        return value
    kind: Any = type(value)
    known = _fields(kind)
    assert known is not None
    names, values = known
    return dict(zip(names, values(value), strict=True))
