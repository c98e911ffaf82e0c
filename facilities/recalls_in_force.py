"""Which recalls are in force, kept in mind by whoever must ask for every receipt."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from domain.supply.events.recall import RecallIssued, RecallTerminated
from facilities.ledger import Ledger


class RecallsInForce:
    """Reads the recalls out of the ledger as far as it is asked for, and each of them once.

    A read model would have to be waited for, and asked for every receipt of an item that nobody has
    recalled. It is told in the ledger's order, so that what it says of a position is so.
    """

    def __init__(self, reader: Callable[[], Ledger]) -> None:
        self._reader, self._position = reader, 0
        self._issued: dict[UUID, tuple[RecallIssued, int]] = {}
        self._ended: dict[UUID, int] = {}

    def of(self, item_system: str, item_code: str, position: int) -> list[RecallIssued]:
        """The recalls of an item that had been issued, and not terminated, at a position."""
        if position > self._position:
            self._read(position)
        return [
            recall
            for recall_id, (recall, since) in self._issued.items()
            if (recall.item_system, recall.item_code) == (item_system, item_code)
            and since <= position
            and self._ended.get(recall_id, position + 1) > position
        ]

    def _read(self, position: int) -> None:
        ledger = self._reader()
        until = max(position, ledger.recorder.settled() or 0)
        names = (RecallIssued.name, RecallTerminated.name)
        for events in ledger.scan(self._position, until, facts=names):
            for event in events:
                if isinstance(event.fact, RecallIssued):
                    self._issued[event.fact.recall_id] = event.fact, event.position
                else:
                    self._ended[event.stream_id] = event.position
        self._position = until
