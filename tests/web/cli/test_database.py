"""migrate, status, stop: what an operator is told about the database, and what is left alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from facilities.database import Database
from facilities.embedded import EmbeddedServer
from projections import READ_MODELS
from tests.web.cli.grammar import CommandLine, url_of


def test_what_runs_and_is_migrated_is_ready(shell: CommandLine, database: Database) -> None:
    told = shell("status", "--json").ends(0).json
    assert told["ready"]
    assert told["database"]["kind"] == "external"
    assert told["database"]["version"]
    assert database.name in told["database"]["where"]
    assert told["migrations"]["pending"] == []
    assert told["ledger"]["position"] == 0
    assert set(told["models"]) == {each.name for each in READ_MODELS}
    lines = shell("status").ends(0).stdout
    assert lines.startswith("ready\n")
    assert all(each.name in lines for each in READ_MODELS)


def test_a_database_that_waits_for_migrations_is_not_ready_until_they_are_applied(
    shell: CommandLine, server: Database
) -> None:
    empty = server.for_database(f"almoner_empty_{Path(__file__).stat().st_ino}")
    empty.ensure_exists()
    try:
        shell = shell.with_(ALMONER_DATABASE_URL=url_of(empty))
        told = shell("status", "--json").ends(1).json
        assert not told["ready"]
        assert told["migrations"]["applied"] == []
        assert told["migrations"]["pending"]
        applied = shell("migrate", "--json").ends(0).json["applied"]
        assert applied == told["migrations"]["pending"]
        assert shell("migrate", "--json").ends(0).json == {"applied": [], "known": applied}
        assert "Nothing waits" in shell("migrate").ends(0).stdout
        shell("status").ends(0)
    finally:
        with server.connect(role=None) as login:
            login.execute(f'DROP DATABASE "{empty.name}" WITH (FORCE)'.encode())


def test_a_server_nobody_listens_on_is_told_without_the_password(no_database: CommandLine) -> None:
    said = no_database("status", "--json").ends(3)
    assert not said.json["ready"]
    assert not said.json["database"]["running"]
    assert "127.0.0.1" in said.json["problem"]
    assert "secret" not in said.stdout + said.stderr
    for command in (["migrate"], ["token", "list"], ["report", "totals", "--json"], ["serve"]):
        refused = no_database(*command)
        refused.refuses(3, "cannot connect")
        assert "secret" not in refused.stderr


def test_a_connection_string_that_is_none_is_refused(no_database: CommandLine) -> None:
    shell = no_database.with_(ALMONER_DATABASE_URL="mysql://root:secret@db/x")
    said = shell("migrate")
    said.refuses(3, "ALMONER_DATABASE_URL is not a PostgreSQL connection string")
    assert "secret" not in said.stderr


def test_a_server_of_others_is_not_stopped(shell: CommandLine) -> None:
    shell("stop").refuses(1, "ALMONER_DATABASE_URL names a server of yours")
    shell("status").ends(0)


def test_the_embedded_server_is_started_by_use_told_of_and_stopped(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    shell = CommandLine({"ALMONER_HOME": str(home)}, capsys, monkeypatch)
    before = shell("status", "--json").ends(3).json
    assert before["database"] == {
        "kind": "embedded",
        "where": str(home),
        "running": False,
        "version": None,
    }
    assert not EmbeddedServer(home).data.exists()
    shell("migrate").ends(0)
    assert shell("status", "--json").ends(0).json["database"]["running"]
    assert shell("stop", "--json").ends(0).json["was_running"]
    assert "not running" in shell("status").ends(3).stdout
    assert not shell("stop", "--json").ends(0).json["was_running"]


def test_what_is_not_understood_is_refused_with_the_usage(shell: CommandLine) -> None:
    shell("stauts").refuses(2, "No such command 'stauts'")
    shell("status", "--jsn").refuses(2, "No such option", "--jsn")
    shell().refuses(2, "Usage: almoner")
    assert "Usage: almoner" in shell("--help").ends(0).stdout
    assert shell("--version").ends(0).stdout.startswith("almoner ")
