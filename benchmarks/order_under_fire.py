"""Order under fire: a million appends by sixteen threads in four processes that are killed again
and again, hold transactions open for seconds, roll back, collide, send again what was answered and
send what cannot be stored; three followers read meanwhile.

No event may be missed, none seen twice, none stand out of its place, and what was acknowledged is
there once. In the same storm a naive reader must miss events, and the library's mode without a lock
must in one of its own: else nothing is proved.

    make bench BENCH=order_under_fire ARGS="--appends 1000000"

The tests let the same storm loose for some seconds (`tests/facilities/test_ledger_order.py`).
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path

from benchmarks.measuring import Benchmark, Target, Turns, arguments
from benchmarks.servers import a_database, a_server, version_of
from facilities.database import Database
from tests.facilities.stores import Stock
from tests.facilities.storm import PROCESSES, THREADS, storm
from tests.facilities.verdict import Verdict, verdict

FOLLOWERS = {
    "follower 1": ("ours", 100),
    "follower 2": ("ours", 500),
    "follower 3": ("ours", 2_000),
}
NAIVE = {"naive": ("naive", 500)}
STOCK = {"stock, no lock": ("stock", 500)}

NONE = {"at_most": 0}
SOME = {"at_least": 1}


def told(wanted: int) -> Callable[[int], None]:
    """Says now and then how far it has come."""
    began = time.monotonic()

    def say(reached: int) -> None:
        if reached % max(1, wanted // 20) == 0:
            rate = reached / (time.monotonic() - began)
            print(f"{reached:,} of {wanted:,} appends, {rate:,.0f}/s", file=sys.stderr, flush=True)

    return say


def under_fire(
    database: Database,
    weather: str,
    appends: int,
    writers: str,
    followers: Mapping[str, tuple[str, int]],
) -> tuple[Verdict, float]:
    """One storm, what became of it, and how many seconds it went on."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="almoner-storm-") as folder:
        aftermath = storm(
            database,
            Path(folder),
            weather,
            appends,
            writers=writers,
            followers=followers,
            said=told(appends),
        )
        seconds = time.monotonic() - began
        return verdict(database, aftermath, writers), seconds


def turns(found: Verdict, seconds: float) -> Turns:
    """What was found, as what one round gave."""
    stored = {**asdict(found.stored), "killed": found.killed, "seconds": seconds}
    faults = {name: asdict(each) for name, each in found.followed.items()}
    ours = Counter[str]()
    for name in FOLLOWERS.keys() & faults.keys():
        ours.update(faults[name])
    return Turns(
        {
            "ledger": [{**stored, **found.told}],
            "three followers": [ours],
            **{name: [each] for name, each in faults.items()},
        }
    )


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--appends", type=int, help="how many are to be acknowledged")
    parser.add_argument("--stock-appends", type=int, default=10_000, help="by the library's mode")
    asked = parser.parse_args()
    appends = asked.appends or (1_000_000 if asked.full else 20_000)
    weather = "gale" if appends > 100_000 else "squall"
    with a_server() as server, a_database(server) as database:
        benchmark = Benchmark(
            "order_under_fire",
            rounds=1,
            postgresql=version_of(database),
            asked={"appends": appends, "processes": PROCESSES, "threads": PROCESSES * THREADS},
        )
        found, seconds = under_fire(database, weather, appends, "ours", {**FOLLOWERS, **NAIVE})
        benchmark.case(
            f"{appends:,} appends",
            turns(found, seconds),
            Target("ledger", of="acknowledged", at_least=appends),
            Target("ledger", of="killed", **SOME),
            Target("ledger", of="gaps", **SOME),
            Target("ledger", of="refused", **SOME),
            Target("ledger", of="replayed", **SOME),
            *(
                Target("ledger", of=each, **NONE)
                for each in ("out_of_place", "lost", "doubled", "stored_nevertheless")
            ),
            *(
                Target("three followers", of=each, **NONE)
                for each in ("missed", "twice", "unordered", "strange")
            ),
            Target("naive", of="missed", **SOME),
        )
        Stock.prepare(database)
        found, seconds = under_fire(database, "draught", asked.stock_appends, "stock", STOCK)
        benchmark.case(
            f"the library without a lock, {asked.stock_appends:,} appends",
            turns(found, seconds),
            *(Target(name, of="missed", **SOME) for name in STOCK),
        )
    benchmark.finish()


if __name__ == "__main__":
    main()
