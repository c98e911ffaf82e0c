"""How far the read models are: for readiness checks, for operators, and for whoever waits to read
what they wrote.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import psycopg

from projections.kernel import ReadModel
from projections.leases import holders, number_of


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelStatus:
    """Where a model stands. `lag` counts positions behind the ledger's head; `stalled_at` is the
    event that stops it, with a reason that names no person. `rebuilding` is how far a shadow of it
    has come, where the model is declared anew and its old tables still serve (what stalls the
    shadow stalls the model). `lag_seconds` tells how long ago the oldest event was recorded that
    the model has not folded, 0 where there is none. `folded_by` is the session (its server process)
    of the runner that folds it; None where nobody does.
    """

    name: str
    position: int
    lag: int
    fingerprint: str
    stalled_at: int | None
    stalled_reason: str | None
    rebuilding: int | None
    lag_seconds: float = 0.0
    folded_by: int | None = None


def statuses(
    connection: psycopg.Connection[Any], models: Iterable[ReadModel[Any]], head: int
) -> list[ModelStatus]:
    """The status of each model; one that no runner has ever seen stands at zero."""
    found: dict[str, tuple[Any, ...]] = {}
    table = connection.execute("SELECT to_regclass('models.positions')").fetchone()
    if table is not None and table[0] is not None:
        rows = connection.execute(
            "SELECT model, position, fingerprint, stalled_at, stalled_reason FROM models.positions"
        )
        found = {name: tuple(rest) for name, *rest in rows}
    folding = holders(connection)
    nothing = (0, "", None, None)
    answer = []
    for model in models:
        position, fingerprint, stalled_at, reason = found.get(model.name, nothing)
        shadow = found.get(f"{model.name}__shadow")
        if shadow is not None and stalled_at is None:
            _position, _fingerprint, stalled_at, reason = shadow
        answer.append(
            ModelStatus(
                name=model.name,
                position=position,
                lag=max(0, head - position),
                fingerprint=fingerprint,
                stalled_at=stalled_at,
                stalled_reason=reason,
                rebuilding=None if shadow is None else shadow[0],
                lag_seconds=_seconds_behind(connection, position) if position < head else 0.0,
                folded_by=folding.get(number_of(model.name)),
            )
        )
    return answer


def _seconds_behind(connection: psycopg.Connection[Any], position: int) -> float:
    """How long ago the first event beyond a position was recorded."""
    row = connection.execute(
        """
        SELECT extract(epoch FROM now() - recorded_at)::float8 FROM ledger.events
        WHERE position > %s ORDER BY position LIMIT 1
        """,
        [position],
    ).fetchone()
    return 0.0 if row is None else max(0.0, row[0])
