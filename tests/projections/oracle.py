"""Holds what the runner has written against the oracle: folding the ledger again, in memory."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import psycopg

from domain.kernel import Recorded
from domain.money import decimal_text
from projections.kernel import ReadModel, Summary
from projections.queries import page, total
from projections.refold import refold
from projections.render import render
from tests.projections.grammar import added_up

Connection = psycopg.Connection[Any]


class Told:
    """A ledger in memory, as the runner and the queries read it."""

    def __init__(self, events: Sequence[Recorded[Any]]) -> None:
        self.events = events

    def read(self, after: int, limit: int) -> Sequence[Recorded[Any]]:
        return [each for each in self.events if each.position > after][:limit]

    def between(
        self,
        after: int,
        upto: int,
        *,
        facts: Sequence[str],
        facilities: Collection[UUID] | None = None,
    ) -> Sequence[Recorded[Any]]:
        return [
            each
            for each in self.events
            if after < each.position <= upto
            and each.fact.name in facts
            and (facilities is None or each.facility_id in facilities)
        ]

    def scan(
        self,
        after: int,
        upto: int,
        facts: Sequence[str] = (),
        partition: tuple[int, int] | None = None,
    ) -> Iterator[Sequence[Recorded[Any]]]:
        found = [
            each
            for each in self.events
            if after < each.position <= upto
            and (not facts or each.fact.name in facts)
            and (
                partition is None
                or each.facility_id is None
                or hash(each.facility_id) % partition[1] == partition[0]
            )
        ]
        for begin in range(0, len(found), 50):
            yield found[begin : begin + 50]

    def count(self, after: int, upto: int) -> int:
        return sum(after < each.position <= upto for each in self.events)

    def head(self) -> int:
        return self.events[-1].position if self.events else 0

    def position_at(self, instant: datetime) -> int:
        return max(
            (each.position for each in self.events if each.recorded_at <= instant), default=0
        )


def looks_as_refolded(
    connection: Connection,
    model: ReadModel[Any],
    events: Sequence[Recorded[Any]],
    *,
    as_of: int | None = None,
    scope: Collection[UUID] | None = None,
) -> int:
    """The rows of a model, and a summary's totals, are byte for byte those of the oracle; how many
    rows these are.
    """
    rows = [
        row
        for row in refold(model, events, as_of).values()
        if scope is None or not model.scoped or row.facility_id in scope
    ]
    ledger = Told(events)
    assert _shown(connection, model, as_of, scope, ledger) == _told(model, rows)
    if isinstance(model, Summary):
        found = total(connection, model, scope=scope, by=model.groups, as_of=as_of, ledger=ledger)
        assert _bytes(found) == _bytes(_totals(model, rows))
    return len(rows)


def _shown(
    connection: Connection,
    model: ReadModel[Any],
    as_of: int | None,
    scope: Collection[UUID] | None,
    ledger: Told,
) -> bytes:
    """All pages of a list, as the API would show them."""
    shown: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        one = page(
            connection,
            model,
            scope=scope,
            cursor=cursor,
            limit=1_000,
            as_of=as_of,
            ledger=ledger,
        )
        shown += render(model, one.rows)
        cursor = one.next_cursor
        if cursor is None:
            return _bytes(shown)


def _told(model: ReadModel[Any], rows: Iterable[Any]) -> bytes:
    """Rows of the oracle, as the API would show them."""
    ordered = sorted(
        rows,
        key=lambda row: [_comparable(getattr(row, each)) for each in model.sort],
        reverse=model.newest_first,
    )
    return _bytes(render(model, [_values(model, row) for row in ordered]))


def _totals(model: Summary[Any], rows: Iterable[Any]) -> list[dict[str, Any]]:
    totals = added_up(model, rows)
    if not model.groups and not totals:
        totals = {(): Counter()}  # what has no groups is one sum, also of nothing
    told = []
    for group in sorted(totals, key=lambda group: [_comparable(each) for each in group]):
        one = {
            name: str(value) if isinstance(value, (UUID, date)) else value
            for name, value in zip(model.groups, group, strict=True)
        }
        for each in model.measures:
            figure = totals[group][each.name]
            one[each.name] = decimal_text(figure, one["currency"]) if each.minor else figure
        told.append(one)
    return told


def _values(model: ReadModel[Any], row: Any) -> list[Any]:
    """A row as it would be loaded from the database."""
    return [
        json.loads(value) if column.kind == "jsonb" and value is not None else value
        for column, value in zip(model.columns, model.values_of(row), strict=True)
    ]


def _comparable(value: Any) -> Any:
    """What sorts as PostgreSQL sorts it: texts by their bytes."""
    return value.encode() if isinstance(value, str) else value


def _bytes(rows: list[dict[str, Any]]) -> bytes:
    # Keys in one order: that of a document in the database (jsonb) is the database's own.
    return json.dumps(rows, ensure_ascii=False, sort_keys=True).encode()
