"""The one runner: it follows the ledger and folds every read model, in batches.

Run it in as many processes as you like: they share the models (`projections.leases`). A step is a
numbered procedure (`run_once`); everything that can go wrong in it has one of three
ends: the step is tried again later (the database is away), someone else has taken over (and it
looks again), or one model stalls at one event and the others go on.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from types import TracebackType
from typing import Any, Self

from domain.kernel import Recorded
from projections.building import Builder
from projections.courses import Overtaken
from projections.crew import Crew
from projections.failures import passes, told
from projections.kernel import ReadModel
from projections.leadership import Connect, Wake
from projections.leases import Leases
from projections.reading import Reader
from projections.rebuild import Report, rebuild
from projections.shadow import forget, prepare, swap, undeclared
from projections.status import ModelStatus, statuses
from projections.writing import Target, advance

log = logging.getLogger(__name__)

FIRST_BATCH = 500
LARGEST_BATCH = 5_000
MUCH = 20_000
"""With so many positions before it, a model is built at once instead of in batches."""
RETRY_STALLED = 30.0
"""Seconds after which a stalled model tries its event again."""
RETRY_SWAP = 10.0
POLL = 0.5
POLL_BUILDING = 0.02
"""While a model is built at once: there may be a hundred of them, one after the other."""
STANDBY = 1.0
LONGEST_PAUSE = 10.0
HEARTBEAT = 1.0

Progress = Callable[[str, int, int], None]
"""Told how far a rebuild has come: model, position reached, position to reach."""


class Runner:
    """Folds `models` from what `reader` reads. `connect` gives a new connection in the role of the
    projector. Models that are not among `models` lose their tables when this runner comes and no
    other is there: always hand it all of them. What is built at once is built by the `crew`, where
    there is one.

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
        crew: Crew | None = None,
    ) -> None:
        self._connect, self._reader, self._models = connect, reader, tuple(models)
        if len({each.name for each in self._models}) != len(self._models):
            raise TypeError("two read models have one name")
        self._first_batch = self._batch = first_batch
        self._largest_batch = max(first_batch, largest_batch)
        self._retry_stalled, self._much = retry_stalled, much
        self._builder = Builder(connect, reader, much, progress, crew)
        self._progress = progress
        self._seat = Leases(connect, [each.name for each in self._models])
        self._stays = False
        self._wake = Wake(connect)
        self._targets: list[Target] | None = None
        self._retry_at = self._swap_at = self._look_at = 0.0

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
        """Give up the models and every connection. The runner can be used again afterwards."""
        self._let_go()
        self._stays = False
        self._wake.close()

    # --- running --------------------------------------------------------------------------------

    def run_forever(self, stop: threading.Event) -> None:
        """Fold whatever is appended until `stop` is set; outlives the loss of the database."""
        pause, self._stays = POLL, True
        try:
            while not stop.is_set():
                try:
                    folded = self.run_once()
                    if not self._seat.held:
                        stop.wait(STANDBY)
                    elif not folded:
                        self._wake.wait(self._pause, stop)
                    pause = POLL
                except Exception as error:  # noqa: BLE001 - it must never die silently
                    log.error("interrupted, trying again in %.1f s: %s", pause, told(error))
                    self._let_go()
                    stop.wait(pause)
                    pause = min(pause * 2, LONGEST_PAUSE)
        finally:
            self.close()

    def run_until(self, position: int, timeout: float = 60.0) -> None:
        """Fold until every model that is not stalled has reached a position. Raises TimeoutError,
        also where another runner folds them and does not get there."""
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
                self._wake.wait(min(self._pause, max(0.01, deadline - time.monotonic())), never)

    def run_once(self) -> int:
        """One step; how many events were folded, 0 where there was nothing or others fold.

        1. Take the models that are this runner's share, or return where there are none. Of those
           that are taken, see what there is (`prepare`).
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

    @property
    def _pause(self) -> float:
        """How long nothing is looked for, where nothing wakes it."""
        return POLL_BUILDING if self._builder.busy else POLL

    def _behind(self, position: int) -> list[str]:
        """The models that are still to reach a position."""
        mine = {each.model.name for each in self._targets or ()}
        waiting = [each.name for each in self._moving() if each.suffix or each.position < position]
        if len(mine) < len(self._models):
            waiting += [
                each.name
                for each in self.status()
                if each.name not in mine
                and each.stalled_at is None
                and (each.position < position or each.rebuilding is not None)
            ]
        return waiting

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
        """See which models are this runner's; whether there are any.

        Models that were handed over are folded no more from here on; what is new is prepared. The
        look is the heartbeat, too: without anything to write, a lost session would go unnoticed.
        """
        if not self._seat.held or time.monotonic() >= self._look_at:
            if not self._seat.connected:
                self._targets = None
            self._hand_over(self._seat.settle(stays=self._stays))
            self._look_at = time.monotonic() + HEARTBEAT
        held = self._seat.held
        if self._targets is None:
            self._retry_at = 0.0
            if self._seat.alone:
                self._clear_away()
        known = [each for each in self._targets or () if each.model.name in held]
        names = {each.model.name for each in known}
        new = [each for each in self._models if each.name in held and each.name not in names]
        if new:
            log.info("folding %s", ", ".join(each.name for each in new))
            known += prepare(self._seat.connection, new, self._reader.head(), self._much)
        self._targets = known
        return bool(known)

    def _hand_over(self, models: Sequence[str]) -> None:
        """Let others have models; what is written of them must have ended before."""
        if any(
            each.model.name in models and self._builder.builds(each) for each in self._targets or ()
        ):
            self._builder.stop()
        self._seat.give_back(models)

    def _clear_away(self) -> None:
        """Drop the tables of models that are declared no more. Only where no other runner is there,
        which may be of a newer version and declare them, and only with their lease in hand."""
        for name in undeclared(self._seat.connection, self._models):
            model = name.partition("__")[0]
            if self._seat.try_one(model):
                forget(self._seat.connection, name)
                self._seat.release(model)

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
            if passes(error) or self._seat.connection.closed:
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
        target.forget()
        self._retry_at = time.monotonic() + self._retry_stalled
        log.error(
            "read model stalled: %s, stream %s version %s, at %s",
            reason,
            event.stream_id,
            event.version,
            told(error),
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
