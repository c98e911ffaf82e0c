"""Lanes: batches that are stored while the next one is made ready.

Reading, deciding and writing facts down is Python's work, and storing is PostgreSQL's; with two
lanes neither waits for the other.
What is about the same thing keeps its order: a batch waits for all before it that name one of its
keys.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Generic, Self, TypeVar

R = TypeVar("R")

LANES = 2


class Lanes(Generic[R]):
    """Runs batches side by side. Leaving it waits for those under way, and begins no other."""

    def __init__(self, many: int = LANES) -> None:
        self._many, self._threads = many, ThreadPoolExecutor(many, thread_name_prefix="lane")
        self._under_way: deque[tuple[Future[R], frozenset[Hashable]]] = deque()
        self._done: list[R] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._threads.shutdown(wait=True, cancel_futures=True)

    def give(self, batch: Callable[[], R], keys: Collection[Hashable]) -> None:
        """Run a batch when a lane is free. Raises what a batch before it raised."""
        named = frozenset(keys)
        while self._full() or any(not named.isdisjoint(each) for _, each in self._under_way):
            self._wait()
        self._under_way.append((self._threads.submit(batch), named))

    def finished(self) -> list[R]:
        """What all batches came to, in their order. Raises what one of them raised."""
        while self._under_way:
            self._wait()
        return self._done

    def _full(self) -> bool:
        return len(self._under_way) >= self._many

    def _wait(self) -> None:
        first, _ = self._under_way.popleft()
        self._done.append(first.result())
