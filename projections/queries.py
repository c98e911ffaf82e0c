"""What is asked of the read models: a page of a list, one row, the figures of a summary.

Each takes the `scope`, the facilities one may see (None: the whole system), and `as_of`, the
position to look at (None: now). A row as of position P is a current row with valid_from <= P, or a
closed version with valid_from <= P < valid_to; of a summary's past the part of a block that its
tables do not keep is folded from the `ledger` (see `projections.blocks`).

All of them read committed rows under whatever role `connection` has, in one statement, so that what
comes back has been true at one moment.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import psycopg
from psycopg import sql

from projections.blocks import Block, Facts, Stale, block
from projections.cursors import BadCursor, read_cursor, signature, write_cursor
from projections.filters import (
    LARGEST,
    BadValue,
    Filter,
    UnknownFilter,
    filter_names,
    parse_filters,
    parse_value,
    placeholder,
)
from projections.kernel import Key, ReadModel, Summary
from projections.parts import Part
from projections.render import render
from projections.sight import entrance, sighted
from projections.tables import identifiers
from projections.versions import Conditions, Scope, versions

__all__ = [
    "BadCursor",
    "BadValue",
    "NotReady",
    "Page",
    "UnknownFilter",
    "checkpoint",
    "filter_names",
    "one",
    "page",
    "render",
    "total",
]

Connection = psycopg.Connection[Any]
Order = Literal["ascending", "descending"]
Row = tuple[Any, ...]

LARGEST_PAGE = 10_000


class NotReady(Exception):
    """The model's tables are not there yet, or are still those of an older declaration. It passes
    when the runner has built them.
    """

    def __init__(self, model: ReadModel[Any]) -> None:
        super().__init__(f"{model.name} is being built")
        self.model = model.name


@dataclass(frozen=True, slots=True)
class Page:
    """Rows, as the values of the model's columns, and the cursor of the next page if there is one.

    Documents (jsonb) are as JSON has them; money is in minor units. `render` makes both readable.
    """

    rows: list[Row]
    next_cursor: str | None


def page(
    connection: Connection,
    model: ReadModel[Any],
    *,
    scope: Scope,
    filters: Mapping[str, Any] | None = None,
    order: Order | None = None,
    cursor: str | None = None,
    limit: int = 100,
    as_of: int | None = None,
    ledger: Facts | None = None,
) -> Page:
    """A page of a list, in the model's order (or the one asked for), after the `cursor`.

    Going from cursor to cursor meets every row that stays where it is exactly once, also while
    others come and go; with `as_of`, every row. Raises `UnknownFilter`, `BadValue`, `BadCursor`,
    `NotReady`.
    """
    if not 1 <= limit <= LARGEST_PAGE:
        raise BadValue("limit", limit, f"must be from 1 to {LARGEST_PAGE}")
    if order not in (None, "ascending", "descending"):
        raise BadValue("order", order, "must be ascending or descending")
    _bounded(as_of)
    descending = model.newest_first if order is None else order == "descending"
    asked = parse_filters(model, filters or {})
    signed = signature(model, asked, descending, as_of)

    conditions = _filtered(model, scope, asked)
    if cursor is not None:
        place = read_cursor(model, signed, cursor)
        conditions = conditions.also(Part(_after(model, descending), place))
    end = sql.SQL(" ORDER BY {} LIMIT {}").format(
        _sorting(model, descending), sql.Literal(limit + 1)
    )
    unfinished = _unfinished(connection, model, scope, as_of, ledger)
    found = _rows(connection, model, scope, versions(model, conditions, as_of, end, unfinished))
    if len(found) <= limit:
        return Page(found, None)
    places = [list(model.column).index(each) for each in model.sort]
    last = found[limit - 1]
    return Page(found[:limit], write_cursor(model, signed, [last[place] for place in places]))


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
    _bounded(as_of)
    conditions = Conditions(model, scope)
    for name, value in zip(model.key, key, strict=True):
        column = model.column[name]
        equal = sql.SQL("{} = {}").format(sql.Identifier(name), placeholder(column))
        conditions = conditions.also(Part(equal, [parse_value(name, value, column)]))
    unfinished = _unfinished(connection, model, scope, as_of, ledger)
    selected = versions(model, conditions, as_of, block=unfinished)
    found = _rows(connection, model, scope, selected)
    return found[0] if found else None


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
    _bounded(as_of)
    told_apart = (*summary.dimensions, *summary.carried)
    for each in by:
        if each not in told_apart:
            raise BadValue("by", each, f"must be one of {', '.join(told_apart)}")
    groups = tuple(
        each
        for each in told_apart
        if each in by or (each == "currency" and any(one.minor for one in summary.measures))
    )
    sums = [
        sql.SQL("coalesce(sum({0}), 0)::bigint AS {0}").format(sql.Identifier(each.name))
        for each in summary.measures
    ]
    conditions = _filtered(summary, scope, parse_filters(summary, filters or {}))
    unfinished = _unfinished(connection, summary, scope, as_of, ledger)
    selected = versions(summary, conditions, as_of, block=unfinished)
    query = sql.SQL("SELECT {} FROM {} AS versions").format(
        sql.SQL(", ").join([*map(sql.Identifier, groups), *sums]), selected.sql
    )
    if groups:
        query += sql.SQL(" GROUP BY {0} ORDER BY {0}").format(identifiers(groups))
    rows = _rows(connection, summary, scope, Part(query, selected.values))
    columns = [*(summary.column[each] for each in groups), *summary.measures]
    return render(columns, rows)


def checkpoint(connection: Connection, model: ReadModel[Any]) -> int:
    """The position the rows of a model stand at; 0 where it has never been folded."""
    with _ready(model):
        row = connection.execute(
            "SELECT position FROM models.checkpoints WHERE model = %s", [model.name]
        ).fetchone()
    return 0 if row is None else int(row[0])


# --- SQL -----------------------------------------------------------------------------------------


def _filtered(model: ReadModel[Any], scope: Scope, asked: Sequence[Filter]) -> Conditions:
    return Conditions(model, scope, *(Part(each.sql, [each.value]) for each in asked))


def _unfinished(
    connection: Connection,
    model: ReadModel[Any],
    scope: Scope,
    as_of: int | None,
    ledger: Facts | None,
) -> Block | None:
    """What the block around a position has touched, where the model keeps blocks."""
    if as_of is None or not isinstance(model, Summary):
        return None
    with _ready(model):
        return block(connection, model, scope, as_of, ledger)


def _rows(connection: Connection, model: ReadModel[Any], scope: Scope, selected: Part) -> list[Row]:
    query = sighted(entrance(scope), selected)
    with _ready(model):
        found: list[Row] = connection.execute(sql.Composed([query.sql]), query.values).fetchall()
    return found


def _bounded(as_of: int | None) -> None:
    if as_of is not None and not 0 <= as_of <= LARGEST:
        raise BadValue("as_of", as_of, "must be a position")


def _after(model: ReadModel[Any], descending: bool) -> sql.Composable:
    return sql.SQL("({}) {} ({})").format(
        identifiers(model.sort),
        sql.SQL("<" if descending else ">"),
        sql.SQL(", ").join(placeholder(model.column[each]) for each in model.sort),
    )


def _sorting(model: ReadModel[Any], descending: bool) -> sql.Composable:
    way = sql.SQL(" DESC" if descending else "")
    return sql.SQL(", ").join(sql.Identifier(each) + way for each in model.sort)


@contextmanager
def _ready(model: ReadModel[Any]) -> Iterator[None]:
    try:
        yield
    except (
        Stale,
        psycopg.errors.UndefinedTable,
        psycopg.errors.UndefinedColumn,
        psycopg.errors.FeatureNotSupported,  # a plan made for the tables before they were replaced
    ) as error:
        raise NotReady(model) from error
