"""`almoner import x12`: what payers and clearinghouses send."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import click

from facilities.exchange.x12.importing import import_x12
from facilities.exchange.x12.report import Figures, Quarantined
from web.bootstrap import Almoner
from web.cli.exits import UNSUCCESSFUL
from web.cli.following import catch_up
from web.cli.importing import MAILROOM
from web.cli.printing import answer, figures, json_option, visible
from web.cli.progress import Progress
from web.matching import ClaimFinder


@click.command("x12")
@click.argument(
    "paths",
    metavar="PATH...",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, readable=True, path_type=Path),
)
@click.option(
    "--open-unknown",
    is_flag=True,
    help="Open claims that were never sent from here, their payer, and the facility that is paid, "
    "as the file tells of them.",
)
@click.option(
    "--facility",
    "facility_id",
    type=click.UUID,
    metavar="ID",
    help="The facility that is paid, where the payee's NPI is none of ours.",
)
@click.option("--dry-run", is_flag=True, help="Read and balance everything, and post nothing.")
@json_option
@click.pass_context
def imports_x12(
    ctx: click.Context,
    paths: tuple[Path, ...],
    open_unknown: bool,
    facility_id: UUID | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Import X12 files, or folders of them: remittances (835) are balanced, matched and posted;
    acknowledgements (999, 277CA) are applied; claims (837) are counted.

    What does not balance or match is kept in quarantine under the rule it breaks, and nothing of it
    is posted. docs/x12.md tells the rules.
    """
    with Almoner.from_environment() as almoner, Progress() as progress:
        if not dry_run:
            # Claims are also looked for in the read models.
            catch_up(almoner, progress)
        report = import_x12(
            paths,
            almoner.service,
            almoner.ledger,
            MAILROOM,
            facility_id=facility_id,
            open_unknown=open_unknown,
            find=ClaimFinder(almoner.database).find,
            dry_run=dry_run,
            progress=progress,
        )
        if not dry_run:
            catch_up(almoner, progress)
    total = report.total
    answer(as_json, report.to_json(), [*map(_told, total.quarantined), *_figures(total)])
    if total.quarantined:
        click.echo(f"In quarantine: {len(total.quarantined)}.", err=True)
    if not total.transactions:
        ctx.exit(UNSUCCESSFUL)


def _figures(total: Figures) -> list[str]:
    content = total.to_json()
    for name in ("quarantined", "unapplied", "kinds"):
        del content[name]
    adjustments = {
        f"adjustments_{group}": f"{each:.2f}" for group, each in total.adjustments.items()
    }
    content = {**{k: v for k, v in content.items() if k != "adjustments"}, **adjustments}
    return [*([""] if total.quarantined else []), *figures(content)]


def _told(each: Quarantined) -> str:
    place = ": ".join(filter(None, (each.file, each.transaction, each.claim)))
    return (
        f"{visible(place)}: {each.rule}: {visible(each.found)}; expected {visible(each.expected)}"
    )
