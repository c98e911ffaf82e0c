"""A shadow that is folded from the beginning beside the runner's own work.

What is live must not wait for what is built anew, so a thread folds that, in a session of its own,
as a rebuild on demand does (`projections.bulk`). When it has come to where the ledger ended as it
began, the runner takes it on and follows with it as with any other.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

import psycopg

from projections.bulk import Told, complete, fill
from projections.crew import Crew
from projections.leadership import SESSION, Connect, Connection
from projections.shadow import begin
from projections.writing import Target

if TYPE_CHECKING:
    from projections.reading import Reader

log = logging.getLogger(__name__)


class _Stopped(Exception):
    """Nobody waits for the shadow any more."""


class Building:
    """Folds a model up to a position, into shadow tables begun anew; it starts at once. Where
    there is a crew, that folds."""

    def __init__(
        self,
        connect: Connect,
        reader: Reader,
        target: Target,
        upto: int,
        told: Told,
        crew: Crew | None,
    ) -> None:
        self.target, self.upto, self._crew = target, upto, crew
        self.succeeded = False
        self._connect, self._reader, self._told = connect, reader, told
        self._stopped = threading.Event()
        self._connection: Connection | None = None
        self._thread = threading.Thread(target=self._run, name=f"building {target.name}")
        self._thread.start()

    @property
    def done(self) -> bool:
        """Whether it has ended, well (`succeeded`) or not."""
        return not self._thread.is_alive()

    def stop(self) -> None:
        """Give it up, and return when nothing is written any more."""
        self._stopped.set()
        if self._connection is not None:
            with suppress(psycopg.Error):
                self._connection.cancel_safe(timeout=5)
        self._thread.join()

    def _run(self) -> None:
        model, suffix = self.target.model, self.target.suffix
        try:
            with self._connect() as connection:
                self._connection = connection
                connection.execute(SESSION)
                tables = begin(connection, model, suffix, bare=True).tables
                if self._crew is None:
                    fill(connection, self._reader, tables, self.upto, None, self._reached)
                else:
                    self._crew.fill(tables, self.upto, self._reached)
                self.succeeded = complete(connection, tables, self.upto)
        except _Stopped:
            pass
        except Exception as error:  # noqa: BLE001 - the runner then folds it event by event
            if not self._stopped.is_set():
                log.warning("%s cannot be built at once: %s", model.name, type(error).__name__)

    def _reached(self, position: int) -> None:
        if self._stopped.is_set():
            raise _Stopped
        self._told(position)


class Builder:
    """Builds at once, one after the other, the shadows that have `much` of the ledger before them.
    What cannot be built so is left to batches, which find the event that stops it.
    """

    def __init__(
        self,
        connect: Connect,
        reader: Reader,
        much: int,
        told: Callable[[str, int, int], None],
        crew: Crew | None = None,
    ) -> None:
        self._connect, self._reader, self._much, self._told = connect, reader, much, told
        self._crew = crew
        self._building: Building | None = None
        self._failed: set[str] = set()

    @property
    def busy(self) -> bool:
        """Whether a target is being built, or waits to take its place."""
        return self._building is not None

    def builds(self, target: Target) -> bool:
        """Whether a target is built here, now or in its turn, and so is not to be followed with."""
        return (
            bool(target.suffix)
            and not target.position
            and target.stalled_at is None
            and target.name not in self._failed
            and self._reader.head() >= self._much
        )

    def go_on(self, connection: Connection, targets: list[Target]) -> None:
        """Put what was built in its place among the targets, and begin with the next one."""
        if self._building is not None:
            if not self._building.done:
                return
            built, self._building = self._building, None
            was = built.target
            if built.succeeded:
                now = Target(was.model, was.suffix, position=built.upto)
            else:
                self._failed.add(was.name)
                now = begin(connection, was.model, was.suffix)
            targets[targets.index(was)] = now
        for each in targets:
            if self.builds(each):
                self._building = self._begun(each)
                return

    def stop(self) -> None:
        """Give up what is being built; it is begun again by whoever leads next."""
        if self._building is not None:
            self._building.stop()
            self._building = None
        self._failed.clear()

    def _begun(self, target: Target) -> Building:
        head = self._reader.head()

        def told(position: int) -> None:
            self._told(target.model.name, position, head)

        return Building(self._connect, self._reader, target, head, told, self._crew)
