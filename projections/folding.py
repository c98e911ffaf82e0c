"""One batch of events folded into one model, in memory.

The rows the batch touches are given; what comes out is what has to be written: rows that are new or
changed, rows that are gone, and every version that was superseded on the way, so that a row as of
any position can be had, wherever batches began and ended. Of a summary these are the versions that
stood at the end of a block of positions (`ReadModel.keeps`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from domain.kernel import Recorded
from projections.kernel import Handler, Key, ReadModel

Version = tuple[Any, int]
"""A row and the position of the event that made it so."""


@dataclass(slots=True)
class Changes:
    """What a batch does to a model's two tables."""

    kept: list[Version] = field(default_factory=list)
    removed: list[Key] = field(default_factory=list)
    closed: list[tuple[Any, int, int]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.kept) + len(self.removed) + len(self.closed)


class Batch:
    """The events of a batch that touch a model, and the keys of the rows they touch."""

    def __init__(self, model: ReadModel[Any], events: Sequence[Recorded[Any]]) -> None:
        self.model = model
        self._touches: list[tuple[Recorded[Any], list[tuple[Key, Handler]]]] = []
        for event in events:
            if type(event.fact) in model.handlers:
                touched = model.touches(event)
                if touched:
                    self._touches.append((event, touched))
        self.keys: list[Key] = list(
            dict.fromkeys(key for _event, touched in self._touches for key, _handler in touched)
        )

    def fold(self, loaded: Mapping[Key, Version]) -> Changes:
        """Fold the batch over the rows that are there now, by key."""
        changes = Changes()
        current: dict[Key, Version] = dict(loaded)
        for event, touched in self._touches:
            for key, after in self._after(event, touched, current).items():
                self._supersede(key, after, event.position, current, changes)
        for key in self.keys:
            before, now = loaded.get(key), current.get(key)
            if now is None:
                if before is not None:
                    changes.removed.append(key)
            elif before is None or before[1] != now[1]:
                changes.kept.append(now)
        return changes

    def _after(
        self,
        event: Recorded[Any],
        touched: Sequence[tuple[Key, Handler]],
        current: Mapping[Key, Version],
    ) -> dict[Key, Any]:
        """The rows an event leaves behind, by key, after all of its folds."""
        after: dict[Key, Any] = {}
        for key, handler in touched:
            if key in after:
                row = after[key]
            else:
                version = current.get(key)
                row = None if version is None else version[0]
            if row is None:
                row = self.model.start(key)
            after[key] = self.model.folded(row, event, key, handler)
        return after

    def _supersede(
        self,
        key: Key,
        after: Any,
        position: int,
        current: dict[Key, Version],
        changes: Changes,
    ) -> None:
        """Close the version of a row that an event has changed; an equal row changes nothing."""
        before = current.get(key)
        if before is None:
            if after is not None and after != self.model.start(key):
                current[key] = (after, position)
            return
        if after is before[0] or after == before[0]:
            return
        if self.model.keeps(before[1], position):
            changes.closed.append((*before, position))
        if after is None:
            del current[key]
        else:
            current[key] = (after, position)
