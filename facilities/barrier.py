"""The barrier readers wait at: who is writing to the ledger now, and whether they have ended.

Order is promised by it, and not by a writers' lock: writers take a shared advisory lock before
their positions are drawn, and whoever drew a position that is missing holds it still, or has ended.
"""

from __future__ import annotations

import time

from facilities.connections import Connection

WRITERS_LOCK = 4709331206311637874
"""The advisory lock ledger.append() holds, shared, while it writes."""


def writers_have_ended(connection: Connection, patience: float) -> bool:
    """Wait until those who write now have ended, for `patience` seconds at most; not for others
    who begin meanwhile."""
    writing = _writers(connection)
    deadline = time.monotonic() + patience
    pause = 0.0005
    while writing and time.monotonic() < deadline:
        time.sleep(pause)
        pause = min(pause * 2, 0.02)
        writing &= _writers(connection)
    return not writing


def _writers(connection: Connection) -> set[str]:
    """The transactions that hold the writers' lock now."""
    rows = connection.execute(
        "SELECT virtualtransaction FROM pg_locks WHERE locktype = 'advisory' AND granted "
        "AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) "
        "AND classid = %s AND objid = %s AND objsubid = 1",
        (WRITERS_LOCK >> 32, WRITERS_LOCK & 0xFFFFFFFF),
    ).fetchall()
    return {writer for (writer,) in rows}
