"""Pages as PostgreSQL writes them are the pages that Python renders, member by member."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg import sql

from facilities.database import Database, Role
from projections.kernel import ReadModel
from projections.pages import Shown, page, shown
from projections.parts import Part
from projections.queries import checkpoint, render
from projections.sight import entrance
from tests.conftest import copied
from tests.projections.oracle import Told
from tests.projections.story import (
    EAST,
    FACILITIES,
    NORTH,
    SOUTH,
    Noticed,
    Size,
    Story,
    Strap,
    deposits_model,
    folded,
    heard_model,
    lent,
    loans_model,
    notices_model,
    raised,
)

LOANS, DEPOSITS, NOTICES, HEARD = loans_model(), deposits_model(), notices_model(), heard_model()
MODELS: list[ReadModel[Any]] = [LOANS, DEPOSITS, NOTICES, HEARD]

REMARKS = [None, "", 'a "quoted" \\ word', "line\nline\ttab\x01\x7f", "naïve ✓ 漢字", "100 % %s $1"]


def lending() -> Story:
    """Chairs at three facilities in three currencies, with remarks that need care in JSON."""
    told = Story()
    strap = Strap(place='left "one"', width=Decimal("2.50"), checked_on=date(2026, 1, 1))
    for number in range(30):
        told.tell(
            lent(
                number,
                FACILITIES[number % 3],
                size=Size.LARGE if number % 2 else Size.SMALL,
                currency=("USD", "JPY", "KWD")[number % 3],
                remark=REMARKS[number % len(REMARKS)],
                deposit=Decimal(number),
                straps=(strap,),
            )
        )
    told.tell(*(raised(number, "-400.00", FACILITIES[number % 3]) for number in range(0, 9, 3)))
    told.tell(Noticed(notice="a", facility_ids=(NORTH, SOUTH)))
    return told


@pytest.fixture(scope="module")
def shelf(server: Database, template: Database) -> Iterator[tuple[Story, Database]]:
    """A story and where it is folded, for tests that only read."""
    with copied(server, template) as database:
        told = lending()
        folded(database, told, MODELS)
        yield told, database


@pytest.fixture
def story(shelf: tuple[Story, Database]) -> Story:
    return shelf[0]


@pytest.fixture
def reading(shelf: tuple[Story, Database]) -> Iterator[psycopg.Connection[Any]]:
    with shelf[1].connect(Role.APP) as connection:
        yield connection


def written(
    reading: psycopg.Connection[Any], model: ReadModel[Any], story: Story, **asked: Any
) -> Shown | None:
    named = {
        "scope": None,
        "filters": {},
        "cursor": None,
        "limit": 100,
        "as_of": None,
        "ledger": Told(story.events),
        **asked,
    }
    admission = named.pop("admission", entrance(named["scope"]))
    return shown(reading, model, admission=admission, **named)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
@pytest.mark.parametrize(
    "scope", [None, [NORTH], [SOUTH, EAST], [NORTH, *(UUID(int=n) for n in range(20, 40))], []]
)
@pytest.mark.parametrize("as_of", [None, 12, 31])
@pytest.mark.parametrize("limit", [1, 7, 100])
def test_what_postgresql_writes_is_what_python_renders_page_by_page(
    story: Story,
    reading: psycopg.Connection[Any],
    model: ReadModel[Any],
    scope: list[UUID] | None,
    as_of: int | None,
    limit: int,
) -> None:
    cursors: list[str | None] = [None, None]
    while True:
        asked: dict[str, Any] = {"scope": scope, "limit": limit, "as_of": as_of}
        found = page(reading, model, cursor=cursors[0], ledger=Told(story.events), **asked)
        text = written(reading, model, story, cursor=cursors[1], **asked)
        assert text is not None
        items = json.loads(f"[{text.items}]")
        assert items == render(model, found.rows)
        assert [list(each) for each in items] == [list(model.column)] * len(items)
        cursors = [found.next_cursor, text.next_cursor]
        assert (cursors[0] is None) == (cursors[1] is None)
        if cursors[0] is None:
            return


@pytest.mark.parametrize(
    "filters",
    [
        {"size": "large"},
        {"firm": "true", "lent_on_from": "2026-01-05", "lent_on_to": "2026-01-09"},
        {"currency": "KWD", "deposit_from": "0"},
        {"remark": "100 % %s $1"},
        {"facility_id": str(NORTH), "weight": "3"},
        {"heard_at_from": "2026-03-14T16:00:30+01:00"},
    ],
)
def test_filters_keep_the_same_rows(
    story: Story, reading: psycopg.Connection[Any], filters: dict[str, str]
) -> None:
    for scope in (None, [NORTH], [NORTH, EAST]):
        for as_of in (None, 20):
            asked: dict[str, Any] = {"scope": scope, "filters": filters, "as_of": as_of}
            text = written(reading, LOANS, story, **asked)
            assert text is not None
            found = page(reading, LOANS, **asked)
            assert json.loads(f"[{text.items}]") == render(LOANS, found.rows)


def test_a_page_tells_the_position_it_is_good_for(
    story: Story, reading: psycopg.Connection[Any]
) -> None:
    for scope in ([NORTH], []):
        found = written(reading, LOANS, story, scope=scope)
        assert found is not None
        assert found.position == checkpoint(reading, LOANS) == story.head()


def test_who_is_not_let_in_is_answered_with_nothing_at_all(
    story: Story, reading: psycopg.Connection[Any]
) -> None:
    entered = entrance(None)
    closed = Part(entered.sql + sql.SQL(" WHERE false"), entered.values)
    assert written(reading, LOANS, story, admission=closed) is None


def test_what_the_entrance_admits_counts_whatever_the_predicate_says(
    story: Story, reading: psycopg.Connection[Any]
) -> None:
    found = written(reading, LOANS, story, scope=None, admission=entrance([EAST]))
    assert found is not None
    rows = json.loads(f"[{found.items}]")
    assert {each["facility_id"] for each in rows} == {str(EAST)}
