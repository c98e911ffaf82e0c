"""A list that is lasting: its rows of the past are found from those of now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

import psycopg
import pytest

from domain.kernel import Fact, Recorded
from domain.money import minor_units
from facilities.database import Database
from projections.kernel import Minor, ReadModel, WrongRow
from projections.queries import one, page
from projections.refold import refold
from tests.projections.story import (
    EAST,
    FACILITIES,
    NORTH,
    SOUTH,
    DepositRaised,
    Lent,
    Returned,
    Story,
    chair,
    folded,
    lent,
    raised,
    returned,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chair:
    """A wheelchair that was ever lent. It stands where it was lent first, by that day."""

    chair_id: UUID
    facility_id: UUID
    first_lent_on: date
    currency: str
    deposit: Minor
    back: bool


def chairs_model(*, newest_first: bool) -> ReadModel[Chair]:
    model = ReadModel(
        "chairs",
        row=Chair,
        key="chair_id",
        order="first_lent_on",
        newest_first=newest_first,
        lasting=True,
        fixed=("currency",),
        desk="lenders: which chairs there are",
    )

    @model.on(Lent)
    def lent_again(row: Chair | None, event: Recorded[Lent]) -> Chair | None:
        fact = event.fact
        if row is not None:
            return replace(row, back=False)
        return Chair(
            chair_id=fact.chair_id,
            facility_id=fact.facility_id,
            first_lent_on=fact.lent_on,
            currency=fact.currency,
            deposit=minor_units(fact.deposit, fact.currency),
            back=False,
        )

    @model.on(DepositRaised)
    def deposit_raised(row: Chair | None, event: Recorded[DepositRaised]) -> Chair | None:
        by = minor_units(event.fact.by, event.fact.currency)
        return row and replace(row, deposit=row.deposit + by)

    @model.on(Returned)
    def came_back(row: Chair | None, event: Recorded[Returned]) -> Chair | None:
        return row and replace(row, back=True)

    return model


def some_lending() -> Story:
    """Thirty chairs at three facilities that go out, are charged more for, come back, go out."""
    random, story = Random(4), Story()
    for _ in range(220):
        number = random.randrange(30)
        facility = FACILITIES[number % 3]
        fact: Fact = random.choice(
            [
                lent(number, facility, lent_on=date(2026, 1, 1) + timedelta(random.randrange(9))),
                raised(number, f"{random.randrange(1, 9)}.00", facility),
                returned(number, facility),
            ]
        )
        story.tell(fact)
    return story


@pytest.mark.parametrize("newest_first", [True, False])
def test_pages_and_rows_of_the_past_are_what_refolding_gives(
    database: Database, reading: psycopg.Connection[Any], newest_first: bool
) -> None:
    story, model = some_lending(), chairs_model(newest_first=newest_first)
    folded(database, story, [model], first_batch=7, largest_batch=7)
    asked: list[tuple[dict[str, str], Callable[[Chair], bool]]] = [
        ({}, lambda _row: True),
        ({"back": "true"}, lambda row: row.back),
        ({"currency": "USD", "deposit_from": "20.00"}, lambda row: row.deposit >= 2000),
    ]
    scopes: list[list[UUID] | None] = [
        None,
        [NORTH],
        [SOUTH, EAST],
        [UUID(int=n) for n in range(20)],
    ]
    for number, event in enumerate(story.events[::9]):
        as_of = event.position
        rows = sorted(
            refold(model, story.events, as_of).values(),
            key=lambda row: (row.first_lent_on, row.chair_id),
            reverse=newest_first,
        )
        for scope in scopes:
            for filters, holds in asked:
                expected = [
                    row
                    for row in rows
                    if (scope is None or row.facility_id in scope) and holds(row)
                ]
                assert walked(reading, model, scope, filters, as_of, limit=3) == expected
        for row in rows[:1]:
            found = one(reading, model, (row.chair_id,), scope=None, as_of=as_of)
            assert found is not None
            assert model.row_of(found) == row
        assert one(reading, model, (chair(99 + number),), scope=None, as_of=as_of) is None


def walked(
    reading: psycopg.Connection[Any],
    model: ReadModel[Chair],
    scope: list[UUID] | None,
    filters: dict[str, str],
    as_of: int,
    limit: int,
) -> list[Chair]:
    rows, cursor = list[Chair](), None
    while True:
        found = page(
            reading, model, scope=scope, filters=filters, cursor=cursor, limit=limit, as_of=as_of
        )
        rows += map(model.row_of, found.rows)
        cursor = found.next_cursor
        if cursor is None:
            return rows


@pytest.mark.parametrize(
    "fold",
    [
        lambda _row: None,
        lambda row: replace(row, first_lent_on=date(2030, 1, 1)),
        lambda row: replace(row, facility_id=SOUTH),
        lambda row: replace(row, currency="EUR"),
    ],
    ids=["leaves", "moves in the order", "moves to another facility", "changes what is fixed"],
)
def test_a_row_that_does_not_stay_as_it_was_is_refused(
    fold: Callable[[Chair], Chair | None],
) -> None:
    model = chairs_model(newest_first=True)

    @model.on(DepositRaised)
    def wrong(row: Chair | None, event: Recorded[DepositRaised]) -> Chair | None:
        return row and fold(row)

    story = Story([lent(1, NORTH, deposit=Decimal(5))])
    (row,) = refold(model, story.events).values()
    assert model.unchanging == ("first_lent_on", "chair_id", "facility_id", "currency")
    assert row.facility_id == NORTH
    story.tell(raised(1))
    with pytest.raises(WrongRow, match="what is lasting stays"):
        refold(model, story.events)
