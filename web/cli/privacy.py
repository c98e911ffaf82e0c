"""`almoner privacy`: what personal data is sealed with, and its end."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import click

from domain.kernel import Refused
from facilities.answers import NotFound
from facilities.privacy.masters import new_master_key
from projections.purging import BeingBuilt
from web.bootstrap import Almoner
from web.cli.exits import UNSUCCESSFUL
from web.cli.printing import answer, json_option


@click.group("privacy")
def privacy() -> None:
    """Personal data: what it is sealed with, and its end."""


@privacy.command("new-key")
@click.argument("path", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE")
@json_option
def new_key(path: Path, as_json: bool) -> None:
    """Make a master key, and put it first in FILE, which nobody but its owner may read.

    Keys that are in the file already stay there, to unwrap what they have wrapped, until `almoner
    privacy rewrap` has wrapped it anew. Keep a copy of the file apart from the database's: without
    it personal data cannot be read by anybody.
    """
    made = new_master_key(path)
    answer(
        as_json,
        {"path": str(path), "master_key": made.master_id},
        [f"The master key {made.master_id} is the first in {path}."],
    )


@privacy.command("rewrap")
@json_option
def rewrap(as_json: bool) -> None:
    """Wrap every person's key with the first master key of the settings.

    Afterwards the earlier ones are not needed any more. Programs that run must have the new one
    first: start them again with the new file before this.
    """
    with Almoner.from_environment() as almoner:
        keyring = almoner.keys_to_rewrap()
        number, master = keyring.rewrap(), keyring.masters.current.master_id
    answer(
        as_json,
        {"rewrapped": number, "master_key": master},
        [f"{number} keys were wrapped anew; all are under the master key {master} now."],
    )


@privacy.command("erase")
@click.argument("erasure_id", type=click.UUID)
@json_option
@click.pass_context
def erase(ctx: click.Context, erasure_id: UUID, as_json: bool) -> None:
    """Carry out an erasure that two others have approved: nobody can read the person's data again.

    ERASURE_ID is what the request for it was answered with. Refused, with exit code 1, under a
    legal hold and before retention ends. Where it was interrupted, the same command goes on.
    """
    with Almoner.from_environment() as almoner:
        try:
            done = almoner.eraser().erase(erasure_id)
        except (Refused, NotFound, BeingBuilt) as error:
            click.echo(f"Not erased: {error}", err=True)
            ctx.exit(UNSUCCESSFUL)
    answer(
        as_json,
        {
            "erasure_id": str(done.erasure_id),
            "key_id": str(done.key_id),
            "facts": done.facts,
            "rows": done.rows,
            "position": done.position,
        },
        [
            f"Erased: {done.facts} events cannot be opened any more, and {done.rows} rows and past "
            "versions of rows were rid of what they told.",
        ],
    )
