"""Row security: a statement sees the rows of the facilities it was let in for, and no others.

Every table of a model whose rows belong to facilities has a policy for the role that serves
requests. It admits the rows of the facilities named in the setting `almoner.facilities`: an array
of their ids, or ``all`` for the whole system. Without the setting there are no rows, so that a
query whose predicate was forgotten shows nothing, rather than everything.

The setting is made by the statement that reads, and ends with it: nothing is left on a connection
that goes back to its pool, and no round trip is spent. `sighted` is a procedure in three steps,
written so that PostgreSQL cannot do them in another order:

1. Let in: one row with the setting made, or none, and then there is nothing more to do.
2. Only for such a row (LATERAL, and a condition on it), run the query. Its scans ask for the
   setting when they begin, each of them once (the policy's inner SELECT).
3. Forget the setting, as the statement's transaction ends.

The role that owns the tables and folds them is not subject to the policy: PostgreSQL takes no COPY
into a table whose policy binds the one who copies (no FORCE ROW LEVEL SECURITY, therefore).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql

from projections.parts import Part

POLICY = "within_sight"

LOCK_TIMEOUT = "2s"
"""How long a policy waits for readers. Longer, and new readers would queue behind it."""

_ADMITS = sql.SQL(
    "(SELECT current_setting('almoner.facilities', true)) = 'all' OR facility_id = ANY ("
    "(SELECT nullif(nullif(current_setting('almoner.facilities', true), ''), 'all')::uuid[])"
    "::uuid[])"
)


def protect(connection: psycopg.Connection[Any], schema: str, tables: Iterable[str]) -> None:
    """Give tables of a schema their policy, unless they have it: there are some that are older than
    it. One that is mislaid is passed over: its model stalls at that."""
    with connection.transaction():
        connection.execute("SELECT set_config('lock_timeout', %s, true)", [LOCK_TIMEOUT])
        rows = connection.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = to_regnamespace(%s)"
            " AND relname = ANY(%s) AND NOT relrowsecurity",
            [schema, [*tables]],
        ).fetchall()
        for (name,) in rows:
            table = sql.Identifier(schema, name)
            connection.execute(
                sql.SQL("CREATE POLICY {} ON {} FOR SELECT TO almoner_app USING ({})").format(
                    sql.Identifier(POLICY), table, _ADMITS
                )
            )
            connection.execute(sql.SQL("ALTER TABLE {} ENABLE ROW LEVEL SECURITY").format(table))


def entrance(scope: Collection[UUID] | None) -> Part:
    """Lets in whoever may see these facilities (None: the whole system), as the program knows."""
    facilities = "all" if scope is None else f"{{{','.join(map(str, scope))}}}"
    return Part(
        sql.SQL("SELECT set_config('almoner.facilities', %s, true) AS __let_in"), [facilities]
    )


def sighted(entrance: Part, query: Part) -> Part:
    """The rows of a query that whoever comes in by this `entrance` may see.

    What the query names and its tables do not have must not be found in the entrance instead: no
    column of a model is called `__let_in`.
    """
    return Part(
        sql.SQL(
            "WITH entrance AS MATERIALIZED ({entrance}) SELECT seen.* FROM entrance"
            " CROSS JOIN LATERAL (SELECT * FROM ({query}) AS found"
            " WHERE entrance.__let_in IS NOT NULL OFFSET 0) AS seen"
        ).format(entrance=entrance.sql, query=query.sql),
        [*entrance.values, *query.values],
    )
