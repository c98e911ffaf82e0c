"""The command line: every door an operator uses, one module per noun; exit codes are in `exits`.

Results go to stdout, everything else to stderr.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import metadata

import click

from web.cli import (
    access,
    audit,
    database,
    demo,
    exports,
    imports,
    imports_x12,
    logs,
    privacy,
    projections,
    reports,
    rosters,
    serve,
    simulate,
    tokens,
)
from web.cli.exits import ended


def _version() -> str:
    try:
        return metadata.version("almoner")
    except metadata.PackageNotFoundError:
        return "(not installed)"


@click.group("almoner", context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(_version(), message="almoner %(version)s")
def almoner() -> None:
    """The ledger a health system of many facilities is run on.

    The database is an embedded PostgreSQL whose files are in ALMONER_HOME, or the server named by
    ALMONER_DATABASE_URL.
    """


imports.imports.add_command(imports_x12.imports_x12)

for each in (
    serve.serve,
    demo.demo,
    imports.imports,
    exports.exports,
    simulate.simulate,
    projections.projections,
    tokens.token,
    access.accounts,
    access.grants,
    reports.report,
    rosters.rosters,
    audit.audit,
    privacy.privacy,
    database.migrate,
    database.status,
    database.stop,
):
    almoner.add_command(each)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command line; returns its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            # A terminal that cannot show a letter is no reason to stop in the middle.
            stream.reconfigure(errors="backslashreplace")
    logs.configure("warning", whole=True)
    given = None if arguments is None else list(arguments)
    return ended(lambda: almoner.main(given, prog_name="almoner", standalone_mode=False))


def main() -> None:
    """The program `almoner`."""
    sys.exit(run())
