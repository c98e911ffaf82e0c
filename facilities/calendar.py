"""The calendar: what a facility does by itself when a day begins there, by its own clock.

A look at the calendar (`Calendar.run_due`) is a numbered procedure:

1. Take the seat of the one calendar that acts, or leave it to the process that has it.
2. Tell which day it is at each facility. A day has begun when the clock of the facility's zone
   shows its date: at midnight, or later where the clock is put forward over midnight.
3. For each standing procedure, and all facilities at which the same day has begun and has not been
   done: ask what is due, and send one command for each row, some hundreds of them in one append. A
   command's id is made of the procedure, the day and the row, so that sending it again changes
   nothing. One that is refused is logged; the others go on.
4. Where a whole batch fails, its halves are tried, down to the command it was for: that one is
   logged, the others are recorded, and the day of its facility is not done.
5. Remember that the day is done: in memory, and nowhere else. What is due lies in rows until it is
   done, so a calendar that slept over a midnight, or takes the seat of another, asks for all of it.

Where nothing can be asked or recorded (the database is away, a read model lags), the day is not
done, and the next look begins where this one stopped.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import islice
from types import TracebackType
from typing import Any, NamedTuple, Self
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import psycopg
from apscheduler.schedulers.background import BackgroundScheduler
from eventsourcing.persistence import InterfaceError, OperationalError

from domain.kernel import Command, Refused, foreign_id
from facilities.answers import Context, Outcome
from facilities.scope import Actor, Role
from facilities.seat import Connect, Seat
from facilities.service import Service

log = logging.getLogger(__name__)

CALENDAR = Actor("calendar", Role.SERVICE)
"""Who gives the commands."""

LEADER_LOCK = 7030142819263504180
"""The advisory lock of the one calendar that acts."""

Facilities = Callable[[], Iterable[tuple[UUID, str]]]
"""Gives every facility with its IANA zone."""

BATCH = 500
"""How many commands are sent in one append."""

AWAY = (OperationalError, InterfaceError, psycopg.OperationalError, psycopg.InterfaceError)
"""What says that the database is not there: no fault of a command's."""


class Errand(NamedTuple):
    """A command that is due at a facility, and the key of the row it comes from (ids, days,
    texts)."""

    facility_id: UUID
    key: tuple[object, ...]
    command: Command


Due = Callable[[Sequence[UUID], date], Iterable[Errand]]
"""Gives what is due at these facilities on a day that has begun at all of them."""


@dataclass(frozen=True, slots=True)
class Procedure:
    """A standing procedure: its name, which is part of its commands' ids, and what is due by it."""

    name: str
    due: Due


@dataclass(frozen=True, slots=True)
class Chore:
    """What is done every so many seconds, by the calendar that acts and no other."""

    name: str
    every: float
    do: Callable[[], object]


class Calendar:
    """Looks every minute what is due where; of several processes that do so, one acts.

    For a service: `start` and `stop`, or as a context manager. For tests and commands: `run_due`.
    `now` is the service's clock unless another is given. `stopping` is set while it is to stop: who
    is asked what is due and has to wait for the answer may look at it.
    """

    def __init__(
        self,
        service: Service,
        connect: Connect,
        facilities: Facilities,
        procedures: Sequence[Procedure],
        chores: Sequence[Chore] = (),
        now: Callable[[], datetime] | None = None,
    ) -> None:
        self._service, self._facilities, self._procedures = service, facilities, procedures
        self._chores = chores
        self._now = service.now if now is None else now
        self._seat = Seat(connect, LEADER_LOCK, "the calendar")
        self._done: dict[tuple[str, UUID], date] = {}
        self.stopping = threading.Event()
        self._clock: Any = None

    # --- running ---------------------------------------------------------------------------------

    def start(self) -> None:
        """Look now, and at the beginning of every minute from now on, in a thread."""
        self._clock = BackgroundScheduler(timezone=UTC)
        self._clock.add_job(
            self._look,
            "cron",
            second=0,
            next_run_time=datetime.now(UTC),
            # A minute in which the machine slept, or a long look was not over, is no loss.
            coalesce=True,
            misfire_grace_time=None,
        )
        for each in self._chores:
            self._clock.add_job(
                self._do,
                "interval",
                args=[each],
                seconds=each.every,
                coalesce=True,
                misfire_grace_time=None,
            )
        self._clock.start()

    def stop(self) -> None:
        """Give up the seat, after the command that is being given."""
        self.stopping.set()
        if self._clock is not None:
            self._clock.shutdown()
            self._clock = None
        self._seat.leave()
        self.stopping.clear()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _look(self) -> None:
        try:
            self.run_due()
        except Exception:
            log.warning("cannot look at the calendar, trying again in a minute", exc_info=True)

    def _do(self, chore: Chore) -> None:
        if not self._seat.held:
            return
        try:
            chore.do()
        except Exception:
            log.warning("%s: failed, to be tried again", chore.name, exc_info=True)

    # --- working ---------------------------------------------------------------------------------

    @property
    def leads(self) -> bool:
        """Whether this is the calendar that acts, as far as it knows."""
        return self._seat.held

    def run_due(self) -> int:
        """Do what is due now, as the module says; how many commands recorded something.

        A procedure that fails is logged and leaves the others alone. Raises what the database
        raises where the facilities cannot be asked for.
        """
        if not self._seat.take():
            return 0
        days = list(self._days())
        recorded = 0
        for procedure in self._procedures:
            for day, facility_ids in self._undone(procedure, days):
                try:
                    for count in self._run(procedure, facility_ids, day):
                        recorded += count
                except Exception:
                    log.warning(
                        "%s: interrupted, to be gone on with", procedure.name, exc_info=True
                    )
        return recorded

    def _days(self) -> Iterator[tuple[UUID, date]]:
        now = self._now()
        for facility_id, zone in self._facilities():
            try:
                yield facility_id, now.astimezone(ZoneInfo(zone)).date()
            except (ZoneInfoNotFoundError, ValueError):
                log.error("facility %s: there is no zone %s on this machine", facility_id, zone)

    def _undone(
        self, procedure: Procedure, days: Iterable[tuple[UUID, date]]
    ) -> list[tuple[date, list[UUID]]]:
        """The facilities whose day has not been done, by the day it is there."""
        # Another day, not a later one: a facility may move to a zone where it is still yesterday.
        undone: dict[date, list[UUID]] = {}
        for facility_id, day in days:
            if self._done.get((procedure.name, facility_id)) != day:
                undone.setdefault(day, []).append(facility_id)
        return list(undone.items())

    def _run(self, procedure: Procedure, facility_ids: Sequence[UUID], day: date) -> Iterator[int]:
        """Do what is due, as much at a time as is sent at once; tells how many commands of each
        batch recorded something. Before each of them: is it still for this calendar to do?"""
        if not self._may_act():
            return
        failed: set[UUID] = set()
        due = iter(procedure.due(facility_ids, day))
        while batch := list(islice(due, BATCH)):
            if not self._may_act():
                return
            yield self._send(procedure, day, batch, failed)
        done = [each for each in facility_ids if each not in failed]
        self._done.update({(procedure.name, each): day for each in done})

    def _may_act(self) -> bool:
        return not self.stopping.is_set() and self._seat.take()

    def _send(
        self, procedure: Procedure, day: date, batch: Sequence[Errand], failed: set[UUID]
    ) -> int:
        """Give a batch of commands; how many recorded something. `failed` are the facilities of
        those that could be neither recorded nor refused."""
        try:
            answers = self._service.execute_all(
                [(each.command, _context(procedure, day, each)) for each in batch]
            )
        except AWAY:
            raise
        except Exception:
            if len(batch) > 1:
                half = len(batch) // 2
                return sum(
                    self._send(procedure, day, part, failed)
                    for part in (batch[:half], batch[half:])
                )
            (errand,) = batch
            failed.add(errand.facility_id)
            log.exception("%s", _told(procedure, day, errand, "failed"))
            return 0
        recorded = 0
        for errand, answer in zip(batch, answers, strict=True):
            if isinstance(answer, Outcome):
                recorded += bool(answer.facts) and not answer.replayed
            else:
                code = answer.code if isinstance(answer, Refused) else type(answer).__name__
                log.warning("%s", _told(procedure, day, errand, f"was refused: {code}"))
        return recorded


def _context(procedure: Procedure, day: date, errand: Errand) -> Context:
    its_id = foreign_id("calendar", procedure.name, day, errand.facility_id, *errand.key)
    return Context(
        actor=CALENDAR, command_id=its_id, keyed=True, source=f"calendar/{procedure.name}"
    )


def _told(procedure: Procedure, day: date, errand: Errand, what: str) -> str:
    command = errand.command
    of: UUID = getattr(command, command.stream)
    return (
        f"{procedure.name} on {day} at facility {errand.facility_id}: "
        f"{command.name} for {of} {what}"
    )
