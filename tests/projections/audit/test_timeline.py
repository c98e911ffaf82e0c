"""Whatever is asked, a timeline walked page by page is what a plain reading of the ledger finds."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from random import Random
from typing import Any
from uuid import UUID

import psycopg
import pytest

from domain.kernel import FACTS, Recorded
from facilities.database import Database, Role
from facilities.ledger import Ledger
from projections.audit import search
from projections.audit.timeline import Asked, named, page
from projections.audit.wanted import Wanted
from tests.projections.audit.ledger import FACILITIES, asked, satisfies, told

EVENTS = 400


@pytest.fixture
def ledger(database: Database) -> Iterator[Ledger]:
    with Ledger(database.pool(Role.APP)) as opened:
        yield opened


@pytest.fixture
def connection(database: Database) -> Iterator[psycopg.Connection[Any]]:
    with database.connect(Role.APP) as opened:
        yield opened


def walked(
    connection: psycopg.Connection[Any],
    ledger: Ledger,
    question: Asked,
    *,
    scope: Collection[UUID] | None = None,
    newest_first: bool = False,
    limit: int = 7,
) -> list[Recorded[Any]]:
    """All pages, one after the other."""
    found: list[Recorded[Any]] = []
    beyond: int | None = None
    while True:
        one = page(
            connection,
            ledger,
            question,
            scope=scope,
            upto=ledger.head(),
            beyond=beyond,
            newest_first=newest_first,
            limit=limit,
        )
        assert len(one.events) <= limit
        found += one.events
        beyond = one.beyond
        if beyond is None:
            return found


WAYS = {
    "one window": {},
    "many windows": {"FIRST_WINDOW": 16, "WIDER": 1, "PATIENCE": 60.0},
    "by blocks": {"FIRST_WINDOW": 16, "ONE_BY_ONE": 0, "BLOCKWISE": 64, "PATIENCE": 60.0},
    "no patience": {"FIRST_WINDOW": 16, "PATIENCE": 0.000_001},
}


@pytest.mark.parametrize("way", WAYS)
def test_what_is_found_does_not_depend_on_how_it_is_looked_for(
    way: str,
    ledger: Ledger,
    connection: psycopg.Connection[Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in WAYS[way].items():
        monkeypatch.setattr(search, name, value)
    events = told(ledger, seed=len(way), events=EVENTS)
    random = Random(way)
    met = 0
    for _ in range(60):
        question = asked(random, events)
        scope = random.choice([None, None, FACILITIES[:1], FACILITIES[1:3], []])
        newest_first = random.random() < 0.5
        expected = [
            each
            for each in events
            if satisfies(each, question) and (scope is None or each.facility_id in scope)
        ]
        found = walked(connection, ledger, question, scope=scope, newest_first=newest_first)
        assert (found[::-1] if newest_first else found) == expected, (question, scope)
        met += bool(expected)
    assert met > 20


def test_what_several_facilities_have_is_looked_for_nearby_and_then_with_each(
    ledger: Ledger, connection: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "FIRST_WINDOW", 16)
    events = told(ledger, seed=3, events=120)
    for scope in (FACILITIES[:2], FACILITIES[1:]):
        expected = [each for each in events if each.facility_id in scope]
        assert walked(connection, ledger, Asked(), scope=scope) == expected
        backwards = walked(connection, ledger, Asked(), scope=scope, newest_first=True, limit=50)
        assert backwards[::-1] == expected


QUESTIONS = {
    "everything": Asked(),
    "a fact": Asked(facts=("trial_inspection.made",)),
    "an actor, from a position on": Asked(actor="ana", position_from=3),
}


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("newest_first", [False, True])
def test_what_a_facility_has_is_looked_for_in_its_own_index_alone(
    question: str, newest_first: bool, connection: psycopg.Connection[Any]
) -> None:
    asked_for = Wanted.of(QUESTIONS[question], FACILITIES[:1])
    text, values = asked_for.first(1, 1_000_000, newest_first, limit=100)
    with connection.transaction():
        connection.execute(search.IN_ORDER)
        told_plan = connection.execute(f"EXPLAIN {text}".encode(), values).fetchall()
    plan = "\n".join(line for (line,) in told_plan)
    # Block after block, so that it ends with the first page: never all of the facility, sorted.
    assert "events_facility" in plan, plan
    assert "Incremental Sort" in plan, plan
    assert "events_position" not in plan, plan


def test_nothing_beyond_the_position_that_was_certain_is_told(
    ledger: Ledger, connection: psycopg.Connection[Any]
) -> None:
    events = told(ledger, seed=1, events=30)
    upto = events[20].position
    for newest_first in (False, True):
        found = page(
            connection,
            ledger,
            Asked(),
            scope=None,
            upto=upto,
            newest_first=newest_first,
            limit=100,
        )
        assert {each.position for each in found.events} == {each.position for each in events[:21]}


def test_a_search_leaves_the_connection_as_it_was(
    ledger: Ledger, connection: psycopg.Connection[Any]
) -> None:
    events = told(ledger, seed=2, events=30)
    before = connection.execute("SELECT name, setting FROM pg_settings").fetchall()
    assert walked(connection, ledger, Asked(actor="ana")) == [
        each for each in events if each.actor == "ana"
    ]
    assert connection.execute("SELECT name, setting FROM pg_settings").fetchall() == before


def test_facts_are_named_whole_or_by_how_they_begin() -> None:
    assert named("claim.paid") == ("claim.paid",)
    assert set(named("claim.")) == {each for each in FACTS if each.startswith("claim.")}
    assert named("unheard_of.") == ()
