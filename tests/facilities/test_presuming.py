"""A decision on what is in mind: stored where all of it is so still, and never where it is not."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from domain.kernel import Refused
from domain.organization.facility import RenameFacility
from domain.revenue.drafting import DraftClaim
from facilities.database import Database, Role
from facilities.ledger import Ledger
from facilities.premises import GoodToken, Premises
from facilities.service import KeyReused, Service, StaleVersion
from tests.domain.places import FEBRUARY_1, RIVERSIDE, THE_CLAIM
from tests.facilities.scenes import (
    THE_DAY_BEGINS,
    a_charge,
    a_claim,
    a_payer,
    again,
    closing,
    keyed,
    said_by,
)
from tests.facilities.test_states import lose
from tests.grammar import NOW

NO_MORE = Premises()
"""Whoever gives the command may: there is nothing to be found out about that."""


@pytest.fixture
def elsewhere(service: Service, ledger: Ledger) -> Service:
    """Another process, after the day has begun; what it does, the `service` has not in mind."""
    for command in THE_DAY_BEGINS:
        service.execute(command, said_by())
    return Service(ledger, now=lambda: NOW)


def renaming(legal_name: str) -> RenameFacility:
    return RenameFacility(facility_id=RIVERSIDE, legal_name=legal_name, renamed_on=FEBRUARY_1)


def another_claim(claim_id: UUID | None = None) -> DraftClaim:
    return a_claim(uuid4() if claim_id is None else claim_id)


def test_what_is_born_and_what_is_written_to_are_decided_on(
    elsewhere: Service, service: Service, ledger: Ledger
) -> None:
    drafted = service.presume(another := another_claim(), said_by(born=True), NO_MORE)
    assert drafted is not None
    elsewhere.execute(a_charge(claim_id=another.claim_id), said_by())
    charged = service.presume(a_charge(claim_id=another.claim_id), said_by(), NO_MORE)
    assert charged is not None
    assert (charged.version, charged.facts) == (drafted.version + 2, ("claim.charged",))
    (last,) = ledger.stream(another.claim_id, after=charged.version - 1)
    assert (last.position, last.fact.balance_after) == (charged.position, 20)


def test_what_it_has_stored_is_in_mind(elsewhere: Service, service: Service) -> None:
    first = service.presume(a_charge(), said_by(), NO_MORE)
    then = service.execute(a_charge(), said_by())
    assert first is not None
    assert then.version == first.version + 1


def test_who_has_seen_nothing_has_to_look(elsewhere: Service, ledger: Ledger) -> None:
    head = ledger.head()
    assert elsewhere.presume(another_claim(), said_by(born=True), NO_MORE) is None
    assert ledger.head() == head


def test_nothing_is_stored_where_what_was_taken_to_be_so_is_not(
    elsewhere: Service, service: Service, ledger: Ledger
) -> None:
    elsewhere.execute(closing(), said_by())
    head = ledger.head()
    assert service.presume(another_claim(), said_by(born=True), NO_MORE) is None
    assert ledger.head() == head
    with pytest.raises(Refused, match="closed"):
        service.execute(another_claim(), said_by(born=True))


def test_even_a_change_that_makes_no_difference_is_looked_at_first(
    elsewhere: Service, service: Service
) -> None:
    elsewhere.execute(renaming("Riverbank"), said_by())
    assert service.presume(a_charge(), said_by(), NO_MORE) is None
    service.execute(a_charge(), said_by())
    assert service.presume(a_charge(), said_by(), NO_MORE) is not None


def test_what_the_ledger_lost_is_not_gone_by(
    elsewhere: Service, service: Service, ledger: Ledger, database: Database
) -> None:
    """After a restore from a backup: the version is there again, and is another event."""
    lose(database, after=THE_CLAIM, version=1)
    service.execute(renaming("Riverbank"), said_by())
    lose(database, after=THE_CLAIM, version=1)
    elsewhere.execute(renaming("Riversands"), said_by())
    assert service.presume(a_charge(), said_by(), NO_MORE) is None
    assert service.execute(a_charge(), said_by()).facts == ("claim.charged",)


def test_a_refusal_is_no_answer_before_it_was_looked_at(
    elsewhere: Service, service: Service
) -> None:
    service.execute(closing(), said_by())
    assert service.presume(another_claim(), said_by(born=True), NO_MORE) is None


def test_a_stale_version_is_for_a_look_to_tell(elsewhere: Service, service: Service) -> None:
    stale = said_by(expected_version=7)
    assert service.presume(a_charge(), stale, NO_MORE) is None
    with pytest.raises(StaleVersion):
        service.execute(a_charge(), stale)


def test_a_request_that_is_sent_again_is_found_out(
    elsewhere: Service, service: Service, ledger: Ledger
) -> None:
    request = keyed()
    first = service.presume(a_charge(), request, NO_MORE)
    head = ledger.head()
    assert service.presume(a_charge(), again(request), NO_MORE) is None
    assert ledger.head() == head
    repeated = service.execute(a_charge(), again(request))
    assert first is not None
    assert (repeated.replayed, repeated.position) == (True, first.position)
    with pytest.raises(KeyReused):
        service.execute(a_charge("11.00"), again(request))


def test_a_key_that_another_holds_is_found_out(elsewhere: Service, service: Service) -> None:
    elsewhere.execute(a_payer(uuid4(), identifier="12345"), said_by())
    held = a_payer(uuid4(), identifier="12345")
    assert service.presume(held, said_by(born=True), NO_MORE) is None
    with pytest.raises(Refused, match="in use"):
        service.execute(held, said_by(born=True))


@pytest.mark.parametrize(
    "changed",
    ["revoked_at = now()", "expires_at = now()", "facility_ids = ARRAY[token_id]", "digest = 'x'"],
)
def test_a_token_that_is_not_good_any_more_stores_nothing(
    elsewhere: Service, service: Service, ledger: Ledger, database: Database, changed: str
) -> None:
    good = Premises(token=GoodToken(b"its digest", None))
    with database.connect(Role.APP) as connection:
        connection.execute(
            "INSERT INTO access.tokens (token_id, digest, actor, role)"
            " VALUES (%s, 'its digest', 'desk', 'system_administrator')",
            [uuid4()],
        )
        assert service.presume(a_charge(), said_by(), good) is not None
        connection.execute(f"UPDATE access.tokens SET {changed}".encode())
    head = ledger.head()
    assert service.presume(a_charge(), said_by(), good) is None
    assert ledger.head() == head


def test_a_token_for_other_facilities_is_another_token(
    elsewhere: Service, service: Service, database: Database
) -> None:
    with database.connect(Role.APP) as connection:
        connection.execute(
            "INSERT INTO access.tokens (token_id, digest, actor, role, facility_ids)"
            " VALUES (%s, 'its digest', 'desk', 'facility_manager', %s)",
            [uuid4(), [RIVERSIDE]],
        )
    for facilities, stored in [((RIVERSIDE,), True), ((uuid4(),), False), (None, False)]:
        token = Premises(token=GoodToken(b"its digest", facilities))
        assert (service.presume(a_charge(), said_by(), token) is not None) is stored
