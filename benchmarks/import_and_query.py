"""How fast it is here: events recorded, read models folded, requests answered.

    python -m benchmarks.import_and_query --facilities 12 --days 60 --clients 8 --seconds 10

Everything runs on an embedded PostgreSQL in a temporary folder, with the durability of the real
thing, through the same commands an operator types. Figures depend on the machine and on what else
it does: compare runs made side by side, never with figures from elsewhere.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from benchmarks.measuring import Benchmark, Figures, Target, Turns, arguments
from benchmarks.servers import version_of
from facilities.database import Database

ROOT = Path(__file__).resolve().parents[1]
ALMONER = [sys.executable, "-m", "web.cli"]


def almoner(env: dict[str, str], *arguments: str) -> dict[str, Any]:
    """What a command answers."""
    done = subprocess.run(
        [*ALMONER, *arguments, "--json"],
        env=env,
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def timed(run: Callable[[], dict[str, Any]]) -> tuple[dict[str, Any], float]:
    began = time.perf_counter()
    return run(), time.perf_counter() - began


def hammered(
    url: str, token: str, clients: int, seconds: float, request: Callable[[], tuple[str, str, str]]
) -> dict[str, float]:
    """Send requests from so many clients for so long; requests a second and latencies in ms."""
    latencies: list[float] = []
    failed: list[int] = []
    deadline = time.perf_counter() + seconds

    def client() -> None:
        connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        while (began := time.perf_counter()) < deadline:
            method, path, body = request()
            connection.request(method, path, body or None, headers)
            response = connection.getresponse()
            response.read()
            latencies.append((time.perf_counter() - began) * 1000)
            if response.status >= 300:
                failed.append(response.status)
        connection.close()

    threads = [threading.Thread(target=client) for _ in range(clients)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    cuts = statistics.quantiles(latencies, n=20)
    return {
        "per_second": len(latencies) / seconds,
        "p50_ms": cuts[9],
        "p95_ms": cuts[18],
        "failed": len(failed),
    }


def measure(env: dict[str, str], asked: argparse.Namespace) -> dict[str, Figures]:
    """All figures, by case, in the order they come about."""
    almoner(env, "migrate")
    options = ["--facilities", str(asked.facilities), "--days", str(asked.days)]
    simulated, seconds = timed(lambda: almoner(env, "simulate", *options, "--seed", "1"))
    events = simulated["facts_recorded"]
    rebuilt = almoner(env, "projections", "rebuild")["models"]
    found: dict[str, Figures] = {
        "recorded by commands and folded": {"per_second": events / seconds, "events": events}
    }
    for each in rebuilt:
        name = f"{each['name']} rebuilt and compared"
        found[name] = {"per_second": each["events"] / max(each["seconds"], 0.001)}
    token = almoner(env, "token", "create", "--role", "system_administrator", "--actor", "bench")
    server = subprocess.Popen(
        [*ALMONER, "serve", "--port", "0", "--log-level", "error"],
        env=env,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert server.stdout is not None
        url = server.stdout.readline().split()[1]
        opening = {"kind": "clinic", "zone": "America/New_York", "opened_on": "2026-01-01"}
        half = f"as_of={events // 2}"
        for name, request in {
            "list of claims": lambda: ("GET", "/api/v1/system/claims?limit=100", ""),
            "list of claims in the past": lambda: (
                *("GET", f"/api/v1/system/claims?limit=100&{half}", ""),
            ),
            "scorecard": lambda: ("GET", "/api/v1/system/scorecard", ""),
            "facility opened": lambda: (
                "POST",
                "/api/v1/facilities",
                json.dumps({**opening, "legal_name": f"Clinic {uuid.uuid4()}"}),
            ),
        }.items():
            found[name] = hammered(url, token["token"], asked.clients, asked.seconds, request)
    finally:
        server.terminate()
        server.wait(60)
    return found


def main() -> None:
    """Measure once: nothing is compared here."""
    parser = arguments(__doc__, seconds=5.0)
    parser.add_argument("--facilities", type=int, default=6)
    parser.add_argument("--days", type=int, default=45)
    parser.add_argument("--clients", type=int, default=8)
    asked = parser.parse_args()
    home = Path(tempfile.mkdtemp(prefix="almoner-bench-"))
    home.chmod(0o711)
    kept = {name: each for name, each in os.environ.items() if name != "ALMONER_DATABASE_URL"}
    env = {**kept, "ALMONER_HOME": str(home)}
    try:
        found = measure(env, asked)
        with Database.from_environment(env) as database:
            postgresql = version_of(database)
    finally:
        subprocess.run([*ALMONER, "stop"], env=env, cwd=ROOT, check=True, capture_output=True)
        shutil.rmtree(home)
    benchmark = Benchmark("import_and_query", 1, postgresql, vars(asked))
    for name, figures in found.items():
        told = [each for each in ("per_second", "p50_ms", "p95_ms") if each in figures]
        targets = [Target("ours", of=each) for each in told]
        benchmark.case(name, Turns({"ours": [figures]}), *targets)
    benchmark.finish()


if __name__ == "__main__":
    main()
