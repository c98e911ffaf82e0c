"""What is folded at once, from the beginning and in memory, is what batches make of it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import Any, get_type_hints
from uuid import UUID

import hypothesis
import psycopg
import pytest
from hypothesis import strategies
from psycopg.types.json import Jsonb

from domain.kernel import Fact, Recorded, fact
from facilities.database import Database, Role
from facilities.envelope import Attribution
from facilities.ledger import Ledger, Pending
from facilities.service import new_id
from projections import READ_MODELS
from projections.bulk import Part
from projections.folding import Whole
from projections.kernel import Key, ReadModel
from projections.queries import NotReady, checkpoint
from projections.refold import refold
from projections.runner import Runner
from projections.shadow import begin
from tests.projections.health_system import HealthSystem
from tests.projections.oracle import Told, looks_as_refolded
from tests.projections.story import (
    FACILITIES,
    DepositRaised,
    Lent,
    Loan,
    Story,
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
from web.bootstrap import Almoner

LOCAL = [each for each in READ_MODELS if each.local]


def whatever_happens(test: Callable[[HealthSystem, Random], None]) -> Callable[[], None]:
    def lived(seed: int) -> None:
        test(HealthSystem(seed).lives(400), Random(seed))

    lived.__name__, lived.__doc__ = test.__name__, test.__doc__
    settings = hypothesis.settings(
        max_examples=10,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[hypothesis.Phase.generate],
    )
    return settings(hypothesis.given(seed=strategies.integers(0, 2**32))(lived))


def at_once(
    model: ReadModel[Any], events: Sequence[Recorded[Any]], stretch: int
) -> tuple[dict[Key, Any], list[tuple[Any, int, int]]]:
    """The current rows and the closed versions."""
    whole, closed = Whole(model), list[tuple[Any, int, int]]()
    for start in range(0, len(events), stretch):
        closed += whole.fold(events[start : start + stretch])
    return {model.key_of(row): (row, since) for row, since in whole.versions()}, closed


# --- in memory -----------------------------------------------------------------------------------


@whatever_happens
def test_what_is_folded_at_once_is_the_refold_at_the_end_of_every_block(
    system: HealthSystem, random: Random
) -> None:
    events = system.events
    for model in READ_MODELS:
        current, closed = at_once(model, events, random.choice([1, 9, 1_000]))
        assert {key: row for key, (row, _since) in current.items()} == refold(model, events)
        for position in random.sample(range(events[-1].position), 6):
            end = position - position % model.grain
            rows = [row for row, since in current.values() if since <= end]
            rows += [row for row, since, until in closed if since <= end < until]
            assert {model.key_of(row): row for row in rows} == refold(model, events, end)
            assert len({model.key_of(row) for row in rows}) == len(rows)


@whatever_happens
def test_where_stretches_end_leaves_no_trace(system: HealthSystem, random: Random) -> None:
    for model in READ_MODELS:
        whole = at_once(model, system.events, 10_000)
        assert at_once(model, system.events, random.randrange(1, 50)) == whole


@whatever_happens
def test_the_parts_of_a_local_model_come_to_the_whole(system: HealthSystem, random: Random) -> None:
    told, head = Told(system.events), system.events[-1].position
    parts = random.choice([2, 3])
    for model in LOCAL:
        names = [each.name for each in model.handlers]
        current: dict[Key, Any] = {}
        closed: list[Any] = []
        for number in range(parts):
            part: Part = (number, parts)
            mine = [each for some in told.scan(0, head, names, part) for each in some]
            rows, versions = at_once(model, mine, 100)
            assert not rows.keys() & current.keys()
            current |= rows
            closed += versions
        whole_rows, whole_versions = at_once(model, system.events, 100)
        assert current == whole_rows
        assert sorted(closed, key=repr) == sorted(whole_versions, key=repr)


REACHING = {
    "people who work at several facilities": (
        *("assignments_ending", "hours_worked", "overtime_forecast", "staff_directory"),
        *("borrowed_people", "gate_overrides", "gate_refusals", "loan_list"),
    ),
    "a payer's file is for several facilities": ("remittance_list", "remittance_quarantine"),
}


def test_what_is_told_of_facilities_alone_is_local_unless_it_reaches_over_several() -> None:
    told_of_facilities = {
        model.name
        for model in READ_MODELS
        if all(get_type_hints(kind).get("facility_id") is UUID for kind in model.handlers)
    }
    local = {each.name for each in LOCAL}
    assert local <= told_of_facilities
    assert told_of_facilities - local == {name for names in REACHING.values() for name in names}


def test_a_local_model_folds_only_facts_that_tell_their_facility() -> None:
    with pytest.raises(TypeError, match="rows of no facility are not local"):
        ReadModel("payers", row=_payer_row(), key="payer_id", desk="x", local=True)
    model = ReadModel("loans", row=Loan, key="chair_id", desk="x", local=True)

    @fact("trial.nowhere")
    class Nowhere(Fact):
        chair_id: int

    with pytest.raises(TypeError, match=r"loans is local, and trial\.nowhere tells no facility"):
        model.on(Nowhere)(lambda row, _event: row)


def _payer_row() -> type[Any]:
    (directory,) = (each for each in READ_MODELS if each.name == "payer_directory")
    return directory.row


# --- beside the runner ---------------------------------------------------------------------------


def long_story() -> Story:
    story = Story(lent(number, FACILITIES[number % 3]) for number in range(120))
    for number in range(0, 120, 2):
        story.tell(raised(number, "2.00", FACILITIES[number % 3]))
    for number in range(0, 120, 7):
        story.tell(returned(number, FACILITIES[number % 3]))
    return story


def test_a_model_that_is_new_to_a_long_ledger_is_built_at_once(
    database: Database, reading: psycopg.Connection[Any]
) -> None:
    story = long_story()
    folded(database, story, all_models())
    in_batches = [tables_of(reading, each) for each in all_models()]
    with Runner(projector(database), Story(), []) as forgetting:
        forgetting.run_once()
    told: list[tuple[str, int, int]] = []
    with Runner(
        projector(database),
        story,
        all_models(),
        much=100,
        progress=lambda model, done, total: told.append((model, done, total)),
    ) as runner:
        runner.run_once()
        with pytest.raises(NotReady):
            as_folded(reading, all_models()[-1])
        runner.run_until(story.head(), timeout=30)
        story.tell(lent(500), raised(500))
        runner.run_until(story.head(), timeout=30)
    for model, (current, history) in zip(all_models(), in_batches, strict=True):
        assert as_folded(reading, model) == refold(model, story.events)
        now, versions = tables_of(reading, model)
        assert set(versions) >= set(history)
        assert len(set(current) - set(now)) <= 1
    assert {model for model, _done, _total in told} == {each.name for each in all_models()}
    for model in all_models():
        for table in (model.name, f"{model.name}_history"):
            assert reading.execute(
                "SELECT relrowsecurity FROM pg_class WHERE oid = %s::regclass", [f"models.{table}"]
            ).fetchone() == (model.scoped,)


def test_what_is_live_does_not_wait_for_what_is_built(
    database: Database, reading: psycopg.Connection[Any]
) -> None:
    story, live = long_story(), deposits_model()
    folded(database, story, [live])
    going = threading.Event()

    class Slow(Told):
        """A ledger of which the long way is not told before it may be."""

        def scan(self, *asked: Any) -> Iterator[Sequence[Recorded[Any]]]:
            assert going.wait(30)
            return super().scan(*asked)

    reader = Slow(story.events)
    with Runner(projector(database), reader, [live, loans_model()], much=100) as runner:
        runner.run_once()
        story.tell(lent(500))
        runner.run_once()
        assert checkpoint(reading, live) == story.head()
        going.set()
        runner.run_until(story.head(), timeout=30)
    assert as_folded(reading, loans_model()) == refold(loans_model(), story.events)


def test_a_half_filled_shadow_begins_again(
    database: Database, reading: psycopg.Connection[Any]
) -> None:
    story, model = long_story(), loans_model()
    folded(database, Story(), [])
    with database.connect(Role.PROJECTOR) as someone:
        begin(someone, model, "__shadow", bare=True)
        someone.execute(
            "INSERT INTO models.open_loans__shadow SELECT (r).* FROM (SELECT"
            " jsonb_populate_record(NULL::models.open_loans__shadow, %s) AS r) AS one",
            [Jsonb(_some_loan())],
        )
    folded(database, story, [model], much=100)
    assert as_folded(reading, model) == refold(model, story.events)


def _some_loan() -> dict[str, Any]:
    nothing = "00000000-0000-0000-0000-000000000000"
    return {
        "facility_id": nothing,
        "chair_id": nothing,
        "size": "small",
        "currency": "USD",
        "deposit": 1,
        "raised": 0,
        "lent_on": "2026-01-01",
        "heard_at": "2026-01-01T00:00:00Z",
        "firm": True,
        "straps": [],
        "valid_from": 1,
    }


def test_what_cannot_be_built_at_once_is_folded_up_to_the_event_that_stops_it(
    database: Database, reading: psycopg.Connection[Any]
) -> None:
    story, model = long_story(), loans_model("breaking")
    story.tell(raised(3, "6.66"), lent(7))

    @model.on(DepositRaised)
    def breaks(row: Loan | None, event: Recorded[DepositRaised]) -> Loan | None:
        if str(event.fact.by) == "6.66":
            raise LookupError
        return row

    with Runner(projector(database), story, [model], much=100) as runner:
        runner.run_until(story.head(), timeout=30)
        (status,) = runner.status()
    assert status.stalled_at == story.events[-2].position
    assert status.rebuilding == story.events[-3].position


def test_a_runner_that_leaves_gives_up_what_it_builds(
    database: Database, reading: psycopg.Connection[Any]
) -> None:
    story, model = long_story(), loans_model()
    begun = threading.Event()

    class Endless(Told):
        """A ledger whose end is never told."""

        def scan(self, *asked: Any) -> Iterator[Sequence[Recorded[Any]]]:
            for some in super().scan(*asked):
                begun.set()
                while True:
                    yield [each for each in some if isinstance(each.fact, Lent)]

    with Runner(projector(database), Endless(story.events), [model], much=100) as runner:
        runner.run_once()
        assert begun.wait(30)
    folded(database, story, [model], much=100)
    assert as_folded(reading, model) == refold(model, story.events)


# --- by several processes ------------------------------------------------------------------------


@pytest.mark.slow
def test_two_processes_build_and_rebuild_what_folding_gives(database: Database) -> None:
    with Almoner.on(database) as almoner:
        command = new_id()
        by = Attribution(actor="a", role="service", command_id=command, correlation_id=command)
        happened = HealthSystem(4).lives(400).events
        (*_, head) = almoner.ledger.append(
            [Pending(each.stream_id, each.version, each.fact, by) for each in happened]
        )
        with (
            almoner.crew(2) as crew,
            Ledger(database.pool(Role.PROJECTOR)) as reader,
            Runner(projector(database), reader, READ_MODELS, much=100, crew=crew) as runner,
        ):
            runner.run_until(head, timeout=60)
            reports = runner.rebuild(crew=crew)
        assert {each.name: each.differences for each in reports} == {
            each.name: 0 for each in READ_MODELS
        }
        events = almoner.ledger.read(0, 10_000)
    with database.connect(Role.APP) as connection:
        for model in READ_MODELS:
            looks_as_refolded(connection, model, events, as_of=head // 2)
