"""The figures of a summary as of a position inside a block, added up.

The rows that an unfinished block has touched are few, the others are many and of no interest one by
one. So one statement looks all of them up as of the block's start, adds up those that nothing has
touched since, and tells the touched ones as they stood; onto these the block's events are folded,
and added to the sums. What comes out is what `versions` would give, row for row, without a row
being looked up twice or sent back.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql

from projections.blocks import Begun, key_arrays, key_kinds
from projections.kernel import Key, Summary
from projections.lasting import as_they_were
from projections.parts import Part
from projections.sight import entrance, sighted
from projections.tables import Tables, identifiers
from projections.versions import Conditions, Scope

SHAPES = 500
"""How many statements are kept, of those that were asked for last."""

NEAR = 8_192
"""So many positions beyond a block's start, the versions that closed there are read at once."""

Group = tuple[Any, ...]


def added_up(
    connection: psycopg.Connection[Any],
    summary: Summary[Any],
    scope: Scope,
    groups: Sequence[str],
    begun: Begun,
) -> list[Group]:
    """The sums of all measures by `groups`, sorted by them: the groups' values, then the sums.

    1. Find the rows as of the block's start: of those touched since each, of the others the sums.
    2. Fold the block's events, and add the rows they leave.
    """
    batch, start = begun.batch, begun.start
    facilities = None if scope is None else sorted(set(scope))
    text = _statement(summary, tuple(groups), None if facilities is None else len(facilities) == 1)
    places = [list(summary.column).index(each) for each in (*groups, *_measured(summary))]
    few = len(groups)
    values = [
        *entrance(facilities).values,
        *key_arrays(summary, batch.keys),
        *([start, start, start] if scope is None and summary.wide else []),
        *as_they_were(summary, start).values,
        *([] if facilities is None else facilities if len(facilities) == 1 else [facilities]),
    ]
    sums: dict[Group, list[int]] = {} if groups else {(): [0] * len(summary.measures)}
    loaded: dict[Key, Any] = {}

    def add(row: Sequence[Any]) -> None:
        told = [row[place] for place in places]
        known = sums.get(group := tuple(told[:few]))
        if known is None:
            sums[group] = told[few:]
        else:
            sums[group] = [one + other for one, other in zip(known, told[few:], strict=True)]

    for touched, *found in connection.execute(text, values):
        if touched:
            row = summary.row_of(found)
            loaded[summary.key_of(row)] = (row, start)
        else:
            add(found)
    batch.fold(loaded)
    for _key, version in batch.versions():
        if version is not None:
            add(summary.values_of(version[0]))
    return [(*group, *sums[group]) for group in sorted(sums, key=_in_order)]


def _measured(summary: Summary[Any]) -> Iterable[str]:
    return (each.name for each in summary.measures)


def _in_order(group: Group) -> list[Any]:
    """What sorts as PostgreSQL sorts it: texts by their bytes."""
    return [each.encode() if isinstance(each, str) else each for each in group]


@lru_cache(maxsize=SHAPES)
def _statement(summary: Summary[Any], groups: tuple[str, ...], alone: bool | None) -> bytes:
    """What finds the rows of a scope: of the whole system (None), of one facility `alone`, or of
    several. It binds the entrance, the keys' arrays, the block's start, and the scope."""
    stand_in = None if alone is None else [UUID(int=0)] if alone else []
    columns, key = identifiers(summary.column), identifiers(summary.key)
    conditions = Conditions(summary, stand_in)
    rows = conditions.select(columns, as_they_were(summary, 0)).sql
    near: sql.Composable = sql.SQL("")
    if alone is None and summary.wide:
        soon = sql.SQL(
            "valid_to > %s::bigint AND valid_to <= %s::bigint + {} AND valid_from <= %s::bigint"
        ).format(sql.Literal(NEAR))
        late = sql.SQL("({0}) NOT IN (SELECT {0} FROM near)").format(key)
        near = sql.SQL(" near AS MATERIALIZED {},").format(
            conditions.also(Part(soon)).select(columns, Part(Tables(summary).history)).sql
        )
        rows = sql.SQL("(SELECT {} FROM near UNION ALL {})").format(
            columns,
            conditions.also(Part(late)).select(columns, as_they_were(summary, 0)).sql,
        )
    measured = {*_measured(summary)}
    sums = [
        sql.SQL("coalesce(sum({0}), 0)::bigint").format(sql.Identifier(each.name))
        if each.name in measured
        else sql.Identifier(each.name)
        if each.name in groups
        else sql.SQL("NULL")
        for each in summary.columns
    ]
    query = sql.SQL(
        "WITH touched ({key}) AS MATERIALIZED (SELECT * FROM unnest({arrays})),{near}"
        " rows AS MATERIALIZED {rows}"
        " SELECT true, {columns} FROM rows JOIN touched USING ({key})"
        " UNION ALL SELECT false, {sums} FROM rows"
        " WHERE ({key}) NOT IN (SELECT {key} FROM touched){grouped}"
    ).format(
        key=key,
        arrays=key_kinds(summary),
        near=near,
        rows=rows,
        columns=columns,
        sums=sql.SQL(", ").join(sums),
        grouped=sql.SQL(" GROUP BY {}").format(identifiers(groups)) if groups else sql.SQL(""),
    )
    return sighted(entrance(None), Part(query)).sql.as_string(None).encode()
