"""The log of reads: who looked at what of whom, when, why, and what came of it.

An answer leaves when its read is in the **journal**, a file of this process outside of the
database; a thread puts what is there into ``audit.reads``, many by one statement, and the journal
goes. It need not look into it: the reads are in mind as well. But a process that is killed loses
no read it has answered: whoever comes next takes in the journals that nobody holds any more.

A journal is sealed, for it names persons. In the database they stand by the numbers of their keys.
"""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
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

AT_ONCE, PERSONS_AT_ONCE = 1_000, 100_000
"""How many reads are taken in by one statement, and about how many persons they name."""

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
    "persons) SELECT read_id, read_at, actor, role, what, asked, why, outcome, source, "
    "(%s::uuid[])[first:last] FROM unnest(%s::uuid[], %s::timestamptz[], %s::text[], %s::text[], "
    "%s::text[], %s::text[], %s::text[], %s::smallint[], %s::text[], %s::int[], %s::int[]) AS r "
    "(read_id, read_at, actor, role, what, asked, why, outcome, source, first, last) "
    "ON CONFLICT (read_id) DO NOTHING"
)
"""Many reads at once. Their persons come in one array, of which each read has a part: where many
have seen the same page, it is there once."""


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


class _Told(NamedTuple):
    """Persons by the numbers of their keys, as PostgreSQL writes an array, and how many."""

    text: str
    number: int


class _Known(NamedTuple):
    """What is known of the ids in some reads: the numbers of persons' keys, how those on a page are
    written, and who was erased."""

    numbers: dict[bytes, str]
    pages: dict[bytes, _Told]
    gone: Collection[bytes]


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
        self._numbers: dict[bytes, str] = {}
        self._pages: dict[bytes, _Told] = {}
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

    def take_in(self) -> int:
        """Take what is in the journal into the database, and the journals that nobody holds any
        more; how many reads these were. Reads that were taken in already are passed over."""
        number = 0
        with self._taking:
            with self._lock:
                journal, reads = self._journal, self._journaled
                self._journal, self._journaled = None, []
            if journal is not None:
                number += self._emptied(journal, reads)
            for path in sorted(self._folder.glob("*.reads")):
                with suppress(OSError):
                    found = Journal.found(path, self._keyring)
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
                self.take_in()
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
        values = _values(reads, self._learn(reads))
        with self._pool.connection() as connection, connection.transaction():
            connection.execute("SELECT pg_advisory_xact_lock_shared(%s)", [WRITERS_LOCK])
            connection.execute(_TAKE_IN, values)

    def _learn(self, reads: Iterable[Read]) -> _Known:
        """Find out the numbers of the keys of all who are named in some reads, and who of those
        without one was erased."""
        if len(self._numbers) > ROOM or len(self._pages) > PAGES:
            self._forget()
        # Somebody may be erased meanwhile, and all of this forgotten: these reads are told by what
        # is known now.
        numbers, pages, gone = self._numbers, self._pages, set[bytes]()
        named: set[bytes] = set()
        for persons in {each.persons for each in reads} - pages.keys():
            named.update(_ids(persons))
        for text in {text for each in reads for text in (each.what, each.asked)}:
            named.update(_plain(each) for _, each in _NAMED.findall(text))
        if missing := {each for each in named if each not in numbers}:
            asked = dict(_uuids(missing))
            known = self._keyring.known(list(asked))
            numbers |= {asked[person]: str(key_id) for person, key_id in known.items()}
            gone = {asked[each] for each in self._keyring.erased_among(asked.keys() - known.keys())}
        return _Known(numbers, pages, gone)

    def _forget(self) -> None:
        self._numbers, self._pages = {}, {}


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


def _values(reads: Sequence[Read], known: _Known) -> list[Any]:
    """What `_TAKE_IN` binds."""
    places: dict[bytes, tuple[int, int]] = {}
    texts: list[str] = []
    end = 0
    for persons in dict.fromkeys(each.persons for each in reads):
        text, number = _by_number(persons, known)
        places[persons] = (end + 1, end + number)
        end += number
        if text:
            texts.append(text)
    nameless = {
        text: _nameless(text, known)
        for text in {text for each in reads for text in (each.what, each.asked)}
    }
    rows = [
        (
            *(each.read_id, each.read_at, each.actor, each.role),
            *(nameless[each.what], nameless[each.asked], each.why, each.outcome, each.source),
            *places[each.persons],
        )
        for each in reads
    ]
    return [f"{{{','.join(texts)}}}", *map(list, zip(*rows, strict=True))]


def _by_number(persons: bytes, known: _Known) -> _Told:
    """Persons by the numbers of their keys. Who has no key was never sealed, or is erased by now.

    The same page is looked at again and again: where all are known, it is kept in mind.
    """
    if (kept := known.pages.get(persons)) is not None:
        return kept
    ids = {*_ids(persons)}
    found = {number for each in ids if (number := known.numbers.get(each)) is not None}
    told = _Told(",".join(sorted(found)), len(found))
    if len(found) == len(ids):
        known.pages[persons] = told
    return told


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
    if len(its_id) != ID_SIZE or not its_id.islower():
        its_id = str(UUID(its_id))
    return its_id.encode()


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
