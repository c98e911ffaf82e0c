"""How rows are spelled for PostgreSQL: as array literals, and as the lines of a COPY.

A batch is written column by column, since one pass over a column costs less than asking of each
value what it is. psycopg would look at every element to find out what an array is of, which for a
batch costs more than folding it; here the column's type says it, and the statement casts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import chain, repeat
from typing import Any

from projections.columns import Column, Convert, encoder, utc

Spell = Callable[[Sequence[Any], str], Iterable[str]]
"""Spells the values of a column; the second argument stands for a value that is absent."""

Escape = Callable[[str], str]


class Spelling:
    """Spells rows of some columns, given column by column. What comes beyond these columns are
    plain numbers (positions).
    """

    def __init__(self, columns: Sequence[Column]) -> None:
        self._in_arrays = [_spell(each, _quoted) for each in columns]
        self._in_lines = [_spell(each, _escaped) for each in columns]

    def arrays(self, columns: Iterable[Sequence[Any]]) -> list[str]:
        """An array literal for each column."""
        spells = zip(chain(self._in_arrays, repeat(_numbers)), columns, strict=False)
        return ["{" + ",".join(spell(values, "NULL")) + "}" for spell, values in spells]

    def lines(self, columns: Iterable[Sequence[Any]]) -> str:
        """The lines of a COPY in text format."""
        spells = zip(chain(self._in_lines, repeat(_numbers)), columns, strict=False)
        spelled = [spell(values, r"\N") for spell, values in spells]
        return "\n".join(map("\t".join, zip(*spelled, strict=True))) + "\n"


def _spell(column: Column, escape: Escape) -> Spell:
    match column.kind:
        case "uuid":
            return _uuids
        case "date":
            return _days
        case "text":
            return _texts(escape)
        case "timestamptz":
            return _instants
        case "jsonb":
            told = encoder(column)
            assert told is not None
            return _documents(told, escape)
        case _:
            return _numbers


def _uuids(values: Sequence[Any], absent: str) -> Iterable[str]:
    return [absent if each is None else each.hex for each in values]


def _days(values: Sequence[Any], absent: str) -> Iterable[str]:
    return [absent if each is None else each.isoformat() for each in values]


def _numbers(values: Sequence[Any], absent: str) -> Iterable[str]:
    """Of numbers and truth values, whose texts need no quotes."""
    return [absent if each is None else str(each) for each in values]


def _instants(values: Sequence[Any], absent: str) -> Iterable[str]:
    return [absent if each is None else utc(each).isoformat() for each in values]


def _texts(escape: Escape) -> Spell:
    def spell(values: Sequence[Any], absent: str) -> Iterable[str]:
        return [absent if each is None else escape(each) for each in values]

    return spell


def _documents(told: Convert, escape: Escape) -> Spell:
    """Of documents, which versions of a row mostly share: each is told once."""

    def spell(values: Sequence[Any], absent: str) -> Iterable[str]:
        known = {id(None): absent}
        for each in values:
            if id(each) not in known:
                known[id(each)] = escape(told(each))
        return [known[id(each)] for each in values]

    return spell


def _quoted(text: str) -> str:
    if "\\" in text or '"' in text:
        text = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'


_SPECIAL = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


def _escaped(text: str) -> str:
    return text if text.isprintable() and "\\" not in text else text.translate(_SPECIAL)
