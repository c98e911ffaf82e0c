"""How much of a bare endpoint's rate is left when requests go the whole way: token, scope, schema,
decision, append, answer; and for a list of a hundred claims, scope and row security.

The bare endpoints are Flask and psycopg and nothing else, under the same server with as many
workers and threads: an INSERT of one row like the ledger's, with its indexes; a SELECT of the same
page, as JSON text by one `row_to_json` or as rows that are encoded in Python.

    python -m benchmarks.http --rounds 5 --seconds 3 --events 1000000

Requests are sent by wrk (Debian: apt install wrk) over 16 connections. Nobody folds read models
meanwhile, but for the case that says so.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, cast
from uuid import UUID, uuid4

import flask
import msgspec
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server
from psycopg_pool import ConnectionPool

from benchmarks.append import a_payment
from benchmarks.ledgers import a_ledger
from benchmarks.measuring import Benchmark, Target, arguments, interleaved
from benchmarks.servers import a_database, a_server, superuser, version_of
from domain.revenue.drafting import DraftClaim
from facilities.bulk import settle
from facilities.codec import encode
from facilities.database import Database
from facilities.scope import Actor, Role
from facilities.service import Context
from projections.revenue import claim_list
from web.app import create_app
from web.bootstrap import Almoner

ROOT = Path(__file__).resolve().parents[1]
WORKERS, THREADS, CONNECTIONS = 2, 16, 16
CLAIMS = 1_000
A_DAY = date(2026, 1, 5)

INSERT = """INSERT INTO raw_events (stream_id, version, fact, fact_version, facility_id,
effective_at, recorded_at, actor, role, command_id, command_digest, correlation_id, state) VALUES
(%s, 1, 'claim.drafted', 1, %s, now(), now(), 'bench', 'service', %s, %s, %s, %s)
RETURNING position"""

CLAIM = {"patient_id": "7b8f6f2e-9f0a-4c1e-8d65-2c9d3d6c3f10", "service_on": "2026-01-05"}
CHARGE = {
    "procedure": {"system": "CPT", "value": "99213"},
    "unit_amount": "10.00",
    "service_on": "2026-01-05",
}

PAGE = (
    "PostgreSQL writes the page's JSON in either; ours writes money with its currency's places, "
    "checks the token, tells the position and is under row security. Runs gave 0.5 to 0.7."
)
POSTS = (
    "A bare INSERT is one round trip and 0.33 ms of Python. A command that creates is one as well, "
    "which its group shares, one that changes something is two; Python takes 0.6 and 0.8 ms: Flask "
    "and webargs a third, the schema, the decision and the fact's bytes a third, waiting for the "
    "interpreter the rest. Done already: token and facility are premises of the append, streams "
    "are kept in mind, what is asked goes straight to libpq."
)


# --- what is served ----------------------------------------------------------------------------


def ours() -> flask.Flask:
    """The application, in a worker."""
    database = Database(os.environ["ALMONER_BENCH_DATABASE"])
    database.open()
    application = create_app(Almoner.on(database).doors())
    settle()
    return application


def bare() -> flask.Flask:
    """What is left of it when everything is left out."""
    app = flask.Flask("bare")
    conninfo = os.environ["ALMONER_BENCH_DATABASE"]
    pool = ConnectionPool(conninfo, kwargs={"autocommit": True}, min_size=1, max_size=THREADS)
    app.extensions["pool"] = pool
    names = [each.name for each in claim_list.columns]
    told = [f"({each.name} * 0.01)::text AS {each.name}" if each.minor else each.name
            for each in claim_list.columns]  # fmt: skip
    rows = (
        f"SELECT {', '.join(told)} FROM models.claim_list WHERE facility_id = %s"
        " ORDER BY service_on DESC, claim_id DESC LIMIT 100"
    )
    text = f"SELECT string_agg(row_to_json(r)::text, ',') FROM ({rows}) AS r"
    state = encode(a_payment(uuid4()))

    @app.get("/rows/<uuid:facility_id>")
    def page_of_rows(facility_id: UUID) -> flask.Response:
        with pool.connection() as connection:
            found = connection.execute(rows.encode(), [facility_id]).fetchall()
        items = [dict(zip(names, each, strict=True)) for each in found]
        return flask.Response(msgspec.json.encode(items), mimetype="application/json")

    @app.get("/text/<uuid:facility_id>")
    def page_of_text(facility_id: UUID) -> flask.Response:
        with pool.connection() as connection:
            ((items,),) = connection.execute(text.encode(), [facility_id]).fetchall()
        return flask.Response(f'{{"items":[{items}]}}', mimetype="application/json")

    @app.post("/insert/<uuid:facility_id>")
    def insert(facility_id: UUID) -> tuple[flask.Response, int]:
        flask.request.get_json()
        command = uuid4()
        values = [uuid4(), facility_id, command, b"0" * 32, command, state]
        with pool.connection() as connection:
            ((position,),) = connection.execute(INSERT, values).fetchall()
        return flask.jsonify({"position": position}), 201

    return app


@contextmanager
def served(which: str, conninfo: str, module: str = "benchmarks.http") -> Iterator[str]:
    """One of the two under granian, in a process of its own; its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", module, "serve", which, str(port)],
        cwd=ROOT,
        env={**os.environ, "ALMONER_BENCH_DATABASE": conninfo},
    )
    try:
        url = f"http://127.0.0.1:{port}"
        while process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.05)
        yield url
    finally:
        process.terminate()
        process.wait(60)


def serve(which: str, port: int, module: str = "benchmarks.http") -> None:
    Server(
        f"{module}:{which}",
        address="127.0.0.1",
        port=port,
        interface=Interfaces.WSGI,
        workers=WORKERS,
        blocking_threads=THREADS,
        websockets=False,
        log_level=LogLevels.error,
        factory=True,
    ).serve()


# --- who asks ----------------------------------------------------------------------------------


class Wrk:
    """Sends one kind of request over 16 connections. With several paths, one after the other."""

    def __init__(
        self, url: str, paths: Sequence[str], seconds: float, token: str = "", body: Any = None
    ) -> None:
        self._url, self._seconds = url + paths[0], max(1, round(seconds))
        lines = [f'wrk.headers["Authorization"] = "Bearer {token}"'] if token else []
        if body is not None:
            lines += [
                'wrk.method = "POST"',
                'wrk.headers["Content-Type"] = "application/json"',
                f"wrk.body = [[{json.dumps(body)}]]",
            ]
        if len(paths) > 1:
            listed = ", ".join(f'"{each}"' for each in paths)
            lines += [
                f"local paths = {{{listed}}}",
                "local place = math.random(#paths)",
                "request = function() place = place % #paths + 1;"
                " return wrk.format(nil, paths[place]) end",
            ]
        self._script = "\n".join(lines) + "\n"

    def __call__(self) -> dict[str, float]:
        with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
            script.write(self._script)
            script.flush()
            told = subprocess.run(
                [
                    *("wrk", "-t1", f"-c{CONNECTIONS}", f"-d{self._seconds}s", "--latency"),
                    *("-s", script.name, self._url),
                ],
                capture_output=True,
                text=True,
                check=True,
            ).stdout
        if "Non-2xx" in told or "Requests/sec:" not in told:
            raise RuntimeError(f"not every request was answered well: {told}")
        return {
            "per_second": float(told.split("Requests/sec:")[1].split()[0]),
            **{f"p{percent}_ms": _latency(told, percent) for percent in (50, 99)},
        }


def _latency(told: str, percent: int) -> float:
    found = re.search(rf"^\s+{percent}%\s+([0-9.]+)(us|ms|s)\s*$", told, re.MULTILINE)
    assert found is not None, told
    return float(found[1]) * {"us": 0.001, "ms": 1.0, "s": 1000.0}[found[2]]


# --- the cases ---------------------------------------------------------------------------------


def run(events: int, rounds: int, seconds: float) -> None:
    """Fill a ledger, serve both, let them take turns."""
    with a_server() as server, a_database(server) as database:
        a_ledger(database, events)
        almoner = Almoner.on(database)
        with almoner.runner() as runner:
            runner.run_until(almoner.ledger.head(), timeout=3600)
        with superuser(server) as operator:
            operator.execute("CREATE TABLE raw_events (LIKE ledger.events INCLUDING ALL)")
            operator.execute("GRANT INSERT, SELECT ON raw_events TO PUBLIC")
            operator.execute("GRANT SELECT ON ALL TABLES IN SCHEMA models TO PUBLIC")
            operator.execute("VACUUM (ANALYZE)")
            facility_id = busiest(operator)
        claims = _drafted(almoner, facility_id)
        _, token = almoner.tokens.create("bench", Role.FACILITY_MANAGER, [facility_id])
        benchmark = Benchmark(
            "http",
            rounds=rounds,
            postgresql=version_of(database),
            asked={"events": events, "seconds": seconds, "connections": CONNECTIONS},
        )
        conninfo = server.conninfo("almoner")
        with (
            served("ours", conninfo) as mine,
            served("bare", server.conninfo("almoner", role="postgres")) as theirs,
        ):
            facility = f"/api/v1/facilities/{facility_id}"
            listed = [f"{facility}/claims?limit=100"]
            charged = [f"/api/v1/claims/{each}/charges" for each in claims]
            insert = Wrk(theirs, [f"/insert/{facility_id}"], seconds, body=CLAIM)
            page = Wrk(mine, listed, seconds, token)
            created = Wrk(mine, [f"{facility}/claims"], seconds, token, CLAIM)
            charge = Wrk(mine, charged, seconds, token, CHARGE)
            text = Wrk(theirs, [f"/text/{facility_id}"], seconds)
            rows = Wrk(theirs, [f"/rows/{facility_id}"], seconds)
            for each in (insert, page, created, charge, text, rows):
                each()
            benchmark.case(
                "a list page of 100",
                interleaved({"ours": page, "one SELECT": text, "rows": rows}, rounds),
                Target("ours / one SELECT", at_least=0.6, if_missed=PAGE),
                Target("ours / rows", at_least=0.6),
                Target("ours", of="p99_ms"),
            )
            benchmark.case(
                "POST that creates, POST that loads and decides",
                interleaved({"creates": created, "decides": charge, "INSERT": insert}, rounds),
                Target("creates / INSERT", at_least=0.65, if_missed=POSTS),
                Target("decides / INSERT", at_least=0.55, if_missed=POSTS),
                Target("creates", of="p99_ms"),
            )
            with _followed(almoner):
                benchmark.case(
                    "the same while read models are folded",
                    interleaved({"creates": created, "INSERT": insert}, rounds),
                    Target("creates / INSERT"),
                )
        almoner.close()
        benchmark.finish()


def busiest(operator: Any) -> UUID:
    """The facility with the most claims."""
    ((facility_id,),) = operator.execute(
        "SELECT facility_id FROM models.claim_list GROUP BY 1 ORDER BY count(*) DESC LIMIT 1"
    ).fetchall()
    return cast(UUID, facility_id)


def _drafted(almoner: Almoner, facility_id: UUID) -> list[UUID]:
    """New claims of a facility, so many that no two of those who charge one meet at it."""
    claims = [uuid4() for _ in range(CLAIMS)]
    by = Context(actor=Actor("bench", Role.SERVICE))
    drafts = [
        DraftClaim(claim_id=each, facility_id=facility_id, patient_id=uuid4(), service_on=A_DAY)
        for each in claims
    ]
    almoner.service.execute_all([(each, replace(by, command_id=uuid4())) for each in drafts])
    return claims


@contextmanager
def _followed(almoner: Almoner) -> Iterator[None]:
    """The runner follows meanwhile, in a thread of this process."""
    stop = threading.Event()
    runner = threading.Thread(target=almoner.runner().run_forever, args=[stop])
    runner.start()
    try:
        yield
    finally:
        stop.set()
        runner.join()


def main() -> None:
    if sys.argv[1:2] == ["serve"]:
        serve(sys.argv[2], int(sys.argv[3]))
        return
    if shutil.which("wrk") is None:
        raise SystemExit("Requests are sent by wrk; install it first (Debian: apt install wrk).")
    parser = arguments(__doc__)
    parser.add_argument("--events", type=int, default=None, help="how long the ledger is")
    asked = parser.parse_args()
    run(asked.events or 1_000_000, asked.rounds, asked.seconds)


if __name__ == "__main__":
    main()
