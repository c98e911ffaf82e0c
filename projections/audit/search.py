"""Where in the ledger something is: the positions of the events that satisfy.

How positions are looked for depends on what is asked; what is found does not.

1. One stream, or one facility and nothing else: an index has them in order.
2. Otherwise in the order of positions, a window at a time. What is frequent is in the first; what
   is not there of several facilities is merged from the index of each.
3. What is so rare that looking at one event after the other would take long is looked for with the
   block-range index of the ledger, which knows of most blocks that they do not have it.
4. Nobody waits for long: a search that has taken its time tells what it found and where to go on.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import psycopg

from projections.audit.wanted import Scope, Wanted

if TYPE_CHECKING:
    from projections.audit.timeline import Asked

Connection = psycopg.Connection[Any]

PATIENCE = 0.04
"""For how long, in seconds, further windows are begun."""

QUICK = 0.008
"""How long a window should take, in seconds: one that took less is followed by a wider one, as many
times as it was quicker."""

WIDER = 16
"""But not more than so many times."""

FIRST_WINDOW = 16_000
"""How many positions are looked at first."""

OF_ONE = 4
"""Of one facility so many times more: its index leads past all others' events. One of four has as
many in there as the system in the first window; one of forty a tenth of them."""

ONE_BY_ONE = 0.03
"""What is not in the first window, or is expected to take longer than so many seconds, is looked
for by blocks."""

BLOCKWISE = 512_000
"""How many positions are looked at first with the block-range index."""

LONGEST_APPEND = timedelta(seconds=10)
"""How long an append may take between the time that is written down and its last position."""

_STEADY = (
    "SELECT set_config('jit', 'off', true), set_config('enable_seqscan', 'off', true),"
    " set_config('max_parallel_workers_per_gather', '0', true)"
)
"""Statements here say how they are to be answered: a planner that took a rare value for a frequent
one, or the other way round, would read the whole ledger."""

IN_ORDER = (
    f"{_STEADY}, set_config('enable_sort', 'off', true),"
    " set_config('enable_bitmapscan', 'off', true),"
    " set_config('plan_cache_mode', 'force_generic_plan', true)"
)
"""By the index that has what is asked for in order: the others would need a sort. So there is one
plan whatever the values are, and it is made once for each connection."""

BY_BLOCKS = (
    "SELECT set_config('enable_sort', 'on', true), set_config('enable_bitmapscan', 'on', true),"
    " set_config('enable_indexscan', 'off', true), set_config('enable_indexonlyscan', 'off', true),"
    " set_config('plan_cache_mode', 'force_custom_plan', true)"
)
"""By bitmaps, of the indexes that leave out most: these depend on the values."""


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
    wanted = Wanted.of(asked, scope)
    if scope is not None and (not scope or asked.facility_id not in (None, *scope)):
        return [], None
    with connection.transaction():
        connection.execute(IN_ORDER)
        by_blocks = False
        low, high = _bounds(connection, asked, upto)
        if beyond is not None and newest_first:
            high = min(high, beyond - 1)
        elif beyond is not None:
            low = max(low, beyond + 1)
        found: list[int] = []
        reached: int | None = None
        for window in _windows(wanted, low, high, newest_first, limit, found):
            if window.by_blocks and not by_blocks:
                connection.execute(BY_BLOCKS)
                by_blocks = True
            text, values = wanted.first(
                window.first,
                window.last,
                newest_first,
                limit + 1 - len(found),
                merged=window.merged,
            )
            found += [place for (place,) in connection.execute(text.encode(), values).fetchall()]
            if len(found) > limit:
                return found[:limit], found[limit - 1]
            reached = window.first if newest_first else window.last
    ended = reached in (None, low if newest_first else high)
    return found, None if ended else reached


# --- windows -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Window:
    """A stretch of positions to look at, and whether by blocks, or facility by facility."""

    first: int
    last: int
    by_blocks: bool = False
    merged: bool = False


def _windows(
    wanted: Wanted, low: int, high: int, newest_first: bool, limit: int, found: list[int]
) -> Iterator[_Window]:
    """The stretches to look at, one after the other; after each, `found` tells what was in it."""
    if low > high:
        return
    if wanted.in_order:
        yield _Window(low, high)
        return
    began = time.monotonic()
    width, looked_at, by_blocks = FIRST_WINDOW, 0, wanted.first_by_blocks
    if wanted.of_one:
        width *= OF_ONE
    if wanted.rare:
        width, by_blocks = BLOCKWISE, True
    while looked_at == 0 or (looked_at <= high - low and time.monotonic() - began < PATIENCE):
        width = min(width, high - low + 1 - looked_at)
        turn = time.monotonic()
        if newest_first:
            yield _Window(high - looked_at - width + 1, high - looked_at, by_blocks)
        else:
            yield _Window(low + looked_at, low + looked_at + width - 1, by_blocks)
        looked_at += width
        if wanted.only_several:
            if looked_at <= high - low:
                rest = (low, high - looked_at) if newest_first else (low + looked_at, high)
                yield _Window(*rest, merged=True)
            return
        now = time.monotonic()
        seldom = not found or (now - began) * (limit + 1) / len(found) > ONE_BY_ONE
        if wanted.by_blocks and not by_blocks and seldom:
            by_blocks, width = True, BLOCKWISE
        else:
            width = int(width * max(1, QUICK / max(now - turn, QUICK / WIDER)))


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
