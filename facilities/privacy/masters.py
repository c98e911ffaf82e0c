"""Master keys: what wraps the keys of persons, kept outside of the database.

A file of master keys has one on a line, 32 random bytes in base64; the first wraps, and the others
only unwrap what was wrapped with them, until it has been wrapped anew (`almoner privacy rewrap`).
A key management service takes the place of a file by being a `MasterKey`.
"""

from __future__ import annotations

import base64
import binascii
import os
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Protocol, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_SIZE, NONCE_SIZE = 32, 12

FILE_NAME = "master.keys"
"""What the file is called that is made beside the embedded database."""


class MasterKeyRefused(Exception):
    """A master key that is missing or cannot be used; says why, and never what it is."""


class MasterKey(Protocol):
    """Wraps and unwraps the keys of persons. `bound_to` must be the same both times."""

    @property
    def master_id(self) -> str:
        """What is kept beside a wrapped key, to find who can unwrap it."""

    def wrap(self, key: bytes, bound_to: bytes) -> bytes: ...

    def unwrap(self, wrapped: bytes, bound_to: bytes) -> bytes:
        """Raises MasterKeyRefused."""


class LocalMasterKey:
    """A master key that this process holds: AES-256-GCM. Says no more of itself than its id."""

    __slots__ = ("_cipher", "master_id")

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)
        self.master_id = sha256(b"almoner master key" + key).hexdigest()[:16]

    def wrap(self, key: bytes, bound_to: bytes) -> bytes:
        nonce = os.urandom(NONCE_SIZE)
        return nonce + self._cipher.encrypt(nonce, key, bound_to)

    def unwrap(self, wrapped: bytes, bound_to: bytes) -> bytes:
        try:
            return self._cipher.decrypt(wrapped[:NONCE_SIZE], wrapped[NONCE_SIZE:], bound_to)
        except InvalidTag:
            raise MasterKeyRefused("a person's key was changed since it was wrapped") from None

    def __repr__(self) -> str:
        return f"LocalMasterKey({self.master_id})"


@dataclass(frozen=True, slots=True)
class Masters:
    """The master key that wraps, and those that only unwrap."""

    current: MasterKey
    earlier: tuple[MasterKey, ...] = ()

    def __getitem__(self, master_id: str) -> MasterKey:
        for each in (self.current, *self.earlier):
            if each.master_id == master_id:
                return each
        raise MasterKeyRefused(
            f"personal data is sealed under the master key {master_id}, which is not among those "
            "of ALMONER_MASTER_KEY_FILE or ALMONER_MASTER_KEY"
        )


@dataclass(frozen=True, slots=True)
class MasterSettings:
    """Where the master keys are: in a file, or in the environment; read when first needed, and by
    each process for itself. A file that is `ours` is made where there is none."""

    file: Path | None = None
    text: str | None = field(default=None, repr=False)
    ours: bool = False

    @classmethod
    def from_environment(cls, env: Mapping[str, str], home: Path | None) -> Self:
        """ALMONER_MASTER_KEY_FILE or ALMONER_MASTER_KEY. Without either, a file in `home`, the
        folder of the embedded database; for a database elsewhere, where there is no such folder,
        there is no key then.

        Raises MasterKeyRefused.
        """
        file, text = env.get("ALMONER_MASTER_KEY_FILE"), env.get("ALMONER_MASTER_KEY")
        if file and text:
            raise MasterKeyRefused(
                "ALMONER_MASTER_KEY_FILE and ALMONER_MASTER_KEY are both set: one is enough"
            )
        if file or text:
            return cls(Path(file) if file else None, text or None)
        return cls() if home is None else cls(home / FILE_NAME, ours=True)

    def masters(self) -> Masters:
        """Raises MasterKeyRefused."""
        if self.text is not None:
            return _masters(self.text.split(","), "ALMONER_MASTER_KEY")
        if self.file is None:
            raise MasterKeyRefused(
                "there is no master key, and personal data is sealed: "
                "`almoner privacy new-key FILE` makes one, and ALMONER_MASTER_KEY_FILE names it; "
                "every program on this database needs the same file"
            )
        if self.ours and not self.file.exists():
            _made_once(self.file)
        try:
            lines = self.file.read_text(encoding="ascii").splitlines()
        except UnicodeDecodeError:
            lines = []
        except OSError as error:
            raise MasterKeyRefused(f"{self.file} cannot be read: {error.strerror}") from None
        return _masters(lines, str(self.file))


def _masters(lines: Sequence[str], whence: str) -> Masters:
    keys = []
    for each in filter(None, map(str.strip, lines)):
        try:
            key = base64.b64decode(each, validate=True)
        except (binascii.Error, ValueError):
            key = b""
        if len(key) != KEY_SIZE:
            raise MasterKeyRefused(
                f"{whence} has no master keys: each is {KEY_SIZE} random bytes in base64, one on a "
                "line (`almoner privacy new-key` makes one)"
            )
        keys.append(LocalMasterKey(key))
    if not keys:
        raise MasterKeyRefused(f"{whence} is empty: there is no master key in it")
    return Masters(keys[0], tuple(keys[1:]))


def new_master_key(path: Path) -> LocalMasterKey:
    """Make a master key, and put it first in a file that nobody but its owner may read; those that
    were there stay, to unwrap what they have wrapped. Raises MasterKeyRefused."""
    try:
        earlier = path.read_text(encoding="ascii") if path.exists() else ""
        if earlier:
            _masters(earlier.splitlines(), str(path))
        key = secrets.token_bytes(KEY_SIZE)
        beside = path.with_name(f".{path.name}.{os.getpid()}")
        _write(beside, base64.b64encode(key).decode() + "\n" + earlier)
        beside.replace(path)
    except UnicodeDecodeError:
        raise MasterKeyRefused(f"{path} is no file of master keys") from None
    except OSError as error:
        raise MasterKeyRefused(f"{path} cannot be written: {error.strerror}") from None
    return LocalMasterKey(key)


def _made_once(path: Path) -> None:
    """Make the file where nobody has yet; of several processes that begin at once, one does."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(beside, base64.b64encode(secrets.token_bytes(KEY_SIZE)).decode() + "\n")
        try:
            os.link(beside, path)
        except FileExistsError:
            pass
        finally:
            beside.unlink()
    except OSError as error:
        raise MasterKeyRefused(f"{path} cannot be written: {error.strerror}") from None


def _write(path: Path, text: str) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
