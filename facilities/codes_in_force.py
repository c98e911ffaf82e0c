"""Which codes mean a controlled substance, kept in mind by whoever must ask for every item that is
listed."""

from __future__ import annotations

from collections.abc import Callable

from domain.supply.events.controlled_code import CodeScheduled
from facilities.ledger import Ledger


class CodesInForce:
    """Reads the codes out of the ledger as far as it is asked for, and each of them once: as the
    recalls are (`facilities.recalls_in_force`)."""

    def __init__(self, reader: Callable[[], Ledger]) -> None:
        self._reader, self._position = reader, 0
        self._told: set[tuple[str, str]] = set()

    def told(self, system: str, code: str, position: int) -> bool:
        """Whether something was said of a code by a position: that it means a controlled substance,
        or (since) that it does not. What it means now, who asks the code itself knows."""
        if position > self._position:
            self._read(position)
        return (system, code) in self._told

    def _read(self, position: int) -> None:
        ledger = self._reader()
        until = max(position, ledger.recorder.settled() or 0)
        for events in ledger.scan(self._position, until, facts=(CodeScheduled.name,)):
            self._told.update((event.fact.system, event.fact.code) for event in events)
        self._position = until
