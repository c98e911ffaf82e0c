"""The runner: what it writes is what a refold gives, at every position, whatever happens to it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.kernel import Fact
from facilities.database import Database, Role
from projections.leadership import Wake
from projections.memory import Memory
from projections.queries import checkpoint
from projections.refold import refold
from projections.runner import Runner
from tests.projections.runners import forget, reached, serving, some_story
from tests.projections.story import (
    FACILITIES,
    Noticed,
    Size,
    Story,
    Strap,
    Unrelated,
    Withdrawn,
    all_models,
    as_folded,
    deposits_model,
    folded,
    lent,
    loans_model,
    projector,
    raised,
    returned,
    tables_of,
)

# --- what anything may be told of ----------------------------------------------------------------

numbers = st.integers(0, 3)
places = st.sampled_from(FACILITIES)
several = st.lists(places, max_size=3).map(tuple)
words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=5)
amounts = st.integers(0, 300).map(lambda cents: f"{cents // 100}.{cents % 100:02d}")
straps = st.builds(
    Strap, place=words, width=st.decimals(0, 9, places=2), checked_on=st.none() | st.dates()
)
facts: st.SearchStrategy[Fact] = st.one_of(
    st.builds(
        lent,
        numbers,
        places,
        size=st.sampled_from(Size),
        remark=st.none() | words,
        deposit=amounts.map(Decimal),
        straps=st.lists(straps, max_size=2).map(tuple),
    ),
    st.builds(raised, numbers, amounts, places),
    st.builds(returned, numbers, places, amounts),
    st.builds(Noticed, notice=words, facility_ids=several),
    st.builds(Withdrawn, notice=words, facility_ids=several),
    st.just(Unrelated()),
)
stories = st.lists(facts, min_size=1, max_size=40)

# The database is the test's, not the example's: every example begins by forgetting the last one.
on_one_database = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


# --- what is written is what a refold gives ------------------------------------------------------


@given(told=stories, batch=st.sampled_from([1, 3, 500]), data=st.data())
@on_one_database
def test_live_and_as_of_any_position_equal_the_refold(
    database: Database, told: list[Fact], batch: int, data: st.DataObject
) -> None:
    forget(database)
    story, models = Story(told), all_models()
    folded(database, story, models, first_batch=batch, largest_batch=batch)
    then = data.draw(st.lists(st.integers(0, story.head()), max_size=5, unique=True))
    with database.connect(Role.APP) as reading:
        for model in models:
            assert as_folded(reading, model) == refold(model, story.events)
            for position in then:
                expected = refold(model, story.events, upto=position)
                assert as_folded(reading, model, as_of=position) == expected


def test_live_equals_the_refold_after_every_event(
    database: Database, reading: psycopg.Connection[Any]
) -> None:
    story, models = Story(), all_models()
    with Runner(projector(database), story, models) as runner:
        for event in some_story().events[:120]:
            story.tell(event.fact)
            assert runner.run_once() == 1
            for model in models:
                assert as_folded(reading, model) == refold(model, story.events)
    for position in range(story.head() + 1):
        for model in models:
            expected = refold(model, story.events, upto=position)
            assert as_folded(reading, model, as_of=position) == expected


def test_where_batches_end_leaves_no_trace(
    database: Database, reading: psycopg.Connection[Any]
) -> None:
    story, models, written = some_story(), all_models(), []
    for batch in (1, 7, 500):
        forget(database)
        folded(database, story, models, first_batch=batch, largest_batch=batch)
        written.append([tables_of(reading, model) for model in models])
    assert written[0] == written[1] == written[2]
    assert all(current for current, _history in written[0])


def test_a_row_that_leaves_is_gone_and_what_it_was_is_kept(
    database: Database, reading: psycopg.Connection[Any]
) -> None:
    story, model = Story([lent(1), returned(1)]), loans_model()
    folded(database, story, [model])
    current, history = tables_of(reading, model)
    assert (len(current), len(history)) == (0, 1)
    assert len(as_folded(reading, model, as_of=1)) == 1


def test_an_equal_row_makes_no_version(
    database: Database, reading: psycopg.Connection[Any]
) -> None:
    story, model = Story([lent(1), lent(2)]), deposits_model()
    folded(database, story, [model])
    before = tables_of(reading, model)
    story.tell(raised(1, "0.00"), raised(2, "0.00"))
    folded(database, story, [model])
    assert tables_of(reading, model) == before
    assert checkpoint(reading, model) == story.head()


def test_facts_no_model_looks_at_move_the_checkpoints(
    database: Database, reading: psycopg.Connection[Any]
) -> None:
    story, models = Story([Unrelated(), Unrelated()]), all_models()
    folded(database, story, models)
    assert {checkpoint(reading, each) for each in models} == {story.head()}


def test_a_batch_of_many_rows_is_written_like_a_small_one(
    database: Database, reading: psycopg.Connection[Any]
) -> None:
    story, models = Story(lent(number) for number in range(3_000)), all_models()
    story.tell(*(raised(number) for number in range(3_000)))
    folded(database, story, models)
    for model in models:
        assert as_folded(reading, model) == refold(model, story.events)


def test_rows_are_remembered_and_forgotten_without_a_trace(
    database: Database, reading: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    written = []
    for room in (0, 7, 4_096):
        monkeypatch.setattr(Memory.__init__, "__defaults__", (room,))
        forget(database)
        story, models = some_story(), all_models()
        folded(database, story, models, first_batch=9, largest_batch=9)
        written.append([tables_of(reading, each) for each in models])
    assert written[0] == written[1] == written[2]


# --- waking and waiting --------------------------------------------------------------------------


def test_who_waits_for_a_model_is_told_how_far_it_has_come(database: Database) -> None:
    story = Story([lent(1)])
    with (
        database.connect(Role.APP) as waiting,
        Runner(projector(database), story, all_models()) as runner,
    ):
        waiting.execute("LISTEN models")
        runner.run_once()
        (told,) = waiting.notifies(timeout=5, stop_after=1)
    assert told.payload == str(story.head())


def test_an_append_wakes_the_runner(database: Database) -> None:
    wake, never = Wake(projector(database)), threading.Event()
    try:
        wake.wait(0, never)
        with database.connect(Role.APP) as writer:
            writer.execute("NOTIFY ledger")
            writer.execute("NOTIFY ledger")
        wake.wait(600, never)
    finally:
        wake.close()


def test_waiting_for_a_position_that_is_not_reached_ends(database: Database) -> None:
    with (
        Runner(projector(database), Story([lent(1)]), all_models()) as runner,
        pytest.raises(TimeoutError, match="open_loans"),
    ):
        runner.run_until(10, timeout=0.2)


def test_a_service_that_cannot_reach_the_database_keeps_trying(
    database: Database, reading: psycopg.Connection[Any]
) -> None:
    story, away = some_story(), threading.Event()
    away.set()
    connect: Callable[[], psycopg.Connection[Any]] = projector(database)

    def unreliable() -> psycopg.Connection[Any]:
        if away.is_set():
            raise ConnectionRefusedError
        return connect()

    with serving(Runner(unreliable, story, all_models())):
        never = threading.Event()
        never.wait(0.2)
        away.clear()
        assert reached(Runner(connect, story, all_models()), story.head())


def test_two_models_of_one_name_are_refused(database: Database) -> None:
    with pytest.raises(TypeError, match="one name"):
        Runner(projector(database), Story(), [loans_model(), loans_model()])
