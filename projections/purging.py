"""Ridding read models of what is personal of somebody who is erased: rows, and the past of rows.

Given are the person's events twice: as they were, and as they read now. A row has something of the
person only by folding one of these events, so the rows are those that they touch. Wherever such a
row holds a value that is another in the second reading, that one is put in its place; so the tables
are what folding the ledger anew would make of it. In a transaction for each model:

1. Hold the model, as whoever folds it does. Where it is being built anew beside, leave it: who
   builds may have read before (`BeingBuilt`).
2. Load the rows and their closed versions, and change them.
3. Write the checkpoint's row, so that a runner forgets what it remembers.

Afterwards the tables are vacuumed and analyzed: not even a statistic tells.
"""

from __future__ import annotations

import time
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any

import psycopg
from psycopg import sql

from domain.kernel import Recorded
from domain.personal import has_personal_parts
from projections.courses import hold, part
from projections.kernel import Key, ReadModel
from projections.leadership import Connect
from projections.tables import Tables, identifiers
from projections.writing import Connection, Statements

Pair = tuple[Recorded[Any], Recorded[Any]]

PATIENCE = 600.0
"""How long, in seconds, a model that is being built anew is waited for."""

PAUSE = 0.5


class BeingBuilt(Exception):
    """A read model is being built anew, and could bring back what is to go."""


def purge(
    connect: Connect,
    models: Iterable[ReadModel[Any]],
    pairs: Sequence[Pair],
    patience: float = PATIENCE,
) -> int:
    """Rid all models of what the first of each pair told; how many rows and closed versions were
    changed. `connect` gives a connection in the projector's role. Raises BeingBuilt where a model
    is built anew for longer than `patience`."""
    number, deadline = 0, time.monotonic() + patience
    with connect() as connection:
        for model in models:
            touching = [each for each in pairs if type(each[0].fact) in model.handlers]
            if not touching or not has_personal_parts(model.row):
                continue
            while (changed := _purged(connection, model, touching)) is None:
                if time.monotonic() > deadline:
                    raise BeingBuilt(f"{model.name} is being built anew; try again afterwards")
                time.sleep(PAUSE)
            number += changed
            _sweep(connection, Tables(model))
    return number


def _purged(connection: Connection, model: ReadModel[Any], pairs: Sequence[Pair]) -> int | None:
    """Rid one model; how many rows and versions were changed. None where it is being built."""
    tables, statements = Tables(model), Statements(Tables(model))
    keys = list(dict.fromkeys(key for pair in pairs for each in pair for key in _keys(model, each)))
    instead = dict(_differences([(old.fact, new.fact) for old, new in pairs]))
    with connection.transaction():
        try:
            begun = connection.execute(
                "SELECT model FROM models.checkpoints WHERE split_part(model, '__', 1) = %s "
                "ORDER BY model FOR UPDATE",
                [model.name],
            ).fetchall()
        except psycopg.errors.UndefinedTable:
            return 0
        if any(name != model.name for (name,) in begun):
            return None
        if not begun:
            return 0
        part(connection, hold(connection, [model.name]))
        loaded = statements.loaded(
            connection.execute(statements.load, statements.key_arrays(keys)).fetchall()
        )
        past = _past(connection, tables, statements, keys)
        now = {key: (_without(row, instead), since) for key, (row, since) in loaded.items()}
        then = [(_without(row, instead), *span) for row, *span in past]
        changed = [key for key, version in now.items() if version != loaded[key]]
        number = len(changed) + sum(new != old for new, old in zip(then, past, strict=True))
        if changed:
            connection.execute(statements.remove, statements.key_arrays(changed))
            connection.execute(statements.keep, statements.arrays([now[key] for key in changed]))
        if then != past:
            _forget_past(connection, tables, statements, keys)
            connection.execute(statements.close, statements.arrays(then))
        connection.execute(
            "UPDATE models.checkpoints SET updated_at = updated_at WHERE model = %s", [model.name]
        )
    return number


def _keys(model: ReadModel[Any], event: Recorded[Any]) -> list[Key]:
    return [key for key, _handler in model.touches(event)]


def _past(
    connection: Connection, tables: Tables, statements: Statements, keys: Sequence[Key]
) -> list[tuple[Any, ...]]:
    """The closed versions of rows: row, position from, position to."""
    model = tables.model
    query = sql.SQL("SELECT {} FROM {} AS t JOIN {} ON {}").format(
        identifiers([*model.column, "valid_from", "valid_to"], of="t"),
        tables.history,
        statements.keys,
        statements.matching,
    )
    rows = connection.execute(query, statements.key_arrays(keys)).fetchall()
    return [(model.row_of(each[:-2]), *each[-2:]) for each in rows]


def _forget_past(
    connection: Connection, tables: Tables, statements: Statements, keys: Sequence[Key]
) -> None:
    connection.execute(
        sql.SQL("DELETE FROM {} AS t USING {} WHERE {}").format(
            tables.history, statements.keys, statements.matching
        ),
        statements.key_arrays(keys),
    )


def _sweep(connection: Connection, tables: Tables) -> None:
    """What was replaced is still in the tables' files until somebody sweeps them."""
    for table in (tables.current, tables.history):
        connection.execute(sql.SQL("VACUUM (ANALYZE) {}").format(table))


def _differences(pairs: Iterable[tuple[Any, Any]]) -> Iterable[tuple[Hashable, Any]]:
    """What stands in one of two values, and in the other in its place."""
    for old, new in pairs:
        if old == new:
            continue
        if is_dataclass(old) and type(old) is type(new):
            yield from _differences(
                (getattr(old, each.name), getattr(new, each.name)) for each in fields(old)
            )
        elif isinstance(old, tuple) and isinstance(new, tuple) and len(old) == len(new):
            yield from _differences(zip(old, new, strict=True))
        elif old is not None:
            yield old, new


def _without(row: Any, instead: dict[Hashable, Any]) -> Any:
    """A row with its personal parts replaced, where they are among what is to go."""
    changed = {
        each.name: _put_instead(getattr(row, each.name), instead)
        for each in fields(row)
        if has_personal_parts(type(row), each.name)
    }
    return replace(row, **changed)


def _put_instead(value: Any, instead: dict[Hashable, Any]) -> Any:
    if isinstance(value, Hashable) and value in instead:
        return instead[value]
    if isinstance(value, tuple):
        return tuple(_put_instead(each, instead) for each in value)
    if is_dataclass(value) and not isinstance(value, type):
        return _without(value, instead)
    return value
