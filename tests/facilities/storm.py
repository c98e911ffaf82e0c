"""Writers as they come: quick and slow, committing and rolling back, in each other's way, sending
again what was answered, sending what nobody can store, killed; and followers who read meanwhile.

`storm` lets them loose on a database and keeps what each was told; `tests.facilities.verdict` says
what became of it. Run as a program it is one of them, on the database of STORM_DATABASE:

    python -m tests.facilities.storm write STORE SEED WEATHER
    python -m tests.facilities.storm follow STORE SIZE OVER

A writer tells on its standard output what it was answered, a follower what it saw, in lines that
leave the process at once: nothing that was acknowledged is forgotten when it is killed.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random
from threading import Lock, Thread
from typing import NoReturn

import psycopg
from psycopg.conninfo import make_conninfo

from facilities.database import Database, Role
from facilities.subscription import WAKE_CHANNEL
from tests.facilities.stores import STORES, Notes, Store
from tests.facilities.writer import WEATHERS, Weather, Writer

ROOT = Path(__file__).parents[2]

PROCESSES, THREADS = 4, 4

FOLLOWER = "follower"
"""What the server knows a follower's sessions by; all others write."""


# --- the programs ------------------------------------------------------------------------------


def write_until_killed(store: Store, seed: str, weather: Weather) -> NoReturn:
    """Several threads write, and each line is told in one piece. Who meets what must not be ends
    the whole process."""

    def hold(connection: psycopg.Connection, dice: Random) -> None:
        connection.execute("SELECT pg_sleep(%s)", [dice.uniform(*weather.held)])

    def write(thread: int) -> None:
        its_own = f"{seed}.{thread}"
        writer = Writer(store, its_own, weather, tell, partial(hold, dice=Random(its_own)))
        try:
            while True:
                writer.write()
        except BaseException:  # noqa: BLE001 - told where the tests are run
            traceback.print_exc()
            os._exit(1)

    for thread in range(1, THREADS):
        Thread(target=write, args=(thread,)).start()
    write(0)
    raise AssertionError("unreachable")


def tell(kind: str, notes: Notes) -> None:
    line = f"{kind}\t{notes.command}\t{notes.stream}\t{notes.version}\t{notes.number}\n"
    os.write(1, line.encode())


def follow(database: Database, store: Store, size: int, over: Path) -> None:
    """Follow from the beginning until the storm is over and nothing is left. Woken as any follower,
    and looking without being woken, too."""
    reached = 0
    with database.connect(Role.APP, application_name=FOLLOWER) as connection:
        connection.execute(f"LISTEN {WAKE_CHANNEL}".encode())
        while True:
            last = over.exists()
            if found := store.read(reached, size):
                reached = found[-1][0]
                lines = "".join(f"{place}\t{stream}\t{at}\n" for place, stream, at in found)
                sys.stdout.write(lines)
            elif last:
                return
            else:
                for _ in connection.notifies(timeout=0.01, stop_after=1):
                    pass


def main(part: str, name: str, *asked: str) -> None:
    with (
        Database(os.environ["STORM_DATABASE"]) as database,
        STORES[name](database, FOLLOWER if part == "follow" else "writer") as store,
    ):
        if part == "write":
            seed, weather = asked
            write_until_killed(store, seed, WEATHERS[weather])
        size, over = asked
        follow(database, store, int(size), Path(over))


# --- the storm ---------------------------------------------------------------------------------


class Count:
    """How many appends were acknowledged by all, and whether that is enough."""

    def __init__(self, wanted: int, said: Callable[[int], None]) -> None:
        self._wanted, self._said = wanted, said
        self._lock, self._reached = Lock(), 0

    def add(self) -> bool:
        with self._lock:
            self._reached += 1
            self._said(self._reached)
            return self._reached >= self._wanted

    def enough(self) -> bool:
        return self._reached >= self._wanted


@dataclass(frozen=True, slots=True)
class Aftermath:
    """What was told: by the writers, and by each follower."""

    writers: Sequence[Path]
    followers: Mapping[str, Path]
    killed: int


def storm(
    database: Database,
    folder: Path,
    weather: str,
    appends: int,
    *,
    seed: str = "",
    writers: str = "ours",
    followers: Mapping[str, tuple[str, int]],
    said: Callable[[int], None] = lambda reached: None,
) -> Aftermath:
    """Write until so many appends are acknowledged; who follows, by which store, how many at once.

    1. The followers begin.
    2. Processes of several threads each write. Each is killed after a while and another begins.
    3. When it is enough the last are killed. Their sessions end when the server notices.
    4. The followers are told that it is over, and end when nothing is left.

    Raises where a writer or a follower ended by itself.
    """
    over = folder / "over"
    with _followers(database, folder, followers, over) as seen:
        count = Count(appends, said)
        slots = range(PROCESSES)
        told = [folder / f"told.{slot}" for slot in slots]
        with ThreadPoolExecutor(PROCESSES) as threads:
            killed = sum(
                threads.map(
                    partial(_write_and_be_killed, database, writers, weather, seed, count), told
                )
            )
        _wait_until_nobody_writes(database)
        over.touch()
    return Aftermath(told, seen, killed)


@contextmanager
def _followers(
    database: Database, folder: Path, followers: Mapping[str, tuple[str, int]], over: Path
) -> Iterator[Mapping[str, Path]]:
    """Runs them meanwhile; afterwards they have ended of themselves."""
    seen = {name: folder / f"seen.{name}" for name in followers}
    running = []
    try:
        for name, (store, size) in followers.items():
            with seen[name].open("w") as file:
                running.append(_program(database, file.fileno(), "follow", store, size, over))
        yield seen
        ended = [each.wait() for each in running]
        if any(ended):
            raise AssertionError("a follower gave up")
    finally:
        for each in running:
            each.kill()
            each.wait()


def _write_and_be_killed(
    database: Database, store: str, weather: str, seed: str, count: Count, told: Path
) -> int:
    """One process after the other, until it is enough; how many."""
    seed, lives = f"{seed}.{told.name}", 0
    dice = Random(seed)
    least, most = WEATHERS[weather].lives
    with told.open("w") as kept:
        while not count.enough():
            life = int(least * (most / least) ** dice.random())
            with _program(
                database, subprocess.PIPE, "write", store, f"{seed}.{lives}", weather
            ) as writer:
                assert writer.stdout is not None
                for line in writer.stdout:
                    kept.write(line)
                    life -= 1
                    if (line.startswith("stored") and count.add()) or life <= 0 or count.enough():
                        break
                writer.kill()
                kept.writelines(writer.stdout)
            if writer.returncode != -signal.SIGKILL:
                raise AssertionError("a writer gave up")
            lives += 1
    return lives


def _program(database: Database, stdout: int, *asked: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.facilities.storm", *map(str, asked)],
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "STORM_DATABASE": make_conninfo(**database._parameters),
        },
        stdout=stdout,
        text=True,
    )


def _wait_until_nobody_writes(database: Database) -> None:
    """Until the server has ended the sessions of the killed, and what they had begun."""
    with database.connect(role=None, application_name=FOLLOWER) as login:
        while login.execute(
            "SELECT pg_sleep(0.02) FROM pg_stat_activity WHERE datname = current_database() "
            "AND application_name = 'writer'"
        ).fetchall():
            pass


if __name__ == "__main__":
    main(*sys.argv[1:])
