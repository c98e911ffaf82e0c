"""How fast one event is appended, by 1, 16 and 32 writers: ours, eventsourcing's own recorder, and
what PostgreSQL can do (pgbench inserting the same row with the same indexes).

The three take turns in one run, since a machine's speed drifts; what counts are the ratios.

    make bench BENCH=append ARGS="--rounds 5 --seconds 3"
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from functools import partial
from uuid import UUID, uuid4

from eventsourcing.persistence import StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from psycopg.conninfo import conninfo_to_dict

from benchmarks.measuring import Benchmark, Target, arguments, by_writers, interleaved
from benchmarks.servers import a_database, a_server, pgbench, version_of
from domain.revenue.events import ClaimPaid, Party, PaymentMethod
from facilities.codec import encode
from facilities.database import Database, Role
from facilities.embedded import EmbeddedServer
from facilities.envelope import Attribution
from facilities.ledger import Ledger, Pending
from facilities.service import new_id

WRITERS = {1: None, 16: 0.60, 32: 0.75}
"""How many write at once, and what share of PostgreSQL's limit they are to reach."""

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


RAW = """INSERT INTO raw_events (stream_id, version, fact, fact_version, facility_id, effective_at,
recorded_at, actor, role, command_id, command_digest, correlation_id, state) VALUES
(gen_random_uuid(), 1, 'claim.paid', 1, gen_random_uuid(), now(), now(), 'bench', 'service',
gen_random_uuid(), '\\x{digest}', gen_random_uuid(), '\\x{state}');
"""


def raw_statement() -> str:
    """The same row, with its bytes written out."""
    return RAW.format(digest="30" * 32, state=encode(a_payment(uuid4())).hex())


@contextmanager
def stock_recorder(server: EmbeddedServer, database: Database) -> Iterator[Append]:
    """The library's recorder on tables of its own."""
    where = conninfo_to_dict(server.conninfo(database.name))
    with database.connect(role=None) as login:
        login.execute("CREATE SCHEMA stock")
    store = PostgresDatastore(
        dbname=database.name,
        host=str(where["host"]),
        port=str(where["port"]),
        user=str(where["user"]),
        password="",
        pool_size=max(WRITERS),
        schema="stock",
    )
    recorder = PostgresApplicationRecorder(store)
    recorder.create_table()
    yield stock(recorder)
    store.close()


def main() -> None:
    asked = arguments(__doc__).parse_args()
    with a_server() as server, a_database(server) as database:
        with database.connect(role=None) as login:
            login.execute("CREATE TABLE raw_events (LIKE ledger.events INCLUDING ALL)")
        benchmark = Benchmark("append", asked.rounds, version_of(database), vars(asked))
        pool = database.pool(Role.APP, max(WRITERS))
        ledger = Ledger(pool, lambda: database.connect(Role.APP))
        mine, limit = ours(ledger), raw_statement()
        with stock_recorder(server, database) as theirs:
            for writers, of_raw in WRITERS.items():
                turns = interleaved(
                    {
                        "ours": partial(by_writers, mine, writers, asked.seconds),
                        "stock": partial(by_writers, theirs, writers, asked.seconds),
                        "raw": partial(
                            pgbench, server, database.name, limit, writers, asked.seconds
                        ),
                    },
                    asked.rounds,
                )
                told = "1 writer" if writers == 1 else f"{writers} writers"
                benchmark.case(
                    f"one event, {told}",
                    turns,
                    Target("ours / raw", at_least=of_raw),
                    Target("ours / stock", at_least=None if writers == 1 else 10),
                    Target("ours / stock", of="p99_ms", at_most=None if writers == 1 else 1 / 8),
                )
        ledger.close()
    benchmark.finish()


if __name__ == "__main__":
    main()
