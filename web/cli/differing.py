"""`almoner audit diff`: what changed between two moments, and by which events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import click

from domain.kernel import Recorded
from projections import READ_MODELS
from projections.audit.difference import RESPONSIBLE, Difference
from projections.audit.figures import Figure, Moved
from projections.audit.state import Moment
from projections.kernel import Summary
from projections.scorecards import facility_scorecard
from web import audit_answers as answers
from web.auditor import Auditor, Compared
from web.bootstrap import Almoner
from web.cli.asking import id_option, moment_option, position_known, position_option
from web.cli.following import catch_up
from web.cli.looking import Looking, personal_options
from web.cli.printing import answer, json_option
from web.cli.progress import Progress
from web.cli.retelling import differences

SUMMARIES = {each.name: each for each in READ_MODELS if isinstance(each, Summary)}
PART = 500
"""Of how many things at once, where it is put together."""

THINGS = 20
"""Of how many things of a facility it is told at once what changed in them."""


@click.command("diff")
@id_option("--stream", "What changed in this stream.")
@id_option("--facility", "What changed at this facility. Without either: in the system's figures.")
@moment_option("--from", "The earlier moment.", required=True)
@moment_option("--to", "The later moment; now without it.")
@click.option(
    "--clock",
    type=click.Choice(["recorded", "effective"]),
    default="recorded",
    show_default=True,
    help="What the moments are of: when it was known, or (of a stream) when it happened.",
)
@click.option(
    "--summary",
    type=click.Choice(sorted(SUMMARIES)),
    help="The figures of this one instead of the scorecard's.",
)
@click.option("--each-facility", is_flag=True, help="The figures of each facility by itself.")
@position_option("--beyond", "Go on beyond this position.")
@click.option("--whole", is_flag=True, help="Tell of all events in one go, however many.")
@personal_options
@json_option
def diff(
    stream: UUID | None,
    facility: UUID | None,
    clock: str,
    summary: str | None,
    each_facility: bool,
    beyond: int | None,
    whole: bool,
    personal: bool,
    who: str,
    why: str | None,
    as_json: bool,
    **moments: Any,
) -> None:
    """What changed between two moments: by field or figure, and by which events.

    What changed is told for the whole time in between. Of many events, and of the things of a
    facility, a part is told, and how to go on.
    """
    begins, ends = moments["from"], moments["to"]
    if stream is not None and facility is not None:
        raise click.UsageError("Give either --stream or --facility.")
    if whole and beyond is not None:
        raise click.UsageError("Give either --beyond or --whole.")
    if clock == "effective" and (
        stream is None or isinstance(begins, int) or isinstance(ends, int)
    ):
        raise click.UsageError("--clock effective is for a --stream, and between instants.")
    with Almoner.from_environment() as almoner:
        looking = Looking.by(almoner, personal, who, why)
        if clock == "effective":
            known = almoner.ledger.head()
            old = Moment(known_at=known, effective_at=begins)
            new = Moment(known_at=known, effective_at=ends)
        else:
            old = Moment(known_at=position_known(almoner, begins, "--from"))
            new = Moment(known_at=position_known(almoner, ends, "--to"))
        if old.known_at > new.known_at or (
            old.effective_at is not None
            and new.effective_at is not None
            and old.effective_at > new.effective_at
        ):
            raise click.UsageError("--from must not be after --to.")
        if stream is not None:
            looking.end(stream)
            most = None if whole else RESPONSIBLE
            found = looking.auditor.difference(stream, old, new, beyond=beyond or 0, most=most)
            if found is None:
                raise looking.nothing(f"{stream} had not begun then.")
            told = Compared(
                differences=[found], figures=[], upto=found.upto, complete=found.complete
            )
        else:
            with Progress() as progress:
                catch_up(almoner, progress, new.known_at)
            chosen = [SUMMARIES[summary] if summary else facility_scorecard]
            asked = _Asked(facility, chosen, old.known_at, new.known_at, each_facility)
            told = asked.whole(looking.auditor) if whole else asked.part(looking.auditor, beyond)
        whole_answer = answers.compared(told, old.known_at, new.known_at)
        content = looking.tells({**whole_answer, "complete": told.complete})
    answer(as_json, content, [*differences(told), *_going_on(told, clock, new)])


def _going_on(told: Compared, clock: str, new: Moment) -> list[str]:
    if told.complete:
        return []
    until = f"--to {new.known_at} " if clock == "recorded" else ""
    return [
        f"... and more: go on with {until}--beyond {told.upto}, or ask for it all with --whole."
    ]


@dataclass(frozen=True, slots=True)
class _Asked:
    """Of which facility or figures, and between which positions."""

    facility: UUID | None
    summaries: Sequence[Summary[Any]]
    old: int
    new: int
    each_facility: bool

    def part(self, auditor: Auditor, beyond: int | None, **options: Any) -> Compared:
        """What is told beyond a position."""
        return auditor.compared(
            self.facility,
            self.summaries,
            old=self.old,
            new=self.new,
            beyond=beyond,
            by_facility=self.each_facility,
            **{"limit": THINGS, **options},
        )

    def whole(self, auditor: Auditor) -> Compared:
        """All parts put together."""
        things: list[Difference[Recorded[Any]]] = []
        moved: dict[tuple[Any, ...], dict[str, Moved]] = {}
        found: Compared | None = None
        while found is None or not found.complete:
            beyond, known = (None, None) if found is None else (found.upto, found.figures)
            found = self.part(auditor, beyond, limit=PART, events=None, known=known)
            things += found.differences
            for figure in found.figures:
                by_fact = moved.setdefault(_place(figure), {})
                for one in figure.moved_by:
                    before = by_fact.get(one.fact)
                    by_fact[one.fact] = one if before is None else before + one
        figures = [each.moved(moved[_place(each)].values()) for each in found.figures]
        return Compared(differences=things, figures=figures, upto=found.upto, complete=True)


def _place(figure: Figure) -> tuple[Any, ...]:
    return figure.summary, tuple(figure.group.values()), figure.figure
