"""What changed in something between two moments: by field, and by which events.

Fields are told by their place: ``address.city``, ``entries.3.reversed``, ``assignments[0].share``.
Where a list is longer or shorter than it was, what is the same at its beginning and its end is not
told of. An event is responsible for a field when the field was another before it than after it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, NamedTuple, TypeVar
from uuid import UUID

from domain.kernel import Recorded, aggregate_of
from projections.audit import Placed, Reader
from projections.audit.shapes import by_names, fields_of, shape
from projections.audit.state import Folding, Moment
from projections.rows import maker

P = TypeVar("P", bound=Placed)

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


_change = maker(Change)


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference(Generic[P]):
    """What changed in one aggregate, and the events that lie between the moments.

    What changed is told whole. Of many events that is told a part at a time which of them is
    responsible: of those up to the position `upto`, and `complete` where these are the last.
    """

    aggregate: str
    stream_id: UUID
    versions: tuple[int, int]
    changes: tuple[Change, ...]
    events: tuple[P, ...]
    set_aside: tuple[P, ...]
    upto: int
    complete: bool


class _Step(NamedTuple):
    """An event, and what it made of the aggregate; `before` is None for the first."""

    position: int
    before: Any
    after: Any


def difference(
    events: Sequence[P],
    old: Moment,
    new: Moment,
    *,
    beyond: int = 0,
    most: int | None = None,
) -> Difference[P] | None:
    """What changed between two moments in the stream of these events; None where it had not begun
    at the later one. Of the events in between it tells those beyond a position, at `most` so many.

    1. Fold what both moments have, up to the first event that only one of them has.
    2. From there on fold the old moment by itself, and the new one; nothing is left of the old
       where it is what was known that makes the moments.
    3. Compare the two states.
    4. Of the events that are in the new one only, look which fields each of them changed.
    """
    in_old, in_new = old.those(events), new.those(events)
    alike = _alike(in_old, in_new)
    first = Folding[P](old)
    first.take_all(in_old[:alike])
    last = first.towards(new)
    known_before = {each.position for each in first.take_all(in_old[alike:])}
    told, steps, complete = list[P](), list[_Step](), True
    rest = iter(in_new[alike:])
    for event in rest:
        before = last.state
        if not last.take(event) or event.position in known_before or event.position <= beyond:
            continue
        if most is not None and len(told) >= most:
            complete = False
            break
        told.append(event)
        steps.append(_Step(event.position, before, last.state))
    last.take_all(rest)
    if last.last is None:
        return None
    responsible = _Responsible(steps)
    changes = [
        _change(path, was, now, responsible.of(path))
        for path, was, now in compare(first.state, last.state)
    ]
    return Difference(
        aggregate=aggregate_of(last.last.fact.name).name,
        stream_id=last.last.stream_id,
        versions=(0 if first.last is None else first.last.version, last.last.version),
        changes=tuple(changes),
        events=tuple(told),
        set_aside=tuple(last.set_aside),
        upto=new.known_at if complete else told[-1].position,
        complete=complete,
    )


def _alike(some: Sequence[Placed], others: Sequence[Placed]) -> int:
    """How many events are the same in the beginning of both."""
    both = zip(some, others, strict=False)
    parting = (place for place, (one, other) in enumerate(both) if one is not other)
    return next(parting, min(len(some), len(others)))


def in_full(
    reader: Reader, found: Iterable[Difference[Any]], read: Iterable[Recorded[Any]] = ()
) -> list[Difference[Recorded[Any]]]:
    """The same differences, with the whole of the events they tell of; some were `read` already."""
    differences, whole = list(found), {each.position: each for each in read}
    told = (event for each in differences for event in (*each.events, *each.set_aside))
    positions = sorted(event.position for event in told if event.position not in whole)
    whole |= {each.position: each for each in reader.at(positions)} if positions else {}
    return [
        replace(
            each,
            events=tuple(whole[event.position] for event in each.events),
            set_aside=tuple(whole[event.position] for event in each.set_aside),
        )
        for each in differences
    ]


class _Responsible:
    """Which events changed a field, something within it, or what it lies in.

    Places in a list shift while others come and go: where no event changed just this place, it is
    those that changed the list.
    """

    def __init__(self, steps: Sequence[_Step]) -> None:
        self._at: dict[str, set[int]] = defaultdict(set)
        self._within: dict[str, set[int]] = defaultdict(set)
        self._around: dict[str, _Around] = {"": _Around(frozenset(), True, None)}
        for position, before, after in steps:
            for path, _, _ in compare(before, after):
                self._at[path].add(position)
                # Where it is told already that this event changed something within, it is of all
                # that this lies in.
                while (path := _outer(path)) and position not in self._within[path]:
                    self._within[path].add(position)

    def of(self, path: str) -> tuple[int, ...]:
        """Their positions, in order."""
        outside = self._outside(path)
        if outside is _NOTHING_CHANGED:
            return ()
        found = set(outside.found)
        if outside.changed:
            found.update(self._at.get(path, ()), self._within.get(path, ()))
        if not found and outside.innermost is not None:
            found = self._within[outside.innermost]
        return tuple(sorted(found))

    def _outside(self, path: str) -> _Around:
        """What is known of the places a place lies in. Those of a state have most of them in
        common."""
        outer = _outer(path)
        if (known := self._around.get(outer)) is None:
            found, changed, innermost = self._outside(outer)
            if changed:
                found |= self._at.get(outer, frozenset())
                changed = outer in self._within
            known = _Around(found, changed, innermost)
            if known == _NOTHING_CHANGED:
                known = _NOTHING_CHANGED
            self._around[outer] = known
        if known.changed and path[len(outer) : len(outer) + 1] == "[":
            return known._replace(innermost=outer)
        return known


class _Around(NamedTuple):
    """Of the places a place lies in: the events that changed one of them as a whole, whether there
    were changes within every one, and the innermost of them that is a list of which that is so."""

    found: frozenset[int]
    changed: bool
    innermost: str | None


_NOTHING_CHANGED = _Around(frozenset(), False, None)


def _outer(path: str) -> str:
    """The place a place lies in; nothing where it is an outermost one."""
    name, place = path.rfind("."), path.rfind("[")
    end = name if name > place else place
    return path[:end] if end > 0 else ""


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
    if old is None:
        found += [(place, None, value) for place, value in _innermost(new, path)]
        return
    if new is None:
        found += [(place, value, None) for place, value in _innermost(old, path)]
        return
    kind: Any = type(old)
    its = shape(kind)
    if its is not shape(type(new)):
        found.append((path, old, new))
    elif its is dict:
        within = f"{path}." if path else ""
        for name, before, after in _by_names(kind, old, new):
            _compare(before, after, f"{within}{name}", found)
    elif its is list:
        _compare_lists(tuple(old), tuple(new), path, found)
    elif kind is not type(new) or old != new:
        found.append((path, old, new))


def _innermost(value: Any, path: str) -> list[tuple[str, Any]]:
    """The innermost places of a value at which something is, and what is there."""
    its = shape(type(value))
    if its is object:
        return [(path, value)]
    if its is dict:
        within = f"{path}." if path else ""
        parts = [(f"{within}{name}", part) for name, part in by_names(value).items()]
    else:
        parts = [(f"{path}[{place}]", part) for place, part in enumerate(value)]
    found: list[tuple[str, Any]] = []
    for place, part in parts:
        if part is None:
            continue
        if shape(type(part)) is object:
            found.append((place, part))
        else:
            found += _innermost(part, place)
    return found


def _by_names(kind: Any, old: Any, new: Any) -> list[Found]:
    """What is under each name in one or the other, where it is not the same object."""
    if kind is type(new) and (known := fields_of(kind)) is not None:
        names, values = known
        both = zip(names, values(old), values(new), strict=True)
        return [each for each in both if each[1] is not each[2]]
    was, now = by_names(old), by_names(new)
    is_now = now.get
    found = [
        (name, before, is_now(name)) for name, before in was.items() if before is not is_now(name)
    ]
    if not was.keys() >= now.keys():
        found += [(name, None, after) for name, after in now.items() if name not in was]
    return found


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
