"""The log of reads: who looked at what of whom, when, why, and what came of it.

An answer leaves when its read is in the **journal**, a file of this process outside of the
database; a thread takes what is there into ``audit.reads``, many at a time. So a list costs a few
microseconds more, and a process that is killed loses no read it has answered: whoever comes next
takes in the journals that nobody holds any more.

What is in a journal is sealed with a key of its own, wrapped by the master key: it names persons.
In the database they stand by the numbers of their keys.
"""

from __future__ import annotations

import fcntl
import logging
import os
import re
import threading
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import psycopg
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from domain.kernel import FACTS
from domain.personal import personal_fields
from facilities.answers import new_id
from facilities.privacy.keyring import Keyring
from facilities.privacy.masters import KEY_SIZE, MasterKeyRefused

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

_NONCE = 12
_BOUND_TO = b"almoner journal of reads"

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


class ReadLog:
    """Puts reads on record. Safe to share between threads; not between processes, each of which has
    a journal of its own in `folder`. `pool` is the application role's."""

    def __init__(
        self, pool: Any, keyring: Keyring, folder: Path, now: Callable[[], datetime]
    ) -> None:
        self._pool, self._keyring, self._folder, self._now = pool, keyring, folder, now
        self._journal: _Journal | None = None
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
                    self._journal = _Journal.begun(self._folder, self._keyring)
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
                    found = _Journal.found(path, self._keyring)
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

    def _taken(self, journal: _Journal) -> int:
        reads = [_decode(each) for each in journal.lines()]
        for first in range(0, len(reads), AT_ONCE):
            some = reads[first : first + AT_ONCE]
            self._learn(some)
            rows = [(*self._told(each), self._array(each.persons)) for each in some]
            with self._pool.connection() as connection, connection.transaction():
                connection.execute("SELECT pg_advisory_xact_lock_shared(%s)", [WRITERS_LOCK])
                with connection.cursor() as cursor:
                    cursor.executemany(_TAKE_IN, rows)
        return len(reads)

    def _learn(self, reads: Iterable[Read]) -> None:
        """Find out the numbers of the keys of all who are named in some reads."""
        if len(self._numbers) > ROOM:
            self._forget()
        named: set[bytes] = set()
        for read in reads:
            if read.persons not in self._arrays:
                named.update(_ids(read.persons))
            for text in (read.what, read.asked):
                named.update(_plain(each) for _, each in _NAMED.findall(text))
        if missing := {each for each in named if each not in self._numbers}:
            asked = dict(_uuids(missing))
            known = self._keyring.known(list(asked))
            self._numbers |= {asked[person]: str(key_id) for person, key_id in known.items()}

    def _array(self, persons: bytes) -> str:
        """The numbers of persons' keys, as PostgreSQL writes an array: nothing is made of them in
        between. Who has no key was never sealed, or is erased by now.

        The same page is looked at again and again: where all are known, its array is kept in mind.
        """
        if (kept := self._arrays.get(persons)) is not None:
            return kept
        ids = {*_ids(persons)}
        found = {number for each in ids if (number := self._numbers.get(each)) is not None}
        array = f"{{{','.join(sorted(found))}}}"
        if len(found) == len(ids):
            if len(self._arrays) >= PAGES:
                self._arrays.clear()
            self._arrays[persons] = array
        return array

    def _forget(self) -> None:
        self._numbers.clear()
        self._arrays.clear()

    def _told(self, read: Read) -> tuple[Any, ...]:
        return (
            *(read.read_id, read.read_at, read.actor, read.role),
            *(self._nameless(read.what), self._nameless(read.asked)),
            *(read.why, read.outcome, read.source),
        )

    def _nameless(self, text: str) -> str:
        """An address in which persons stand by the numbers of their keys, as in the log's own
        column; who is erased by now, or was asked for and never known, does not stand in it."""

        def stand_in(found: re.Match[str]) -> str:
            name, its_id = found.groups()
            before = found[0][: -len(its_id)]
            if number := self._numbers.get(_plain(its_id)):
                return f"{before}person:{number}"
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


class _Journal:
    """A file of reads that are not in the database yet: a wrapped key, and sealed lines."""

    def __init__(self, path: Path, handle: int, key: bytes) -> None:
        self.path, self._handle, self._cipher = path, handle, AESGCM(key)

    @classmethod
    def begun(cls, folder: Path, keyring: Keyring) -> _Journal:
        """A new one. Its name is of this process and moment; who holds it has it locked."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = folder / f"{new_id()}.reads"
        key, master = os.urandom(KEY_SIZE), keyring.masters.current
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        fcntl.flock(handle, fcntl.LOCK_EX)
        wrapped = b64encode(master.wrap(key, _BOUND_TO)).decode()
        os.write(handle, f"{master.master_id} {wrapped}\n".encode())
        return cls(path, handle, key)

    @classmethod
    def found(cls, path: Path, keyring: Keyring) -> _Journal | None:
        """One that somebody left behind; None where it is held, or was never begun."""
        handle = os.open(path, os.O_RDWR | os.O_APPEND)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            head = path.read_bytes().split(b"\n", 1)[0].split()
            if len(head) != 2:
                path.unlink(missing_ok=True)
            else:
                master = keyring.masters[head[0].decode()]
                return cls(path, handle, master.unwrap(b64decode(head[1]), _BOUND_TO))
        except (BlockingIOError, FileNotFoundError):
            pass
        os.close(handle)
        return None

    def write(self, read: bytes) -> None:
        nonce = os.urandom(_NONCE)
        line = b64encode(nonce + self._cipher.encrypt(nonce, read, _BOUND_TO)) + b"\n"
        if os.write(self._handle, line) != len(line):
            raise OSError("the journal of reads is full")

    def lines(self) -> list[bytes]:
        """The reads, in order. A last line that was not written whole was never answered."""
        _head, *lines = self.path.read_bytes().split(b"\n")
        found = []
        for each in lines[:-1]:
            content = b64decode(each)
            try:
                found.append(self._cipher.decrypt(content[:_NONCE], content[_NONCE:], _BOUND_TO))
            except InvalidTag:
                log.error("%s has a line that was changed; the others are taken in", self.path)
        return found

    def let_go(self) -> None:
        os.close(self._handle)

    def remove(self) -> None:
        self.path.unlink(missing_ok=True)
        os.close(self._handle)
