"""What of an event is hashed: every column of its row, as PostgreSQL tells them in binary.

The entry of an event is its row in the binary format of COPY: a 16-bit number of columns, then of
each column a 32-bit length and so many bytes, or the length -1 for NULL; all numbers with their
highest byte first. So no two events have the same entry. Positions, versions and numbers are signed
integers, ids 16 bytes, texts UTF-8, instants microseconds since 2000-01-01 UTC as a 64-bit number,
and the fact is the bytes that are stored. Where the correlation is left out, it is the command.

The hash is computed here and not by the database, which is what is doubted.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import Any

import psycopg

from facilities.seals.tree import HASH_SIZE

COLUMNS = (
    "position::bigint, stream_id::uuid, version::integer, fact::text, fact_version::smallint, "
    "facility_id::uuid, effective_at::timestamptz, recorded_at::timestamptz, actor::text, "
    "role::text, command_id::uuid, command_digest::bytea, "
    "coalesce(correlation_id, command_id)::uuid, causation_id::uuid, reason::text, source::text, "
    "state::bytea"
)
"""The columns of an entry, in its order."""

RECORD = struct.Struct(f">q{HASH_SIZE}s")
"""How leaves are kept in the database: the position of an event and its hash."""

_HEADER = b"PGCOPY\n\xff\r\n\0"
_HEADER_SIZE = len(_HEADER) + 8
_END = b"\xff\xff"
_POSITION = slice(6, 14)


def entries(
    connection: psycopg.Connection[Any],
    after: int | None,
    upto: int,
    limit: int | None = None,
    condition: str = "true",
    parameters: Iterable[Any] = (),
) -> Iterator[bytes]:
    """The entries of the events beyond a position (None: from the very first), in order."""
    beyond = "true" if after is None else "position > %s"
    query = (
        f"COPY (SELECT {COLUMNS} FROM ledger.events WHERE {beyond} AND position <= %s "
        f"AND ({condition}) ORDER BY position LIMIT %s) TO STDOUT (FORMAT binary)"
    )
    bounds = [upto] if after is None else [after, upto]
    with connection.transaction():
        # Texts are told in the client's encoding.
        connection.execute("SET LOCAL client_encoding TO 'UTF8'")
        with connection.cursor().copy(query.encode(), [*bounds, *parameters, limit]) as copy:
            for block in copy:
                # One message for each row; the header comes with the first.
                row = bytes(block)
                if row.startswith(_HEADER):
                    row = row[_HEADER_SIZE:]
                if row and row != _END:
                    yield row


def position_of(entry: bytes) -> int:
    """The position of an entry."""
    return int.from_bytes(entry[_POSITION], "big", signed=True)


def at_position(entry: bytes, position: int) -> bytes:
    """The same entry, were it at another position."""
    return entry[:6] + position.to_bytes(8, "big", signed=True) + entry[14:]


def leaves_of(of: Iterable[bytes]) -> bytes:
    """The leaves of entries, joined: of each its position and its hash (`RECORD`)."""
    return b"".join([row[_POSITION] + sha256(b"\x00" + row).digest() for row in of])


def hashes_of(leaves: bytes) -> list[bytes]:
    """The hashes of joined leaves."""
    return [leaves[at : at + HASH_SIZE] for at in range(8, len(leaves), RECORD.size)]


def positions_of(leaves: bytes) -> list[int]:
    """The positions of joined leaves."""
    return [position for position, _ in RECORD.iter_unpack(leaves)]


def listing(leaves: bytes) -> str:
    """Leaves for people: one line for each event, its position and its hash."""
    return "".join(
        [f"{position} {found.hex()}\n" for position, found in RECORD.iter_unpack(leaves)]
    )


def listed(text: str) -> bytes:
    """The joined leaves of a listing. Raises ValueError where it is none."""
    lines = (line.split(" ") for line in text.splitlines())
    try:
        leaves = b"".join([RECORD.pack(int(at), bytes.fromhex(found)) for at, found in lines])
    except struct.error as error:
        raise ValueError(str(error)) from None
    if listing(leaves) != text:
        raise ValueError("it is not written as a listing of leaves is")
    return leaves
