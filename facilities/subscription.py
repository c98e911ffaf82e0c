"""Following the ledger: woken by NOTIFY, and looking for itself a few times a second."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

from eventsourcing import persistence as es

from facilities.connections import Pool

WAKE_CHANNEL = "ledger"
"""Where followers are told that there is something new."""


class LedgerSubscription(es.ListenNotifySubscription[es.ApplicationRecorder]):
    """What a recorder has beyond a position, and whatever comes, until it is stopped."""

    def __init__(
        self,
        recorder: es.ApplicationRecorder,
        pool: Pool,
        gt: int | None,
        topics: Sequence[str],
    ) -> None:
        super().__init__(recorder=recorder, gt=gt, topics=topics)
        self._pool = pool
        self._listener = threading.Thread(target=self._listen, name="ledger-subscription")
        self._listener.start()

    def __exit__(self, *args: object, **kwargs: Any) -> None:
        try:
            super().__exit__(*args, **kwargs)
        finally:
            self._listener.join()

    def _listen(self) -> None:
        try:
            with self._pool.connection() as connection:
                connection.execute(f"LISTEN {WAKE_CHANNEL}".encode())
                try:
                    while not self._has_been_stopped and self._thread_error is None:
                        for _ in connection.notifies(timeout=0.1, stop_after=1):
                            pass
                        self._has_been_notified.set()
                finally:
                    connection.execute(f"UNLISTEN {WAKE_CHANNEL}".encode())
        except BaseException as error:  # noqa: BLE001 - handed to whoever iterates
            if self._thread_error is None:
                self._thread_error = error
            self.stop()
