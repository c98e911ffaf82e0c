"""Signed statements: JSON that can be written in one way only, and read with a text editor.

A statement is an object with sorted names, two spaces of indentation, ASCII, a line end at its
end. Its member `signature` is an Ed25519 signature, in hexadecimal, over the same text without it.
Nothing else is a statement: a byte that could be changed without a meaning would be a byte nobody
misses.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from hashlib import sha256
from typing import Any, ClassVar, Self

from facilities.seals.keys import PublicKey, SigningKey, public_key


class Malformed(Exception):
    """A text that is no statement, or not of the kind it should be."""


def written(content: Mapping[str, Any]) -> str:
    """The one text of a statement."""
    return json.dumps(content, indent=2, sort_keys=True) + "\n"


def signed(content: Mapping[str, Any], key: SigningKey) -> str:
    """The text of a statement with its signature."""
    return written({**content, "signature": key.sign(written(content).encode()).hex()})


def digest(text: str) -> str:
    """How a statement is named by others: the SHA-256 of its text."""
    return sha256(text.encode()).hexdigest()


def read(text: str) -> dict[str, Any]:
    """The content of a statement, its signature included. Raises Malformed."""
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Malformed(f"it is not JSON: {error}") from None
    if not isinstance(content, dict) or written(content) != text:
        raise Malformed("it is not written as a statement is")
    return content


def is_signed_by(key: PublicKey, text: str) -> bool:
    """Whether a statement bears this key's signature. Raises Malformed."""
    content = read(text)
    signature = content.pop("signature", None)
    if not isinstance(signature, str) or signature != signature.lower():
        raise Malformed("it has no signature")
    try:
        given = bytes.fromhex(signature)
    except ValueError:
        raise Malformed("its signature is not hexadecimal") from None
    return key.has_signed(given, written(content).encode())


@dataclass(frozen=True, slots=True, kw_only=True)
class _Statement:
    """What statements have in common: their members, one by one, of the right type."""

    format: ClassVar[str]

    def content(self) -> dict[str, Any]:
        return {"format": self.format, **asdict(self)}

    def sign(self, key: SigningKey) -> str:
        """Its text, signed."""
        return signed(self.content(), key)

    @classmethod
    def read(cls, text: str) -> Self:
        """What a text states. Raises Malformed. Does not look at the signature."""
        content = read(text)
        content.pop("signature", None)
        if content.pop("format", None) != cls.format:
            raise Malformed(f"it is not of the format {cls.format}")
        types = {each.name: {"int": int, "str": str}[str(each.type)] for each in fields(cls)}
        if {name: type(value) for name, value in content.items()} != types:
            raise Malformed(f"it has other members than {cls.format} has")
        return cls(**content)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal(_Statement):
    """Seal `number` says: the tree of the first `tree_size` events has this `root`.

    Since the seal before, it took in the events from `first_position` to `last_position`. `leaves`
    is the SHA-256 of the list of these events' hashes, `predecessor` that of the seal before (empty
    for the first), `key` who signs, `sealed_at` when. Hashes are hexadecimal.
    """

    format: ClassVar[str] = "almoner-seal/1"
    number: int
    first_position: int
    last_position: int
    tree_size: int
    root: str
    leaves: str
    predecessor: str
    key: str
    sealed_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Introduction(_Statement):
    """A key that may sign seals, introduced by the key before it; the first one by itself.

    `public_key` is PEM; `key` and `introduced_by` are key ids; signed by who introduces.
    """

    format: ClassVar[str] = "almoner-key/1"
    key: str
    public_key: str
    introduced_by: str
    introduced_at: str

    @property
    def public(self) -> PublicKey:
        """The key itself. Raises Malformed where it is none, or another than `key` names."""
        try:
            found = public_key(self.public_key)
        except ValueError as error:
            raise Malformed(f"its public key cannot be read: {error}") from None
        if found.key_id != self.key or found.pem != self.public_key:
            raise Malformed("its public key is another than the one it names")
        return found


def introduce(new: PublicKey, by: SigningKey, at: datetime) -> str:
    """The signed introduction of a key."""
    return Introduction(
        key=new.key_id,
        public_key=new.pem,
        introduced_by=by.public.key_id,
        introduced_at=instant(at),
    ).sign(by)


def instant(at: datetime) -> str:
    """An instant as statements tell it."""
    return at.isoformat(timespec="microseconds")
