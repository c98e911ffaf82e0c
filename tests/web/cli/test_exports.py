"""Every command that writes a file for somebody is on record before it does.

What is walked is the command line as it is: a command that exports has to be given here too, so
that a new one that is not looked at fails.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest

from domain.kernel import foreign_id
from facilities.database import Database
from facilities.privacy.accounting import LoggedRead
from facilities.seals.keys import new_key
from tests.conftest import MASTERS
from tests.facilities.exchange.x12.test_claims_out import submitted_claims
from tests.web.cli.grammar import CommandLine
from tests.web.test_reads import number_of, on_record
from web.bootstrap import Almoner
from web.cli import almoner

PATIENT = foreign_id("test", "patient")

PARTIES = ("--sender", "US", "--sender-name", "Riverside Billing", "--receiver", "AH001")
TO_WHOM = (*PARTIES, "--receiver-name", "Aether Health", "--phone", "5185550100")

EXPORTS: dict[str, tuple[tuple[str, ...], str, bool]] = {
    "almoner export x12": (TO_WHOM, "US-AH001-000000001.837p", True),
    "almoner export x12-status": ((*TO_WHOM, "--after", "0"), "US-AH001-000000002.276", True),
    "almoner audit export": ((), "out.zip", False),
}
"""What each is given, what its file is called, and whether it shows persons: in a bundle they are
sealed."""


def commands(group: click.Group, path: str) -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        each = group.get_command(context, name)
        assert each is not None
        if isinstance(each, click.Group):
            yield from commands(each, f"{path} {name}")
        else:
            yield f"{path} {name}", each


def writes_for_others(path: str, command: click.Command) -> bool:
    """Whether a command is an export, by where it is, or by what is given to it."""
    outs = [each for each in command.params if "--out" in each.opts]
    kinds: list[Any] = [each.type for each in command.params]
    folders = [each for each in kinds if isinstance(each, click.Path) and each.writable]
    return "export" in path.split() or bool(outs or folders)


def test_every_export_there_is_is_looked_at_and_says_who_and_why() -> None:
    found = {
        path: {each.name for each in command.params}
        for path, command in commands(almoner, "almoner")
        if writes_for_others(path, command)
    }
    assert found.keys() == EXPORTS.keys()
    assert all({"who", "why"} <= names for names in found.values())


@pytest.fixture
def exporting(shell: CommandLine, database: Database, tmp_path: Path) -> CommandLine:
    """The command line where three claims of one patient are submitted to a payer, with a key."""
    with Almoner.on(database, masters=MASTERS) as program:
        submitted_claims(program.service)
    new_key(tmp_path / "key.pem")
    return shell.with_(ALMONER_SEAL_KEY_FILE=str(tmp_path / "key.pem"))


def test_every_export_is_on_record(
    exporting: CommandLine, database: Database, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    for path, (given, file, shows_persons) in EXPORTS.items():
        target = ("--out", out / file) if path == "almoner audit export" else (out,)
        words = [*path.split()[1:], *target, *given, "--who", "ana", "--why", "they asked for it"]
        exporting(*words).ends(0)
        assert (out / file).exists(), path
        (read,) = logged(exporting, database, path)
        assert (read.actor, read.why, read.outcome) == ("ana", "they asked for it", 200), path
        assert read.asked.startswith(f"file={file}&"), path
        assert [*read.persons] == ([number_of(database, PATIENT)] if shows_persons else []), path
    disclosed = exporting(
        "privacy", "reads", "--person", str(PATIENT), "--disclosed", "--json"
    ).json["reads"]
    assert [each["what"] for each in disclosed] == [
        "almoner export x12",
        "almoner export x12-status",
    ]
    sent = logged(exporting, database, "almoner export x12")
    assert "receiver=AH001&receiver_name=Aether Health" in sent[0].asked
    again = (*TO_WHOM, "--who", "ana")
    exporting("export", "x12", out, *again).ends(0)
    assert logged(exporting, database, "almoner export x12") == sent  # nothing went out


def logged(shell: CommandLine, database: Database, what: str) -> list[LoggedRead]:
    """What is on record of a command, once what it left in its journal is taken in."""
    shell("privacy", "reads", "--actor", "ana").ends(0)
    return [each for each in on_record(database) if each.what == what]


def test_where_it_cannot_be_put_on_record_nothing_goes_out(
    exporting: CommandLine, tmp_path: Path
) -> None:
    (tmp_path / "full").write_text("in the way of the journals")
    unwritable = exporting.with_(ALMONER_READS_DIR=str(tmp_path / "full"))
    out = tmp_path / "out"
    out.mkdir()
    unwritable("export", "x12", out, *TO_WHOM).refuses(1, "Nothing is told")
    bundle = out / "out.zip"
    unwritable("audit", "export", "--out", bundle, "--why", "x").refuses(1, "Nothing is told")
    assert not any(out.iterdir())
