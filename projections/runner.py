"""The one runner: it follows the ledger and folds every read model, in batches.

Run it in as many processes as you like: one leads, the others wait for its seat. A step of the
leader is a numbered procedure (`run_once`); everything that can go wrong in it has one of three
ends: the step is tried again later (the database is away), someone else has taken over (and it
looks again), or one model stalls at one event and the others go on.
"""

from __future__ import annotations

import logging
import threading
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import groupby
from types import TracebackType
from typing import Any, Protocol, Self

import psycopg

from domain.kernel import Recorded
from projections.building import Builder
from projections.crew import Crew
from projections.kernel import ReadModel
from projections.leadership import LEADER_LOCK, Connect, Seat, Wake
from projections.rebuild import Report, rebuild
from projections.shadow import prepare, swap
from projections.status import ModelStatus, statuses
from projections.writing import Overtaken, Target, advance

log = logging.getLogger(__name__)

FIRST_BATCH = 500
LARGEST_BATCH = 5_000
MUCH = 20_000
"""With so many positions before it, a model is built at once instead of in batches."""
RETRY_STALLED = 30.0
"""Seconds after which a stalled model tries its event again."""
RETRY_SWAP = 10.0
POLL = 0.5
STANDBY = 1.0
LONGEST_PAUSE = 10.0
HEARTBEAT = 1.0

Progress = Callable[[str, int, int], None]
"""Told how far a rebuild has come: model, position reached, position to reach."""


class Reader(Protocol):
    """The ledger, as far as the runner needs it."""

    def read(self, after: int, limit: int) -> Sequence[Recorded[Any]]:
        """Events beyond a position, in order, at most `limit`; only those that no event can still
        come before."""

    def scan(
        self,
        after: int,
        upto: int,
        facts: Sequence[str] = (),
        partition: tuple[int, int] | None = None,
    ) -> Iterator[Sequence[Recorded[Any]]]:
        """All events beyond a position up to one that is certain, in order and in stretches: those
        of some facts, and of a part of the facilities."""

    def count(self, after: int, upto: int) -> int:
        """How many events there are beyond a position, up to another."""

    def head(self) -> int:
        """The largest position there is, 0 in an empty ledger."""

    def position_at(self, instant: datetime) -> int:
        """The largest position recorded by an instant."""


class Runner:
    """Folds `models` from what `reader` reads. `connect` gives a new connection in the role of the
    projector. Models that are not among `models` lose their tables when this runner leads: always
    hand it all of them.

    For tests and commands: `run_once`, `run_until`. For a service: `run_forever` in a thread.
    """

    def __init__(
        self,
        connect: Connect,
        reader: Reader,
        models: Iterable[ReadModel[Any]],
        *,
        first_batch: int = FIRST_BATCH,
        largest_batch: int = LARGEST_BATCH,
        retry_stalled: float = RETRY_STALLED,
        much: int = MUCH,
        progress: Progress = lambda _model, _done, _total: None,
    ) -> None:
        self._connect, self._reader, self._models = connect, reader, tuple(models)
        if len({each.name for each in self._models}) != len(self._models):
            raise TypeError("two read models have one name")
        self._first_batch = self._batch = first_batch
        self._largest_batch = max(first_batch, largest_batch)
        self._retry_stalled, self._much = retry_stalled, much
        self._builder = Builder(connect, reader, much, progress)
        self._progress = progress
        self._seat = Seat(connect, LEADER_LOCK)
        self._wake = Wake(connect)
        self._targets: list[Target] | None = None
        self._retry_at = self._swap_at = self._beat_at = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give up the seat and every connection. The runner can be used again afterwards."""
        self._let_go()
        self._wake.close()

    # --- running --------------------------------------------------------------------------------

    def run_forever(self, stop: threading.Event) -> None:
        """Fold whatever is appended until `stop` is set; outlives the loss of the database."""
        pause = POLL
        try:
            while not stop.is_set():
                try:
                    folded = self.run_once()
                    if not self._seat.held:
                        stop.wait(STANDBY)
                    elif not folded:
                        self._wake.wait(POLL, stop)
                    pause = POLL
                except Exception as error:  # noqa: BLE001 - it must never die silently
                    log.error("interrupted, trying again in %.1f s: %s", pause, _told(error))
                    self._let_go()
                    stop.wait(pause)
                    pause = min(pause * 2, LONGEST_PAUSE)
        finally:
            self.close()

    def run_until(self, position: int, timeout: float = 60.0) -> None:
        """Fold until every model that is not stalled has reached a position. Raises TimeoutError,
        also where another runner leads and does not get there."""
        deadline = time.monotonic() + timeout
        never = threading.Event()
        while True:
            folded = self.run_once()
            waiting = self._behind(position)
            if not waiting:
                return
            if time.monotonic() > deadline:
                raise TimeoutError(f"not at position {position}: {', '.join(waiting)}")
            if not folded:
                self._wake.wait(min(POLL, max(0.01, deadline - time.monotonic())), never)

    def run_once(self) -> int:
        """One step; how many events were folded, 0 where there was nothing or another leads.

        1. Take the seat, or return. On taking it, see what there is (`prepare`).
        2. Let stalled models try again, now and then.
        3. A model that is new to a long ledger is built by a thread of its own, and then joins the
           others.
        4. Models that stand at the same position go together, those that are furthest first: what
           is live does not wait for what is being rebuilt. A group that lags behind reads up to
           where the next one stands, and joins it there.
        5. A rebuilt model that has read everything takes the place of the live one.
        """
        if not self._lead():
            return 0
        assert self._targets is not None
        try:
            self._retry()
            self._builder.go_on(self._seat.connection, self._targets)
            followed = [each for each in self._targets if not self._builder.builds(each)]
            folded = 0
            for targets in _groups(followed):
                folded += self._follow(targets)
            self._swap()
        except Overtaken:
            log.info("a checkpoint was moved by someone else, looking again")
            self._builder.stop()
            self._targets = None
            return 0
        return folded

    def _behind(self, position: int) -> list[str]:
        """The models that are still to reach a position."""
        if self._targets is not None:
            return [each.name for each in self._moving() if each.suffix or each.position < position]
        return [
            each.name
            for each in self.status()
            if each.stalled_at is None and (each.position < position or each.rebuilding is not None)
        ]

    def status(self) -> list[ModelStatus]:
        """How far each model is, and what stalls it. From any thread, whoever leads."""
        with self._connect() as connection:
            return statuses(connection, self._models, self._reader.head())

    def rebuild(
        self,
        names: Iterable[str] | None = None,
        progress: Progress = lambda _model, _done, _total: None,
        crew: Crew | None = None,
    ) -> list[Report]:
        """Fold models again from the beginning, compare, and swap; see `projections.rebuild`."""
        wanted = {each.name for each in self._models} if names is None else set(names)
        unknown = wanted - {each.name for each in self._models}
        if unknown:
            raise KeyError(f"no such read model: {', '.join(sorted(unknown))}")
        models = [each for each in self._models if each.name in wanted]
        return rebuild(self._connect, self._reader, models, self._largest_batch, progress, crew)

    # --- leading --------------------------------------------------------------------------------

    def _lead(self) -> bool:
        if not self._seat.held:
            self._targets = None
            if not self._seat.take():
                return False
            log.info("leading the read models")
        if self._targets is None:
            self._targets = prepare(
                self._seat.connection, self._models, self._reader.head(), self._much
            )
            self._retry_at = 0.0
        elif time.monotonic() >= self._beat_at:
            # Without anything to write, a lost session would not be noticed, and nobody waited for.
            self._seat.connection.execute("SELECT 1")
            self._beat_at = time.monotonic() + HEARTBEAT
        return True

    def _let_go(self) -> None:
        self._builder.stop()
        self._seat.leave()
        self._targets = None

    # --- folding --------------------------------------------------------------------------------

    def _follow(self, targets: Sequence[Target]) -> int:
        """Read and fold the next batch of a group; how many events it had.

        The first group takes larger batches while there is more than one to fold; the others take
        the largest, and no event beyond where the first one stands.
        """
        furthest = max(each.position for each in self._moving())
        position = targets[0].position
        leading = position == furthest
        limit = self._batch if leading else self._largest_batch
        events = self._reader.read(position, limit)
        caught_up = len(events) < limit
        if leading:
            self._batch = self._first_batch if caught_up else min(limit * 2, self._largest_batch)
        elif events and events[-1].position > furthest:
            events = [each for each in events if each.position <= furthest]
            caught_up = True
        if events:
            self._advance(targets, events)
        for each in targets:
            if each.suffix:
                self._progress(each.model.name, each.position, self._reader.head())
                each.caught_up = caught_up
        return len(events)

    def _advance(self, targets: Sequence[Target], events: Sequence[Recorded[Any]]) -> None:
        """Fold a batch. Where it fails, each model goes alone; where one fails alone, it is halved
        until the event is found that stops it, and what comes before that is folded."""
        try:
            advance(self._seat.connection, targets, events)
            return
        except Exception as error:
            if _passes(error) or self._seat.connection.closed:
                raise
            if len(targets) == len(events) == 1:
                self._stall(targets[0], events[0], error)
                return
        if len(targets) > 1:
            for each in targets:
                self._advance([each], events)
            return
        half = len(events) // 2
        self._advance(targets, events[:half])
        if targets[0].stalled_at is None:
            self._advance(targets, events[half:])

    def _stall(self, target: Target, event: Recorded[Any], error: Exception) -> None:
        """Take a model out until it is tried again. What is kept and logged names the place and the
        kind of error, never its message: that may quote the fact, and the fact a person."""
        reason = (
            f"{type(error).__name__} in {target.model.name} "
            f"at position {event.position} ({event.fact.name})"
        )
        self._seat.connection.execute(
            """
            UPDATE models.checkpoints SET stalled_at = %s, stalled_reason = %s, updated_at = now()
            WHERE model = %s
            """,
            [event.position, reason, target.name],
        )
        target.stalled_at = event.position
        target.memory.forget()
        self._retry_at = time.monotonic() + self._retry_stalled
        log.error(
            "read model stalled: %s, stream %s version %s, at %s",
            reason,
            event.stream_id,
            event.version,
            _told(error),
        )

    def _retry(self) -> None:
        """Give each stalled model the one event that stops it; past that it takes part again."""
        assert self._targets is not None
        stalled = [each for each in self._targets if each.stalled_at is not None]
        if not stalled or time.monotonic() < self._retry_at:
            return
        self._retry_at = time.monotonic() + self._retry_stalled
        for each in stalled:
            events = self._reader.read(each.position, 1)
            if events:
                self._advance([each], events)

    # --- rebuilding -----------------------------------------------------------------------------

    def _swap(self) -> None:
        """Put what has caught up in the place of the live tables; later, where readers will not
        let go of these."""
        assert self._targets is not None
        if time.monotonic() < self._swap_at:
            return
        for place, target in enumerate(self._targets):
            if target.suffix and target.caught_up and target.stalled_at is None:
                live = swap(self._seat.connection, target)
                if live is None:
                    self._swap_at = time.monotonic() + RETRY_SWAP
                else:
                    self._targets[place] = live

    def _moving(self) -> list[Target]:
        return [each for each in self._targets or () if each.stalled_at is None]


def _groups(targets: Sequence[Target]) -> list[list[Target]]:
    """Those that are not stalled, by where they stand, the furthest first."""

    def where(target: Target) -> int:
        return target.position

    moving = sorted((each for each in targets if each.stalled_at is None), key=where, reverse=True)
    return [list(group) for _position, group in groupby(moving, key=where)]


def _passes(error: Exception) -> bool:
    """Whether an error lies in the circumstances and may be gone next time: the database is away,
    busy or full. A limit of PostgreSQL (class 54) that a row exceeds will not go away."""
    if isinstance(error, psycopg.errors.PipelineAborted):
        return False  # follows from an error that each model alone will show
    if isinstance(error, psycopg.OperationalError):
        return not (error.sqlstate or "").startswith("54")
    return isinstance(error, (Overtaken, psycopg.InterfaceError, MemoryError))


def _told(error: Exception) -> str:
    """Where an error was raised, without its message."""
    places = traceback.extract_tb(error.__traceback__)[-3:]
    return f"{type(error).__name__} in " + " < ".join(
        f"{each.name} ({each.filename.rpartition('/')[2]}:{each.lineno})"
        for each in reversed(places)
    )
