"""The seat of the one among several processes that acts: a session that holds an advisory lock.

When the session is lost, the lock is lost with it. Who had the seat notices at the next look; what
it does until then must be harmless when its successor does it too.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import psycopg

log = logging.getLogger(__name__)

Connect = Callable[[], psycopg.Connection[Any]]
"""Gives a new connection in autocommit mode, to be kept: not one of a pool."""


class Seat:
    """One seat: `lock` is the advisory lock's number, `duty` what its holder does, in words."""

    def __init__(self, connect: Connect, lock: int, duty: str) -> None:
        self._connect, self._lock, self._duty = connect, lock, duty
        self._connection: psycopg.Connection[Any] | None = None
        self.held = False

    @property
    def connection(self) -> psycopg.Connection[Any]:
        """The session of the seat; there is one after `take`, whatever that answered."""
        assert self._connection is not None
        return self._connection

    def take(self) -> bool:
        """Whether the seat is ours: still, after asking, or from now on, if it was free.

        Never waits in the lock's queue: that holds a snapshot which CREATE INDEX CONCURRENTLY
        waits for in turn.
        """
        if self._connection is not None and not self._answers(self._connection):
            self.leave()
        if self._connection is None:
            self._connection = self._connect()
        if not self.held:
            row = self._connection.execute(
                "SELECT pg_try_advisory_lock(%s)", [self._lock]
            ).fetchone()
            self.held = row is not None and bool(row[0])
            if self.held:
                log.info("leading %s", self._duty)
        return self.held

    def leave(self) -> None:
        """Give the seat up, whatever state the session is in."""
        connection, held = self._connection, self.held
        self._connection, self.held = None, False
        if connection is None:
            return
        with connection, suppress(psycopg.Error):
            if held and not connection.closed:
                # The server gives up what a closed session held a moment later; say it now.
                connection.execute("SELECT pg_advisory_unlock(%s)", [self._lock])

    def _answers(self, connection: psycopg.Connection[Any]) -> bool:
        try:
            connection.execute("SELECT 1")
        except psycopg.Error as error:
            log.warning("lost the session of %s: %s", self._duty, type(error).__name__)
            return False
        return True
