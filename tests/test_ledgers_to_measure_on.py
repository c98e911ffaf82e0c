"""What benchmarks measure on is a ledger like any other: it folds, and its streams load."""

from __future__ import annotations

from decimal import Decimal

import domain.organization.department
import domain.organization.facility
import domain.revenue.payer
import domain.supply.stock_item
import domain.workforce.staff_member  # noqa: F401 - what folds these streams is declared there
from benchmarks.health_system import HealthSystem
from benchmarks.ledgers import a_ledger
from domain.revenue.claim import Claim
from domain.revenue.claim_status import ClaimStatus
from facilities.database import Database, Role
from facilities.ledger import Ledger
from facilities.states import States
from projections import READ_MODELS
from projections.queries import one
from projections.runner import Runner

EVENTS = 8_000


def test_every_read_model_folds_it_and_every_stream_comes_to_what_its_rows_say(
    database: Database,
) -> None:
    a_ledger(database, EVENTS)
    ledger = Ledger(database.pool(Role.PROJECTOR))
    with Runner(lambda: database.connect(Role.PROJECTOR), ledger, READ_MODELS) as runner:
        runner.run_until(ledger.head())
        assert [each.name for each in runner.status() if each.stalled_at is not None] == []

    streams = {each.stream_id: each.version for each in ledger.read(0, EVENTS)}
    states = States(ledger).load(streams)
    assert {each: folded.version for each, folded in states.items()} == streams
    assert sum(streams.values()) == EVENTS

    (claim_list,) = [each for each in READ_MODELS if each.name == "claim_list"]
    balance, names = 0, list(claim_list.column)
    with database.connect(Role.PROJECTOR) as connection:
        for stream_id, folded in states.items():
            if isinstance(folded.state, Claim):
                row = one(connection, claim_list, (stream_id,), scope=None)
                assert row is not None
                balance += row[names.index("balance")]
                assert row[names.index("status")] == folded.state.status
    claims = [each.state for each in states.values() if isinstance(each.state, Claim)]
    assert Decimal(balance) / 100 == sum(each.balance for each in claims)
    assert {each.status for each in claims} >= {ClaimStatus.DRAFTED, ClaimStatus.CLOSED}


def test_the_same_seed_tells_the_same_story() -> None:
    def told(seed: int) -> list[object]:
        told = HealthSystem(EVENTS, seed).pending()
        return [next(told) for _ in range(EVENTS)]

    assert told(1) == told(1)
    assert told(1) != told(2)
