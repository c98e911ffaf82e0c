"""`almoner import shifts`: anybody's list of shifts, into the rosters that departments have."""

from __future__ import annotations

from pathlib import Path

import click

from facilities.exchange import shifts
from web.cli.imports import import_table, importing_options, mapping_option, source_option


@click.command("shifts")
@click.argument(
    "file",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path),
)
@mapping_option
@source_option
@importing_options
@click.pass_context
def imports_shifts(
    ctx: click.Context,
    file: Path,
    words: tuple[str, ...],
    source: str,
    dry_run: bool,
    skip_bad: bool,
    as_json: bool,
) -> None:
    """Plan shifts, and who is on them, from a CSV file or a workbook.

    The fields are facility, department, on, starts, ends and job, which must be there, and skill,
    needed, minimum, staff and id. A column that is called as a field is that field. They go into
    the rosters the departments have. docs/importing.md tells about each.
    """
    import_table(
        ctx, shifts.import_shifts, shifts.FIELDS, file, words, source, dry_run, skip_bad, as_json
    )
