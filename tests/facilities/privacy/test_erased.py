"""An id of somebody who was erased is known again, and cannot be found out."""

from __future__ import annotations

import hashlib
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest

from facilities.database import Database, Role
from facilities.privacy.keyring import Keyring
from facilities.privacy.masters import MasterKeyRefused, MasterSettings, new_master_key


class Office:
    """The keys in a database, as the program has them and as their owner does."""

    def __init__(self, database: Database, file: Path) -> None:
        self.database, self.file = database, file
        new_master_key(file)

    def ring(self, role: Role = Role.APP) -> Keyring:
        return Keyring(self.database.pool(role), MasterSettings(file=self.file).masters)

    def erases(self, *persons: UUID) -> None:
        owner = self.database.pool(Role.OWNER)
        for each in persons:
            key_id = self.ring().of([each])[each].key_id
            self.ring().let_go(key_id, owner)
            self.ring().let_go(key_id, owner)
            with owner.connection() as connection:
                connection.execute(
                    "UPDATE privacy.keys SET wrapped = NULL, master = NULL WHERE key_id = %s",
                    [key_id],
                )

    def rows(self, table: str) -> list[tuple[bytes, ...]]:
        with self.database.connect(Role.OWNER) as owner:
            return owner.execute(f"SELECT * FROM privacy.{table}".encode()).fetchall()


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Office:
    return Office(database, tmp_path / "master.keys")


def test_who_was_erased_is_known_among_others(office: Office) -> None:
    gone, gone_too, here, nobody = (uuid4() for _ in range(4))
    office.ring().of([here])
    assert office.ring().erased_among([gone, here]) == set()
    office.erases(gone, gone_too)
    assert office.ring().erased_among([gone, here, nobody]) == {gone}
    assert office.ring().erased_among([]) == set()


def test_who_comes_again_and_is_erased_again_is_there_once(office: Office) -> None:
    person = uuid4()
    office.erases(person)
    office.erases(person)
    assert len(office.rows("erased")) == 1


def test_what_is_kept_leads_to_nobody(office: Office) -> None:
    """Not even for who guesses the id: without the master key there is nothing to compare it with;
    and with it, nothing of what was theirs."""
    person = uuid4()
    key_id = office.ring().of([person])[person].key_id
    office.erases(person)
    ((fingerprint,),) = office.rows("erased")
    for spelled in (person.bytes, str(person).encode(), person.hex.encode()):
        assert fingerprint not in (hashlib.sha256(spelled).digest(), spelled)
    assert key_id.bytes not in b"".join(each for row in office.rows("pepper") for each in row[1:2])
    assert key_id.bytes not in fingerprint


def test_a_replaced_master_key_knows_them_still(office: Office) -> None:
    person = uuid4()
    office.erases(person)
    earlier = office.file.read_text().splitlines()
    new_master_key(office.file)
    office.ring(Role.OWNER).rewrap()
    new = [each for each in office.file.read_text().splitlines() if each not in earlier]
    office.file.write_text("\n".join(new) + "\n")
    office.ring().check()
    assert office.ring().erased_among([person]) == {person}


def test_without_the_master_key_that_wrapped_it_nothing_begins(office: Office) -> None:
    office.erases(uuid4())
    office.file.unlink()
    new_master_key(office.file)
    with pytest.raises(MasterKeyRefused, match="not among those"):
        office.ring().check()


def test_what_serves_requests_erases_nobody(office: Office) -> None:
    person = uuid4()
    key_id = office.ring().of([person])[person].key_id
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        office.ring().let_go(key_id, office.database.pool(Role.APP))
    assert office.ring().erased_among([person]) == set()
