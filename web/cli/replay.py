"""`almoner audit timeline`, `state`, `causes`: what happened, and what it came to."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import click

from domain.kernel import FACTS, Recorded
from projections.audit.difference import compare
from projections.audit.state import Moment
from projections.audit.timeline import Asked, named
from web import audit_answers as answers
from web.auditor import Auditor
from web.bootstrap import Almoner
from web.cli.asking import id_option, instant_option, moment_option, position_known, position_option
from web.cli.looking import Looking, personal_options
from web.cli.printing import answer, json_option, say
from web.cli.retelling import chains, line, shown

PAGE = 500


# --- timeline ------------------------------------------------------------------------------------


def _one_or_more(
    _ctx: click.Context, _param: click.Parameter, value: str | None
) -> tuple[str, ...] | None:
    """The facts that are meant. For what is none there would be no event, as if nothing of the kind
    had happened."""
    if value is None:
        return None
    if found := tuple(each for each in named(value) if each in FACTS):
        return found
    begins = value.strip(".*") + "."
    meant = f"; all that begin so are asked for by {begins!r}" if named(begins) else ""
    raise click.BadParameter(f"there is no fact {value!r}{meant}.")


@click.command("timeline")
@id_option("--facility", "Events of this facility.")
@id_option("--stream", "Events of this stream.")
@click.option("--actor", metavar="NAME", help="Who did it.")
@click.option("--role", metavar="ROLE", help="In which role.")
@id_option("--command", "What this command recorded.")
@id_option("--correlation", "What belongs to this.")
@id_option("--causation", "What followed from this command.")
@click.option(
    "--fact",
    "facts",
    callback=_one_or_more,
    metavar="NAME",
    help="A fact's name, or how it begins: 'claim.'.",
)
@instant_option("--effective-from", "Happened then or later.")
@instant_option("--effective-to", "Happened then or before.")
@instant_option("--recorded-from", "Recorded then or later.")
@instant_option("--recorded-to", "Recorded then or before.")
@position_option("--position-from", "At this position or a later one.")
@position_option("--position-to", "At this position or an earlier one.")
@click.option("--newest", is_flag=True, help="The last ones first.")
@position_option("--beyond", "Go on beyond this position.")
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=100,
    show_default=True,
    help="How many events at most.",
)
@personal_options
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object a line, an event each.")
def timeline(
    facility: UUID | None,
    stream: UUID | None,
    command: UUID | None,
    correlation: UUID | None,
    causation: UUID | None,
    facts: tuple[str, ...] | None,
    newest: bool,
    beyond: int | None,
    limit: int,
    personal: bool,
    who: str,
    why: str | None,
    as_json: bool,
    **others: Any,
) -> None:
    """What happened, by any dimension: one line an event. What is given must all be so."""
    asked = Asked(
        facility_id=facility,
        stream_id=stream,
        command_id=command,
        correlation_id=correlation,
        causation_ids=None if causation is None else (causation,),
        facts=facts,
        **others,
    )
    if (turned := asked.turned()) is not None:
        raise click.UsageError(f"--{turned}-from must not be after --{turned}-to.")
    found = 0
    with Almoner.from_environment() as almoner:
        looking = Looking.by(almoner, personal, who, why)
        for events in _pages(looking.auditor, asked, beyond, newest, limit):
            told = looking.tells([answers.told(each) for each in events])
            say(map(json.dumps, told) if as_json else map(line, events))
            found += len(events)
    if not found and not as_json:
        click.echo("Nothing is recorded that is all of that.", err=True)


def _pages(
    auditor: Auditor, asked: Asked, beyond: int | None, newest: bool, limit: int
) -> Iterator[Sequence[Recorded[Any]]]:
    left, more = limit, True
    while more and left > 0:
        page = auditor.timeline(asked, beyond=beyond, newest_first=newest, limit=min(left, PAGE))
        yield page.events
        beyond, left, more = page.beyond, left - len(page.events), page.beyond is not None


# --- state ---------------------------------------------------------------------------------------


@click.command("state")
@click.argument("stream", type=click.UUID)
@click.option("--version", type=click.IntRange(min=1), help="As of this version of it.")
@moment_option("--as-of", "As it was known then.")
@instant_option("--effective-at", "By what had happened then, as far as it is known.")
@personal_options
@json_option
def state(
    stream: UUID,
    version: int | None,
    as_of: int | datetime | None,
    effective_at: datetime | None,
    personal: bool,
    who: str,
    why: str | None,
    as_json: bool,
) -> None:
    """What something had become: now, at a version, or at a moment on either clock."""
    if version is not None and as_of is not None:
        raise click.UsageError("Give either --version or --as-of.")
    with Almoner.from_environment() as almoner:
        looking = Looking.by(almoner, personal, who, why)
        last = looking.end(stream)
        if version is None:
            known_at = position_known(almoner, as_of, "--as-of")
        else:
            position = looking.auditor.seen.position_of(stream, version)
            if position is None:
                raise click.BadParameter(
                    f"there is no version {version} yet; the last one is {last}.",
                    param_hint="'--version'",
                )
            known_at = position
        at = Moment(known_at=known_at, effective_at=effective_at)
        found = looking.auditor.state(stream, at)
        if found is None:
            raise looking.nothing(f"{stream} had not begun then.")
        content = looking.tells(answers.state(found, at))
    lines = [
        f"{found.aggregate} {found.stream_id} at version {found.version}",
        *(f"{path}: {shown(value)}" for path, _, value in compare(None, found.state)),
        *(f"set aside: {line(each).strip()}" for each in found.set_aside),
    ]
    answer(as_json, content, lines)


# --- causes --------------------------------------------------------------------------------------


@click.command("causes")
@click.argument("position", type=click.IntRange(min=1))
@click.option(
    "--limit",
    type=click.IntRange(1, 10_000),
    default=200,
    show_default=True,
    help="How many events of each chain at most.",
)
@personal_options
@json_option
def causes(
    position: int, limit: int, personal: bool, who: str, why: str | None, as_json: bool
) -> None:
    """What led to the event at a position, what followed, and what it belongs to."""
    with Almoner.from_environment() as almoner:
        looking = Looking.by(almoner, personal, who, why)
        found = looking.auditor.causes(position=position, limit=limit)
        if found is None:
            raise looking.nothing(f"There is no event at position {position}.")
        content = looking.tells(answers.causes(found))
    answer(as_json, content, chains(found, limit))
