"""How fast a payer's file is posted: read, balanced, matched, every cent an event.

    make bench BENCH=x12 ARGS="--file path/to/835.edi"

An empty ledger on an embedded PostgreSQL in a temporary folder, with the durability of the real
thing; every claim of the file is looked for, as by `almoner import x12`, and opened as the payer
tells of it. `seconds` end when the last claim is acknowledged: it is in the ledger. `shown_seconds`
end when all read models have seen it too, folded afterwards by one runner.
"""

from __future__ import annotations

import resource
import time
import uuid
from functools import partial
from pathlib import Path

from benchmarks.measuring import Benchmark, Figures, Target, arguments, interleaved
from benchmarks.servers import a_database, a_server, version_of
from facilities.bulk import unhurried_collector
from facilities.embedded import EmbeddedServer
from facilities.exchange.x12.importing import import_x12
from facilities.scope import Actor
from facilities.scope import Role as ActingAs
from web.bootstrap import Almoner
from web.matching import ClaimFinder

BIG = Path("../shared/data/x12_sdk_generated/835.edi")
CLERK = Actor("mailroom", ActingAs.SERVICE)
PATIENCE = 600.0
"""Seconds that folding may take."""


def posted(server: EmbeddedServer, file: Path) -> Figures:
    """Post the file to a ledger of its own."""
    own = f"almoner_{uuid.uuid4().hex[:12]}"
    with a_database(server, own) as database:
        almoner = Almoner.on(database)
        with almoner.runner() as runner:
            runner.run_until(0, timeout=PATIENCE)
        find = ClaimFinder(database).find
        began = time.perf_counter()
        total = import_x12(
            [file], almoner.service, almoner.ledger, CLERK, open_unknown=True, find=find
        ).total
        seconds = time.perf_counter() - began
        mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        assert not total.quarantined
        with unhurried_collector(), almoner.runner() as runner:
            runner.run_until(almoner.ledger.head(), timeout=PATIENCE)
        return {
            "seconds": seconds,
            "shown_seconds": time.perf_counter() - began,
            "per_second": total.posted_claims / seconds,
            "claims": total.posted_claims,
            "events": total.events_appended,
            "mib": mib,
        }


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--file", default=str(BIG))
    asked = parser.parse_args()
    with a_server() as server:
        with a_database(server) as database:
            version = version_of(database)
        benchmark = Benchmark("x12", asked.rounds, version, vars(asked))
        turns = interleaved({"ours": partial(posted, server, Path(asked.file))}, asked.rounds)
        benchmark.case(
            "a payer's file posted to an empty ledger",
            turns,
            Target("ours", of="seconds", at_most=30.0),
            Target("ours", of="mib", at_most=400.0),
            Target("ours", of="per_second"),
            Target("ours", of="shown_seconds"),
        )
    benchmark.finish()


if __name__ == "__main__":
    main()
