"""Row security: what a reader sees without a predicate, without a setting, and afterwards."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg import sql

from facilities.database import Database, Role
from projections.kernel import ReadModel
from projections.parts import Part
from projections.queries import one, page, total
from projections.runner import Runner
from projections.sight import entrance, sighted
from tests.projections.story import (
    EAST,
    FACILITIES,
    NORTH,
    SOUTH,
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
)

LOANS, DEPOSITS, NOTICES, HEARD = loans_model(), deposits_model(), notices_model(), heard_model()
MODELS: list[ReadModel[Any]] = [LOANS, DEPOSITS, NOTICES, HEARD]
SCOPED = ("open_loans", "open_loans_history", "deposits", "deposits_history", "notices")


@pytest.fixture
def story() -> Story:
    """Chairs are lent, and raised, at three facilities."""
    told = Story(lent(number, FACILITIES[number % 3]) for number in range(9))
    told.tell(*(raised(number, "1.00", FACILITIES[number % 3]) for number in range(9)))
    told.tell(Noticed(notice="a", facility_ids=FACILITIES))
    return told


@pytest.fixture
def reading(database: Database, story: Story) -> Iterator[psycopg.Connection[Any]]:
    """What serves requests, when all of that is folded."""
    folded(database, story, MODELS)
    with database.connect(Role.APP) as connection:
        yield connection


def everything_in(table: str) -> Part:
    """A query that forgot whom it is for."""
    return Part(sql.SQL("SELECT facility_id FROM {}").format(sql.Identifier("models", table)))


def seen(
    reading: psycopg.Connection[Any], scope: Collection[UUID] | None, query: Part
) -> list[UUID]:
    asked = sighted(entrance(scope), query)
    return [each for (each,) in reading.execute(sql.Composed([asked.sql]), asked.values)]


@pytest.mark.parametrize("table", SCOPED)
def test_a_query_whose_predicate_was_forgotten_shows_nothing_of_another_facility(
    reading: psycopg.Connection[Any], table: str
) -> None:
    query = everything_in(table)
    assert set(seen(reading, [NORTH], query)) == {NORTH}
    assert set(seen(reading, [SOUTH, EAST], query)) == {SOUTH, EAST}
    assert set(seen(reading, None, query)) == set(FACILITIES)
    assert seen(reading, [], query) == []


@pytest.mark.parametrize("table", SCOPED)
def test_without_a_setting_there_are_no_rows(reading: psycopg.Connection[Any], table: str) -> None:
    statement = f"SELECT facility_id FROM models.{table}"
    assert reading.execute(statement).fetchall() == []
    with reading.transaction():
        reading.execute("SELECT set_config('almoner.facilities', '', true)")
        assert reading.execute(statement).fetchall() == []


def test_what_one_statement_was_let_in_for_the_next_one_on_its_connection_does_not_see(
    reading: psycopg.Connection[Any],
) -> None:
    for number in range(20):  # more often than it takes for statements to be prepared
        scope: list[UUID] | None = [FACILITIES[number % 3]] if number % 4 else None
        assert page(reading, LOANS, scope=scope).rows
        assert total(reading, DEPOSITS, scope=scope)
        assert one(reading, LOANS, (UUID(int=0),), scope=scope) is None
        assert reading.execute("SELECT * FROM models.open_loans").fetchall() == []
        assert reading.execute("SELECT current_setting('almoner.facilities')").fetchone() == ("",)


def test_nobody_is_let_in_by_an_entrance_without_a_row(reading: psycopg.Connection[Any]) -> None:
    entered = entrance(None)
    closed = Part(entered.sql + sql.SQL(" WHERE false"), entered.values)
    asked = sighted(closed, everything_in("open_loans"))
    assert reading.execute(sql.Composed([asked.sql]), asked.values).fetchall() == []


def test_what_belongs_to_the_system_is_for_everyone(reading: psycopg.Connection[Any]) -> None:
    assert len(reading.execute("SELECT * FROM models.heard").fetchall()) == 1


def test_tables_that_are_older_than_their_policy_are_given_it(
    database: Database, story: Story, reading: psycopg.Connection[Any]
) -> None:
    tables = ("open_loans", "open_loans_history")
    with projector(database)() as owner:
        for table in tables:
            owner.execute(f"DROP POLICY within_sight ON models.{table}".encode())
            owner.execute(f"ALTER TABLE models.{table} DISABLE ROW LEVEL SECURITY".encode())
    assert reading.execute("SELECT * FROM models.open_loans").fetchall()
    for _ in range(2):
        with Runner(projector(database), story, MODELS) as runner:
            runner.run_once()
        assert reading.execute("SELECT * FROM models.open_loans").fetchall() == []
        assert set(seen(reading, [NORTH], everything_in("open_loans_history"))) == {NORTH}
