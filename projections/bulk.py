"""A model folded from the first event, in memory, and copied into tables of its own.

Folding everything needs no row loaded and no row written twice: the current rows are kept in memory
(about as much as they take in the table, see docs/operating.md), versions go out to PostgreSQL as
they close, and keys and indexes are made when all rows are there. What a version is, is said in one
place for this and for a runner that follows (`projections.folding`).

A `local` model can be folded in parts, each with the facilities that fall to it: no event touches
rows of two parts, and every fact that it folds tells its facility.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql

from domain.kernel import Recorded
from projections.folding import Closed, Whole
from projections.kernel import ReadModel
from projections.reach import Mark, Reach, reaching
from projections.spelling import Spelling
from projections.tables import Tables, identifiers

if TYPE_CHECKING:
    from projections.reading import Reader

Connection = psycopg.Connection[Any]

Part = tuple[int, int]
"""Which part of the facilities, from 0, and of how many."""

Told = Callable[[int], None]
"""Told how far it has come: the position."""

COPIED_AT_ONCE = 2_000

INDEXING = "SET LOCAL maintenance_work_mem = '256MB'"


class CannotFold(Exception):
    """A fold failed; the message names the error, the model and the positions, no contents."""


def fill(
    connection: Connection,
    reader: Reader,
    tables: Tables,
    upto: int,
    part: Part | None,
    told: Told,
) -> None:
    """Fold what the ledger tells up to a position (or a part of it) into tables as laid out.

    1. Read a stretch of the facts that the model folds, fold it, and copy the versions it closed.
    2. At the end, copy the current rows, and write how far the list had reached, where it does. One
       transaction carries all: there are rows or none.
    """
    model = tables.model
    names = [each.name for each in model.handlers]
    marks = dict[Mark, Any]()
    spelling, whole = Spelling(model.columns), Whole(model)
    column = reaching(model)
    reach = None if column is None else Reach(model, tables.reach, column)
    with connection.transaction(), connection.cursor() as cursor:
        with cursor.copy(_copy(tables.history, model, "valid_from", "valid_to")) as copy:
            for events in reader.scan(0, upto, names, part):
                closed = _folded(whole, events)
                if reach is not None:
                    marks |= _reached(reach, closed)
                for some in _some(closed):
                    rows, since, until = zip(*some, strict=True)
                    copy.write(spelling.lines([*_columns(model, rows), since, until]))
                told(events[-1].position)
        copy_current(cursor, tables, whole)
        if reach is not None:
            marks |= _reached(reach, whole.versions())
            if marks:
                reach.write(connection, marks)


def copy_current(cursor: psycopg.Cursor[Any], tables: Tables, whole: Whole) -> None:
    """Write the rows there are now."""
    model, spelling = tables.model, Spelling(tables.model.columns)
    with cursor.copy(_copy(tables.current, model, "valid_from")) as copy:
        for some in _some(list(whole.versions())):
            rows, since = zip(*some, strict=True)
            copy.write(spelling.lines([*_columns(model, rows), since]))


def complete(connection: Connection, tables: Tables, upto: int) -> bool:
    """Give filled tables their keys and indexes, and move their checkpoint from zero; False where
    someone else has begun with them again."""
    with connection.transaction():
        connection.execute(INDEXING)
        moved = connection.execute(
            "UPDATE models.checkpoints SET position = %s, updated_at = now()"
            " WHERE model = %s AND position = 0 AND fingerprint = %s",
            [upto, tables.name, tables.model.fingerprint],
        ).rowcount
        if not moved:
            return False
        tables.index(connection)
    for each in (tables.current, tables.history):
        connection.execute(sql.SQL("ANALYZE {}").format(each))
    return True


def _reached(reach: Reach, versions: Iterable[Sequence[Any]]) -> dict[Mark, Any]:
    marks = reach.further(versions)
    reach.remember(marks)
    return marks


def _folded(whole: Whole, events: Sequence[Recorded[Any]]) -> Closed:
    try:
        return whole.fold(events)
    except Exception as error:
        raise CannotFold(
            f"{type(error).__name__} while folding {whole.model.name} between positions "
            f"{events[0].position} and {events[-1].position}"
        ) from error


def _copy(table: sql.Identifier, model: ReadModel[Any], *positions: str) -> sql.Composed:
    return sql.SQL("COPY {} ({}) FROM STDIN").format(
        table, identifiers([*model.column, *positions])
    )


def _columns(model: ReadModel[Any], rows: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return zip(*map(model.fields_of, rows), strict=True)


def _some(versions: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for begin in range(0, len(versions), COPIED_AT_ONCE):
        yield versions[begin : begin + COPIED_AT_ONCE]
