"""The keys of persons in a database: made once, kept in mind, wrapped anew, forgotten."""

from __future__ import annotations

import threading
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest

from facilities.database import Database, Role
from facilities.ledger import Ledger
from facilities.privacy.keyring import Keyring
from facilities.privacy.masters import (
    LocalMasterKey,
    MasterKeyRefused,
    Masters,
    MasterSettings,
    new_master_key,
)
from facilities.privacy.sealing import marker
from facilities.service import Service
from tests.conftest import MASTERS
from tests.domain.places import A_PATIENT, THE_CLAIM
from tests.facilities.scenes import THE_DAY_BEGINS, said_by
from tests.grammar import NOW


def keyring(database: Database, **options: float) -> Keyring:
    return Keyring(database.pool(Role.APP), MASTERS.masters, **options)  # type: ignore[arg-type]


def test_a_person_has_one_key_whoever_asks_first(database: Database) -> None:
    person, found = uuid4(), set[UUID]()

    def ask() -> None:
        found.add(keyring(database).of([person])[person].key_id)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(found) == 1
    assert found.isdisjoint({person})


def test_what_is_remembered_is_bounded(database: Database) -> None:
    ring = keyring(database, room=3)
    persons = [uuid4() for _ in range(10)]
    made = ring.of(persons)
    assert len(ring._by_person) == len(ring._by_id) == 3
    assert {each: key.key_id for each, key in ring.of(persons).items()} == {
        each: key.key_id for each, key in made.items()
    }


def test_a_key_nobody_knows_is_that_of_an_erased_person(database: Database) -> None:
    unknown = uuid4()
    assert keyring(database).by_id([unknown])[unknown].cipher is None


def test_a_replaced_master_key_wraps_all_keys_anew(database: Database, tmp_path: Path) -> None:
    file = tmp_path / "keys"
    masters = MasterSettings(file=file).masters
    new_master_key(file)
    persons = [uuid4() for _ in range(5)]
    before = Keyring(database.pool(Role.APP), masters).of(persons)
    new_master_key(file)
    assert Keyring(database.pool(Role.OWNER), masters).rewrap() == 5
    assert Keyring(database.pool(Role.OWNER), masters).rewrap() == 0
    file.write_text(file.read_text().splitlines()[0])  # the earlier key is thrown away
    after = Keyring(database.pool(Role.APP), masters).of(persons)
    assert {each.key_id for each in after.values()} == {each.key_id for each in before.values()}
    Keyring(database.pool(Role.APP), masters).check()


def test_another_master_key_is_refused_by_name(database: Database, tmp_path: Path) -> None:
    keyring(database).of([uuid4()])
    new_master_key(tmp_path / "keys")
    other = Keyring(database.pool(Role.APP), MasterSettings(file=tmp_path / "keys").masters)
    with pytest.raises(MasterKeyRefused, match="which is not among those"):
        other.check()


def test_what_serves_requests_cannot_change_a_key(database: Database) -> None:
    keyring(database).of([uuid4()])
    with database.connect(Role.APP) as connection:
        for change in ("UPDATE privacy.keys SET erased_at = now()", "DELETE FROM privacy.keys"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(change.encode())


def test_a_ledger_with_keys_stores_no_patient(database: Database) -> None:
    pool = database.pool(Role.APP)
    ring = keyring(database)
    with Ledger(pool, keyring=ring) as ledger:
        service = Service(ledger, now=lambda: NOW)
        for each in THE_DAY_BEGINS:
            service.execute(each, said_by())
        drafted = ledger.stream(THE_CLAIM)[0].fact
        assert drafted.patient_id == A_PATIENT
        # Another process, which has nothing in mind.
        with Ledger(pool, keyring=keyring(database)) as elsewhere:
            assert elsewhere.stream(THE_CLAIM)[0].fact == drafted
    with pool.connection() as connection:
        states = connection.execute(
            "SELECT state FROM ledger.events WHERE fact = 'claim.drafted'"
        ).fetchall()
    assert [str(A_PATIENT).encode() in state for (state,) in states] == [False]
    assert all(marker(ring.known([A_PATIENT])[A_PATIENT]) in state for (state,) in states)


class KeyService:
    """A key management service, which never gives its master keys out: it is sent what to wrap."""

    def __init__(self, master_id: str) -> None:
        self.master_id, self._key = master_id, LocalMasterKey(b"s" * 32)
        self.asked: list[str] = []

    def wrap(self, key: bytes, bound_to: bytes) -> bytes:
        self.asked.append("wrap")
        return self._key.wrap(key, bound_to)

    def unwrap(self, wrapped: bytes, bound_to: bytes) -> bytes:
        self.asked.append("unwrap")
        return self._key.unwrap(wrapped, bound_to)


def test_a_key_management_service_takes_the_place_of_a_file(database: Database) -> None:
    service, person = KeyService("projects/almoner/keys/1"), uuid4()
    before = keyring(database)
    known = before.of([A_PATIENT])[A_PATIENT]
    both = Masters(service, (MASTERS.masters().current,))

    def kept_by_the_service() -> Keyring:
        return Keyring(database.pool(Role.APP), lambda: both)

    made = kept_by_the_service().of([person])[person]
    assert kept_by_the_service().of([person])[person].key_id == made.key_id
    assert {*service.asked} == {"wrap", "unwrap"}
    # What a file had wrapped is opened with that, until it is wrapped anew.
    assert kept_by_the_service().of([A_PATIENT])[A_PATIENT].key_id == known.key_id
    with pytest.raises(MasterKeyRefused, match="projects/almoner/keys/1"):
        keyring(database).of([person])
