"""How moments, ids and positions are asked for on the command line, and what a moment comes to."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import click

from web.bootstrap import Almoner
from web.cli.kinds import moment as one_moment
from web.moments import INSTANT


def one_instant(_ctx: click.Context, _param: click.Parameter, value: str | None) -> datetime | None:
    """An instant with its offset; also one that is yet to come."""
    if value is None:
        return None
    try:
        if not re.fullmatch(INSTANT, value):
            raise ValueError
        return datetime.fromisoformat(value)
    except ValueError:
        raise click.BadParameter(
            f"{value!r} is not an instant with its offset, such as 2026-01-31T23:59:59Z."
        ) from None


def instant_option(name: str, told: str) -> Callable[[Any], Any]:
    """An option that takes an instant."""
    return click.option(name, callback=one_instant, metavar="INSTANT", help=told)


def id_option(name: str, told: str) -> Callable[[Any], Any]:
    """An option that takes an id."""
    return click.option(name, type=click.UUID, metavar="UUID", help=told)


def position_option(name: str, told: str) -> Callable[[Any], Any]:
    """An option that takes a position of the ledger."""
    return click.option(name, type=click.IntRange(min=0), metavar="POSITION", help=told)


def moment_option(name: str, told: str, **options: Any) -> Callable[[Any], Any]:
    """An option that takes either."""
    return click.option(name, callback=one_moment, metavar="POSITION|INSTANT", help=told, **options)


def position_known(almoner: Almoner, given: int | datetime | None, option: str) -> int:
    """The position a moment stands for; without one, the last there is."""
    head = almoner.ledger.head()
    if isinstance(given, datetime):
        return almoner.ledger.position_at(given)
    if given is not None and given > head:
        raise click.BadParameter(
            f"there is no position {given} yet; the last one is {head}.", param_hint=f"'{option}'"
        )
    return head if given is None else given
