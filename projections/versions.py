"""The rows of a model that are, or were as of a position, where some conditions hold, in SQL.

A row as of position P is a current row with valid_from <= P, or a closed version with valid_from <=
P < valid_to. Every statement is written so that an index can give its first rows without reading
the others, in a scope of one facility, of a few, and of many.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import partial
from typing import Any
from uuid import UUID

from psycopg import sql

from projections.blocks import Block, touched, untouched
from projections.kernel import ReadModel, Summary
from projections.lasting import as_they_were
from projections.parts import Part
from projections.reach import EVERYWHERE, reaching, within
from projections.tables import Tables, identifiers

Scope = Collection[UUID] | None

Bound = Callable[[Part], Part]
"""A condition that depends on the facility whose rows are read."""

NOTHING = sql.SQL("")

FEW = 8
"""Up to so many facilities, each one's first rows are read and merged; with more it is cheaper to
read all rows in order and leave out the others'."""


class Conditions:
    """Conditions that all hold; the scope is one of them, wherever rows belong to facilities.

    `bound` is one more that asks for a facility, or for `EVERYWHERE` where there are many.
    """

    def __init__(
        self, model: ReadModel[Any], scope: Scope, *parts: Part, bound: Bound | None = None
    ) -> None:
        self._model = model
        self._parts, self._bound = parts, bound
        self._facilities = None if scope is None or not model.scoped else sorted(set(scope))

    def also(self, *parts: Part) -> Conditions:
        return Conditions(self._model, self._facilities, *self._parts, *parts, bound=self._bound)

    def bounded(self, bound: Bound) -> Conditions:
        return Conditions(self._model, self._facilities, *self._parts, bound=bound)

    def select(self, columns: sql.Composable, source: Part, end: sql.Composable = NOTHING) -> Part:
        """The rows of a table (or of another select) that satisfy; `end` sorts and limits."""
        facilities = self._facilities
        everywhere = Part(sql.Literal(EVERYWHERE))
        if facilities is None:
            return self._select(columns, source, None, everywhere, end)
        if len(facilities) == 1:
            # An equality: only then does an index that leads with the facility give the order too.
            facility = Part(sql.SQL("%s::uuid"), [facilities[0]])
            here = Part(sql.SQL("facility_id = %s::uuid"), [facilities[0]])
            return self._select(columns, source, here, facility, end)
        if end is NOTHING or not 1 < len(facilities) <= FEW:
            among = Part(sql.SQL("facility_id = ANY(%s::uuid[])"), [facilities])
            return self._select(columns, source, among, everywhere, end)
        its = Part(sql.SQL("scope.__facility"))
        here = Part(sql.SQL("facility_id = scope.__facility"))
        each = self._select(columns, source, here, its, end)
        return Part(
            sql.SQL(
                "(SELECT {columns} FROM unnest(%s::uuid[]) AS scope (__facility)"
                " CROSS JOIN LATERAL {each} AS each{end})"
            ).format(columns=columns, each=each.sql, end=end),
            [facilities, *each.values],
        )

    def _select(
        self,
        columns: sql.Composable,
        source: Part,
        scope: Part | None,
        facility: Part,
        end: sql.Composable,
    ) -> Part:
        parts = [*([] if scope is None else [scope]), *self._parts]
        if self._bound is not None:
            parts.append(self._bound(facility))
        where: sql.Composable = NOTHING
        if parts:
            where = sql.SQL(" WHERE {}").format(sql.SQL(" AND ").join(each.sql for each in parts))
        return Part(
            sql.SQL("(SELECT {} FROM {}{}{})").format(columns, source.sql, where, end),
            [*source.values, *(value for each in parts for value in each.values)],
        )


def versions(
    model: ReadModel[Any],
    conditions: Conditions,
    as_of: int | None,
    end: sql.Composable = NOTHING,
    block: Block | None = None,
) -> Part:
    """The rows of a model that satisfy, now or as of a position, in parentheses.

    With a `block` the position is inside one: the rows it has touched are its own, the others those
    as of its start.
    """
    if block is not None and isinstance(model, Summary):
        return _with_touched(model, conditions, block, end)
    tables = Tables(model)
    columns = identifiers(model.column)
    current = Part(tables.current)
    if as_of is None:
        return conditions.select(columns, current, end)
    if end is not NOTHING and (column := reaching(model)):
        # What then was the beginning of the list lies behind what has come since.
        conditions = conditions.bounded(partial(within, tables.reach, column, as_of))
    if model.lasting:
        return conditions.select(columns, as_they_were(model, as_of), end)
    begun = Part(sql.SQL("valid_from <= %s::bigint"), [as_of])
    lasted = Part(sql.SQL("valid_to > %s::bigint"), [as_of])
    then = conditions.also(begun)
    closed = then.also(lasted).select(columns, Part(tables.history), end)
    return _together(then.select(columns, current, end), closed, end)


def _with_touched(
    model: Summary[Any], conditions: Conditions, block: Block, end: sql.Composable
) -> Part:
    """What a block has touched, and the other rows as of its start."""
    source = Part(touched(model), list(block.arrays))
    places = [list(model.column).index(each) for each in model.key]
    others = Part(untouched(model), [block.arrays[place] for place in places])
    return _together(
        conditions.select(identifiers(model.column), source, end),
        versions(model, conditions.also(others), block.start, end),
        end,
    )


def _together(one: Part, other: Part, end: sql.Composable) -> Part:
    both = sql.SQL("({} UNION ALL {})").format(one.sql, other.sql)
    values = [*one.values, *other.values]
    if end is NOTHING:
        return Part(both, values)
    return Part(sql.SQL("(SELECT * FROM {} AS versions{})").format(both, end), values)
