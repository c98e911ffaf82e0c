"""Rows of the past, found from those of now: for models whose rows stay where they are.

A `lasting` list, or a summary, never loses a row, and what says where a row stands stays the same.
All rows there ever were are therefore among those of now, whose indexes give their scope and their
order, and what a page of the past has to pass is what a live one passes. Each row is as it is where
nothing has happened to it since; else it is the version that was the first to close beyond the
position, which the index of the key finds without the others.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, cast

from psycopg import sql

from projections.kernel import ReadModel
from projections.parts import Part
from projections.tables import Tables, identifiers

MODELS = 500
"""Of so many models it is kept how they are read."""


def as_they_were(model: ReadModel[Any], as_of: int) -> Part:
    """The rows of a lasting model as of a position, as a source to select from.

    What never changes is told by the row of now, so that conditions on it are answered by the same
    indexes as ever; all else by the row of then.
    """
    return Part(_source(model), [as_of] * 4)


@lru_cache(maxsize=MODELS)
def _source(model: ReadModel[Any]) -> sql.SQL:
    """Put together once: every look at the past begins with it."""
    tables = Tables(model)
    others = [each for each in model.column if each not in model.unchanging] or [*model.key]
    told = [
        sql.Identifier("now" if each in model.unchanging else "version", each)
        for each in model.column
    ]
    same = sql.SQL(" AND ").join(
        sql.SQL("closed.{0} = now.{0}").format(sql.Identifier(each)) for each in model.key
    )
    source = sql.SQL(
        "(SELECT {told} FROM {current} AS now CROSS JOIN LATERAL"
        " (SELECT {as_now} WHERE now.valid_from <= %s::bigint"
        " UNION ALL SELECT {as_then} FROM (SELECT * FROM {history} AS closed"
        " WHERE now.valid_from > %s::bigint AND {same} AND closed.valid_to > %s::bigint"
        " ORDER BY closed.valid_to LIMIT 1) AS last WHERE last.valid_from <= %s::bigint)"
        " AS version) AS lasting"
    ).format(
        told=sql.SQL(", ").join(told),
        current=tables.current,
        history=tables.history,
        as_now=identifiers(others, of="now"),
        as_then=identifiers(others, of="last"),
        same=same,
    )
    return sql.SQL(cast(Any, source.as_string(None)))
