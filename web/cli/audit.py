"""`almoner audit`: what an auditor asks, and what proves the answers."""

from __future__ import annotations

from pathlib import Path

import click

from facilities.seals.keys import new_key
from web.cli import replay
from web.cli.printing import answer, json_option


@click.group("audit")
def audit() -> None:
    """What an auditor asks, and what proves the answers."""


for each in (replay.timeline, replay.causes, replay.state, replay.diff):
    audit.add_command(each)


@audit.group("key")
def key() -> None:
    """The keys that seal the ledger."""


@key.command("new")
@click.argument("path", type=click.Path(path_type=Path))
@json_option
def key_new(path: Path, as_json: bool) -> None:
    """Make a key, in a new file that nobody but its owner may read."""
    made = new_key(path)
    key_id = made.public.key_id
    answer(
        as_json,
        {"path": str(path), "key": key_id, "public_key": made.public.pem},
        [f"Made the key {key_id} in {path}."],
    )
