"""Writers that come at once are committed at once: one statement and one sync for all of them.

PostgreSQL's cost of a small append is the round trip and the sync. There is no committer thread:
the first writer that finds nobody at work leads, takes along everyone who queued meanwhile, and
hands the lead to the first of those who came too late. A process that drains its requests has
drained this, too.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from eventsourcing.persistence import InterfaceError, OperationalError

Row = tuple[Any, ...]
Write = Callable[[Sequence[Row]], Sequence[int]]

LARGEST_GROUP = 2_000
"""How many events are written in one statement at most, unless one writer alone brings more."""

LONGEST_QUEUE = 1_000
"""How many writers may wait for a place in the next group."""


class Overloaded(Exception):
    """Too many writers wait already. Nothing was written; it may be tried again."""


class _Request:
    """One writer's events, and what came of them."""

    __slots__ = ("error", "positions", "rows", "turn")

    def __init__(self, rows: Sequence[Row]) -> None:
        self.rows = rows
        self.positions: Sequence[int] | None = None
        self.error: Exception | None = None
        self.turn = threading.Event()

    def answer(self) -> Sequence[int]:
        if self.error is not None:
            raise self.error
        assert self.positions is not None
        return self.positions


class GroupCommit:
    """Appends for many threads; `write` stores rows, all or nothing, and returns their positions.

    At most `room` writers wait; one more is turned away.
    """

    def __init__(self, write: Write, room: int = LONGEST_QUEUE) -> None:
        self._write, self._room = write, room
        self._lock = threading.Lock()
        self._queue: deque[_Request] = deque()
        self._led = False

    def append(self, rows: Sequence[Row]) -> Sequence[int]:
        """Store one writer's rows, all or nothing, and return their positions.

        1. Queue up. Whoever finds nobody leading, leads; others wait until they are answered, or
           until the lead is handed to them.
        2. The leader takes what has queued, in order, and writes it as one.
        3. Where that fails, each request is written alone: one that conflicts, or that the database
           cannot take, does not fail its neighbours.
        4. The lead goes to the first that is still queued, and everyone written is answered.

        Raises what `write` raises for these rows, or Overloaded.
        """
        mine = _Request(rows)
        with self._lock:
            if len(self._queue) >= self._room:
                raise Overloaded("Too many appends wait already.")
            self._queue.append(mine)
            leads, self._led = not self._led, True
        if not leads:
            mine.turn.wait()
            if mine.positions is not None or mine.error is not None:
                return mine.answer()
        self._lead()
        return mine.answer()

    def _lead(self) -> None:
        with self._lock:
            group = self._next_group()
        try:
            self._write_group(group)
        finally:
            with self._lock:
                if self._queue:
                    self._queue[0].turn.set()
                else:
                    self._led = False
            for each in group:
                if each.positions is None and each.error is None:  # the leader was interrupted
                    each.error = OperationalError("The writer of this group was interrupted.")
                each.turn.set()

    def _next_group(self) -> list[_Request]:
        group = [self._queue.popleft()]
        size = len(group[0].rows)
        while self._queue and size + len(self._queue[0].rows) <= LARGEST_GROUP:
            group.append(self._queue.popleft())
            size += len(group[-1].rows)
        return group

    def _write_group(self, group: Sequence[_Request]) -> None:
        try:
            positions = self._write([row for each in group for row in each.rows])
        except (OperationalError, InterfaceError) as error:
            # Whether it was stored is unknown: written again, it could only seem to conflict.
            for each in group:
                each.error = error
        except Exception as error:  # noqa: BLE001 - handed to the writer it concerns
            if len(group) == 1:
                group[0].error = error
            else:
                # Nothing of it was stored. Alone, only those fail whose fault it is.
                for each in group:
                    self._write_group([each])
        else:
            begin = 0
            for each in group:
                each.positions = positions[begin : begin + len(each.rows)]
                begin += len(each.rows)
