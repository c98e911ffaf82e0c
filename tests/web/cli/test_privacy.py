"""`almoner privacy`: master keys are made and replaced."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

from facilities.database import Database, Role
from facilities.privacy.keyring import Keyring
from facilities.privacy.masters import MasterSettings
from tests.conftest import MASTERS
from tests.web.cli.grammar import CommandLine
from tests.web.test_reads import looks
from web.bootstrap import Almoner


def test_a_master_key_is_made_and_not_told(no_database: CommandLine, tmp_path: Path) -> None:
    path = tmp_path / "master.keys"
    said = no_database("privacy", "new-key", path, "--json").ends(0)
    master_id = MasterSettings(file=path).masters().current.master_id
    assert said.json == {"path": str(path), "master_key": master_id}
    assert path.read_text().strip() not in said.stdout + said.stderr


def test_keys_are_wrapped_anew(shell: CommandLine, database: Database, tmp_path: Path) -> None:
    Keyring(database.pool(Role.APP), MASTERS.masters).of([uuid4(), uuid4()])
    path = tmp_path / "master.keys"
    path.write_text(f"{MASTERS.text}\n")
    shell("privacy", "new-key", path).ends(0)
    renewed = shell.with_(ALMONER_MASTER_KEY="", ALMONER_MASTER_KEY_FILE=str(path))
    said = renewed("privacy", "rewrap", "--json").ends(0)
    master_id = MasterSettings(file=path).masters().current.master_id
    assert said.json == {"rewrapped": 2, "master_key": master_id}


def test_without_a_master_key_nothing_is_served(shell: CommandLine) -> None:
    shell.with_(ALMONER_MASTER_KEY="")("serve", "--port", "0").refuses(
        1, "there is no master key", "almoner privacy new-key"
    )


def test_reads_are_told_by_person_as_fhir_and_verified(
    shell: CommandLine, database: Database, tmp_path: Path
) -> None:
    person, elsewhere = uuid4(), uuid4()
    with Almoner.on(database, masters=MASTERS, journals=tmp_path) as almoner:
        assert almoner.keyring is not None
        assert almoner.reads is not None
        almoner.keyring.of([person, elsewhere])
        for whose in ((person,), (elsewhere,)):
            looks(almoner.reads, *whose)
        almoner.reads.take_in()
        reading = shell.with_(ALMONER_READS_DIR=str(tmp_path))
        said = reading("privacy", "verify-reads").ends(4).stdout
        assert said == "Sealed: 0 reads; not yet: 2.\n"
        almoner.read_log().seal()
    (found,) = reading("privacy", "reads", "--person", str(person), "--json").ends(0).json["reads"]
    assert found["actor"] == "ana"
    assert str(person) not in str(found)
    told = reading("privacy", "reads", "--person", str(person), "--fhir").ends(0).json
    assert len(told["entry"]) == 1
    assert len(reading("privacy", "reads", "--actor", "ana", "--json").json["reads"]) == 2
    assert reading("privacy", "reads", "--person", str(uuid4()), "--json").json["reads"] == []
    verified = reading("privacy", "verify-reads", "--json").ends(0).json
    assert verified == {"intact": True, "sealed": 2, "unsealed": 0, "changed": []}
    with database.connect(role=None) as login:
        login.execute("ALTER TABLE audit.reads DISABLE TRIGGER reads_are_immutable")
        login.execute("DELETE FROM audit.reads WHERE number = 1")
    assert "Changed after it was sealed: reads 1 to 2" in (
        reading("privacy", "verify-reads").ends(1).stdout
    )


def test_of_reads_one_thing_is_asked(shell: CommandLine) -> None:
    shell("privacy", "reads").refuses(2, "Give one of --person, --key and --actor")


def test_where_no_key_is_gone_all_are_kept(shell: CommandLine) -> None:
    assert shell("privacy", "verify-keys").ends(0).stdout == (
        "Kept: 0 keys; destroyed by an erasure: 0.\n"
    )
