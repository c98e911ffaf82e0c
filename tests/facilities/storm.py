"""Writers as they come: quick and slow, committing and rolling back, in each other's way, killed.

Run as a program (``python -m tests.facilities.storm SEED``) it writes until it is killed, to the
database of STORM_DATABASE, and prints ``stream version`` of what was acknowledged.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import Random
from threading import Condition
from uuid import UUID

import psycopg
from eventsourcing.persistence import IntegrityError
from psycopg.rows import TupleRow

from facilities.database import Database, Role
from facilities.ledger import Ledger
from tests.facilities.notes import append_in, notes

CROWDED = UUID(int=7)
"""A stream that everybody writes to."""


class Bell:
    """Rung after each append, so that others can wait for one without looking at a clock."""

    def __init__(self) -> None:
        self._rung, self._condition = 0, Condition()

    def ring(self) -> None:
        with self._condition:
            self._rung += 1
            self._condition.notify_all()

    def heard(self, times: int, patience: float) -> bool:
        """Whether it is rung so many times more before patience ends."""
        with self._condition:
            wanted = self._rung + times
            return self._condition.wait_for(lambda: self._rung >= wanted, timeout=patience)


class Writer:
    """Writes to a stream of its own and to the crowded one; `met` counts what it went through."""

    def __init__(
        self, database: Database, ledger: Ledger, seed: str, meanwhile: Callable[[], bool]
    ) -> None:
        self._database, self._ledger, self._meanwhile = database, ledger, meanwhile
        self._dice = Random(seed)
        self.stream = UUID(int=self._dice.getrandbits(128))
        self.version = 0
        self.met: Counter[str] = Counter()

    def write(self) -> None:
        """One append, of the kind the dice say."""
        kinds = [self._quickly, self._quickly, self._in_a_crowd, self._slowly, self._in_vain]
        self._dice.choice(kinds)()

    def _quickly(self) -> None:
        number = self._dice.randint(1, 20)
        self._ledger.append(notes(self.stream, self.version + 1, number))
        self.version += number

    def _in_a_crowd(self) -> None:
        with self._database.pool(Role.APP).connection() as connection:
            query = "SELECT coalesce(max(version), 0) FROM ledger.events WHERE stream_id = %s"
            row = connection.execute(query, [CROWDED]).fetchone()
        assert row is not None
        try:
            self._ledger.append(notes(CROWDED, row[0] + 1, self._dice.randint(1, 3)))
        except IntegrityError:
            self.met["conflict"] += 1

    def _slowly(self) -> None:
        with self._open_transaction() as connection:
            number = self._dice.randint(1, 5)
            append_in(connection, self.stream, self.version + 1, number)
            self.met["overtaken"] += self._meanwhile()
            connection.commit()
        self.version += number

    def _in_vain(self) -> None:
        with self._open_transaction() as connection:
            append_in(connection, self.stream, self.version + 1, self._dice.randint(1, 5))
            self._meanwhile()
            connection.rollback()

    @contextmanager
    def _open_transaction(self) -> Iterator[psycopg.Connection[TupleRow]]:
        connection = self._database.connect(Role.APP, autocommit=False)
        try:
            yield connection
        finally:
            connection.close()


def follow(
    ledger: Ledger, finished: Callable[[], bool], bell: Bell, limit: int
) -> list[tuple[int, UUID, int]]:
    """Follow the ledger from its beginning until the writers have finished and nothing is left."""
    seen: list[tuple[int, UUID, int]] = []
    while True:
        last = finished()
        events = ledger.read(seen[-1][0] if seen else 0, limit)
        seen += [(each.position, each.stream_id, each.version) for each in events]
        if not events:
            if last:
                return seen
            bell.heard(1, patience=0.1)


def everything(database: Database) -> list[tuple[int, UUID, int]]:
    """What the ledger holds, when nobody writes any more."""
    with database.connect(Role.APP) as app:
        return app.execute(
            "SELECT position, stream_id, version FROM ledger.events ORDER BY position"
        ).fetchall()


def write_until_killed(seed: str) -> None:
    with (
        Database(os.environ["STORM_DATABASE"]) as database,
        Ledger(database.pool(Role.APP)) as ledger,
    ):
        aside = Writer(database, ledger, f"beside {seed}", meanwhile=lambda: False)

        def write_aside() -> bool:
            for _ in range(3):
                aside._quickly()
            return True

        writer = Writer(database, ledger, seed, meanwhile=write_aside)
        while True:
            writer.write()
            print(writer.stream, writer.version, flush=True)
            if aside.version:
                print(aside.stream, aside.version, flush=True)


if __name__ == "__main__":
    import sys

    write_until_killed(sys.argv[1])
