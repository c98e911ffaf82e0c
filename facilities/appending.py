"""How events are handed to PostgreSQL: one call of ledger.append() for those of many writers.

An event goes as a `ledger.new_event` in PostgreSQL's binary form, made by the thread that brings
it, so that whoever writes for many threads has only bytes to join. That form is what `record_send`
and `array_send` write: each field with its type's oid and its length, -1 for NULL. The call goes
straight to libpq, which gives up the interpreter once: with dozens of threads about, whoever wants
it back waits for several of them each time.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import cast
from uuid import UUID, uuid4

import psycopg
from eventsourcing import persistence as es
from psycopg.pq import ExecStatus, Format
from psycopg.pq.abc import PGconn, PGresult
from psycopg.rows import TupleRow
from psycopg.types import TypeInfo

from facilities.envelope import Attribution, LedgerEvent
from facilities.premises import Premises

_BOOL, _BYTEA, _INT2, _INT4, _TEXT, _TIMESTAMPTZ, _UUID = 16, 17, 21, 23, 25, 1184, 2950
_INT8, _UUIDS, _INT4S, _INT8S = 20, 2951, 1007, 1016

_FIELDS = 21
_BEGIN = struct.Struct("!i Ii16s Iii Iih Ii16s Ii?")
"""How many fields, and those that always have a value and always the same length."""
_INSTANT = struct.Struct("!Iiq")
_FIELD = struct.Struct("!Ii")

_NO_BYTES, _NO_TEXT, _NO_INSTANT, _NO_UUID = (
    _FIELD.pack(kind, -1) for kind in (_BYTEA, _TEXT, _TIMESTAMPTZ, _UUID)
)
_UUID_FOLLOWS = _FIELD.pack(_UUID, 16)
_NO_ENDS = b"".join(_FIELD.pack(kind, -1) for kind in (_UUIDS, _INT4S, _INT8S))
_NO_TOKEN = _NO_BYTES + _FIELD.pack(_UUIDS, -1)
_NO_PREMISES = _NO_ENDS + _NO_TOKEN

_MICROSECOND = timedelta(microseconds=1)
_MIDNIGHT_2000 = datetime(2000, 1, 1, tzinfo=UTC)
_DAY_2000 = date(2000, 1, 1).toordinal()
_DAY = timedelta(days=1) // _MICROSECOND


def row(
    stream_id: UUID,
    version: int,
    fact: str,
    fact_version: int,
    state: bytes,
    facility_id: UUID | None,
    effective: date | datetime | None,
    by: Attribution,
    *,
    opens: bool,
    premises: Premises | None = None,
) -> bytes:
    """One event as ledger.append() takes it. `opens`: it is the first of what one writer stores,
    and tells its premises where it has any."""
    command = by.command_id
    return b"".join(
        (
            _BEGIN.pack(
                *(_FIELDS, _UUID, 16, stream_id.bytes, _INT4, 4, version, _INT2, 2, fact_version),
                *(_UUID, 16, command.bytes, _BOOL, 1, opens),
            ),
            _word(fact),
            _NO_UUID if facility_id is None else _UUID_FOLLOWS + facility_id.bytes,
            _NO_INSTANT if effective is None else _INSTANT.pack(_TIMESTAMPTZ, 8, _since(effective)),
            _word(by.actor),
            _word(by.role),
            _NO_BYTES if by.digest is None else _bytes(by.digest),
            _UUID_FOLLOWS + by.correlation_id.bytes,
            _NO_UUID if by.causation_id is None else _UUID_FOLLOWS + by.causation_id.bytes,
            _NO_TEXT if by.reason is None else _text(by.reason),
            _NO_TEXT if by.source is None else _word(by.source),
            _bytes(state),
            _NO_PREMISES if premises is None else _premises(premises),
        )
    )


def rows_of(events: Sequence[es.StoredEvent]) -> list[bytes]:
    """What one writer stores. An event without an envelope gets an anonymous one."""
    return [_row_of(event, opens=place == 0) for place, event in enumerate(events)]


def _row_of(event: es.StoredEvent, *, opens: bool) -> bytes:
    assert isinstance(event.originator_id, UUID)
    if isinstance(event, LedgerEvent):
        by, fact_version = event.attribution, event.schema_version
        facility_id, effective = event.facility_id, event.effective
    else:
        command_id = uuid4()
        by = Attribution(
            actor="unattributed", role="service", command_id=command_id, correlation_id=command_id
        )
        fact_version, facility_id, effective = 1, None, None
    return row(
        *(event.originator_id, event.originator_version, event.topic, fact_version, event.state),
        *(facility_id, effective, by),
        opens=opens,
    )


def _premises(premises: Premises) -> bytes:
    ends, token = premises.ends, premises.token
    told = _NO_ENDS
    if ends:
        told = b"".join(
            (
                _list(_UUIDS, _UUID, [each.bytes for each in ends]),
                _list(_INT4S, _INT4, [_VERSION.pack(version) for version, _ in ends.values()]),
                _list(_INT8S, _INT8, [_PLACE.pack(position) for _, position in ends.values()]),
            )
        )
    if token is None:
        return told + _NO_TOKEN
    told += _bytes(token.digest)
    if token.facility_ids is None:
        return told + _FIELD.pack(_UUIDS, -1)
    return told + _list(_UUIDS, _UUID, [each.bytes for each in token.facility_ids])


def _list(kind: int, of: int, values: Sequence[bytes]) -> bytes:
    """A field that is an array of values of a kind, none of them NULL."""
    content = _array(values, of)
    return _FIELD.pack(kind, len(content)) + content


@lru_cache(maxsize=4096)
def _word(text: str) -> bytes:
    """A text that comes again and again."""
    return _text(text)


def _text(text: str) -> bytes:
    content = text.encode()
    return _FIELD.pack(_TEXT, len(content)) + content


def _bytes(content: bytes) -> bytes:
    return _FIELD.pack(_BYTEA, len(content)) + content


def _since(effective: date | datetime) -> int:
    """Microseconds since 2000; a day counts from midnight UTC."""
    if isinstance(effective, datetime):
        return (effective - _MIDNIGHT_2000) // _MICROSECOND
    return (effective.toordinal() - _DAY_2000) * _DAY


# --- the call ------------------------------------------------------------------------------------

_NAME = b"ledger.append"
_APPEND = b"SELECT array(SELECT ledger.append($1, $2, $3))"
_NEW_EVENT = "ledger.new_event"
_PARAMETERS = [Format.BINARY, Format.TEXT, Format.TEXT]

_ARRAY, _EMPTY = struct.Struct("!iiIii"), struct.Struct("!iiI")
_LENGTH = _VERSION = struct.Struct("!i")
_PLACE = struct.Struct("!q")
_POSITION = struct.Struct("!4xq")


def append(
    connection: psycopg.Connection[TupleRow],
    rows: Sequence[bytes],
    tracking: es.Tracking | None = None,
) -> list[int]:
    """Call ledger.append(), as one transaction: what it returns, for each row.

    The statement is prepared once on a connection. Raises psycopg's errors.
    """
    told: list[bytes | None] = [None, None]
    if tracking is not None:
        told = [tracking.application_name.encode(), b"%d" % tracking.notification_id]
    parameters = [_array(rows, _type_oid(connection)), *told]
    try:
        result = _executed(connection.pgconn, parameters)
    except psycopg.errors.InvalidSqlStatementName:
        # New here, or psycopg has had all statements forgotten, as it does after a rollback.
        _checked(connection.pgconn.prepare(_NAME, _APPEND))
        result = _executed(connection.pgconn, parameters)
    found = result.get_value(0, 0)
    assert found is not None
    return [position for (position,) in _POSITION.iter_unpack(found[_ARRAY.size :])]


def _executed(libpq: PGconn, parameters: Sequence[bytes | None]) -> PGresult:
    # NULL is None, which psycopg's type does not say.
    values = cast(Sequence[bytes], parameters)
    return _checked(libpq.exec_prepared(_NAME, values, _PARAMETERS, Format.BINARY))


def _checked(result: PGresult) -> PGresult:
    if result.status not in (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK):
        raise psycopg.errors.error_from_result(result)
    return result


def _array(values: Sequence[bytes], type_oid: int) -> bytes:
    """Values of a type as one array."""
    begin = _ARRAY.pack(1, 0, type_oid, len(values), 1) if values else _EMPTY.pack(0, 0, type_oid)
    return begin + b"".join([_LENGTH.pack(len(each)) + each for each in values])


def _type_oid(connection: psycopg.Connection[TupleRow]) -> int:
    """The oid of ledger.new_event, which is looked up once on a connection."""
    known = connection.adapters.types.get(_NEW_EVENT)
    if known is None:
        row = connection.execute("SELECT %s::regtype::oid", [_NEW_EVENT]).fetchone()
        assert row is not None
        known = TypeInfo(_NEW_EVENT, row[0], 0)
        known.register(connection)
    return known.oid
