"""Every read model, written by the runner from whatever happens, is at every position what folding
the ledger up to there gives.
"""

from __future__ import annotations

from random import Random

import pytest

from facilities.database import Database, Role
from projections import READ_MODELS
from projections.runner import Runner
from tests.projections.grammar import BEGAN
from tests.projections.health_system import HealthSystem
from tests.projections.oracle import Told, looks_as_refolded


@pytest.mark.parametrize(
    "batch",
    [
        pytest.param(7, id="small batches", marks=pytest.mark.slow),
        pytest.param(5_000, id="one batch"),
    ],
)
def test_every_model_can_be_seen_as_it_was_at_any_position(database: Database, batch: int) -> None:
    random = Random(batch)
    ledger = Told(HealthSystem(batch).lives(2_500).events)
    assert ledger.position_at(BEGAN) == 0
    with Runner(
        lambda: database.connect(Role.PROJECTOR),
        ledger,
        READ_MODELS,
        first_batch=batch,
        largest_batch=batch,
    ) as runner:
        runner.run_until(ledger.head(), timeout=60)
        assert all(each.stalled_at is None for each in runner.status())
    facilities = [
        each.fact.facility_id for each in ledger.events if each.fact.name == "facility.opened"
    ]
    with database.connect(Role.APP) as connection:
        for model in READ_MODELS:
            told = [each for each in ledger.events if type(each.fact) in model.handlers]
            looks_as_refolded(connection, model, told)
            for scope in ([facilities[0]], facilities[1:3], []):
                looks_as_refolded(connection, model, told, scope=scope)
            for position in (0, 1, *(random.randrange(ledger.head() + 2) for _ in range(8))):
                looks_as_refolded(connection, model, told, as_of=position)
            here = random.choice(facilities)
            looks_as_refolded(connection, model, told, as_of=ledger.head() // 2, scope=[here])


def test_a_rebuild_finds_no_difference_in_any_model(database: Database) -> None:
    ledger = Told(HealthSystem(1).lives(800).events)
    with Runner(
        lambda: database.connect(Role.PROJECTOR), ledger, READ_MODELS, first_batch=13
    ) as runner:
        runner.run_until(ledger.head(), timeout=60)
        reports = runner.rebuild()
    assert {each.name: each.differences for each in reports} == {
        each.name: 0 for each in READ_MODELS
    }
