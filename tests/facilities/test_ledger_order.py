"""The ledger's order holds in a storm of writers; its promises hold when processes are killed."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from threading import Event, Thread
from typing import Any, cast
from uuid import UUID, uuid4

import pytest
from psycopg.conninfo import make_conninfo

from domain.kernel import Fact, fact
from facilities.database import Database, Role
from facilities.ledger import Ledger, Pending
from facilities.recorder import STRETCH
from tests.facilities.notes import append_in, by, notes
from tests.facilities.storm import Bell, Writer, everything, follow

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("rounds", [20, pytest.param(400, marks=pytest.mark.slow)])
def test_followers_miss_nothing_and_see_nothing_twice_while_many_write(
    database: Database, ledger: Ledger, rounds: int
) -> None:
    bell, over = Bell(), Event()
    met: Counter[str] = Counter()

    def write(seed: str) -> None:
        writer = Writer(database, ledger, seed, meanwhile=lambda: bell.heard(2, patience=0.1))
        for _ in range(rounds):
            writer.write()
            bell.ring()
        met.update(writer.met)

    with ThreadPoolExecutor(10) as threads:
        following = [threads.submit(follow, ledger, over.is_set, bell, size) for size in (7, 500)]
        writing = [threads.submit(write, seed) for seed in "ABCDEFGH"]
        for each in writing:
            each.result()
        over.set()
        seen = [each.result() for each in following]

    written = everything(database)
    assert seen == [written, written]
    assert_streams_in_order(written)
    # It was a storm: writers were overtaken while they held their transactions open, collided on
    # one stream, and left gaps where they rolled back.
    assert met["overtaken"] > rounds / 4
    assert met["conflict"] > 0
    assert written[-1][0] > len(written)


@pytest.mark.slow
def test_followers_miss_nothing_and_acknowledged_events_stay_when_writers_are_killed(
    database: Database, ledger: Ledger
) -> None:
    bell, over = Bell(), Event()
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "STORM_DATABASE": make_conninfo(**database._parameters),
    }

    def write_and_be_killed(slot: int) -> dict[UUID, int]:
        """Let writers live for so many appends each; what they were told is stored, by stream."""
        acknowledged: dict[UUID, int] = {}
        dice = Random(slot)
        for life in range(10):
            with subprocess.Popen(
                [sys.executable, "-m", "tests.facilities.storm", f"{slot}.{life}"],
                env=environment,
                stdout=subprocess.PIPE,
                text=True,
            ) as writer:
                assert writer.stdout is not None
                for line, _ in zip(writer.stdout, range(dice.randint(5, 60)), strict=False):
                    note(acknowledged, line)
                    bell.ring()
                writer.kill()
                for line in writer.stdout:
                    note(acknowledged, line)
        return acknowledged

    with ThreadPoolExecutor(6) as threads:
        following = [threads.submit(follow, ledger, over.is_set, bell, size) for size in (7, 500)]
        writing = [threads.submit(write_and_be_killed, slot) for slot in range(1, 5)]
        acknowledged = {
            stream: version for each in writing for stream, version in each.result().items()
        }
        wait_until_nobody_writes(database)
        over.set()
        seen = [each.result() for each in following]

    written = everything(database)
    assert seen == [written, written]
    assert_streams_in_order(written)
    reached = {stream: version for _, stream, version in written}
    assert len(acknowledged) > 40
    assert {stream: min(reached.get(stream, 0), last) for stream, last in acknowledged.items()} == (
        acknowledged
    )


def note(acknowledged: dict[UUID, int], line: str) -> None:
    """A line of a writer: the stream, and the version that is stored. Its last may be torn."""
    if line.endswith("\n"):
        stream, version = line.split()
        acknowledged[UUID(stream)] = int(version)


def wait_until_nobody_writes(database: Database) -> None:
    """Sessions of killed processes end when the server notices: end those that still write."""
    with database.connect(role=None) as login:
        login.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_locks WHERE locktype = 'advisory' "
            "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        )


def assert_streams_in_order(written: list[tuple[int, UUID, int]]) -> None:
    """In every stream the positions follow the versions, from the first without a gap."""
    versions: dict[UUID, list[int]] = defaultdict(list)
    for _, stream, version in written:
        versions[stream].append(version)
    for found in versions.values():
        assert found == list(range(1, len(found) + 1))


def test_a_reader_that_meets_a_gap_needs_no_second_connection(database: Database) -> None:
    small = database.for_database(database.name)
    try:
        with Ledger(small.pool(Role.APP, max_size=1)) as ledger:
            with small.connect(Role.APP, autocommit=False) as connection:
                append_in(connection, uuid4(), 1)
                connection.rollback()
            (position,) = ledger.append(notes(uuid4(), 1))
            assert position > 1
            assert [each.position for each in ledger.read(0, 10)] == [position]
    finally:
        small.close()


# --- reading much at once ----------------------------------------------------------------------


@fact("trial_patrol.walked")
class PatrolWalked(Fact):
    """Somebody walked the wards of a facility at night."""

    facility_id: UUID


def test_a_scan_finds_what_is_read_in_the_same_order_between_two_positions(ledger: Ledger) -> None:
    for _ in range(3):
        ledger.append(notes(uuid4(), 1, STRETCH // 2))
    read = ledger.read(0, 2 * STRETCH)
    scanned = list(ledger.scan(10, ledger.head() - 10))
    assert len(scanned) > 1
    assert [each for some in scanned for each in some] == read[10:-10]
    assert list(ledger.scan(ledger.head(), ledger.head())) == []


def test_a_scan_goes_on_where_its_connection_broke(database: Database, ledger: Ledger) -> None:
    for _ in range(2):
        ledger.append(notes(uuid4(), 1, STRETCH // 2))
    read = ledger.read(0, STRETCH)
    scan = ledger.scan(0, ledger.head())
    found = list(next(scan))
    end_the_sessions_of(database)
    found += [each for some in scan for each in some]
    assert found == read


def test_a_scan_that_is_given_up_gives_its_connection_back(ledger: Ledger) -> None:
    for _ in range(3):
        ledger.append(notes(uuid4(), 1, STRETCH // 2))
    scan = cast(Generator[Any, None, None], ledger.scan(0, ledger.head()))
    next(scan)
    giving_up = Thread(target=scan.close, daemon=True)
    giving_up.start()
    giving_up.join(20)
    assert not giving_up.is_alive()
    assert next(ledger.scan(0, ledger.head()))


def end_the_sessions_of(database: Database) -> None:
    with database.connect(role=None) as login:
        login.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def test_a_scan_for_some_facts_finds_no_others(ledger: Ledger) -> None:
    for number in range(4):
        ledger.append(patrols(uuid4(), number) + notes(uuid4(), 1, number))
    (found,) = ledger.scan(0, ledger.head(), facts=[PatrolWalked.name])
    assert [each.fact for each in found] == [
        each.fact for each in ledger.read(0, 100) if isinstance(each.fact, PatrolWalked)
    ]
    assert len(found) == 6


def test_scans_at_once_leave_the_collector_as_it_was(ledger: Ledger) -> None:
    usual = gc.get_threshold()
    ledger.append(notes(uuid4(), 1, 2))
    first, second = (ledger.scan(0, ledger.head()) for _ in range(2))
    assert len(next(first)) == len(next(second)) == 2
    assert gc.get_threshold() != usual
    assert list(first) == []
    assert gc.get_threshold() != usual
    assert list(second) == []
    assert gc.get_threshold() == usual


def test_the_parts_of_a_scan_share_the_facilities_and_each_has_what_is_of_none(
    ledger: Ledger,
) -> None:
    for _ in range(20):
        ledger.append(patrols(uuid4(), 2) + notes(uuid4(), 1))
    whole = ledger.read(0, 100)
    parts = [
        [each for some in ledger.scan(0, ledger.head(), partition=(part, 3)) for each in some]
        for part in range(3)
    ]
    places: dict[UUID | None, list[int]] = defaultdict(list)
    for number, part in enumerate(parts):
        assert part == [each for each in whole if each in part]
        for facility_id in {each.facility_id for each in part}:
            places[facility_id].append(number)
    assert places.pop(None) == [0, 1, 2]
    assert {len(found) for found in places.values()} == {1}
    assert {found for (found,) in places.values()} == {0, 1, 2}
    assert {each.position for part in parts for each in part} == {each.position for each in whole}


def patrols(facility_id: UUID, number: int) -> list[Pending]:
    """So many patrols of one facility, each a stream of its own."""
    return [Pending(uuid4(), 1, PatrolWalked(facility_id=facility_id), by()) for _ in range(number)]
