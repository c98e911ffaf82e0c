"""What a command says: its result on stdout, for people or as one JSON object for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import click

LONGEST_VALUE = 80

json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object, and nothing else, on stdout."
)


class ReaderGone(Exception):
    """Whoever read stdout went away."""


def answer(as_json: bool, content: Mapping[str, Any] | Sequence[Any], lines: Iterable[str]) -> None:
    """The result: `content` for programs, `lines` for people. Raises ReaderGone."""
    # ASCII only, so that it is JSON in whatever encoding the terminal has.
    say([json.dumps(content, indent=2, default=str)] if as_json else lines)


def say(lines: Iterable[str]) -> None:
    """Lines on stdout, at once. Raises ReaderGone."""
    try:
        for line in lines:
            click.echo(line)
    except BrokenPipeError:
        raise ReaderGone from None


def table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> list[str]:
    """Columns wide enough for what is in them; numbers to the right."""
    texts = [[_text(each) for each in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(header, *texts, strict=True)]
    right = [
        bool(rows) and all(isinstance(row[place], int) for row in rows)
        for place in range(len(header))
    ]

    def line(cells: Sequence[str]) -> str:
        return "  ".join(
            cell.rjust(width) if to_the_right else cell.ljust(width)
            for cell, width, to_the_right in zip(cells, widths, right, strict=True)
        ).rstrip()

    return [line(header), *(line(row) for row in texts)]


def figures(content: Mapping[str, object]) -> list[str]:
    """One figure a line: its name in words, and the number or amount to the right."""
    width = max(len(name) for name in content)
    texts = {name: _text(each) for name, each in content.items()}
    longest = max(map(len, texts.values()))
    return [f"{name.replace('_', ' '):<{width}}  {text:>{longest}}" for name, text in texts.items()]


def counted(number: int, thing: str, things: str | None = None) -> str:
    """So many of a thing: ``1 event``, ``2 events``."""
    return f"{number} {thing if number == 1 else things or f'{thing}s'}"


def places(facility_ids: Sequence[object] | None) -> str:
    """Where something is good: in the whole system, or at so many facilities."""
    return counted(len(facility_ids), "facility", "facilities") if facility_ids else "system"


def visible(value: str) -> str:
    """A value of unknown origin, safe to print: no control characters, of bearable length."""
    shown = "".join(each if each.isprintable() else ascii(each)[1:-1] for each in value)
    return shown if len(shown) <= LONGEST_VALUE else f"{shown[: LONGEST_VALUE - 3]}..."


def _text(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
