"""One event appended by sixteen at once, against event stores of others that are installed.

make bench-peers
python -m benchmarks.peers
"""

from __future__ import annotations

from functools import partial

from benchmarks.append import ours
from benchmarks.measuring import Benchmark, Target, arguments, by_writers, interleaved
from benchmarks.peers.emmett import emmett, installed
from benchmarks.servers import a_database, a_server, version_of
from facilities.database import Role
from facilities.ledger import Ledger

WRITERS = 16


def main() -> None:
    asked = arguments(__doc__).parse_args()
    if not installed():
        print("No event store of others is installed; `make bench-peers` does that.")
        return
    with a_server() as server, a_database(server) as database:
        benchmark = Benchmark("peers", asked.rounds, version_of(database), vars(asked))
        pool = database.pool(Role.APP, WRITERS)
        ledger = Ledger(pool, lambda: database.connect(Role.APP))
        turns = interleaved(
            {
                "ours": partial(by_writers, ours(ledger), WRITERS, asked.seconds),
                "emmett": partial(emmett, server, WRITERS, asked.seconds),
            },
            asked.rounds,
        )
        ledger.close()
    benchmark.case(
        f"one event, {WRITERS} writers",
        turns,
        Target("ours / emmett"),
        Target("ours / emmett", of="p99_ms"),
    )
    benchmark.finish()


if __name__ == "__main__":
    main()
