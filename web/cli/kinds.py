"""What options take: a moment, a span of time, a currency. Each refusal says value and rule."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import click

from web.moments import MOMENT

LONGEST_SPAN = timedelta(days=3660)

_SPAN = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def moment(
    _ctx: click.Context, _param: click.Parameter, value: str | None
) -> int | datetime | None:
    """A position of the ledger, or an instant with its offset; as the API's `as_of`."""
    if value is None:
        return None
    if not re.fullmatch(MOMENT, value):
        raise click.BadParameter(
            f"{value!r} is neither a position of the ledger, such as 1200, nor an instant "
            "with its offset, such as 2026-01-31T23:59:59Z."
        )
    if value.isdecimal():
        return int(value)
    try:
        instant = datetime.fromisoformat(value)
    except ValueError as error:
        raise click.BadParameter(f"{value!r} is not an instant: {error}.") from None
    if instant > datetime.now(UTC):
        raise click.BadParameter(f"{value!r} lies in the future.")
    return instant


def instant(ctx: click.Context, param: click.Parameter, value: str | None) -> datetime | None:
    """An instant with its offset."""
    found = moment(ctx, param, value)
    if isinstance(found, int):
        raise click.BadParameter(f"{value!r} is not an instant, such as 2026-01-31T23:59:59Z.")
    return found


def span(_ctx: click.Context, _param: click.Parameter, value: str) -> timedelta | None:
    """A span of time from now on; None is without end."""
    if value == "never":
        return None
    given = re.fullmatch(r"([1-9][0-9]{0,6})([mhdw])", value, re.ASCII)
    if given is None:
        raise click.BadParameter(
            f"{value!r} is not a span of time: a number and m, h, d or w, such as 90d, or 'never'."
        )
    found = timedelta(**{_SPAN[given[2]]: int(given[1])})
    if found > LONGEST_SPAN:
        raise click.BadParameter(
            f"{value!r} is longer than {LONGEST_SPAN.days}d; say 'never' if you mean it."
        )
    return found


def currency(_ctx: click.Context, _param: click.Parameter, value: str | None) -> str | None:
    """An ISO 4217 code."""
    if value is not None and not re.fullmatch("[A-Z]{3}", value):
        raise click.BadParameter(f"{value!r} is not a currency's code of three capitals: USD.")
    return value
