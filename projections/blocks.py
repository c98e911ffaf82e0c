"""A summary as of a position inside a block: its rows at the block's start, and what came after.

Of a summary's past one version for each block of positions is kept (`Summary.grain`), so the rows
as of a block's start are read from the tables as any others are. For a position inside the block
the events from there on, fewer than a block has positions, are folded onto them again. What comes
out is exact at every position, and is put in the place of the rows it touches by `versions`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

import psycopg
from psycopg import sql

from domain.kernel import Recorded
from projections.folding import Batch, Version
from projections.kernel import Key, Summary
from projections.lasting import as_they_were
from projections.parts import Part
from projections.sight import entrance, sighted
from projections.spelling import Spelling
from projections.tables import identifiers


class Facts(Protocol):
    """The ledger, as far as a summary's past needs it."""

    def between(
        self,
        after: int,
        upto: int,
        *,
        facts: Sequence[str],
        facilities: Collection[UUID] | None = None,
    ) -> Sequence[Recorded[Any]]:
        """Events beyond one position up to another, in order, of some kinds of facts: those of
        some facilities, or of all. The positions are known to be followed by the read models."""


class Stale(Exception):
    """The tables are those of another declaration: what they keep may not be what it takes."""


@dataclass(frozen=True, slots=True)
class Block:
    """What a position inside a block comes to: `start` is the block's, `arrays` are the rows that
    were touched since, as an array for each column of the model."""

    start: int
    arrays: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Begun:
    """A block that a position is inside of: where it starts, and its events up to the position."""

    start: int
    batch: Batch


def begun(
    connection: psycopg.Connection[Any],
    summary: Summary[Any],
    facilities: Collection[UUID] | None,
    as_of: int,
    ledger: Facts | None,
) -> Begun | None:
    """What has happened in a summary's unfinished block up to a position; None where the position
    ends a block, so that the tables tell everything.

    1. Look how far the model has come: what it has not folded has not happened for its readers.
    2. Read the events since the block's start, only those of the facilities in question.

    Raises `Stale` where the model is being rebuilt as declared anew.
    """
    if summary.grain == 1:
        return None
    found = connection.execute(
        "SELECT fingerprint, position FROM models.positions WHERE model = %s", [summary.name]
    ).fetchone()
    if found is None or found[0] != summary.fingerprint:
        raise Stale
    upto = min(as_of, int(found[1]))
    start = upto - upto % summary.grain
    if start == as_of:
        return None
    if ledger is None:
        raise TypeError(f"{summary.name} as of a position inside a block needs the ledger")
    names = [each.name for each in summary.handlers]
    events = ledger.between(start, upto, facts=names, facilities=facilities) if upto > start else ()
    return Begun(start, Batch(summary, events))


def block(
    connection: psycopg.Connection[Any],
    summary: Summary[Any],
    facilities: Collection[UUID] | None,
    as_of: int,
    ledger: Facts | None,
) -> Block | None:
    """The rows of a summary that an unfinished block has touched up to a position: loaded as of its
    start, and folded. None, and raises, as `begun`.

    All of this is history, which does not change: the steps need no common snapshot.
    """
    inside = begun(connection, summary, facilities, as_of, ledger)
    if inside is None:
        return None
    keys = inside.batch.keys
    loaded = rows_as_of(connection, summary, facilities, keys, inside.start) if keys else {}
    changes = inside.batch.fold(loaded)
    rows = [summary.fields_of(row) for row, _since in changes.added + changes.kept]
    columns = zip(*rows, strict=True) if rows else [()] * len(summary.columns)
    return Block(inside.start, tuple(Spelling(summary.columns).arrays(columns)))


def touched(summary: Summary[Any]) -> sql.Composed:
    """The rows of a `Block`, as a source to select from; binds its arrays."""
    return sql.SQL("unnest({}) AS touched ({})").format(
        _placeholders(_kinds(summary)), identifiers(summary.column)
    )


def untouched(summary: Summary[Any]) -> sql.Composed:
    """The condition that a row is not among those of a `Block`; binds the arrays of its key."""
    return sql.SQL("({}) NOT IN (SELECT * FROM unnest({}))").format(
        identifiers(summary.key), key_kinds(summary)
    )


def rows_as_of(
    connection: psycopg.Connection[Any],
    summary: Summary[Any],
    facilities: Collection[UUID] | None,
    keys: Sequence[Key],
    start: int,
) -> dict[Key, Version]:
    """The rows of some keys as of a block's start. Which event made them so does not matter."""
    source = as_they_were(summary, start)
    query = sql.SQL(
        "SELECT {columns} FROM unnest({arrays}) AS k ({keys}) JOIN {rows} ON {same}"
    ).format(
        columns=identifiers(summary.column, of="lasting"),
        arrays=key_kinds(summary),
        keys=identifiers(summary.key),
        rows=source.sql,
        same=sql.SQL(" AND ").join(
            sql.SQL("lasting.{0} = k.{0}").format(sql.Identifier(each)) for each in summary.key
        ),
    )
    values = [*key_arrays(summary, keys), *source.values]
    seen = sighted(entrance(facilities), Part(query, values))
    rows = map(summary.row_of, connection.execute(sql.Composed([seen.sql]), seen.values))
    return {summary.key_of(row): (row, start) for row in rows}


def _kinds(summary: Summary[Any]) -> list[str]:
    return [each.kind for each in summary.columns]


def key_kinds(summary: Summary[Any]) -> sql.Composed:
    """Placeholders for keys, an array for each column."""
    return _placeholders([summary.column[each].kind for each in summary.key])


def key_arrays(summary: Summary[Any], keys: Sequence[Key]) -> list[str]:
    """Keys as an array for each column."""
    columns = zip(*keys, strict=True) if keys else [()] * len(summary.key)
    return Spelling([summary.column[each] for each in summary.key]).arrays(columns)


def _placeholders(kinds: Sequence[str]) -> sql.Composed:
    return sql.SQL(", ").join(sql.SQL(f"%s::{kind}[]") for kind in kinds)
