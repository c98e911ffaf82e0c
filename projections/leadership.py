"""Which runner leads, and what wakes it.

One runner folds at a time. It is the one whose database session holds an advisory lock, and that is
the session it writes with: when the session is lost the lock is lost, and so is every write.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import psycopg

Connection = psycopg.Connection[Any]
Connect = Callable[[], Connection]
"""Gives a new connection in the role of the projector, in autocommit mode."""

log = logging.getLogger(__name__)

REBUILD_LOCK = 7030142819263504179
LAYOUT_LOCK = 7030142819263504182

WAKE_CHANNEL = "ledger"

SESSION = """
    SET synchronous_commit = off;
    SET timezone = 'UTC';
    SET enable_seqscan = off;
    SET enable_hashjoin = off;
    SET enable_mergejoin = off;
    SET jit = off;
"""
# The checkpoint is in the same transaction as the rows, so a crash of the server loses both or
# neither, and what is lost is folded again: no need to wait for the disk. The planner would else
# keep plans it made while a table was empty.


TURN = 0.05


class Seat:
    """The seat of the one who leads: a session that holds (or waits for) the lock."""

    def __init__(self, connect: Connect, lock: int) -> None:
        self._connect, self._lock = connect, lock
        self._connection: Connection | None = None
        self._held = False

    @property
    def held(self) -> bool:
        return self._held and self._connection is not None and not self._connection.closed

    @property
    def connection(self) -> Connection:
        """The session that holds the lock; ask only where it is `held`."""
        assert self._connection is not None
        return self._connection

    def take(self) -> bool:
        """Take the seat if it is free. Never waits: waiting in the lock's queue would hold a
        snapshot open that CREATE INDEX CONCURRENTLY waits for in turn.
        """
        if self.held:
            return True
        if self._connection is None or self._connection.closed:
            self._connection = self._connect()
            self._connection.execute(SESSION)
        row = self._connection.execute("SELECT pg_try_advisory_lock(%s)", [self._lock]).fetchone()
        self._held = row is not None and bool(row[0])
        return self._held

    def leave(self) -> None:
        """Give the seat up, whatever state the session is in."""
        held, self._held = self._held, False
        if self._connection is not None:
            if held:
                # The server notices the end of a session only after a while; say it, if it hears.
                with suppress(psycopg.Error):
                    self._connection.execute("SELECT pg_advisory_unlock(%s)", [self._lock])
            self._connection.close()
            self._connection = None


class Wake:
    """Wakes up when something is appended to the ledger; looks for itself now and then."""

    def __init__(self, connect: Connect) -> None:
        self._connect = connect
        self._connection: Connection | None = None

    def wait(self, seconds: float, stop: threading.Event) -> None:
        """Return when there is something new, after `seconds`, or when it is time to stop."""
        try:
            if self._connection is None or self._connection.closed:
                self._connection = self._connect()
                self._connection.execute(f"LISTEN {WAKE_CHANNEL}")
                return  # what was appended before we listened would not wake us
            woken, until = False, time.monotonic() + seconds
            while not woken and not stop.is_set() and (left := until - time.monotonic()) > 0:
                # In short turns, so that a stop is noticed soon.
                for _ in self._connection.notifies(timeout=min(left, TURN), stop_after=1):
                    woken = True
            for _ in self._connection.notifies(timeout=0):
                pass  # a burst of appends is one wake-up
        except Exception as error:  # noqa: BLE001 - without being woken it looks for itself
            log.warning("not woken by the ledger: %s", type(error).__name__)
            self.close()
            stop.wait(seconds)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
