"""A simulated system: the same numbers give the same one; a demo shows one to whoever is new."""

from __future__ import annotations

import re
import shlex
import signal
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from facilities.database import Database
from facilities.scope import Role
from tests.conftest import MASTERS
from tests.facilities.scenes import opening, said_by
from tests.web.cli.grammar import CommandLine
from web.bootstrap import Almoner
from web.cli import demo

A_SMALL_SYSTEM = ("--facilities", "2", "--days", "5", "--seed", "3", "--until", "2026-01-31")


def test_the_same_options_simulate_a_system_once(shell: CommandLine) -> None:
    first = shell("simulate", *A_SMALL_SYSTEM, "--json").ends(0).json
    assert (first["first_day"], first["last_day"]) == ("2026-01-27", "2026-01-31")
    assert (first["already_there"], first["refused"]) == (0, {})
    second = shell("simulate", *A_SMALL_SYSTEM, "--json").ends(0).json
    assert second["facts_recorded"] == 0
    assert second["already_there"] == second["commands"] == first["commands"]


def test_what_was_simulated_is_in_the_totals(shell: CommandLine) -> None:
    simulated = shell("simulate", *A_SMALL_SYSTEM, "--json").ends(0).json
    told = shell("report", "totals", "--json").ends(0).json
    assert told["facilities"] == 2
    assert told["claims"] == simulated["facts"]["claim.drafted"]
    assert told["stock_issues"] == simulated["facts"]["stock_item.issued"]


def test_people_read_how_often_what_happened(shell: CommandLine) -> None:
    said = shell("simulate", *A_SMALL_SYSTEM).ends(0)
    assert re.search(r"^facility\.opened +2$", said.stdout, re.MULTILINE)
    assert "days: 5 of 5" in said.stderr


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--facilities", "0"], ["'--facilities'", "0 is not in the range"]),
        (["--days", "x"], ["'--days'", "'x' is not a valid integer"]),
        (["--until", "31.1.2026"], ["'--until'", "'31.1.2026' does not match"]),
        (["--until", "9999-01-01"], ["'--until'", "9999-01-01 lies in the future"]),
    ],
)
def test_what_cannot_be_simulated_is_refused(
    shell: CommandLine, options: list[str], words: list[str]
) -> None:
    shell("simulate", *A_SMALL_SYSTEM, *options).refuses(2, *words)
    shell("simulate").refuses(2, "Missing option '--facilities'")


def invited(shell: CommandLine, *options: str) -> tuple[subprocess.Popen[str], list[str]]:
    """A demo that serves, and what it said."""
    process = shell.started("demo", "--port", "0", *options, stderr=subprocess.DEVNULL)
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line.rstrip())
        if line.startswith("Ctrl-C"):
            break
    return process, lines


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="a server of its own")
def test_a_demo_invites_to_requests_that_work(shell: CommandLine, database: Database) -> None:
    process, lines = invited(shell)
    try:
        requests = [shlex.split(line) for line in lines if line.startswith("  curl ")]
        assert len(requests) == 3
        for request in requests:
            answered = subprocess.run(
                [*request, "--fail"], capture_output=True, text=True, check=True
            )
            assert '"position"' in answered.stdout
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
    finally:
        process.kill()
        process.communicate()
    do_all_that_is_due(database)
    simulated = shell("report", "totals", "--json").json
    assert simulated["facilities"] == demo.FACILITIES

    process, lines = invited(shell)
    process.kill()
    process.communicate()
    assert shell("report", "totals", "--json").json == simulated
    assert [each["actor"] for each in shell("token", "list", "--json").json["tokens"]] == [
        "demo",
        "demo",
    ]


def do_all_that_is_due(database: Database) -> None:
    """Do what the processes and the calendar had not come to when they were stopped. A calendar
    that finds a list behind looks again a minute later."""
    with Almoner.on(database, masters=MASTERS) as almoner, almoner.runner() as runner:
        dispatcher, calendar, seen = almoner.dispatcher(), almoner.calendar(), -1
        while seen != (seen := almoner.ledger.head()):
            dispatcher.run_until(seen)
            runner.run_until(almoner.ledger.head(), timeout=120)
            calendar.run_due()
        calendar.stop()
        dispatcher.close()


def test_a_demo_that_was_interrupted_goes_on_with_the_day_it_began(
    database: Database,
) -> None:
    with Almoner.on(database, masters=MASTERS) as almoner:
        assert demo.last_day_to_simulate(almoner) == datetime.now(UTC).date()
        almoner.service.execute(opening(), said_by(demo.DEMO))
        (begun,) = almoner.ledger.read(0, 1)
        assert demo.last_day_to_simulate(almoner) == begun.recorded_at.date()
        almoner.tokens.create("demo", Role.AUDITOR)
        assert demo.last_day_to_simulate(almoner) is None


def test_a_ledger_with_something_in_it_is_not_simulated_into(
    shell: CommandLine, database: Database
) -> None:
    shell("simulate", *A_SMALL_SYSTEM).ends(0)
    with Almoner.on(database, masters=MASTERS) as almoner:
        assert demo.last_day_to_simulate(almoner) is None
