"""How a batch goes into the tables: which rows are loaded, and what is written, in few statements.

One transaction carries a batch for all the models it is for:

1. Lock what they are moved on by (`projections.courses`), always first. A rebuild that swaps tables
   waits here for a batch, or a batch for the swap, and neither holds a table the other one wants.
2. Check that it stands where this runner left it; if not, someone else has taken over
   (`Overtaken`), and nothing is written.
3. Load the touched rows that are not remembered, one statement for each model; fold in memory.
4. Write: the new rows, one upsert, one delete and the closed versions, for each model; and how far
   a list has reached, where it has reached further.
5. Move them on, and tell whoever waits (NOTIFY models).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import psycopg
from psycopg import sql

from domain.kernel import Recorded
from projections.courses import Course, course_of
from projections.folding import Batch, Changes, Version
from projections.kernel import Key, ReadModel
from projections.memory import Memory
from projections.reach import Mark, Reach, reaching
from projections.spelling import Spelling
from projections.tables import Suffix, Tables, identifiers

SMALL = 32
"""Batches of so few events go in one pipeline: their answers fit in the socket's buffers."""

COPIED_AT_ONCE = 1_000
"""So many versions are spelled before they are sent, while PostgreSQL writes those before."""

CHANNEL = "models"

Connection = psycopg.Connection[Any]


@dataclass(slots=True)
class Target:
    """A model and the tables it is folded into, with how far these have come.

    `stalled_at` is the event that stops it, where one does; `caught_up` whether it had read
    everything there was when it last looked; `course` what it is moved on by together with others,
    and `writer` which transaction of ours wrote its checkpoint last, where it goes alone.
    """

    model: ReadModel[Any]
    suffix: Suffix = ""
    position: int = 0
    stalled_at: int | None = None
    caught_up: bool = False
    course: Course | None = None
    writer: str | None = None
    memory: Memory = field(default_factory=Memory)
    tables: Tables = field(init=False)
    _statements: Statements | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self.tables = Tables(self.model, self.suffix)

    @property
    def name(self) -> str:
        return self.tables.name

    @property
    def statements(self) -> Statements:
        """Put together when the first batch touches the model: so a runner with a hundred of them
        is at work at once."""
        if self._statements is None:
            self._statements = Statements(self.tables)
        return self._statements

    def forget(self) -> None:
        """Remember nothing, neither of the rows nor of who wrote them."""
        self.memory.forget()
        self.writer = None


class Statements:
    """The SQL that loads and writes the rows of one model's tables."""

    def __init__(self, tables: Tables) -> None:
        model = tables.model
        self.model = model
        column = reaching(model)
        self._reach = None if column is None else Reach(model, tables.reach, column)
        self._marks: Mapping[Mark, Any] = {}
        self._spelling = Spelling(model.columns)
        self._key_spelling = Spelling([model.column[each] for each in model.key])
        key_kinds = [model.column[each].kind for each in model.key]
        kinds = [*(each.kind for each in model.columns), "bigint"]
        names = [*model.column, "valid_from"]
        matching = sql.SQL(" AND ").join(
            sql.SQL("t.{0} = k.{0}").format(sql.Identifier(each)) for each in model.key
        )
        keys = sql.SQL("unnest({}) AS k ({})").format(_arrays(key_kinds), identifiers(model.key))
        self.keys, self.matching = keys, matching
        load = sql.SQL("SELECT {} FROM {} JOIN {} AS t ON {}").format(
            identifiers(names, of="t"), keys, tables.current, matching
        )
        remove = sql.SQL("DELETE FROM {} AS t USING {} WHERE {}").format(
            tables.current, keys, matching
        )
        keep = sql.SQL(
            "INSERT INTO {} ({}) SELECT * FROM unnest({}) ON CONFLICT ({}) DO UPDATE SET {}"
        ).format(
            tables.current,
            identifiers(names),
            _arrays(kinds),
            identifiers(model.key),
            sql.SQL(", ").join(
                sql.SQL("{0} = excluded.{0}").format(sql.Identifier(each))
                for each in names
                if each not in model.key
            ),
        )
        close = sql.SQL("INSERT INTO {} ({}) SELECT * FROM unnest({})").format(
            tables.history,
            identifiers([*names, "valid_to"]),
            _arrays([*kinds, "bigint"]),
        )
        copy_added, copy_closed = (
            sql.SQL("COPY {} ({}) FROM STDIN").format(table, identifiers(columns))
            for table, columns in (
                (tables.current, names),
                (tables.history, [*names, "valid_to"]),
            )
        )
        # Put together once: every batch sends them.
        self.load, self.remove, self.keep, self.close, self._copy_added, self._copy_closed = (
            each.as_bytes(None) for each in (load, remove, keep, close, copy_added, copy_closed)
        )

    def key_arrays(self, keys: Sequence[Key]) -> list[str]:
        """The keys as an array for each column."""
        return self._key_spelling.arrays(zip(*keys, strict=True))

    def arrays(self, versions: Sequence[tuple[Any, ...]]) -> list[str]:
        """Versions as an array for each column, and one for each of their positions."""
        return self._spelling.arrays(self._columns(versions))

    def loaded(self, rows: Sequence[Sequence[Any]]) -> dict[Key, Version]:
        """What `load` answered, by key."""
        found: dict[Key, Version] = {}
        for each in rows:
            row = self.model.row_of(each[:-1])
            found[self.model.key_of(row)] = (row, each[-1])
        return found

    def write(self, connection: Connection, changes: Changes, *, pipelined: bool) -> None:
        """Rows that stay, rows that go, versions that closed. What only comes in is copied, but in
        a pipeline, where there is no COPY."""
        kept = changes.kept
        if pipelined:
            kept = changes.added + kept
        elif changes.added:
            self._copy(connection, self._copy_added, changes.added)
        if changes.closed:
            if pipelined:
                connection.execute(self.close, self.arrays(changes.closed))
            else:
                self._copy(connection, self._copy_closed, changes.closed)
        if changes.removed:
            connection.execute(self.remove, self.key_arrays(changes.removed))
        if kept:
            connection.execute(self.keep, self.arrays(kept))
        if self._reach is not None:
            self._marks = self._reach.further(chain(changes.added, changes.kept, changes.closed))
            if self._marks:
                self._reach.write(connection, self._marks)

    def committed(self) -> None:
        """What was written last is there to stay."""
        if self._reach is not None:
            self._reach.remember(self._marks)

    def _copy(
        self, connection: Connection, statement: bytes, versions: Sequence[tuple[Any, ...]]
    ) -> None:
        with connection.cursor() as cursor, cursor.copy(statement) as copy:
            for first in range(0, len(versions), COPIED_AT_ONCE):
                some = versions[first : first + COPIED_AT_ONCE]
                copy.write(self._spelling.lines(self._columns(some)))

    def _columns(self, versions: Sequence[tuple[Any, ...]]) -> list[Sequence[Any]]:
        """Versions by column: those of the row, and then one for each position."""
        rows, *positions = zip(*versions, strict=True)
        return [*zip(*map(self.model.fields_of, rows), strict=True), *positions]


def advance(
    connection: Connection, targets: Sequence[Target], events: Sequence[Recorded[Any]]
) -> None:
    """Fold a batch into all targets in one transaction, and move them to its last event."""
    upto = events[-1].position
    course = course_of(connection, targets)
    # Most models have nothing to do with most batches: see that once for each, not for each event.
    kinds = {type(each.fact) for each in events}
    touched = [
        (each, Batch(each.model, events))
        for each in targets
        if not kinds.isdisjoint(each.model.handlers)
    ]
    unknown = [each.memory.unknown(batch.keys) for each, batch in touched]
    with _transaction(connection, pipelined=len(events) <= SMALL) as pipelined:
        locked = course.lock(connection)
        answers = [
            connection.execute(each.statements.load, each.statements.key_arrays(keys))
            if keys
            else None
            for (each, _batch), keys in zip(touched, unknown, strict=True)
        ]
        course.check(locked)
        for (target, batch), answer in zip(touched, answers, strict=True):
            loaded = {} if answer is None else target.statements.loaded(answer.fetchall())
            changes = batch.fold(target.memory.known(batch.keys) | loaded)
            target.statements.write(connection, changes, pipelined=pipelined)
        moved = course.move(connection, upto)
        if any(not each.suffix for each in targets):
            connection.execute("SELECT pg_notify(%s, %s)", [CHANNEL, str(upto)])
        ((writer,),) = moved.fetchall()
    course.moved(writer)
    for target, batch in touched:
        target.statements.committed()
        target.memory.remember(batch.versions())
    for target in targets:
        target.position, target.stalled_at = upto, None


@contextmanager
def _transaction(connection: Connection, *, pipelined: bool) -> Iterator[bool]:
    with ExitStack() as stack:
        if pipelined:
            stack.enter_context(connection.pipeline())
        stack.enter_context(connection.transaction())
        yield pipelined


def _arrays(kinds: Sequence[str]) -> sql.Composed:
    """Placeholders for columns, one array each."""
    return sql.SQL(", ").join(sql.SQL(f"%s::{kind}[]") for kind in kinds)
