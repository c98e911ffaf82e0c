"""What changed at a facility between two positions: every thing of which something was recorded.

That may be much, so it is told a part at a time: a part of the facility's timeline, and of it the
things whose first change in between lies there, each with all that changed in it. What a part is
made of is bounded: by events that are read, things that are told, and events that are folded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any
from uuid import UUID

import psycopg

from domain.kernel import Recorded
from projections.audit import Reader
from projections.audit.difference import Difference, difference, in_full
from projections.audit.state import Moment
from projections.audit.timeline import Asked, page
from projections.audit.wanted import Scope

Connection = psycopg.Connection[Any]

STRETCH = 400
"""How many events a part is made of at most."""

FIRST = 80
"""How many events are read of a part that is to tell of a few things, before all of them are: most
often these are enough to know where it ends."""

FOLDED = 2_000
"""How many events are folded for the things of a part at most, but for a single one that has more:
folding takes some ten microseconds an event."""

TOLD = 25
"""Of how many events of a thing a part tells which fields they changed; a thing by itself tells
of the others."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a stretch of the ledger: its events, up to the position `upto`; whether it is the
    last one."""

    events: Sequence[Recorded[Any]]
    upto: int
    last: bool


def part(
    connection: Connection,
    reader: Reader,
    asked: Asked,
    *,
    scope: Scope,
    after: int,
    upto: int,
    streams: int | None = None,
) -> Part:
    """The next part beyond a position, of events of at most so many `streams`; where it is to tell
    of them, of no more than can be folded in a moment, too."""
    for limit in (STRETCH,) if streams is None else (FIRST, STRETCH):
        found = page(connection, reader, asked, scope=scope, upto=upto, beyond=after, limit=limit)
        events = found.events
        room = len(events) if streams is None else _room(connection, events, upto, streams)
        if room < len(events):
            return Part(events[:room], events[room - 1].position, last=False)
        if found.beyond is None:
            break
    reached = upto if found.beyond is None else found.beyond
    return Part(events, reached, last=found.beyond is None)


def changed(
    connection: Connection,
    reader: Reader,
    events: Sequence[Recorded[Any]],
    *,
    old: int,
    new: int,
    told: int | None = TOLD,
) -> list[Difference[Recorded[Any]]]:
    """What changed between two positions in the streams whose first event in between is one of
    these; of how many events of each it is `told` at most what they changed (None: of all)."""
    streams = _begun(connection, events, old)
    entries = reader.entries(streams, upto=new, carried_by=old) if streams else {}
    moments = Moment(known_at=old), Moment(known_at=new)
    found = (difference(entries.get(each, ()), *moments, most=told) for each in streams)
    return in_full(reader, [each for each in found if each is not None], read=events)


def _room(connection: Connection, events: Sequence[Recorded[Any]], upto: int, streams: int) -> int:
    """Of how many of some events there is room for the streams: always for that of the first."""
    named = list(dict.fromkeys(each.stream_id for each in events))[:streams]
    rows = connection.execute(
        "SELECT (SELECT version FROM ledger.events e WHERE e.stream_id = n.stream_id"
        " AND e.position <= %s ORDER BY e.version DESC LIMIT 1)"
        " FROM unnest(%s::uuid[]) WITH ORDINALITY AS n (stream_id, place) ORDER BY n.place",
        [upto, named],
    ).fetchall()
    sums = accumulate(version for (version,) in rows)
    room = {stream_id for stream_id, sum_ in zip(named, sums, strict=True) if sum_ <= FOLDED}
    room.update(named[:1])
    outside = (place for place, each in enumerate(events) if each.stream_id not in room)
    return next(outside, len(events))


def _begun(connection: Connection, events: Sequence[Recorded[Any]], old: int) -> list[UUID]:
    """The streams that had not changed since `old` before the first of these events."""
    first: dict[UUID, int] = {}
    for event in events:
        first.setdefault(event.stream_id, event.version)
    rows = connection.execute(
        "SELECT f.stream_id FROM unnest(%s::uuid[], %s::int[]) WITH ORDINALITY"
        " AS f (stream_id, version, place) WHERE f.version = 1 OR EXISTS (SELECT FROM"
        " ledger.events e WHERE e.stream_id = f.stream_id AND e.version = f.version - 1"
        " AND e.position <= %s) ORDER BY f.place",
        [list(first), list(first.values()), old],
    ).fetchall()
    return [stream_id for (stream_id,) in rows]
