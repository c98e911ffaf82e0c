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
from itertools import zip_longest
from typing import Any

from eventsourcing.persistence import IntegrityError, InterfaceError, OperationalError

Row = Any
"""What a writer brings; only `write` looks into it."""

Write = Callable[[Sequence[Row]], Sequence[int]]

LARGEST_GROUP = 2_000
"""How many events are written in one statement at most, unless one writer alone brings more."""

LONGEST_QUEUE = 1_000
"""How many writers may wait for a place in the next group."""

LOST = {
    -1: "A version of a stream is taken.",
    -2: "The command was given before.",
    -3: "What was taken to be so is not so.",
}
"""What `write` returns instead of positions for the rows of a writer who has lost."""


class Overloaded(Exception):
    """Too many writers wait already. Nothing was written; it may be tried again."""


class _Request:
    """One writer's events, and what came of them."""

    __slots__ = ("error", "group", "next", "positions", "rows", "turn")

    def __init__(self, rows: Sequence[Row]) -> None:
        self.rows = rows
        self.positions: Sequence[int] | None = None
        self.error: Exception | None = None
        self.group: list[_Request] | None = None
        self.next: _Request | None = None
        # Released when it is answered, or is to lead a group. A lock is a tenth of an Event.
        self.turn = threading.Lock()
        self.turn.acquire()

    def answer(self) -> Sequence[int]:
        if self.error is not None:
            raise self.error
        assert self.positions is not None
        return self.positions


class GroupCommit:
    """Appends for many threads. `write` stores the rows of many writers, each writer's all or
    nothing, and returns a position for every row, or one of `LOST`.

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
        2. The leader writes a group as one: what had queued when it was given the lead, in order.
        3. Where that fails because another transaction was faster, it is written once more, and
           finds who has lost. Where it fails otherwise, each request is written alone: one that the
           database cannot take does not fail its neighbours.
        4. The lead goes to the first that is still queued. Those who were written are answered one
           by the other, so that they do not all ask for the interpreter at once, and the next
           leader among them.

        Raises IntegrityError where these rows have lost, what `write` raises for them, or
        Overloaded.
        """
        mine = _Request(rows)
        with self._lock:
            if len(self._queue) >= self._room:
                raise Overloaded("Too many appends wait already.")
            self._queue.append(mine)
            if not self._led:
                self._led = True
                self._hand_on()
        self._wait(mine)
        self._pass_on(mine)
        return mine.answer()

    def _pass_on(self, mine: _Request) -> None:
        """Do what others wait for."""
        if mine.group is not None:
            self._lead(mine.group)
        elif mine.next is not None:
            mine.next.turn.release()

    def _wait(self, mine: _Request) -> None:
        try:
            mine.turn.acquire()
        except BaseException:
            with self._lock:
                if mine in self._queue:
                    self._queue.remove(mine)
                    raise
            # Too late to leave: others depend on it where it is to lead.
            mine.turn.acquire()
            self._pass_on(mine)
            raise

    def _hand_on(self) -> None:
        """The lead goes to the first in the queue, with those who wait behind it."""
        if not self._queue:
            self._led = False
            return
        group = [self._queue.popleft()]
        size = len(group[0].rows)
        while self._queue and size + len(self._queue[0].rows) <= LARGEST_GROUP:
            group.append(self._queue.popleft())
            size += len(group[-1].rows)
        group[0].group = group
        group[0].turn.release()

    def _lead(self, group: Sequence[_Request]) -> None:
        try:
            self._write_group(group)
        finally:
            with self._lock:
                self._hand_on()
            for each, following in zip_longest(group, group[1:]):
                if each.positions is None and each.error is None:  # the leader was interrupted
                    each.error = OperationalError("The writer of this group was interrupted.")
                each.next = following
            if len(group) > 1:
                group[1].turn.release()

    def _write_group(self, group: Sequence[_Request], *, again: bool = True) -> None:
        try:
            outcome = self._write([row for each in group for row in each.rows])
        except (OperationalError, InterfaceError) as error:
            # Whether it was stored is unknown: written again, it could only seem to conflict.
            for each in group:
                each.error = error
        except Exception as error:  # noqa: BLE001 - handed to the writer it concerns
            if len(group) == 1:
                group[0].error = error
            elif again and isinstance(error, IntegrityError):
                self._write_group(group, again=False)
            else:
                # Nothing of it was stored. Alone, only those fail whose fault it is.
                for each in group:
                    self._write_group([each])
        else:
            begin = 0
            for each in group:
                end = begin + len(each.rows)
                if outcome[begin] < 0:
                    each.error = IntegrityError(LOST[outcome[begin]])
                else:
                    each.positions = outcome[begin:end]
                begin = end
