"""What tells whether a command that is sent again under its id is the same one."""

from __future__ import annotations

import hashlib
from dataclasses import fields
from functools import cache
from typing import Any

import msgspec

from domain.kernel import Command
from facilities.answers import Context

DIGEST_BYTES = 16
"""How much of a digest is kept: enough that no two requests of one key share it by accident. What
was stored before it was shortened is longer."""

_digester = msgspec.json.Encoder()


def digest_of(command: Command, context: Context) -> bytes:
    """What makes two commands the same: their name, their content and the version expected."""
    kind: Any = type(command)
    content = [
        getattr(command, name)
        for name in _content(kind)
        if not (context.born and name == command.stream)
    ]
    meant = [command.name, context.expected_version, content]
    return hashlib.sha256(_digester.encode(meant)).digest()[:DIGEST_BYTES]


def is_same(stored: bytes, digest: bytes | None) -> bool:
    """Whether a command that was given before had this digest."""
    return stored[:DIGEST_BYTES] == digest


@cache
def _content(kind: Any) -> tuple[str, ...]:
    """The fields of a kind of command."""
    return tuple(each.name for each in fields(kind))
