"""A summary keeps one version of a row for each block of positions, and is exact inside them."""

from __future__ import annotations

from itertools import pairwise
from random import Random
from typing import Any

import psycopg
import pytest

from domain.kernel import Recorded
from facilities.codec import encode
from facilities.database import Database, Role
from facilities.envelope import Attribution
from facilities.ledger import Ledger, Pending
from facilities.service import new_id
from projections import READ_MODELS
from projections.kernel import Key, Summary, WrongRow
from projections.queries import NotReady, one, page, total
from projections.refold import refold
from projections.runner import Runner
from tests.projections.health_system import HealthSystem
from tests.projections.oracle import Told, looks_as_refolded
from tests.projections.story import (
    FACILITIES,
    NORTH,
    SOUTH,
    Deposits,
    Lent,
    Story,
    deposits_model,
    folded,
    lent,
    projector,
    raised,
    returned,
    rows_of,
)

GRAINS = (1, 2, 7, 50, 10_000)


def some_story() -> Story:
    """A hundred and fifty facts, in three facilities and two currencies."""
    random = Random(5)
    story = Story()
    for number in range(150):
        facility = FACILITIES[random.randrange(3)]
        if number % 5 == 4:
            story.tell(returned(number - 1, facility))
        else:
            story.tell(lent(number, facility, currency="EUR" if number % 11 == 0 else "USD"))
    return story


@pytest.mark.parametrize("grain", GRAINS)
def test_figures_are_exact_at_every_position_inside_and_between_blocks(
    database: Database, reading: psycopg.Connection[Any], grain: int
) -> None:
    story, model = some_story(), deposits_model(grain=grain)
    folded(database, story, [model])
    for position in range(story.head() + 2):
        looks_as_refolded(reading, model, story.events, as_of=position)
    for scope in ([NORTH], [NORTH, SOUTH], []):
        for position in range(0, story.head(), 3):
            looks_as_refolded(reading, model, story.events, as_of=position, scope=scope)


@pytest.mark.parametrize("near", [1, 20])
def test_figures_are_exact_whether_their_rows_changed_soon_after_or_late(
    database: Database,
    reading: psycopg.Connection[Any],
    monkeypatch: pytest.MonkeyPatch,
    near: int,
) -> None:
    monkeypatch.setattr("projections.adding.NEAR", near)
    story, model = some_story(), deposits_model(grain=7)
    folded(database, story, [model])
    for position in range(0, story.head() + 2, 2):
        looks_as_refolded(reading, model, story.events, as_of=position)


@pytest.mark.parametrize("grain", GRAINS)
def test_of_a_row_the_versions_that_stood_at_the_end_of_a_block_are_kept_and_no_others(
    database: Database, grain: int
) -> None:
    story, model = some_story(), deposits_model(grain=grain)
    folded(database, story, [model], first_batch=13, largest_batch=13)
    with database.connect(Role.PROJECTOR) as owner:
        kept = {
            (facility_id, currency, since): (loans, held, until)
            for facility_id, currency, loans, held, since, until in owner.execute(
                "SELECT * FROM models.deposits_history"
            )
        }
    expected: dict[tuple[Any, ...], tuple[int, int, int]] = {}
    versions: dict[Key, list[tuple[Deposits, int]]] = {}
    for event in story.events:
        for key, row in refold(model, story.events, event.position).items():
            known = versions.setdefault(key, [])
            if not known or known[-1][0] != row:
                known.append((row, event.position))
    for key, known in versions.items():
        for (row, since), (_next, until) in pairwise(known):
            if any(end % grain == 0 for end in range(since, until)):
                expected[(*key, since)] = (row.loans, row.held, until)
    assert kept == expected


def test_where_batches_end_leaves_no_trace_in_blocks(
    database: Database, reading: psycopg.Connection[Any]
) -> None:
    story, written = some_story(), []
    for batch in (1, 7, 500):
        with Runner(projector(database), Story(), []) as forgetting:
            forgetting.run_once()
        folded(database, story, [deposits_model(grain=20)], first_batch=batch, largest_batch=batch)
        written.append([rows_of(reading, each) for each in ("deposits", "deposits_history")])
    assert written[0] == written[1] == written[2]


def test_one_row_and_a_page_are_exact_inside_a_block(
    database: Database, reading: psycopg.Connection[Any]
) -> None:
    story, model = some_story(), deposits_model(grain=100)
    folded(database, story, [model])
    told, position = Told(story.events), 77
    expected = refold(model, story.events, position)
    for key, row in expected.items():
        found = one(reading, model, key, scope=None, as_of=position, ledger=told)
        assert found is not None
        assert model.row_of(found) == row
        assert one(reading, model, key, scope=[], as_of=position, ledger=told) is None
    cursor, seen = None, []
    while True:
        found_page = page(
            reading, model, scope=None, cursor=cursor, limit=1, as_of=position, ledger=told
        )
        seen += [model.row_of(each) for each in found_page.rows]
        cursor = found_page.next_cursor
        if cursor is None:
            break
    assert {model.key_of(each): each for each in seen} == expected
    assert len(seen) == len(expected)
    (dollars,) = total(
        reading,
        model,
        scope=[NORTH],
        filters={"currency": "USD"},
        as_of=position,
        ledger=told,
    )
    assert dollars["loans"] == expected[NORTH, "USD"].loans


def test_the_inside_of_a_block_cannot_be_told_without_the_ledger(
    database: Database, reading: psycopg.Connection[Any]
) -> None:
    story, model = some_story(), deposits_model(grain=50)
    folded(database, story, [model])
    with pytest.raises(TypeError, match="needs the ledger"):
        total(reading, model, scope=None, as_of=77)
    assert total(reading, model, scope=None, as_of=50)


def test_the_past_is_not_told_from_blocks_of_another_size(
    database: Database, reading: psycopg.Connection[Any]
) -> None:
    story = some_story()
    folded(database, story, [deposits_model(grain=50)])
    finer = deposits_model(grain=20)
    assert finer.fingerprint != deposits_model(grain=50).fingerprint
    with pytest.raises(NotReady):
        total(reading, finer, scope=None, as_of=77, ledger=Told(story.events))
    folded(database, story, [finer])
    looks_as_refolded(reading, finer, story.events, as_of=77)


def test_what_a_summary_has_not_folded_has_not_happened_for_its_readers(
    database: Database, reading: psycopg.Connection[Any]
) -> None:
    story, model = some_story(), deposits_model(grain=20)
    folded(database, story, [model])
    before, seen = list(story.events), story.head()
    story.tell(*(raised(number, "5.00", NORTH) for number in range(60)))
    told = Told(story.events)
    for position in (seen + 1, seen + 20, story.head()):
        found = total(reading, model, scope=None, as_of=position, ledger=told)
        assert found == total(reading, model, scope=None, as_of=seen, ledger=Told(before))


def test_a_fact_is_counted_at_the_facility_it_happened_at() -> None:
    model = Summary(
        "elsewhere", row=Deposits, dimensions=("facility_id", "currency"), desk="cashiers"
    )

    @model.on(Lent, key=lambda event: (SOUTH, event.fact.currency))
    def lent_there(row: Deposits, event: Recorded[Lent]) -> Deposits:
        return row

    assert refold(model, Story([lent(1, SOUTH)]).events) == {}
    with pytest.raises(WrongRow, match="at the facility it happened at"):
        refold(model, Story([lent(1, NORTH)]).events)


def test_a_block_has_at_least_one_position() -> None:
    with pytest.raises(TypeError, match="at least one position"):
        deposits_model(grain=0)


def test_the_ledger_tells_what_lies_between_two_positions(database: Database) -> None:
    ledger = Ledger(database.pool(Role.APP))
    events = HealthSystem(3).lives(120).events
    command = new_id()
    by = Attribution(actor="a", role="service", command_id=command, correlation_id=command)
    positions = ledger.append(
        [Pending(each.stream_id, each.version, each.fact, by) for each in events]
    )
    told = Told(
        [each._replace(position=position) for each, position in zip(events, positions, strict=True)]
    )
    here = next(each.facility_id for each in events if each.facility_id is not None)
    for model in READ_MODELS:
        names = [each.name for each in model.handlers]
        for facilities in (None, [here], []):
            found = ledger.between(20, 90, facts=names, facilities=facilities)
            expected = told.between(20, 90, facts=names, facilities=facilities)
            assert [(each.position, encode(each.fact)) for each in found] == [
                (each.position, encode(each.fact)) for each in expected
            ]
