"""The dispatcher: it follows the ledger for all processes, and gives their commands.

A look (`Dispatcher.run_once`) is a numbered procedure:

1. Take the seat of the one dispatcher that acts, or leave it to the process that has it.
2. See how far the order of the ledger is certain.
3. For each process, each event of its facts that it has not reacted to: give all of its commands
   in one append, with the event's position. Killed before, it reacts to the event again; killed
   after, it goes on with the next: each event is reacted to once.
4. A command that is refused, and to whose refusal the process has no answer, is logged; the others
   are given. What is not a refusal but an error (of the process or the program) stalls that process
   at that event, which is told in the status and tried again every half minute; the others go on.

A process that is new to a ledger begins with its first event: its decisions look at what is so now,
so that what is long settled comes to nothing.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from eventsourcing.persistence import OperationalError, Tracking

from domain.kernel import Command, Recorded, Refused, foreign_id
from facilities.answers import Context, Instruction, Outcome, Overtaken
from facilities.ledger import Ledger
from facilities.process import Process
from facilities.scope import Actor, Role
from facilities.seat import Connect, Seat
from facilities.service import Service
from facilities.subscription import WAKE_CHANNEL

log = logging.getLogger(__name__)

LEADER_LOCK = 7030142819263504181
"""The advisory lock of the one dispatcher that acts."""

FAR = 10_000
"""So many positions without an event of its own, and how far a process has come is stored too."""

RETRY_STALLED = 30.0
POLL, TURN = 0.5, 0.05
STANDBY = 1.0
LONGEST_PAUSE = 10.0


@dataclass(slots=True)
class _Follower:
    """A process at work: how far it is, and how far it is known to be when it is started again."""

    process: Process
    position: int
    stored: int
    stalled: bool = False
    retry_at: float = 0.0


class Dispatcher:
    """Runs `processes` over what `reader` reads (in a role that sees all events) by `service`.

    Run it in as many programs as you like; one acts. For a service: `run_forever` in a thread. For
    tests and commands: `run_once`, `run_until`.
    """

    def __init__(
        self,
        service: Service,
        reader: Ledger,
        connect: Connect,
        processes: Sequence[Process],
        retry_stalled: float = RETRY_STALLED,
    ) -> None:
        names = [each.name for each in processes]
        if len(set(names)) < len(names):
            raise TypeError("two processes have one name")
        self._service, self._reader, self._processes = service, reader, tuple(processes)
        self._retry_stalled = retry_stalled
        self._seat = Seat(connect, LEADER_LOCK, "the processes")
        self._followers: list[_Follower] | None = None
        self._stop = threading.Event()

    # --- running ---------------------------------------------------------------------------------

    def run_forever(self, stop: threading.Event) -> None:
        """React to whatever is recorded until `stop` is set; outlives the loss of the database."""
        pause, self._stop = POLL, stop
        try:
            while not stop.is_set():
                try:
                    reacted = self.run_once()
                    if not self._seat.held:
                        stop.wait(STANDBY)
                    elif not reacted:
                        self._wait(POLL)
                    pause = POLL
                except Exception as error:
                    log.error(
                        "processes interrupted, trying again in %.1f s: %s",
                        pause,
                        type(error).__name__,
                        exc_info=not isinstance(error, psycopg.Error | OperationalError),
                    )
                    self._followers = None
                    stop.wait(pause)
                    pause = min(pause * 2, LONGEST_PAUSE)
        finally:
            self.close()

    def run_until(self, position: int, timeout: float = 60.0) -> None:
        """React to everything up to a position, and to what follows from that up to there. Raises
        TimeoutError, also where a process is stalled or another dispatcher does not get there."""
        deadline = time.monotonic() + timeout
        while True:
            self.run_once()
            behind = [each for each in self._followers or () if each.position < position]
            if self._followers is not None and not behind:
                return
            if time.monotonic() > deadline:
                raise TimeoutError(f"not at {position}: {[each.process.name for each in behind]}")
            self._wait(TURN)

    def close(self) -> None:
        """Give up the seat and its session."""
        self._seat.leave()
        self._followers = None

    def run_once(self) -> int:
        """One look, as the module says; how many events were reacted to."""
        if not self._seat.take():
            self._followers = None
            return 0
        if self._followers is None:
            self._followers = [*map(self._begin, self._processes)]
        head = self._reader.recorder.settled()
        if head is None:
            return 0
        return sum([self._follow(each, head) for each in self._followers])

    def _begin(self, process: Process) -> _Follower:
        (status,) = statuses(self._seat.connection, [process])
        stalled = status.stalled_at is not None
        return _Follower(process, status.position, status.position, stalled)

    def _wait(self, seconds: float) -> None:
        """Return when there is something new, after some seconds, or when it is time to stop."""
        session, until = self._seat.connection, time.monotonic() + seconds
        session.execute(f"LISTEN {WAKE_CHANNEL}")
        while not self._stop.is_set() and (left := until - time.monotonic()) > 0:
            for _ in session.notifies(timeout=min(left, TURN), stop_after=1):
                return

    # --- following -------------------------------------------------------------------------------

    def _follow(self, follower: _Follower, head: int) -> int:
        """React to the events of one process up to a position that is certain."""
        if follower.stalled and time.monotonic() < follower.retry_at:
            return 0
        process, reacted = follower.process, 0
        for events in self._reader.scan(follower.position, head, facts=process.facts):
            for event in events:
                if self._stop.is_set() or not self._tried(follower, event):
                    return reacted
                reacted += 1
        follower.position = max(follower.position, head)
        if follower.position - follower.stored >= FAR:
            self._service.react([], _nothing_instead, self._tracking(follower, follower.position))
            follower.stored = follower.position
        return reacted

    def _tried(self, follower: _Follower, event: Recorded[Any]) -> bool:
        """React to one event; whether the process may go on."""
        try:
            self._react(follower, event)
        except (psycopg.OperationalError, OperationalError):
            raise
        except Overtaken:
            log.info("%s is led by someone else, looking again", follower.process.name)
            self._seat.leave()
            self._followers = None
            return False
        except Exception as error:  # noqa: BLE001 - one process stalls, the others go on
            self._stall(follower, event, error)
            return False
        if follower.stalled:
            follower.stalled = False
            self._seat.connection.execute(
                "DELETE FROM ledger.stalled_processes WHERE process = %s", [follower.process.name]
            )
        return True

    def _react(self, follower: _Follower, event: Recorded[Any]) -> None:
        process = follower.process
        commands = process.commands(event)
        if commands:
            given = 0

            def instruct(command: Command) -> Instruction:
                nonlocal given
                given += 1
                return command, _context(process, event, given)

            def instead(refused: Instruction, refusal: Refused) -> list[Instruction]:
                return [*map(instruct, process.instead(event, refused[0], refusal))]

            told = self._service.react(
                [*map(instruct, commands)], instead, self._tracking(follower, event.position)
            )
            follower.stored = event.position
            for (command, _), answer in told:
                if not isinstance(answer, Outcome) and not process.answers(command):
                    log.warning(
                        "%s on event %s: %s for %s was refused: %s",
                        process.name,
                        event.position,
                        command.name,
                        getattr(command, command.stream),
                        answer.code if isinstance(answer, Refused) else type(answer).__name__,
                    )
        follower.position = event.position

    def _stall(self, follower: _Follower, event: Recorded[Any], error: Exception) -> None:
        """Take a process out until it is tried again. What is kept names the place and the kind of
        error, never its message: that may quote the fact, and the fact a person."""
        reason = (
            f"{type(error).__name__} in {follower.process.name} "
            f"at position {event.position} ({event.fact.name})"
        )
        self._seat.connection.execute(
            "INSERT INTO ledger.stalled_processes (process, position, reason) VALUES (%s, %s, %s) "
            "ON CONFLICT (process) DO UPDATE SET position = excluded.position, "
            "reason = excluded.reason",
            [follower.process.name, event.position, reason],
        )
        follower.stalled = True
        follower.retry_at = time.monotonic() + self._retry_stalled
        where = error.__traceback__
        while where is not None and where.tb_next is not None:
            where = where.tb_next
        line = "" if where is None else f"{where.tb_frame.f_code.co_filename}:{where.tb_lineno}"
        log.error("process stalled: %s, at %s", reason, line)

    def _tracking(self, follower: _Follower, position: int) -> Tracking:
        return Tracking(follower.process.name, position)


def _context(process: Process, event: Recorded[Any], number: int) -> Context:
    return Context(
        actor=Actor(process.name, Role.SERVICE),
        command_id=foreign_id("process", process.name, event.position, number),
        correlation_id=event.correlation_id,
        causation_id=event.command_id,
        source=f"process/{process.name}",
    )


def _nothing_instead(_instruction: Instruction, _refusal: Refused) -> list[Instruction]:
    return []


# --- status --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class DispatchStatus:
    """How far a process is stored to be, and what stalls it: the position of an event, and a reason
    that names no person. What lies between that and the ledger's head may be none of its facts."""

    name: str
    position: int
    stalled_at: int | None
    stalled_reason: str | None


def statuses(
    connection: psycopg.Connection[Any], processes: Iterable[Process]
) -> list[DispatchStatus]:
    """The status of each process; one that has never reacted to anything stands at zero."""
    followed = dict(
        connection.execute(
            "SELECT application_name, notification_id FROM ledger.tracking"
        ).fetchall()
    )
    stalled = {
        process: (position, reason)
        for process, position, reason in connection.execute(
            "SELECT process, position, reason FROM ledger.stalled_processes"
        )
    }
    return [
        DispatchStatus(
            name=each.name,
            position=followed.get(each.name, 0),
            stalled_at=stalled.get(each.name, (None, None))[0],
            stalled_reason=stalled.get(each.name, (None, None))[1],
        )
        for each in processes
    ]
