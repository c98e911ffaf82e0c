"""Who looks back or takes something out from the operator's shell, and that it is put on record.

Whoever has that shell sees the whole system, and persons as they are when it is asked for. Then it
is a read like one over HTTP: who, what, when, why, what came of it and whose data it was are in the
log of reads before anything is printed, or leaves in a file.
"""

from __future__ import annotations

import getpass
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import click

from facilities.privacy.reads import FILE, ReadsUnwritable
from facilities.scope import Actor
from facilities.scope import Role as ActorRole
from facilities.service import NotFound
from projections.audit.state import plain
from web.auditor import Auditor
from web.bootstrap import Almoner
from web.reads import LONGEST, also, persons_in

OURS = ("personal", "who", "why", "as_json")
"""Options that are not of the question."""

SHOWN, NOT_FOUND = 200, 404


who_option = click.option(
    "--who",
    default=getpass.getuser,
    metavar="NAME",
    help="Who does so; it is put on record. Without it, the user of this machine.",
)


def why_option(**options: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """What for: with a default, or required."""
    return click.option("--why", metavar="TEXT", help="What for; it is put on record.", **options)


def personal_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Let a command take ``--personal``, and who asks and why."""
    for option in (
        why_option(),
        who_option,
        click.option(
            "--personal",
            is_flag=True,
            help="Show what identifies a person; masked without it. It is put on record.",
        ),
    ):
        command = option(command)
    return command


@dataclass(frozen=True, slots=True)
class Looking:
    """Somebody who looks back, with what to look by."""

    almoner: Almoner
    auditor: Auditor
    why: str | None

    @classmethod
    def by(cls, almoner: Almoner, personal: bool, who: str, why: str | None) -> Looking:
        """In the role of an administrator, or of an auditor, who sees no persons."""
        role = ActorRole.SYSTEM_ADMINISTRATOR if personal else ActorRole.AUDITOR
        somebody, at = Actor(who, role), almoner.doors()
        return cls(almoner, Auditor(at.pool, at.ledger, at.seen_by(somebody), somebody), why)

    def end(self, stream_id: UUID) -> int:
        """The last version of a stream."""
        try:
            return self.auditor.end(stream_id)
        except NotFound:
            self._read(b"", NOT_FOUND)
            raise click.ClickException(f"There is no stream {stream_id}.") from None

    def nothing(self, said: str) -> click.ClickException:
        """What to raise where there is nothing of what was asked for."""
        self._read(b"", NOT_FOUND)
        return click.ClickException(said)

    def tells(self, content: Any) -> Any:
        """What is to be printed, as JSON has it, once it is on record whose data it shows."""
        text = json.dumps(content, default=plain)
        if self.auditor.actor.sees_personal:
            persons = persons_in(text.encode())
            if persons is not None:
                self._read(also(persons, self.auditor.persons), SHOWN)
        return json.loads(text)

    def _read(self, persons: bytes, outcome: int) -> None:
        if self.auditor.actor.sees_personal:
            put_on_record(self.almoner, self.auditor.actor.name, self.why, persons, outcome)


def goes_out(
    almoner: Almoner, who: str, why: str | None, file: str, persons: Iterable[UUID] = ()
) -> None:
    """That somebody takes a file out, by the command that is being carried out, and of whom it
    tells. To be called before it is written: where it cannot be put on record, nothing goes out."""
    put_on_record(almoner, who, why, also(b"", persons), file=file)


def put_on_record(
    almoner: Almoner,
    who: str,
    why: str | None,
    persons: bytes = b"",
    outcome: int = SHOWN,
    *,
    file: str | None = None,
) -> None:
    """That somebody has looked, by the command that is being carried out; or takes a `file` out."""
    if almoner.reads is None:
        return
    given = click.get_current_context()
    asked = "&".join(
        f"{name}={value}"
        for name, value in given.params.items()
        if name not in OURS and value not in (None, False, ())
    )
    if file is not None:
        asked = f"{FILE}{file}&{asked}"
    try:
        almoner.reads.record(
            actor=who,
            role=ActorRole.SYSTEM_ADMINISTRATOR,
            what=given.command_path,
            asked=asked[:LONGEST],
            why=why,
            outcome=outcome,
            source="cli",
            persons=persons,
        )
    except ReadsUnwritable as error:
        raise click.ClickException(f"Nothing is told: {error}.") from None
