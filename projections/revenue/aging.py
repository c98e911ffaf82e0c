"""What was owed at the end of a day and how old it was, and what was done and not billed by then.

Worked out claim by claim from `claim_receivables`: what is owed on a claim now, less what its
ledger moved on later days (`claim_ledger`), is what was owed then, as far as it is known at the
position that is asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql

from domain.revenue.events.claim import SELF_PAY
from projections.parts import Part
from projections.readiness import bounded, ready
from projections.revenue.claim_receivables import claim_receivables
from projections.revenue.ledger import claim_ledger
from projections.sight import entrance, sighted
from projections.tables import identifiers
from projections.versions import Conditions, Scope, versions

BUCKETS = (30, 60, 90, 120)
"""The ages in days that what is owed is told apart by (c)."""

AMOUNTS = ("owed", *(f"to_{days}" for days in BUCKETS), f"over_{BUCKETS[-1]}", "unbilled")
"""What `aged` tells: what is owed on billed claims, how much of it is up to so many days old, and
what is charged on claims that were discharged and not billed (DNFB), in minor units."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgedOn:
    """Whose receivables at the end of which day, as known at a position (None: now)."""

    scope: Scope
    day: date
    payer_id: UUID | None = None
    currency: str | None = None
    as_of: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgedClaim:
    """A claim on which something was owed: how much, in minor units, and for how many days."""

    claim_id: UUID
    facility_id: UUID
    payer_id: UUID
    currency: str
    billed_on: date
    days: int
    owed: int


def aged(
    connection: psycopg.Connection[Any], asked: AgedOn, by: Sequence[str] = ()
) -> list[dict[str, Any]]:
    """The amounts at the end of a day, told apart by currency and by ``facility_id`` or
    ``payer_id`` (the nil UUID: patients alone).

    Only balances above zero are owed: credits are none of it. Raises `NotReady`.
    """
    groups = ("currency", *by)
    claims = _claims(asked)
    query = sql.SQL("SELECT {groups}, {amounts} FROM {claims} GROUP BY {groups} ORDER BY {groups}")
    amounts = [
        sql.SQL("coalesce(sum({}) FILTER (WHERE {}), 0)::bigint AS {}").format(
            sql.Identifier(column), condition, sql.Identifier(name)
        )
        for (column, condition), name in zip(_figures(), AMOUNTS, strict=True)
    ]
    told = query.format(
        groups=identifiers(groups), amounts=sql.SQL(", ").join(amounts), claims=claims.sql
    )
    rows = _read(connection, asked, Part(told, claims.values))
    return [dict(zip((*groups, *AMOUNTS), row, strict=True)) for row in rows]


def aged_claims(
    connection: psycopg.Connection[Any],
    asked: AgedOn,
    *,
    older_than: int,
    after: UUID | None,
    limit: int,
) -> list[AgedClaim]:
    """The claims on which something was owed that was older than so many days, by their ids; those
    after one. Raises `NotReady`."""
    claims = _claims(asked)
    query = sql.SQL(
        "SELECT claim_id, facility_id, payer_id, currency, billed_on, age, balance FROM {}"
        " WHERE balance > 0 AND age > %s::bigint AND claim_id > %s::uuid"
        " ORDER BY claim_id LIMIT %s::bigint"
    ).format(claims.sql)
    values = [*claims.values, older_than, after or UUID(int=0), limit]
    return [
        AgedClaim(
            claim_id=claim_id,
            facility_id=facility_id,
            payer_id=payer_id,
            currency=currency,
            billed_on=billed_on,
            days=age,
            owed=int(balance),
        )
        for claim_id, facility_id, payer_id, currency, billed_on, age, balance in _read(
            connection, asked, Part(query, values)
        )
    ]


def _claims(asked: AgedOn) -> Part:
    """Every claim of care that had begun, with its balance, age and charges at the day's end."""
    bounded(asked.as_of)
    begun = Part(sql.SQL("service_on <= %s::date"), [asked.day])
    conditions = Conditions(claim_receivables, asked.scope, begun)
    if asked.payer_id is not None:
        its = "coalesce(payer_id, %s::uuid) = %s::uuid"
        conditions = conditions.also(Part(sql.SQL(its), [SELF_PAY, asked.payer_id]))
    if asked.currency is not None:
        conditions = conditions.also(Part(sql.SQL("currency = %s::text"), [asked.currency]))
    later = Part(sql.SQL("effective_on > %s::date"), [asked.day])
    claims = versions(claim_receivables, conditions, asked.as_of)
    moved = versions(claim_ledger, Conditions(claim_ledger, asked.scope, later), asked.as_of)
    return Part(
        sql.SQL(
            "(SELECT c.claim_id, c.facility_id, coalesce(c.payer_id, %s::uuid) AS payer_id,"
            " c.currency, c.billed_on, c.charges, c.balance - coalesce(m.change, 0) AS balance,"
            " %s::date - c.billed_on AS age, c.service_through <= %s::date"
            " AND coalesce(c.unbilled_until > %s::date, true) AS unbilled"
            " FROM {claims} AS c LEFT JOIN (SELECT claim_id, sum(change) AS change"
            " FROM {moved} AS entries GROUP BY claim_id) AS m USING (claim_id)) AS claims"
        ).format(claims=claims.sql, moved=moved.sql),
        [SELF_PAY, asked.day, asked.day, asked.day, *claims.values, *moved.values],
    )


def _read(connection: psycopg.Connection[Any], asked: AgedOn, query: Part) -> list[Any]:
    seen = sighted(entrance(asked.scope), query)
    with ready(claim_receivables), ready(claim_ledger):
        return connection.execute(sql.Composed([seen.sql]), seen.values).fetchall()


def _figures() -> list[tuple[str, sql.Composable]]:
    """The column each amount is a sum of, and of which claims."""
    owed = sql.SQL("balance > 0 AND age >= {} AND age <= {}")
    ends = [-1, *BUCKETS, 2**31 - 1]
    told: list[tuple[str, sql.Composable]] = [("balance", owed.format(0, ends[-1]))]
    told += [("balance", owed.format(least + 1, most)) for least, most in pairwise(ends)]
    return [*told, ("charges", sql.SQL("unbilled"))]
