"""Rebuilding on demand: the same tables again, and whatever was not as it should be put right."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from facilities.database import Database, Role
from projections.rebuild import RebuildRefused
from projections.refold import refold
from projections.runner import Runner
from tests.projections.runners import breaking_model, indexes_of, reached, serving, some_story
from tests.projections.story import (
    Story,
    all_models,
    as_folded,
    deposits_model,
    folded,
    lent,
    loans_model,
    projector,
    raised,
    tables_of,
)


def test_a_rebuild_gives_the_same_tables_byte_for_byte(
    database: Database, reading: psycopg.Connection[Any]
) -> None:
    story, models = some_story(), all_models()
    with Runner(projector(database), story, models, first_batch=7, largest_batch=7) as runner:
        runner.run_until(story.head())
        before = [tables_of(reading, each) for each in models]
        told: list[str] = []
        reports = runner.rebuild(progress=lambda model, _done, _total: told.append(model))
        assert [tables_of(reading, each) for each in models] == before
        story.tell(lent(500), raised(500))
        runner.run_until(story.head())
    assert [each.name for each in reports] == [each.name for each in models]
    assert {each.differences for each in reports} == {0}
    assert {each.events for each in reports} == {len(story.events) - 2}
    assert set(told) == {each.name for each in models}
    for model in models:
        assert as_folded(reading, model) == refold(model, story.events)


@pytest.mark.parametrize(
    ("damage", "differences"),
    [
        ("UPDATE models.open_loans SET deposit = deposit + 1 WHERE lent_on = '2026-01-02'", 6),
        ("DELETE FROM models.open_loans_history WHERE valid_to = 91", 1),
        ("UPDATE models.open_loans SET weight = 12.3 WHERE weight = 12.30", 18),
        ("UPDATE models.open_loans SET weight = 12.30 WHERE weight = 12.30", 0),
    ],
)
def test_a_rebuild_counts_what_was_not_as_it_should_be_and_puts_it_right(
    database: Database,
    reading: psycopg.Connection[Any],
    damage: str,
    differences: int,
) -> None:
    story, model = some_story(), loans_model()
    with Runner(projector(database), story, [model, deposits_model()]) as runner:
        runner.run_until(story.head())
        right = tables_of(reading, model)
        with database.connect(Role.PROJECTOR) as someone:
            someone.execute(damage)
        (report,) = runner.rebuild(["open_loans"])
    assert report.differences == differences
    assert report.rows == len(right[0])
    assert tables_of(reading, model) == right


def test_a_rebuild_and_a_runner_work_side_by_side(
    database: Database, reading: psycopg.Connection[Any]
) -> None:
    story, models = some_story(), all_models()
    onlooker = Runner(projector(database), story, models)
    with serving(Runner(projector(database), story, models)):
        assert reached(onlooker, story.head())
        for number in range(600, 605):
            story.tell(*(lent(number * 100 + each) for each in range(40)))
            reports = onlooker.rebuild()
            assert {each.differences for each in reports} == {0}
        assert reached(onlooker, story.head())
    for model in models:
        assert as_folded(reading, model) == refold(model, story.events)


def test_a_rebuild_of_a_model_that_fails_or_was_never_folded_is_refused(
    database: Database, reading: psycopg.Connection[Any]
) -> None:
    story, broken = Story([lent(1), raised(1, "6.66")]), [False]
    with Runner(projector(database), story, [breaking_model(broken)]) as runner:
        with pytest.raises(KeyError, match="no such read model: nothing"):
            runner.rebuild(["nothing"])
        with pytest.raises(RebuildRefused, match="start the runner first"):
            runner.rebuild()
        runner.run_until(story.head())
        before = tables_of(reading, breaking_model(broken))
        broken[0] = True
        with pytest.raises(RebuildRefused, match="LookupError while folding breaking"):
            runner.rebuild()
        assert tables_of(reading, breaking_model(broken)) == before
        assert "breaking__check_pkey" not in indexes_of(reading)


def test_a_row_put_right_by_a_rebuild_is_not_folded_on_from_what_was_remembered(
    database: Database, reading: psycopg.Connection[Any]
) -> None:
    story, model = Story([lent(1), lent(2)]), loans_model()
    folded(database, story, [model])
    with (
        database.connect(Role.PROJECTOR) as someone,
        Runner(projector(database), story, [model]) as runner,
    ):
        someone.execute("UPDATE models.open_loans SET raised = 40")
        story.tell(raised(1))
        runner.run_until(story.head())
        (report,) = runner.rebuild()
        assert report.differences
        story.tell(raised(1), raised(2))
        runner.run_until(story.head())
    assert as_folded(reading, model) == refold(model, story.events)
