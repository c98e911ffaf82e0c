"""How fast stored bytes become typed facts again: ours, and eventsourcing's own mapper with its
JSON transcoder, given the same fact declared its way.

First from bytes in memory, then from the database, envelope and all, by who follows and by who
folds everything anew; there the limit is the bare rows, fetched and left alone.

    make bench BENCH=decode ARGS="--rounds 5 --seconds 1"

The library's fact is spared what it would not need: the claim is its originator, and its codes come
back as plain text.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from random import Random
from uuid import UUID

from eventsourcing.domain import DomainEvent
from eventsourcing.persistence import (
    DatetimeAsISO,
    DecimalAsStr,
    JSONTranscoder,
    Mapper,
    StoredEvent,
    Transcoding,
    UUIDAsHex,
)
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from psycopg.conninfo import conninfo_to_dict

from benchmarks.append import a_payment
from benchmarks.measuring import Benchmark, Target, arguments, interleaved
from benchmarks.servers import a_database, a_server, version_of
from domain.revenue.events.claim import ClaimPaid
from facilities.codec import decode, encode
from facilities.database import Database, Role
from facilities.embedded import EmbeddedServer
from facilities.envelope import COLUMNS, Attribution
from facilities.ledger import Ledger, Pending
from facilities.service import new_id

PAYMENTS = 20_000
BATCH = 1_000
"""How many events are read at a time."""
FEW = 200
"""How many the library is given to store at a time: with a megabyte it can hang for ever."""


class Paid(DomainEvent):
    """The payment as the library has facts declared: with its originator, version and time."""

    facility_id: UUID
    payer_id: UUID
    currency: str
    entry: int
    line: int | None
    amount: Decimal
    paid_by: str
    method: str
    reference: str | None
    received_on: date
    balance_after: Decimal
    patient_balance_after: Decimal


class DateAsISO(Transcoding):
    """A day, which the library leaves to its users."""

    type, name = date, "date_iso"

    def encode(self, obj: date) -> str:
        return obj.isoformat()

    def decode(self, data: str) -> date:
        return date.fromisoformat(data)


def payments() -> list[ClaimPaid]:
    """Payments of different claims, amounts and days at some facilities."""
    dice = Random(1)
    places = [new_id() for _ in range(40)]
    return [
        replace(
            a_payment(new_id()),
            facility_id=dice.choice(places),
            amount=Decimal(dice.randint(100, 99_999)) / 100,
            received_on=date(2026, dice.randint(1, 12), dice.randint(1, 28)),
            reference=f"EFT {number:08}",
        )
        for number in range(PAYMENTS)
    ]


def the_library_s_mapper() -> Mapper[UUID]:
    transcoder = JSONTranscoder()
    for transcoding in (UUIDAsHex(), DecimalAsStr(), DatetimeAsISO(), DateAsISO()):
        transcoder.register(transcoding)
    return Mapper(transcoder)


def paid(fact: ClaimPaid, at: datetime) -> Paid:
    """The same payment, as the library's."""
    fields = {each: getattr(fact, each) for each in ClaimPaid.__dataclass_fields__}
    return Paid(originator_id=fields.pop("claim_id"), originator_version=1, timestamp=at, **fields)


def repeated(once: Callable[[], int], seconds: float) -> dict[str, float]:
    """Do it again and again for so long; how many events a second."""
    done, began = 0, time.perf_counter()
    while (elapsed := time.perf_counter() - began) < seconds:
        done += once()
    return {"per_second": done / elapsed, "us": elapsed / done * 1e6}


def by_ours(stored: list[tuple[str, int, bytes]]) -> int:
    for name, version, state in stored:
        decode(name, version, state)
    return len(stored)


def by_stock(mapper: Mapper[UUID], stored: Iterable[StoredEvent]) -> int:
    number = 0
    for each in stored:
        mapper.to_domain_event(each)
        number += 1
    return number


# --- from the database -------------------------------------------------------------------------


def followed(ledger: Ledger) -> int:
    """Read from the beginning as the one who follows does."""
    position, number = 0, 0
    while events := ledger.read(position, BATCH):
        position, number = events[-1].position, number + len(events)
    return number


def scanned(ledger: Ledger) -> int:
    return sum(len(events) for events in ledger.scan(0, ledger.head()))


def followed_by_stock(recorder: PostgresApplicationRecorder, mapper: Mapper[UUID]) -> int:
    position, number = 0, 0
    while events := recorder.select_notifications(position + 1, BATCH):
        by_stock(mapper, events)
        position, number = events[-1].id, number + len(events)
    return number


def bare(database: Database) -> int:
    """The same rows, fetched the quickest way and left as they are."""
    position, number = 0, 0
    query = f"SELECT {COLUMNS} FROM ledger.events WHERE position > %s ORDER BY position LIMIT %s"
    with database.pool(Role.APP).connection() as connection:
        while rows := connection.execute(query.encode(), [position, BATCH], binary=True).fetchall():
            position, number = rows[-1][3], number + len(rows)
    return number


@contextmanager
def stock_recorder(
    server: EmbeddedServer, database: Database
) -> Iterator[PostgresApplicationRecorder]:
    where = conninfo_to_dict(server.conninfo(database.name))
    with database.connect(role=None) as login:
        login.execute("CREATE SCHEMA stock")
    store = PostgresDatastore(
        dbname=database.name,
        host=str(where["host"]),
        port=str(where["port"]),
        user=str(where["user"]),
        password="",
        schema="stock",
    )
    recorder = PostgresApplicationRecorder(store)
    recorder.create_table()
    yield recorder
    store.close()


def append(ledger: Ledger, facts: list[ClaimPaid]) -> None:
    for begin in range(0, len(facts), BATCH):
        pending = []
        for fact in facts[begin : begin + BATCH]:
            command = new_id()
            by = Attribution(
                actor="bench", role="service", command_id=command, correlation_id=command
            )
            pending.append(Pending(fact.claim_id, 1, fact, by))
        ledger.append(pending)


def main() -> None:
    asked = arguments(__doc__, seconds=1.0).parse_args()
    facts, mapper = payments(), the_library_s_mapper()
    mine = [(each.name, each.schema_version, encode(each)) for each in facts]
    at = Paid.create_timestamp()
    theirs = [mapper.to_stored_event(paid(each, at)) for each in facts]
    with a_server() as server, a_database(server) as database:
        benchmark = Benchmark("decode", asked.rounds, version_of(database), vars(asked))
        benchmark.case(
            "a payment from its bytes",
            interleaved(
                {
                    "ours": partial(repeated, partial(by_ours, mine), asked.seconds),
                    "stock": partial(repeated, partial(by_stock, mapper, theirs), asked.seconds),
                },
                asked.rounds,
            ),
            Target("ours / stock", at_least=4),
        )
        with (
            stock_recorder(server, database) as recorder,
            Ledger(database.pool(Role.APP)) as ledger,
        ):
            append(ledger, facts)
            for begin in range(0, PAYMENTS, FEW):
                recorder.insert_events(theirs[begin : begin + FEW])
            with database.connect(role=None) as login:
                login.execute("VACUUM ANALYZE ledger.events")
            benchmark.case(
                "a payment from the database, with its envelope",
                interleaved(
                    {
                        "followed": partial(repeated, partial(followed, ledger), asked.seconds),
                        "scanned": partial(repeated, partial(scanned, ledger), asked.seconds),
                        "stock": partial(
                            repeated, partial(followed_by_stock, recorder, mapper), asked.seconds
                        ),
                        "bare rows": partial(repeated, partial(bare, database), asked.seconds),
                    },
                    asked.rounds,
                ),
                Target("followed / stock"),
                Target("scanned / stock"),
                Target("followed / bare rows"),
                Target("scanned / bare rows"),
            )
    benchmark.finish()


if __name__ == "__main__":
    main()
