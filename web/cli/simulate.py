"""`almoner simulate`: a health system that never was, to look at and to measure."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from facilities.scope import Actor, Role
from facilities.simulation import simulate as simulate_system
from web.bootstrap import Almoner
from web.cli.exits import UNSUCCESSFUL
from web.cli.following import catch_up
from web.cli.printing import answer, json_option, table
from web.cli.progress import Progress

SIMULATION = Actor("simulation", Role.SERVICE)


@click.command("simulate")
@click.option(
    "--facilities", type=click.IntRange(1, 10_000), required=True, help="How many there are."
)
@click.option(
    "--days", type=click.IntRange(1, 36_500), required=True, help="How many days they work."
)
@click.option(
    "--seed",
    type=click.IntRange(0, 2**63 - 1),
    required=True,
    help="Which system: the same numbers give the same one.",
)
@click.option(
    "--until",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="The last of the days, such as 2026-01-31; today where it is left out.",
)
@json_option
@click.pass_context
def simulate(
    ctx: click.Context, facilities: int, days: int, seed: int, until: datetime | None, as_json: bool
) -> None:
    """Let a plausible health system work for some days, through commands like any other.

    The same options give the same ids and events: a second run adds nothing, and one that was
    interrupted goes on. Everything is recorded now, whatever day it happened on.
    """
    today = datetime.now(UTC).date()
    last_day = today if until is None else until.date()
    if last_day > today:
        raise click.BadParameter(f"{last_day} lies in the future.", param_hint="'--until'")
    with Almoner.from_environment() as almoner, Progress() as progress:
        report = simulate_system(
            almoner.service,
            facilities=facilities,
            days=days,
            seed=seed,
            until=last_day,
            actor=SIMULATION,
            progress=progress,
        )
        catch_up(almoner, progress)
    content = report.to_json()
    counted = [(name, count) for name, count in content.items() if isinstance(count, (int, str))]
    lines = [f"{name.replace('_', ' ')}: {count}" for name, count in counted]
    if report.facts:
        lines += ["", *table(("fact", "recorded"), sorted(report.facts.items()))]
    if report.refused:
        lines += ["", *table(("refused", "times"), sorted(report.refused.items()))]
    answer(as_json, content, lines)
    if report.refused:
        ctx.exit(UNSUCCESSFUL)
