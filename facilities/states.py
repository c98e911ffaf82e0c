"""What streams have become: folded once, kept, and brought up to date from the ledger.

A stream that was looked at before costs one look at its end instead of all of its history. The
ledger is asked every time, so that what is answered is never older than the question.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Protocol
from uuid import UUID

from domain.kernel import Aggregate, aggregate_of
from facilities.ledger import Ledger, StoredFact

ROOM = 10_000
"""How many streams are kept in mind; those that were looked at longest ago make room."""


@dataclass(frozen=True, slots=True)
class Folded:
    """A stream's state, its version, and the position of the fact that brought it there."""

    aggregate: Aggregate[Any]
    state: Any
    version: int
    position: int


class Known(Protocol):
    """Where a decision finds the states of streams."""

    def load(self, stream_ids: Iterable[UUID], /) -> dict[UUID, Folded]:
        """The streams that exist among these."""

    def owners(self, stream_ids: Iterable[UUID], /) -> set[UUID]:
        """The facilities of some of those streams, to be loaded along with them."""

    def keep(self, folded: Mapping[UUID, Folded], /) -> None:
        """Keep in mind what is stored in the ledger now."""


class States:
    """The states of streams as they are now. Safe to share between threads.

    `room` is how many streams are kept in mind; with none, each is folded from its beginning.
    """

    def __init__(self, ledger: Ledger, room: int = ROOM) -> None:
        self._ledger, self._room = ledger, room
        self._kept: dict[UUID, Folded] = {}
        self._lock = threading.Lock()

    def load(self, stream_ids: Iterable[UUID]) -> dict[UUID, Folded]:
        """The streams that exist among these, as the ledger has them now.

        1. Of a stream that is kept in mind, ask for what came after; of others, for everything,
           from the last fact on that carries what came before it.
        2. Where the fact it was kept at is no longer there (the ledger was restored from a backup,
           or failed over and lost its end), forget it and fold it from its beginning.
        3. Fold, and keep in mind.
        """
        wanted = set(stream_ids)
        known = self.in_mind(wanted)
        lost: set[UUID] = set()
        folded: dict[UUID, Folded] = {}
        if known:
            ends = {stream_id: (each.version, each.position) for stream_id, each in known.items()}
            continued, lost = self._ledger.load_beyond(ends)
            self._forget(lost)
            folded = {
                stream_id: _fold(continued.get(stream_id, ()), each)
                for stream_id, each in known.items()
                if stream_id not in lost
            }
        if unknown := wanted - folded.keys():
            found = self._ledger.load_carried(unknown)
            folded |= {stream_id: _fold(facts) for stream_id, facts in found.items()}
        self.keep(folded)
        return folded

    def in_mind(self, wanted: set[UUID]) -> dict[UUID, Folded]:
        """Those of the streams that are kept in mind, without a look whether they are so still."""
        with self._lock:
            return {each: self._kept[each] for each in wanted & self._kept.keys()}

    def owners(self, stream_ids: Iterable[UUID]) -> set[UUID]:
        """The facilities of those streams that are kept in mind, to be loaded along with them."""
        known = self.in_mind(set(stream_ids)).values()
        return {each.state.facility_id for each in known} - {None}

    def keep(self, folded: Mapping[UUID, Folded]) -> None:
        """Keep in mind what is stored in the ledger, and forget what is longest unused."""
        if not self._room:
            return
        with self._lock:
            for stream_id, each in folded.items():
                known = self._kept.pop(stream_id, each)
                self._kept[stream_id] = each if each.version >= known.version else known
            for stream_id in [*islice(self._kept, max(0, len(self._kept) - self._room))]:
                del self._kept[stream_id]

    def forget(self) -> None:
        """Keep nothing in mind."""
        with self._lock:
            self._kept.clear()

    def _forget(self, lost: set[UUID]) -> None:
        with self._lock:
            for each in lost:
                self._kept.pop(each, None)


def _fold(facts: Sequence[StoredFact], onto: Folded | None = None) -> Folded:
    if not facts:
        assert onto is not None
        return onto
    aggregate = aggregate_of(facts[0].fact.name) if onto is None else onto.aggregate
    state = aggregate.fold((each.fact for each in facts), None if onto is None else onto.state)
    return Folded(aggregate, state, facts[-1].version, facts[-1].position)
