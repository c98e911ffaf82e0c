"""How fast one event is appended, by 1, 16 and 32 writers: ours, eventsourcing's own recorder, and
what PostgreSQL can do (pgbench inserting the same row with the same indexes).

The three take turns in one run, since a machine's speed drifts; what counts are the ratios.

    make bench BENCH=append ARGS="--rounds 5 --seconds 3"
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from uuid import UUID, uuid4

from eventsourcing.persistence import StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from psycopg.conninfo import conninfo_to_dict

from domain.revenue.events import ClaimPaid, Party, PaymentMethod
from facilities.codec import encode
from facilities.database import Database, Role
from facilities.embedded import EmbeddedServer
from facilities.envelope import Attribution
from facilities.ledger import Ledger, Pending
from facilities.service import new_id
from migrations import migrate

WRITERS = (1, 16, 32)
RESULTS = Path(__file__).parent / "results"

Append = Callable[[], None]


def a_payment(stream: UUID) -> ClaimPaid:
    """A fact of middling size."""
    return ClaimPaid(
        claim_id=stream,
        facility_id=stream,
        payer_id=stream,
        currency="USD",
        entry=2,
        line=1,
        amount=Decimal("70.00"),
        paid_by=Party.PAYER,
        method=PaymentMethod.ELECTRONIC,
        reference="EFT 20260301-0042",
        received_on=date(2026, 3, 1),
        balance_after=Decimal("30.00"),
        patient_balance_after=Decimal("30.00"),
    )


def ours(ledger: Ledger) -> Append:
    """From a fact to acknowledged: encoded, attributed, appended, followers woken."""

    def append() -> None:
        stream, command = new_id(), new_id()
        by = Attribution(
            actor="bench",
            role="service",
            command_id=command,
            correlation_id=command,
            digest=b"0" * 32,
        )
        ledger.append([Pending(stream, 1, a_payment(stream), by)])

    return append


def stock(recorder: PostgresApplicationRecorder) -> Append:
    """The library's recorder, given bytes: no metadata, no encoding."""
    state = encode(a_payment(uuid4()))

    def append() -> None:
        recorder.insert_events([StoredEvent(uuid4(), 1, "claim.paid", state)])

    return append


def measured(append: Append, writers: int, seconds: float) -> tuple[float, float]:
    """Appends a second, and the 99th percentile of one in milliseconds."""
    taken: list[list[float]] = [[] for _ in range(writers)]
    ready = threading.Barrier(writers + 1)

    def write(mine: list[float]) -> None:
        append()
        ready.wait()
        until = time.perf_counter() + seconds
        while (began := time.perf_counter()) < until:
            append()
            mine.append(time.perf_counter() - began)

    threads = [threading.Thread(target=write, args=(mine,)) for mine in taken]
    for thread in threads:
        thread.start()
    ready.wait()
    for thread in threads:
        thread.join()
    together = sorted(one for mine in taken for one in mine)
    return len(together) / seconds, together[int(len(together) * 0.99)] * 1000


def raw(pgbench: Path, conninfo: str, script: Path, writers: int, seconds: float) -> float:
    """Transactions a second by pgbench."""
    where = conninfo_to_dict(conninfo)
    told = subprocess.run(
        [
            *(str(pgbench), "-n", "-M", "prepared", "-c", str(writers), "-j", "2"),
            *("-T", str(max(1, round(seconds))), "-f", str(script)),
            *("-h", str(where["host"]), "-U", str(where["user"]), str(where["dbname"])),
        ],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    (line,) = [each for each in told.splitlines() if each.startswith("tps = ")]
    return float(line.split()[2])


RAW = """INSERT INTO raw_events (stream_id, version, fact, fact_version, facility_id, effective_at,
recorded_at, actor, role, command_id, command_digest, correlation_id, state) VALUES
(gen_random_uuid(), 1, 'claim.paid', 1, gen_random_uuid(), now(), now(), 'bench', 'service',
gen_random_uuid(), '\\x{digest}', gen_random_uuid(), '\\x{state}');
"""


def run(rounds: int, seconds: float, home: Path) -> list[dict[str, object]]:
    """All cases, in turns. Returns one row per number of writers."""
    server = EmbeddedServer(home)
    found: list[dict[str, object]] = []
    with Database.embedded(server, "almoner") as database:
        with database.connect(role=None) as login:
            migrate(login)
            login.execute("CREATE TABLE raw_events (LIKE ledger.events INCLUDING ALL)")
        script = home / "raw.sql"
        state = encode(a_payment(uuid4())).hex()
        script.write_text(RAW.format(digest="30" * 32, state=state).replace("\n", " ") + "\n")
        script.chmod(0o644)
        conninfo = server.conninfo("almoner")
        where = conninfo_to_dict(conninfo)
        store = PostgresDatastore(
            dbname="almoner",
            host=str(where["host"]),
            port="5432",
            user=str(where["user"]),
            password="",
            pool_size=32,
            schema="stock",
        )
        with database.connect(role=None) as login:
            login.execute("CREATE SCHEMA stock")
        recorder = PostgresApplicationRecorder(store)
        recorder.create_table()
        ledger = Ledger(database.pool(Role.APP, 32), lambda: database.connect(Role.APP))
        for writers in WRITERS:
            mine, theirs, limit = [], [], []
            for _ in range(rounds):
                mine.append(measured(ours(ledger), writers, seconds))
                theirs.append(measured(stock(recorder), writers, seconds))
                pgbench = server.runnable.bindir / "pgbench"
                limit.append(raw(pgbench, conninfo, script, writers, seconds))
            found.append(row(writers, mine, theirs, limit))
        ledger.close()
        store.close()
    server.stop()
    return found


def row(
    writers: int,
    mine: list[tuple[float, float]],
    theirs: list[tuple[float, float]],
    limit: list[float],
) -> dict[str, object]:
    """Medians, and ratios pair by pair."""
    return {
        "writers": writers,
        "ours": round(statistics.median(each for each, _ in mine)),
        "stock": round(statistics.median(each for each, _ in theirs)),
        "raw": round(statistics.median(limit)),
        "ours / stock": round(
            statistics.median(a / b for (a, _), (b, _) in zip(mine, theirs, strict=True)), 2
        ),
        "ours / raw": round(
            statistics.median(a / b for (a, _), b in zip(mine, limit, strict=True)), 2
        ),
        "p99 ms": round(statistics.median(each for _, each in mine), 1),
        "stock p99 ms": round(statistics.median(each for _, each in theirs), 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3)
    asked = parser.parse_args()
    home = Path(tempfile.mkdtemp(prefix="almoner-bench-"))
    home.chmod(0o755)
    try:
        found = run(asked.rounds, asked.seconds, home)
    finally:
        EmbeddedServer(home).stop()
        shutil.rmtree(home)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "append.json").write_text(json.dumps(found, indent=2) + "\n")
    print(" | ".join(found[0]))
    for each in found:
        print(" | ".join(str(value) for value in each.values()))


if __name__ == "__main__":
    main()
