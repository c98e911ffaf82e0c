"""`almoner privacy`: the keys that personal data is sealed with."""

from __future__ import annotations

from pathlib import Path

import click

from facilities.privacy.masters import new_master_key
from web.bootstrap import Almoner
from web.cli.printing import answer, json_option


@click.group("privacy")
def privacy() -> None:
    """Personal data: what it is sealed with."""


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
