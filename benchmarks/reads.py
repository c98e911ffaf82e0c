"""What it costs to put reads on record: pages of a list with the log of reads, and without.

    python -m benchmarks.reads [--rounds N] [--seconds S] [--events N]

Both are the same program under granian, on the same database; one has no folder to write reads to.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from pathlib import Path
from urllib.request import Request, urlopen

import flask

from benchmarks.http import CONNECTIONS, Wrk, busiest, serve, served
from benchmarks.ledgers import a_ledger
from benchmarks.measuring import Benchmark, Target, arguments, interleaved
from benchmarks.servers import a_database, a_server, superuser, version_of
from facilities.bulk import settle
from facilities.database import Database
from facilities.database import Role as DatabaseRole
from facilities.privacy.keyring import Keyring
from facilities.privacy.masters import MasterSettings
from facilities.scope import Role
from web.app import create_app
from web.bootstrap import Almoner

MASTERS = MasterSettings(text="YWxtb25lciBiZW5jaCBhbG1vbmVyIGJlbmNoIGFsbSE=")

PAGES = 100
"""How many pages are walked through, where there are so many."""

MISSED = (
    "The log takes some 7 % of a page and 10 % of one claim, which is at the edge: half of it "
    "before the answer leaves (it is sealed and written to the journal), the rest where the thread "
    "takes reads in and PostgreSQL stores them. Rounds differ by as much again."
)


def with_log() -> flask.Flask:
    """The application as it is served."""
    return _application(Path(os.environ["ALMONER_BENCH_JOURNALS"]))


def without() -> flask.Flask:
    """The same, and nobody writes down what is read."""
    return _application(None)


def _application(journals: Path | None) -> flask.Flask:
    database = Database(os.environ["ALMONER_BENCH_DATABASE"])
    database.open()
    application = create_app(Almoner.on(database, masters=MASTERS, journals=journals).doors())
    settle()
    return application


def run(events: int, rounds: int, seconds: float) -> None:
    """Fill a ledger, give every patient a key, serve both, let them take turns."""
    with (
        a_server() as server,
        a_database(server) as database,
        tempfile.TemporaryDirectory() as folder,
    ):
        os.environ["ALMONER_BENCH_JOURNALS"] = folder
        a_ledger(database, events)
        almoner = Almoner.on(database, masters=MASTERS)
        with almoner.runner() as runner:
            runner.run_until(almoner.ledger.head(), timeout=3600)
        with superuser(server) as operator:
            operator.execute("VACUUM (ANALYZE)")
            facility_id = busiest(operator)
            claims = operator.execute(
                "SELECT claim_id FROM models.claim_list WHERE facility_id = %s LIMIT 500",
                [facility_id],
            ).fetchall()
            patients = operator.execute("SELECT DISTINCT patient_id FROM models.claim_list")
            persons = [each for (each,) in patients.fetchall()]
        keyring = Keyring(database.pool(DatabaseRole.APP), MASTERS.masters)
        for first in range(0, len(persons), 1_000):
            keyring.of(persons[first : first + 1_000])
        _, token = almoner.tokens.create("bench", Role.FACILITY_MANAGER, [facility_id])
        benchmark = Benchmark(
            "reads",
            rounds=rounds,
            postgresql=version_of(database),
            asked={"events": events, "seconds": seconds, "connections": CONNECTIONS},
        )
        conninfo = server.conninfo("almoner")
        with (
            served("with_log", conninfo, "benchmarks.reads") as logged,
            served("without", conninfo, "benchmarks.reads") as plain,
        ):
            page = f"/api/v1/facilities/{facility_id}/claims?limit=100"
            rows = [f"/api/v1/claims/{each}" for (each,) in claims]
            for case, paths in (
                ("a list page of 100", [page]),
                ("page after page of 100", _pages(plain, page, token)),
                ("one claim", rows),
            ):
                contenders = {
                    "with the log": Wrk(logged, paths, seconds, token),
                    "without": Wrk(plain, paths, seconds, token),
                }
                for each in contenders.values():
                    each()
                benchmark.case(
                    case,
                    interleaved(contenders, rounds),
                    Target("with the log / without", at_least=0.9, if_missed=MISSED),
                    Target("with the log / without", of="p50_ms", at_most=1.1, if_missed=MISSED),
                )
        almoner.close()
        benchmark.finish()


def _pages(url: str, page: str, token: str) -> list[str]:
    """The addresses of a list's pages, so that hardly ever the same persons are seen twice."""
    paths = [page]
    while len(paths) < PAGES:
        asked = Request(url + paths[-1], headers={"Authorization": f"Bearer {token}"})
        with urlopen(asked) as answer:
            following = json.load(answer)["next"]
        if following is None:
            break
        paths.append(following)
    return paths


def main() -> None:
    if sys.argv[1:2] == ["serve"]:
        serve(sys.argv[2], int(sys.argv[3]), "benchmarks.reads")
        return
    if shutil.which("wrk") is None:
        raise SystemExit("Requests are sent by wrk; install it first (Debian: apt install wrk).")
    parser = arguments(__doc__)
    parser.add_argument("--events", type=int, default=None, help="how long the ledger is")
    asked = parser.parse_args()
    run(asked.events or (1_000_000 if asked.full else 100_000), asked.rounds, asked.seconds)


if __name__ == "__main__":
    main()
