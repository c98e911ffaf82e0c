"""Statements handed straight to libpq: the few of which there is one for every command.

psycopg's own way gives up the interpreter several times for one statement, and with dozens of
threads about, whoever wants it back waits for several of them each time; and it looks at the kind
of each value anew. Here a statement is prepared once on a connection, values come in PostgreSQL's
binary form, and so do results.
"""

from __future__ import annotations

import struct
import uuid
from collections.abc import Iterable, Sequence
from typing import NamedTuple, cast

import psycopg
from psycopg.pq import ExecStatus, Format
from psycopg.pq.abc import PGconn, PGresult
from psycopg.rows import TupleRow

BOOL, BYTEA, INT2, INT4, INT8, TEXT, TIMESTAMPTZ, UUID = 16, 17, 21, 23, 20, 25, 1184, 2950
UUIDS, INT4S, INT8S = 2951, 1007, 1016
"""The oids of PostgreSQL's types, and of arrays of them."""

FACT_VERSION, VERSION, POSITION = struct.Struct("!h"), struct.Struct("!i"), struct.Struct("!q")

_LENGTH = struct.Struct("!i")
_ARRAY, _EMPTY = struct.Struct("!iiIii"), struct.Struct("!iiI")
_OF_ARRAY = struct.Struct("!4xq")


class Statement(NamedTuple):
    """A statement, the name it is prepared under, and how each of its values comes."""

    name: bytes
    text: bytes
    formats: Sequence[Format]


def execute(
    connection: psycopg.Connection[TupleRow],
    statement: Statement,
    values: Sequence[bytes | None],
) -> PGresult:
    """What a statement answers, in binary. Raises psycopg's errors."""
    try:
        return _executed(connection.pgconn, statement, values)
    except psycopg.errors.InvalidSqlStatementName:
        # New here, or psycopg has had all statements forgotten, as it does after a rollback.
        _checked(connection.pgconn.prepare(statement.name, statement.text))
        return _executed(connection.pgconn, statement, values)


def array(values: Sequence[bytes], type_oid: int) -> bytes:
    """Values of a type as one array."""
    begin = _ARRAY.pack(1, 0, type_oid, len(values), 1) if values else _EMPTY.pack(0, 0, type_oid)
    return begin + b"".join([_LENGTH.pack(len(each)) + each for each in values])


def uuids(values: Iterable[uuid.UUID]) -> bytes:
    """An array of ids."""
    return array([each.bytes for each in values], UUID)


def integers(values: Iterable[int]) -> bytes:
    """An array of integers."""
    return array([VERSION.pack(each) for each in values], INT4)


def bigints(values: Iterable[int]) -> bytes:
    """An array of bigints."""
    return array([POSITION.pack(each) for each in values], INT8)


def bigints_of(content: bytes) -> list[int]:
    """The values of an array of bigints, none of them NULL."""
    return [value for (value,) in _OF_ARRAY.iter_unpack(content[_ARRAY.size :])]


def _executed(libpq: PGconn, statement: Statement, values: Sequence[bytes | None]) -> PGresult:
    # NULL is None, which psycopg's type does not say.
    given = cast(Sequence[bytes], values)
    return _checked(libpq.exec_prepared(statement.name, given, statement.formats, Format.BINARY))


def _checked(result: PGresult) -> PGresult:
    if result.status not in (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK):
        raise psycopg.errors.error_from_result(result)
    return result
