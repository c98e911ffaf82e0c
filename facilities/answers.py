"""What goes with a command into the service, and what comes back."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from uuid_utils.compat import uuid7

from domain.kernel import Command, Refused
from facilities.scope import Actor


def new_id() -> UUID:
    """An id for something born here (UUIDv7: ids sort by the time they were made)."""
    return uuid7()


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What goes with a command: who gives it, its id, and what is written down about it.

    `keyed`: the caller chose the command id and may send it again. `born`: the id of the stream
    was made for this request, so it is no part of what is compared when it is sent again.
    """

    actor: Actor
    command_id: UUID = field(default_factory=new_id)
    keyed: bool = False
    born: bool = False
    expected_version: int | None = None
    correlation_id: UUID | None = None
    causation_id: UUID | None = None
    reason: str | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a command came to: its stream, the version it is at, and the position to wait for.

    `facts` names what was recorded; empty where it was so already. `warnings` is what these facts
    say of soft rules. `replayed`: this command was given before, and this is what it was answered.
    """

    stream_id: UUID
    version: int
    position: int
    facts: tuple[str, ...]
    replayed: bool = False
    warnings: tuple[object, ...] = ()


class NotFound(Exception):
    """There is no such thing, or it is not this actor's to know of."""

    def __init__(self, kind: str, its_id: UUID) -> None:
        super().__init__(f"There is no such {kind.replace('_', ' ')}.")
        self.kind, self.id = kind, its_id


class NotPermitted(Exception):
    """The actor's role does not do this, or it is the whole health system's to decide."""


class StaleVersion(Exception):
    """The stream is not at the version the command expected."""

    def __init__(self, expected: int, current: int) -> None:
        super().__init__(f"Expected version {expected}, but it is at version {current}.")
        self.expected, self.current = expected, current


class KeyReused(Exception):
    """This command id was used before, for other content."""

    def __init__(self, command_id: UUID) -> None:
        super().__init__("This key was used before, for another request.")
        self.command_id = command_id


class Contended(Exception):
    """Others wrote to the same streams each time; nothing was recorded."""


class Overtaken(Exception):
    """Another has reacted to this event for the same process; nothing was recorded."""


Answer = Outcome | Refused | NotFound | NotPermitted | StaleVersion | KeyReused
Instruction = tuple[Command, Context]
