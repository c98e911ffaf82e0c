"""`almoner projections`: the read models, for the operator and for the auditor."""

from __future__ import annotations

import os

import click

from projections import READ_MODELS
from projections.rebuild import RebuildRefused, Report
from web.bootstrap import Almoner
from web.cli.database import model_table
from web.cli.exits import UNSUCCESSFUL
from web.cli.following import catch_up
from web.cli.printing import answer, json_option, table
from web.cli.progress import Progress

NAMES = [each.name for each in READ_MODELS]


@click.group("projections")
def projections() -> None:
    """The read models: how far they are, and folding them anew."""


@projections.command("status")
@json_option
@click.pass_context
def projections_status(ctx: click.Context, as_json: bool) -> None:
    """How far each read model is; exit code 1 where one does not go on."""
    with Almoner.from_environment() as almoner, almoner.runner() as runner:
        position, models = almoner.ledger.head(), runner.status()
    content = {
        "position": position,
        "models": [
            {
                "name": each.name,
                "position": each.position,
                "lag": each.lag,
                "lag_seconds": round(each.lag_seconds, 3),
                "folded_by": each.folded_by,
                "fingerprint": each.fingerprint,
                "stalled_at": each.stalled_at,
                "stalled_reason": each.stalled_reason,
                "rebuilding": each.rebuilding,
            }
            for each in models
        ],
    }
    answer(as_json, content, [f"ledger at position {position}", "", *model_table(models)])
    if any(each.stalled_at is not None for each in models):
        ctx.exit(UNSUCCESSFUL)


@projections.command("rebuild")
@click.argument("names", nargs=-1, metavar="[NAME]...", type=click.Choice(NAMES))
@click.option(
    "--processes",
    type=click.IntRange(1, 64),
    default=os.cpu_count() or 1,
    show_default="one per core",
    help="How many processes fold one read model together.",
)
@json_option
@click.pass_context
def projections_rebuild(
    ctx: click.Context, names: tuple[str, ...], processes: int, as_json: bool
) -> None:
    """Fold read models (all, or those named) again from the first event, compare, and swap.

    Every row and every past version is compared with what was there; exit code 1 where they
    differ. Readers and the runner go on all the while.
    """
    with Almoner.from_environment() as almoner, Progress(as_json=as_json) as progress:
        catch_up(almoner, progress)
        with almoner.runner() as runner, almoner.crew(processes) as crew:
            try:
                reports = runner.rebuild(names or None, progress, crew)
            except RebuildRefused as error:
                raise click.ClickException(f"Nothing was replaced: {error}.") from None
    answer(
        as_json,
        {
            "models": [
                {
                    "name": each.name,
                    "events": each.events,
                    "rows": each.rows,
                    "differences": each.differences,
                    "seconds": round(each.seconds, 3),
                }
                for each in reports
            ]
        },
        table(
            ("read model", "events", "rows", "differences", "seconds"),
            [
                (each.name, each.events, each.rows, _differences(each), f"{each.seconds:.1f}")
                for each in reports
            ],
        ),
    )
    if any(each.differences for each in reports):
        click.echo("Some rows were not what the ledger comes to; they are now.", err=True)
        ctx.exit(UNSUCCESSFUL)


def _differences(report: Report) -> str:
    # The live tables were those of an older declaration: there is nothing to compare.
    return "not compared" if report.differences is None else str(report.differences)
