"""`almoner audit timeline`, `state`, `diff`, `causes`: what happened, and what it came to."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import click

from domain.kernel import Recorded
from facilities.scope import Actor
from facilities.scope import Role as ActorRole
from facilities.service import NotFound
from projections import READ_MODELS
from projections.audit.difference import Difference, compare, difference
from projections.audit.state import Moment, plain, state_at
from projections.audit.timeline import Asked, named
from projections.kernel import Summary
from projections.scorecards import facility_scorecard
from web import audit_answers as answers
from web.auditor import Auditor, Compared
from web.bootstrap import Almoner
from web.cli.following import catch_up
from web.cli.kinds import moment as one_moment
from web.cli.printing import answer, json_option, say
from web.cli.progress import Progress
from web.cli.retelling import chains, differences, line, shown
from web.reading import INSTANT

SUMMARIES = {each.name: each for each in READ_MODELS if isinstance(each, Summary)}
PAGE = 500


def one_instant(_ctx: click.Context, _param: click.Parameter, value: str | None) -> datetime | None:
    """An instant with its offset; also one that is yet to come."""
    if value is None:
        return None
    try:
        if not re.fullmatch(INSTANT, value):
            raise ValueError
        return datetime.fromisoformat(value)
    except ValueError:
        raise click.BadParameter(
            f"{value!r} is not an instant with its offset, such as 2026-01-31T23:59:59Z."
        ) from None


def _instant(name: str, told: str) -> Callable[[Any], Any]:
    return click.option(name, callback=one_instant, metavar="INSTANT", help=told)


def _id(name: str, told: str) -> Callable[[Any], Any]:
    return click.option(name, type=click.UUID, metavar="UUID", help=told)


def _position(name: str, told: str) -> Callable[[Any], Any]:
    return click.option(name, type=click.IntRange(min=0), metavar="POSITION", help=told)


def _moment(name: str, told: str, **options: Any) -> Callable[[Any], Any]:
    return click.option(name, callback=one_moment, metavar="POSITION|INSTANT", help=told, **options)


personal_option = click.option(
    "--personal", is_flag=True, help="Show what identifies a person; masked without it."
)


# --- timeline ------------------------------------------------------------------------------------


@click.command("timeline")
@_id("--facility", "Events of this facility.")
@_id("--stream", "Events of this stream.")
@click.option("--actor", metavar="NAME", help="Who did it.")
@click.option("--role", metavar="ROLE", help="In which role.")
@_id("--command", "What this command recorded.")
@_id("--correlation", "What belongs to this.")
@_id("--causation", "What followed from this command.")
@click.option("--fact", metavar="NAME", help="A fact's name, or how it begins: 'claim.'.")
@_instant("--effective-from", "Happened then or later.")
@_instant("--effective-to", "Happened then or before.")
@_instant("--recorded-from", "Recorded then or later.")
@_instant("--recorded-to", "Recorded then or before.")
@_position("--position-from", "At this position or a later one.")
@_position("--position-to", "At this position or an earlier one.")
@click.option("--newest", is_flag=True, help="The last ones first.")
@_position("--beyond", "Go on beyond this position.")
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=100,
    show_default=True,
    help="How many events at most.",
)
@personal_option
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object a line, an event each.")
def timeline(
    facility: UUID | None,
    stream: UUID | None,
    command: UUID | None,
    correlation: UUID | None,
    causation: UUID | None,
    fact: str | None,
    newest: bool,
    beyond: int | None,
    limit: int,
    personal: bool,
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
        facts=None if fact is None else named(fact),
        **others,
    )
    with Almoner.from_environment() as almoner:
        found = _walked(_auditor(almoner, personal), asked, beyond, newest, limit)
        say(_json_line(each) if as_json else line(each) for each in found)


def _walked(
    auditor: Auditor, asked: Asked, beyond: int | None, newest: bool, limit: int
) -> Iterator[Recorded[Any]]:
    left, more = limit, True
    while more and left > 0:
        page = auditor.timeline(asked, beyond=beyond, newest_first=newest, limit=min(left, PAGE))
        yield from page.events
        beyond, left, more = page.beyond, left - len(page.events), page.beyond is not None


def _json_line(event: Recorded[Any]) -> str:
    return json.dumps(answers.told(event), default=plain)


# --- state ---------------------------------------------------------------------------------------


@click.command("state")
@click.argument("stream", type=click.UUID)
@click.option("--version", type=click.IntRange(min=1), help="As of this version of it.")
@_moment("--as-of", "As it was known then.")
@_instant("--effective-at", "By what had happened then, as far as it is known.")
@personal_option
@json_option
def state(
    stream: UUID,
    version: int | None,
    as_of: int | datetime | None,
    effective_at: datetime | None,
    personal: bool,
    as_json: bool,
) -> None:
    """What something had become: now, at a version, or at a moment on either clock."""
    if version is not None and as_of is not None:
        raise click.UsageError("Give either --version or --as-of.")
    with Almoner.from_environment() as almoner:
        events = _stream(_auditor(almoner, personal), stream)
        if version is None:
            known_at = _known_at(almoner, as_of, "--as-of")
        elif version > len(events):
            raise click.BadParameter(
                f"there is no version {version} yet; the last one is {len(events)}.",
                param_hint="'--version'",
            )
        else:
            known_at = events[version - 1].position
    at = Moment(known_at=known_at, effective_at=effective_at)
    found = state_at(events, at)
    if found is None:
        raise click.ClickException(f"{stream} had not begun then.")
    lines = [
        f"{found.aggregate} {found.stream_id} at version {found.version}",
        *(f"{path}: {shown(value)}" for path, _, value in compare(None, found.state)),
        *(f"set aside: {line(each).strip()}" for each in found.set_aside),
    ]
    answer(as_json, _jsonable(answers.state(found, at)), lines)


# --- difference ----------------------------------------------------------------------------------


@click.command("diff")
@_id("--stream", "What changed in this stream.")
@_id("--facility", "What changed at this facility. Without either: in the system's figures.")
@_moment("--from", "The earlier moment.", required=True)
@_moment("--to", "The later moment; now without it.")
@click.option(
    "--clock",
    type=click.Choice(["recorded", "effective"]),
    default="recorded",
    show_default=True,
    help="What the moments are of: when it was known, or (of a stream) when it happened.",
)
@click.option("--summary", type=click.Choice(sorted(SUMMARIES)), help="The figures of this one.")
@click.option("--each-facility", is_flag=True, help="The figures of each facility by itself.")
@personal_option
@json_option
def diff(
    stream: UUID | None,
    facility: UUID | None,
    clock: str,
    summary: str | None,
    each_facility: bool,
    personal: bool,
    as_json: bool,
    **moments: Any,
) -> None:
    """What changed between two moments: by field or figure, and by which events."""
    begins, ends = moments["from"], moments["to"]
    if stream is not None and facility is not None:
        raise click.UsageError("Give either --stream or --facility.")
    if clock == "effective" and (
        stream is None or isinstance(begins, int) or isinstance(ends, int)
    ):
        raise click.UsageError("--clock effective is for a --stream, and between instants.")
    with Almoner.from_environment() as almoner:
        auditor = _auditor(almoner, personal)
        if clock == "effective":
            known = almoner.ledger.head()
            old = Moment(known_at=known, effective_at=begins)
            new = Moment(known_at=known, effective_at=ends)
        else:
            old = Moment(known_at=_known_at(almoner, begins, "--from"))
            new = Moment(known_at=_known_at(almoner, ends, "--to"))
        if stream is not None:
            found = difference(_stream(auditor, stream), old, new)
            if found is None:
                raise click.ClickException(f"{stream} had not begun then.")
            whole = Compared(differences=[found], figures=[], upto=new.known_at, complete=True)
        else:
            with Progress() as progress:
                catch_up(almoner, progress, new.known_at)
            every = list(SUMMARIES.values()) if facility else [facility_scorecard]
            chosen = [SUMMARIES[summary]] if summary else every
            whole = _whole(auditor, facility, chosen, old.known_at, new.known_at, each_facility)
    content = answers.compared(whole, old.known_at, new.known_at)
    answer(as_json, _jsonable(content), differences(whole))


def _whole(
    auditor: Auditor,
    facility: UUID | None,
    summaries: Sequence[Summary[Any]],
    old: int,
    new: int,
    each_facility: bool,
) -> Compared:
    """All parts of a difference put together."""
    things: list[Difference] = []
    moved: dict[tuple[Any, ...], dict[str, Any]] = {}
    beyond: int | None = None
    while True:
        found = auditor.compared(
            facility,
            summaries,
            old=old,
            new=new,
            beyond=beyond,
            by_facility=each_facility,
            limit=PAGE,
        )
        things += found.differences
        for figure in found.figures:
            place = figure.summary, tuple(figure.group.values()), figure.figure
            by_fact = moved.setdefault(place, {})
            for one in figure.moved_by:
                by_fact[one.fact] = one if one.fact not in by_fact else by_fact[one.fact] + one
        if found.complete:
            break
        beyond = found.upto
    figures = [
        each.moved(moved[each.summary, tuple(each.group.values()), each.figure].values())
        for each in found.figures
    ]
    return Compared(differences=things, figures=figures, upto=found.upto, complete=True)


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
@personal_option
@json_option
def causes(position: int, limit: int, personal: bool, as_json: bool) -> None:
    """What led to the event at a position, what followed, and what it belongs to."""
    with Almoner.from_environment() as almoner:
        found = _auditor(almoner, personal).causes(position=position, limit=limit)
    if found is None:
        raise click.ClickException(f"There is no event at position {position}.")
    answer(as_json, _jsonable(answers.causes(found)), chains(found, limit))


# --- what they share -----------------------------------------------------------------------------


def _auditor(almoner: Almoner, personal: bool) -> Auditor:
    """Whoever has the operator's shell sees the whole system, and people when asked to."""
    role = ActorRole.SYSTEM_ADMINISTRATOR if personal else ActorRole.AUDITOR
    operator = Actor("operator", role)
    at = almoner.doors()
    return Auditor(at.pool, at.ledger, at.seen_by(operator), operator)


def _stream(auditor: Auditor, stream_id: UUID) -> Sequence[Recorded[Any]]:
    try:
        return auditor.stream(stream_id)
    except NotFound:
        raise click.ClickException(f"There is no stream {stream_id}.") from None


def _known_at(almoner: Almoner, given: int | datetime | None, option: str) -> int:
    head = almoner.ledger.head()
    if isinstance(given, datetime):
        return almoner.ledger.position_at(given)
    if given is not None and given > head:
        raise click.BadParameter(
            f"there is no position {given} yet; the last one is {head}.", param_hint=f"'{option}'"
        )
    return head if given is None else given


def _jsonable(content: Any) -> Any:
    return json.loads(json.dumps(content, default=plain))
