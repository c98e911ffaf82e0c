"""The commands there are, and what it takes to find one."""

from __future__ import annotations

import subprocess
import sys

import click
import pytest

from web.cli import DOORS, almoner

WIDEST = 80


@pytest.mark.parametrize("name", DOORS)
def test_behind_every_door_is_the_command_of_its_name(name: str) -> None:
    command = almoner.get_command(click.Context(almoner), name)
    assert command is not None
    assert command.name == name


@pytest.mark.parametrize("name", DOORS)
def test_what_a_command_is_for_fits_on_its_line(name: str) -> None:
    column = max(map(len, DOORS)) + 4
    assert column + len(DOORS[name].told) <= WIDEST


def test_who_asks_for_help_waits_for_nothing_that_only_commands_need() -> None:
    asked = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys, web.cli; code = web.cli.run(['--help']); "
            "print({'psycopg', 'flask', 'projections'} & {*sys.modules}, code)",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "accounts" in asked.stdout
    assert asked.stdout.splitlines()[-1] == "set() 0"


def test_a_command_that_is_not_there_is_refused_by_its_name() -> None:
    with pytest.raises(click.UsageError, match="No such command 'acounts'"):
        almoner.main(["acounts"], prog_name="almoner", standalone_mode=False)
