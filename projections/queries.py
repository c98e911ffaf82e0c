"""What is asked of the read models: a page of a list, one row, the figures of a summary.

Each takes the `scope`, the facilities one may see (None: the whole system), and `as_of`, the
position to look at (None: now). A row as of position P is a current row with valid_from <= P, or a
closed version with valid_from <= P < valid_to; of a summary's past the part of a block that its
tables do not keep is folded from the `ledger` (see `projections.blocks`).

All of them read committed rows under whatever role `connection` has, in one statement, so that what
comes back has been true at one moment.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import psycopg
from psycopg import sql

from projections.adding import added_up
from projections.blocks import Facts, begun
from projections.cursors import BadCursor
from projections.filters import (
    BadValue,
    Filter,
    UnknownFilter,
    filter_names,
    parse_filters,
    parse_value,
    placeholder,
)
from projections.kernel import Key, ReadModel, Summary
from projections.pages import LARGEST_PAGE, Page, Row, Shown, page, shown, unfinished_block
from projections.parts import Part
from projections.readiness import NotReady, bounded, ready
from projections.render import render
from projections.sight import entrance, sighted
from projections.tables import identifiers
from projections.versions import Conditions, Scope, versions

__all__ = [
    "LARGEST_PAGE",
    "BadCursor",
    "BadValue",
    "NotReady",
    "Page",
    "Shown",
    "UnknownFilter",
    "among",
    "checkpoint",
    "filter_names",
    "one",
    "page",
    "render",
    "shown",
    "total",
]

Connection = psycopg.Connection[Any]


def one(
    connection: Connection,
    model: ReadModel[Any],
    key: Key,
    *,
    scope: Scope,
    as_of: int | None = None,
    ledger: Facts | None = None,
) -> Row | None:
    """One row by its key, or None: there is none, or it is not within the scope.

    Raises `BadValue` for a key of the wrong types, and `NotReady`.
    """
    if len(key) != len(model.key):
        raise BadValue("key", key, f"must have {len(model.key)} values")
    bounded(as_of)
    conditions = Conditions(model, scope)
    for name, value in zip(model.key, key, strict=True):
        column = model.column[name]
        equal = sql.SQL("{} = {}").format(sql.Identifier(name), placeholder(column))
        conditions = conditions.also(Part(equal, [parse_value(name, value, column)]))
    unfinished = unfinished_block(connection, model, scope, as_of, ledger)
    selected = versions(model, conditions, as_of, block=unfinished)
    found = _rows(connection, model, scope, selected)
    return found[0] if found else None


def among(
    connection: Connection,
    model: ReadModel[Any],
    name: str,
    values: Collection[Any],
    *,
    scope: Scope,
) -> list[Row]:
    """All current rows whose column `name` is one of many values. Raises `BadValue`, `NotReady`."""
    column = model.column[name]
    one_of = sql.SQL("{} = ANY({}[])").format(sql.Identifier(name), placeholder(column))
    parsed = [parse_value(name, each, column) for each in values]
    conditions = Conditions(model, scope, Part(one_of, [parsed]))
    return _rows(connection, model, scope, versions(model, conditions, as_of=None))


def total(
    connection: Connection,
    summary: Summary[Any],
    *,
    scope: Scope,
    by: Sequence[str] = (),
    filters: Mapping[str, Any] | None = None,
    as_of: int | None = None,
    ledger: Facts | None = None,
) -> list[dict[str, Any]]:
    """A summary's figures, added up over everything but the dimensions in `by`; over the whole
    scope where none is given. Money is never added over currencies: `currency` is always among
    what figures are told apart by, where the model has it. Sorted by what they are told apart by.

    Amounts are decimal text, other figures numbers. Raises as `page` does.
    """
    bounded(as_of)
    told_apart = (*summary.dimensions, *summary.carried)
    for each in by:
        if each not in told_apart:
            raise BadValue("by", each, f"must be one of {', '.join(told_apart)}")
    groups = tuple(
        each
        for each in told_apart
        if each in by or (each == "currency" and any(one.minor for one in summary.measures))
    )
    asked = parse_filters(summary, filters or {})
    columns = [*(summary.column[each] for each in groups), *summary.measures]
    if as_of is not None and not asked:
        with ready(summary):
            inside = begun(connection, summary, scope, as_of, ledger)
            if inside is not None:
                return render(columns, added_up(connection, summary, scope, groups, inside))
    conditions = _filtered(summary, scope, asked)
    unfinished = unfinished_block(connection, summary, scope, as_of, ledger) if asked else None
    sums = [
        sql.SQL("coalesce(sum({0}), 0)::bigint AS {0}").format(sql.Identifier(each.name))
        for each in summary.measures
    ]
    selected = versions(summary, conditions, as_of, block=unfinished)
    query = sql.SQL("SELECT {} FROM {} AS versions").format(
        sql.SQL(", ").join([*map(sql.Identifier, groups), *sums]), selected.sql
    )
    if groups:
        query += sql.SQL(" GROUP BY {0} ORDER BY {0}").format(identifiers(groups))
    rows = _rows(connection, summary, scope, Part(query, selected.values))
    return render(columns, rows)


def checkpoint(connection: Connection, model: ReadModel[Any]) -> int:
    """The position the rows of a model stand at; 0 where it has never been folded."""
    with ready(model):
        row = connection.execute(
            "SELECT position FROM models.positions WHERE model = %s", [model.name]
        ).fetchone()
    return 0 if row is None else int(row[0])


# --- SQL -----------------------------------------------------------------------------------------


def _filtered(model: ReadModel[Any], scope: Scope, asked: Sequence[Filter]) -> Conditions:
    return Conditions(model, scope, *(Part(each.sql, [each.value]) for each in asked))


def _rows(connection: Connection, model: ReadModel[Any], scope: Scope, selected: Part) -> list[Row]:
    query = sighted(entrance(scope), selected)
    with ready(model):
        found: list[Row] = connection.execute(sql.Composed([query.sql]), query.values).fetchall()
    return found
