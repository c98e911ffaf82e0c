"""How events are handed to PostgreSQL: one call of ledger.append() for those of many writers.

An event goes as a `ledger.new_event` in PostgreSQL's binary form, made by the thread that brings
it, so that whoever writes for many threads has only bytes to join. That form is what `record_send`
and `array_send` write: each field with its type's oid and its length, -1 for NULL.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from uuid import UUID, uuid4

import psycopg
from eventsourcing import persistence as es
from psycopg.pq import Format
from psycopg.rows import TupleRow
from psycopg.types import TypeInfo

from facilities import libpq
from facilities.envelope import Attribution, LedgerEvent
from facilities.libpq import (
    BOOL,
    BYTEA,
    INT2,
    INT4,
    INT4S,
    INT8S,
    TEXT,
    TIMESTAMPTZ,
    UUIDS,
    Statement,
)
from facilities.libpq import UUID as UUID_
from facilities.premises import Premises

_FIELDS = 21
_BEGIN = struct.Struct("!i Ii16s Iii Iih Ii16s Ii?")
"""How many fields, and those that always have a value and always the same length."""
_INSTANT = struct.Struct("!Iiq")
_FIELD = struct.Struct("!Ii")

_NO_BYTES, _NO_TEXT, _NO_INSTANT, _NO_UUID = (
    _FIELD.pack(kind, -1) for kind in (BYTEA, TEXT, TIMESTAMPTZ, UUID_)
)
_UUID_FOLLOWS = _FIELD.pack(UUID_, 16)
_NO_ENDS = b"".join(_FIELD.pack(kind, -1) for kind in (UUIDS, INT4S, INT8S))
_NO_UUIDS = _FIELD.pack(UUIDS, -1)
_NO_TOKEN = _NO_BYTES + _NO_UUIDS
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
                *(_FIELDS, UUID_, 16, stream_id.bytes, INT4, 4, version, INT2, 2, fact_version),
                *(UUID_, 16, command.bytes, BOOL, 1, opens),
            ),
            _word(fact),
            _NO_UUID if facility_id is None else _UUID_FOLLOWS + facility_id.bytes,
            _NO_INSTANT if effective is None else _INSTANT.pack(TIMESTAMPTZ, 8, _since(effective)),
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
    told, token = _NO_ENDS, premises.token
    if premises.ends:
        versions, positions = zip(*premises.ends.values(), strict=True)
        told = _field(UUIDS, libpq.uuids(premises.ends))
        told += _field(INT4S, libpq.integers(versions)) + _field(INT8S, libpq.bigints(positions))
    if token is None:
        return told + _NO_TOKEN
    if token.facility_ids is None:
        return told + _bytes(token.digest) + _NO_UUIDS
    return told + _bytes(token.digest) + _field(UUIDS, libpq.uuids(token.facility_ids))


@lru_cache(maxsize=4096)
def _word(text: str) -> bytes:
    """A text that comes again and again."""
    return _text(text)


def _text(text: str) -> bytes:
    return _field(TEXT, text.encode())


def _bytes(content: bytes) -> bytes:
    return _field(BYTEA, content)


def _field(kind: int, content: bytes) -> bytes:
    return _FIELD.pack(kind, len(content)) + content


def _since(effective: date | datetime) -> int:
    """Microseconds since 2000; a day counts from midnight UTC."""
    if isinstance(effective, datetime):
        return (effective - _MIDNIGHT_2000) // _MICROSECOND
    return (effective.toordinal() - _DAY_2000) * _DAY


# --- the call ------------------------------------------------------------------------------------

_APPEND = Statement(
    b"ledger.append",
    b"SELECT array(SELECT ledger.append($1, $2, $3))",
    [Format.BINARY, Format.TEXT, Format.TEXT],
)
_NEW_EVENT = "ledger.new_event"


def append(
    connection: psycopg.Connection[TupleRow],
    rows: Sequence[bytes],
    tracking: es.Tracking | None = None,
) -> list[int]:
    """Call ledger.append(), as one transaction: what it returns, for each row. Raises psycopg's
    errors."""
    told: list[bytes | None] = [None, None]
    if tracking is not None:
        told = [tracking.application_name.encode(), b"%d" % tracking.notification_id]
    rows_array = libpq.array(rows, _type_oid(connection))
    found = libpq.execute(connection, _APPEND, [rows_array, *told]).get_value(0, 0)
    assert found is not None
    return libpq.bigints_of(found)


def _type_oid(connection: psycopg.Connection[TupleRow]) -> int:
    """The oid of ledger.new_event, which is looked up once on a connection."""
    known = connection.adapters.types.get(_NEW_EVENT)
    if known is None:
        row = connection.execute("SELECT %s::regtype::oid", [_NEW_EVENT]).fetchone()
        assert row is not None
        known = TypeInfo(_NEW_EVENT, row[0], 0)
        known.register(connection)
    return known.oid
