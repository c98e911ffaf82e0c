"""How the program ends: with a code that means something, and never with a mess."""

from __future__ import annotations

import pytest

from facilities.database import DatabaseUnavailable
from migrations import MigrationRefused
from tests.web.cli.grammar import CommandLine
from web.cli import logs
from web.cli.exits import ended


def raising(error: BaseException) -> None:
    raise error


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (DatabaseUnavailable("no server there"), 3),
        (MigrationRefused("the program is older than the database"), 3),
        (TimeoutError("another process has been migrating"), 3),
        (KeyboardInterrupt(), 130),
    ],
)
def test_an_error_one_can_do_something_about_is_told_in_one_line(
    error: BaseException, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ended(lambda: raising(error)) == code
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("Error: ")
    assert str(error) in told.err
    assert told.err.count("\n") == 1


def test_a_fault_of_ours_is_told_with_its_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("warning", whole=True)
    assert ended(lambda: raising(ZeroDivisionError("a fault"))) == 70
    told = capsys.readouterr()
    assert told.out == ""
    assert "Traceback" in told.err
    assert "ZeroDivisionError: a fault" in told.err


def test_a_server_tells_of_a_fault_in_one_line_without_its_message(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logs.configure("info")
    ended(lambda: raising(ValueError("patient Ada\nLovelace")))
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert "ValueError in raising (test_exits.py:" in told
    assert "Ada" not in told


def test_whoever_stops_reading_is_no_error(shell: CommandLine) -> None:
    with shell.started("status", "--json") as asked:
        assert asked.stdout is not None
        assert asked.stderr is not None
        asked.stdout.close()
        told = asked.stderr.read()
    assert (asked.returncode, told) == (141, "")
