"""What looking back costs: pages of lists and figures of summaries as of positions spread over the
whole ledger, beside the same ones as they are now; and what the past takes on disk.

    make bench BENCH=time_travel ARGS="--rounds 5 --events 200000"
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import partial
from random import Random
from typing import Any
from uuid import UUID

from benchmarks.ledgers import a_ledger
from benchmarks.measuring import Benchmark, Figures, Target, arguments, interleaved, latencies
from benchmarks.servers import a_database, a_server, superuser, version_of
from facilities.bulk import settle
from facilities.database import Database, Role
from facilities.ledger import Ledger
from projections import READ_MODELS
from projections.kernel import Summary
from projections.queries import page, total
from projections.revenue import claim_ledger, claim_list, payments_by_method, receivables
from projections.scorecards import facility_scorecard
from web.bootstrap import Almoner

LOOKS = 300

Look = Callable[[int | None], object]
"""Asks once: as of a position, or now."""

FEW = (
    "Rows that have changed since are looked up one by one, and what has come to the facility "
    "within a block of positions (projections/reach.py) is passed. A list whose rows leave is "
    "walked twice: where it then had fewer rows than a page has, all closed versions are passed."
)
MANY = (
    "Half are the block's events, up to 200 (50 of receivables), which are read, decoded and "
    "folded in Python. The rest is a row for each facility and payer as of the block's start: most "
    "are read as they closed soon after it, those that changed later are looked up one by one."
)


def looking(look: Look, positions: list[int | None]) -> Figures:
    """How long one look takes, over many positions."""
    taken = []
    for position in positions:
        began = time.perf_counter()
        look(position)
        taken.append(time.perf_counter() - began)
    return {"per_second": len(taken) / sum(taken), **latencies(taken)}


def pages(connection: Any, here: UUID, payer: UUID) -> Mapping[str, Look]:
    """Pages of a hundred rows, as desks ask for them."""

    def of(model: Any, **filters: Any) -> Look:
        return lambda as_of: page(connection, model, scope=[here], filters=filters, as_of=as_of)

    dollars = {"currency": "USD", "balance_from": "50.00"}
    return {
        "claims of a facility, by day": of(claim_list),
        "claims of a facility, by amount": of(claim_list, **dollars),
        "worklist: claims that are submitted": of(claim_list, status="submitted"),
        "claims of a facility on a payer": of(claim_list, payer_id=payer),
        "claim entries of a facility, by key": of(claim_ledger),
    }


def figures(connection: Any, ledger: Ledger, here: UUID) -> Mapping[str, Look]:
    """Summaries, of the whole system and of one facility."""

    def of(summary: Summary[Any], scope: list[UUID] | None) -> Look:
        return lambda as_of: total(
            connection, summary, scope=scope, by=summary.groups, as_of=as_of, ledger=ledger
        )

    return {
        "the system's scorecard": of(facility_scorecard, None),
        "a facility's scorecard": of(facility_scorecard, [here]),
        "the system's receivables by payer": of(receivables, None),
        "a facility's receivables by payer": of(receivables, [here]),
        "the system's payments by method": of(payments_by_method, None),
    }


def sizes(server: Any, events: int) -> dict[str, float]:
    """Bytes of the past for each event of the ledger, indexes included, by model."""
    with superuser(server) as connection:
        return {
            model.name: connection.execute(
                "SELECT pg_total_relation_size(%s::regclass)", [f"models.{model.name}_history"]
            ).fetchall()[0][0]
            / events
            for model in READ_MODELS
        }


def run(database: Database, benchmark: Benchmark, events: int, cases: str) -> None:
    a_ledger(database, events)
    with Almoner.on(database) as almoner, almoner.runner() as runner:
        head = almoner.ledger.head()
        runner.run_until(head, timeout=3600)
        random = Random(1)
        then: list[int | None] = [random.randrange(1, head) for _ in range(LOOKS)]
        now: list[int | None] = [None] * LOOKS
        settle()  # as who serves
        with database.connect(Role.APP) as connection:
            (claim, *_rest) = page(connection, claim_list, scope=None, limit=1).rows
            place = {name: number for number, name in enumerate(claim_list.column)}
            here, payer = claim[place["facility_id"]], claim[place["payer_id"]]
            for asked, most, looks, missed in (
                ("as of / live", 2.5, pages(connection, here, payer), FEW),
                ("as of", 10.0, figures(connection, almoner.ledger, here), MANY),
            ):
                for name, look in looks.items():
                    if cases not in name:
                        continue
                    turns = interleaved(
                        {
                            "as of": partial(looking, look, then),
                            "live": partial(looking, look, now),
                        },
                        benchmark.rounds,
                    )
                    target = Target(asked, of="p95_ms", at_most=most, if_missed=missed)
                    benchmark.case(name, turns, target)


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--events", type=int, help="events of the ledger")
    parser.add_argument("--cases", default="", help="only those whose name has this in it")
    asked = parser.parse_args()
    events = asked.events or 1_000_000
    with a_server() as server, a_database(server) as database:
        benchmark = Benchmark(
            "time_travel", asked.rounds, version_of(database), {**vars(asked), "events": events}
        )
        run(database, benchmark, events, asked.cases)
        past = sizes(server, events)
    benchmark.finish()
    for name, size in past.items():
        print(f"the past of {name}: {size:.1f} bytes for each event of the ledger")


if __name__ == "__main__":
    main()
