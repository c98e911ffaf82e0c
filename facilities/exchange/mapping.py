"""Mappings: which column of somebody's table holds which field of an import.

An import declares its `Fields` once. A mapping says for each field the column, or after a colon a
constant: ``{"legal_name": "Facility Name", "kind": ":hospital"}``. `mapping_from` makes one of the
words someone typed; `Columns` reads rows by it, and the rows of a `MappedTable` are asked for the
fields themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from facilities.exchange.tables import BadRow, Row, Table


class BadMapping(ValueError):
    """What someone typed is no mapping."""


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of an import: `of` what, those that must be there, and the others.

    `repeated`: a field that may be mapped several times, with the names its columns then go by.
    `profiles`: mappings that come with the house. `checks` look at constants: each gives the rule
    that a value breaks, or None.
    """

    of: str
    required: tuple[str, ...]
    optional: tuple[str, ...]
    repeated: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    profiles: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    checks: Mapping[str, Callable[[str], str | None]] = field(default_factory=dict)

    @property
    def all(self) -> frozenset[str]:
        names = {*self.required, *self.optional}
        return frozenset(names.union(*self.repeated.values()))

    def check(self, mapping: Mapping[str, str]) -> None:
        """Raises BadMapping where a field is unknown or missing, or a constant breaks its rule."""
        for name in mapping:
            if name not in self.all:
                there = ", ".join(sorted(self.all))
                raise BadMapping(f"{self.of} have no {name!r}; they have {there}")
        for name in self.required:
            if name not in mapping:
                raise BadMapping(f"which column is the {name}?")
        for name, column in mapping.items():
            if column.startswith(":") and name in self.checks:
                rule = self.checks[name](column[1:])
                if rule is not None:
                    raise BadMapping(rule)

    def by_name(self, header: Collection[str], given: Mapping[str, str]) -> dict[str, str]:
        """A mapping of what was given, and of the columns that are called as their fields are.

        Raises BadMapping as `check` does.
        """
        called = {each: each for each in header if each in self.all}
        mapping = {**called, **given}
        self.check(mapping)
        return mapping


def mapping_from(words: Iterable[str], fields: Fields) -> dict[str, str]:
    """A mapping from words: names of profiles, and ``field=column`` or ``field=:constant``.

    Later words win, except that a repeated field may come several times, in its order. Raises
    BadMapping; what is missing is for `Fields.check` to say.
    """
    mapping: dict[str, str] = {}
    typed: dict[str, list[str]] = {}
    for word in words:
        name, equals, column = word.partition("=")
        if not equals:
            if name not in fields.profiles:
                there = ", ".join(fields.profiles)
                raise BadMapping(f"{name!r} is no profile; there are {there}")
            mapping.update(fields.profiles[name])
        elif name in fields.repeated:
            typed.setdefault(name, []).append(column)
        else:
            mapping[name] = column
    for name, columns in typed.items():
        places = fields.repeated[name]
        if len(columns) > len(places):
            raise BadMapping(f"there are at most {len(places)} of {name}")
        mapping = {each: column for each, column in mapping.items() if each not in places}
        mapping.update(zip(places, columns, strict=False))
    return mapping


class Columns:
    """Reads rows by a mapping: a cell, else the constant, else nothing."""

    def __init__(self, mapping: Mapping[str, str], defaults: Mapping[str, str] = {}) -> None:
        self.of = {name: each for name, each in mapping.items() if not each.startswith(":")}
        constants = {name: each[1:] for name, each in mapping.items() if each.startswith(":")}
        self.constants = {**defaults, **constants}

    @property
    def needed(self) -> list[str]:
        """The columns a table must have."""
        return sorted({*self.of.values()})

    def said(self, row: Row, name: str) -> str:
        """What a row says of a field, or else the constant; empty where neither says anything."""
        column = self.of.get(name)
        said = row.text(column) if column is not None else ""
        return said or self.constants.get(name, "")

    def required(self, row: Row, name: str) -> str:
        """The same; raises BadRow where nothing is said."""
        said = self.said(row, name)
        if not said:
            raise self.bad(row, name, "must not be empty")
        return said

    def day(self, row: Row, name: str) -> date:
        """The day a row says, not the moment; raises BadRow where it says none."""
        said = self.required(row, name)
        try:
            if len(said) != len("2023-01-27"):
                raise ValueError
            return date.fromisoformat(said)
        except ValueError:
            raise self.bad(row, name, "must be a day such as 2023-01-27") from None

    def bad(self, row: Row, name: str, rule: str) -> BadRow:
        """What is wrong with a field of a row, in the words of its file."""
        return row.bad(self.of.get(name), rule)


class MappedTable(Table):
    """A table whose rows are asked for fields, by a mapping."""

    def __init__(self, path: Path, mapping: Mapping[str, str]) -> None:
        columns = Columns(mapping)
        super().__init__(path, columns.needed)
        self.called, self.constants = columns.of, columns.constants

    def _header(self, cells: list[str]) -> Mapping[str, int]:
        places = super()._header(cells)
        return {**places, **{field: places[column] for field, column in self.called.items()}}
