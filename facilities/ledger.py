"""The ledger: one eventsourcing application, one total order for the whole health system."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from operator import attrgetter
from typing import Any
from uuid import UUID

import psycopg
from eventsourcing.application import Application
from eventsourcing.persistence import (
    AggregateRecorder,
    InfrastructureFactory,
    Mapper,
    StoredEvent,
    Tracking,
    TrackingRecorder,
    Transcoder,
)
from eventsourcing.utils import Environment, EnvType
from psycopg.rows import TupleRow

from domain.kernel import Fact
from facilities.appending import row
from facilities.codec import decode, encode
from facilities.connections import Pool
from facilities.envelope import Attribution, LedgerEvent, LedgerNotification
from facilities.premises import Premises
from facilities.privacy.keyring import Keyring
from facilities.privacy.sealed_facts import SealedFacts
from facilities.privacy.sealing import PersonKey, key_ids_in, keyed
from facilities.readings import CARRYING, Readings
from facilities.recorder import PATIENCE, LedgerRecorder, StreamRecorder
from facilities.subscription import WAKE_CHANNEL

log = logging.getLogger(__name__)

WAKE_EVERY = 0.005
"""Followers are woken at most this often, in seconds: a burst of appends is one wake-up."""


@dataclass(frozen=True, slots=True)
class Pending:
    """A fact that is to become the next event of a stream."""

    originator_id: UUID
    originator_version: int
    fact: Fact
    attribution: Attribution


def _row(
    pending: Pending, key: PersonKey | None, *, opens: bool, premises: Premises | None
) -> bytes:
    fact = pending.fact
    return row(
        *(pending.originator_id, pending.originator_version, fact.name, fact.schema_version),
        *(encode(fact, key), *_place_and_time(fact), _told(pending.attribution, key)),
        opens=opens,
        premises=premises,
    )


def _told(by: Attribution, key: PersonKey | None) -> Attribution:
    """An attribution whose digest is under the key of the person the event is about."""
    if key is None or by.digest is None:
        return by
    return replace(by, digest=keyed(by.digest, key))


def _place_and_time(fact: Fact) -> tuple[UUID | None, date | datetime | None]:
    """The facility a fact belongs to, and when it happened, where it says so."""
    effective = None if fact.effective is None else _at(fact.effective)(fact)
    return getattr(fact, "facility_id", None), effective


_at = cache(attrgetter)


class FactMapper(Mapper[UUID]):
    """Between facts and stored bytes. The names are eventsourcing's."""

    sealed = SealedFacts(None)

    def to_stored_event(self, domain_event: Any) -> StoredEvent:
        fact: Fact = domain_event.fact
        facility_id, effective = _place_and_time(fact)
        (key,) = self.sealed.keys([domain_event])
        return LedgerEvent(
            originator_id=domain_event.originator_id,
            originator_version=domain_event.originator_version,
            topic=fact.name,
            state=encode(fact, key),
            schema_version=fact.schema_version,
            facility_id=facility_id,
            effective=effective,
            attribution=_told(domain_event.attribution, key),
        )

    def to_domain_event(self, stored_event: StoredEvent) -> Any:
        if isinstance(stored_event, LedgerNotification):
            return self.sealed.recorded([stored_event.row])[0]
        raise TypeError("a fact is decoded with its envelope: read it through the ledger")


class LedgerFactory(InfrastructureFactory[TrackingRecorder]):
    """Makes eventsourcing's parts from ours. All recorders share one pool and one table."""

    def __init__(
        self,
        env: Environment | EnvType | None,
        pool: Pool,
        wake: Callable[[], None] = lambda: None,
        patience: float = PATIENCE,
        sealed: SealedFacts = FactMapper.sealed,
    ) -> None:
        super().__init__(env)
        self._pool, self._wake, self._patience = pool, wake, patience
        self._sealed = sealed

    def mapper(
        self, transcoder: Transcoder | None = None, mapper_class: type[Mapper[Any]] | None = None
    ) -> Any:
        mapper = (mapper_class or FactMapper)(transcoder=transcoder or self.transcoder())
        if isinstance(mapper, FactMapper):
            mapper.sealed = self._sealed
        return mapper

    def aggregate_recorder(self, purpose: str = "events") -> AggregateRecorder:
        if purpose != "events":
            raise NotImplementedError(f"the ledger keeps events, not {purpose}")
        return StreamRecorder(self._pool, self._wake, self._patience)

    def application_recorder(self) -> LedgerRecorder:
        return LedgerRecorder(self._pool, self._wake, self._patience)

    def tracking_recorder(
        self, tracking_recorder_class: type[TrackingRecorder] | None = None
    ) -> LedgerRecorder:
        if tracking_recorder_class not in (None, LedgerRecorder):
            raise NotImplementedError("tracking is kept in the ledger")
        return self.application_recorder()

    def process_recorder(self) -> LedgerRecorder:
        return self.application_recorder()


@dataclass(frozen=True, slots=True)
class StoredFact:
    """A fact of one stream, with its version there and its position in the ledger."""

    version: int
    position: int
    fact: Fact


@dataclass(frozen=True, slots=True)
class Answered:
    """What a command recorded when it was first given. `key` is that of the person its first event
    is about, under which the digest is stored."""

    digest: bytes
    stream_id: UUID
    version: int
    position: int
    facts: tuple[str, ...]
    key: PersonKey | None = None


class Ledger(Application[UUID], Readings):
    """Append, load, follow.

    `connect` opens a connection of its own for waking followers: NOTIFY inside the transaction
    that appends would make all writers queue behind one another. `patience` is how long, in
    seconds, a reader waits for a writer in the middle of its append. With a `keyring` what is
    personal is sealed; without one it is stored as it is.
    """

    name = "almoner"
    recorder: LedgerRecorder

    def __init__(
        self,
        pool: Pool,
        connect: Callable[[], psycopg.Connection[TupleRow]] | None = None,
        patience: float = PATIENCE,
        keyring: Keyring | None = None,
    ) -> None:
        self.sealed = SealedFacts(keyring)
        self._waker = None if connect is None else Waker(connect)
        self._pool, self._patience = pool, patience
        super().__init__()

    def construct_factory(self, env: Environment) -> LedgerFactory:
        wake = self._waker.wake if self._waker is not None else lambda: None
        return LedgerFactory(env, self._pool, wake, self._patience, self.sealed)

    def close(self) -> None:
        if self._waker is not None:
            self._waker.close()
        super().close()

    def append(
        self,
        pending: Sequence[Pending],
        tracking: Tracking | None = None,
        premises: Premises | None = None,
    ) -> list[int]:
        """Store facts, all or nothing, with how far a process has followed where it is one that
        appends. Returns their positions.

        Raises eventsourcing's IntegrityError where a version or a command id is taken, the process
        has been as far before, or the premises do not hold.
        """
        keys = self.sealed.keys(pending)
        rows = [
            _row(each, key, opens=not place, premises=None if place else premises)
            for place, (each, key) in enumerate(zip(pending, keys, strict=True))
        ]
        return list(self.recorder.append(rows, tracking))

    def reached(self, tracking: Tracking) -> bool:
        """Whether a process has followed the ledger as far as this, or farther."""
        return self.followed(tracking.application_name) >= tracking.notification_id

    def followed(self, process: str) -> int:
        """How far a process has followed the ledger; 0 where it has not begun."""
        return self.recorder.max_tracking_id(process) or 0

    def load(self, stream_ids: Iterable[UUID]) -> dict[UUID, list[StoredFact]]:
        """The facts of several streams, in order, in one query. Unknown streams are left out."""
        return self._facts(self.recorder.select_streams(list(stream_ids)))

    def load_carried(self, stream_ids: Iterable[UUID]) -> dict[UUID, list[StoredFact]]:
        """Like `load`, without what a later fact of the stream carries: enough to fold it."""
        return self._facts(self.recorder.select_carried(list(stream_ids), CARRYING))

    def _facts(
        self, rows: Sequence[tuple[UUID, int, int, str, int, bytes]]
    ) -> dict[UUID, list[StoredFact]]:
        streams: dict[UUID, list[StoredFact]] = {}
        keys = self.sealed.opening((row[3], row[5]) for row in rows)
        for stream_id, version, position, name, schema_version, state in rows:
            fact = decode(name, schema_version, state, keys)
            streams.setdefault(stream_id, []).append(StoredFact(version, position, fact))
        return streams

    def load_beyond(
        self, ends: Mapping[UUID, tuple[int, int]]
    ) -> tuple[dict[UUID, list[StoredFact]], set[UUID]]:
        """What several streams recorded beyond the (version, position) each is known to.

        Also returns those of which there is no such fact: what was known of them is not so.
        """
        streams: dict[UUID, list[StoredFact]] = {}
        lost: set[UUID] = set()
        rows = self.recorder.select_ends(ends)
        keys = self.sealed.opening((row[3], row[5]) for row in rows if row[1] is not None)
        for stream_id, version, position, name, schema_version, state in rows:
            if version is None or version == ends[stream_id][0]:
                lost.add(stream_id)
            else:
                fact = decode(name, schema_version, state, keys)
                streams.setdefault(stream_id, []).append(StoredFact(version, position, fact))
        return streams, lost

    def answered(self, command_ids: Iterable[UUID]) -> dict[UUID, Answered]:
        """Which of these commands were given before, and what they recorded."""
        found = self.recorder.select_commands(list(command_ids))
        keys = self.sealed.opening((events[0][2], state) for _, _, state, events in found.values())
        return {
            command_id: Answered(
                digest,
                stream_id,
                events[-1][0],
                max(position for _, position, _ in events),
                tuple(fact for _, _, fact in events),
                next((keys[each] for each in key_ids_in([state]) if each in keys), None),
            )
            for command_id, (digest, stream_id, state, events) in found.items()
        }


class Waker:
    """Wakes followers with NOTIFY from a connection and a thread of its own.

    A failure is logged and the connection opened anew for the next wake-up; followers look for
    themselves now and then, so none is lost for long.
    """

    def __init__(self, connect: Callable[[], psycopg.Connection[TupleRow]]) -> None:
        self._connect = connect
        self._due, self._closed = threading.Event(), threading.Event()
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()

    def wake(self) -> None:
        """There is something new."""
        self._due.set()
        if self._thread is None:
            with self._starting:
                if self._thread is None:
                    self._thread = threading.Thread(
                        target=self._run, name="ledger-waker", daemon=True
                    )
                    self._thread.start()

    def close(self) -> None:
        """Deliver what is due and end."""
        self._closed.set()
        self._due.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        connection: psycopg.Connection[TupleRow] | None = None
        try:
            while True:
                self._due.wait()
                self._due.clear()
                try:
                    if connection is None:
                        connection = self._connect()
                    connection.execute(f"NOTIFY {WAKE_CHANNEL}".encode())
                except psycopg.Error:
                    log.warning("could not wake the ledger's followers", exc_info=True)
                    connection = None
                if self._closed.wait(WAKE_EVERY):
                    return
        finally:
            if connection is not None:
                connection.close()
