"""What is to be returned, the first day on top, with the days that are left on a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql

from projections.parts import Part
from projections.readiness import bounded, ready
from projections.revenue.credits import overpayment_list
from projections.sight import entrance, sighted
from projections.versions import Conditions, Scope, versions

Place = tuple[date, UUID, int]
"""Where a row stands: its last day, its claim, its number."""

BEFORE_ALL: Place = (date.min, UUID(int=0), 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class DueOverpayment:
    """An overpayment with a last day: `days_left` until then, below zero where it has passed.
    `amount` is in minor units."""

    claim_id: UUID
    overpayment: int
    facility_id: UUID
    payer_id: UUID | None
    status: str
    currency: str
    amount: int
    identified_on: date
    return_by: date
    days_left: int


def due_overpayments(
    connection: psycopg.Connection[Any],
    *,
    scope: Scope,
    on: date,
    as_of: int | None,
    after: Place,
    limit: int,
) -> list[DueOverpayment]:
    """The overpayments of some facilities that are not returned and have a last day, as known at a
    position (None: now), in the order of these days. Raises `NotReady`."""
    bounded(as_of)
    due = Part(sql.SQL("due AND return_by IS NOT NULL"), [])
    rows = versions(overpayment_list, Conditions(overpayment_list, scope, due), as_of)
    query = sql.SQL(
        "SELECT claim_id, overpayment, facility_id, payer_id, status, currency, amount,"
        " identified_on, return_by, return_by - %s::date FROM {} AS overpayments"
        " WHERE (return_by, claim_id, overpayment) > (%s::date, %s::uuid, %s::bigint)"
        " ORDER BY return_by, claim_id, overpayment LIMIT %s::bigint"
    ).format(rows.sql)
    seen = sighted(entrance(scope), Part(query, [on, *rows.values, *after, limit]))
    with ready(overpayment_list):
        found = connection.execute(sql.Composed([seen.sql]), seen.values).fetchall()
    names = DueOverpayment.__dataclass_fields__
    return [DueOverpayment(**dict(zip(names, row, strict=True))) for row in found]
