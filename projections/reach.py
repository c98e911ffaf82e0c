"""How far a list whose newest rows come first had reached, so that a page of the past begins there.

Such a list grows at its beginning. Whoever asks for a page as of a position would pass all that has
come to the facility since, before he meets the first row of then: twice the ledger, twice the way.
So for each facility and each block of `BLOCK` positions it is kept how far any version that began
in the block stands in the list's first column (`<model>_reach`). No version of then stands beyond
the furthest of its blocks, and the index begins there.

It is a bound, not an answer: which rows there were is asked of the versions, as ever. A mark for no
facility (`EVERYWHERE`) bounds the lists of the whole system. The table has no policy: it shows no
row, only days and the like, and without its mark a page would be empty.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql

from projections.columns import Column
from projections.kernel import ReadModel
from projections.parts import Part
from projections.spelling import Spelling

BLOCK = 16_384
"""How many positions a block has: at most so many events' rows are passed in vain."""

EVERYWHERE = UUID(int=0)

Mark = tuple[UUID, int]
"""A facility, or `EVERYWHERE`, and a block of positions."""


def reaching(model: ReadModel[Any]) -> Column | None:
    """The column in which a list reaches further as the ledger grows; None where none does."""
    if not (model.newest_first and model.scoped and model.order):
        return None
    first = model.column[model.order[0]]
    return None if first.nullable else first


def lay_out(
    connection: psycopg.Connection[Any], table: sql.Identifier, key: str, column: Column
) -> None:
    """Make the table, empty."""
    connection.execute(
        sql.SQL(
            "CREATE TABLE {} (facility_id uuid, block bigint, furthest {} NOT NULL,"
            " CONSTRAINT {} PRIMARY KEY (facility_id, block))"
        ).format(table, sql.SQL(column.sql_type), sql.Identifier(key))
    )


def within(table: sql.Identifier, column: Column, as_of: int, facility: Part) -> Part:
    """The condition that a row is not beyond what had been reached at a position."""
    condition = sql.SQL(
        "{column} <= (SELECT max(reach.furthest) FROM {table} AS reach"
        " WHERE reach.facility_id = {facility} AND reach.block <= %s::bigint / {block})"
    ).format(
        column=sql.Identifier(column.name),
        table=table,
        facility=facility.sql,
        block=sql.Literal(BLOCK),
    )
    return Part(condition, [*facility.values, as_of])


class Reach:
    """What is known of how far a list has reached, and what is to be written of it."""

    def __init__(self, model: ReadModel[Any], table: sql.Identifier, column: Column) -> None:
        self._named, self._known = column.name, dict[Mark, Any]()
        self._spelling = Spelling([model.column["facility_id"], column])
        self._write = (
            sql.SQL(
                "INSERT INTO {table} AS known (facility_id, furthest, block)"
                " SELECT * FROM unnest(%s::uuid[], %s::{kind}[], %s::bigint[])"
                " ON CONFLICT (facility_id, block)"
                " DO UPDATE SET furthest = greatest(known.furthest, excluded.furthest)"
            )
            .format(table=table, kind=sql.SQL(column.kind))
            .as_bytes(None)
        )

    def further(self, versions: Iterable[Sequence[Any]]) -> dict[Mark, Any]:
        """What versions (row, position it began at, ...) add to what is known."""
        marks = dict[Mark, Any]()
        named = attrgetter("facility_id", self._named)
        for row, since, *_ in versions:
            facility, here = named(row)
            mark = (facility, since // BLOCK)
            if mark not in marks or here > marks[mark]:
                marks[mark] = here
        for (_facility, block), here in list(marks.items()):
            everywhere = (EVERYWHERE, block)
            if everywhere not in marks or here > marks[everywhere]:
                marks[everywhere] = here
        known = self._known
        return {
            mark: here for mark, here in marks.items() if mark not in known or here > known[mark]
        }

    def write(self, connection: psycopg.Connection[Any], marks: Mapping[Mark, Any]) -> None:
        """Write marks, in an order in which two who do so at once never wait in a circle."""
        rows = [(facility, marks[facility, block], block) for facility, block in sorted(marks)]
        connection.execute(self._write, self._spelling.arrays(zip(*rows, strict=True)))

    def remember(self, marks: Mapping[Mark, Any]) -> None:
        """That these are written, and their transaction committed."""
        self._known.update(marks)
