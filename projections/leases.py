"""Which process folds which model: a lease for each model, shared out among the runners.

A lease is an advisory lock of the database session that the runner writes with. When the session is
lost, by a kill, a crash or a broken line, its leases are free and nothing can be written any more:
there is no clock to be wrong about. Runners that stay announce themselves by one more lock, which
they all hold together; by counting its holders each knows how many there are to share with.
"""

from __future__ import annotations

import logging
import zlib
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress

import psycopg

from projections.leadership import SESSION, Connect, Connection

log = logging.getLogger(__name__)

LEASES = 1_636_960_871
"""The first half of the locks; the second one tells the model."""

PRESENT = 0
"""In the place of a model: the lock of those who are there to share."""

PATIENCE = 3
"""So often a lease is seen free before someone takes it who has his share: the others may be of a
version of the program that does not know the model."""

HELD = """
    SELECT objid::bigint, pid FROM pg_locks
    WHERE locktype = 'advisory' AND granted AND classid = %s AND objsubid = 2
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


def number_of(model: str) -> int:
    """The second half of a model's lock."""
    return zlib.crc32(model.encode()) or 1


class Leases:
    """The leases of one runner, and the session that holds them."""

    def __init__(self, connect: Connect, models: Iterable[str]) -> None:
        self._connect, self._models = connect, tuple(models)
        self._connection: Connection | None = None
        self._held: tuple[str, ...] = ()
        self._present: frozenset[int] = frozenset()
        self._announced = False
        self._seen_free: Counter[str] = Counter()
        self.alone = False
        """Whether nobody else was there, staying or folding, when it last looked."""

    @property
    def connected(self) -> bool:
        return self._connection is not None and not self._connection.closed

    @property
    def held(self) -> tuple[str, ...]:
        """The models this runner folds."""
        return self._held if self.connected else ()

    @property
    def connection(self) -> Connection:
        """The session that holds the leases; ask only where it is `connected`."""
        assert self._connection is not None
        return self._connection

    def settle(self, *, stays: bool) -> Sequence[str]:
        """Look who is there and take what is due. Returns what is too much: to be given back, when
        nothing of it is written any more. Never waits.

        1. Announce oneself, where one `stays`: a command that only catches up takes what nobody
           folds, and is not shared with.
        2. Look who is there and who holds what. The fair share is the models divided by those who
           stay, rounded up.
        3. When someone has come or gone, what is beyond the share is too much.
        4. Take free leases up to the share; beyond it those that nobody has taken for a while.
        """
        if not self.connected:
            self._connection, self._held, self._announced = self._connect(), (), False
            self._connection.execute(SESSION)
        if stays and not self._announced:
            self._announced = self._try("pg_try_advisory_lock_shared", PRESENT)
        rows = self.connection.execute(HELD, [LEASES]).fetchall()
        me = self.connection.info.backend_pid
        present = frozenset(pid for number, pid in rows if number == PRESENT)
        self.alone = {pid for _number, pid in rows} <= {me}
        share, surplus = len(self._models), self._held[:0]
        if self._announced:
            share = -(-share // max(1, len(present)))
            if present != self._present:
                surplus = self._held[share:]
        self._present = present
        taken = {number for number, _pid in rows}
        free = [each for each in self._models if number_of(each) not in taken]
        self._seen_free = Counter({each: self._seen_free[each] + 1 for each in free})
        due = free[: max(0, share - len(self._held))]
        due += [each for each in free[len(due) :] if self._seen_free[each] > PATIENCE]
        self._held += self._take(due)
        return surplus

    def _take(self, models: Sequence[str]) -> tuple[str, ...]:
        """Those of the leases that were free, of these models."""
        if not models:
            return ()
        numbers = {_signed(number_of(each)): each for each in models}
        rows = self.connection.execute(
            "SELECT number FROM unnest(%s::int[]) AS number WHERE pg_try_advisory_lock(%s, number)",
            [[*numbers], LEASES],
        ).fetchall()
        return tuple(numbers[number] for (number,) in rows)

    def give_back(self, models: Collection[str]) -> None:
        """Let others have models."""
        for each in models:
            self.release(each)
            log.info("%s is handed over", each)
        self._held = tuple(each for each in self._held if each not in models)

    def try_one(self, model: str) -> bool:
        """Take the lease of a model that is not among this runner's; `release` it afterwards."""
        return self._try("pg_try_advisory_lock", number_of(model))

    def release(self, model: str) -> None:
        self.connection.execute(
            "SELECT pg_advisory_unlock(%s, %s)", [LEASES, _signed(number_of(model))]
        )

    def leave(self) -> None:
        """Give everything up, whatever state the session is in."""
        if self._connection is not None:
            # The server notices the end of a session only after a while; say it, if it hears.
            with suppress(psycopg.Error):
                self._connection.execute("SELECT pg_advisory_unlock_all()")
            self._connection.close()
        self._connection, self._held, self._announced = None, (), False
        self._present = frozenset()

    def _try(self, how: str, number: int) -> bool:
        row = self.connection.execute(f"SELECT {how}(%s, %s)", [LEASES, _signed(number)]).fetchone()
        return row is not None and bool(row[0])


def holders(connection: Connection) -> dict[int, int]:
    """Which session (its server process) folds which model, by the model's number."""
    rows = connection.execute(HELD, [LEASES]).fetchall()
    return {number: pid for number, pid in rows if number != PRESENT}


def _signed(number: int) -> int:
    """The locks take integers with a sign, and show them without one."""
    return number - (1 << 32) if number >= 1 << 31 else number
