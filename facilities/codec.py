"""How a fact becomes the bytes the ledger keeps, and bytes a fact.

The bytes are JSON: decimals as strings, days and instants in ISO 8601, UUIDs in their canonical
form, fields in the order they are declared. An older version of a fact is read through its
upcasters, one version at a time.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import msgspec

from domain.kernel import FACTS, UPCASTERS, Fact

_encoder = msgspec.json.Encoder()
_readers: dict[tuple[str, int], Callable[[bytes], Fact]] = {}
"""How each version of a fact is read, by its name and the version; made when it is first met."""


class Undecodable(Exception):
    """Stored bytes that no fact declared today can be made of."""


def encode(fact: Fact) -> bytes:
    """The bytes to store. The same fact always gives the same bytes."""
    return _encoder.encode(fact)


def decode(name: str, version: int, state: bytes) -> Fact:
    """The fact that `state` was stored for, as today's code declares it.

    Raises Undecodable where the name is unknown, the version is newer than the code's, an upcaster
    is missing, or the bytes do not fit.
    """
    read = _readers.get((name, version)) or _reader(name, version)
    try:
        return read(state)
    except (msgspec.MsgspecError, ValueError) as error:
        raise Undecodable(f"{name} version {version}: {error}") from error


def _reader(name: str, version: int) -> Callable[[bytes], Fact]:
    """What reads this version of a fact. For today's, straight into its dataclass: there is no
    dictionary in between."""
    try:
        kind = FACTS[name]
    except KeyError:
        raise Undecodable(f"no fact is called {name!r}") from None
    if version > kind.schema_version:
        raise Undecodable(
            f"{name} version {version} is newer than this program ({kind.schema_version})"
        )
    if version == kind.schema_version:
        read = msgspec.json.Decoder(kind).decode
    else:
        read = partial(_upcast, kind, version)
    return _readers.setdefault((name, version), read)


def _upcast(kind: type[Fact], version: int, state: bytes) -> Fact:
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
    return msgspec.convert(content, kind)
