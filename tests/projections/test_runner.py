"""The runner: what it writes is what a refold gives, at every position, whatever happens to it."""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.kernel import Fact, Recorded
from facilities.database import Database, Role
from projections.kernel import ReadModel
from projections.leadership import Wake
from projections.leases import LEASES, PRESENT
from projections.memory import Memory
from projections.queries import NotReady, checkpoint, page
from projections.rebuild import RebuildRefused
from projections.refold import refold
from projections.runner import Runner
from projections.tables import current_indexes, history_indexes
from tests.projections.story import (
    EAST,
    FACILITIES,
    NORTH,
    SOUTH,
    DepositRaised,
    Lent,
    Loan,
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
    heard_model,
    lent,
    loans_model,
    notices_model,
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


def forget(database: Database) -> None:
    """A runner that is to fold nothing drops what is there."""
    with Runner(projector(database), Story(), []) as runner:
        runner.run_once()


def some_story() -> Story:
    """Two hundred facts with something for every model."""
    story = Story(
        lent(number, FACILITIES[number % 3], size=Size.SMALL if number % 5 else Size.LARGE)
        for number in range(60)
    )
    for number in range(60):
        story.tell(raised(number, f"{number % 7}.00", FACILITIES[number % 3]))
        if number % 4 == 0:
            story.tell(returned(number, FACILITIES[number % 3]))
        if number % 10 == 0:
            story.tell(Noticed(notice=f"notice {number // 20}", facility_ids=(NORTH, EAST)))
    story.tell(Withdrawn(notice="notice 1", facility_ids=(EAST,)), lent(0), lent(4, SOUTH))
    return story


@pytest.fixture
def reading(database: Database) -> Iterator[psycopg.Connection[Any]]:
    """What serves requests looks at the tables in its own role."""
    with database.connect(Role.APP) as connection:
        yield connection


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


# --- when a fold fails ---------------------------------------------------------------------------


def breaking_model(broken: list[bool]) -> ReadModel[Loan]:
    """Loans, with a fold that fails at chairs that are raised by 6.66 while it is broken."""
    model = loans_model("breaking")

    @model.on(DepositRaised)
    def breaks(row: Loan | None, event: Recorded[DepositRaised]) -> Loan | None:
        if broken[0] and event.fact.by == Decimal("6.66"):
            raise LookupError(f"deposit of {event.fact.chair_id}, whom nobody may read of")
        return row

    return model


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
    assert "breaks (test_runner.py" in caplog.text
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


# --- one leads -----------------------------------------------------------------------------------


def leader_of(database: Database) -> int:
    """The server process of a session that folds."""
    with database.connect(role=None) as login:
        row = login.execute(
            """
            SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted
            AND classid = %s AND objid <> %s
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
            """,
            [LEASES, PRESENT],
        ).fetchone()
    assert row is not None
    return int(row[0])


def end_session(database: Database, process: int) -> None:
    with database.connect(role=None) as login:
        login.execute("SELECT pg_terminate_backend(%s, 5000)", [process])


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


@contextmanager
def serving(*runners: Runner) -> Iterator[None]:
    """Runners at work in threads of their own."""
    stop = threading.Event()
    threads = [threading.Thread(target=each.run_forever, args=[stop]) for each in runners]
    for each in threads:
        each.start()
    try:
        yield
    finally:
        stop.set()
        for each in threads:
            each.join(timeout=30)
        assert not any(each.is_alive() for each in threads)


def reached(runner: Runner, position: int, timeout: float = 30.0) -> bool:
    """Whether all models get to a position in time; asks now and then."""
    never = threading.Event()
    for _ in range(int(timeout / 0.05)):
        if all(each.position >= position for each in runner.status()):
            return True
        never.wait(0.05)
    return False


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


def test_two_models_of_one_name_are_refused(database: Database) -> None:
    with pytest.raises(TypeError, match="one name"):
        Runner(projector(database), Story(), [loans_model(), loans_model()])


# --- when a model is declared anew ---------------------------------------------------------------


def stricter_model() -> ReadModel[Loan]:
    """Loans, declared anew: remarks are no longer shown."""
    model = loans_model()

    @model.on(Lent)
    def silent(row: Loan | None, event: Recorded[Lent]) -> Loan | None:
        return None if row is None else replace(row, remark=None)

    return model


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


def indexes_of(reading: psycopg.Connection[Any]) -> set[str]:
    rows = reading.execute(
        """
        SELECT indexname FROM pg_indexes
        WHERE schemaname = 'models' AND tablename <> ALL ('{checkpoints,courses}')
        """
    )
    return {each[0] for each in rows}


def indexes_named(model: ReadModel[Any]) -> Iterable[str]:
    for table, indexes in (
        (model.name, current_indexes(model)),
        (f"{model.name}_history", history_indexes(model)),
    ):
        yield f"{table}_pkey"
        for label, _names in indexes:
            yield f"{table}_{label}"


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


# --- rebuilding on demand ------------------------------------------------------------------------


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


# --- what is remembered --------------------------------------------------------------------------


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
