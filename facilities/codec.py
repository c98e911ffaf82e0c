"""How a fact becomes the bytes the ledger keeps, and bytes a fact.

The bytes are JSON: decimals as strings, days and instants in ISO 8601, UUIDs in their canonical
form, fields in the order they are declared. An older version of a fact is read through its
upcasters, one version at a time.

What is personal in a fact is sealed with a key of the person's, where there are keys
(`facilities.privacy`). Facts without personal fields never come near them, and those that were
stored before there were keys are read as they stand.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import fields
from functools import cache, partial
from operator import attrgetter
from typing import Any, get_type_hints
from uuid import UUID

import msgspec

from domain.kernel import FACTS, UPCASTERS, Fact, foreign_id
from domain.personal import personal_fields
from facilities.privacy.sealing import SEALED, PersonKey, key_of, opened, sealed

_encoder = msgspec.json.Encoder()
_one_at_a_time = threading.RLock()
"""Held while msgspec finds out what a dataclass is made of. It keeps that with the class before it
is whole, and a thread that takes it from there meanwhile brings the process down (0.22)."""

Keys = Mapping[UUID, PersonKey]
"""The keys of persons, by the keys' own numbers."""

_Plain = Callable[[bytes], Fact]
_Opening = Callable[[bytes, Keys], Fact]

_readers: dict[tuple[str, int], tuple[_Plain | None, _Opening | None]] = {}
"""How each version of a fact is read, by its name and the version; made when it is first met: by
the first where nothing in it is sealed, else by the second."""

_NO_KEYS: Keys = {}


class Undecodable(Exception):
    """Stored bytes that no fact declared today can be made of."""


def encode(fact: Fact, key: PersonKey | None = None) -> bytes:
    """The bytes to store. The same fact always gives the same bytes, but for what is sealed: that
    is never twice the same."""
    kind: Any = type(fact)
    if key is None or not personal_fields(kind):
        return _encoder.encode(fact)
    return _encoder.encode(_stored_form(kind).of(fact, key))


def decode(name: str, version: int, state: bytes, keys: Keys = _NO_KEYS) -> Fact:
    """The fact that `state` was stored for, as today's code declares it.

    Raises Undecodable where the name is unknown, the version is newer than the code's, an upcaster
    is missing, the bytes do not fit, or what is sealed in them cannot be opened.
    """
    plain, opening = _readers.get((name, version)) or _reader(name, version)
    try:
        if plain is None or (opening is not None and SEALED in state):
            assert opening is not None
            return opening(state, keys)
        return plain(state)
    except (msgspec.MsgspecError, ValueError) as error:
        raise Undecodable(f"{name} version {version}: {error}") from error


def person_of(fact: Fact, stream_id: UUID) -> UUID | None:
    """Whose the personal fields of a fact are: the person it names, or else the thing it happened
    to (a member of the staff is one). None where it has no personal fields, or nothing in them.

    A person who is named by something else than a UUID is known by one that is made of it.
    """
    kind: Any = type(fact)
    if all(getattr(fact, name) is None for name in personal_fields(kind)):
        return None
    named = None if kind.person is None else _at(kind.person)(fact)
    if named is None:
        return stream_id
    return named if isinstance(named, UUID) else foreign_id("person", named)


@cache
def is_personal(name: str) -> bool:
    """Whether facts of a name have, or had, personal fields. Of a name that is unknown it is so."""
    kind: Any = FACTS.get(name)
    return kind is None or bool(personal_fields(kind))


_at = cache(attrgetter)


class _StoredForm:
    """A fact with personal fields as it is stored: other fields are as they are, those hold what
    JSON has, sealed."""

    def __init__(self, kind: Any) -> None:
        self._name, self._walks = kind.name, personal_fields(kind)
        self._hints = hints = get_type_hints(kind)
        self._fields = [each.name for each in fields(kind)]
        self._form: Any = msgspec.defstruct(
            f"Stored{kind.__name__}",
            [(name, Any if name in self._walks else hints[name]) for name in self._fields],
        )
        self._decode = msgspec.json.Decoder(self._form).decode
        # What is opened is made into these fields' own dataclasses, which are to be known by then.
        msgspec.json.Decoder(kind)
        self._kind = kind

    def of(self, fact: Fact, key: PersonKey) -> Any:
        """What is to be stored for a fact."""
        form = self._form(*[getattr(fact, name) for name in self._fields])

        def seal(value: Any, _hint: Any, path: str) -> str:
            return sealed(value, key, self._name, path)

        for name, walk in self._walks.items():
            value = msgspec.to_builtins(getattr(form, name))
            setattr(form, name, walk(value, seal, name))
        return form

    def read(self, state: bytes, keys: Keys) -> Fact:
        """The fact of stored bytes."""
        form, open_one = self._decode(state), partial(_open, self._name, keys)
        values = {name: getattr(form, name) for name in self._fields}
        for name, walk in self._walks.items():
            opened = walk(values[name], open_one, name)
            values[name] = msgspec.convert(opened, self._hints[name])
        fact: Fact = self._kind(**values)
        return fact


_stored_forms: dict[Any, _StoredForm] = {}


def _stored_form(kind: Any) -> _StoredForm:
    if (known := _stored_forms.get(kind)) is None:
        with _one_at_a_time:
            known = _stored_forms.setdefault(kind, _StoredForm(kind))
    return known


def _open(name: str, keys: Keys, value: Any, hint: Any, path: str) -> Any:
    if not isinstance(value, str) or (key_id := key_of(value)) is None:
        return value
    try:
        key = keys[key_id]
    except KeyError:
        raise Undecodable(f"{name}: {path} is sealed, and there is no key at hand") from None
    return opened(value, key, name, path, hint)


def _reader(name: str, version: int) -> tuple[_Plain | None, _Opening | None]:
    """What reads this version of a fact. For today's, straight into its dataclass: there is no
    dictionary in between."""
    try:
        kind: Any = FACTS[name]
    except KeyError:
        raise Undecodable(f"no fact is called {name!r}") from None
    if version > kind.schema_version:
        raise Undecodable(
            f"{name} version {version} is newer than this program ({kind.schema_version})"
        )
    with _one_at_a_time:
        plain: _Plain = msgspec.json.Decoder(kind).decode
    if version < kind.schema_version:
        return _readers.setdefault((name, version), (None, partial(_upcast, kind, version)))
    opening = _stored_form(kind).read if personal_fields(kind) else None
    return _readers.setdefault((name, version), (plain, opening))


def _upcast(kind: Any, version: int, state: bytes, keys: Keys) -> Fact:
    content: dict[str, Any] = msgspec.json.decode(state, type=dict)
    for step in range(version, kind.schema_version):
        upcast = UPCASTERS.get((kind.name, step))
        if upcast is None:
            raise Undecodable(f"{kind.name} version {step} has no upcaster")
        try:
            content = upcast(content)
        except (KeyError, TypeError, AttributeError) as error:
            said = f"{kind.name} version {step} is not as its upcaster expects"
            raise Undecodable(said) from error
    for name, walk in personal_fields(kind).items():
        if name in content:
            content[name] = walk(content[name], partial(_open, kind.name, keys), name)
    fact: Fact = msgspec.convert(content, kind)
    return fact
