"""What came to streams beyond where they were known to end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast
from uuid import UUID

from psycopg.pq import Format
from psycopg.pq.abc import PGresult

from facilities import libpq
from facilities.connections import Connection
from facilities.libpq import Statement

Beyond = tuple[UUID, int | None, int, str, int, bytes]
"""A stream, and of its event: the version, the position, the fact, its version, its state."""

_ENDS = Statement(
    b"ledger.ends",
    b"SELECT known.stream_id, e.version, e.position, e.fact, e.fact_version, e.state "
    b"FROM unnest($1::uuid[], $2::int[], $3::bigint[]) "
    b"AS known (stream_id, version, position) LEFT JOIN LATERAL (SELECT * FROM ledger.events e "
    b"WHERE e.stream_id = known.stream_id AND e.version >= known.version OFFSET 0) AS e ON true "
    b"WHERE e.version IS NULL OR e.version > known.version OR e.position <> known.position "
    b"ORDER BY known.stream_id, e.version",
    [Format.BINARY] * 3,
)
_NO_END = (None, 0, "", 0, b"")


def beyond(connection: Connection, ends: Mapping[UUID, tuple[int, int]]) -> list[Beyond]:
    """What came beyond the (version, position) that each stream is known to.

    Where that end is not there, or is at another position, it says so by a row of that version or
    of none. So of streams that are as they were known there is nothing to send.
    """
    versions, positions = zip(*ends.values(), strict=True)
    values = [libpq.uuids(ends), libpq.integers(versions), libpq.bigints(positions)]
    found = libpq.execute(connection, _ENDS, values)
    return [_row(found, number) for number in range(found.ntuples)]


def _row(found: PGresult, number: int) -> Beyond:
    stream_id, *event = (found.get_value(number, column) for column in range(6))
    assert stream_id is not None
    if None in event:
        return (UUID(bytes=stream_id), *_NO_END)
    version, position, fact, fact_version, state = cast(list[bytes], event)
    return (
        UUID(bytes=stream_id),
        libpq.VERSION.unpack(version)[0],
        libpq.POSITION.unpack(position)[0],
        fact.decode(),
        libpq.FACT_VERSION.unpack(fact_version)[0],
        state,
    )
