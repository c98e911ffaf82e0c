"""How the runner reads the ledger: the next batch is read while this one is written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from typing import Any, Protocol

from domain.kernel import Recorded

Events = Sequence[Recorded[Any]]


class Reader(Protocol):
    """The ledger, as far as the runner needs it. Called from two threads."""

    def read(self, after: int, limit: int) -> Events:
        """Events beyond a position, in order, at most `limit`; only those that no event can still
        come before."""

    def scan(
        self,
        after: int,
        upto: int,
        facts: Sequence[str] = (),
        partition: tuple[int, int] | None = None,
    ) -> Iterator[Events]:
        """All events beyond a position up to one that is certain, in order and in stretches: those
        of some facts, and of a part of the facilities."""

    def count(self, after: int, upto: int) -> int:
        """How many events there are beyond a position, up to another."""

    def head(self) -> int:
        """The largest position there is, 0 in an empty ledger."""

    def position_at(self, instant: datetime) -> int:
        """The largest position recorded by an instant."""


class ReadAhead:
    """Reads batches one after the other, the next one in advance where there is more to come.

    What was read stays true, however long ago: no event comes before one that was delivered.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._thread: ThreadPoolExecutor | None = None
        self._after = 0
        self._next: Future[Events] | None = None

    def read(self, after: int, limit: int) -> Events:
        """The next events beyond a position, at most `limit`, or what was read of them already."""
        ahead, self._next = self._next, None
        if ahead is not None and self._after == after:
            return ahead.result()
        return self._reader.read(after, limit)

    def begin(self, after: int, limit: int) -> None:
        """Begin to read beyond a position, unless something is being read."""
        if self._next is None:
            if self._thread is None:
                self._thread = ThreadPoolExecutor(1, thread_name_prefix="read-ahead")
            self._after, self._next = after, self._thread.submit(self._reader.read, after, limit)

    def close(self) -> None:
        """Forget what was read ahead, and end the thread."""
        self._next = None
        if self._thread is not None:
            self._thread.shutdown()
            self._thread = None
