"""Instants and positions, in a ledger whose recorded times do not strictly follow its positions."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from facilities.database import Database, Role
from facilities.ledger import Ledger

NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)


def test_an_instant_stands_for_the_last_position_recorded_by_then(
    database: Database, ledger: Ledger
) -> None:
    """Positions have gaps, some appends were slow, and there are quiet hours in between."""
    dice = random.Random(7)
    clock, position = NOON, 0
    recorded: list[tuple[int, datetime]] = []
    for _ in range(2_000):
        position += dice.choice((1, 1, 1, 2, 40))
        clock += timedelta(seconds=dice.choice((0, 0.1, 1, 20, 20, 7_000)))
        slow = dice.choice((0, 0, 0.5, 50))
        recorded.append((position, clock - timedelta(seconds=slow)))
    with database.connect(Role.OWNER) as owner:
        owner.cursor().executemany(
            "INSERT INTO ledger.events (position, stream_id, version, fact, fact_version,"
            " effective_at, recorded_at, actor, role, command_id, correlation_id, state)"
            " OVERRIDING SYSTEM VALUE VALUES (%s, gen_random_uuid(), 1, 'trial_note.taken', 1,"
            " now(), %s, 'test', 'service', gen_random_uuid(), gen_random_uuid(), '{}')",
            recorded,
        )
    instants = [
        *(NOON - timedelta(days=1), NOON + timedelta(days=10_000)),
        *(at + timedelta(seconds=by) for _, at in recorded[::7] for by in (-0.05, 0, 0.05, 45)),
    ]
    for instant in instants:
        expected = max((position for position, at in recorded if at <= instant), default=0)
        assert ledger.position_at(instant) == expected
