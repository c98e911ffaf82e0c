"""The log of reads: who looked at what of whom, when, why, and what came of it.

An answer leaves when its read is in the **journal**, a file of this process outside of the
database; a thread puts what is there into ``audit.reads``, many by one statement, and the journal
goes. It need not look into it: the reads are in mind as well. But a process that is killed loses
no read it has answered: whoever comes next takes in the journals that nobody holds any more.

A journal is sealed, for it names persons. In the database they stand by the numbers of their keys.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import psycopg

from facilities.answers import new_id
from facilities.privacy.journal import Journal
from facilities.privacy.keyring import Keyring
from facilities.privacy.masters import MasterKeyRefused
from facilities.privacy.read_rows import ID_SIZE, Read, ReadRows

log = logging.getLogger(__name__)

EVERY = 1.0
"""Seconds between two times that a journal is taken in."""

AT_ONCE, PERSONS_AT_ONCE = 1_000, 100_000
"""How many reads are taken in by one statement, and about how many persons they name."""

LOST_AND_FOUND = 60.0
"""Seconds between two times that journals of others are looked for."""

WRITERS_LOCK = 5210384471630915
"""The advisory lock that is held, shared, while reads are taken in: who vouches for them waits."""

FILE = "file="
"""What was asked begins so where a file went out; its name follows."""


class ReadsUnwritable(Exception):
    """A read cannot be put on record, so nothing may be told."""


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Read).decode


class ReadLog:
    """Puts reads on record. Safe to share between threads; not between processes, each of which has
    a journal of its own in `folder`. `pool` is the application role's."""

    def __init__(
        self, pool: Any, keyring: Keyring, folder: Path, now: Callable[[], datetime]
    ) -> None:
        self._pool, self._keyring, self._folder, self._now = pool, keyring, folder, now
        self._journal: Journal | None = None
        self._journaled: list[Read] = []
        self._lock, self._taking = threading.Lock(), threading.Lock()
        self._due, self._closed = threading.Event(), threading.Event()
        self._thread: threading.Thread | None = None
        self._rows = ReadRows(keyring)

    def record(
        self,
        *,
        actor: str,
        role: str,
        what: str,
        asked: str,
        why: str | None,
        outcome: int,
        source: str,
        persons: bytes,
    ) -> None:
        """Put a read on record, before it is answered. Raises ReadsUnwritable."""
        read = Read(
            *(new_id(), self._now(), actor, role, what, asked, why, outcome, source, persons)
        )
        content = _encode(read)
        try:
            with self._lock:
                if self._journal is None or not self._journal.write(content):
                    self._begin(content)
                self._journaled.append(read)
                if self._thread is None and not self._closed.is_set():
                    self._thread = threading.Thread(target=self._run, name="reads", daemon=True)
                    self._thread.start()
        except (OSError, MasterKeyRefused) as error:
            raise ReadsUnwritable(f"reads cannot be put on record: {error}") from error
        if not self._due.is_set():
            self._due.set()

    def take_in(self, *, going_on: bool = False) -> int:
        """Take what is in the journal into the database, and the journals that nobody holds any
        more; how many reads these were. Reads that were taken in already are passed over.

        Where it is `going_on`, the next journal is there before the next read.
        """
        number = 0
        with self._taking:
            following = self._following() if going_on and self._journaled else None
            with self._lock:
                journal, reads = self._journal, self._journaled
                self._journal, self._journaled = following, []
            if journal is not None:
                number += self._emptied(journal, reads)
            for path in sorted(self._folder.glob("*.reads")):
                try:
                    found = Journal.found(path, self._keyring)
                except OSError:
                    continue  # somebody else has just taken it in
                except (MasterKeyRefused, ValueError):
                    log.error("%s cannot be opened; the other journals are taken in", path)
                    continue
                if found is not None:
                    number += self._emptied(found, [_decode(each) for each in found.lines()])
        return number

    def close(self) -> None:
        """Take in what is there, and end."""
        self._closed.set()
        self._due.set()
        if self._thread is not None:
            self._thread.join()
        if self._journal is not None:
            with suppress(psycopg.Error, OSError):
                self.take_in()

    def _run(self) -> None:
        while not self._closed.is_set():
            self._due.wait(LOST_AND_FOUND)
            self._due.clear()
            self._closed.wait(EVERY)
            try:
                self.take_in(going_on=not self._closed.is_set())
            except Exception:
                log.warning("reads stay in their journal for now", exc_info=True)
                self._due.set()

    def _begin(self, content: bytes) -> None:
        """A new journal, and a read in it. One that is full is left like one of somebody who was
        killed: so there are never more reads in mind than one journal has room for."""
        if self._journal is not None:
            self._journal.let_go()
            self._journal, self._journaled = None, []
        self._journal = Journal.begun(self._folder, self._keyring, len(content))
        self._journal.write(content)

    def _following(self) -> Journal | None:
        """A journal for later. Where there can be none now, whoever needs it is told so then."""
        with suppress(OSError, MasterKeyRefused):
            return Journal.begun(self._folder, self._keyring)
        return None

    def _emptied(self, journal: Journal, reads: Sequence[Read]) -> int:
        """How many reads there are in a journal, once they are in the database and it is gone."""
        try:
            for some in _parts(reads):
                self._store(some)
        except BaseException:
            journal.let_go()  # whoever looks next takes it in
            raise
        journal.remove()
        return len(reads)

    def _store(self, reads: Sequence[Read]) -> None:
        statements = self._rows.statements(reads)
        with self._pool.connection() as connection, connection.transaction():
            connection.execute("SELECT pg_advisory_xact_lock_shared(%s)", [WRITERS_LOCK])
            for statement, values in statements:
                connection.execute(statement, values)


def _parts(reads: Sequence[Read]) -> Iterator[Sequence[Read]]:
    """Reads in the parts that are taken in at once."""
    part: list[Read] = []
    persons = 0
    for each in reads:
        part.append(each)
        persons += len(each.persons) // ID_SIZE
        if len(part) == AT_ONCE or persons > PERSONS_AT_ONCE:
            yield part
            part, persons = [], 0
    if part:
        yield part
