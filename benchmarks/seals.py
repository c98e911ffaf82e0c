"""How fast the ledger is sealed and verified, and how long one proof takes, beside what it costs to
read the same rows and to do nothing with them.

    make bench BENCH=seals ARGS="--events 1000000 --rounds 3"
"""

from __future__ import annotations

import tempfile
import time
from collections import deque
from functools import partial
from pathlib import Path
from random import Random

from benchmarks.ledgers import a_ledger
from benchmarks.measuring import Benchmark, Figures, Target, arguments, interleaved, timed
from benchmarks.servers import a_database, a_server, version_of
from facilities.database import Database, Role
from facilities.ledger import Ledger
from facilities.seals.folder import Folder
from facilities.seals.keys import new_key
from facilities.seals.leaves import entries
from facilities.seals.proofs import Prover
from facilities.seals.sealing import Sealer
from facilities.seals.verifying import verify

HASHED = (
    "Three fifths of it is reading the rows, which alone come to some 240,000 events a second; "
    "the rest is hashing each of them and the tree above them."
)

EVENTS = 1_000_000
PROOFS = 200


def sealed(database: Database, folder: Folder, key: Path) -> Figures:
    """Seal all of it; once is enough, since it cannot be undone."""
    with Ledger(database.pool(Role.APP)) as ledger:
        sealer = Sealer(
            database.pool(Role.APP).connection, ledger.recorder.settled, new_key(key), folder
        )
        began = time.perf_counter()
        seals = sealer.seal_all()
        return {"per_second": seals[-1].tree_size / (time.perf_counter() - began)}


def verified(database: Database, folder: Folder | None) -> Figures:
    with database.connect(Role.APP) as app:
        began = time.perf_counter()
        report = verify(app, folder)
        assert not report.findings
        return {"per_second": report.events / (time.perf_counter() - began)}


def read(database: Database) -> Figures:
    """The same rows, in the same form, by the same connection; looked at by nobody."""
    with database.connect(Role.APP) as app:
        began = time.perf_counter()
        (events,) = app.execute("SELECT count(*) FROM ledger.events").fetchone() or (0,)
        deque(entries(app, None, 2**62), maxlen=0)
        return {"per_second": events / (time.perf_counter() - began)}


def proven(database: Database, dice: Random) -> Figures:
    with database.connect(Role.APP) as app:
        head = app.execute("SELECT max(position) FROM ledger.events").fetchone()
        positions = [
            row[0]
            for row in app.execute(
                "SELECT position FROM ledger.events WHERE position = ANY(%s)",
                [dice.sample(range(1, (head or (1,))[0] + 1), PROOFS)],
            )
        ]
        asked = iter(positions)
        return timed(lambda: Prover(app).inclusion(next(asked)), len(positions))


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--events", type=int, default=EVENTS)
    asked = parser.parse_args()
    with (
        a_server() as server,
        a_database(server) as database,
        tempfile.TemporaryDirectory() as outside,
    ):
        a_ledger(database, asked.events)
        folder = Folder(Path(outside) / "seals")
        benchmark = Benchmark("seals", asked.rounds, version_of(database), vars(asked))
        once = partial(sealed, database, folder, Path(outside) / "key.pem")
        benchmark.case("sealing, with files", interleaved({"ours": once}, 1), Target("ours"))
        benchmark.case(
            "verifying in full, one process",
            interleaved(
                {
                    "ours": partial(verified, database, None),
                    "with files": partial(verified, database, folder),
                    "rows read": partial(read, database),
                },
                asked.rounds,
            ),
            Target("ours", at_least=200_000, if_missed=HASHED),
            Target("ours / rows read"),
            Target("with files / rows read"),
        )
        benchmark.case(
            "an inclusion proof",
            interleaved({"ours": partial(proven, database, Random(1))}, asked.rounds),
            Target("ours", of="p99_ms"),
        )
    benchmark.finish()


if __name__ == "__main__":
    main()
