"""The command line on a database of the test's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from facilities.database import Database
from tests.conftest import MASTER_KEY
from tests.facilities.seals.grammar import SealedLedger
from tests.web.cli.grammar import CommandLine, url_of


@pytest.fixture
def shell(
    database: Database,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> CommandLine:
    """The command line, on an external server as far as it knows."""
    env = {
        "ALMONER_DATABASE_URL": url_of(database),
        "ALMONER_MASTER_KEY": MASTER_KEY,
        "ALMONER_READS_DIR": str(tmp_path / "journals"),
    }
    return CommandLine(env, capsys, monkeypatch)


@pytest.fixture
def no_database(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """The command line, where nobody listens."""
    nowhere = "postgresql://nobody:secret@127.0.0.1:1/almoner?connect_timeout=2"
    return CommandLine({"ALMONER_DATABASE_URL": nowhere}, capsys, monkeypatch)


@pytest.fixture
def sealing(shell: CommandLine, sealed: SealedLedger) -> CommandLine:
    """The command line of whoever has the key of a test's `sealed` ledger."""
    return shell.with_(
        ALMONER_SEAL_KEY_FILE=str(sealed.place / "key.pem"),
        ALMONER_SEALS_DIR=str(sealed.place / "seals"),
    )
