"""How fast read models are folded again from the first event, and how much a second process helps.

Events are those that a model folds: the others of the ledger are not read. Lists are folded by
their Python folds, from stored bytes to rows in tables (without keys and indexes, whose making is
told apart). `current rows` leaves out the closed versions. The limit is PostgreSQL copying the
finished tables by itself.

    make bench BENCH=rebuild ARGS="--rounds 5 --events 200000"
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import psycopg

from benchmarks.ledgers import a_ledger
from benchmarks.measuring import Benchmark, Figures, Target, arguments, interleaved
from benchmarks.servers import a_database, a_server, version_of
from facilities.database import Database, Role
from facilities.ledger import Ledger
from projections import READ_MODELS
from projections.bulk import complete, copy_current
from projections.courses import lay_out
from projections.crew import Crew
from projections.folding import Whole
from projections.kernel import ReadModel
from projections.leadership import SESSION
from projections.shadow import begin, forget
from projections.tables import Tables
from web.bootstrap import Almoner

MODELS = ("claim_list", "claim_ledger", "stock_items", "receivables")
LISTS = MODELS[:3]

SLOW = (
    "Python takes nearly all of the time, in three like parts: reading and decoding an event, "
    "folding it into a row of up to 35 columns and telling whether it is another one, spelling the "
    "version that closed for COPY. Done already: rows kept in place over stretches, rows made by "
    "a function written for their type, columns spelled at once, no collection of cycles."
)

TWO = (
    "On two cores PostgreSQL, which reads for and writes from both, shares them with the processes."
)

Filled = Callable[[Tables], None]


def folding(
    connection: psycopg.Connection, model: ReadModel[Any], events: int, filled: Filled
) -> Figures:
    """Fill empty tables; events a second, with and without making the indexes."""
    target = begin(connection, model, "__check", bare=True)
    began = time.perf_counter()
    filled(target.tables)
    folded = time.perf_counter() - began
    complete(connection, target.tables, 1)
    indexed = time.perf_counter() - began
    forget(connection, target.name)
    return {"per_second": events / folded, "indexed_per_second": events / indexed}


def current_only(reader: Ledger, upto: int, connection: psycopg.Connection) -> Filled:
    """Fold in this process, and write no closed versions."""

    def filled(tables: Tables) -> None:
        whole, names = Whole(tables.model), [each.name for each in tables.model.handlers]
        gc.disable()
        try:
            for events in reader.scan(0, upto, names):
                whole.fold(events)
            with connection.transaction(), connection.cursor() as cursor:
                copy_current(cursor, tables, whole)
        finally:
            gc.enable()

    return filled


def copying(connection: psycopg.Connection, model: ReadModel[Any], events: int) -> Figures:
    """The limit: the finished tables written once more by PostgreSQL alone."""
    began = time.perf_counter()
    for suffix in ("", "_history"):
        connection.execute(
            f"CREATE TABLE models.copied{suffix} AS TABLE models.{model.name}{suffix}".encode()
        )
    taken = time.perf_counter() - began
    connection.execute("DROP TABLE models.copied, models.copied_history")
    return {"per_second": events / taken, "indexed_per_second": events / taken}


def run(database: Database, benchmark: Benchmark, events: int) -> None:
    a_ledger(database, events)
    connection = database.connect(Role.PROJECTOR)
    connection.execute(SESSION)
    lay_out(connection)
    models = {each.name: each for each in READ_MODELS}
    with Almoner.on(database) as almoner, almoner.crew(1) as one, almoner.crew(2) as two:
        with almoner.runner() as runner:
            runner.run_until(almoner.ledger.head(), timeout=3600)
        reader = Ledger(database.pool(Role.PROJECTOR))
        upto = reader.head()
        for name in MODELS:
            rebuilt(connection, reader, upto, models[name], one, two, benchmark)


def rebuilt(
    connection: psycopg.Connection,
    reader: Ledger,
    upto: int,
    model: ReadModel[Any],
    one: Crew,
    two: Crew,
    benchmark: Benchmark,
) -> None:
    """One model's case."""
    names = [each.name for each in model.handlers]
    count = sum(len(some) for some in reader.scan(0, upto, names))
    fold = partial(folding, connection, model, count)

    def by(crew: Crew) -> Filled:
        return lambda tables: crew.fill(tables, upto, lambda _position: None)

    for crew in (one, two):
        fold(by(crew))  # so that its processes are there
    turns = interleaved(
        {
            "one process": lambda: fold(by(one)),
            "two processes": lambda: fold(by(two)),
            "current rows": lambda: fold(current_only(reader, upto, connection)),
            "limit": lambda: copying(connection, model, count),
        },
        benchmark.rounds,
    )
    listed = model.name in LISTS
    benchmark.case(
        f"rebuild {model.name}",
        turns,
        Target("current rows", at_least=150_000 if listed else None, if_missed=SLOW),
        Target("one process", at_least=90_000 if listed else None, if_missed=SLOW),
        Target("two processes / one process", at_least=1.6, if_missed=TWO),
        Target("one process / limit"),
    )


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--events", type=int, help="events of the ledger")
    asked = parser.parse_args()
    events = asked.events or (1_000_000 if asked.full else 200_000)
    with a_server() as server, a_database(server) as database:
        benchmark = Benchmark(
            "rebuild", asked.rounds, version_of(database), {**vars(asked), "events": events}
        )
        run(database, benchmark, events)
    benchmark.finish()


if __name__ == "__main__":
    main()
