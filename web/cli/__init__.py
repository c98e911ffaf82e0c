"""The command line: every door an operator uses, one module per noun; exit codes are in `exits`.

Results go to stdout, everything else to stderr.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import metadata

import click

from web.cli import logs
from web.cli.doors import Door, Doors
from web.cli.exits import ended


def _version() -> str:
    try:
        return metadata.version("almoner")
    except metadata.PackageNotFoundError:
        return "(not installed)"


DOORS = {
    "accounts": Door("access:accounts", "Who can come in by password, or through the issuer."),
    "audit": Door("audit:audit", "What an auditor asks, and what proves the answers."),
    "demo": Door("demo:demo", "Serve a small simulated health system, with a token."),
    "export": Door("exports:exports", "Files that go out: claims, for whoever is to pay them."),
    "grants": Door("access:grants", "Who may act in which role, where, until when, what for."),
    "import": Door("imports:imports", "Files that come in: checked whole, then sent as commands."),
    "migrate": Door("database:migrate", "Start the database, and apply the migrations that wait."),
    "privacy": Door("privacy:privacy", "Personal data: what it is sealed with, and its end."),
    "projections": Door("projections:projections", "The read models, and folding them anew."),
    "report": Door("reports:report", "Figures of the whole system."),
    "rosters": Door("rosters:rosters", "Rosters: who is on which shift."),
    "serve": Door("serve:serve", "Serve the JSON API, and keep the read models up to date."),
    "simulate": Door("simulate:simulate", "Let a plausible health system work for some days."),
    "status": Door("database:status", "How the program is: database, ledger, read models."),
    "stop": Door("database:stop", "Stop the embedded PostgreSQL server."),
    "token": Door("tokens:token", "Who may come in through the API, in which role, and where."),
}


@click.group(
    "almoner",
    cls=Doors,
    doors=DOORS,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(_version(), message="almoner %(version)s")
def almoner() -> None:
    """The ledger a health system of many facilities is run on.

    The database is an embedded PostgreSQL whose files are in ALMONER_HOME, or the server named by
    ALMONER_DATABASE_URL.
    """


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
