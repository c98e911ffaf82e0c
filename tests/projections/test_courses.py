"""Models that stand together are moved on together, and no one moves what another has taken."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from domain.kernel import Recorded
from facilities.database import Database, Role
from projections.courses import Alone, Course, Overtaken, course_of, hold, lay_out, part
from projections.kernel import ReadModel
from projections.refold import refold
from projections.runner import Runner
from projections.shadow import prepare
from projections.writing import Target, advance
from tests.projections.story import (
    Story,
    all_models,
    as_folded,
    deposits_model,
    lent,
    loans_model,
    notices_model,
    projector,
    raised,
)

MODELS: tuple[ReadModel[Any], ...] = (loans_model(), deposits_model(), notices_model())


@pytest.fixture
def projecting(database: Database) -> Iterator[psycopg.Connection[Any]]:
    with database.connect(Role.PROJECTOR) as connection:
        yield connection


def taken(connection: psycopg.Connection[Any], *models: ReadModel[Any]) -> list[Target]:
    """Models as a runner takes them over."""
    return prepare(connection, models, head=1_000, much=1_000_000)


def events_of(story: Story) -> list[Recorded[Any]]:
    return list(story.events)


def writers(connection: psycopg.Connection[Any]) -> dict[str, str]:
    """Which transaction wrote each checkpoint last."""
    rows = connection.execute("SELECT model, xmin::text FROM models.checkpoints").fetchall()
    return dict(rows)


def positions(connection: psycopg.Connection[Any]) -> dict[str, int]:
    return dict(connection.execute("SELECT model, position FROM models.positions").fetchall())


def courses(connection: psycopg.Connection[Any]) -> int:
    ((number,),) = connection.execute("SELECT count(*) FROM models.courses").fetchall()
    return int(number)


def test_models_that_stand_together_are_moved_by_one_row_for_all(
    projecting: psycopg.Connection[Any],
) -> None:
    story = Story([lent(1), lent(2)])
    targets = taken(projecting, *MODELS)
    advance(projecting, targets, events_of(story)[:1])
    written = writers(projecting)
    advance(projecting, targets, events_of(story)[1:])
    assert writers(projecting) == written
    assert set(positions(projecting).values()) == {story.head()}
    assert courses(projecting) == 1


def test_one_model_is_moved_by_its_own_checkpoint(projecting: psycopg.Connection[Any]) -> None:
    story = Story([lent(1)])
    targets = taken(projecting, MODELS[0])
    assert isinstance(course_of(projecting, targets), Alone)
    advance(projecting, targets, events_of(story))
    assert positions(projecting) == {MODELS[0].name: story.head()}
    assert courses(projecting) == 0


def test_a_model_that_goes_alone_takes_its_position_with_it(
    projecting: psycopg.Connection[Any],
) -> None:
    story = Story([lent(1), lent(2)])
    first, *others = targets = taken(projecting, *MODELS)
    advance(projecting, targets, events_of(story)[:1])
    advance(projecting, [first], events_of(story)[1:])
    found = positions(projecting)
    assert found.pop(first.name) == story.head()
    assert set(found.values()) == {others[0].position} != {story.head()}


def test_those_who_go_alone_and_meet_again_go_on_together(
    projecting: psycopg.Connection[Any],
) -> None:
    story = Story([lent(1), lent(2), lent(3)])
    targets = taken(projecting, *MODELS)
    one, two, three = events_of(story)
    advance(projecting, targets, [one])
    for each in targets:
        advance(projecting, [each], [two])
    advance(projecting, targets, [three])
    assert isinstance(targets[0].course, Course)
    assert targets[0].course.carries == len(MODELS)
    assert courses(projecting) == 1
    for model in MODELS:
        assert as_folded(projecting, model) == refold(model, story.events)


def test_what_is_handed_over_stands_still_while_the_others_go_on(
    projecting: psycopg.Connection[Any],
) -> None:
    story = Story([lent(1), lent(2), lent(3)])
    *kept, handed_over = taken(projecting, *MODELS)
    advance(projecting, [*kept, handed_over], events_of(story)[:1])
    advance(projecting, kept, events_of(story)[1:2])
    assert positions(projecting)[handed_over.name] == events_of(story)[0].position
    (again,) = taken(projecting, handed_over.model)
    advance(projecting, [again], events_of(story)[1:])
    advance(projecting, kept, events_of(story)[2:])
    assert set(positions(projecting).values()) == {story.head()}
    for model in MODELS:
        assert as_folded(projecting, model) == refold(model, story.events)


def test_who_is_overtaken_by_another_that_took_one_of_his_models_writes_nothing(
    database: Database, projecting: psycopg.Connection[Any]
) -> None:
    story = Story([lent(1), lent(2)])
    targets = taken(projecting, *MODELS)
    advance(projecting, targets, events_of(story)[:1])
    with database.connect(Role.PROJECTOR) as another:
        taken(another, MODELS[0])
    with pytest.raises(Overtaken):
        advance(projecting, targets, events_of(story)[1:])
    assert set(positions(projecting).values()) == {events_of(story)[0].position}


def test_who_goes_alone_is_overtaken_by_one_that_carries_it_along(
    database: Database, projecting: psycopg.Connection[Any]
) -> None:
    story = Story([lent(1), lent(2)])
    first, *_ = taken(projecting, *MODELS)
    with database.connect(Role.PROJECTOR) as another:
        advance(another, taken(another, *MODELS), events_of(story)[:1])
        with pytest.raises(Overtaken):
            advance(projecting, [first], events_of(story))
    assert set(positions(projecting).values()) == {events_of(story)[0].position}


def test_a_model_that_is_held_is_not_moved_until_it_is_let_go(
    database: Database, projecting: psycopg.Connection[Any]
) -> None:
    story = Story([lent(1), lent(2)])
    targets = taken(projecting, *MODELS)
    advance(projecting, targets, events_of(story)[:1])
    projecting.execute("SET lock_timeout = '50ms'")
    with database.connect(Role.PROJECTOR) as another:
        with another.transaction():
            held = hold(another, [MODELS[1].name])
            with pytest.raises(psycopg.errors.LockNotAvailable):
                advance(projecting, targets, events_of(story)[1:])
        assert held[MODELS[1].name].position == events_of(story)[0].position
    advance(projecting, targets, events_of(story)[1:])
    assert set(positions(projecting).values()) == {story.head()}


def test_who_writes_rows_that_others_fold_has_them_look_again(database: Database) -> None:
    story = Story([lent(1), lent(2)])
    with Runner(projector(database), story, MODELS) as runner:
        runner.run_until(story.head())
        with database.connect(Role.PROJECTOR) as someone, someone.transaction():
            part(someone, hold(someone, [MODELS[1].name]))
            someone.execute("UPDATE models.deposits SET loans = 7")
        story.tell(raised(1))
        assert runner.run_once() == 0
        runner.run_until(story.head())
    with database.connect(Role.APP) as reading:
        assert as_folded(reading, MODELS[1]) != refold(MODELS[1], story.events)


def test_a_course_nobody_follows_is_cleared_away(projecting: psycopg.Connection[Any]) -> None:
    story = Story(lent(number) for number in range(4))
    for each in events_of(story):
        advance(projecting, taken(projecting, *MODELS), [each])
    assert courses(projecting) == 1


def test_checkpoints_that_are_older_than_courses_are_gone_on_with(
    database: Database, projecting: psycopg.Connection[Any]
) -> None:
    story = Story([lent(1), lent(2)])
    advance(projecting, taken(projecting, *MODELS), events_of(story)[:1])
    with projecting.transaction():
        part(projecting, hold(projecting, [each.name for each in MODELS]))
        projecting.execute("DROP VIEW models.positions")
        projecting.execute("ALTER TABLE models.checkpoints DROP COLUMN course")
        projecting.execute("DROP TABLE models.courses")
    lay_out(projecting)
    assert set(positions(projecting).values()) == {events_of(story)[0].position}
    with Runner(projector(database), story, MODELS) as runner:
        runner.run_until(story.head())
    for model in MODELS:
        assert as_folded(projecting, model) == refold(model, story.events)


def test_all_models_of_a_runner_follow_one_course_when_they_have_caught_up(
    database: Database, projecting: psycopg.Connection[Any]
) -> None:
    story, models = Story([lent(1)]), all_models()
    with Runner(projector(database), story, models[:-1]) as runner:
        runner.run_until(story.head())
    story.tell(lent(2))
    with Runner(projector(database), story, models, first_batch=1) as runner:
        runner.run_until(story.head())
        story.tell(lent(3))
        runner.run_until(story.head())
    assert courses(projecting) == 1
    for model in models:
        assert as_folded(projecting, model) == refold(model, story.events)
