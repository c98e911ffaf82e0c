"""What the ledger promises: commit-safe order, one winner, no change. Each can fail here."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from threading import Barrier
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from eventsourcing.persistence import DataError, IntegrityError
from psycopg.rows import TupleRow

from domain.kernel import Fact, Recorded, fact
from facilities.database import Database, Role
from facilities.ledger import Ledger, Pending
from tests.facilities.notes import NoteTaken, append_in, by, notes

Connection = psycopg.Connection[TupleRow]


@contextmanager
def transaction(database: Database) -> Iterator[Connection]:
    """A transaction of someone who appends and takes their time. Rolled back unless committed."""
    connection = database.connect(Role.APP, autocommit=False)
    try:
        yield connection
    finally:
        connection.close()


@pytest.fixture
def someone() -> Iterator[ThreadPoolExecutor]:
    """Others, who work at the same time."""
    with ThreadPoolExecutor(16) as threads:
        yield threads


def waits_for_writers(database: Database, reading: Future[Any]) -> bool:
    """Spin until the reader has seen a gap and asked who is writing; whether it waits then."""
    query = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
        "AND pid <> pg_backend_pid() AND query LIKE '%virtualtransaction%'"
    )
    with database.connect(role=None) as login:
        until(lambda: reading.done() or login.execute(query).fetchone() != (0,))
    return not reading.done()


def until(condition: Callable[[], bool]) -> None:
    """Spin until it holds; what is awaited here takes milliseconds."""
    while not condition():
        os.sched_yield()


def places(events: list[Recorded[Fact]]) -> list[tuple[UUID, int]]:
    return [(each.stream_id, each.version) for each in events]


# --- 1. order ----------------------------------------------------------------------------------


def test_an_event_that_commits_late_is_not_missed(
    database: Database, ledger: Ledger, someone: ThreadPoolExecutor
) -> None:
    slow, quick = uuid4(), uuid4()
    with transaction(database) as late:
        (first,) = append_in(late, slow, 1)
        (second,) = ledger.append(notes(quick, 1))
        assert first < second
        # A reader that follows positions naively sees the second only, and goes on from there.
        with database.connect(Role.APP) as naive:
            seen = naive.execute("SELECT position FROM ledger.events WHERE position > 0").fetchall()
        assert seen == [(second,)]
        # Ours waits.
        reading = someone.submit(lambda: list(ledger.read(0, 100)))
        assert waits_for_writers(database, reading)
        late.commit()
        assert places(reading.result(timeout=30)) == [(slow, 1), (quick, 1)]


def test_an_event_that_is_never_committed_leaves_a_gap_and_is_not_waited_for_again(
    database: Database, ledger: Ledger, someone: ThreadPoolExecutor
) -> None:
    quick = uuid4()
    with transaction(database) as late:
        (lost,) = append_in(late, uuid4(), 1)
        ledger.append(notes(quick, 1))
        reading = someone.submit(lambda: list(ledger.read(0, 100)))
        assert waits_for_writers(database, reading)
        late.rollback()
        assert places(reading.result(timeout=30)) == [(quick, 1)]
    ledger.append(notes(quick, 2))
    again = ledger.read(0, 100)
    assert places(list(again)) == [(quick, 1), (quick, 2)]
    assert lost not in {each.position for each in again}


def test_an_event_whose_writer_vanished_is_not_waited_for(
    database: Database, ledger: Ledger, someone: ThreadPoolExecutor
) -> None:
    quick = uuid4()
    with transaction(database) as late:
        append_in(late, uuid4(), 1)
        ledger.append(notes(quick, 1))
        reading = someone.submit(lambda: list(ledger.read(0, 100)))
        assert waits_for_writers(database, reading)
        with database.connect(role=None) as login:
            login.execute("SELECT pg_terminate_backend(%s)", [late.info.backend_pid])
        assert places(reading.result(timeout=30)) == [(quick, 1)]


def test_a_writer_that_came_later_is_not_waited_for(
    database: Database, ledger: Ledger, someone: ThreadPoolExecutor
) -> None:
    gap, quick = uuid4(), uuid4()
    with transaction(database) as early, transaction(database) as later:
        append_in(early, gap, 1)
        ledger.append(notes(quick, 1))
        reading = someone.submit(lambda: list(ledger.read(0, 100)))
        assert waits_for_writers(database, reading)
        append_in(later, uuid4(), 1)
        early.commit()
        assert places(reading.result(timeout=30)) == [(gap, 1), (quick, 1)]


def test_a_reader_out_of_patience_gets_only_what_is_certain(database: Database) -> None:
    before, slow, after = uuid4(), uuid4(), uuid4()
    with Ledger(database.pool(Role.APP), patience=0.05) as ledger:
        ledger.append(notes(before, 1, 2))
        with transaction(database) as late:
            append_in(late, slow, 1)
            ledger.append(notes(after, 1))
            certain = list(ledger.read(0, 100))
            assert places(certain) == [(before, 1), (before, 2)]
            assert ledger.read(certain[-1].position, 100) == []
            late.commit()
        rest = list(ledger.read(certain[-1].position, 100))
        assert places(rest) == [(slow, 1), (after, 1)]


def test_a_reader_of_some_facts_does_not_miss_one_either(
    database: Database, ledger: Ledger, someone: ThreadPoolExecutor
) -> None:
    slow, quick = uuid4(), uuid4()
    with transaction(database) as late:
        append_in(late, slow, 1)
        ledger.append(notes(quick, 1))
        reading = someone.submit(
            lambda: ledger.recorder.committed(0, 100, facts=[NoteTaken.name, "trial_note.lost"])
        )
        assert waits_for_writers(database, reading)
        late.commit()
        found = [each.originator_id for each in reading.result(timeout=30)]
        assert found == [slow, quick]


def test_a_slow_append_makes_no_other_wait(database: Database, ledger: Ledger) -> None:
    with transaction(database) as slow, transaction(database) as slower:
        append_in(slow, uuid4(), 1)
        append_in(slower, uuid4(), 1)
        with database.pool(Role.APP).connection() as connection:
            connection.execute("SET statement_timeout = '5s'")
            assert append_in(connection, uuid4(), 1)
            connection.execute("RESET statement_timeout")


# --- 2. one winner -----------------------------------------------------------------------------


def test_of_two_writers_of_one_version_one_wins(
    ledger: Ledger, someone: ThreadPoolExecutor
) -> None:
    for _ in range(10):
        stream, ready = uuid4(), Barrier(2)

        def write(stream: UUID = stream, ready: Barrier = ready) -> list[int]:
            ready.wait()
            return ledger.append(notes(stream, 1, 3))

        outcomes = [each.exception() for each in [someone.submit(write), someone.submit(write)]]
        assert [type(each) for each in outcomes if each] == [IntegrityError]
        assert [each.version for each in ledger.stream(stream)] == [1, 2, 3]


def test_two_writers_that_lock_each_other_out_are_a_conflict_too(
    database: Database, ledger: Ledger, someone: ThreadPoolExecutor
) -> None:
    one, other = uuid4(), uuid4()
    with transaction(database) as crossing:
        append_in(crossing, one, 1)
        waiting = someone.submit(ledger.append, notes(other, 1) + notes(one, 1))
        with database.connect(role=None) as login:
            query = (
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
                "AND wait_event = 'transactionid'"
            )
            until(lambda: login.execute(query).fetchone() == (1,))
        try:
            append_in(crossing, other, 1)
        except psycopg.errors.DeadlockDetected:
            crossing.rollback()
            assert len(waiting.result(timeout=30)) == 2
        else:
            assert isinstance(waiting.exception(timeout=30), IntegrityError)


def test_an_append_is_all_or_nothing(ledger: Ledger) -> None:
    taken, free = uuid4(), uuid4()
    ledger.append(notes(taken, 1))
    with pytest.raises(IntegrityError):
        ledger.append(notes(free, 1, 2) + notes(taken, 1))
    assert ledger.load([free, taken]).keys() == {taken}


def test_a_command_id_is_stored_once(ledger: Ledger) -> None:
    command, stream, digest = uuid4(), uuid4(), b"d" * 32
    fact = NoteTaken(text="once")
    ledger.append([Pending(stream, 1, fact, by(command, digest))])
    with pytest.raises(IntegrityError):
        ledger.append([Pending(uuid4(), 1, fact, by(command, digest))])
    answered = ledger.answered([command, uuid4()])
    assert answered.keys() == {command}
    assert (answered[command].digest, answered[command].stream_id) == (digest, stream)


# --- 5. nothing is changed -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger.events SET actor = 'nobody'",
        "DELETE FROM ledger.events",
        "TRUNCATE ledger.events",
        "INSERT INTO ledger.events OVERRIDING SYSTEM VALUE SELECT * FROM ledger.events",
        "COPY ledger.events FROM STDIN",
        "MERGE INTO ledger.events e USING ledger.events s ON e.position = s.position "
        "WHEN MATCHED THEN DELETE",
        "ALTER TABLE ledger.events DISABLE TRIGGER ALL",
        "ALTER TABLE ledger.events ALTER COLUMN position RESTART",
        "SELECT setval(pg_get_serial_sequence('ledger.events', 'position'), 1)",
        "DROP TABLE ledger.events CASCADE",
        "DROP TRIGGER events_are_immutable ON ledger.events",
        "CREATE OR REPLACE FUNCTION ledger.refuse_change() RETURNS trigger LANGUAGE plpgsql "
        "AS 'BEGIN RETURN NULL; END'",
        "CREATE RULE quietly AS ON UPDATE TO ledger.events DO INSTEAD NOTHING",
        "SET session_replication_role = replica",
        "UPDATE ledger.readable SET actor = 'nobody'",
        "UPDATE ledger.tracking SET notification_id = 0",
        "DELETE FROM ledger.tracking",
    ],
)
def test_what_serves_requests_cannot_change_what_is_written(
    database: Database, ledger: Ledger, statement: str
) -> None:
    ledger.append(notes(uuid4(), 1, 3))
    before = everything(database)
    with (
        database.connect(Role.APP) as app,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        app.execute(statement.encode())
    assert everything(database) == before


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger.events SET actor = 'nobody'",
        "UPDATE ledger.events SET actor = actor WHERE false",
        "DELETE FROM ledger.events",
        "TRUNCATE ledger.events",
    ],
)
def test_not_even_the_owner_changes_it_by_accident(
    database: Database, ledger: Ledger, statement: str
) -> None:
    ledger.append(notes(uuid4(), 1, 3))
    before = everything(database)
    with (
        database.connect(Role.OWNER) as owner,
        pytest.raises(psycopg.errors.InsufficientPrivilege, match="events are immutable"),
    ):
        owner.execute(statement.encode())
    assert everything(database) == before


def test_the_projector_reads_and_does_not_append(database: Database, ledger: Ledger) -> None:
    ledger.append(notes(uuid4(), 1, 3))
    with database.connect(Role.PROJECTOR) as projector:
        assert projector.execute("SELECT count(*) FROM ledger.events").fetchone() == (3,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            append_in(projector, uuid4(), 1)


def everything(database: Database) -> list[TupleRow]:
    with database.connect(role=Role.OWNER) as owner:
        return owner.execute("SELECT * FROM ledger.events ORDER BY position").fetchall()


# --- what a reader is told -----------------------------------------------------------------------


@fact("trial_round.made", effective="made_on")
class RoundMade(Fact):
    """A round through the wards, at a facility."""

    facility_id: UUID
    made_on: date


def test_a_fact_comes_back_in_its_envelope(ledger: Ledger) -> None:
    stream, facility = uuid4(), uuid4()
    attribution = by()
    made = RoundMade(facility_id=facility, made_on=date(2025, 12, 24))
    started = datetime.now(UTC)
    (position,) = ledger.append([Pending(stream, 1, made, attribution)])
    (read,) = ledger.read(0, 10)
    assert (read.fact, read.position, read.stream_id, read.version) == (made, position, stream, 1)
    assert read.facility_id == facility
    assert read.effective_at == datetime(2025, 12, 24, tzinfo=UTC)
    assert abs(read.recorded_at - started) < timedelta(minutes=1)
    assert (read.actor, read.role) == (attribution.actor, attribution.role)
    assert read.command_id == attribution.command_id
    assert [*ledger.stream(stream)] == [read]


def test_what_happened_at_no_stated_time_happened_when_it_was_recorded(ledger: Ledger) -> None:
    ledger.append(notes(uuid4(), 1))
    (read,) = ledger.read(0, 10)
    assert read.effective_at == read.recorded_at


def test_the_position_at_an_instant_is_the_last_one_recorded_by_then(ledger: Ledger) -> None:
    assert (ledger.head(), ledger.position_at(datetime.now(UTC))) == (0, 0)
    stream = uuid4()
    for version in (1, 2, 3):
        ledger.append(notes(stream, version))
    first, second, third = ledger.read(0, 10)
    assert ledger.head() == third.position
    assert ledger.position_at(first.recorded_at - timedelta(microseconds=1)) == 0
    assert ledger.position_at(second.recorded_at) == second.position
    assert ledger.position_at(third.recorded_at + timedelta(days=400)) == third.position


def test_a_stream_is_read_page_by_page_and_up_to_a_position(ledger: Ledger) -> None:
    stream = uuid4()
    ledger.append(notes(uuid4(), 1))
    positions = ledger.append(notes(stream, 1, 5))
    assert [each.version for each in ledger.stream(stream, after=1, limit=3)] == [2, 3, 4]
    assert [each.version for each in ledger.stream(stream, upto=positions[1])] == [1, 2]


def test_streams_that_do_not_exist_are_left_out_of_what_is_loaded(ledger: Ledger) -> None:
    stream = uuid4()
    ledger.append(notes(stream, 1, 2))
    loaded = ledger.load([stream, uuid4()])
    assert [(each.version, each.fact) for each in loaded.pop(stream)] == [
        (1, NoteTaken(text="note 1")),
        (2, NoteTaken(text="note 2")),
    ]
    assert not loaded


def test_people_who_ask_in_sql_see_the_fact_as_json(database: Database, ledger: Ledger) -> None:
    ledger.append(notes(uuid4(), 1))
    with database.connect(Role.APP) as app:
        row = app.execute("SELECT fact, content ->> 'text' FROM ledger.readable").fetchone()
    assert row == ("trial_note.taken", "note 1")


def test_what_the_database_cannot_hold_is_said_in_the_words_of_eventsourcing(
    ledger: Ledger,
) -> None:
    with pytest.raises(DataError, match="NUL"):
        ledger.recorder.select_timeline("actor = %s", ["\x00"], 1)
