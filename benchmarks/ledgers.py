"""A ledger to measure on, filled by the thousand: a health system's year in so many events.

    a_ledger(database, 1_000_000)

    with Growing(database, upto=10_000_000) as ledger:
        ledger.grow(1_000_000)

Two processes tell a region each (`benchmarks.health_system`) and append it through the ledger: what
is in each stream depends on the seed alone, how the two regions interleave does not. Follow the
ledger with `facilities.ledger` as ever; every read model folds what is in it.

    python -m benchmarks.ledgers CONNINFO EVENTS SEED REGION REGIONS

is such a process: it reads from its input how many events to append next, and answers when it has.
"""

from __future__ import annotations

import subprocess
import sys
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Self

from benchmarks.health_system import HealthSystem
from facilities.database import Database, Role
from facilities.ledger import Ledger

ROOT = Path(__file__).resolve().parents[1]
BATCH = 1_000
REGIONS = 2


def a_ledger(database: Database, events: int, seed: int = 1) -> None:
    """Fill a migrated, empty database with so many events."""
    with Growing(database, events, seed) as growing:
        growing.grow(events)


class Growing:
    """A ledger that grows step by step, in `upto` events through a year."""

    def __init__(self, database: Database, upto: int, seed: int = 1) -> None:
        self._database = database
        with database.connect(role=None) as login:
            conninfo = login.info.dsn
        self._regions = [
            subprocess.Popen(
                [
                    *(sys.executable, "-m", "benchmarks.ledgers", conninfo),
                    *map(str, (upto // REGIONS, seed, region, REGIONS)),
                ],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for region in range(REGIONS)
        ]

    def grow(self, events: int) -> None:
        """Append so many more, and do what autovacuum would come round to: statistics, and pages
        known to be visible to all."""
        for number, region in enumerate(self._regions):
            assert region.stdin is not None
            share = events // REGIONS + (events % REGIONS if number == 0 else 0)
            region.stdin.write(f"{share}\n")
            region.stdin.flush()
        for region in self._regions:
            assert region.stdout is not None
            if not region.stdout.readline():
                raise RuntimeError("a region could not append what it tells")
        with self._database.connect(Role.OWNER) as owner:
            owner.execute("VACUUM (ANALYZE) ledger.events")

    def close(self) -> None:
        for region in self._regions:
            region.communicate()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def tell(conninfo: str, events: int, seed: int, region: int, regions: int) -> None:
    """One region: append as many events as the next line of the input asks for, until it ends."""
    pending = HealthSystem(events, seed, region, regions).pending()
    with Database(conninfo) as database:
        ledger = Ledger(database.pool(Role.APP))
        for line in sys.stdin:
            left = int(line)
            while batch := list(islice(pending, min(BATCH, left))):
                ledger.append(batch)
                left -= len(batch)
            print("appended", flush=True)
        ledger.close()


if __name__ == "__main__":
    tell(sys.argv[1], *map(int, sys.argv[2:6]))
