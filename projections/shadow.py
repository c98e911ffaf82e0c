"""Where the tables of the models stand when a runner takes over, and how new ones take the place of
old ones.

When a model is declared anew (its fingerprint changed) its live tables stay as they are, for
whoever reads them, while a shadow of it is folded from the beginning beside them. Its checkpoint is
a row like any other, so a rebuild that is interrupted goes on where it stopped. One that still
stands at zero begins again: its tables may be filled without its checkpoint knowing.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from itertools import chain
from typing import Any

import psycopg

from projections.courses import hold, lay_out, part
from projections.kernel import ReadModel
from projections.sight import protect
from projections.tables import SCHEMA, Suffix, drop
from projections.writing import Connection, Target

log = logging.getLogger(__name__)

LOCK_TIMEOUT = "2s"
"""How long a swap waits for readers. Longer, and new readers would queue behind it."""


def prepare(
    connection: Connection, models: Sequence[ReadModel[Any]], head: int, much: int
) -> list[Target]:
    """Everything that is to be folded, as a runner finds it on taking over.

    1. A model without a checkpoint gets empty tables and begins at zero; where `much` has been told
       before it, a shadow, which is built at once.
    2. A model whose checkpoint is of another fingerprint gets a shadow, or goes on with the one
       that was begun. So does one that has followed further than the ledger goes: the ledger was
       restored from a copy, and what the model knows beyond that has not happened.
    3. Tables that are gone on with are given their policy, where they are older than it.
    """
    lay_out(connection)
    names = [f"{each.name}{suffix}" for each in models for suffix in ("", "__shadow")]
    with connection.transaction():
        part(connection, hold(connection, names))
    checkpoints = _checkpoints(connection)
    targets = []
    for model in models:
        known = checkpoints.get(model.name)
        begun = checkpoints.get(f"{model.name}__shadow")
        if known is not None and known[0] == model.fingerprint and known[1] <= head:
            targets.append(_found(model, "", known[1], known[2]))
            if begun is not None:
                forget(connection, f"{model.name}__shadow")
        elif begun is not None and begun[0] == model.fingerprint and 0 < begun[1] <= head:
            targets.append(_found(model, "__shadow", begun[1], begun[2]))
        elif known is None and head < much:
            targets.append(begin(connection, model, ""))
        else:
            log.info("rebuilding %s beside its live tables", model.name)
            targets.append(begin(connection, model, "__shadow"))
    live = [each.tables.scoped for each in targets if not each.suffix]
    protect(connection, SCHEMA, chain.from_iterable(live))
    return targets


def begin(
    connection: Connection, model: ReadModel[Any], suffix: Suffix, *, bare: bool = False
) -> Target:
    """Empty tables and a checkpoint at zero; `bare` ones get keys and indexes when filled."""
    target = Target(model, suffix)
    with connection.transaction():
        if bare:
            target.tables.lay_out(connection)
        else:
            target.tables.create(connection)
        connection.execute(
            """
            INSERT INTO models.checkpoints (model, fingerprint, position) VALUES (%s, %s, 0)
            ON CONFLICT (model) DO UPDATE SET fingerprint = excluded.fingerprint, position = 0,
                course = NULL, updated_at = now(), stalled_at = NULL, stalled_reason = NULL
            """,
            [target.name, model.fingerprint],
        )
    return target


def swap(connection: Connection, target: Target) -> Target | None:
    """Put a target's tables in the place of the live ones. None where readers were in the way.

    Whoever folds the live ones waits, and then looks again. The caller's transaction, where there
    is one, holds them already.
    """
    live = Target(target.model, position=target.position, course=target.course)
    try:
        with connection.transaction():
            connection.execute("SELECT set_config('lock_timeout', %s, true)", [LOCK_TIMEOUT])
            part(connection, hold(connection, [live.name]))
            target.tables.take_the_place_of(live.tables, connection)
            connection.execute("DELETE FROM models.checkpoints WHERE model = %s", [live.name])
            connection.execute(
                "UPDATE models.checkpoints SET model = %s, updated_at = now() WHERE model = %s",
                [live.name, target.name],
            )
    except psycopg.errors.LockNotAvailable:
        return None
    log.info("%s was rebuilt up to position %s", live.name, live.position)
    return live


def _found(model: ReadModel[Any], suffix: Suffix, position: int, stalled_at: int | None) -> Target:
    return Target(model, suffix, position=position, stalled_at=stalled_at)


def undeclared(connection: Connection, models: Sequence[ReadModel[Any]]) -> list[str]:
    """The checkpoints of models that are not among those declared."""
    lay_out(connection)
    declared = {each.name for each in models}
    return [each for each in _checkpoints(connection) if each.partition("__")[0] not in declared]


def _checkpoints(connection: Connection) -> dict[str, tuple[str, int, int | None]]:
    rows = connection.execute(
        "SELECT model, fingerprint, position, stalled_at FROM models.positions"
    ).fetchall()
    return {name: (fingerprint, position, stalled) for name, fingerprint, position, stalled in rows}


def forget(connection: Connection, name: str) -> None:
    """Drop tables by the name of their checkpoint, with it; nothing where there are none."""
    with connection.transaction():
        connection.execute("DELETE FROM models.checkpoints WHERE model = %s", [name])
        drop(connection, name)
