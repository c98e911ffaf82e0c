"""How fast it is here: events recorded, read models folded, requests answered.

    make bench BENCH=import_and_query ARGS="--facilities 12 --days 60 --clients 8 --seconds 10"

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
) -> dict[str, Any]:
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
        "per_second": round(len(latencies) / seconds),
        "p50_ms": round(cuts[9], 2),
        "p95_ms": round(cuts[18], 2),
        "failed": len(failed),
    }


def measure(env: dict[str, str], asked: argparse.Namespace) -> dict[str, Any]:
    """All figures, in the order they come about."""
    almoner(env, "migrate")
    options = ["--facilities", str(asked.facilities), "--days", str(asked.days)]
    simulated, seconds = timed(lambda: almoner(env, "simulate", *options, "--seed", "1"))
    events = simulated["facts_recorded"]
    rebuilt = almoner(env, "projections", "rebuild")["models"]
    found: dict[str, Any] = {
        "events": events,
        "recorded_and_folded_per_second": round(events / seconds),
        "rebuilt_per_second": {
            each["name"]: round(each["events"] / max(each["seconds"], 0.001)) for each in rebuilt
        },
    }
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
            "list_of_claims": lambda: ("GET", "/api/v1/system/claims?limit=100", ""),
            "list_of_claims_in_the_past": lambda: (
                *("GET", f"/api/v1/system/claims?limit=100&{half}", ""),
            ),
            "scorecard": lambda: ("GET", "/api/v1/system/scorecard", ""),
            "facility_opened": lambda: (
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
    """Measure, print, and keep the figures in benchmarks/results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--facilities", type=int, default=6)
    parser.add_argument("--days", type=int, default=45)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=5.0)
    asked = parser.parse_args()
    home = Path(tempfile.mkdtemp(prefix="almoner-bench-"))
    home.chmod(0o711)
    kept = {name: each for name, each in os.environ.items() if name != "ALMONER_DATABASE_URL"}
    env = {**kept, "ALMONER_HOME": str(home)}
    try:
        found = measure(env, asked)
    finally:
        subprocess.run([*ALMONER, "stop"], env=env, cwd=ROOT, check=True, capture_output=True)
        shutil.rmtree(home)
    text = json.dumps({"asked": vars(asked), **found}, indent=2)
    print(text)
    results = ROOT / "benchmarks" / "results"
    results.mkdir(exist_ok=True)
    (
        results / f"import_and_query-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}.json"
    ).write_text(text + "\n")


if __name__ == "__main__":
    main()
