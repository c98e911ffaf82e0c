"""A journal of reads: a file of one process, of what was answered and is not in the database yet.

It is sealed with a key of its own, wrapped by the master key: reads name persons.
"""

from __future__ import annotations

import fcntl
import logging
import os
from base64 import b64decode, b64encode
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from facilities.answers import new_id
from facilities.privacy.keyring import Keyring
from facilities.privacy.masters import KEY_SIZE

log = logging.getLogger(__name__)

_NONCE = 12
_BOUND_TO = b"almoner journal of reads"


class Journal:
    """A file of reads that are not in the database yet: a wrapped key, and sealed lines."""

    def __init__(self, path: Path, handle: int, key: bytes) -> None:
        self.path, self._handle, self._cipher = path, handle, AESGCM(key)

    @classmethod
    def begun(cls, folder: Path, keyring: Keyring) -> Journal:
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
    def found(cls, path: Path, keyring: Keyring) -> Journal | None:
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
