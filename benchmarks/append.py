"""How fast events are appended, and how much room they take: ours, eventsourcing's own recorder,
and what PostgreSQL can do.

One event by 1, 16 and 32 writers, from the fact to the acknowledgement; the recorder alone by 64;
1,000 events in one save; bytes an event. The library stores the same fact, declared its way,
through its own mapper and transcoder; it stores no metadata. PostgreSQL's limit is pgbench
inserting our row, indexes and all, from 16 clients (one where one writes), and COPY for the
thousand.

    make bench BENCH=append ARGS="--rounds 5 --seconds 3"
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from functools import partial
from itertools import cycle, islice
from uuid import UUID, uuid4

from eventsourcing.domain import Aggregate
from eventsourcing.persistence import (
    DatetimeAsISO,
    DecimalAsStr,
    EventStore,
    JSONTranscoder,
    Mapper,
    StoredEvent,
    UUIDAsHex,
)
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from psycopg.conninfo import conninfo_to_dict

from benchmarks.measuring import (
    Benchmark,
    Figures,
    Target,
    arguments,
    by_writers,
    interleaved,
    timed,
)
from benchmarks.servers import a_database, a_server, pgbench, superuser, version_of
from domain.revenue.events.claim import ClaimPaid, Party, PaymentMethod
from facilities.codec import encode
from facilities.database import Database, Role
from facilities.embedded import EmbeddedServer
from facilities.envelope import Attribution, LedgerEvent
from facilities.ledger import Ledger, Pending
from facilities.service import new_id

OF_RAW = {1: None, 16: 0.60, 32: 0.75}
"""How many write at once, and what share of PostgreSQL's limit they are to reach."""

RAW_CLIENTS = 16
ALONE = 64
"""How many threads the recorder alone is given."""

THOUSAND = 1_000
STOCK_SAVES = 2
"""The library's pipeline hangs for ever on a save of more than about half a megabyte through a unix
socket: it is given the thousand in two."""
STORED, IN_ONE_SAVE, IN_ONE_STREAM = 20_000, 200, 4
"""How many events are stored to see how much room they take, and how."""

FACILITIES = [UUID(int=number) for number in range(1, 26)]
DIGEST = b"0" * 16

EDGE = (
    "At the edge: runs on three days gave 8 to 10.6 times the library's rate and 1/6 to 1/9 of its "
    "99th percentile, less where Python had less of the processors. A group of 16 takes 0.44 ms in "
    "PostgreSQL, 0.05 for its connection and 0.12 until all are answered. Two groups at once were "
    "slower (0.85)."
)
ROOM = (
    "A row and its index entries are some 25 bytes too long: the envelope is 180, the entry in the "
    "index of command ids 48. Done already: no correlation that equals the command, half a digest "
    "and that only where a command can be sent again, facilities by blocks. Without an "
    "Idempotency-Key an event has neither digest nor entry and is some 48 bytes shorter."
)
ONE_SAVE = (
    "Of a save of a thousand the server's one call takes two thirds and making the facts' bytes "
    "and rows three tenths; COPY itself, given rows, is 4 to 6 times the library's. Done already: "
    "rows in PostgreSQL's binary form, and of a request that comes alone only the first event is "
    "looked at before it is written (a twelfth less)."
)

Append = Callable[[], object]


# --- ours ----------------------------------------------------------------------------------------


def a_payment(claim: UUID, facility: UUID = FACILITIES[0]) -> ClaimPaid:
    """A fact of middling size."""
    return ClaimPaid(
        claim_id=claim,
        facility_id=facility,
        payer_id=claim,
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


def by(digest: bytes | None = DIGEST) -> Attribution:
    """A command of its own, under a key; without a digest, under none."""
    command = new_id()
    return Attribution(
        actor="bench", role="service", command_id=command, correlation_id=command, digest=digest
    )


def pending(
    places: Iterator[tuple[UUID, int]], number: int, digest: bytes | None = DIGEST
) -> list[Pending]:
    return [
        Pending(stream, version, a_payment(stream, facility), by(digest))
        for (stream, version), facility in zip(islice(places, number), cycle(FACILITIES))
    ]


def ours(ledger: Ledger) -> Append:
    """From a fact to acknowledged: encoded, attributed, appended, followers woken."""
    return lambda: ledger.append(pending(new_streams(), 1))


def ours_saved(ledger: Ledger, saves: int) -> Figures:
    """A thousand facts in one append, as often as asked."""
    made = [pending(new_streams(), THOUSAND) for _ in range(saves)]
    return timed(lambda: ledger.append(made.pop()), saves)


def ours_recorder(ledger: Ledger) -> Append:
    """The recorder alone, given bytes."""
    state = encode(a_payment(uuid4()))

    def append() -> None:
        event = LedgerEvent(
            originator_id=new_id(),
            originator_version=1,
            topic="claim.paid",
            state=state,
            schema_version=1,
            facility_id=FACILITIES[0],
            effective=date(2026, 3, 1),
            attribution=by(),
        )
        ledger.recorder.insert_events([event])

    return append


def new_streams(length: int = 1) -> Iterator[tuple[UUID, int]]:
    """Places in streams that were begun one after the other and go on side by side."""
    while True:
        streams = [new_id() for _ in range(IN_ONE_SAVE if length > 1 else 1)]
        for version in range(1, length + 1):
            for stream in streams:
                yield stream, version


# --- the library's -------------------------------------------------------------------------------


class Claim(Aggregate):
    """A claim as the library would have it."""

    class Paid(Aggregate.Event):
        facility_id: UUID
        payer_id: UUID
        currency: str
        entry: int
        line: int
        amount: Decimal
        paid_by: str
        method: str
        reference: str
        received_on: str
        balance_after: Decimal
        patient_balance_after: Decimal


def paid(claim: UUID, version: int) -> Claim.Paid:
    """The same payment. The library's transcoder knows neither days nor enumerations."""
    return Claim.Paid(
        originator_id=claim,
        originator_version=version,
        timestamp=Claim.Paid.create_timestamp(),
        facility_id=claim,
        payer_id=claim,
        currency="USD",
        entry=2,
        line=1,
        amount=Decimal("70.00"),
        paid_by="payer",
        method="electronic",
        reference="EFT 20260301-0042",
        received_on="2026-03-01",
        balance_after=Decimal("30.00"),
        patient_balance_after=Decimal("30.00"),
    )


def stock(store: EventStore[UUID]) -> Append:
    """From an event to acknowledged, by the library."""
    return lambda: store.put([paid(new_id(), 1)])


def stock_saved(store: EventStore[UUID], saves: int) -> Figures:
    """A thousand events, as often as asked, in `STOCK_SAVES` each."""
    size = THOUSAND // STOCK_SAVES
    made = [[paid(new_id(), 1) for _ in range(THOUSAND)] for _ in range(saves)]

    def save() -> None:
        events = made.pop()
        for begin in range(0, THOUSAND, size):
            store.put(events[begin : begin + size])

    return timed(save, saves)


def stock_recorder(store: EventStore[UUID]) -> Append:
    """The library's recorder alone, given bytes."""
    state = store.mapper.to_stored_event(paid(uuid4(), 1)).state
    return lambda: store.recorder.insert_events(
        [StoredEvent(new_id(), 1, "benchmarks.append:Claim.Paid", state)]
    )


@contextmanager
def stock_store(server: EmbeddedServer, database: Database) -> Iterator[EventStore[UUID]]:
    """The library's event store on tables of its own."""
    where = conninfo_to_dict(server.conninfo(database.name))
    with database.connect(role=None) as login:
        login.execute("CREATE SCHEMA stock")
    datastore = PostgresDatastore(
        dbname=database.name,
        host=str(where["host"]),
        port=str(where["port"]),
        user=str(where["user"]),
        password="",
        pool_size=32,
        schema="stock",
    )
    recorder = PostgresApplicationRecorder(datastore, events_table_name="events")
    recorder.create_table()
    transcoder = JSONTranscoder()
    for each in (UUIDAsHex(), DecimalAsStr(), DatetimeAsISO()):
        transcoder.register(each)
    yield EventStore(Mapper(transcoder), recorder)
    datastore.close()


# --- the limit -----------------------------------------------------------------------------------

RAW = """INSERT INTO raw_events (stream_id, version, fact, fact_version, facility_id, effective_at,
recorded_at, actor, role, command_id, command_digest, state) VALUES
(uuidv7(), 1, 'claim.paid', 1, lpad((1 + random() * 24)::int::text, 32, '0')::uuid, now(), now(),
'bench', 'service', uuidv7(), '\\x{digest}', '\\x{state}');
"""


def raw_statement() -> str:
    """The same row, with its bytes written out."""
    return RAW.format(digest=DIGEST.hex(), state=encode(a_payment(uuid4())).hex())


def copied(database: Database, saves: int) -> Figures:
    """A thousand of the same rows by COPY in one transaction, as often as asked."""
    state, day = encode(a_payment(uuid4())), date(2026, 3, 1)
    made = [
        [
            (new_id(), 1, "claim.paid", 1, facility, day, day, "bench", "service", new_id(),
             DIGEST, state)
            for facility in islice(cycle(FACILITIES), THOUSAND)
        ]
        for _ in range(saves)
    ]  # fmt: skip
    with database.connect(role=None) as connection:

        def save() -> None:
            with connection.cursor().copy(
                "COPY raw_events (stream_id, version, fact, fact_version, facility_id, "
                "effective_at, recorded_at, actor, role, command_id, command_digest, state) "
                "FROM STDIN"
            ) as rows:
                for each in made.pop():
                    rows.write_row(each)

        return timed(save, saves)


# --- room ----------------------------------------------------------------------------------------


def room(server: EmbeddedServer, benchmark: Benchmark) -> None:
    """Store so many events in an empty database each way, and look at the tables' sizes."""
    with (
        a_database(server, "room") as database,
        a_database(server, "room_without_keys") as keyless,
        stock_store(server, database) as store,
    ):
        mine, theirs = new_streams(IN_ONE_STREAM), new_streams(IN_ONE_STREAM)

        def size_of(
            table: str, save: Callable[[int], object], within: Database = database
        ) -> Figures:
            for _ in range(STORED // IN_ONE_SAVE):
                save(IN_ONE_SAVE)
            with superuser(server, within.name) as operator:
                operator.execute(f"VACUUM {table}".encode())
                sizes = operator.execute(
                    "SELECT pg_table_size(%s::regclass), pg_indexes_size(%s::regclass)",
                    [table, table],
                ).fetchone()
            assert sizes is not None
            rows, indexes = (float(each) / STORED for each in sizes)
            return {"bytes": rows + indexes, "row_bytes": rows, "index_bytes": indexes}

        def saving(ledger: Ledger, digest: bytes | None) -> Callable[[int], object]:
            return lambda number: ledger.append(pending(mine, number, digest))

        def save_stock(number: int) -> None:
            store.put([paid(*place) for place in islice(theirs, number)])

        with (
            Ledger(database.pool(Role.APP)) as ledger,
            Ledger(keyless.pool(Role.APP)) as without,
        ):
            turns = interleaved(
                {
                    "ours": partial(size_of, "ledger.events", saving(ledger, DIGEST)),
                    "without a key": partial(
                        size_of, "ledger.events", saving(without, None), keyless
                    ),
                    "stock": partial(size_of, "stock.events", save_stock),
                },
                rounds=1,
            )
        benchmark.case(
            "room for one event",
            turns,
            Target("ours / stock", of="bytes", at_most=0.85, if_missed=ROOM),
            Target("without a key / stock", of="bytes"),
        )


def main() -> None:
    asked = arguments(__doc__).parse_args()
    with a_server() as server, a_database(server) as database:
        with database.connect(role=None) as login:
            login.execute("CREATE TABLE raw_events (LIKE ledger.events INCLUDING ALL)")
        benchmark = Benchmark("append", asked.rounds, version_of(database), vars(asked))
        ledger = Ledger(database.pool(Role.APP, 32), lambda: database.connect(Role.APP))
        limit = raw_statement()
        with stock_store(server, database) as store:
            for writers, of_raw in OF_RAW.items():
                clients = 1 if writers == 1 else RAW_CLIENTS
                raw = partial(pgbench, server, database.name, limit, clients, asked.seconds)
                turns = interleaved(
                    {
                        "ours": partial(by_writers, ours(ledger), writers, asked.seconds),
                        "stock": partial(by_writers, stock(store), writers, asked.seconds),
                        "raw": raw,
                    },
                    asked.rounds,
                )
                told = "1 writer" if writers == 1 else f"{writers} writers"
                benchmark.case(
                    f"one event, {told}",
                    turns,
                    Target("ours / raw", at_least=of_raw, if_missed=EDGE),
                    Target("ours / stock", at_least=None if writers == 1 else 10, if_missed=EDGE),
                    Target(
                        "ours / stock",
                        of="p99_ms",
                        at_most=None if writers == 1 else 1 / 8,
                        if_missed=EDGE,
                    ),
                )
            recorders = {
                "ours": partial(by_writers, ours_recorder(ledger), ALONE, asked.seconds),
                "stock": partial(by_writers, stock_recorder(store), ALONE, asked.seconds),
                "raw": raw,
            }
            benchmark.case(
                f"the recorder alone, {ALONE} threads",
                interleaved(recorders, asked.rounds),
                Target("ours / raw", at_least=1.0),
                Target("ours / stock", at_least=15),
            )
            saves = max(3, round(asked.seconds * 5))
            thousand = {
                "ours": partial(ours_saved, ledger, saves),
                "stock": partial(stock_saved, store, saves),
                "copy": partial(copied, database, saves),
            }
            benchmark.case(
                "1,000 events in one save",
                interleaved(thousand, asked.rounds),
                Target("ours / stock", at_least=4, if_missed=ONE_SAVE),
                Target("ours / copy", at_least=0.6, if_missed=ONE_SAVE),
            )
        ledger.close()
        room(server, benchmark)
    benchmark.finish()


if __name__ == "__main__":
    main()
