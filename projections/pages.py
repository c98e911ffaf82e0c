"""A page of a list: as rows, for the program itself, or as JSON text, for whoever asks over HTTP.

Both read what `versions` says. The JSON is written by PostgreSQL, in the statement that finds the
rows, lets the reader in (`projections.sight`) and tells how far the model has come: one round trip,
true at one moment, and nothing is converted to Python's types and back. The text of such a
statement depends on the `Shape` of a request only; it is put together once for each.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import count
from typing import Any, Literal, cast
from uuid import UUID

import psycopg
from psycopg import sql

from projections.blocks import Block, Facts, block
from projections.cursors import read_cursor, signature, write_cursor
from projections.filters import BadValue, Filter, filter_names, parse_filters, placeholder
from projections.kernel import ReadModel, Summary
from projections.parts import Part
from projections.readiness import bounded, ready
from projections.render import UNIT, as_json, person_column, personal_columns
from projections.sight import entrance, sighted
from projections.tables import identifiers
from projections.versions import FEW, Conditions, Scope, versions

Connection = psycopg.Connection[Any]
Order = Literal["ascending", "descending"]
Row = tuple[Any, ...]

LARGEST_PAGE = 10_000

SHAPES = 2_000
"""How many statements are kept, of those that were asked for last."""


@dataclass(frozen=True, slots=True)
class Page:
    """Rows, as the values of the model's columns, and the cursor of the next page if there is one.

    Documents (jsonb) are as JSON has them; money is in minor units. `render` makes both readable.
    """

    rows: list[Row]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class Shown:
    """Rows as JSON objects with commas in between, the cursor of the next page if there is one, and
    the position the model had come to when it was read.

    `persons` are the ids of those whose rows they are, one after the other; nothing where that does
    not follow from one column, or is masked.
    """

    items: str
    next_cursor: str | None
    position: int
    persons: str | None


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
    asked = _Asked(model, filters or {}, order, cursor, limit, as_of)
    unfinished = unfinished_block(connection, model, scope, as_of, ledger)
    found = _found(asked.shape(scope), scope, asked.filters, asked.place, as_of, unfinished)
    query = sighted(entrance(scope), found)
    with ready(model):
        rows: list[Row] = connection.execute(sql.Composed([query.sql]), query.values).fetchall()
    if len(rows) <= limit:
        return Page(rows, None)
    places = [list(model.column).index(each) for each in model.sort]
    last = rows[limit - 1]
    return Page(rows[:limit], asked.cursor_after([last[place] for place in places]))


def shown(
    connection: Connection,
    model: ReadModel[Any],
    *,
    admission: Part,
    scope: Scope,
    filters: Mapping[str, Any],
    cursor: str | None,
    limit: int,
    as_of: int | None,
    ledger: Facts,
    masked: bool = False,
) -> Shown | None:
    """A page as `page` finds it, as JSON, what is personal `masked` for who may not see it; None
    for whom the `admission` does not let in.

    `admission` selects one row with the setting that `sight.entrance` makes, or none.
    """
    asked = _Asked(model, filters, None, cursor, limit, as_of)
    unfinished = unfinished_block(connection, model, scope, as_of, ledger)
    shape = asked.shape(scope, masked=masked)
    if unfinished is None:
        text, slots = _statement(shape, admission.sql.as_string(None))
        bound = asked.bound(scope)
        values = [*admission.values, *(bound[each] for each in slots)]
    else:
        found = _found(shape, scope, asked.filters, asked.place, as_of, unfinished)
        text, slots = _written(shape, admission.sql.as_string(None), found)
        values = [*admission.values, *slots]
    with ready(model):
        row = psycopg.RawCursor(connection).execute(text, values).fetchone()
    if row is None:
        return None
    position, found_rows, items, persons, *last = row
    following = asked.cursor_after(last) if found_rows > limit else None
    return Shown(items or "", following, position, persons)


# --- what is asked -------------------------------------------------------------------------------

Reach = Literal["system", "one", "few", "many"]


@dataclass(frozen=True, slots=True)
class Shape:
    """All that the text of a page's statement depends on."""

    model: ReadModel[Any]
    reach: Reach
    filters: tuple[str, ...]
    descending: bool
    resumed: bool
    past: bool
    limit: int
    masked: bool


class _Asked:
    """A request for a page, parsed. Raises as `page` does."""

    def __init__(
        self,
        model: ReadModel[Any],
        filters: Mapping[str, Any],
        order: Order | None,
        cursor: str | None,
        limit: int,
        as_of: int | None,
    ) -> None:
        if not 1 <= limit <= LARGEST_PAGE:
            raise BadValue("limit", limit, f"must be from 1 to {LARGEST_PAGE}")
        if order not in (None, "ascending", "descending"):
            raise BadValue("order", order, "must be ascending or descending")
        bounded(as_of)
        self.model, self.limit, self.as_of = model, limit, as_of
        self.descending = model.newest_first if order is None else order == "descending"
        self.filters = parse_filters(model, filters)
        self._signed = signature(model, self.filters, self.descending, as_of)
        self.place = None if cursor is None else read_cursor(model, self._signed, cursor)

    def cursor_after(self, values: Sequence[Any]) -> str:
        return write_cursor(self.model, self._signed, values)

    def shape(self, scope: Scope, *, masked: bool = False) -> Shape:
        return Shape(
            self.model,
            _reach(self.model, scope),
            tuple(each.name for each in self.filters),
            self.descending,
            self.place is not None,
            self.as_of is not None,
            self.limit,
            masked,
        )

    def bound(self, scope: Scope) -> dict[str, Any]:
        """What a statement of this shape binds, by what stands in for it in `_statement`."""
        facilities = sorted(set(scope or ()))
        return {
            "facility": facilities[0] if facilities else None,
            "facilities": facilities,
            "as_of": self.as_of,
            **{f"filter {each.name}": each.value for each in self.filters},
            **{f"place {number}": each for number, each in enumerate(self.place or ())},
        }


def _reach(model: ReadModel[Any], scope: Scope) -> Reach:
    if scope is None or not model.scoped:
        return "system"
    several = len(set(scope))
    return "one" if several == 1 else "few" if 1 < several <= FEW else "many"


_STAND_INS: dict[Reach, Scope] = {
    "system": None,
    "one": [UUID(int=0)],
    "few": [UUID(int=number) for number in range(2)],
    "many": [UUID(int=number) for number in range(FEW + 1)],
}
"""A scope of each reach, while a statement is put together without knowing whose it will be."""


# --- SQL -----------------------------------------------------------------------------------------


def _found(
    shape: Shape,
    scope: Scope,
    filters: Sequence[Filter],
    place: Sequence[Any] | None,
    as_of: int | None,
    unfinished: Block | None,
) -> Part:
    """The rows of a page, and one more where there is one."""
    model = shape.model
    conditions = Conditions(model, scope, *(Part(each.sql, [each.value]) for each in filters))
    if place is not None:
        conditions = conditions.also(Part(_after(model, shape.descending), list(place)))
    end = sql.SQL(" ORDER BY {} LIMIT {}").format(
        _sorting(model, shape.descending), sql.Literal(shape.limit + 1)
    )
    return versions(model, conditions, as_of, end, unfinished)


@lru_cache(maxsize=SHAPES)
def _statement(shape: Shape, admission: str) -> tuple[bytes, list[Any]]:
    """The statement of a shape, and what it binds after the admission's values, by name."""
    known = filter_names(shape.model)
    filters = [Filter(each, *known[each], f"filter {each}") for each in shape.filters]
    place = [f"place {number}" for number in range(len(shape.model.sort))]
    found = _found(
        shape,
        _STAND_INS[shape.reach],
        filters,
        place if shape.resumed else None,
        cast(Any, "as_of") if shape.past else None,
        None,
    )
    names = {UUID: "facility", list: "facilities"}
    text, values = _written(shape, admission, found)
    return text, [names.get(type(each), each) for each in values]


def _written(shape: Shape, admission: str, found: Part) -> tuple[bytes, list[Any]]:
    """The statement that reads a page and writes it as JSON: what it answers is the position, how
    many rows there are, these rows but for the one too many, whose they are, and where the last of
    them stands.

    Only whoever is let in has anything read for him, as in `sight.sighted`.
    """
    limit, sort = sql.Literal(shape.limit), shape.model.sort
    last = [
        sql.SQL("max({}::text) FILTER (WHERE __place = {})").format(sql.Identifier(each), limit)
        for each in sort
    ]
    person = None if shape.masked else person_column(shape.model)
    statement = sql.SQL(
        "WITH entrance AS MATERIALIZED ({admission}) SELECT coalesce("
        "(SELECT position FROM models.positions WHERE model = {name}), 0), seen.*"
        " FROM entrance CROSS JOIN LATERAL (SELECT count(*),"
        " string_agg(__json, ',') FILTER (WHERE __place <= {limit}),"
        " string_agg(__person, '') FILTER (WHERE __place <= {limit}), {last} FROM"
        " (SELECT {json} AS __json, {person}::text AS __person,"
        " row_number() OVER () AS __place, {sort} FROM"
        " (SELECT *, {unit} AS __unit FROM {found} AS found"
        " WHERE entrance.__let_in IS NOT NULL OFFSET 0) AS rows) AS rows) AS seen"
    ).format(
        admission=sql.SQL(cast(Any, admission)),
        name=sql.Literal(shape.model.name),
        limit=limit,
        last=sql.SQL(", ").join(last),
        json=as_json(shape.model.columns, personal_columns(shape.model) if shape.masked else ()),
        person=sql.NULL if person is None else sql.Identifier(person),
        sort=identifiers(sort),
        unit=UNIT if "currency" in shape.model.column else sql.SQL("NULL"),
        found=found.sql,
    )
    return _numbered(statement.as_string(None)), list(found.values)


def _numbered(statement: str) -> bytes:
    """The statement with PostgreSQL's own placeholders, so that nobody looks for ours each time."""
    number = count(1)
    return re.sub("%s", lambda _: f"${next(number)}", statement).encode()


def unfinished_block(
    connection: Connection,
    model: ReadModel[Any],
    scope: Scope,
    as_of: int | None,
    ledger: Facts | None,
) -> Block | None:
    """What the block around a position has touched, where the model keeps blocks."""
    if as_of is None or not isinstance(model, Summary):
        return None
    with ready(model):
        return block(connection, model, scope, as_of, ledger)


def _after(model: ReadModel[Any], descending: bool) -> sql.Composable:
    return sql.SQL("({}) {} ({})").format(
        identifiers(model.sort),
        sql.SQL("<" if descending else ">"),
        sql.SQL(", ").join(placeholder(model.column[each]) for each in model.sort),
    )


def _sorting(model: ReadModel[Any], descending: bool) -> sql.Composable:
    way = sql.SQL(" DESC" if descending else "")
    return sql.SQL(", ").join(sql.Identifier(each) + way for each in model.sort)
