"""The calendar: what a facility does by itself when a day begins there, by its own clock.

A look at the calendar (`Calendar.run_due`) is a numbered procedure:

1. Take the seat of the one calendar that acts, or leave it to the process that has it.
2. Tell which day it is at each facility. A day has begun when the clock of the facility's zone
   shows its date: at midnight, or later where the clock is put forward over midnight.
3. For each standing procedure, and each facility whose day has not been done: ask what is due, and
   send one command for each row. The command's id is made of the procedure, the day and the row, so
   that sending it again changes nothing. One that is refused is logged; the others go on.
4. Remember that the day is done: in memory, and nowhere else. What is due lies in rows until it is
   done, so a calendar that slept over a midnight, or takes the seat of another, asks for all of it.

Where anything but a command fails (the database is away, a read model lags), the day is not done,
and the next look begins where this one stopped.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from types import TracebackType
from typing import Any, Self
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from apscheduler.schedulers.background import BackgroundScheduler

from domain.kernel import Command, Refused, foreign_id
from facilities.answers import Context, KeyReused, NotFound, NotPermitted, StaleVersion
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

Due = Callable[[UUID, date], Iterable[tuple[tuple[object, ...], Command]]]
"""Gives what is due at a facility on a day that has begun there: commands, each under the key of
the row it comes from (ids, days, texts)."""


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
            try:
                for facility_id, day in days:
                    recorded += self._run(procedure, facility_id, day)
            except Exception:
                log.warning("%s: interrupted, to be gone on with", procedure.name, exc_info=True)
        return recorded

    def _days(self) -> Iterator[tuple[UUID, date]]:
        now = self._now()
        for facility_id, zone in self._facilities():
            try:
                yield facility_id, now.astimezone(ZoneInfo(zone)).date()
            except (ZoneInfoNotFoundError, ValueError):
                log.error("facility %s: there is no zone %s on this machine", facility_id, zone)

    def _run(self, procedure: Procedure, facility_id: UUID, day: date) -> int:
        # Another day, not a later one: a facility may move to a zone where it is still yesterday.
        if self._done.get((procedure.name, facility_id)) == day:
            return 0
        if self.stopping.is_set() or not self._seat.take():
            return 0
        recorded = 0
        for key, command in procedure.due(facility_id, day):
            if self.stopping.is_set():
                return recorded
            recorded += self._send(procedure, facility_id, day, key, command)
        self._done[procedure.name, facility_id] = day
        return recorded

    def _send(
        self,
        procedure: Procedure,
        facility_id: UUID,
        day: date,
        key: tuple[object, ...],
        command: Command,
    ) -> bool:
        """Give one command; whether it recorded anything."""
        context = Context(
            actor=CALENDAR,
            command_id=foreign_id("calendar", procedure.name, day, facility_id, *key),
            keyed=True,
            source=f"calendar/{procedure.name}",
        )
        try:
            outcome = self._service.execute(command, context)
        except (Refused, NotFound, NotPermitted, StaleVersion, KeyReused) as refusal:
            log.warning(
                "%s on %s at facility %s: %s for %s was refused: %s",
                procedure.name,
                day,
                facility_id,
                command.name,
                getattr(command, command.stream),
                refusal.code if isinstance(refusal, Refused) else type(refusal).__name__,
            )
            return False
        return bool(outcome.facts) and not outcome.replayed
