"""The ledger, as those who fold it read it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Protocol

from domain.kernel import Recorded

Events = Sequence[Recorded[Any]]


class Reader(Protocol):
    """What a runner and a rebuild need of the ledger. May be called from several threads."""

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
