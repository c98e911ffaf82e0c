"""Reads as they stand in the database: persons by the numbers of their keys, in the columns and in
the addresses that were asked for, and those who were shown together once for all reads of them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from functools import cache
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from domain.kernel import FACTS
from domain.personal import personal_fields
from facilities.privacy.keyring import Keyring

ROOM = 50_000
"""Of how many persons the numbers of their keys are remembered."""

PAGES = 1_000
"""Of how many pages it is remembered what stands in the log for the persons on them."""

ID_SIZE = 36
"""How long a person's id is, as a text."""

FEW = 4
"""So many persons stand in their read itself; more are kept once for all reads of them."""

_KEEP_TOGETHER = (
    "INSERT INTO audit.shown_together (group_id, persons) "
    "SELECT group_id, persons::uuid[] FROM unnest(%s::uuid[], %s::text[]) AS t (group_id, persons) "
    "ON CONFLICT (group_id) DO NOTHING"
)
_TAKE_IN = (
    "INSERT INTO audit.reads (read_id, read_at, actor, role, what, asked, why, outcome, source, "
    "persons, group_id) SELECT read_id, read_at, actor, role, what, asked, why, outcome, source, "
    "persons::uuid[], group_id FROM unnest(%s::uuid[], %s::timestamptz[], %s::text[], %s::text[], "
    "%s::text[], %s::text[], %s::text[], %s::smallint[], %s::text[], %s::text[], %s::uuid[]) AS r "
    "(read_id, read_at, actor, role, what, asked, why, outcome, source, persons, group_id) "
    "ON CONFLICT (read_id) DO NOTHING"
)


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


class _Told(NamedTuple):
    """Persons by the numbers of their keys, as PostgreSQL writes an array; and, where they are more
    than a few, the id of these together, which is made of it."""

    array: str
    group_id: UUID | None


class _Known(NamedTuple):
    """What is known of the ids in some reads: the numbers of persons' keys, how those on a page are
    written, who was erased, and which ids are in an address, each with what it is called there."""

    numbers: dict[bytes, str]
    pages: dict[bytes, _Told]
    gone: Collection[bytes]
    addresses: dict[str, list[tuple[str, bytes]]]


class ReadRows:
    """Makes rows of reads. For one thread at a time."""

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring
        self._numbers: dict[bytes, str] = {}
        self._pages: dict[bytes, _Told] = {}
        keyring.when_erased(self._forget)

    def statements(self, reads: Sequence[Read]) -> list[tuple[str, list[list[Any]]]]:
        """What is to be executed, in one transaction, for these reads to be in the database."""
        known = self._learn(reads)
        told = {each: _by_number(each, known) for each in {each.persons for each in reads}}
        # In one order, so that two who write the same do not wait in a circle.
        together = sorted({(each.group_id, each.array) for each in told.values() if each.group_id})
        taken_in = _TAKE_IN, _values(reads, known, told)
        return [(_KEEP_TOGETHER, _columns(together)), taken_in] if together else [taken_in]

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
        addresses = {
            text: [(name, _plain(its_id)) for name, its_id in _NAMED.findall(text)]
            for text in {text for each in reads for text in (each.what, each.asked)}
        }
        named.update(its_id for found in addresses.values() for _, its_id in found)
        if missing := {each for each in named if each not in numbers}:
            asked = dict(_uuids(missing))
            known = self._keyring.known(list(asked))
            numbers |= {asked[person]: str(key_id) for person, key_id in known.items()}
            gone = {asked[each] for each in self._keyring.erased_among(asked.keys() - known.keys())}
        return _Known(numbers, pages, gone, addresses)

    def _forget(self) -> None:
        self._numbers, self._pages = {}, {}


def _values(reads: Sequence[Read], known: _Known, told: Mapping[bytes, _Told]) -> list[list[Any]]:
    """What `_TAKE_IN` binds."""
    nameless = {each: _nameless(each, known) for each in known.addresses}
    rows = []
    for each in reads:
        array, group_id = told[each.persons]
        rows.append((
            *(each.read_id, each.read_at, each.actor, each.role),
            *(nameless[each.what], nameless[each.asked], each.why, each.outcome, each.source),
            *(array if group_id is None else "{}", group_id),
        ))  # fmt: skip
    return _columns(rows)


def _columns(rows: Iterable[Sequence[Any]]) -> list[list[Any]]:
    return [*map(list, zip(*rows, strict=True))]


def _by_number(persons: bytes, known: _Known) -> _Told:
    """Persons by the numbers of their keys. Who has no key was never sealed, or is erased by now.

    The same page is looked at again and again: where all are known, it is kept in mind.
    """
    if (kept := known.pages.get(persons)) is not None:
        return kept
    ids = {*_ids(persons)}
    found = {number for each in ids if (number := known.numbers.get(each)) is not None}
    array = f"{{{','.join(sorted(found))}}}"
    its_id = UUID(bytes=sha256(array.encode()).digest()[:16]) if len(found) > FEW else None
    told = _Told(array, its_id)
    if len(found) == len(ids):
        known.pages[persons] = told
    return told


def _nameless(text: str, known: _Known) -> str:
    """An address in which persons stand by the numbers of their keys, as in the log's own column;
    who was erased does not stand in it, nor who was asked for as a person and never known."""

    if not any(
        its_id in known.numbers or its_id in known.gone or _whose(name)
        for name, its_id in known.addresses[text]
    ):
        return text

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
