"""One runner folds at a time: who loses the session is followed by another, and nothing is lost."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from facilities.database import Database, Role
from projections.refold import refold
from projections.runner import Runner
from tests.projections.runners import end_session, leader_of, reached, serving, some_story
from tests.projections.story import (
    Story,
    all_models,
    as_folded,
    deposits_model,
    lent,
    projector,
    raised,
)


def test_one_leads_and_the_other_takes_over_when_the_first_loses_its_session(
    database: Database, reading: psycopg.Connection[Any]
) -> None:
    story, models = some_story(), all_models()
    with (
        Runner(projector(database), story, models) as first,
        Runner(projector(database), story, models) as second,
    ):
        assert first.run_once() > 0
        assert second.run_once() == 0
        end_session(database, leader_of(database))
        story.tell(lent(200), lent(201))
        assert second.run_once() == 2
        with pytest.raises(psycopg.OperationalError):
            first.run_once()
        assert first.run_once() == 0
        story.tell(lent(202))
        assert first.run_once() == 0
        assert second.run_once() == 1
    for model in models:
        assert as_folded(reading, model) == refold(model, story.events)


def test_two_services_survive_the_loss_of_every_session_and_fold_everything_once(
    database: Database, reading: psycopg.Connection[Any]
) -> None:
    story, models = some_story(), all_models()
    onlooker = Runner(projector(database), story, models)
    runners = [Runner(projector(database), story, models) for _ in range(2)]
    with serving(*runners):
        assert reached(onlooker, story.head())
        for number in range(300, 303):
            end_session(database, leader_of(database))
            story.tell(lent(number), raised(number))
            assert reached(onlooker, story.head())
    for model in models:
        assert as_folded(reading, model) == refold(model, story.events)


def test_a_batch_is_dropped_when_someone_else_has_moved_the_checkpoint(
    database: Database, reading: psycopg.Connection[Any]
) -> None:
    story, model = Story([lent(1), lent(2)]), deposits_model()
    with Runner(projector(database), story, [model]) as runner:
        runner.run_until(story.head())
        with database.connect(Role.PROJECTOR) as someone:
            someone.execute("UPDATE models.checkpoints SET position = 1")
            someone.execute("UPDATE models.deposits SET loans = 1, held = 1230, valid_from = 1")
            someone.execute("DELETE FROM models.deposits_history")
        story.tell(lent(3))
        assert runner.run_once() == 0
        runner.run_until(story.head())
    assert as_folded(reading, model) == refold(model, story.events)
