"""A model that is declared anew is built beside the old one, which can be read meanwhile."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from facilities.database import Database, Role
from projections.queries import NotReady, checkpoint, page
from projections.refold import refold
from projections.runner import Runner
from tests.projections.runners import (
    breaking_model,
    indexes_named,
    indexes_of,
    some_story,
    stricter_model,
)
from tests.projections.story import (
    NORTH,
    Noticed,
    Story,
    all_models,
    as_folded,
    deposits_model,
    folded,
    heard_model,
    lent,
    loans_model,
    notices_model,
    projector,
    raised,
    tables_of,
)


def test_a_changed_model_is_rebuilt_beside_the_old_one_which_can_be_read_meanwhile(
    database: Database, reading: psycopg.Connection[Any]
) -> None:
    story = Story(lent(number, remark="scratched") for number in range(40))
    old, new = loans_model(), stricter_model()
    folded(database, story, [old, deposits_model()])
    before = refold(old, story.events)
    story.tell(lent(50, remark="new"))
    told: list[tuple[str, int, int]] = []
    with Runner(
        projector(database),
        story,
        [new, deposits_model()],
        first_batch=5,
        largest_batch=5,
        progress=lambda model, done, total: told.append((model, done, total)),
    ) as runner:
        runner.run_once()
        status, deposits = runner.status()
        assert status.rebuilding is not None
        assert 0 < status.rebuilding < story.head()
        assert deposits.position == story.head()
        assert as_folded(reading, new) == before
        runner.run_until(story.head())
        assert runner.status()[0].rebuilding is None
    assert as_folded(reading, new) == refold(new, story.events)
    assert as_folded(reading, new, as_of=3) == refold(new, story.events, upto=3)
    assert told[0] == ("open_loans", told[0][1], story.head())
    assert told[-1] == ("open_loans", story.head(), story.head())
    assert [done for _, done, _ in told] == sorted(done for _, done, _ in told)
    assert indexes_of(reading) == set(indexes_named(new)) | set(indexes_named(deposits_model()))


def test_a_rebuild_that_is_interrupted_goes_on_where_it_stopped(
    database: Database, reading: psycopg.Connection[Any]
) -> None:
    story = some_story()
    folded(database, story, [loans_model()])
    new = [stricter_model()]
    with Runner(projector(database), story, new, first_batch=20, largest_batch=20) as runner:
        runner.run_once()
    done: list[int] = []
    with Runner(
        projector(database),
        story,
        new,
        first_batch=20,
        largest_batch=20,
        progress=lambda _model, position, _total: done.append(position),
    ) as runner:
        runner.run_until(story.head())
    assert done[0] > story.events[19].position
    assert as_folded(reading, new[0]) == refold(new[0], story.events)


def test_a_rebuild_whose_fold_fails_leaves_the_old_tables_and_says_so(
    database: Database, reading: psycopg.Connection[Any]
) -> None:
    story, old = Story([lent(1), raised(1, "6.66"), lent(2)]), loans_model("breaking")
    folded(database, story, [old])
    before = tables_of(reading, old)
    with Runner(projector(database), story, [breaking_model([True])]) as runner:
        runner.run_until(story.head())
        (status,) = runner.status()
    assert status.stalled_at == 2
    assert status.rebuilding == 1
    assert tables_of(reading, old) == before


def test_readers_of_the_old_tables_are_not_cut_off(
    database: Database, reading: psycopg.Connection[Any]
) -> None:
    story, new = some_story(), stricter_model()
    folded(database, story, [loans_model()])
    with database.connect(Role.APP, autocommit=False) as long_reader:
        before = as_folded(long_reader, new)
        with Runner(projector(database), story, [new]) as runner:
            runner.run_once()
            (status,) = runner.status()
            assert status.rebuilding == story.head()
        assert as_folded(long_reader, new) == before
    folded(database, story, [new])
    assert as_folded(reading, new) == refold(new, story.events)


def test_a_model_whose_columns_changed_is_not_ready_until_it_is_rebuilt(
    database: Database, reading: psycopg.Connection[Any]
) -> None:
    story = Story([Noticed(notice="a", facility_ids=(NORTH,))])
    with pytest.raises(NotReady):
        page(reading, heard_model("notices"), scope=None)
    folded(database, story, [notices_model()])
    with pytest.raises(NotReady):
        page(reading, heard_model("notices"), scope=None)
    folded(database, story, [heard_model("notices")])
    assert len(page(reading, heard_model("notices"), scope=None).rows) == 1


def test_a_model_that_is_declared_no_more_loses_its_tables(
    database: Database, reading: psycopg.Connection[Any]
) -> None:
    story = some_story()
    folded(database, story, [loans_model(), deposits_model()])
    folded(database, story, [deposits_model()])
    assert checkpoint(reading, loans_model()) == 0
    with pytest.raises(NotReady):
        page(reading, loans_model(), scope=None)


def test_a_new_model_catches_up_while_the_others_go_on(
    database: Database, reading: psycopg.Connection[Any]
) -> None:
    story, models = some_story(), all_models()
    folded(database, story, models[:2])
    with Runner(projector(database), story, models, first_batch=9, largest_batch=9) as runner:
        story.tell(lent(400))
        runner.run_once()
        old, _, new, _ = runner.status()
        assert old.position == story.head() > new.position > 0
        runner.run_until(story.head())
    for model in models:
        assert as_folded(reading, model) == refold(model, story.events)


def test_a_ledger_that_was_restored_from_a_copy_is_folded_anew(
    database: Database, reading: psycopg.Connection[Any]
) -> None:
    story, model = some_story(), loans_model()
    folded(database, story, [model])
    story.events = story.events[:30]
    folded(database, story, [model])
    assert as_folded(reading, model) == refold(model, story.events)
    assert checkpoint(reading, model) == story.head()
