"""One batch of events folded into one model, in memory.

The rows the batch touches are given; what comes out is what has to be written: rows that are new or
changed, rows that are gone, and every version that was superseded on the way, so that a row as of
any position can be had, wherever batches began and ended. Of a summary these are the versions that
stood at the end of a block of positions (`ReadModel.keeps`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from domain.kernel import Recorded
from projections.kernel import Handler, Key, ReadModel

Version = tuple[Any, int]
"""A row and the position of the event that made it so."""


@dataclass(slots=True)
class Changes:
    """What a batch does to a model's two tables: rows that are new, rows that are changed, the keys
    of rows that are gone, and the versions that closed, each with the position it lasted to.
    """

    added: list[Version] = field(default_factory=list)
    kept: list[Version] = field(default_factory=list)
    removed: list[Key] = field(default_factory=list)
    closed: list[tuple[Any, int, int]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.added) + len(self.kept) + len(self.removed) + len(self.closed)


class _Place:
    """Where a row stands in the midst of a batch: the version that was loaded and its version now
    (None where there is no row), and what the event that is being folded makes of it. One for each
    key, so that a key is looked up once for each event.
    """

    __slots__ = ("after", "before", "key", "row", "since")

    def __init__(self, key: Key) -> None:
        self.key = key
        self.before: Version | None = None
        self.row: Any = None
        self.since = 0
        self.after: Any = None


Places = dict[Key, _Place]
_Touches = list[tuple[Recorded[Any], list[tuple[_Place, Handler]]]]
Closed = list[tuple[Any, int, int]]


class Batch:
    """The events of a batch that touch a model, and the keys of the rows they touch."""

    def __init__(self, model: ReadModel[Any], events: Sequence[Recorded[Any]]) -> None:
        self.model = model
        self._places: Places = {}
        self._touches = _touches(model, events, self._places)

    @property
    def keys(self) -> list[Key]:
        return list(self._places)

    def fold(self, loaded: Mapping[Key, Version]) -> Changes:
        """Fold the batch over the rows that are there now, by key."""
        changes = Changes()
        for key, place in self._places.items():
            place.before = before = loaded.get(key)
            if before is not None:
                place.row, place.since = before
                place.after = place.row
        _fold(self.model, self._touches, changes.closed)
        for key, place in self._places.items():
            before = place.before
            if place.row is None:
                if before is not None:
                    changes.removed.append(key)
            elif before is None:
                changes.added.append((place.row, place.since))
            elif before[1] != place.since:
                changes.kept.append((place.row, place.since))
        return changes

    def versions(self) -> Iterator[tuple[Key, Version | None]]:
        """How the batch, once folded, leaves the rows it touches; None where there is none."""
        for key, place in self._places.items():
            yield key, None if place.row is None else (place.row, place.since)


class Whole:
    """All events of a model, folded from the first one on: its rows are kept, not loaded."""

    def __init__(self, model: ReadModel[Any]) -> None:
        self.model = model
        self._places: Places = {}

    def fold(self, events: Sequence[Recorded[Any]]) -> Closed:
        """Fold the next events; the versions they closed."""
        closed: Closed = []
        touches = _touches(self.model, events, self._places)
        _fold(self.model, touches, closed)
        for _event, touched in touches:
            for place, _handler in touched:
                if place.row is None:
                    self._places.pop(place.key, None)
        return closed

    def versions(self) -> Iterator[Version]:
        """The rows there are now."""
        for place in self._places.values():
            yield place.row, place.since


def _touches(model: ReadModel[Any], events: Sequence[Recorded[Any]], places: Places) -> _Touches:
    """Which rows each event touches and by which folds; of the others nothing is said."""
    touches: _Touches = []
    handlers = model.handlers
    for event in events:
        kind = type(event.fact)
        if kind not in handlers:
            continue
        touched = []
        for handler in handlers[kind]:
            for key in handler.keys[kind](event):
                place = places.get(key)
                if place is None:
                    place = places[key] = _Place(key)
                touched.append((place, handler))
        if touched:
            touches.append((event, touched))
    return touches


def _fold(model: ReadModel[Any], touches: _Touches, closed: Closed) -> None:
    """What a version is: a row after all folds of an event, where it is another one than before."""
    start, folded = model.start, model.folded
    for event, touched in touches:
        for place, handler in touched:
            row = start(place.key) if place.after is None else place.after
            place.after = folded(row, event, place.key, handler)
        for place, _handler in touched:
            if place.after is not place.row:
                _supersede(model, place, event.position, closed)


def _supersede(model: ReadModel[Any], place: _Place, position: int, closed: Closed) -> None:
    """Close the version of a row that an event has changed; an equal row changes nothing."""
    if place.row is None:
        if place.after == model.start(place.key):
            place.after = None
            return
    elif place.after == place.row:
        place.after = place.row
        return
    elif model.keeps(place.since, position):
        closed.append((place.row, place.since, position))
    place.row, place.since = place.after, position
