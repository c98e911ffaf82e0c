"""How fast claims are imported: a Synthea export copied several times over, every id another one.

    make bench BENCH=synthea_copies ARGS="--copies 10"

The copies are made in a temporary folder: every UUID of copy n is made of the one it stands for, so
that what refers to each other still does. An empty ledger on an embedded PostgreSQL in a temporary
folder, with the durability of the real thing. Read models are folded by others.
"""

from __future__ import annotations

import csv
import re
import tempfile
import time
import uuid
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from uuid import NAMESPACE_OID, uuid5

from benchmarks.measuring import Benchmark, Figures, Target, arguments, interleaved
from benchmarks.servers import a_database, a_server, version_of
from facilities.database import Role
from facilities.embedded import EmbeddedServer
from facilities.exchange.synthea import import_synthea
from facilities.ledger import Ledger
from facilities.scope import Actor
from facilities.scope import Role as ActingAs
from facilities.service import Service

EXPORT = Path("../shared/data/synthea_csv_a")
CLERK = Actor("mailroom", ActingAs.SERVICE)
AN_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
COUNTED = ("CHARGEID", "TRANSFEROUTID")
"""These count through a file: each copy counts on, so many later."""
STRIDE = 1_000_000


def copied(export: Path, into: Path, copies: int) -> None:
    """Write each table with the rows of all copies."""
    for table in sorted(export.glob("*.csv")):
        with table.open(encoding="utf-8", newline="") as source:
            header, *rows = csv.reader(source)
        counted = [header.index(each) for each in COUNTED if each in header]
        with (into / table.name).open("w", encoding="utf-8", newline="") as out:
            written = csv.writer(out, lineterminator="\n")
            written.writerow(header)
            for copy in range(copies):
                written.writerows(_another(row, copy, counted) for row in rows)


def _another(row: Sequence[str], copy: int, counted: Sequence[int]) -> list[str]:
    cells = [
        AN_ID.sub(lambda found: str(uuid5(NAMESPACE_OID, f"{copy}/{found.group()}")), each)
        for each in row
    ]
    for place in counted:
        if cells[place]:
            cells[place] = str(int(cells[place]) + copy * STRIDE)
    return cells


def imported(server: EmbeddedServer, folder: Path) -> Figures:
    """Import the folder into a ledger of its own."""
    own = f"almoner_{uuid.uuid4().hex[:12]}"
    with a_database(server, own) as database, Ledger(database.pool(Role.APP)) as ledger:
        began = time.perf_counter()
        report = import_synthea(folder, Service(ledger), ledger, CLERK)
        seconds = time.perf_counter() - began
        assert not report.rejected, report.rejected[:3]
        return {
            "seconds": seconds,
            "claims": report.claims,
            "transactions": report.transactions,
            "per_second": report.events_appended / seconds,
        }


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--export", default=str(EXPORT))
    parser.add_argument("--copies", type=int, default=10)
    asked = parser.parse_args()
    with a_server() as server, tempfile.TemporaryDirectory() as folder:
        copied(Path(asked.export), Path(folder), asked.copies)
        with a_database(server) as database:
            version = version_of(database)
        benchmark = Benchmark("synthea_copies", asked.rounds, version, vars(asked))
        turns = interleaved({"ours": partial(imported, server, Path(folder))}, asked.rounds)
        benchmark.case(
            "ten copies of a small health system imported",
            turns,
            Target("ours", of="seconds", at_most=20.0),
            Target("ours", of="per_second"),
        )
    benchmark.finish()


if __name__ == "__main__":
    main()
