"""emmett-postgresql, the event store of the Node.js world, as a contender.

`make bench-peers` installs it into this folder; where it is not installed, it does not take part.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict

from facilities.database import Database
from facilities.embedded import EmbeddedServer

FOLDER = Path(__file__).parent


def installed() -> bool:
    """Whether there is a Node.js, and emmett for it."""
    folder = FOLDER / "node_modules" / "@event-driven-io" / "emmett-postgresql"
    return shutil.which("node") is not None and folder.exists()


def emmett(server: EmbeddedServer, writers: int, seconds: float) -> dict[str, float]:
    """Append one event at a time, in a database of its own on the same server."""
    with Database.embedded(server, "emmett"):
        pass  # opening it makes sure that it is there
    where = conninfo_to_dict(server.conninfo("emmett"))
    told = subprocess.run(
        [
            *("node", "emmett.mjs", str(where["host"]), str(where["user"]), "emmett"),
            *(str(writers), str(seconds)),
        ],
        cwd=FOLDER,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    figures: dict[str, float] = json.loads(told)
    return figures
