"""A journal of reads: a file of one process, of what was answered and is not in the database yet.

It is sealed with a key of its own, wrapped by the master key: reads name persons. It is written
through memory that is the file's own: what is put there is the operating system's at once, as with
any write, and stays when the process is killed; but nothing is called for it, so that who writes
keeps the interpreter. With dozens of threads about, getting it back takes longer than the writing.
"""

from __future__ import annotations

import fcntl
import logging
import mmap
import os
from base64 import b64decode, b64encode
from binascii import b2a_base64
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from facilities.answers import new_id
from facilities.privacy.keyring import Keyring
from facilities.privacy.masters import KEY_SIZE

log = logging.getLogger(__name__)

ROOM = 4 << 20
"""How long a journal is, unless one read alone needs more."""

_NONCE = 12
_END = b"\n"
_BOUND_TO = b"almoner journal of reads"


class Journal:
    """A file of reads that are not in the database yet: a wrapped key, and sealed lines.

    Of one that was begun here, what is beyond the last line is zeros; others are only read.
    """

    def __init__(self, path: Path, handle: int, key: bytes, end: int = 0) -> None:
        self.path, self._handle, self._cipher = path, handle, AESGCM(key)
        self._end, self._lines = end, 0
        self._memory = _in_memory(handle) if end else None

    @classmethod
    def begun(cls, folder: Path, keyring: Keyring, at_least: int = 0) -> Journal:
        """A new one, in which there is room for `at_least` so many bytes of a read. Its name is of
        this process and moment; who holds it has it locked."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        key, master = os.urandom(KEY_SIZE), keyring.masters.current
        wrapped = b64encode(master.wrap(key, _BOUND_TO)).decode()
        head = f"{master.master_id} {wrapped}\n".encode()
        path = folder / f"{new_id()}.reads"
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            os.write(handle, head)
            _reserve(handle, len(head), max(ROOM, 2 * at_least + mmap.PAGESIZE))
            if os.fstat(handle).st_nlink:
                return cls(path, handle, key, len(head))
        except BaseException:
            path.unlink(missing_ok=True)
            os.close(handle)
            raise
        # Somebody who looked for journals came between its making and its locking, and took it for
        # one that was never begun.
        os.close(handle)
        return cls.begun(folder, keyring, at_least)

    @classmethod
    def found(cls, path: Path, keyring: Keyring) -> Journal | None:
        """One that somebody left behind; None where it is held, or was never begun."""
        handle = os.open(path, os.O_RDWR)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            head = path.read_bytes().split(_END, 1)[0].split()
            if len(head) != 2:
                path.unlink(missing_ok=True)
            else:
                master = keyring.masters[head[0].decode()]
                return cls(path, handle, master.unwrap(b64decode(head[1]), _BOUND_TO))
        except (BlockingIOError, FileNotFoundError):
            pass
        except BaseException:
            os.close(handle)
            raise
        os.close(handle)
        return None

    def write(self, read: bytes) -> bool:
        """Put a read in; whether there is room for it. For one thread at a time."""
        # The key seals nothing but this journal, so that a number is all that a nonce must be.
        self._lines += 1
        nonce = self._lines.to_bytes(_NONCE, "big")
        line = b2a_base64(nonce + self._cipher.encrypt(nonce, read, _BOUND_TO), newline=False)
        begin, end, memory = self._end, self._end + len(line), self._memory
        if memory is None or end >= len(memory):
            return False
        memory[begin:end] = line
        memory[end : end + 1] = _END  # a line is whole when its end is there
        self._end = end + 1
        return True

    def lines(self) -> list[bytes]:
        """The reads, in order. A last line that was not written whole was never answered."""
        _head, *lines = self.path.read_bytes().split(_END)
        found = []
        for each in lines[:-1]:
            try:
                content = b64decode(each)
                found.append(self._cipher.decrypt(content[:_NONCE], content[_NONCE:], _BOUND_TO))
            except (InvalidTag, ValueError):
                log.error("%s has a line that was changed; the others are taken in", self.path)
        return found

    def let_go(self) -> None:
        """Leave it to whoever looks for journals next."""
        if self._memory is not None:
            self._memory.close()  # it holds the lock as well
        os.close(self._handle)

    def remove(self) -> None:
        self.path.unlink(missing_ok=True)
        self.let_go()


def _reserve(handle: int, begin: int, size: int) -> None:
    """Write zeros. Where the disk is full, it says so here; of memory that turns out to have no
    disk behind it, the process dies. And what was written once is not waited for again."""
    if os.pwrite(handle, bytes(size), begin) != size:
        raise OSError("there is no room for a journal of reads")


def _in_memory(handle: int) -> mmap.mmap:
    """The file in memory, each page of it touched: the first to write to one may have to wait for
    the file system, and here nobody waits for him."""
    memory = mmap.mmap(handle, 0)
    for at in range(0, len(memory), mmap.PAGESIZE):
        memory[at] = memory[at]
    return memory
