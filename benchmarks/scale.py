"""What grows with the ledger and what must not: the same work on ledgers of several sizes.

Each size has a database of its own on one server, filled with one year of the same health system
told in that many events, with a list (every version kept) and a summary folded from it. The sizes
then take turns at everything, so that all of them see the same machine: what matters is the ratio
of one size to the next smaller one. Storage and the folding of the whole ledger are told once.

    python -m benchmarks.scale --sizes 100000,1000000
    python -m benchmarks.scale --full          # 0.1, 1 and 10 million events: minutes, 20 GB
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from itertools import pairwise
from typing import Any
from uuid import UUID

import domain.revenue.claim
import domain.supply.stock_item  # noqa: F401 - what folds these streams is declared there
from benchmarks.chance import FIRST_DAY, Chance
from benchmarks.claims import Claims
from benchmarks.ledgers import a_ledger
from benchmarks.measuring import (
    Benchmark,
    Figures,
    Target,
    Turns,
    arguments,
    by_writers,
    interleaved,
    latencies,
    timed,
)
from benchmarks.servers import a_database, a_server, superuser, version_of
from domain.revenue.events.claim import ClaimDrafted
from facilities.database import Database, Role
from facilities.embedded import EmbeddedServer
from facilities.envelope import Attribution
from facilities.ledger import Ledger, Pending
from facilities.service import new_id
from facilities.states import States
from projections.kernel import ReadModel
from projections.queries import checkpoint, page, total
from projections.revenue.claims import claim_list
from projections.runner import Runner
from projections.scorecards import facility_scorecard

WRITERS = 16
LOOKS = 100
"""How often a query is asked in one turn."""

AT_MOST = 1.3
"""How much worse ten times the ledger may do."""

UNBOUNDED = "the position of an instant"
"""It looks at what was recorded within two minutes, and a benchmark's ledger is filled in that."""

WHY = {
    "a page as of a position": "The claims that were under way then and have changed since are "
    "passed; in the same time span ten times the ledger has ten times as many at a facility.",
    "an event of the longest stream, from its beginning": "A stock item keeps every lot it ever "
    "had in its state, and each event makes a new one.",
}
"""What is known of those that do worse."""

MODELS = (claim_list, facility_scorecard)

NOBODY = UUID(int=0)


@dataclass(slots=True)
class Size:
    """A database with so many events, and whatever of it is asked for again and again."""

    events: int
    database: Database
    ledger: Ledger
    dice: random.Random = field(default_factory=lambda: random.Random(1))
    facilities: list[UUID] = field(default_factory=list)
    claims: list[UUID] = field(default_factory=list)
    longest: UUID = NOBODY
    length: int = 0

    @property
    def name(self) -> str:
        return f"{self.events / 1_000_000:g} M"

    def facility(self) -> UUID:
        return self.dice.choice(self.facilities)

    def past(self) -> int:
        """A position in the first nine tenths of the ledger."""
        return self.dice.randrange(self.events // 10, self.events * 9 // 10)


def prepared(server: EmbeddedServer, events: int, database: Database) -> tuple[Size, Figures]:
    """Fill a database and fold its models. Returns what the filling and the folding came to."""
    began = time.perf_counter()
    a_ledger(database, events)
    filled = time.perf_counter() - began
    size = Size(events, database, Ledger(database.pool(Role.APP, WRITERS)))
    folded = [built(size, [claim_list]), built(size, MODELS)]
    look_over(server, size)
    rates = {
        "filled_per_second": events / filled,
        "list_folded_per_second": events / folded[0],
        "summary_folded_per_second": events / folded[1],
    }
    return size, rates


def look_over(server: EmbeddedServer, size: Size) -> None:
    """Tidy up after the filling, and find what is going to be asked for."""
    with superuser(server, size.database.name) as operator:
        operator.execute("VACUUM (ANALYZE)")
        operator.execute("CHECKPOINT")
        size.facilities = [
            each
            for (each,) in operator.execute(
                "SELECT stream_id FROM ledger.events WHERE fact = 'facility.opened'"
                " AND position < 20000"
            )
        ]
        # Some hundred claims from all over the ledger, and the stream that is the longest.
        size.claims = [
            each
            for (each,) in operator.execute(
                "SELECT stream_id FROM ledger.events WHERE fact = 'claim.drafted'"
                " AND position = ANY(SELECT ceil(random() * %s)::bigint"
                " FROM generate_series(1, 2000))",
                [size.events],
            )
        ]
        ((size.longest, size.length),) = operator.execute(
            "SELECT stream_id, max(version) FROM ledger.events WHERE fact LIKE 'stock_item.%'"
            " GROUP BY stream_id ORDER BY 2 DESC, 1 LIMIT 1"
        )


def built(size: Size, models: Sequence[ReadModel[Any]]) -> float:
    """Seconds it takes to build the last of the models, as if the program declared it anew: beside
    what there is of it, from the first event on, and swapped."""
    with follower(size.database, models) as runner:
        runner.run_once()
    with size.database.connect(Role.PROJECTOR) as projector:
        projector.execute(
            "UPDATE models.checkpoints SET fingerprint = '' WHERE model = %s", [models[-1].name]
        )
    began = time.perf_counter()
    with follower(size.database, models) as runner:
        runner.run_until(size.ledger.head(), timeout=3_600)
    return time.perf_counter() - began


def follower(database: Database, models: Sequence[ReadModel[Any]] = MODELS) -> Runner:
    """A runner of the models."""
    return Runner(
        lambda: database.connect(Role.PROJECTOR), Ledger(database.pool(Role.PROJECTOR)), models
    )


# --- what is measured --------------------------------------------------------------------------


def a_draft(size: Size) -> ClaimDrafted:
    """A claim that is begun today."""
    facility_id = size.facility()
    story = Claims(
        Chance(str(size.dice.random()), 1), [(facility_id, new_id())], [new_id()], [new_id()]
    )
    _stream, fact = next(story.one())
    assert isinstance(fact, ClaimDrafted)
    return fact


def appended(size: Size, seconds: float) -> dict[str, float]:
    """One event an append, by sixteen threads."""
    draft = a_draft(size)

    def append() -> None:
        stream_id, command_id = new_id(), new_id()
        by = Attribution(
            actor="bench",
            role="service",
            command_id=command_id,
            correlation_id=command_id,
            digest=b"0" * 32,
        )
        size.ledger.append([Pending(stream_id, 1, replace(draft, claim_id=stream_id), by)])

    return by_writers(append, WRITERS, seconds)


def seen(size: Size, times: int = 30) -> dict[str, float]:
    """From an append that is acknowledged to its row in the list."""
    stop, waited = threading.Event(), []
    ledger = Ledger(size.database.pool(Role.APP), lambda: size.database.connect(Role.APP))
    with follower(size.database) as runner:
        runner.run_until(ledger.head(), timeout=600)
        thread = threading.Thread(target=runner.run_forever, args=(stop,))
        thread.start()
        try:
            with size.database.connect(Role.APP) as reader:
                for number in range(times + 5):
                    draft, command_id = a_draft(size), new_id()
                    by = Attribution(
                        actor="bench", role="service", command_id=command_id,
                        correlation_id=command_id, digest=b"0" * 32,
                    )  # fmt: skip
                    stream_id = new_id()
                    (position,) = ledger.append(
                        [Pending(stream_id, 1, replace(draft, claim_id=stream_id), by)]
                    )
                    began = time.perf_counter()
                    while checkpoint(reader, claim_list) < position:
                        time.sleep(0.0002)
                    if number >= 5:  # the first ones find a runner that has just begun
                        waited.append(time.perf_counter() - began)
                    time.sleep(0.02)
        finally:
            stop.set()
            thread.join()
    ledger.close()
    return latencies(waited)


def asked(size: Size, query: Callable[[Any, Size], object], times: int = LOOKS) -> dict[str, float]:
    """A query asked again and again on one connection, of different facilities and times."""
    with size.database.connect(Role.APP) as connection:
        ready = partial(query, connection, size)
        ready()
        return timed(ready, times)


def live_page(connection: Any, size: Size) -> object:
    """A page of a facility's claims from some day of the year back."""
    day = FIRST_DAY + timedelta(days=size.dice.randrange(30, 365))
    asked_for = {"service_on_to": day.isoformat()}
    found = page(connection, claim_list, scope=[size.facility()], filters=asked_for)
    assert found.rows
    return found


def past_page(connection: Any, size: Size) -> object:
    """A page of a facility's claims as it was at some position."""
    found = page(connection, claim_list, scope=[size.facility()], as_of=size.past())
    assert found.rows
    return found


def scorecard(connection: Any, size: Size) -> object:
    """A few facilities in one line, now."""
    return total(connection, facility_scorecard, scope=size.dice.sample(size.facilities, 5))


def past_scorecard(connection: Any, size: Size) -> object:
    """The whole system in one line, at some position."""
    return total(connection, facility_scorecard, scope=None, as_of=size.past(), ledger=size.ledger)


def position_at(connection: Any, size: Size) -> object:
    """The position an instant of the past stands for."""
    ((instant,),) = connection.execute(
        "SELECT recorded_at FROM ledger.events WHERE position = %s", [size.past()]
    )
    return size.ledger.position_at(instant)


def loaded(size: Size) -> dict[str, float]:
    """A claim's stream, folded from its beginning."""
    states = States(size.ledger, room=0)
    return timed(lambda: states.load([size.dice.choice(size.claims)]), LOOKS)


def longest_loaded(size: Size, room: int) -> dict[str, float]:
    """The longest stream, from its beginning; with `room`, kept in mind and brought up to date."""
    states = States(size.ledger, room=room)
    if room:
        states.load([size.longest])
    figures = timed(lambda: states.load([size.longest]), LOOKS if room else 3)
    return {**figures, "events": size.length, "us_an_event": figures["p50_ms"] * 1000 / size.length}


def stored(server: EmbeddedServer, size: Size) -> dict[str, float]:
    """Bytes an event, of the ledger and of what is folded from it, tables and indexes."""
    with superuser(server, size.database.name) as operator:
        rows = operator.execute(
            "SELECT nspname || '.' || relname, pg_relation_size(c.oid)"
            " + CASE WHEN reltoastrelid > 0 THEN pg_total_relation_size(reltoastrelid) ELSE 0 END"
            " FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace"
            " WHERE relkind IN ('r', 'i') AND nspname IN ('ledger', 'models')"
        ).fetchall()
        ((events,),) = operator.execute("SELECT count(*) FROM ledger.events")
    found = {name: bytes / events for name, bytes in rows if bytes / events >= 0.05}
    ledger = sum(each for name, each in found.items() if name.startswith("ledger."))
    return {**found, "ledger": ledger, "all": sum(found.values())}


# --- the whole ---------------------------------------------------------------------------------


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--sizes", help="events, comma separated")
    told = parser.parse_args()
    sizes = [int(each) for each in (told.sizes or "").split(",") if each] or (
        [100_000, 1_000_000, 10_000_000] if told.full else [100_000, 1_000_000]
    )
    with ExitStack() as stack:
        server = stack.enter_context(a_server())
        benchmark = Benchmark("scale", told.rounds, asked={**vars(told), "sizes": sizes})
        ready = []
        for events in sizes:
            database = stack.enter_context(a_database(server, f"almoner_{events}"))
            benchmark.postgresql = version_of(database)
            size, rates = prepared(server, events, database)
            ready.append(size)
            print(size.name, {name: round(each) for name, each in rates.items()}, flush=True)
            benchmark.case(
                f"folding {size.name} events from the first",
                Turns({"ours": [rates]}),
                Target("ours", of="list_folded_per_second"),
                Target("ours", of="summary_folded_per_second"),
            )
            sizes_of = stored(server, size)
            benchmark.case(
                f"bytes an event, {size.name} events",
                Turns({"ours": [sizes_of]}),
                Target("ours", of="ledger"),
                Target("ours", of="all"),
            )
        compare(benchmark, ready, told.rounds, told.seconds)
    benchmark.finish()


def compare(benchmark: Benchmark, sizes: list[Size], rounds: int, seconds: float) -> None:
    """Let the sizes take turns at everything."""
    works: dict[str, tuple[str, Callable[[Size], Figures]]] = {
        "a live page of 100 rows": ("p50_ms", lambda each: asked(each, live_page)),
        "a page as of a position": ("p50_ms", lambda each: asked(each, past_page)),
        "a scorecard": ("p50_ms", lambda each: asked(each, scorecard)),
        "the system's scorecard as of a position": (
            *("p50_ms", lambda each: asked(each, past_scorecard)),
        ),
        UNBOUNDED: ("p50_ms", lambda each: asked(each, position_at, times=5)),
        "a claim loaded": ("p50_ms", loaded),
        "the longest stream, kept in mind": ("p50_ms", lambda each: longest_loaded(each, 1)),
        "an event of the longest stream, from its beginning": (
            *("us_an_event", lambda each: longest_loaded(each, 0)),
        ),
        "commit to visible": ("p50_ms", seen),
        "one event appended, 16 writers": ("per_second", lambda each: appended(each, seconds)),
    }
    for name, (of, work) in works.items():
        turns = interleaved({each.name: partial(work, each) for each in sizes}, rounds)
        targets, why = [], WHY.get(name, "")
        for smaller, larger in pairwise(sizes):
            ratio = f"{larger.name} / {smaller.name}"
            bound = larger is sizes[-1] and name != UNBOUNDED
            if of == "per_second":
                least = 1 / AT_MOST if bound else None
                targets.append(Target(ratio, at_least=least, if_missed=why))
            else:
                most = AT_MOST if bound else None
                targets.append(Target(ratio, of=of, at_most=most, if_missed=why))
        benchmark.case(name, turns, *targets)
        print(name, {each.name: turns.spread(each.name, of).median for each in sizes}, flush=True)


if __name__ == "__main__":
    main()
