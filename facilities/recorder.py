"""The ledger's recorder: eventsourcing's persistence interface over ``ledger.events``.

Order is promised by a reader barrier, not by a writers' lock. Writers take a shared advisory lock
before their positions are drawn; a reader that meets a gap in the positions looks up who holds that
lock, waits until those transactions have ended, and reads again. See `LedgerRecorder.committed`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from eventsourcing import persistence as es

from facilities import appending
from facilities.barrier import writers_have_ended
from facilities.connections import Connections, Pool
from facilities.ends import Beyond, beyond
from facilities.envelope import COLUMNS, ENTRY, LedgerNotification, Row, notification_of
from facilities.group_commit import GroupCommit
from facilities.instants import POSITION_AT
from facilities.subscription import LedgerSubscription

PATIENCE = 5.0
"""How long, in seconds, a reader waits for writers before it delivers only what is certain."""

STRETCH = 10_000
"""How many positions one query of a scan looks through."""

_POSITION = 3
"""Where the position stands in a row of `COLUMNS`."""

LAST = 2**63 - 1
"""More than any position."""


class LedgerRecorder(es.ProcessRecorder):
    """Appends to the ledger and reads it, in commit-safe order.

    Errors are eventsourcing's: IntegrityError for a version, a command id or a tracking position
    that exists or that two writers locked crosswise; OperationalError where the database cannot be
    reached or gives up.
    """

    def __init__(
        self,
        pool: Pool,
        wake: Callable[[], None] = lambda: None,
        patience: float = PATIENCE,
    ) -> None:
        self._wake, self._patience = wake, patience
        self._connections = Connections(pool)
        self._together = GroupCommit(self._store)

    # --- writing -------------------------------------------------------------------------------

    def insert_events(
        self, stored_events: Sequence[es.StoredEvent], **kwargs: Any
    ) -> Sequence[int] | None:
        """Append, all or nothing, with the tracking position where there is one.

        Returns the positions, in the order of the events. Threads that append at once are written
        as one (`GroupCommit`); an append with a tracking position is written by itself. Not tried
        again when the connection breaks in the middle, since whether it was committed is then
        unknown: the command's id makes it safe for the caller to send it again.
        """
        tracking: es.Tracking | None = kwargs.get("tracking")
        return self.append(appending.rows_of(stored_events), tracking)

    def append(self, rows: Sequence[bytes], tracking: es.Tracking | None = None) -> Sequence[int]:
        """`insert_events` for rows that are made already."""
        if tracking is not None:
            return self._store(rows, tracking)
        return self._together.append(rows) if rows else []

    def _store(self, rows: Sequence[bytes], tracking: es.Tracking | None = None) -> list[int]:
        with self._connections.one() as connection:
            positions = appending.append(connection, rows, tracking)
        self._wake()
        return positions

    def insert_tracking(self, tracking: es.Tracking) -> None:
        self.insert_events([], tracking=tracking)

    # --- reading one stream --------------------------------------------------------------------

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[es.StoredEvent]:
        query = (
            "SELECT stream_id, version, fact, state FROM ledger.events WHERE stream_id = %s "
            "AND version > coalesce(%s, -1) AND version <= coalesce(%s, 2147483647) "
            f"ORDER BY version {'DESC' if desc else 'ASC'} LIMIT %s"
        )
        rows = self._connections.rows(query, (originator_id, gt, lte, limit))
        return [
            es.StoredEvent(stream, version, fact, state) for stream, version, fact, state in rows
        ]

    def select_streams(
        self, stream_ids: Sequence[UUID]
    ) -> list[tuple[UUID, int, int, str, int, bytes]]:
        """Several streams in one query: (stream, version, position, fact, its version, state)."""
        return self._connections.rows(
            "SELECT stream_id, version, position, fact, fact_version, state FROM ledger.events "
            "WHERE stream_id = ANY(%s) ORDER BY stream_id, version",
            (list(stream_ids),),
        )

    def select_carried(
        self, stream_ids: Sequence[UUID], carrying: Sequence[str]
    ) -> list[tuple[UUID, int, int, str, int, bytes]]:
        """Like `select_streams`, of each stream what there is from the last of these facts on."""
        return self._connections.rows(
            "SELECT e.stream_id, e.version, e.position, e.fact, e.fact_version, e.state "
            f"FROM {_carried(carrying)} ORDER BY e.stream_id, e.version",
            {"streams": list(stream_ids), "carried_by": LAST, "upto": LAST},
        )

    def select_entries(
        self, stream_ids: Sequence[UUID], carrying: Sequence[str], *, carried_by: int, upto: int
    ) -> list[Row]:
        """Several streams up to a position, each from the last of these facts on that it had by
        another position: rows of `ENTRY`."""
        columns = ", ".join(f"e.{each}" for each in ENTRY.split(", "))
        return self._connections.rows(
            f"SELECT {columns} FROM {_carried(carrying)} ORDER BY e.stream_id, e.version",
            {"streams": list(stream_ids), "carried_by": carried_by, "upto": upto},
        )

    def select_ends(self, ends: Mapping[UUID, tuple[int, int]]) -> list[Beyond]:
        """Like `select_streams`, what came beyond the (version, position) each stream is known to.

        See `facilities.ends`.
        """
        return self._connections.again(lambda connection: beyond(connection, ends))

    def select_commands(
        self, command_ids: Sequence[UUID]
    ) -> dict[UUID, tuple[bytes, UUID, bytes, list[tuple[int, int, str]]]]:
        """What became of commands: digest, stream, the state of the first of its events, and
        (version, position, fact) of all of them."""
        rows = self._connections.rows(
            "SELECT f.command_id, f.command_digest, f.stream_id, e.version, e.position, e.fact, "
            "CASE WHEN e.version = f.version THEN f.state END "
            "FROM ledger.events f JOIN ledger.events e ON e.stream_id = f.stream_id "
            "AND e.version >= f.version AND e.command_id = f.command_id "
            "WHERE f.command_id = ANY(%s) AND f.command_digest IS NOT NULL ORDER BY e.version",
            (list(command_ids),),
        )
        found: dict[UUID, tuple[bytes, UUID, bytes, list[tuple[int, int, str]]]] = {}
        for command_id, digest, stream_id, version, position, fact, state in rows:
            found.setdefault(command_id, (digest, stream_id, state, []))[3].append(
                (version, position, fact)
            )
        return found

    # --- reading the whole ledger ----------------------------------------------------------------

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[es.Notification]:
        after = 0 if start is None else start - 1 if inclusive_of_start else start
        return self.committed(after, limit, stop=stop, facts=topics)

    def committed(
        self, after: int, limit: int, *, stop: int | None = None, facts: Sequence[str] = ()
    ) -> Sequence[LedgerNotification]:
        """`committed_rows`, as eventsourcing knows events."""
        rows = self.committed_rows(after, limit, stop=stop, facts=facts)
        return [notification_of(row) for row in rows]

    def committed_rows(
        self, after: int, limit: int, *, stop: int | None = None, facts: Sequence[str] = ()
    ) -> list[Row]:
        """The next events beyond position `after` that no event can slip in between any more: rows
        of `COLUMNS`.

        1. Read. Positions without a gap are certain: everything up to there has committed.
        2. At a gap, ask who holds the writers' lock. Whoever drew a position that is missing took
           the lock before and still holds it, or has ended by now.
        3. Wait until those transactions have ended; others that begin meanwhile draw higher
           positions than were read.
        4. Read again up to the last position seen. What is missing now was rolled back.

        Waits at most `patience` seconds and then returns what comes before the first gap.
        """
        rows = self._read(after, limit, stop, facts)
        if not rows or (not facts and rows[-1][_POSITION] - after == len(rows)):
            return rows
        seen = rows[-1][_POSITION]
        if self._writers_have_ended():
            return self._read(after, limit, seen, facts)
        certain = 0
        if not facts:
            while certain < len(rows) and rows[certain][_POSITION] == after + certain + 1:
                certain += 1
        return rows[:certain]

    def _read(self, after: int, limit: int, stop: int | None, facts: Sequence[str]) -> list[Row]:
        query = f"SELECT {COLUMNS} FROM ledger.events WHERE position > %s"
        parameters: list[Any] = [after]
        if stop is not None:
            query += " AND position <= %s"
            parameters.append(stop)
        if facts:
            query += " AND fact = ANY(%s)"
            parameters.append(list(facts))
        return self._connections.rows(query + " ORDER BY position LIMIT %s", [*parameters, limit])

    def scanned_rows(
        self, after: int, upto: int, facts: Sequence[str], partition: tuple[int, int] | None
    ) -> Iterator[list[Row]]:
        """Events beyond `after` and at or below `upto`, which is a committed head: rows of
        `COLUMNS`, in order, a few hundred at a time. See `Ledger.scan`.

        One query for each stretch of positions, so that none takes long however seldom its facts
        are. Where the connection breaks, it goes on behind what was handed out, once.
        """
        query = f"SELECT {COLUMNS} FROM ledger.events WHERE position > %s AND position <= %s"
        narrowed: list[Any] = []
        if facts:
            query += " AND fact = ANY(%s)"
            narrowed.append(list(facts))
        if partition is not None:
            part, parts = partition
            query += (
                " AND (facility_id IS NULL OR (uuid_hash(facility_id) & 2147483647) %% %s = %s)"
            )
            narrowed += [parts, part]
        query += " ORDER BY position"
        reached, broken = after, False
        while reached < upto:
            end = min(reached + STRETCH, upto)
            try:
                for rows in self._connections.streamed(query, [reached, end, *narrowed]):
                    yield rows
                    reached, broken = rows[-1][_POSITION], False
                reached = end
            except es.OperationalError:
                if broken:
                    raise
                broken = True

    def select_timeline(self, where: str, parameters: Sequence[Any], limit: int) -> list[Row]:
        """Events that match a condition over the columns of ``ledger.events``, in order: rows of
        `COLUMNS`."""
        return self._connections.rows(
            f"SELECT {COLUMNS} FROM ledger.events WHERE {where} ORDER BY position LIMIT %s",
            [*parameters, limit],
        )

    def select_facility(self, facility_id: UUID, after: int, limit: int) -> list[int]:
        """The positions of one facility's events beyond a position, in order.

        In the terms of the index, which knows blocks of positions; of one block all are sorted.
        """
        rows = self._connections.rows(
            "SELECT position FROM ledger.events WHERE facility_id = %s "
            "AND position / 4096 >= %s / 4096 AND position > %s "
            "ORDER BY position / 4096, position LIMIT %s",
            (facility_id, after, after, limit),
        )
        return [position for (position,) in rows]

    def max_notification_id(self) -> int | None:
        ((position,),) = self._connections.rows("SELECT max(position) FROM ledger.events", ())
        return None if position is None else int(position)

    def count(self, after: int, upto: int) -> int:
        """How many events there are beyond one position, up to another."""
        ((events,),) = self._connections.rows(
            "SELECT count(*) FROM ledger.events WHERE position > %s AND position <= %s",
            (after, upto),
        )
        return int(events)

    def settled(self) -> int | None:
        """The largest position, once no event can slip in below it any more; None where who writes
        now takes longer than `patience`."""
        head = self.max_notification_id() or 0
        return head if self._writers_have_ended() else None

    def position_at(self, instant: datetime) -> int:
        """The last position recorded at or before an instant; 0 where there is none."""
        ((position,),) = self._connections.rows(POSITION_AT, {"instant": instant})
        return int(position)

    def select_end(self, stream_id: UUID) -> tuple[int, UUID | None] | None:
        """The last version of a stream, and the facility that is of; None where there is none."""
        rows = self._connections.rows(
            "SELECT version, facility_id FROM ledger.events WHERE stream_id = %s "
            "ORDER BY version DESC LIMIT 1",
            (stream_id,),
        )
        return rows[0] if rows else None

    def position_of(self, stream_id: UUID, version: int) -> int | None:
        """Where a version of a stream stands; None where it has not come to it."""
        rows = self._connections.rows(
            "SELECT position FROM ledger.events WHERE stream_id = %s AND version = %s",
            (stream_id, version),
        )
        return int(rows[0][0]) if rows else None

    def version_at(self, stream_id: UUID, position: int) -> int:
        """The version a stream was at, at a position; 0 where it had not begun."""
        rows = self._connections.rows(
            "SELECT version FROM ledger.events WHERE stream_id = %s AND position <= %s "
            "ORDER BY version DESC LIMIT 1",
            (stream_id, position),
        )
        return int(rows[0][0]) if rows else 0

    def subscribe(
        self, gt: int | None = None, topics: Sequence[str] = ()
    ) -> es.Subscription[es.ApplicationRecorder]:
        return LedgerSubscription(self, self._connections.pool, gt, topics)

    def max_tracking_id(self, application_name: str) -> int | None:
        rows = self._connections.rows(
            "SELECT notification_id FROM ledger.tracking WHERE application_name = %s",
            (application_name,),
        )
        return int(rows[0][0]) if rows else None

    def _writers_have_ended(self) -> bool:
        with self._connections.one() as connection:
            return writers_have_ended(connection, self._patience)


class StreamRecorder(LedgerRecorder):
    """The ledger as eventsourcing's aggregate recorder: it answers an append with None."""

    def insert_events(self, stored_events: Sequence[es.StoredEvent], **kwargs: Any) -> None:
        super().insert_events(stored_events, **kwargs)


def _carried(carrying: Sequence[str]) -> str:
    """The events `e` of the streams, up to one position, each from the last of some facts on that
    stands at another position or before it."""
    # Their names are written out, so that the index of these facts answers. OFFSET 0 has each
    # stream looked up by itself, however little is known of the table: joined as a whole, all of it
    # would be read.
    named = ", ".join(f"'{each}'" for each in carrying)
    return (
        "unnest(%(streams)b::uuid[]) AS wanted (stream_id) CROSS JOIN LATERAL "
        "(SELECT coalesce(max(c.version), 0) AS version FROM ledger.events c "
        f"WHERE c.stream_id = wanted.stream_id AND c.fact IN ({named}) "
        "AND c.position <= %(carried_by)s) AS carried "
        "CROSS JOIN LATERAL (SELECT * FROM ledger.events e WHERE e.stream_id = wanted.stream_id "
        "AND e.version >= carried.version AND e.position <= %(upto)s OFFSET 0) AS e"
    )
