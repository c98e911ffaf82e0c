"""Sight: the ledger as somebody may see it, which the database sees to.

What the program needs for a decision it reads in the role of the application, all of it: the
standing of a thing of another facility, who holds a number. What is shown to a person it reads in
another role, `Role.READER`, that a policy binds: of ``ledger.events`` it sees the rows of the
facilities named in the setting `almoner.facilities`, and without the setting none
(``migrations/0007_isolation.sql``). So a view that forgot whom it answers shows nothing.

The positions of what is looked for (`projections.audit.search`) are found by the program, with the
scope in the question: under a policy PostgreSQL would not look into the index of facilities, whose
blocks of positions are a division, which is not leakproof. A position alone shows nothing, and what
stands there is read by sight.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import cast

import psycopg
from psycopg import sql
from psycopg.rows import TupleRow

from facilities.connections import Pool
from facilities.privacy.sealed_facts import SealedFacts
from facilities.readings import Readings
from facilities.recorder import LedgerRecorder
from facilities.scope import Scope


@dataclass(frozen=True, slots=True)
class Sight:
    """A pool of the reader's role, whose connections see what lies within the scope."""

    pool: Pool
    scope: Scope

    @contextmanager
    def connection(self) -> Iterator[psycopg.Connection[TupleRow]]:
        """A connection in a transaction, with which the setting ends."""
        begin = sql.SQL("BEGIN; SELECT set_config('almoner.facilities', {}, true)").format(
            sql.Literal(_setting(self.scope))
        )
        with self.pool.connection() as connection:
            # In one round trip. The pool ends the transaction, one way or the other.
            connection.execute(begin)
            yield connection


class Seen(Readings):
    """The part of the ledger that lies within a scope."""

    def __init__(self, pool: Pool, scope: Scope, sealed: SealedFacts = Readings.sealed) -> None:
        self.sealed = sealed
        self.recorder = LedgerRecorder(cast(Pool, Sight(pool, scope)))


def _setting(scope: Scope) -> str:
    if scope.facility_ids is None:
        return "all"
    return f"{{{','.join(map(str, scope.facility_ids))}}}"
