"""Where a storm's writers write and its followers read: our ledger; the same, read naively; and the
event store library's own in the mode that takes no lock. The latter two are known to miss events:
a harness that does not see them do so proves nothing.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any, Protocol, Self, cast
from uuid import UUID

import psycopg
from eventsourcing.persistence import StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from psycopg.rows import TupleRow
from psycopg_pool import ConnectionPool

from facilities.appending import append
from facilities.connections import Pool
from facilities.database import Database, Role
from facilities.envelope import Attribution
from facilities.ledger import Ledger, Pending
from tests.facilities.notes import NoteTaken

Place = tuple[int, UUID, int]
"""Where an event stands: its position, its stream, its version there."""


@dataclass(frozen=True, slots=True)
class Notes:
    """So many notes that one command is to append to a stream."""

    stream: UUID
    version: int
    number: int
    command: UUID
    reason: str | None = None

    def pending(self) -> list[Pending]:
        return [
            Pending(
                self.stream,
                self.version + place,
                NoteTaken(text="a note"),
                Attribution(
                    actor="scribe",
                    role="service",
                    command_id=self.command,
                    correlation_id=self.command,
                    digest=b"\0" * 32 if place == 0 else None,
                    reason=self.reason,
                ),
            )
            for place in range(self.number)
        ]


class Store(Protocol):
    """What can be appended to, quickly or in a transaction left open, and followed."""

    def __enter__(self) -> Self: ...
    def __exit__(self, *_: object) -> None: ...
    def append(self, notes: Notes) -> None: ...
    def open(self, notes: Notes) -> AbstractContextManager[psycopg.Connection[Any]]: ...
    def reached(self, stream: UUID) -> int: ...
    def read(self, after: int, limit: int) -> Sequence[Place]: ...


class Ours:
    """The ledger. `application` is what its sessions are called."""

    def __init__(self, database: Database, application: str) -> None:
        self._database, self._application = database, application
        self._pool = ConnectionPool[psycopg.Connection[TupleRow]](
            database._conninfo(Role.APP, application),
            kwargs={"autocommit": True},
            max_size=8,
            open=True,
        )
        self._ledger = Ledger(
            self._pool, lambda: database.connect(Role.APP, application_name=application)
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._ledger.close()
        self._pool.close()

    def append(self, notes: Notes) -> None:
        self._ledger.append(notes.pending())

    @contextmanager
    def open(self, notes: Notes) -> Iterator[psycopg.Connection[TupleRow]]:
        """The notes are appended in a transaction that is the caller's to end."""
        with (
            self._database.connect(Role.APP, application_name=self._application) as connection,
            Ledger(cast(Pool, _Alone(connection))) as ledger,
        ):
            append(connection, [])  # prepares the statement, which would end a transaction
            connection.autocommit = False
            connection.execute("SELECT 1")
            ledger.append(notes.pending())
            yield connection

    def reached(self, stream: UUID) -> int:
        with self._pool.connection() as connection:
            row = connection.execute(
                "SELECT coalesce(max(version), 0) FROM ledger.events WHERE stream_id = %s",
                [stream],
            ).fetchone()
        assert row is not None
        return int(row[0])

    def read(self, after: int, limit: int) -> Sequence[Place]:
        found = self._ledger.read(after, limit)
        return [(each.position, each.stream_id, each.version) for each in found]


class Naive(Ours):
    """The ledger, read by someone who has not heard that a lower position may come later."""

    def read(self, after: int, limit: int) -> Sequence[Place]:
        with self._pool.connection() as connection:
            return connection.execute(
                "SELECT position, stream_id, version FROM ledger.events WHERE position > %s "
                "ORDER BY position LIMIT %s",
                [after, limit],
            ).fetchall()


class _Alone:
    """A pool of one connection, in whose transaction everything happens."""

    def __init__(self, connection: psycopg.Connection[TupleRow]) -> None:
        self._connection = connection

    @contextmanager
    def connection(self) -> Iterator[psycopg.Connection[TupleRow]]:
        yield self._connection


class Stock:
    """The library's recorder with POSTGRES_ENABLE_DB_FUNCTIONS, in a schema of its own."""

    def __init__(self, database: Database, application: str) -> None:
        where = database._parameters
        os.environ["PGAPPNAME"] = application  # the library has no other way to say it
        self._store = PostgresDatastore(
            where["dbname"],
            where.get("host", ""),
            where.get("port", "5432"),
            where.get("user", ""),
            where.get("password", ""),
            pool_size=4,
            max_overflow=8,
            schema="stock",
            enable_db_functions=True,
        )
        self._recorder = PostgresApplicationRecorder(self._store)
        self._store.register_type_adapters()

    @classmethod
    def prepare(cls, database: Database) -> None:
        """Make its tables, before several processes would at once."""
        with database.connect(role=None) as login:
            login.execute("CREATE SCHEMA stock")
        with cls(database, "") as stock:
            stock._recorder.create_table()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._store.close()

    def append(self, notes: Notes) -> None:
        self._recorder.insert_events(self._events(notes))

    @contextmanager
    def open(self, notes: Notes) -> Iterator[psycopg.Connection[Any]]:
        with self._store.get_connection() as connection:
            connection.autocommit = False
            try:
                connection.execute(
                    self._recorder.sql_invoke_pg_function_insert_events,
                    [
                        [
                            self._recorder.construct_pg_stored_event(
                                each.originator_id, each.originator_version, each.topic, each.state
                            )
                            for each in self._events(notes)
                        ]
                    ],
                )
                yield connection
            finally:
                connection.rollback()
                connection.autocommit = True

    def reached(self, stream: UUID) -> int:
        found = self._recorder.select_events(stream, desc=True, limit=1)
        return found[0].originator_version if found else 0

    def read(self, after: int, limit: int) -> Sequence[Place]:
        found = self._recorder.select_notifications(after, limit, inclusive_of_start=False)
        return [
            (each.id, cast(UUID, each.originator_id), each.originator_version) for each in found
        ]

    def _events(self, notes: Notes) -> list[StoredEvent]:
        return [
            StoredEvent(notes.stream, notes.version + place, "note", b"{}")
            for place in range(notes.number)
        ]


STORES: dict[str, Callable[[Database, str], Store]] = {
    "ours": Ours,
    "naive": Naive,
    "stock": Stock,
}
