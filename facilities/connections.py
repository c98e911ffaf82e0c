"""Connections to the ledger's database, whose errors are eventsourcing's."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from itertools import islice
from typing import Any, TypeVar, cast

import psycopg
from eventsourcing import persistence as es
from psycopg.rows import TupleRow
from psycopg_pool import ConnectionPool

FEW = 500
"""How many rows are handed out at once: few enough to be in the processor's cache still."""

Connection = psycopg.Connection[TupleRow]
Pool = ConnectionPool[Connection]
T = TypeVar("T")


class Connections:
    """What is asked and written over the connections of a pool.

    Raises IntegrityError for what is there already or what two writers locked crosswise, and
    OperationalError where the database cannot be reached or gives up.
    """

    def __init__(self, pool: Pool) -> None:
        self.pool = pool

    def rows(self, query: str, parameters: Sequence[Any] | Mapping[str, Any]) -> list[Any]:
        """What a query answers. Rows come in binary, which is read in two thirds of the time."""
        return self.again(
            lambda connection: connection.execute(
                query.encode(), parameters, binary=True
            ).fetchall()
        )

    def again(self, read: Callable[[Connection], T]) -> T:
        """Reads are tried once more when the connection breaks: nothing can be done twice."""
        try:
            with self.one() as connection:
                return read(connection)
        except es.OperationalError:
            with self.one() as connection:
                return read(connection)

    def streamed(self, query: str, parameters: Sequence[Any]) -> Iterator[list[TupleRow]]:
        """Rows as they come: the server looks for more while these are worked on."""
        with self.one() as connection, connection.cursor(binary=True) as cursor:
            # Closed before its connection: that waits for a stream that was left in the middle.
            stream = cursor.stream(query.encode(), parameters, size=FEW)
            with closing(cast(Generator[TupleRow], stream)) as rows:
                while some := list(islice(rows, FEW)):
                    yield some

    @contextmanager
    def one(self) -> Iterator[Connection]:
        """A connection in a transaction, which is committed at the end."""
        try:
            with self.pool.connection() as connection:
                yield connection
        except (psycopg.IntegrityError, psycopg.errors.DeadlockDetected) as error:
            # Two appends that hold what the other wants: one of them has lost, as in any conflict.
            raise es.IntegrityError(str(error)) from error
        except psycopg.OperationalError as error:
            raise es.OperationalError(str(error)) from error
        except psycopg.DataError as error:
            raise es.DataError(str(error)) from error
        except psycopg.ProgrammingError as error:
            raise es.ProgrammingError(str(error)) from error
        except psycopg.Error as error:
            raise es.PersistenceError(str(error)) from error
