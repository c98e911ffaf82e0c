"""Several runners share the models: fairly, never two one model, and nothing is left unfolded."""

from __future__ import annotations

import itertools
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from facilities.database import Database, Role
from projections.kernel import ReadModel
from projections.leases import PATIENCE, Leases
from projections.queries import NotReady, page
from projections.refold import refold
from projections.runner import Runner
from projections.status import statuses
from tests.projections.runners import reached, serving
from tests.projections.story import (
    Story,
    all_models,
    as_folded,
    deposits_model,
    folded,
    lent,
    loans_model,
    notices_model,
    projector,
)

MODELS = ("ants", "bees", "cats", "dogs", "eels")


class Sharers:
    """Runners' leases, made as they are asked for."""

    def __init__(self, database: Database, stack: ExitStack) -> None:
        self._database, self._stack = database, stack

    def come(self, models: tuple[str, ...] = MODELS) -> Leases:
        leases = Leases(projector(self._database), models)
        self._stack.callback(leases.leave)
        return leases


@pytest.fixture
def sharers(database: Database) -> Iterator[Sharers]:
    with ExitStack() as stack:
        yield Sharers(database, stack)


def settle(*runners: Leases, looks: int = 2) -> None:
    """Everyone looks around a few times, and gives back what is too much."""
    for _ in range(looks):
        for each in runners:
            each.give_back(each.settle(stays=True))


def test_one_alone_folds_all(sharers: Sharers) -> None:
    alone = sharers.come()
    settle(alone)
    assert alone.held == MODELS
    assert alone.alone


def test_a_newcomer_is_given_his_share_and_no_model_is_folded_by_two(sharers: Sharers) -> None:
    first, second, third = (sharers.come() for _ in range(3))
    settle(first)
    settle(first, second)
    assert (len(first.held), len(second.held)) == (3, 2)
    settle(first, second, third, looks=3)
    held = [*first.held, *second.held, *third.held]
    assert sorted(held) == sorted(MODELS)
    assert max(map(len, (first.held, second.held, third.held))) == 2


def test_what_one_lets_go_the_others_take(sharers: Sharers) -> None:
    first, second = sharers.come(), sharers.come()
    settle(first, second, looks=3)
    second.leave()
    settle(first)
    assert sorted(first.held) == sorted(MODELS)


def test_a_command_that_only_catches_up_takes_nothing_away(sharers: Sharers) -> None:
    service, command = sharers.come(), sharers.come()
    settle(service)
    command.give_back(command.settle(stays=False))
    settle(service, looks=3)
    assert command.held == ()
    assert service.held == MODELS


def test_what_the_others_do_not_know_is_taken_by_who_does(sharers: Sharers) -> None:
    older, newer = sharers.come(("ants",)), sharers.come(("ants", "bees", "cats", "dogs"))
    settle(older)
    settle(older, newer, looks=PATIENCE + 2)
    assert older.held == ("ants",)
    assert newer.held == ("bees", "cats", "dogs")


PROCESS = """
import sys, time
from facilities.database import Database, Role
from projections.leases import Leases
database = Database(sys.argv[1])
leases = Leases(lambda: database.connect(Role.PROJECTOR), sys.argv[2:])
leases.settle(stays=True)
print(*leases.held, flush=True)
time.sleep(600)
"""


def test_a_process_that_is_killed_loses_its_models_to_another(
    database: Database, sharers: Sharers
) -> None:
    with database.connect(role=None) as login:
        conninfo = login.info.dsn
    process = subprocess.Popen(
        [sys.executable, "-c", PROCESS, conninfo, *MODELS],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline().split() == [*MODELS]
        survivor = sharers.come()
        settle(survivor)
        assert [*survivor.held] == []
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate()
    never = threading.Event()
    for _ in range(600):  # the server notices at its own pace that nobody is there any more
        settle(survivor)
        if survivor.held:
            break
        never.wait(0.05)
    assert survivor.held == MODELS


# --- runners that share --------------------------------------------------------------------------


def folded_by(database: Database, story: Story, models: list[ReadModel[Any]]) -> list[int | None]:
    with database.connect(Role.APP) as reading:
        return [each.folded_by for each in statuses(reading, models, story.head())]


def test_two_services_share_the_models_and_what_they_write_is_what_one_would(
    database: Database,
) -> None:
    story, models = Story(lent(number) for number in range(50)), all_models()
    onlooker = Runner(projector(database), story, models)
    with serving(*(Runner(projector(database), story, models) for _ in range(2))):
        assert reached(onlooker, story.head())
        numbers, given_up = itertools.count(100), time.monotonic() + 60
        while len(set(folded_by(database, story, models)) - {None}) < 2:
            assert time.monotonic() < given_up, "one of two services folds everything"
            story.tell(lent(next(numbers)))
            assert reached(onlooker, story.head())
        story.tell(*(lent(next(numbers)) for _ in range(20)))
        assert reached(onlooker, story.head())
    with database.connect(Role.APP) as reading:
        for model in models:
            assert as_folded(reading, model) == refold(model, story.events)


def test_an_older_version_does_not_drop_what_a_newer_one_folds(database: Database) -> None:
    story, models = Story([lent(1)]), all_models()
    with Runner(projector(database), story, models) as newer:
        newer.run_until(story.head())
        folded(database, story, [loans_model()])
        story.tell(lent(2))
        newer.run_until(story.head())
    with database.connect(Role.APP) as reading:
        for model in models:
            assert as_folded(reading, model) == refold(model, story.events)
    folded(database, story, [loans_model()])
    with database.connect(Role.APP) as reading, pytest.raises(NotReady):
        page(reading, notices_model(), scope=None)


def test_the_status_tells_who_folds_what(database: Database) -> None:
    story = Story([lent(1)])
    models: list[ReadModel[Any]] = [loans_model(), deposits_model()]
    assert folded_by(database, story, models) == [None, None]
    with Runner(projector(database), story, models) as runner:
        runner.run_until(story.head())
        (session,) = set(folded_by(database, story, models))
        assert session is not None
    assert folded_by(database, story, models) == [None, None]
