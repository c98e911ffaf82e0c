"""How a batch goes into the tables: which rows are loaded, and what is written, in few statements.

One transaction carries a batch for all the models it is for:

1. Lock their checkpoints, always first and in one order. A rebuild that swaps tables waits here for
   a batch, or a batch for the swap, and neither holds a table the other one wants.
2. Check that the checkpoints stand where this runner left them; if not, someone else has taken
   over (`Overtaken`), and nothing is written.
3. Load the touched rows, one statement for each model; fold in memory.
4. Write: one upsert, one delete and the closed versions, for each model.
5. Move all checkpoints, and tell whoever waits (NOTIFY models).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg import sql

from domain.kernel import Recorded
from projections.columns import encoder
from projections.folding import Batch, Changes, Version
from projections.kernel import Key, ReadModel
from projections.tables import Suffix, Tables, identifiers

SMALL = 32
"""Batches of so few events go in one pipeline: their answers fit in the socket's buffers."""

CHANNEL = "models"

Connection = psycopg.Connection[Any]


class Overtaken(Exception):
    """Someone else has moved a checkpoint, or rebuilt a model as another version declares it."""


@dataclass(slots=True)
class Target:
    """A model and the tables it is folded into, with how far these have come.

    `stalled_at` is the event that stops it, where one does; `caught_up` whether it had read
    everything there was when it last looked.
    """

    model: ReadModel[Any]
    suffix: Suffix = ""
    position: int = 0
    stalled_at: int | None = None
    caught_up: bool = False
    tables: Tables = field(init=False)
    statements: Statements = field(init=False)

    def __post_init__(self) -> None:
        self.tables = Tables(self.model, self.suffix)
        self.statements = Statements(self.tables)

    @property
    def name(self) -> str:
        return self.tables.name


class Statements:
    """The SQL that loads and writes the rows of one model's tables."""

    def __init__(self, tables: Tables) -> None:
        model = tables.model
        self.model = model
        self._key_encoders = [encoder(model.column[each]) for each in model.key]
        self._key_literals = [array_literal(model.column[each].kind) for each in model.key]
        self._literals = [*(array_literal(each.kind) for each in model.columns), *[_numbers] * 2]
        key_kinds = [model.column[each].kind for each in model.key]
        kinds = [*(each.kind for each in model.columns), "bigint"]
        names = [*model.column, "valid_from"]
        matching = sql.SQL(" AND ").join(
            sql.SQL("t.{0} = k.{0}").format(sql.Identifier(each)) for each in model.key
        )
        keys = sql.SQL("unnest({}) AS k ({})").format(_arrays(key_kinds), identifiers(model.key))
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
        copy = sql.SQL("COPY {} ({}) FROM STDIN").format(
            tables.history, identifiers([*names, "valid_to"])
        )
        # Put together once: every batch sends them.
        self.load, self.remove, self.keep, self.close, self.copy = (
            each.as_bytes(None) for each in (load, remove, keep, close, copy)
        )

    def key_arrays(self, keys: Sequence[Key]) -> list[str]:
        """The keys as an array for each column."""
        columns = zip(self._key_literals, self._key_encoders, zip(*keys, strict=True), strict=True)
        return [
            tell(values if encode is None else [encode(each) for each in values])
            for tell, encode, values in columns
        ]

    def _row_arrays(self, rows: Iterable[Sequence[Any]]) -> list[str]:
        """Rows as an array for each column; as many columns as the rows have."""
        return [
            tell(values)
            for tell, values in zip(self._literals, zip(*rows, strict=True), strict=False)
        ]

    def loaded(self, rows: Sequence[Sequence[Any]]) -> dict[Key, Version]:
        """What `load` answered, by key."""
        found: dict[Key, Version] = {}
        for each in rows:
            row = self.model.row_of(each[:-1])
            found[self.model.key_of(row)] = (row, each[-1])
        return found

    def write(self, connection: Connection, changes: Changes, *, pipelined: bool) -> None:
        """Rows that stay, rows that go, versions that closed."""
        values_of = self.model.values_of
        if changes.closed:
            closed = ((*values_of(row), since, until) for row, since, until in changes.closed)
            if pipelined:
                connection.execute(self.close, self._row_arrays(closed))
            else:
                with connection.cursor() as cursor, cursor.copy(self.copy) as copy:
                    for each in closed:
                        copy.write_row(each)
        if changes.removed:
            connection.execute(self.remove, self.key_arrays(changes.removed))
        if changes.kept:
            kept = ((*values_of(row), since) for row, since in changes.kept)
            connection.execute(self.keep, self._row_arrays(kept))


def advance(
    connection: Connection, targets: Sequence[Target], events: Sequence[Recorded[Any]]
) -> None:
    """Fold a batch into all targets in one transaction, and move them to its last event."""
    upto = events[-1].position
    with _transaction(connection, pipelined=len(events) <= SMALL) as pipelined:
        locked = connection.execute(_LOCK, [[each.name for each in targets]])
        batches = [Batch(each.model, events) for each in targets]
        answers = [
            connection.execute(each.statements.load, each.statements.key_arrays(batch.keys))
            if batch.keys
            else None
            for each, batch in zip(targets, batches, strict=True)
        ]
        _check(targets, locked.fetchall())
        for target, batch, answer in zip(targets, batches, answers, strict=True):
            if answer is not None:
                changes = batch.fold(target.statements.loaded(answer.fetchall()))
                target.statements.write(connection, changes, pipelined=pipelined)
        connection.execute(_MOVE, [upto, [each.name for each in targets]])
        if any(not each.suffix for each in targets):
            connection.execute("SELECT pg_notify(%s, %s)", [CHANNEL, str(upto)])
    for each in targets:
        each.position, each.stalled_at = upto, None


@contextmanager
def _transaction(connection: Connection, *, pipelined: bool) -> Iterator[bool]:
    with ExitStack() as stack:
        if pipelined:
            stack.enter_context(connection.pipeline())
        stack.enter_context(connection.transaction())
        yield pipelined


_LOCK = """
    SELECT model, fingerprint, position FROM models.checkpoints
    WHERE model = ANY(%s::text[]) ORDER BY model FOR UPDATE
"""

_MOVE = """
    UPDATE models.checkpoints
    SET position = %s, updated_at = now(), stalled_at = NULL, stalled_reason = NULL
    WHERE model = ANY(%s::text[])
"""


def _check(targets: Sequence[Target], locked: Sequence[tuple[str, str, int]]) -> None:
    expected = {each.name: (each.model.fingerprint, each.position) for each in targets}
    found = {name: (fingerprint, position) for name, fingerprint, position in locked}
    if found != expected:
        raise Overtaken


def _arrays(kinds: Sequence[str]) -> sql.Composed:
    """Placeholders for columns, one array each."""
    return sql.SQL(", ").join(sql.SQL(f"%s::{kind}[]") for kind in kinds)


# Arrays are written out here: psycopg looks at every element to find out what it is an array of,
# which for a batch costs more than folding it. The cast in the statement says what it is.


def array_literal(kind: str) -> Callable[[Iterable[Any]], str]:
    """What writes a column's values as a PostgreSQL array."""
    return {"text": _texts, "jsonb": _texts, "date": _days, "timestamptz": _days}.get(
        kind, _numbers
    )


def _numbers(values: Iterable[Any]) -> str:
    """Of numbers, truth values and UUIDs, whose texts need no quotes."""
    return "{" + ",".join(["NULL" if each is None else str(each) for each in values]) + "}"


def _days(values: Iterable[Any]) -> str:
    return "{" + ",".join(["NULL" if each is None else each.isoformat() for each in values]) + "}"


def _texts(values: Iterable[str | None]) -> str:
    return "{" + ",".join(["NULL" if each is None else _quoted(each) for each in values]) + "}"


def _quoted(text: str) -> str:
    if "\\" in text or '"' in text:
        text = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'
