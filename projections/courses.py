"""How far models have come, and who may move them on.

A model's checkpoint says as which declaration it is folded, and how far. Models that stand at one
position are moved on together: their checkpoints point to one row, a course, which is the only one
a batch locks and moves. So a batch costs the same however many models there are that have nothing
to do with it. `models.positions` tells of each model where it stands, either way.

Whoever writes a model's rows writes its checkpoint or its course in the same transaction. Which
transaction wrote that last PostgreSQL itself tells (`xmin`), and nobody can set it: as long as it
is our own, the tables hold what our last batch left behind.

Rows are locked in one order, so that nobody waits in a circle: checkpoints by name, then courses.
Who folds along a course locks it alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psycopg

from projections.leadership import LAYOUT_LOCK

if TYPE_CHECKING:
    from projections.writing import Target

Connection = psycopg.Connection[Any]

_LAYOUT = """
    CREATE TABLE IF NOT EXISTS models.courses (
        course bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        position bigint NOT NULL,
        updated_at timestamptz NOT NULL DEFAULT now()
    );
    CREATE TABLE IF NOT EXISTS models.checkpoints (
        model text COLLATE "C" PRIMARY KEY,
        fingerprint text NOT NULL,
        position bigint NOT NULL,
        updated_at timestamptz NOT NULL DEFAULT now(),
        stalled_at bigint,
        stalled_reason text
    );
    ALTER TABLE models.checkpoints
        ADD COLUMN IF NOT EXISTS course bigint REFERENCES models.courses;
    CREATE VIEW models.positions AS
        SELECT c.model, c.fingerprint, coalesce(k.position, c.position) AS position,
               coalesce(k.updated_at, c.updated_at) AS updated_at, c.stalled_at, c.stalled_reason
        FROM models.checkpoints c LEFT JOIN models.courses k ON k.course = c.course;
"""


class Overtaken(Exception):
    """Someone else has moved a model, or rebuilt it as another version declares it."""


@dataclass(slots=True)
class Course:
    """The course several targets follow: its number, how many models it carries, and which
    transaction wrote it last."""

    number: int
    carries: int
    writer: str

    def lock(self, connection: Connection) -> psycopg.Cursor[Any]:
        """Keep others away until the transaction ends; `check` takes the answer."""
        return connection.execute(_LOCK_COURSE, [self.number])

    def check(self, locked: psycopg.Cursor[Any]) -> None:
        """Raises Overtaken where somebody else has written something of what it carries."""
        if locked.fetchone() != (self.writer,):
            raise Overtaken

    def move(self, connection: Connection, upto: int) -> psycopg.Cursor[Any]:
        """Move all that it carries; `moved` takes the answer."""
        return connection.execute(_MOVE_COURSE, [upto, self.number])

    def moved(self, writer: str) -> None:
        self.writer = writer


@dataclass(slots=True)
class Alone:
    """A target that is moved by its own checkpoint, in the same steps."""

    target: Target

    def lock(self, connection: Connection) -> psycopg.Cursor[Any]:
        return connection.execute(_LOCK, [self.target.name])

    def check(self, locked: psycopg.Cursor[Any]) -> None:
        found = locked.fetchone()
        if found is None or (standing := Standing(*found)).course is not None:
            raise Overtaken
        _check(self.target, standing)

    def move(self, connection: Connection, upto: int) -> psycopg.Cursor[Any]:
        return connection.execute(_MOVE, [upto, self.target.name])

    def moved(self, writer: str) -> None:
        self.target.writer = writer


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a model stands: as which declaration, how far, and who wrote that last."""

    fingerprint: str
    position: int
    writer: str
    course: int | None = None


def lay_out(connection: Connection) -> None:
    """Make the tables, where they are not there."""
    with connection.transaction():
        # Two runners that begin at once may both want to make them.
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [LAYOUT_LOCK])
        if not _there(connection):
            connection.execute(_LAYOUT)


def _there(connection: Connection) -> bool:
    row = connection.execute("SELECT to_regclass('models.positions') IS NOT NULL").fetchone()
    return row == (True,)


def course_of(connection: Connection, targets: Sequence[Target]) -> Course | Alone:
    """By what these targets, which stand at one position, are moved on. Raises Overtaken.

    Several follow a course that carries these and no others. A new one is begun where that is not
    so, as it is with the first batch after others have come or gone; one that goes alone leaves.
    """
    first = targets[0].course
    if len(targets) == 1:
        if first is not None:
            _leave(connection, targets[0], first)
        return Alone(targets[0])
    if (
        first is not None
        and first.carries == len(targets)
        and all(each.course is first for each in targets)
    ):
        return first
    return _begin(connection, targets)


def _begin(connection: Connection, targets: Sequence[Target]) -> Course:
    names = [each.name for each in targets]
    with connection.transaction():
        found = hold(connection, names)
        for each in targets:
            if each.name not in found:
                raise Overtaken
            _check(each, found[each.name])
        row = connection.execute(_BEGIN_COURSE, [targets[0].position]).fetchone()
        assert row is not None
        connection.execute(
            "UPDATE models.checkpoints SET course = %s WHERE model = ANY(%s)", [row[0], names]
        )
        connection.execute(_END_COURSES)
    course = Course(row[0], len(targets), row[1])
    for each in targets:
        each.course, each.writer = course, None
    return course


def _leave(connection: Connection, target: Target, course: Course) -> None:
    with connection.transaction():
        held = hold(connection, [target.name])
        if target.name not in held:
            raise Overtaken
        _check(target, held[target.name])
        left, writers = part(connection, held)
    target.course, target.writer = None, left[target.name]
    course.carries, course.writer = course.carries - 1, writers[course.number]


def hold(connection: Connection, names: Iterable[str]) -> dict[str, Standing]:
    """Lock the checkpoints of models, and the courses they follow, until the transaction ends: who
    folds them waits. Where each of them stands."""
    rows = connection.execute(_HOLD, [list(names)]).fetchall()
    numbers = sorted({number for *_, number in rows if number is not None})
    courses: dict[int, tuple[int, str]] = {}
    if numbers:
        found = connection.execute(_HOLD_COURSES, [numbers]).fetchall()
        courses = {number: (position, writer) for number, position, writer in found}
    standings = {}
    for name, fingerprint, position, writer, number in rows:
        if number is not None:
            position, writer = courses[number]
        standings[name] = Standing(fingerprint, position, writer, number)
    return standings


def part(
    connection: Connection, held: dict[str, Standing]
) -> tuple[dict[str, str], dict[int, str]]:
    """Models that are held follow no course any more, and whoever folds them or what went with them
    looks again. Who has written the checkpoints of those that followed one, and their courses."""
    names = [name for name, each in held.items() if each.course is not None]
    numbers = list({each.course for each in held.values() if each.course is not None})
    if not names:
        return {}, {}
    left = dict(connection.execute(_PART, [names]).fetchall())
    return left, dict(connection.execute(_TOUCH, [numbers]).fetchall())


def _check(target: Target, found: Standing) -> None:
    writer = target.writer if target.course is None else target.course.writer
    number = None if target.course is None else target.course.number
    if (found.fingerprint, found.position) != (target.model.fingerprint, target.position):
        raise Overtaken
    if writer is not None and (found.course, found.writer) != (number, writer):
        raise Overtaken


_LOCK_COURSE = "SELECT xmin::text FROM models.courses WHERE course = %s FOR UPDATE"
_MOVE_COURSE = """
    UPDATE models.courses SET position = %s, updated_at = now() WHERE course = %s
    RETURNING xmin::text
"""

_LOCK = """
    SELECT fingerprint, position, xmin::text, course FROM models.checkpoints WHERE model = %s
    FOR UPDATE
"""
_MOVE = """
    UPDATE models.checkpoints
    SET position = %s, updated_at = now(), stalled_at = NULL, stalled_reason = NULL
    WHERE model = %s
    RETURNING xmin::text
"""

_HOLD = """
    SELECT model, fingerprint, position, xmin::text, course FROM models.checkpoints
    WHERE model = ANY(%s::text[]) ORDER BY model FOR UPDATE
"""
_HOLD_COURSES = """
    SELECT course, position, xmin::text FROM models.courses WHERE course = ANY(%s::bigint[])
    ORDER BY course FOR UPDATE
"""

_BEGIN_COURSE = "INSERT INTO models.courses (position) VALUES (%s) RETURNING course, xmin::text"
_END_COURSES = """
    DELETE FROM models.courses k
    WHERE NOT EXISTS (SELECT FROM models.checkpoints c WHERE c.course = k.course)
"""
_PART = """
    UPDATE models.checkpoints c SET position = k.position, updated_at = now(), course = NULL
    FROM models.courses k WHERE k.course = c.course AND c.model = ANY(%s::text[])
    RETURNING c.model, c.xmin::text
"""
_TOUCH = """
    UPDATE models.courses SET position = position WHERE course = ANY(%s::bigint[])
    RETURNING course, xmin::text
"""
