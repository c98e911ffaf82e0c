"""The oracle: a read model folded from the beginning, in memory, one event after the other.

It shares no code with the runner but the folds themselves. Whatever the runner has written, live or
as of a position, must equal this; tests hold it to that, and so may an auditor.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from domain.kernel import Recorded
from projections.kernel import Key, ReadModel

R = TypeVar("R")


def refold(
    model: ReadModel[R], events: Iterable[Recorded[Any]], upto: int | None = None
) -> dict[Key, R]:
    """The rows of a model by key, after all events, or after those up to a position."""
    rows: dict[Key, R] = {}
    for event in events:
        if upto is not None and event.position > upto:
            break
        before: dict[Key, R | None] = {}
        for key, handler in model.touches(event):
            was = rows.get(key)
            before.setdefault(key, was)
            row = model.folded(model.start(key) if was is None else was, event, key, handler)
            if row is None:
                rows.pop(key, None)
            else:
                rows[key] = row
        for key, was in before.items():
            # A summary of which nothing has ever happened has no row.
            if was is None and key in rows and rows[key] == model.start(key):
                del rows[key]
    return rows
