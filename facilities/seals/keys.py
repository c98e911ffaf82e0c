"""Ed25519 keys: who seals, and by whose public key a seal is checked.

A private key is a PEM file (PKCS 8, without a password) or the same text in the environment. It is
held in memory by whoever seals and appears in no text this program makes. A key's id is the SHA-256
of its public part in DER, as `openssl pkey -in KEY -pubout -outform DER | sha256sum` gives it.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)


class SealingRefused(Exception):
    """What has to do with seals cannot be done; says why."""


class KeyRefused(SealingRefused):
    """A key that cannot be used, or a file it cannot be written to."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """What everybody may have."""

    _key: Ed25519PublicKey

    @property
    def key_id(self) -> str:
        der = self._key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return sha256(der).hexdigest()

    @property
    def pem(self) -> str:
        return self._key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    def has_signed(self, signature: bytes, content: bytes) -> bool:
        try:
            self._key.verify(signature, content)
        except InvalidSignature:
            return False
        return True


def public_key(pem: str) -> PublicKey:
    """The key of a PEM text. Raises ValueError."""
    try:
        found = load_pem_public_key(pem.encode())
    except UnsupportedAlgorithm as error:
        raise ValueError(str(error)) from None
    if not isinstance(found, Ed25519PublicKey):
        raise ValueError("it is not an Ed25519 key")
    return PublicKey(found)


class SigningKey:
    """A private key. Says no more of itself than its id."""

    __slots__ = ("_key", "public")

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.public = PublicKey(key.public_key())

    @classmethod
    def read(cls, pem: bytes, whence: str) -> SigningKey:
        """The key of a PEM text; `whence` is what a refusal calls its source. Raises KeyRefused."""
        try:
            found = load_pem_private_key(pem, password=None)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            # The parser's complaint may quote what it read.
            raise KeyRefused(
                f"{whence} holds no private key in PEM without a password; "
                "`almoner audit key new` makes one"
            ) from None
        if not isinstance(found, Ed25519PrivateKey):
            raise KeyRefused(f"{whence} holds a private key, but not one of Ed25519")
        return cls(found)

    @classmethod
    def from_file(cls, path: Path) -> SigningKey:
        """Raises KeyRefused."""
        try:
            return cls.read(path.read_bytes(), str(path))
        except OSError as error:
            raise KeyRefused(f"{path} cannot be read: {error.strerror}") from None

    def sign(self, content: bytes) -> bytes:
        return self._key.sign(content)

    def __repr__(self) -> str:
        return f"SigningKey({self.public.key_id})"


def new_key(path: Path) -> SigningKey:
    """Make a key, in a new file that nobody but its owner may read. Raises KeyRefused."""
    made = Ed25519PrivateKey.generate()
    text = made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError:
        raise KeyRefused(f"{path} exists; a key is never written over") from None
    except OSError as error:
        raise KeyRefused(f"{path} cannot be written: {error.strerror}") from None
    return SigningKey(made)
