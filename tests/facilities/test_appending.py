"""Many writers' events in one statement: each is stored whole or told why it is not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest
from eventsourcing.persistence import IntegrityError
from psycopg.rows import TupleRow

from facilities.appending import append, row
from facilities.codec import encode
from facilities.database import Database, Role
from facilities.envelope import Attribution
from facilities.ledger import Ledger
from facilities.premises import Premises
from migrations import migrate
from tests.facilities.notes import NoteTaken, append_in, by, notes
from tests.migrations.test_migrations import new_database

VERSION_TAKEN, COMMAND_GIVEN, NOT_SO = -1, -2, -3

Connection = psycopg.Connection[TupleRow]


def request(
    *places: tuple[UUID, int],
    command_id: UUID | None = None,
    digest: bytes | None = None,
    ends: Mapping[UUID, tuple[int, int]] | None = None,
) -> list[bytes]:
    """What one writer wants stored, all or nothing: a note at each place, by one command."""
    who = by(command_id, digest)
    return [
        row(
            stream,
            version,
            NoteTaken.name,
            1,
            encode(NoteTaken(text="x")),
            None,
            None,
            each,
            opens=not place,
            premises=None if place or ends is None else Premises(ends=ends),
        )
        for place, (stream, version) in enumerate(places)
        for each in [who if not place else by(who.command_id)]
    ]


def together(database: Database, *requests: Sequence[bytes]) -> list[int]:
    """Several writers' requests in one call."""
    with database.connect(Role.APP) as connection:
        return append(connection, [each for rows in requests for each in rows])


def written(ledger: Ledger) -> list[tuple[int, UUID, int]]:
    return [(each.position, each.stream_id, each.version) for each in ledger.read(0, 1000)]


def test_one_whose_version_is_taken_is_skipped_whole_and_its_neighbours_are_stored(
    database: Database, ledger: Ledger
) -> None:
    taken, free, one, other = uuid4(), uuid4(), uuid4(), uuid4()
    (first,) = ledger.append(notes(taken, 1))
    found = together(
        database, request((one, 1), (one, 2)), request((free, 1), (taken, 1)), request((other, 1))
    )
    assert found[2:4] == [VERSION_TAKEN, VERSION_TAKEN]
    assert written(ledger) == [
        (first, taken, 1),
        (found[0], one, 1),
        (found[1], one, 2),
        (found[4], other, 1),
    ]


def test_one_whose_premises_do_not_hold_is_skipped_whole_and_its_neighbours_are_stored(
    database: Database, ledger: Ledger
) -> None:
    known, one, other, third, fourth = (uuid4() for _ in range(5))
    first, second = ledger.append([*notes(known, 1), *notes(known, 2)])
    found = together(
        database,
        request((one, 1), (one, 2), ends={known: (2, second)}),
        request((other, 1), (other, 2), ends={known: (1, first)}),
        request((third, 1), ends={known: (2, second), uuid4(): (1, 1)}),
        request((fourth, 1)),
    )
    assert found[2:5] == [NOT_SO] * 3
    assert [each[1:] for each in written(ledger)[2:]] == [(one, 1), (one, 2), (fourth, 1)]


def test_nothing_of_a_group_with_a_loser_is_written_in_vain(
    database: Database, ledger: Ledger
) -> None:
    taken, one, other = uuid4(), uuid4(), uuid4()
    ledger.append(notes(taken, 1))
    found = together(database, request((one, 1)), request((taken, 1)), request((other, 1)))
    with database.connect(role=None) as login:
        row = login.execute(
            "SELECT last_value FROM pg_sequences WHERE sequencename = 'events_position_seq'"
        ).fetchone()
    assert row == (max(found),)
    assert found[2] == found[0] + 1


def test_one_whose_command_was_given_before_is_told_so(database: Database, ledger: Ledger) -> None:
    command, digest = uuid4(), b"d" * 16
    together(database, request((uuid4(), 1), command_id=command, digest=digest))
    again = request((uuid4(), 1), (uuid4(), 1), command_id=command, digest=digest)
    (*lost, position) = together(database, again, request((uuid4(), 1)))
    assert lost == [COMMAND_GIVEN, COMMAND_GIVEN]
    assert ledger.head() == position
    assert len(written(ledger)) == 2


def test_of_two_in_one_group_who_want_the_same_version_the_first_gets_it(
    database: Database, ledger: Ledger
) -> None:
    stream, other = uuid4(), uuid4()
    first, lost, too, third = together(
        database, request((stream, 1)), request((stream, 1), (other, 1)), request((other, 1))
    )
    assert (lost, too) == (VERSION_TAKEN, VERSION_TAKEN)
    assert written(ledger) == [(first, stream, 1), (third, other, 1)]


def test_of_two_in_one_group_with_the_same_command_the_first_is_stored(
    database: Database, ledger: Ledger
) -> None:
    command, digest = uuid4(), b"d" * 16
    stream = uuid4()
    first, lost = together(
        database,
        request((stream, 1), command_id=command, digest=digest),
        request((uuid4(), 1), command_id=command, digest=digest),
    )
    assert lost == COMMAND_GIVEN
    assert written(ledger) == [(first, stream, 1)]


@pytest.mark.parametrize("events", [99, 100, 250])
def test_of_a_large_request_whose_last_version_is_taken_nothing_is_stored(
    events: int, database: Database, ledger: Ledger
) -> None:
    taken, free = uuid4(), uuid4()
    ledger.append(notes(taken, 1))
    many = [(free, version) for version in range(1, events)]
    with pytest.raises(IntegrityError):
        ledger.recorder.append(request(*many, (taken, 1)))
    assert written(ledger) == [(1, taken, 1)]
    assert len(together(database, request(*many, (uuid4(), 1)))) == events


def test_a_large_request_without_its_premises_and_one_that_was_given_before_are_told_so(
    database: Database,
) -> None:
    command, digest, streams = uuid4(), b"1" * 16, [uuid4() for _ in range(3)]
    first, again, other = ([(each, version) for version in range(1, 121)] for each in streams)
    together(database, request(*first, command_id=command, digest=digest))
    told = together(database, request(*again, command_id=command, digest=digest))
    assert told == [COMMAND_GIVEN] * 120
    assert together(database, request(*other, ends={uuid4(): (1, 1)})) == [NOT_SO] * 120


def test_one_who_wants_the_same_version_twice_fails_alone(ledger: Ledger) -> None:
    stream = uuid4()
    with pytest.raises(Exception, match="events_pkey"):
        ledger.append(notes(stream, 1) + notes(stream, 1))
    assert written(ledger) == []


def test_what_it_belongs_to_is_its_own_command_unless_it_is_said(ledger: Ledger) -> None:
    correlation, cause, command = uuid4(), uuid4(), uuid4()
    said = Attribution(
        actor="scribe",
        role="service",
        command_id=command,
        correlation_id=correlation,
        causation_id=cause,
        reason="as told",
        source="ward 3",
    )
    (note,) = notes(uuid4(), 1)
    (other,) = notes(uuid4(), 1)
    ledger.append([note, type(other)(other.originator_id, 1, other.fact, said)])
    own, belonging = ledger.read(0, 10)
    assert own.correlation_id == own.command_id == note.attribution.command_id
    assert (own.causation_id, own.reason, own.source) == (None, None, None)
    assert (belonging.correlation_id, belonging.command_id) == (correlation, command)
    assert (belonging.causation_id, belonging.reason, belonging.source) == (
        cause,
        "as told",
        "ward 3",
    )


def test_a_connection_whose_statements_were_forgotten_appends_again(database: Database) -> None:
    with database.connect(Role.APP) as connection:
        (first,) = append(connection, request((uuid4(), 1)))
        connection.execute("DEALLOCATE ALL")
        (second,) = append(connection, request((uuid4(), 1)))
    assert second == first + 1


def test_a_ledger_written_by_the_version_before_is_taken_over(
    server: Database, tmp_path: Path
) -> None:
    files = sorted((Path(__file__).parents[2] / "migrations").glob("*.sql"))
    for each in files[:3]:
        (tmp_path / each.name).write_text(each.read_text())
    stream = uuid4()
    with new_database(server) as database:
        with database.connect(role=None) as login:
            migrate(login, tmp_path)
        with database.connect(Role.APP) as before:
            append_in(before, stream, 1, 2)
        with database.connect(role=None) as login:
            assert migrate(login) == [each.stem for each in files[3:]]
        with Ledger(database.pool(Role.APP)) as ledger:
            ledger.append(notes(stream, 3))
            found = ledger.read(0, 10)
        database.close()
    assert [each.version for each in found] == [1, 2, 3]
    assert all(each.correlation_id == each.command_id for each in found)
