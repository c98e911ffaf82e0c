"""What the runner remembers of the tables it writes, so that a busy row is not loaded again.

It is what the tables hold for as long as nobody else has moved the model (`projections.courses`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from projections.folding import Version
from projections.kernel import Key

ROOM = 4_096
"""How many rows one half of the memory takes before the older half is forgotten."""


class Memory:
    """The rows of one model that were touched last; at most two halves of `room`, unless a batch
    alone brings more. A key that is remembered with None has no row.
    """

    def __init__(self, room: int = ROOM) -> None:
        self._room = room
        self._newer: dict[Key, Version | None] = {}
        self._older: dict[Key, Version | None] = {}

    def unknown(self, keys: Iterable[Key]) -> list[Key]:
        """The keys of which it must be looked up whether they have a row, and which."""
        newer, older = self._newer, self._older
        return [each for each in keys if each not in newer and each not in older]

    def known(self, keys: Sequence[Key]) -> dict[Key, Version]:
        """The rows that are remembered, of those with these keys."""
        newer, older = self._newer, self._older
        found = {}
        for each in keys:
            version = newer[each] if each in newer else older.get(each)
            if version is not None:
                found[each] = version
        return found

    def remember(self, versions: Iterable[tuple[Key, Version | None]]) -> None:
        """How a batch left the rows it touched, once its transaction is committed."""
        if len(self._newer) >= self._room:
            self._newer, self._older = {}, self._newer
        self._newer.update(versions)

    def forget(self) -> None:
        self._newer, self._older = {}, {}
