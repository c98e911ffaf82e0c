"""What is read of the ledger: the facts of streams, facilities and stretches, in their envelopes.

`Ledger` reads so for the program; `facilities.sight` for somebody, as far as he may see.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any
from uuid import UUID

from domain.kernel import Recorded
from domain.supply.events.stock_closing import StockYearClosed
from facilities.bulk import unhurried_collector
from facilities.envelope import Entry
from facilities.privacy.sealed_facts import SealedFacts
from facilities.recorder import LedgerRecorder

CARRYING = (StockYearClosed.name,)
"""The facts that tell all that their stream has become: the state after one is made of it alone. An
index finds them."""


class Readings:
    """Reads what its recorder lets be seen, and opens what is sealed in it."""

    recorder: LedgerRecorder
    sealed = SealedFacts(None)

    def read(self, after: int, limit: int) -> Sequence[Recorded[Any]]:
        """The next facts beyond a position, in an order that is certain."""
        with unhurried_collector():
            return self.sealed.recorded(self.recorder.committed_rows(after, limit))

    def scan(
        self,
        after: int,
        upto: int,
        facts: Sequence[str] = (),
        partition: tuple[int, int] | None = None,
    ) -> Iterator[Sequence[Recorded[Any]]]:
        """All facts beyond one position and at or below another, in order, some hundred at a time:
        for folding much at once. `upto` is a position that a reader of the whole order has reached
        (or any in a ledger nobody writes to), so nothing can slip in below it.

        With `facts` only those of these names. With `partition` (i, n) only those of the facilities
        that fall to part i of n; facts of no facility are in every part.
        """
        with unhurried_collector():
            for rows in self.recorder.scanned_rows(after, upto, facts, partition):
                yield self.sealed.recorded(rows)

    def count(self, after: int, upto: int) -> int:
        """How many facts there are beyond one position, up to another."""
        return self.recorder.count(after, upto)

    def between(
        self,
        after: int,
        upto: int,
        *,
        facts: Sequence[str],
        facilities: Collection[UUID] | None = None,
    ) -> Sequence[Recorded[Any]]:
        """Facts of some kinds beyond one position, up to another that is certain already: those of
        some facilities, or of all."""
        condition = "position > %s AND position <= %s AND fact = ANY(%s)"
        parameters: list[Any] = [after, upto, list(facts)]
        if facilities is not None:
            condition += " AND facility_id = ANY(%s)"
            parameters.append(list(facilities))
        return self.sealed.recorded(
            self.recorder.select_timeline(condition, parameters, upto - after)
        )

    def head(self) -> int:
        """The largest position there is; 0 in an empty ledger."""
        return self.recorder.max_notification_id() or 0

    def position_at(self, instant: datetime) -> int:
        """The last position recorded at or before an instant; 0 where there is none."""
        return self.recorder.position_at(instant)

    def version_at(self, stream_id: UUID, position: int) -> int:
        """The version a stream was at, at a position; 0 where it had not begun."""
        return self.recorder.version_at(stream_id, position)

    def stream(
        self, stream_id: UUID, *, after: int = 0, limit: int = 100, upto: int | None = None
    ) -> Sequence[Recorded[Any]]:
        """One stream's facts beyond a version, up to a position where one is given."""
        condition, parameters = "stream_id = %s AND version > %s", [stream_id, after]
        if upto is not None:
            condition, parameters = condition + " AND position <= %s", [*parameters, upto]
        return self.sealed.recorded(self.recorder.select_timeline(condition, parameters, limit))

    def entries(
        self, stream_ids: Sequence[UUID], *, upto: int, carried_by: int = 0
    ) -> dict[UUID, list[Entry]]:
        """The facts of several streams up to a position, without what surrounds them. Of a stream
        that carried what it had become by the position `carried_by`, those from there on: enough
        to fold it as of there, and of later. Unknown streams are left out.
        """
        rows = self.recorder.select_entries(stream_ids, CARRYING, carried_by=carried_by, upto=upto)
        entries = self.sealed.entries(rows)
        streams = [list(own) for _, own in groupby(entries, key=attrgetter("stream_id.int"))]
        return {own[0].stream_id: own for own in streams}

    def end(self, stream_id: UUID) -> tuple[int, UUID | None] | None:
        """The last version of a stream, and the facility that is of; None where there is none."""
        return self.recorder.select_end(stream_id)

    def position_of(self, stream_id: UUID, version: int) -> int | None:
        """Where a version of a stream stands; None where it has not come to it."""
        return self.recorder.position_of(stream_id, version)

    def at(self, positions: Sequence[int]) -> Sequence[Recorded[Any]]:
        """The facts at these positions, in order."""
        return self.sealed.recorded(
            self.recorder.select_timeline("position = ANY(%s)", [list(positions)], len(positions))
        )

    def positions_of(self, facility_id: UUID, *, after: int, limit: int) -> Sequence[int]:
        """Where one facility's facts stand, beyond a position."""
        return self.recorder.select_facility(facility_id, after, limit)
