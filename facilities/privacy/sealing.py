"""A personal value, sealed: what stands in an event in its place.

``sealed:<key>:<nonce and ciphertext>``, both in URL-safe base64. The key is a person's, by its own
random number, so that not even the person's identity stands in the event. What is sealed is the
value's JSON, with AES-256-GCM; the associated data are the key, the fact's name and the field's
path, so that a sealed value is good for nothing in any other place.
"""

from __future__ import annotations

import os
import re
from binascii import a2b_base64, b2a_base64
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from domain.personal import tombstone

NONCE_SIZE = 12

_DIGEST = b"almoner digest of a command"

_TEXT = len("sealed:") + 22
"""Where the colon stands behind the key's number."""

SHORTEST = _TEXT + 40
"""No sealed value is shorter: a nonce, a tag, and JSON of one letter."""

SEALED = b'"sealed:'
"""What stands in the bytes of every event in which something is sealed."""

_IN_BYTES = re.compile(rb'"sealed:([A-Za-z0-9_-]{22}):')

_tell = msgspec.json.Encoder().encode
_read = msgspec.json.Decoder().decode


class SealBroken(ValueError):
    """A sealed value that its key does not open: it was changed, or moved here from elsewhere."""


class PersonKey(NamedTuple):
    """A person's key. Without a cipher the person was erased, and nothing can be read any more."""

    key_id: UUID
    cipher: AESGCM | None


def key_ids_in(states: Iterable[bytes]) -> set[UUID]:
    """The keys that some events' values are sealed with."""
    return {
        _id(found) for state in states if SEALED in state for found in set(_IN_BYTES.findall(state))
    }


def key_named(text: str) -> UUID:
    """The key that a sealed value names, by the text it stands as there."""
    return _id(text.encode())


def key_of(sealed: str) -> UUID | None:
    """The key a value is sealed with; None where it is not sealed."""
    if sealed[:7] != "sealed:" or len(sealed) < SHORTEST or sealed[_TEXT] != ":":
        return None
    try:
        return _id(sealed[7:_TEXT].encode())
    except ValueError:
        return None


def sealed(value: Any, key: PersonKey, fact: str, path: str) -> str:
    """What is to stand in the place of a value."""
    assert key.cipher is not None
    nonce = os.urandom(NONCE_SIZE)
    content = nonce + key.cipher.encrypt(nonce, _tell(value), _bound_to(key.key_id, fact, path))
    return f"{_prefix(key.key_id)}{_text(content)}"


def opened(text: str, key: PersonKey, fact: str, path: str, hint: Any) -> Any:
    """The value that was sealed, as JSON has it; a tombstone where the person was erased.

    Raises SealBroken.
    """
    if key.cipher is None:
        return tombstone(hint, number_of(key.key_id))
    try:
        content = a2b_base64(text[_TEXT + 1 :].encode().translate(_STANDARD))
        return _read(
            key.cipher.decrypt(
                content[:NONCE_SIZE], content[NONCE_SIZE:], _bound_to(key.key_id, fact, path)
            )
        )
    except (InvalidTag, ValueError):
        raise SealBroken(f"what is sealed in {path} cannot be opened by its key") from None


def keyed(digest: bytes, key: PersonKey) -> bytes:
    """A digest of what names a person, in a form that tells nothing without the person's key: what
    it was made of could else be guessed, and tried out, when the person is erased. Always the same,
    in 16 bytes: the tag of AES-256-GCM over nothing, with a nonce that no other digest has."""
    assert key.cipher is not None
    return key.cipher.encrypt(digest[:NONCE_SIZE], b"", _DIGEST + digest)


def number_of(key_id: UUID) -> int:
    """The number of a key, which its tombstones bear."""
    return key_id.int & ((1 << 62) - 1)


def marker(key_id: UUID) -> bytes:
    """What all values begin with that are sealed with a key."""
    return _prefix(key_id).encode()


def _prefix(key_id: UUID) -> str:
    return f"sealed:{_text(key_id.bytes)[:22]}:"


def _bound_to(key_id: UUID, fact: str, path: str) -> bytes:
    return key_id.bytes + f"{fact}\x1f{path}".encode()


_URL_SAFE, _STANDARD = bytes.maketrans(b"+/", b"-_"), bytes.maketrans(b"-_", b"+/")


def _text(content: bytes) -> str:
    return b2a_base64(content, newline=False).translate(_URL_SAFE).decode()


@lru_cache(maxsize=4096)
def _id(text: bytes) -> UUID:
    return UUID(bytes=a2b_base64(text.translate(_STANDARD) + b"=="))
