"""How a test of the command line is spelled: ``shell("token", "list").ends(0)``.

Commands run in this process, on the database of the test, found by its connection string as an
operator's would be. `started` runs one as a process of its own, to be killed.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from psycopg.conninfo import make_conninfo

from facilities.database import Database
from web.cli import run

ROOT = Path(__file__).parents[3]
DATA = Path(os.environ.get("ALMONER_TEST_DATA") or ROOT.parent / "shared" / "data")
SYNTHEA = DATA / "synthea_csv_a"


def needs(folder: Path) -> None:
    """Skip the test where the real files are not there."""
    if not folder.is_dir():
        pytest.skip(f"no {folder.name} in ALMONER_TEST_DATA or ../shared/data")


@dataclass(frozen=True)
class Said:
    """What a command said, and how it ended."""

    code: int
    stdout: str
    stderr: str

    def ends(self, code: int) -> Said:
        assert self.code == code, f"ended with {self.code}\n{self.stdout}\n{self.stderr}"
        return self

    @property
    def json(self) -> Any:
        """Stdout as the one JSON object it is."""
        content = json.loads(self.stdout)
        assert isinstance(content, dict)
        return content

    def refuses(self, code: int, *words: str) -> None:
        """It ends with this code, says all of this on stderr, and nothing on stdout."""
        self.ends(code)
        told = " ".join(self.stderr.split())
        assert all(each in told for each in words), told
        assert "Traceback" not in told
        assert self.stdout == ""


@dataclass(frozen=True)
class CommandLine:
    """An operator's shell."""

    env: Mapping[str, str]
    capture: pytest.CaptureFixture[str]
    monkeypatch: pytest.MonkeyPatch

    def __call__(self, *arguments: str | Path) -> Said:
        with self.monkeypatch.context() as patch:
            for name in ("ALMONER_DATABASE_URL", "ALMONER_HOME", "ALMONER_MASTER_KEY"):
                patch.delenv(name, raising=False)
            for name, value in self.env.items():
                patch.setenv(name, value)
            self.capture.readouterr()
            code = run([str(each) for each in arguments])
        said = self.capture.readouterr()
        return Said(code, said.out, said.err)

    def with_(self, **env: str) -> CommandLine:
        return CommandLine({**self.env, **env}, self.capture, self.monkeypatch)

    def started(self, *arguments: str | Path, **popen: Any) -> subprocess.Popen[str]:
        """The same as a process of its own."""
        kept = {name: each for name, each in os.environ.items() if not name.startswith("ALMONER_")}
        return subprocess.Popen(
            [sys.executable, "-m", "web.cli", *map(str, arguments)],
            cwd=ROOT,
            env={**kept, **self.env},
            stdin=subprocess.DEVNULL,
            stdout=popen.pop("stdout", subprocess.PIPE),
            stderr=popen.pop("stderr", subprocess.PIPE),
            text=True,
            **popen,
        )


def url_of(database: Database) -> str:
    """The connection string of a test's database."""
    with database.connect(role=None) as login:
        known = login.info
        return make_conninfo(
            host=known.host,
            port=known.port,
            user=known.user,
            dbname=known.dbname,
            password=known.password or None,
        )
