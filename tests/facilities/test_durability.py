"""Acknowledged means committed and synced: nothing acknowledged is lost or doubled by a kill."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest
from eventsourcing.persistence import PersistenceError

from domain.kernel import foreign_id
from facilities.database import Database, DatabaseUnavailable, Role
from facilities.ledger import Ledger
from facilities.service import Context, Outcome, Service
from migrations import migrate
from tests.conftest import new_server
from tests.domain.places import RIVERSIDE
from tests.facilities.scenes import ADMINISTRATOR, a_charge, a_claim, opening, said_by

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


def work(home: Path, name: str, number: int) -> None:
    """A desk that drafts and charges claims, and says what it was answered, until it is killed.

    Like any good client it sends a request again, under the same id, while it has no answer.
    """
    with at(home) as (_, service):
        while True:
            claim_id = foreign_id("durability", name, number)
            for line, command in enumerate([a_claim(claim_id), a_charge("10.00", claim_id)]):
                request = Context(
                    actor=ADMINISTRATOR,
                    command_id=foreign_id("durability/command", name, number, line),
                    keyed=True,
                )
                outcome = until_answered(lambda: service.execute(command, request))  # noqa: B023
                print(request.command_id, claim_id, outcome.version, flush=True)
            number += 1


def until_answered(ask: Callable[[], Outcome]) -> Outcome:
    """Ask until the server can be reached. What it answers then is the answer, also a refusal."""
    while True:
        try:
            return ask()
        except (PersistenceError, DatabaseUnavailable) as error:
            print(f"again: {error}", file=sys.stderr)


@contextmanager
def at(home: Path) -> Iterator[tuple[Ledger, Service]]:
    """The ledger and the service of a home, its server started where it is not running."""
    with (
        Database.embedded(new_server(home, durable=True)) as database,
        Ledger(database.pool(Role.APP)) as ledger,
    ):
        yield ledger, Service(ledger)


class Desk:
    """A process that works, and what it was told."""

    def __init__(self, home: Path, name: str) -> None:
        self.acknowledged: dict[UUID, tuple[UUID, int]] = {}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.facilities.test_durability", str(home), name],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def hears(self, answers: int) -> None:
        """Wait until it has been told so many more answers."""
        assert self._process.stdout is not None
        for _ in range(answers):
            line = self._process.stdout.readline()
            assert line, "the desk has gone"
            self._note(line)

    def is_killed(self) -> None:
        """It is heard to the end; a second time changes nothing."""
        assert self._process.stdout is not None
        if self._process.stdout.closed:
            return
        self._process.kill()
        for line in self._process.stdout:
            if line.endswith("\n"):
                self._note(line)
        self._process.stdout.close()
        self._process.wait()

    def _note(self, line: str) -> None:
        command_id, claim_id, version = line.split()
        self.acknowledged[UUID(command_id)] = UUID(claim_id), int(version)


@pytest.fixture
def desks(home: Path) -> Iterator[list[Desk]]:
    """Three desks at work at one facility."""
    with Database.embedded(new_server(home, durable=True)) as database:
        with database.connect(role=None) as login:
            migrate(login)
        with Ledger(database.pool(Role.APP)) as ledger:
            Service(ledger).execute(opening(), said_by())
    working = [Desk(home, name) for name in "ABC"]
    try:
        yield working
    finally:
        for each in working:
            each.is_killed()


def test_what_was_acknowledged_survives_the_server_being_killed(
    home: Path, desks: list[Desk]
) -> None:
    server = new_server(home, durable=True)
    for _ in range(3):
        for desk in desks:
            desk.hears(30)
        os.kill(int((server.data / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
        # They find out, start the server again, and send once more what was not answered.
        for desk in desks:
            desk.hears(30)
    for desk in desks:
        desk.is_killed()
    assert_everything_acknowledged_is_there_once(home, desks)


def test_what_was_acknowledged_survives_the_writer_being_killed(
    home: Path, desks: list[Desk]
) -> None:
    lives = [*desks]
    for life in range(6):
        desk = desks[life % 3]
        desk.hears(40 * (1 + life // 3))
        desk.is_killed()
        # Its successor begins at the beginning, is answered what its forerunner was, and goes on.
        desks[life % 3] = Desk(home, "ABC"[life % 3])
        lives.append(desks[life % 3])
    for desk in desks:
        desk.hears(120)
        desk.is_killed()
    assert_everything_acknowledged_is_there_once(home, lives)


def test_acknowledged_means_synced(home: Path, desks: list[Desk]) -> None:
    """A killed server keeps what the kernel has; a power failure keeps what was synced."""
    with Database.embedded(new_server(home, durable=True)) as database:
        for role in (Role.APP, Role.OWNER):
            with database.connect(role) as connection:
                for setting in ("fsync", "synchronous_commit", "full_page_writes"):
                    assert connection.execute(f"SHOW {setting}".encode()).fetchone() == ("on",)


def assert_everything_acknowledged_is_there_once(home: Path, desks: list[Desk]) -> None:
    acknowledged = {command: told for desk in desks for command, told in desk.acknowledged.items()}
    with at(home) as (ledger, _):
        recorded = [each for each in ledger.read(0, 100_000) if each.facility_id == RIVERSIDE]
    assert recorded[0].stream_id == RIVERSIDE
    commands = Counter(each.command_id for each in recorded)
    assert max(commands.values()) == 1
    found = {each.command_id: (each.stream_id, each.version) for each in recorded}
    assert {command: found.get(command) for command in acknowledged} == acknowledged
    assert len(acknowledged) >= 180
    # What was done and not acknowledged is what was under way when a desk was killed.
    assert len(recorded) - 1 - len(acknowledged) <= len(desks)
    charged = [each.fact.amount for each in recorded if each.version == 2]
    assert set(charged) == {Decimal("10.00")}


if __name__ == "__main__":
    work(Path(sys.argv[1]), sys.argv[2], number=1)
