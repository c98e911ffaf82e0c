"""The seals outside of the database: files that a text editor and `sha256sum` are enough for.

`seal-0000000001.json` is the signed statement of a seal, `seal-0000000001.leaves` its events, one
line each: position and hash. `key-<id>.json` is the introduction of a key. They are written whole
or not at all.
"""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path

from facilities.seals.keys import SealingRefused

_SEAL = re.compile(r"seal-([0-9]{10,})\.(json|leaves)")
_KEY = re.compile(r"key-([0-9a-f]{64})\.json")


class FolderUnusable(SealingRefused):
    """The folder of the seals cannot be read or written."""


class Folder:
    """A folder of seals. Raises FolderUnusable."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __str__(self) -> str:
        return str(self.path)

    # --- reading -------------------------------------------------------------------------------

    def numbers(self) -> list[int]:
        """The numbers of the seals of which there is anything, sorted."""
        return sorted({int(found[1]) for each in self._names() if (found := _SEAL.fullmatch(each))})

    def statement(self, number: int) -> str | None:
        """The statement of a seal; None where there is none."""
        return self._read(_seal(number, "json"))

    def listing(self, number: int) -> str | None:
        """The listing of a seal's leaves; None where there is none."""
        return self._read(_seal(number, "leaves"))

    def introductions(self) -> dict[str, str]:
        """The introductions of keys, by key id."""
        found = (each for name in self._names() if (each := _KEY.fullmatch(name)))
        return {each[1]: self._read(each[0]) or "" for each in found}

    def _names(self) -> list[str]:
        try:
            return os.listdir(self.path)
        except FileNotFoundError:
            return []
        except OSError as error:
            raise self._unusable(error) from error

    def _read(self, name: str) -> str | None:
        try:
            # What is no text any more is still shown, so that it is found to be altered.
            return (self.path / name).read_bytes().decode(errors="backslashreplace")
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._unusable(error) from error

    # --- writing -------------------------------------------------------------------------------

    def add(self, number: int, statement: str, listing: str) -> None:
        """A seal. The statement comes last: where it is, the leaves are too."""
        self._write(_seal(number, "leaves"), listing)
        self._write(_seal(number, "json"), statement)

    def introduce(self, key_id: str, introduction: str) -> None:
        """A key."""
        self._write(f"key-{key_id}.json", introduction)

    def _write(self, name: str, text: str) -> None:
        """Into a file beside it, to the disk, and under its name; then the name to the disk."""
        if self._read(name) == text:
            return
        path = self.path / name
        beside = self.path / f".{name}.{os.getpid()}"
        try:
            self.path.mkdir(exist_ok=True)
            with beside.open("w", encoding="ascii", newline="\n") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(path)
            folder = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError as error:
            with suppress(OSError):
                beside.unlink()
            raise self._unusable(error) from error

    def _unusable(self, error: OSError) -> FolderUnusable:
        return FolderUnusable(f"the folder of the seals, {self.path}: {error.strerror}")


def _seal(number: int, kind: str) -> str:
    return f"seal-{number:010}.{kind}"
