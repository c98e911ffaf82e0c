"""Where in the ledger something is: the positions of the events that satisfy.

How positions are looked for depends on what is asked; what is found does not.

1. One stream, or one facility and nothing else: an index has them in order.
2. Otherwise in the order of positions, a window at a time. What is frequent is in the first.
3. What is so rare that looking at one event after the other would take long is looked for with the
   block-range index of the ledger, which knows of most blocks that they do not have it.
4. Nobody waits for long: a search that has taken its time tells what it found and where to go on.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, LiteralString
from uuid import UUID

import psycopg
from psycopg import sql

if TYPE_CHECKING:
    from projections.audit.timeline import Asked

Connection = psycopg.Connection[Any]
Scope = Collection[UUID] | None

PATIENCE = 0.04
"""For how long, in seconds, further windows are begun."""

QUICK = 0.008
"""A window that took less, in seconds, is followed by one so many times wider: `WIDER`."""

WIDER = 4

FIRST_WINDOW = 16_000
"""How many positions are looked at first."""

ONE_BY_ONE = 256_000
"""What is expected to need more than so many positions is looked for by blocks."""

BLOCKWISE = 512_000
"""How many positions are looked at first with the block-range index."""

LONGEST_APPEND = timedelta(seconds=10)
"""How long an append may take between the time that is written down and its last position."""

BY_BLOCK = frozenset(
    {"actor", "role", "fact", "command_id", "correlation_id", "causation_id", "effective_at"}
)
"""The columns the block-range index knows of."""

_EQUAL = ("facility_id", "stream_id", "actor", "role", "command_id")
_FACILITY: tuple[LiteralString, ...] = ("position / 4096", "position")
"""The order the index of facilities has: by blocks of positions."""

_AT = sql.SQL("position BETWEEN %s AND %s")
_IN_BLOCKS = sql.SQL("position / 4096 BETWEEN %s / 4096 AND %s / 4096")


def search(
    connection: Connection,
    asked: Asked,
    *,
    scope: Scope,
    upto: int,
    beyond: int | None,
    newest_first: bool,
    limit: int,
) -> tuple[list[int], int | None]:
    """The positions of the next `limit` events that satisfy, and the position to go on beyond;
    None where there are no more.
    """
    where = _Where.of(asked, scope)
    if scope is not None and asked.facility_id not in (None, *scope):
        return [], None
    with _planned(connection):
        low, high = _bounds(connection, asked, upto)
        if beyond is not None and newest_first:
            high = min(high, beyond - 1)
        elif beyond is not None:
            low = max(low, beyond + 1)
        found: list[int] = []
        reached: int | None = None
        for window in _windows(where, low, high, newest_first, limit, found):
            found += _positions(connection, where, window, newest_first, limit + 1 - len(found))
            if len(found) > limit:
                return found[:limit], found[limit - 1]
            reached = window.first if newest_first else window.last
    ended = reached in (None, low if newest_first else high)
    return found, None if ended else reached


# --- windows -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Window:
    """A stretch of positions to look at, and whether by blocks."""

    first: int
    last: int
    by_blocks: bool


def _windows(
    where: _Where, low: int, high: int, newest_first: bool, limit: int, found: list[int]
) -> Iterator[_Window]:
    """The stretches to look at, one after the other; after each, `found` tells what was in it."""
    if low > high:
        return
    if where.in_order:
        yield _Window(low, high, where.by_blocks)
        return
    began = time.monotonic()
    width, looked_at, by_blocks = FIRST_WINDOW, 0, where.first_by_blocks
    if where.rare:
        width, by_blocks = BLOCKWISE, True
    while looked_at == 0 or (looked_at <= high - low and time.monotonic() - began < PATIENCE):
        width = min(width, high - low + 1 - looked_at)
        turn = time.monotonic()
        if newest_first:
            yield _Window(high - looked_at - width + 1, high - looked_at, by_blocks)
        else:
            yield _Window(low + looked_at, low + looked_at + width - 1, by_blocks)
        looked_at += width
        expected = looked_at * (limit + 1) // max(1, len(found))
        if where.by_blocks and not by_blocks and expected > ONE_BY_ONE:
            by_blocks, width = True, BLOCKWISE
        elif time.monotonic() - turn < QUICK:
            width *= WIDER


def _positions(
    connection: Connection, where: _Where, window: _Window, newest_first: bool, limit: int
) -> list[int]:
    _use_blocks(connection, window.by_blocks)
    first, last = window.first, window.last
    conditions, values = [*where.conditions, _AT], [*where.values, first, last]
    if where.order is _FACILITY:
        conditions, values = [*conditions, _IN_BLOCKS], [*values, first, last]
    way = " DESC" if newest_first else ""
    query = sql.SQL("SELECT position FROM ledger.events WHERE {} ORDER BY {} LIMIT %s").format(
        sql.SQL(" AND ").join(conditions),
        sql.SQL(", ").join(sql.SQL(f"{each}{way}") for each in where.order),
    )
    values.append(limit)
    return [position for (position,) in connection.execute(query, values).fetchall()]


@contextmanager
def _planned(connection: Connection) -> Iterator[None]:
    """Statements here say how they are to be answered: a planner that took a rare value for a
    frequent one, or the other way round, would read the whole ledger."""
    with connection.transaction():
        connection.execute(
            "SELECT set_config('jit', 'off', true), set_config('enable_seqscan', 'off', true),"
            " set_config('max_parallel_workers_per_gather', '0', true),"
            " set_config('plan_cache_mode', 'force_custom_plan', true)"
        )
        yield


def _use_blocks(connection: Connection, by_blocks: bool) -> None:
    ordered, blocks = ("off", "on") if by_blocks else ("on", "off")
    connection.execute(
        "SELECT set_config('enable_indexscan', %s, true),"
        " set_config('enable_indexonlyscan', %s, true), set_config('enable_bitmapscan', %s, true)",
        [ordered, ordered, blocks],
    )


# --- what is asked, in SQL -----------------------------------------------------------------------


@dataclass(slots=True)
class _Where:
    """Conditions, and what helps to find the events that satisfy them.

    `in_order`: one statement finds them in order, without looking at others. `by_blocks`: the
    block-range indexes help; `first_by_blocks`: from the beginning; `rare`: and far at once.
    """

    conditions: list[sql.Composable] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)
    in_order: bool = False
    by_blocks: bool = False
    first_by_blocks: bool = False
    rare: bool = False
    order: tuple[LiteralString, ...] = ("position",)

    @classmethod
    def of(cls, asked: Asked, scope: Scope) -> _Where:
        where = cls()
        named = [each for each in _EQUAL if getattr(asked, each) is not None]
        for name in named:
            where.also(name, "=", getattr(asked, name))
        if asked.correlation_id is not None:
            # A command that begins what it belongs to does not say so.
            where.conditions.append(
                sql.SQL("(correlation_id = %s OR (command_id = %s AND correlation_id IS NULL))")
            )
            where.values += [asked.correlation_id, asked.correlation_id]
            where.by_blocks = True
        if scope is not None and asked.facility_id not in scope:
            where._within(scope)
        if asked.facility_id is not None or (scope is not None and len(scope) == 1):
            where.order = _FACILITY
        if asked.causation_ids is not None:
            where._among("causation_id", asked.causation_ids)
        if asked.facts is not None:
            where._among("fact", asked.facts)
        where.also("effective_at", ">=", asked.effective_from)
        where.also("effective_at", "<=", asked.effective_to)
        if asked.stream_id is not None:
            # Positions follow versions, and the index of the stream has these in order.
            where.in_order, where.by_blocks, where.order = True, False, ("version",)
        else:
            facility = named == ["facility_id"] or (scope is not None and not named)
            where.in_order = len(where.conditions) == (1 if facility else 0)
            where.rare = asked.command_id is not None or asked.causation_ids is not None
        if asked.recorded_from is not None and asked.stream_id is None:
            where.in_order, where.by_blocks, where.first_by_blocks = False, True, True
        where.also("recorded_at", ">=", asked.recorded_from)
        where.also("recorded_at", "<=", asked.recorded_to)
        return where

    def also(self, column: str, comparison: str, value: Any) -> None:
        """Another condition, where a value is given."""
        if value is not None:
            self.conditions.append(sql.SQL(f"{column} {comparison} %s"))
            self.values.append(value)
            self.by_blocks |= column in BY_BLOCK

    def _within(self, scope: Collection[UUID]) -> None:
        if len(scope) == 1:
            # An equality: only then does the index of the facility give the order too.
            self.also("facility_id", "=", next(iter(scope)))
        else:
            self._among("facility_id", sorted(scope))

    def _among(self, column: str, values: Sequence[Any]) -> None:
        self.conditions.append(sql.SQL(f"{column} = ANY(%s)"))
        self.values.append(list(values))
        self.by_blocks |= column in BY_BLOCK


def _bounds(connection: Connection, asked: Asked, upto: int) -> tuple[int, int]:
    """The positions between which everything lies that satisfies.

    Positions and recorded times do not run quite in parallel: an append reads the clock before it
    draws positions. So what is taken is a little wider than the times asked for.
    """
    low = max(1, asked.position_from or 1)
    high = upto if asked.position_to is None else min(upto, asked.position_to)
    if asked.recorded_from is not None:
        low = max(low, _first_since(connection, asked.recorded_from - LONGEST_APPEND, upto))
    if asked.recorded_to is not None:
        high = min(high, _first_since(connection, asked.recorded_to + LONGEST_APPEND, upto))
    return low, high


def _first_since(connection: Connection, instant: datetime, upto: int) -> int:
    """The position from which on events were recorded at an instant or later, found by halving;
    beyond `upto` where there is none."""
    low, high = 1, upto + 1
    while low < high:
        middle = (low + high) // 2
        row = connection.execute(
            "SELECT position, recorded_at FROM ledger.events WHERE position >= %s"
            " ORDER BY position LIMIT 1",
            [middle],
        ).fetchone()
        if row is None or row[1] >= instant:
            high = middle
        else:
            low = min(high, row[0] + 1)
    return low
