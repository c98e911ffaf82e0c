"""A rebuild on demand: fold a model again, compare with what stands there, and swap.

For the operator who has reason to doubt a figure, and for the auditor who wants to see that it can
be had again from nothing but the ledger. Readers and the runner go on all the while.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql

from projections.bulk import CannotFold, complete, fill
from projections.courses import hold
from projections.crew import Crew
from projections.kernel import ReadModel
from projections.leadership import REBUILD_LOCK, Connect, Connection, Seat
from projections.reach import reaching
from projections.shadow import begin, forget, swap
from projections.tables import Tables
from projections.writing import Target, advance

if TYPE_CHECKING:
    from projections.reading import Reader

NEAR = 500
"""So few events from the live position, the rest is folded while nobody may move it."""

PATIENCE = 30
"""How often a swap is tried before it is given up because of readers that do not end."""


_NEVER_FOLDED = "{} has not been folded yet: start the runner first"


class RebuildRefused(Exception):
    """A rebuild cannot be done now; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What came of a rebuild. `differences` counts the rows, current and closed, that were in the
    live tables and not in the rebuilt ones or the other way round; None where the live tables were
    folded as another version of the program declares the model, so that they may differ.
    """

    name: str
    events: int
    rows: int
    differences: int | None
    seconds: float


def rebuild(
    connect: Connect,
    reader: Reader,
    models: Iterable[ReadModel[Any]],
    batch: int,
    progress: Callable[[str, int, int], None],
    crew: Crew | None = None,
) -> list[Report]:
    """Rebuild models one after the other. Raises `RebuildRefused` where another rebuild is going
    on, where a model has never been folded, or where a fold fails. For each model:

    1. Fold it from zero, in memory, into tables of its own (`<model>__check`) up to where the live
       one stands (`projections.bulk`), by the crew where there is one; then in batches what has
       come since, up to near the live position.
    2. In one snapshot, in which the live tables stand still: fold up to exactly their position, and
       compare both tables row by row, both ways.
    3. Hold the live model, fold what has come since, swap. Only this keeps the runner waiting.
    """
    seat = Seat(connect, REBUILD_LOCK)
    try:
        if not seat.take():
            raise RebuildRefused("another rebuild is going on")
        return [_rebuild(seat.connection, reader, each, batch, progress, crew) for each in models]
    finally:
        seat.leave()


def _rebuild(
    connection: Connection,
    reader: Reader,
    model: ReadModel[Any],
    batch: int,
    progress: Callable[[str, int, int], None],
    crew: Crew | None,
) -> Report:
    live, began = Tables(model), time.monotonic()
    upto, _fingerprint = _checkpoint(connection, live)
    target = begin(connection, model, "__check", bare=True)
    try:
        _fill(connection, reader, target, upto, progress, crew)
        return _checked(connection, reader, target, live, batch, progress, began)
    finally:
        if not connection.closed:
            forget(connection, target.name)


def _fill(
    connection: Connection,
    reader: Reader,
    target: Target,
    upto: int,
    progress: Callable[[str, int, int], None],
    crew: Crew | None,
) -> None:
    def told(position: int) -> None:
        progress(target.model.name, position, upto)

    try:
        if crew is not None:
            crew.fill(target.tables, upto, told)
        else:
            fill(connection, reader, target.tables, upto, None, told)
    except CannotFold as error:
        raise RebuildRefused(str(error)) from error
    if not complete(connection, target.tables, upto):
        raise RebuildRefused(f"{target.name} was begun again by someone else")
    target.position = upto


def _checked(
    connection: Connection,
    reader: Reader,
    target: Target,
    live: Tables,
    batch: int,
    progress: Callable[[str, int, int], None],
    began: float,
) -> Report:
    model = target.model
    while (upto := _checkpoint(connection, live)[0]) - target.position > NEAR:
        if not _fold(connection, reader, target, upto, batch):
            break
        progress(model.name, target.position, upto)

    differences: int | None = None
    connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    try:
        with connection.transaction():
            upto, fingerprint = _checkpoint(connection, live)
            if fingerprint == model.fingerprint:
                _fold_all(connection, reader, target, upto, batch)
                differences = _differences(connection, live, target.tables)
    finally:
        connection.isolation_level = None

    for _attempt in range(PATIENCE):
        with connection.transaction():
            held = hold(connection, [live.name])
            if live.name not in held:
                raise RebuildRefused(_NEVER_FOLDED.format(live.name))
            upto = held[live.name].position
            _fold_all(connection, reader, target, upto, batch)
            if swap(connection, target) is not None:
                break
    else:
        raise RebuildRefused(f"readers of {model.name} were in the way of the swap")
    progress(model.name, upto, upto)
    return Report(
        name=model.name,
        events=reader.count(0, upto),
        rows=_count(connection, live),
        differences=differences,
        seconds=time.monotonic() - began,
    )


def _fold_all(
    connection: Connection, reader: Reader, target: Target, upto: int, batch: int
) -> None:
    while _fold(connection, reader, target, upto, batch):
        pass


def _fold(connection: Connection, reader: Reader, target: Target, upto: int, batch: int) -> bool:
    """Fold one batch, none of it beyond `upto`; whether there was one."""
    if target.position >= upto:
        return False
    events = [each for each in reader.read(target.position, batch) if each.position <= upto]
    if events:
        try:
            advance(connection, [target], events)
        except psycopg.OperationalError:
            raise
        except Exception as error:
            raise RebuildRefused(
                f"{type(error).__name__} while folding {target.model.name} between positions "
                f"{events[0].position} and {events[-1].position}"
            ) from error
    return bool(events)


def _checkpoint(connection: Connection, live: Tables) -> tuple[int, str]:
    try:
        row = connection.execute(
            "SELECT position, fingerprint FROM models.positions WHERE model = %s",
            [live.name],
        ).fetchone()
    except psycopg.errors.UndefinedTable:
        row = None
    if row is None:
        raise RebuildRefused(_NEVER_FOLDED.format(live.name))
    return row[0], row[1]


def _differences(connection: Connection, live: Tables, rebuilt: Tables) -> int:
    """Rows of either side that the other has not, byte for byte as PostgreSQL prints them."""
    count = 0
    pairs = [(live.current, rebuilt.current), (live.history, rebuilt.history)]
    if reaching(live.model):
        pairs.append((live.reach, rebuilt.reach))
    for one, other in pairs:
        for left, right in ((one, other), (other, one)):
            row = connection.execute(
                sql.SQL(
                    "SELECT count(*) FROM (SELECT t::text FROM {} AS t"
                    " EXCEPT ALL SELECT t::text FROM {} AS t) AS unlike"
                ).format(left, right)
            ).fetchone()
            count += 0 if row is None else row[0]
    return count


def _count(connection: Connection, live: Tables) -> int:
    row = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(live.current)).fetchone()
    return 0 if row is None else int(row[0])
