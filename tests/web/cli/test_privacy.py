"""`almoner privacy`: master keys are made and replaced."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

from facilities.database import Database, Role
from facilities.privacy.keyring import Keyring
from facilities.privacy.masters import MasterSettings
from tests.conftest import MASTERS
from tests.web.cli.grammar import CommandLine


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
