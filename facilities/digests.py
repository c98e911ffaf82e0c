"""What tells whether a command that is sent again under its id is the same one."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import fields
from functools import cache
from operator import attrgetter
from typing import Any

import msgspec

from domain.kernel import Command
from facilities.answers import Context
from facilities.privacy.sealing import PersonKey, keyed

DIGEST_BYTES = 16
"""How much of a digest is kept: enough that no two requests of one key share it by accident. What
was stored before it was shortened is longer."""

_digester = msgspec.json.Encoder()


def digest_of(command: Command, context: Context) -> bytes:
    """What makes two commands the same: their name, their content and the version expected."""
    kind: Any = type(command)
    content = _content(kind, born=context.born)(command)
    meant = [command.name, context.expected_version, content]
    return hashlib.sha256(_digester.encode(meant)).digest()[:DIGEST_BYTES]


def is_same(stored: bytes, digest: bytes | None, key: PersonKey | None = None) -> bool:
    """Whether a command that was given before had this digest. `key` is what it was stored under,
    where the command was about a person; of who is erased nothing can be compared any more, and the
    first answer, which tells of nobody, is good for all."""
    if stored[:DIGEST_BYTES] == digest:
        return True
    if key is None or digest is None:
        return False
    return key.cipher is None or stored == keyed(digest, key)


@cache
def _content(kind: Any, *, born: bool) -> Callable[[Command], tuple[Any, ...]]:
    """What reads the fields of a kind of command, but for the stream that was born with it."""
    names = [each.name for each in fields(kind) if not (born and each.name == kind.stream)]
    if len(names) > 1:
        return attrgetter(*names)
    return lambda command: tuple(getattr(command, name) for name in names)
