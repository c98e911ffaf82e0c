"""A chain of causes is told whole, or told to be longer."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from facilities.database import Database, Role
from facilities.envelope import Attribution
from facilities.ledger import Ledger, Pending
from projections.audit.causes import DEEPEST, causes
from tests.projections.audit.ledger import RoundMade


def test_a_chain_that_is_longer_than_is_followed_is_not_complete(database: Database) -> None:
    with Ledger(database.pool(Role.APP)) as ledger, database.connect(Role.APP) as connection:
        ledger.append([_follows(number) for number in range(1, DEEPEST + 2)])
        told = [
            causes(connection, ledger, event, scope=None, upto=ledger.head())
            for event in ledger.read(0, DEEPEST + 1)[-2:]
        ]
    assert [(len(each.led_here), each.complete) for each in told] == [
        (DEEPEST, True),
        (DEEPEST, False),
    ]


def _follows(number: int) -> Pending:
    """What a command recorded that follows from the one before, and belongs to nothing else."""
    command = UUID(int=number)
    by = Attribution(
        actor="ana",
        role="nurse",
        command_id=command,
        correlation_id=command,
        causation_id=UUID(int=number - 1) if number > 1 else None,
        digest=command.bytes,
    )
    made = RoundMade(facility_id=None, made_at=datetime(2026, 1, 1, tzinfo=UTC))
    return Pending(UUID(int=1000 + number), 1, made, by)
