"""Waiting until a read model has caught up: woken by the runner, not polling the database."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

import psycopg

log = logging.getLogger(__name__)

CHANNEL = "models"
"""Where the runner tells that read models moved on."""

TURN = 0.05
"""How long, in seconds, it listens before it looks whether it is to stop."""


class Progress:
    """Listens for the runner, from a thread and a connection of its own, once someone waits."""

    def __init__(self, connect: Callable[[], psycopg.Connection]) -> None:
        self._connect = connect
        self._moved = threading.Condition()
        self._told = 0
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None

    def wait(self, reached: Callable[[], bool], patience: float) -> bool:
        """Whether `reached` came true within `patience` seconds; asked again at each wake-up."""
        deadline = time.monotonic() + patience
        with self._moved:
            if self._thread is None:
                self._thread = threading.Thread(target=self._listen, name="progress", daemon=True)
                self._thread.start()
            told = self._told
        while not reached():
            with self._moved:
                left = deadline - time.monotonic()
                if left <= 0:
                    return False
                # A second at most: a wake-up that was lost delays, it does not deceive.
                if self._told == told:
                    self._moved.wait(min(left, 1.0))
                told = self._told
        return True

    def close(self) -> None:
        """Stop listening."""
        self._closed.set()
        if self._thread is not None:
            self._thread.join()

    def _listen(self) -> None:
        while not self._closed.is_set():
            try:
                with self._connect() as connection:
                    connection.execute(f"LISTEN {CHANNEL}".encode())
                    self._tell()
                    while not self._closed.is_set():
                        for _ in connection.notifies(timeout=TURN, stop_after=1):
                            self._tell()
            except psycopg.Error:
                log.warning("lost the connection that listens for read models", exc_info=True)
                self._closed.wait(1.0)

    def _tell(self) -> None:
        with self._moved:
            self._told += 1
            self._moved.notify_all()
