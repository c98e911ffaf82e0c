"""When a fold fails: its model stalls at that event, alone, and the others go on."""

from __future__ import annotations

import logging
import random
from typing import Any

import psycopg
import pytest

from facilities.database import Database
from projections.kernel import ReadModel
from projections.queries import checkpoint
from projections.refold import refold
from projections.runner import Runner
from tests.projections.runners import breaking_model, some_story
from tests.projections.story import (
    NORTH,
    Noticed,
    Story,
    all_models,
    as_folded,
    deposits_model,
    folded,
    lent,
    loans_model,
    projector,
    raised,
)


def test_a_fold_that_fails_stalls_its_model_alone_and_names_the_event(
    database: Database, reading: psycopg.Connection[Any], caplog: pytest.LogCaptureFixture
) -> None:
    story, broken = some_story(), [True]
    stops = story.tell(raised(1, "6.66"))
    story.tell(*(lent(number) for number in range(100, 150)))
    models: list[ReadModel[Any]] = [loans_model(), breaking_model(broken), deposits_model()]
    with caplog.at_level(logging.ERROR), Runner(projector(database), story, models) as runner:
        runner.run_until(story.head())
        fine, stalled, fine_too = runner.status()
    assert fine.position == fine_too.position == story.head()
    assert stalled.stalled_at == stops
    assert stalled.stalled_reason == (
        f"LookupError in breaking at position {stops} (trial.deposit_raised)"
    )
    before = max(each.position for each in story.events if each.position < stops)
    assert stalled.position == before
    assert as_folded(reading, models[1]) == refold(models[1], story.events, upto=before)
    assert as_folded(reading, models[0]) == refold(models[0], story.events)
    assert "breaks (runners.py" in caplog.text
    assert "nobody may read" not in caplog.text


def test_a_stalled_model_goes_on_when_its_event_can_be_folded(
    database: Database, reading: psycopg.Connection[Any]
) -> None:
    story, broken = some_story(), [True]
    story.tell(raised(1, "6.66"), lent(101), raised(2, "6.66"), lent(102))
    models = [loans_model(), breaking_model(broken)]
    with Runner(projector(database), story, models, retry_stalled=0) as runner:
        runner.run_until(story.head())
        assert runner.status()[1].stalled_at is not None
        broken[0] = False
        story.tell(lent(103))
        runner.run_until(story.head())
        runner.run_until(story.head())
        assert runner.status()[1].stalled_at is None
    for model in models:
        assert as_folded(reading, model) == refold(model, story.events)


def test_a_stalled_model_tries_again_when_a_runner_starts(
    database: Database, reading: psycopg.Connection[Any]
) -> None:
    story, broken = Story([lent(1), raised(1, "6.66"), lent(2)]), [True]
    folded(database, story, [breaking_model(broken)])
    assert checkpoint(reading, breaking_model(broken)) == 1
    broken[0] = False
    folded(database, story, [breaking_model(broken)])
    assert len(as_folded(reading, breaking_model(broken))) == 2


def test_a_row_the_database_refuses_stalls_its_model_alone(
    database: Database, reading: psycopg.Connection[Any]
) -> None:
    story = some_story()
    stops = story.tell(lent(1, remark="a text PostgreSQL cannot keep: \0"))
    story.tell(lent(2), lent(3))
    models = all_models()
    with Runner(projector(database), story, models) as runner:
        runner.run_until(story.head())
        loans, *others = runner.status()
    assert loans.stalled_at == stops
    assert loans.stalled_reason is not None
    assert loans.stalled_reason.startswith("DataError in open_loans")
    assert {each.position for each in others} == {story.head()}
    assert all(each.stalled_at is None for each in others)


def test_a_key_too_long_for_an_index_stalls_and_does_not_look_like_an_outage(
    database: Database,
) -> None:
    letters = random.Random(7).choices("abcdefghijklmnopqrstuvwxyz0123456789", k=20_000)
    story = Story([Noticed(notice="".join(letters), facility_ids=(NORTH,)), lent(1)])
    with Runner(projector(database), story, all_models()) as runner:
        runner.run_until(story.head())
        stalled = {each.name for each in runner.status() if each.stalled_at == 1}
    assert stalled == {"notices", "heard"}
