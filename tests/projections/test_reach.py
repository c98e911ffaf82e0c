"""A page of the past begins where the list then began, however far it has come since."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg import sql

from facilities.database import Database, Role
from projections.kernel import ReadModel
from projections.queries import page
from projections.reach import BLOCK, EVERYWHERE, reaching
from projections.refold import refold
from projections.runner import Runner
from projections.sight import entrance, sighted
from projections.versions import Conditions, versions
from tests.projections.story import (
    EAST,
    FACILITIES,
    NORTH,
    Noticed,
    Story,
    deposits_model,
    folded,
    heard_model,
    lent,
    loans_model,
    notices_model,
    projector,
    raised,
    returned,
    rows_of,
)

NEWEST, NOTICES = loans_model("newest", newest_first=True), notices_model()
BEGAN = date(2026, 1, 1)


def years() -> Story:
    """Chairs lent, raised and returned over many blocks of positions; some days out of order."""
    story = Story()
    for number in range(40):
        day = BEGAN + timedelta(days=number + (25 if number % 11 == 3 else 0))
        facility = FACILITIES[number % 3]
        story.tell(lent(number, facility, lent_on=day))
        if number % 3 == 0:
            story.tell(raised(number, "1.00", facility))
        if number % 4 == 1:
            story.tell(returned(number, facility))
        if number % 10 == 7:
            story.tell(Noticed(notice=str(number), facility_ids=(NORTH, EAST)))
    story.events = [each._replace(position=each.position * BLOCK // 3) for each in story.events]
    return story


def test_only_a_list_whose_newest_rows_come_first_reaches() -> None:
    column = reaching(NEWEST)
    assert column is not None
    assert column.name == "lent_on"
    for each in (loans_model(), deposits_model(), heard_model()):
        assert reaching(each) is None


@pytest.mark.parametrize("batch", [1, 7, 1000])
def test_a_page_of_the_past_shows_what_there_was_in_every_block(
    database: Database, batch: int
) -> None:
    story = years()
    folded(database, story, [NEWEST, NOTICES], first_batch=batch, largest_batch=batch)
    scopes: list[list[UUID] | None] = [None, [NORTH], [NORTH, EAST]]
    scopes.append([EAST, *(UUID(int=number) for number in range(50, 70))])
    with database.connect(Role.APP) as reading:
        for model in (NEWEST, NOTICES):
            for as_of in [each.position for each in story.events[::3]]:
                for scope in scopes:
                    assert as_shown(reading, model, scope, as_of) == as_refolded(
                        story, model, scope, as_of
                    )


def as_shown(
    reading: psycopg.Connection[Any],
    model: ReadModel[Any],
    scope: Sequence[UUID] | None,
    as_of: int,
) -> list[Any]:
    found = page(reading, model, scope=scope, limit=1000, as_of=as_of)
    return [model.row_of(each) for each in found.rows]


def as_refolded(
    story: Story, model: ReadModel[Any], scope: Sequence[UUID] | None, as_of: int
) -> list[Any]:
    rows = refold(model, story.events, upto=as_of).values()
    return sorted(
        (each for each in rows if scope is None or each.facility_id in scope),
        key=lambda each: tuple(getattr(each, name) for name in model.sort),
        reverse=True,
    )


def test_what_is_known_of_the_reach_does_not_depend_on_how_it_was_folded(
    database: Database,
) -> None:
    story = years()
    folded(database, story, [NEWEST], first_batch=3, largest_batch=3)
    with (
        database.connect(Role.PROJECTOR) as connection,
        Runner(projector(database), story, [NEWEST]) as runner,
    ):
        known = rows_of(connection, "newest_reach")
        (report,) = runner.rebuild()
        assert report.differences == 0
        assert rows_of(connection, "newest_reach") == known
        assert any(str(EVERYWHERE) in each for each in known)
        connection.execute("UPDATE models.newest_reach SET furthest = '2001-01-01'")
        (report,) = runner.rebuild()
        assert report.differences


def test_a_page_of_the_past_passes_nothing_that_has_come_since(database: Database) -> None:
    story = Story(
        lent(number, NORTH, lent_on=BEGAN + timedelta(days=number // 20)) for number in range(6000)
    )
    story.events = [each._replace(position=each.position * BLOCK // 100) for each in story.events]
    folded(database, story, [NEWEST])
    with database.connect(Role.PROJECTOR) as connection:
        connection.execute("ANALYZE models.newest")
        early, late = (blocks_read(connection, story.events[place].position) for place in (500, -1))
    assert early <= late + 10


def blocks_read(connection: psycopg.Connection[Any], as_of: int) -> int:
    end = sql.SQL(" ORDER BY lent_on DESC, chair_id DESC LIMIT 20")
    found = versions(NEWEST, Conditions(NEWEST, [NORTH]), as_of, end)
    query = sighted(entrance([NORTH]), found)
    explained = connection.execute(
        sql.Composed([sql.SQL("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) "), query.sql]),
        query.values,
    ).fetchone()
    assert explained is not None
    plan = explained[0][0]["Plan"]
    return int(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])
