"""Where things are measured: an embedded PostgreSQL in a temporary home, as durable as any.

with a_server() as server, a_database(server) as database:
    ...
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict

from facilities.database import Database
from facilities.embedded import EmbeddedServer
from migrations import migrate


@contextmanager
def a_server() -> Iterator[EmbeddedServer]:
    """An embedded server in a temporary home, as durable as the real one; it and its home go away
    afterwards. ALMONER_BENCH_HOME names the folder to make that home in (another disk, say)."""
    home = Path(tempfile.mkdtemp(prefix="almoner-bench-", dir=os.environ.get("ALMONER_BENCH_HOME")))
    # When started by root, the server runs as another user, who must get there.
    home.chmod(0o711)
    server = EmbeddedServer(home)
    # Told to end, it ends as if interrupted: the server must not stay behind.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        server.ensure_running()
        yield server
    finally:
        server.stop()
        shutil.rmtree(home)


@contextmanager
def a_database(server: EmbeddedServer, name: str = "almoner") -> Iterator[Database]:
    """A migrated, empty database on that server."""
    with Database.embedded(server, name) as database:
        with database.connect(role=None) as login:
            migrate(login)
        yield database


def superuser(server: EmbeddedServer, database: str = "almoner") -> psycopg.Connection:
    """The operator's own connection: for VACUUM, CHECKPOINT and looking at sizes."""
    return psycopg.connect(server.conninfo(database, role="postgres"), autocommit=True)


def version_of(database: Database) -> str:
    """Which PostgreSQL that is (``18.1``)."""
    with database.connect(role=None) as login:
        version = login.info.server_version
    return f"{version // 10000}.{version % 10000}"


def pgbench(
    server: EmbeddedServer, database: str, script: str, clients: int, seconds: float
) -> dict[str, float]:
    """What PostgreSQL itself can do with one statement, sent by its own client program."""
    where = conninfo_to_dict(server.conninfo(database))
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
        file.write(script.replace("\n", " ") + "\n")
        file.flush()
        told = subprocess.run(
            [
                *(str(server.runnable.bindir / "pgbench"), "-n", "-M", "prepared"),
                *("-c", str(clients), "-j", str(min(clients, os.cpu_count() or 1))),
                *("-T", str(max(1, round(seconds))), "-f", file.name),
                *("-h", str(where["host"]), "-U", str(where["user"]), database),
            ],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    found = {line.partition(" = ")[0]: line.partition(" = ")[2] for line in told.splitlines()}
    return {
        "per_second": float(found["tps"].split()[0]),
        "mean_ms": float(found["latency average"].split()[0]),
    }
