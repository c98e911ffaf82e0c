"""What became of a storm: what was told beside what is stored, counted by the database itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.rows import TupleRow, class_row

from facilities.database import Database
from tests.facilities.storm import Aftermath

EVENTS = {
    "ours": "SELECT position, stream_id, version, command_id FROM ledger.events",
    "stock": "SELECT notification_id AS position, originator_id AS stream_id, "
    "originator_version AS version, NULL::uuid AS command_id FROM stock.stored_events",
}


@dataclass(frozen=True, slots=True)
class Followed:
    """One follower: events it never saw, saw twice, saw out of order, or that there are not."""

    missed: int
    twice: int
    unordered: int
    strange: int


FAITHFUL = Followed(missed=0, twice=0, unordered=0, strange=0)


@dataclass(frozen=True, slots=True)
class Stored:
    """The store: its events, those not at their place in their stream, and its gaps. Commands that
    were acknowledged, of which some are not stored as they were told or more than once; commands
    that were not accepted, of which some are stored nevertheless."""

    events: int
    out_of_place: int
    gaps: int
    acknowledged: int
    lost: int
    doubled: int
    unaccepted: int
    stored_nevertheless: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """`told` counts what the writers told, by kind."""

    stored: Stored
    followed: Mapping[str, Followed]
    told: Mapping[str, int]
    killed: int


def verdict(database: Database, aftermath: Aftermath, writers: str = "ours") -> Verdict:
    """Copy what was told beside the events and compare. Nobody may write any more."""
    with database.connect(role=None) as login:
        login.execute(
            f"CREATE TEMPORARY TABLE events AS {EVENTS[writers]};"
            "CREATE INDEX ON events (position); CREATE INDEX ON events (command_id);"
            "CREATE TEMPORARY TABLE told (kind text, command_id uuid, stream_id uuid, "
            "version int, number int); ANALYZE events"
        )
        for path in aftermath.writers:
            _copy(login, path, "told (kind, command_id, stream_id, version, number)")
        login.execute("ANALYZE told")
        return Verdict(
            _stored(login),
            {name: _followed(login, path) for name, path in aftermath.followers.items()},
            dict(login.execute("SELECT kind, count(*) FROM told GROUP BY kind").fetchall()),
            aftermath.killed,
        )


def _stored(login: psycopg.Connection[TupleRow]) -> Stored:
    with login.cursor(row_factory=class_row(Stored)) as cursor:
        found = cursor.execute(
            """
            WITH placed AS (
                SELECT version,
                       row_number() OVER (PARTITION BY stream_id ORDER BY position) AS place
                FROM events
            ), commands AS (
                SELECT command_id, count(*) AS number FROM events GROUP BY command_id
            ), answered AS (
                SELECT t.kind = 'stored' AS accepted, t.number AS told,
                       coalesce(c.number, 0) AS number,
                       (SELECT count(*) FROM events e WHERE e.command_id = t.command_id
                        AND e.stream_id = t.stream_id
                        AND e.version BETWEEN t.version AND t.version + t.number - 1) AS there
                FROM told t LEFT JOIN commands c USING (command_id) WHERE t.kind <> 'replayed'
            )
            SELECT (SELECT count(*) FROM events) AS events,
                   (SELECT count(*) FROM placed WHERE version <> place) AS out_of_place,
                   (SELECT coalesce(max(position), 0) - count(*) FROM events) AS gaps,
                   count(*) FILTER (WHERE accepted) AS acknowledged,
                   count(*) FILTER (WHERE accepted AND there < told) AS lost,
                   count(*) FILTER (WHERE accepted AND number > told) AS doubled,
                   count(*) FILTER (WHERE NOT accepted) AS unaccepted,
                   count(*) FILTER (WHERE NOT accepted AND number > 0) AS stored_nevertheless
            FROM answered
            """
        ).fetchone()
    assert found is not None
    return found


def _followed(login: psycopg.Connection[TupleRow], path: Path) -> Followed:
    login.execute(
        "CREATE TEMPORARY TABLE seen (place bigint GENERATED ALWAYS AS IDENTITY, "
        "position bigint, stream_id uuid, version int)"
    )
    _copy(login, path, "seen (position, stream_id, version)")
    with login.cursor(row_factory=class_row(Followed)) as cursor:
        found = cursor.execute(
            """
            WITH steps AS (
                SELECT position <= lag(position) OVER (ORDER BY place) AS back FROM seen
            )
            SELECT count(*) FILTER (WHERE s.position IS NULL) AS missed,
                   (SELECT count(*) - count(DISTINCT position) FROM seen) AS twice,
                   (SELECT count(*) FROM steps WHERE back) AS unordered,
                   count(*) FILTER (WHERE e.position IS NULL) AS strange
            FROM events e FULL JOIN seen s USING (position, stream_id, version)
            """
        ).fetchone()
    login.execute("DROP TABLE seen")
    assert found is not None
    return found


def _copy(login: psycopg.Connection[TupleRow], path: Path, into: str) -> None:
    with (
        path.open("rb") as file,
        login.cursor() as cursor,
        cursor.copy(sql.SQL("COPY {} FROM STDIN").format(sql.SQL(into))) as copy,
    ):
        while some := file.read(1 << 20):
            copy.write(some)
