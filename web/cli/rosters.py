"""`almoner rosters`: what the staffing office does at a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

import click
import msgspec

from domain.kernel import Refused
from facilities.answers import Context, NotFound
from facilities.exchange.shifts import DEMAND, demand_of
from facilities.exchange.tables import Unreadable
from facilities.proposing import Effort, Proposal
from facilities.scope import Actor, Role
from web.bootstrap import Almoner
from web.cli.exits import UNSUCCESSFUL
from web.cli.following import catch_up
from web.cli.importing import mapped, mapping_option, no_bad_mapping, told_of
from web.cli.printing import answer, json_option, table
from web.cli.progress import Progress

STAFFING = Actor("staffing", Role.SERVICE)
"""Who is written down as the one who planned what was proposed."""


@click.group("rosters")
def rosters() -> None:
    """Rosters: who is on which shift."""


@rosters.command("propose")
@click.argument("roster_id", metavar="ROSTER", type=click.UUID)
@click.argument(
    "file",
    metavar="DEMAND",
    type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path),
)
@mapping_option
@click.option(
    "--staff",
    "staff_ids",
    type=click.UUID,
    multiple=True,
    metavar="ID",
    help="Choose among these people only. May be given several times.",
)
@click.option(
    "--seed",
    type=click.IntRange(0, 2**31 - 1),
    default=1,
    show_default=True,
    help="Which of equally good proposals: the same seed and effort give the same one.",
)
@click.option(
    "--effort",
    type=click.FloatRange(0, min_open=True),
    default=30.0,
    show_default=True,
    help="How hard to try, in the solver's own measure, about seconds.",
)
@click.option(
    "--seconds",
    type=click.FloatRange(0, min_open=True),
    default=600.0,
    show_default=True,
    help="When to stop by the clock, whatever was found by then.",
)
@click.option("--apply", is_flag=True, help="Plan it; without it, it is only told.")
@json_option
@click.pass_context
def propose(
    ctx: click.Context,
    roster_id: UUID,
    file: Path,
    words: tuple[str, ...],
    staff_ids: tuple[UUID, ...],
    seed: int,
    effort: float,
    seconds: float,
    apply: bool,
    as_json: bool,
) -> None:
    """Propose who is on the shifts that a CSV file or a workbook asks for.

    Its fields are on, starts, ends and job, which must be there, and skill, needed and minimum. The
    rules are those of any plan. What cannot be covered is told, with what is in the way of whom.
    Needs OR-Tools: pip install 'almoner[solver]'.
    """
    with no_bad_mapping():
        mapping = mapped(words, DEMAND)
        try:
            demand = demand_of(file, mapping)
        except Unreadable as unreadable:
            answer(
                as_json,
                {"rejected": [msgspec.to_builtins(each) for each in unreadable.rejected]},
                map(told_of, unreadable.rejected),
            )
            ctx.exit(UNSUCCESSFUL)
    with Almoner.from_environment() as almoner, Progress(as_json=as_json) as progress:
        catch_up(almoner, progress)

        def told(choices: int, spent: float, gap: float) -> None:
            progress(f"choosing ({choices} so far, {gap:.1%} off at most)", round(spent * 100), 100)

        try:
            proposal = almoner.proposer().propose(
                roster_id,
                demand,
                Context(actor=STAFFING, source=f"rosters:{file.name}"),
                staff_ids=staff_ids,
                effort=Effort(seed=seed, effort=effort, seconds=seconds),
                apply=apply,
                told=told,
            )
        except (Refused, NotFound) as refusal:
            code = refusal.code if isinstance(refusal, Refused) else f"{refusal.kind}.unknown"
            raise click.ClickException(f"{refusal} ({code})") from None
        if apply:
            catch_up(almoner, progress)
    answer(as_json, msgspec.to_builtins(proposal), _lines(proposal))
    if not apply:
        click.echo("This was a proposal; nothing was planned (--apply plans it).", err=True)


def _lines(proposal: Proposal) -> Sequence[str]:
    lines = table(
        ("on", "starts", "ends", "job", "needed", "staff"),
        [
            (
                each.on,
                each.starts,
                each.ends,
                each.job,
                each.needed,
                ", ".join(map(str, each.staff_ids)),
            )
            for each in proposal.shifts
        ],
    )
    lines += ["", f"{proposal.filled} of {proposal.places} places are filled."]
    if not proposal.best:
        lines.append("A better proposal may be there: try a larger --effort.")
    if proposal.uncovered:
        short = [
            (
                each.on,
                each.starts,
                each.job,
                each.open_places,
                ", ".join(f"{one.people} by {one.code}" for one in each.reasons),
            )
            for each in proposal.uncovered
        ]
        lines += ["", *table(("on", "starts", "job", "open", "in the way of"), short)]
    return lines
