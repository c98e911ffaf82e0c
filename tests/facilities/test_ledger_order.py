"""The ledger's order holds in a storm of writers; its promises hold when processes are killed."""

from __future__ import annotations

import gc
from collections import Counter, defaultdict
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Condition, Event, Thread
from typing import Any, cast
from uuid import UUID, uuid4

import psycopg
import pytest

from domain.kernel import Fact, fact
from facilities.database import Database, Role
from facilities.ledger import Ledger, Pending
from facilities.recorder import STRETCH
from tests.facilities.notes import append_in, by, notes
from tests.facilities.stores import Notes, Ours, Place, Stock
from tests.facilities.storm import storm
from tests.facilities.verdict import FAITHFUL, verdict
from tests.facilities.writer import WEATHERS, Writer


class Bell:
    """Rung after each append, so that others can wait for one without looking at a clock."""

    def __init__(self) -> None:
        self._rung, self._condition = 0, Condition()

    def ring(self) -> None:
        with self._condition:
            self._rung += 1
            self._condition.notify_all()

    def heard(self, times: int, patience: float) -> bool:
        """Whether it is rung so many times more before patience ends."""
        with self._condition:
            wanted = self._rung + times
            return self._condition.wait_for(lambda: self._rung >= wanted, timeout=patience)


def test_followers_miss_nothing_and_see_nothing_twice_while_many_write(database: Database) -> None:
    bell, over, met = Bell(), Event(), Counter[str]()
    weather = replace(
        WEATHERS["squall"], kinds={"quickly": 2, "in_a_crowd": 1, "slowly": 1, "in_vain": 1}
    )

    def tell(kind: str, notes: Notes) -> None:
        met[kind] += 1
        bell.ring()

    def hold(connection: psycopg.Connection) -> None:
        met["overtaken"] += bell.heard(2, patience=0.1)

    def write(seed: str) -> None:
        writer = Writer(store, seed, weather, tell, hold)
        for _ in range(20):
            writer.write()

    def follow(limit: int) -> list[Place]:
        seen: list[Place] = []
        while True:
            last = over.is_set()
            found = store.read(seen[-1][0] if seen else 0, limit)
            seen += found
            if not found:
                if last:
                    return seen
                bell.heard(1, patience=0.1)

    with Ours(database, "writer") as store, ThreadPoolExecutor(10) as threads:
        following = [threads.submit(follow, size) for size in (7, 500)]
        try:
            for each in [threads.submit(write, seed) for seed in "ABCDEFGH"]:
                each.result()
        finally:
            over.set()
        seen = [each.result() for each in following]

    with database.connect(Role.APP) as app:
        written = app.execute(
            "SELECT position, stream_id, version FROM ledger.events ORDER BY position"
        ).fetchall()
    assert seen == [written, written]
    versions: dict[UUID, list[int]] = defaultdict(list)
    for _, stream, version in written:
        versions[stream].append(version)
    for found in versions.values():
        assert found == list(range(1, len(found) + 1))
    # It was a storm: writers were overtaken while they held their transactions open, collided on
    # a stream, and left gaps where they rolled back.
    assert met["overtaken"] > 5
    assert met["refused"] > 0
    assert written[-1][0] > len(written)


# --- a storm of writers that are killed ----------------------------------------------------------

STORMS = 5
"""How often a storm may come before a reader that is known to miss events has missed one."""


@pytest.mark.slow
def test_a_storm_of_killed_writers_harms_nothing_and_catches_a_naive_reader(
    database: Database, tmp_path: Path
) -> None:
    followers = {"few": ("ours", 7), "some": ("ours", 100), "many": ("ours", 2_000)}
    missed = 0
    for number in range(STORMS):
        (folder := tmp_path / str(number)).mkdir()
        aftermath = storm(
            database,
            folder,
            "squall",
            3_000,
            seed=str(number),
            followers={**followers, "naive": ("naive", 100)},
        )
        found = verdict(database, aftermath)
        assert {name: found.followed[name] for name in followers} == dict.fromkeys(
            followers, FAITHFUL
        )
        stored = found.stored
        assert stored.out_of_place == 0
        assert (stored.lost, stored.doubled, stored.stored_nevertheless) == (0, 0, 0)
        # It was a storm: there were kills, gaps, conflicts, replayed commands, poison.
        assert stored.acknowledged >= 3_000
        assert stored.gaps > 0
        assert found.killed > 4
        assert min(found.told[kind] for kind in ("undone", "refused", "replayed")) > 0
        missed += found.followed["naive"].missed
        if missed:
            return
    raise AssertionError("the naive reader missed nothing: what the others did proves nothing")


@pytest.mark.slow
def test_the_same_storm_catches_the_library_s_mode_without_a_lock(
    database: Database, tmp_path: Path
) -> None:
    Stock.prepare(database)
    for number in range(STORMS):
        (folder := tmp_path / str(number)).mkdir()
        aftermath = storm(
            database,
            folder,
            "draught",
            2_000,
            seed=str(number),
            writers="stock",
            followers={"stock": ("stock", 100)},
        )
        if verdict(database, aftermath, "stock").followed["stock"].missed:
            return
    raise AssertionError("the library's reader missed nothing")


# --- gaps ----------------------------------------------------------------------------------------


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
