"""Streams that are kept in mind are never older than the question."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from domain.revenue.claim import claim
from facilities.database import Database, Role
from facilities.ledger import Ledger
from facilities.service import Service
from facilities.states import States
from tests.domain.places import RIVERSIDE, THE_CLAIM
from tests.facilities.scenes import THE_DAY_BEGINS, a_charge, a_claim, said_by
from tests.grammar import NOW


@pytest.fixture(autouse=True)
def _the_day_begins(service: Service) -> None:
    for command in THE_DAY_BEGINS:
        service.execute(command, said_by())


def versions(states: States, *stream_ids: UUID) -> dict[UUID, int]:
    return {stream_id: each.version for stream_id, each in states.load(stream_ids).items()}


def test_a_stream_that_is_kept_is_brought_up_to_date(service: Service, ledger: Ledger) -> None:
    states = States(ledger)
    assert versions(states, THE_CLAIM, RIVERSIDE, uuid4()) == {THE_CLAIM: 1, RIVERSIDE: 1}
    for _ in range(3):
        service.execute(a_charge(), said_by())
    assert versions(states, THE_CLAIM, RIVERSIDE) == {THE_CLAIM: 4, RIVERSIDE: 1}


@pytest.mark.parametrize("room", [0, 1, 2, 100])
def test_what_is_kept_is_what_folding_from_the_beginning_gives(
    service: Service, ledger: Ledger, room: int
) -> None:
    states = States(ledger, room)
    others = [uuid4() for _ in range(4)]
    for number in range(5):
        service.execute(a_charge(str(number)), said_by())
        for other in others[number:]:
            states.load([THE_CLAIM, other])
        loaded = states.load([THE_CLAIM, RIVERSIDE])[THE_CLAIM]
        facts = ledger.load([THE_CLAIM])[THE_CLAIM]
        assert loaded.state == claim.fold(each.fact for each in facts)
        assert (loaded.version, loaded.position) == (facts[-1].version, facts[-1].position)


def test_two_services_that_keep_states_do_not_mislead_each_other(
    database: Database, service: Service, ledger: Ledger
) -> None:
    with Ledger(database.pool(Role.APP)) as elsewhere:
        other = Service(elsewhere, now=lambda: NOW)
        for number in range(1, 6):
            assert service.execute(a_charge(), said_by()).version == 2 * number
            assert other.execute(a_charge(), said_by()).version == 2 * number + 1
    balances = [each.fact.balance_after for each in ledger.stream(THE_CLAIM, after=1)]
    assert balances == [10 * number for number in range(1, 11)]


def test_what_the_ledger_lost_is_forgotten(database: Database, ledger: Ledger) -> None:
    """After a restore from a backup, or a failover to a server that lagged behind."""
    service = Service(ledger, now=lambda: NOW)
    for _ in range(3):
        service.execute(a_charge(), said_by())
    service.execute(a_claim(gone := uuid4()), said_by())
    lose(database, after=THE_CLAIM, version=2)
    assert service.execute(a_charge("7.00"), said_by()).version == 3
    (last,) = ledger.stream(THE_CLAIM, after=2)
    assert (last.fact.line, last.fact.balance_after) == (2, 17)
    assert gone not in ledger.load([gone])


def lose(database: Database, after: UUID, version: int) -> None:
    """Take away the end of the ledger, as no role of ours could."""
    with database.connect(Role.OWNER) as owner:
        owner.execute("ALTER TABLE ledger.events DISABLE TRIGGER events_are_immutable")
        owner.execute(
            "DELETE FROM ledger.events WHERE position > (SELECT position FROM ledger.events "
            "WHERE stream_id = %s AND version = %s)",
            [after, version],
        )
        owner.execute("ALTER TABLE ledger.events ENABLE TRIGGER events_are_immutable")
