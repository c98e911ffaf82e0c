"""The seals in the database: the rows of the schema `audit`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.rows import class_row

from facilities.seals.leaves import RECORD, hashes_of
from facilities.seals.tree import Subtrees


@dataclass(frozen=True, slots=True, kw_only=True)
class SealRow:
    """A row of `audit.seals`. Only the statement is signed; the rest helps to find it."""

    number: int
    first_position: int
    last_position: int
    tree_size: int
    peaks: bytes
    statement: str


_SEALS = (
    "SELECT number, first_position, last_position, tree_size, peaks, statement FROM audit.seals"
)


class Register:
    """Reads and adds to the schema `audit`, on one connection and in its transaction."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection

    # --- reading -------------------------------------------------------------------------------

    def last(self) -> SealRow | None:
        """The newest seal."""
        found = self._seals("ORDER BY number DESC LIMIT 1")
        return found[0] if found else None

    def between(self, after: int, upto: int) -> dict[int, SealRow]:
        """The seals beyond one number up to another, by number."""
        found = self._seals("WHERE number > %s AND number <= %s ORDER BY number", after, upto)
        return {each.number: each for each in found}

    def following(self, after: int, limit: int) -> dict[int, SealRow]:
        """The next seals beyond a number, by number."""
        found = self._seals("WHERE number > %s ORDER BY number LIMIT %s", after, limit)
        return {each.number: each for each in found}

    def newest(self, before: int | None, limit: int) -> list[SealRow]:
        """Some seals, the newest first: all, or those before a number."""
        if before is None:
            return self._seals("ORDER BY number DESC LIMIT %s", limit)
        return self._seals("WHERE number < %s ORDER BY number DESC LIMIT %s", before, limit)

    def covering(self, position: int) -> SealRow | None:
        """The first seal that reaches a position."""
        found = self._seals("WHERE last_position >= %s ORDER BY last_position LIMIT 1", position)
        return found[0] if found else None

    def leaves(self, numbers: Iterable[int]) -> dict[int, bytes]:
        """The leaves of seals, by their numbers."""
        rows = self._connection.execute(
            "SELECT number, leaves FROM audit.leaves WHERE number = ANY(%s)",
            [list(numbers)],
            binary=True,
        )
        return dict(rows.fetchall())

    def leaves_without_seal(self) -> list[int]:
        """The numbers of leaves whose seal is not there."""
        rows = self._connection.execute(
            "SELECT number FROM audit.leaves EXCEPT SELECT number FROM audit.seals ORDER BY 1"
        )
        return [number for (number,) in rows]

    def first_event(self, after: int | None) -> int | None:
        """The position of the first event beyond a position, or of the very first."""
        found = self._connection.execute(
            "SELECT min(position) FROM ledger.events WHERE position > coalesce(%s, position - 1)",
            [after],
        ).fetchone()
        return None if found is None else found[0]

    def last_event(self) -> int | None:
        """The position of the last event there is."""
        found = self._connection.execute("SELECT max(position) FROM ledger.events").fetchone()
        return None if found is None else found[0]

    def events_beyond(self, after: int | None) -> int:
        """How many events there are beyond a position, or at all."""
        found = self._connection.execute(
            "SELECT count(*) FROM ledger.events WHERE position > coalesce(%s, position - 1)",
            [after],
        ).fetchone()
        return 0 if found is None else int(found[0])

    def leaf_hashes(self, first: int, beyond: int) -> list[bytes]:
        """The hashes of the leaves from one index to another, as many as there are."""
        rows = self._connection.execute(
            "SELECT substring(l.leaves FROM (greatest(%(first)s - s.tree_size + "
            "octet_length(l.leaves) / %(size)s, 0) * %(size)s + 1)::int FOR %(all)s) "
            "FROM audit.seals s JOIN audit.leaves l USING (number) "
            "WHERE s.tree_size > %(first)s AND s.tree_size - octet_length(l.leaves) / %(size)s "
            "< %(beyond)s AND s.tree_size <= coalesce((SELECT min(tree_size) FROM audit.seals "
            "WHERE tree_size >= %(beyond)s), 9223372036854775807) ORDER BY s.number",
            {
                "size": RECORD.size,
                "first": first,
                "beyond": beyond,
                "all": (beyond - first) * RECORD.size,
            },
            binary=True,
        )
        return [found for (part,) in rows for found in hashes_of(part)][: beyond - first]

    def subtrees_between(self, level: int, first: int, beyond: int) -> list[bytes]:
        """The kept subtrees of a level from one place to another, as many as there are."""
        rows = self._connection.execute(
            "SELECT hash FROM audit.subtrees "
            "WHERE level = %s AND place >= %s AND place < %s ORDER BY place",
            [level, first, beyond],
        )
        return [found for (found,) in rows]

    def introductions(self) -> dict[str, str]:
        """The introductions of keys, by key id."""
        rows = self._connection.execute("SELECT key_id, introduction FROM audit.keys")
        return dict(rows.fetchall())

    def verified(self) -> tuple[int, str] | None:
        """Up to which seal nothing was found: its number and the digest of its statement."""
        found = self._connection.execute(
            "SELECT number, seal FROM audit.verifications ORDER BY verified_at DESC LIMIT 1"
        ).fetchone()
        return None if found is None else (found[0], found[1])

    def subtrees(self) -> dict[tuple[int, int], bytes]:
        """All subtrees that are kept, by level and place."""
        rows = self._connection.execute("SELECT level, place, hash FROM audit.subtrees")
        return {(level, place): found for level, place, found in rows}

    def _seals(self, which: str, *parameters: Any) -> list[SealRow]:
        with self._connection.cursor(row_factory=class_row(SealRow)) as cursor:
            return cursor.execute(f"{_SEALS} {which}".encode(), parameters).fetchall()

    # --- adding --------------------------------------------------------------------------------

    def add(self, row: SealRow, leaves: bytes, completed: Iterable[Subtrees]) -> None:
        """A new seal, with its leaves and the subtrees it completes."""
        self._connection.execute(
            "INSERT INTO audit.seals VALUES (%s, %s, %s, %s, %s, %s)",
            [
                row.number, row.first_position, row.last_position, row.tree_size, row.peaks,
                row.statement,
            ],
        )  # fmt: skip
        self._connection.execute("INSERT INTO audit.leaves VALUES (%s, %b)", [row.number, leaves])
        for each in completed:
            self._connection.execute(
                "INSERT INTO audit.subtrees SELECT %s, %s + place - 1, hash "
                "FROM unnest(%s::bytea[]) WITH ORDINALITY AS kept (hash, place)",
                [each.level, each.place, each.hashes],
            )

    def introduce(self, introductions: Mapping[str, str]) -> None:
        """Further keys, by their ids."""
        for key_id, introduction in introductions.items():
            self._connection.execute(
                "INSERT INTO audit.keys VALUES (%s, %s)", [key_id, introduction]
            )

    def note_verified(self, number: int, seal: str) -> None:
        """Nothing was found up to this seal, whose statement has this digest."""
        self._connection.execute(
            "INSERT INTO audit.verifications (number, seal) VALUES (%s, %s)", [number, seal]
        )
