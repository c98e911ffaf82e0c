"""The log of reads: who looked at what of whom, when, why, and what came of it.

An answer leaves when its read is in the **journal**, a file of this process outside of the
database; a thread takes what is there into ``audit.reads``, many at a time. So a list costs a few
microseconds more, and a process that is killed loses no read it has answered: whoever comes next
takes in the journals that nobody holds any more.

A journal is sealed, for it names persons. In the database they stand by the numbers of their keys.
"""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
import psycopg

from domain.kernel import FACTS
from domain.personal import personal_fields
from facilities.answers import new_id
from facilities.privacy.journal import Journal
from facilities.privacy.keyring import Keyring
from facilities.privacy.masters import MasterKeyRefused

log = logging.getLogger(__name__)

EVERY = 0.5
"""Seconds between two times that a journal is taken in."""

AT_ONCE = 1_000
"""How many reads are taken in by one statement."""

ROOM = 50_000
"""Of how many persons the numbers of their keys are remembered."""

PAGES = 1_000
"""Of how many pages it is remembered what stands in the log for the persons on them."""

LOST_AND_FOUND = 60.0
"""Seconds between two times that journals of others are looked for."""

WRITERS_LOCK = 5210384471630915
"""The advisory lock that is held, shared, while reads are taken in: who vouches for them waits."""

ID_SIZE = 36
"""How long a person's id is, as a text."""

FILE = "file="
"""What was asked begins so where a file went out; its name follows."""

_TAKE_IN = (
    "INSERT INTO audit.reads (read_id, read_at, actor, role, what, asked, why, outcome, source, "
    "persons) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s::uuid[]) "
    "ON CONFLICT (read_id) DO NOTHING"
)


class ReadsUnwritable(Exception):
    """A read cannot be put on record, so nothing may be told."""


class Read(msgspec.Struct, array_like=True, frozen=True):
    """One read, as the journal has it. `persons` are who they are: ids, one after the other."""

    read_id: UUID
    read_at: datetime
    actor: str
    role: str
    what: str
    asked: str
    why: str | None
    outcome: int
    source: str
    persons: bytes


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Read).decode


class _Known(NamedTuple):
    """What is known of the ids in some reads: the numbers of persons' keys, how those on a page are
    written, and who was erased."""

    numbers: dict[bytes, str]
    arrays: dict[bytes, str]
    gone: Collection[bytes]


class ReadLog:
    """Puts reads on record. Safe to share between threads; not between processes, each of which has
    a journal of its own in `folder`. `pool` is the application role's."""

    def __init__(
        self, pool: Any, keyring: Keyring, folder: Path, now: Callable[[], datetime]
    ) -> None:
        self._pool, self._keyring, self._folder, self._now = pool, keyring, folder, now
        self._journal: Journal | None = None
        self._lock, self._taking = threading.Lock(), threading.Lock()
        self._due, self._closed = threading.Event(), threading.Event()
        self._thread: threading.Thread | None = None
        self._numbers: dict[bytes, str] = {}
        self._arrays: dict[bytes, str] = {}
        keyring.when_erased(self._forget)

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
        try:
            with self._lock:
                if self._journal is None:
                    self._journal = Journal.begun(self._folder, self._keyring)
                self._journal.write(_encode(read))
                if self._thread is None and not self._closed.is_set():
                    self._thread = threading.Thread(target=self._run, name="reads", daemon=True)
                    self._thread.start()
        except (OSError, MasterKeyRefused) as error:
            raise ReadsUnwritable(f"reads cannot be put on record: {error}") from error
        self._due.set()

    def take_in(self) -> int:
        """Take what is in the journal into the database, and the journals that nobody holds any
        more; how many reads these were. Reads that were taken in already are passed over."""
        number = 0
        with self._taking:
            with self._lock:
                journal, self._journal = self._journal, None
            if journal is not None:
                try:
                    number += self._taken(journal)
                except BaseException:
                    journal.let_go()  # whoever looks next takes it in
                    raise
                journal.remove()
            for path in sorted(self._folder.glob("*.reads")):
                with suppress(OSError):
                    found = Journal.found(path, self._keyring)
                    if found is not None:
                        number += self._taken(found)
                        found.remove()
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
                self.take_in()
            except Exception:
                log.warning("reads stay in their journal for now", exc_info=True)
                self._due.set()

    def _taken(self, journal: Journal) -> int:
        reads = [_decode(each) for each in journal.lines()]
        for first in range(0, len(reads), AT_ONCE):
            some = reads[first : first + AT_ONCE]
            known = self._learn(some)
            rows = [(*_told(each, known), _array(each.persons, known)) for each in some]
            with self._pool.connection() as connection, connection.transaction():
                connection.execute("SELECT pg_advisory_xact_lock_shared(%s)", [WRITERS_LOCK])
                with connection.cursor() as cursor:
                    cursor.executemany(_TAKE_IN, rows)
        return len(reads)

    def _learn(self, reads: Iterable[Read]) -> _Known:
        """Find out the numbers of the keys of all who are named in some reads, and who of those
        without one was erased."""
        if len(self._numbers) > ROOM or len(self._arrays) > PAGES:
            self._forget()
        # Somebody may be erased meanwhile, and all of this forgotten: these reads are told by what
        # is known now.
        numbers, arrays, gone = self._numbers, self._arrays, set[bytes]()
        named: set[bytes] = set()
        for read in reads:
            if read.persons not in arrays:
                named.update(_ids(read.persons))
            for text in (read.what, read.asked):
                named.update(_plain(each) for _, each in _NAMED.findall(text))
        if missing := {each for each in named if each not in numbers}:
            asked = dict(_uuids(missing))
            known = self._keyring.known(list(asked))
            numbers |= {asked[person]: str(key_id) for person, key_id in known.items()}
            gone = {asked[each] for each in self._keyring.erased_among(asked.keys() - known.keys())}
        return _Known(numbers, arrays, gone)

    def _forget(self) -> None:
        self._numbers, self._arrays = {}, {}


def _told(read: Read, known: _Known) -> tuple[Any, ...]:
    return (
        *(read.read_id, read.read_at, read.actor, read.role),
        *(_nameless(read.what, known), _nameless(read.asked, known)),
        *(read.why, read.outcome, read.source),
    )


def _array(persons: bytes, known: _Known) -> str:
    """The numbers of persons' keys, as PostgreSQL writes an array: nothing is made of them in
    between. Who has no key was never sealed, or is erased by now.

    The same page is looked at again and again: where all are known, its array is kept in mind.
    """
    if (kept := known.arrays.get(persons)) is not None:
        return kept
    ids = {*_ids(persons)}
    found = {number for each in ids if (number := known.numbers.get(each)) is not None}
    array = f"{{{','.join(sorted(found))}}}"
    if len(found) == len(ids):
        known.arrays[persons] = array
    return array


def _nameless(text: str, known: _Known) -> str:
    """An address in which persons stand by the numbers of their keys, as in the log's own column;
    who was erased does not stand in it, nor who was asked for as a person and never known."""

    def stand_in(found: re.Match[str]) -> str:
        name, its_id = found.groups()
        before, plain = found[0][: -len(its_id)], _plain(its_id)
        if number := known.numbers.get(plain):
            return f"{before}person:{number}"
        if plain in known.gone:
            return f"{before}erased"
        return f"{before}unknown" if _whose(name) else found[0]

    return _NAMED.sub(stand_in, text)


def _ids(persons: bytes) -> Iterator[bytes]:
    return (persons[begin : begin + ID_SIZE] for begin in range(0, len(persons), ID_SIZE))


_NAMED = re.compile(
    "(?:([a-z_]+)[=/])?([0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12})", re.IGNORECASE
)
"""An id in an address, however it is spelled, and what it is called there."""


def _plain(its_id: str) -> bytes:
    """An id as it is spelled everywhere else."""
    return str(UUID(its_id)).encode()


@cache
def _whose(name: str | None) -> bool:
    """Whether what is called so in an address is a person (``patient_id=``, ``/patients/``)."""
    kinds: list[Any] = [*FACTS.values()]
    return name is not None and any(
        name in (kind.person, f"{kind.person.removesuffix('_id')}s")
        for kind in kinds
        if kind.person is not None and kind.person in personal_fields(kind)
    )


def _uuids(ids: Iterable[bytes]) -> Iterator[tuple[UUID, bytes]]:
    """What may be ids of persons; other texts are passed over."""
    for each in ids:
        with suppress(ValueError):
            yield UUID(each.decode("ascii", "replace")), each
