"""What the reader's role sees of the ledger: without a setting, within a scope, and afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from facilities.database import Database, Role
from facilities.ledger import Ledger
from facilities.scope import WHOLE_SYSTEM, Scope
from facilities.service import Service
from facilities.sight import Seen, Sight
from tests.facilities.scenes import a_payer, opening, said_by

HERE, ELSEWHERE = uuid4(), uuid4()
ALL_EVENTS = "SELECT DISTINCT facility_id FROM ledger.events"
READABLE = "SELECT DISTINCT facility_id FROM ledger.readable"


@pytest.fixture
def two_facilities(service: Service, ledger: Ledger) -> Ledger:
    for each in (opening(HERE), opening(ELSEWHERE, "Elsewhere"), a_payer()):
        service.execute(each, said_by())
    return ledger


@pytest.fixture
def reader(database: Database, two_facilities: Ledger) -> Iterator[psycopg.Connection[Any]]:
    with database.connect(Role.READER) as connection:
        yield connection


def within(database: Database, scope: Scope, query: str) -> set[UUID | None]:
    with Sight(database.pool(Role.READER), scope).connection() as connection:
        return {each for (each,) in connection.execute(query.encode()).fetchall()}


@pytest.mark.parametrize("query", [ALL_EVENTS, READABLE])
def test_a_query_that_names_nobody_shows_what_lies_within_the_scope(
    database: Database, two_facilities: Ledger, query: str
) -> None:
    assert within(database, Scope(frozenset({HERE})), query) == {HERE}
    assert within(database, Scope(frozenset({HERE, ELSEWHERE})), query) == {HERE, ELSEWHERE}
    assert within(database, Scope(frozenset()), query) == set()
    # What belongs to the whole system is seen by whose scope that is.
    assert within(database, WHOLE_SYSTEM, query) == {HERE, ELSEWHERE, None}


@pytest.mark.parametrize("query", [ALL_EVENTS, READABLE])
def test_without_the_setting_there_is_nothing(reader: psycopg.Connection[Any], query: str) -> None:
    assert reader.execute(query.encode()).fetchall() == []


def test_the_setting_ends_with_its_transaction(database: Database, two_facilities: Ledger) -> None:
    pool = database.pool(Role.READER)
    with Sight(pool, WHOLE_SYSTEM).connection() as connection:
        assert connection.execute(ALL_EVENTS.encode()).fetchall()
    with pool.connection() as connection:
        assert connection.execute(ALL_EVENTS.encode()).fetchall() == []


def test_what_is_not_a_list_of_facilities_is_an_error_and_no_row(
    reader: psycopg.Connection[Any],
) -> None:
    with reader.transaction():
        reader.execute("SELECT set_config('almoner.facilities', 'ALL', true)")
        with pytest.raises(psycopg.errors.InvalidTextRepresentation):
            reader.execute(ALL_EVENTS.encode())


@pytest.mark.parametrize(
    "attempt",
    [
        "UPDATE ledger.events SET facility_id = NULL",
        "DELETE FROM ledger.events",
        "ALTER TABLE ledger.events DISABLE ROW LEVEL SECURITY",
        "DROP POLICY within_sight ON ledger.events",
        "SELECT * FROM access.tokens",
        "SELECT * FROM audit.seals",
        "SELECT ledger.append(NULL::ledger.new_event[])",
        "CREATE TABLE public.mine ()",
    ],
)
def test_the_reader_can_do_nothing_else(reader: psycopg.Connection[Any], attempt: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        reader.execute(attempt.encode())


def test_no_role_of_ours_bypasses_row_security(reader: psycopg.Connection[Any]) -> None:
    rows = reader.execute(
        "SELECT rolname FROM pg_roles WHERE rolname LIKE 'almoner%' AND (rolsuper OR rolbypassrls)"
    ).fetchall()
    assert rows == []
    with reader.transaction():
        reader.execute("SET LOCAL row_security = off")
        # Instead of showing everything, PostgreSQL refuses.
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            reader.execute(ALL_EVENTS.encode())


def test_what_is_read_by_sight_is_the_ledger_within_the_scope(
    database: Database, two_facilities: Ledger
) -> None:
    seen = Seen(database.pool(Role.READER), Scope(frozenset({HERE})))
    head = two_facilities.head()
    everything = two_facilities.at(range(1, head + 1))
    assert seen.at(range(1, head + 1)) == [each for each in everything if each.facility_id == HERE]
    assert seen.stream(HERE) == two_facilities.stream(HERE)
    assert seen.stream(ELSEWHERE) == []
    assert {each.facility_id for each in seen.read(0, 100)} == {HERE}
    assert seen.between(0, head, facts=["facility.opened"]) == seen.stream(HERE)


def test_an_event_is_found_by_its_index_under_the_policy(
    database: Database, two_facilities: Ledger
) -> None:
    asked = {
        "position = ANY('{1,2,3}')": "events_position",
        "position > 5 AND position < 9": "events_position",
        f"stream_id = '{HERE}' AND version > 3": "events_pkey",
        f"facility_id = '{HERE}'": "events_facility",
        "recorded_at > '2026-01-01T00:00:00Z'": "events_recorded",
    }
    with Sight(database.pool(Role.READER), Scope(frozenset({HERE}))).connection() as connection:
        connection.execute("SET LOCAL enable_seqscan = off")
        for condition, index in asked.items():
            query = f"EXPLAIN SELECT * FROM ledger.events WHERE {condition}"
            plan = "\n".join(line for (line,) in connection.execute(query.encode()).fetchall())
            assert index in plan, plan
            assert "Cond: " in plan, plan
