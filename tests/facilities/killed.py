"""Programs that are killed with SIGKILL at a certain moment of a certain append.

`Hands` starts them, each a process of its own, and kills them once they are there:

    hands.killed(Moment.WITHIN, give, command, context)
    hands.done(give, command, context)
"""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable
from enum import StrEnum
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

from domain.kernel import Command
from facilities.database import Database, Role
from facilities.dispatch import Dispatcher
from facilities.ledger import Ledger
from facilities.process import Process
from facilities.processes.transfer import transfers
from facilities.service import Context, Service

PATIENCE = 60.0

PROCESSES: dict[str, Process] = {"transfers": transfers}


class Moment(StrEnum):
    """When a program is killed: before it sends an append, while the server is at it, or after it
    is stored and before anybody was told."""

    BEFORE = "before"
    WITHIN = "within"
    AFTER = "after"


class _Mortal(Ledger):
    """Its program comes to a moment of its nth append, says so, and goes no further."""

    def __init__(self, pool: Any, moment: Moment | None, nth: int, says: Connection) -> None:
        super().__init__(pool)
        self._moment, self._left, self._says = moment, nth, says

    def append(self, *arguments: Any) -> list[int]:
        self._left -= 1
        if self._left or self._moment is None:
            return super().append(*arguments)
        self._says.send(self._moment)
        if self._moment is Moment.BEFORE:
            signal.pause()
        positions = super().append(*arguments)
        if self._moment is Moment.WITHIN:
            raise AssertionError("it was to be killed by now")
        self._says.send("stored")
        signal.pause()
        return positions


# --- the programs --------------------------------------------------------------------------------


def give(service: Service, database: Database, command: Command, context: Context) -> None:
    """Somebody gives a command."""
    service.execute(command, context)


def carry(service: Service, database: Database, name: str) -> None:
    """A dispatcher runs a process until there is nothing left to react to."""
    reader = Ledger(database.pool(Role.PROJECTOR))
    dispatcher = Dispatcher(
        service, reader, lambda: database.connect(Role.APP), [PROCESSES[name]], retry_stalled=0.0
    )
    reached = 0
    while (head := reader.head()) > reached:
        dispatcher.run_until(head, PATIENCE)
        reached = head
    dispatcher.close()


def _program(
    database: Database,
    moment: Moment | None,
    nth: int,
    says: Connection,
    does: Callable[..., None],
    *asked: Any,
) -> None:
    with database, _Mortal(database.pool(Role.APP), moment, nth, says) as ledger:
        does(Service(ledger), database, *asked)


# --- who starts them and kills them --------------------------------------------------------------


class Hands:
    """Starts programs on a database, and kills them. `died` counts the kills."""

    def __init__(self, database: Database) -> None:
        self._database, self.died = database, 0
        self._processes = multiprocessing.get_context("forkserver")
        # They know of facilities, too.
        self._processes.set_forkserver_preload([__name__, "tests.facilities.scenes"])

    def done(self, does: Callable[..., None], *asked: Any) -> None:
        """A program that nobody kills; it ends when it is done."""
        program, says = self._begun(None, 1, does, *asked)
        program.join(PATIENCE)
        says.close()
        assert program.exitcode == 0, program

    def killed(self, moment: Moment, does: Callable[..., None], *asked: Any, nth: int = 1) -> bool:
        """A program that is killed at a moment of its nth append; whether it came that far."""
        if moment is Moment.WITHIN:
            return self._killed_within(nth, does, *asked)
        program, says = self._begun(moment, nth, does, *asked)
        if not _says(says):
            return self._ended(program)
        assert moment is Moment.BEFORE or _says(says), "the append failed"
        return self._kills(program)

    def _killed_within(self, nth: int, does: Callable[..., None], *asked: Any) -> bool:
        """While the server waits for a lock in the middle of the append. It is released once the
        program is dead: what the server makes of it then nobody is told."""
        with self._database.connect(role=None, autocommit=False) as held:
            held.execute("LOCK TABLE ledger.events IN EXCLUSIVE MODE")
            program, says = self._begun(Moment.WITHIN, nth, does, *asked)
            if not _says(says):
                return self._ended(program)
            waiting = (
                "SELECT count(*) FROM pg_locks WHERE relation = 'ledger.events'::regclass "
                "AND NOT granted"
            )
            with self._database.connect(role=None) as look:
                while look.execute(waiting.encode()).fetchone() == (0,):
                    assert program.is_alive(), "it did not come to the server"
            return self._kills(program)

    def _begun(
        self, moment: Moment | None, nth: int, does: Callable[..., None], *asked: Any
    ) -> tuple[BaseProcess, Connection]:
        hears, says = self._processes.Pipe(duplex=False)
        program = self._processes.Process(
            target=_program, args=(self._database, moment, nth, says, does, *asked), daemon=True
        )
        program.start()
        says.close()
        return program, hears

    def _kills(self, program: BaseProcess) -> bool:
        program.kill()
        program.join(PATIENCE)
        assert program.exitcode == -signal.SIGKILL, program
        self.died += 1
        return True

    def _ended(self, program: BaseProcess) -> bool:
        program.join(PATIENCE)
        assert program.exitcode == 0, program
        return False


def _says(hears: Connection) -> bool:
    """Whether it says that it has come to the moment, and does not end before."""
    assert hears.poll(PATIENCE), "nothing is heard of it"
    try:
        hears.recv()
    except EOFError:
        return False
    return True
