"""The commands of the program, each loaded when it is given: asking for help takes no time."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any, NamedTuple

import click


class Door(NamedTuple):
    """Where a command is declared, ``module:name`` within `web.cli`, and what it is for."""

    at: str
    told: str


class Doors(click.Group):
    """A group of commands that are known by what they are for until one of them is given."""

    def __init__(self, *args: Any, doors: Mapping[str, Door], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.doors = doors

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return sorted(self.doors)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        door = self.doors.get(cmd_name)
        if door is None:
            return None
        module, name = door.at.split(":")
        command: click.Command = getattr(import_module(f"web.cli.{module}"), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, self.doors[name].told) for name in self.list_commands(ctx)])
