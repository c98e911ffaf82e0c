"""Making what is personal of somebody unreadable, for good: `Eraser.erase`.

What is asked, agreed to and done is on record in an erasure's own stream
(`domain.privacy.erasure`); what it takes beside that is here. Each step can be repeated, and an
erasure that was interrupted goes on where it stopped.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date
from typing import Any
from uuid import UUID

from domain.kernel import FACTS, Command, Recorded
from domain.personal import personal_fields
from domain.privacy.erasure import (
    SHORTEST_RETENTION,
    BeginErasure,
    CompleteErasure,
    Erasure,
    ErasureStatus,
    erasure,
)
from domain.privacy.legal_hold import LegalHold, legal_hold
from facilities.answers import Context, NotFound
from facilities.codec import decode
from facilities.envelope import COLUMNS
from facilities.ledger import Ledger
from facilities.privacy.keyring import LIFETIME, Keyring
from facilities.privacy.sealing import PersonKey, marker
from facilities.scope import Actor, Role
from facilities.service import Service

PRIVACY_OFFICE = Actor("privacy_office", Role.SERVICE)
"""Who carries an erasure out, once it is approved."""

LONGEST_RETENTION = 100

LONG_AGO = date(1900, 1, 1)
"""The last day of what there is nothing of."""

Pair = tuple[Recorded[Any], Recorded[Any]]
"""An event as it was, and as it reads when the person is erased."""

Purge = Callable[[Sequence[Pair]], int]
"""Rids the read models of what the first of each pair told; how many rows and versions of rows that
were. Asked again, it finds nothing."""


@dataclass(frozen=True, slots=True)
class Erased:
    """What came of it: so many events were the person's, and so many rows showed what they told."""

    erasure_id: UUID
    key_id: UUID
    facts: int
    rows: int
    position: int


class RetentionRefused(ValueError):
    """A setting of how long records are kept that cannot be."""


def retention_years(env: Mapping[str, str]) -> int:
    """ALMONER_RETENTION_YEARS, or the law's shortest. Raises RetentionRefused."""
    given = env.get("ALMONER_RETENTION_YEARS") or str(SHORTEST_RETENTION)
    if not given.isdecimal() or not SHORTEST_RETENTION <= int(given) <= LONGEST_RETENTION:
        raise RetentionRefused(
            f"ALMONER_RETENTION_YEARS is {given!r}, not {SHORTEST_RETENTION} to "
            f"{LONGEST_RETENTION} years"
        )
    return int(given)


class Eraser:
    """Carries erasures out. `pool` is of the keys' owner, `purge` works on the read models, and
    `retention_years` is how long records are kept here."""

    def __init__(
        self,
        ledger: Ledger,
        service: Service,
        keyring: Keyring,
        pool: Any,
        purge: Purge,
        retention_years: int,
    ) -> None:
        self._ledger, self._service, self._keyring = ledger, service, keyring
        self._pool, self._purge, self._retention_years = pool, purge, retention_years

    def erase(self, erasure_id: UUID) -> Erased:
        """Carry an approved erasure out.

        1. Look in the ledger what keeps the person's data: legal holds in force, retention, events
           that were never sealed. Begin, or be refused.
        2. Make the key nobody's. Whoever looks from now on reads tombstones.
        3. Wait until no process remembers the key.
        4. Rid the read models, their past included, of what the person's events told.
        5. Destroy the key, and put on record that it is done.

        Raises NotFound, Refused, and what the database and the read models raise.
        """
        state = self._state(erasure_id)
        key_id = state.key_id
        if key_id is None:
            key_id = self._begin(erasure_id, state)
        facts, rows = 0, 0
        if state.status is not ErasureStatus.COMPLETED:
            self._execute(
                "UPDATE privacy.keys SET person_id = NULL, erased_at = clock_timestamp() "
                "WHERE key_id = %s AND erased_at IS NULL",
                key_id,
            )
            self._keyring.look(now=True)
            key = self._keyring.before_its_end(key_id, self._pool)
            pairs = [] if key is None else list(self._pairs(key))
            if pairs:
                time.sleep(2 * LIFETIME)
                facts, rows = len(pairs), self._purge(pairs)
            self._execute(
                "UPDATE privacy.keys SET wrapped = NULL, master = NULL WHERE key_id = %s", key_id
            )
            done = CompleteErasure(erasure_id=erasure_id, facts=facts, rows=rows)
            self._service.execute(done, _context())
        return Erased(erasure_id, key_id, facts, rows, self._ledger.head())

    def _state(self, erasure_id: UUID) -> Erasure:
        events = self._ledger.stream(erasure_id)
        if not events or not events[0].fact.name.startswith("erasure."):
            raise NotFound("erasure", erasure_id)
        return erasure.fold(each.fact for each in events)

    def _begin(self, erasure_id: UUID, state: Erasure) -> UUID:
        assert state.subject_id is not None
        person = state.subject_id
        key_id = self._keyring.of([person])[person].key_id
        facilities, until = self._known_of(marker(key_id))
        command: Command = BeginErasure(
            erasure_id=erasure_id,
            key_id=key_id,
            last_in_effect_on=until,
            retention_years=self._retention_years,
            held_by=tuple(self._holds(person, facilities)),
            unsealed=self._unsealed(person),
        )
        self._service.execute(command, _context())
        return key_id

    def _holds(self, person: UUID, facilities: frozenset[UUID]) -> Iterator[UUID]:
        """The legal holds in force, as the ledger has them now, that keep what is of a person."""
        holds: dict[UUID, LegalHold] = {}
        facts = [name for name in FACTS if name.startswith("legal_hold.")]
        for events in self._ledger.scan(0, self._ledger.head(), facts):
            for each in events:
                known = holds.get(each.stream_id, legal_hold.initial)
                holds[each.stream_id] = known.evolve(each.fact)
        return (each for each, hold in holds.items() if hold.keeps(person, facilities))

    def _known_of(self, sealed: bytes) -> tuple[frozenset[UUID], date]:
        """The facilities at which things name a person, and the last day anything of these things
        was recorded or in effect; what the privacy office itself has on record left aside."""
        with self._pool.connection() as connection:
            ((facilities, until),) = connection.execute(
                "WITH named AS (SELECT DISTINCT stream_id FROM ledger.events "
                "WHERE fact = ANY(%s) AND position(%s::bytea IN state) > 0) "
                "SELECT array_agg(DISTINCT facility_id), max(greatest(recorded_at, effective_at)) "
                "FROM ledger.events JOIN named USING (stream_id) "
                "WHERE split_part(fact, '.', 1) <> ALL(%s)",
                [_personal_facts(), sealed, [erasure.name, legal_hold.name]],
            ).fetchall()
        known_at = frozenset(each for each in facilities or () if each is not None)
        return known_at, LONG_AGO if until is None else until.astimezone(UTC).date()

    def _unsealed(self, person: UUID) -> int:
        """How many events name the person in the clear: they were stored before there were keys."""
        in_clear = f'"{person}"'.encode()
        with self._pool.connection() as connection:
            ((number,),) = connection.execute(
                "SELECT count(*) FROM ledger.events WHERE fact = ANY(%s) "
                "AND position(%s::bytea IN state) > 0 "
                "AND (position('\"sealed:'::bytea IN state) = 0)",
                [_personal_facts(), in_clear],
            ).fetchall()
        return int(number)

    def _pairs(self, key: PersonKey) -> Iterator[Pair]:
        """The person's events, as they were and as they read from now on."""
        with self._pool.connection() as connection:
            rows = connection.execute(
                f"SELECT {COLUMNS} FROM ledger.events "
                "WHERE fact = ANY(%s) AND position(%s::bytea IN state) > 0 ORDER BY position",
                [_personal_facts(), marker(key.key_id)],
            ).fetchall()
        erased = PersonKey(key.key_id, None)
        for row in rows:
            name, version, state, *rest = row
            yield (
                Recorded(decode(name, version, state, {key.key_id: key}), *rest),
                Recorded(decode(name, version, state, {key.key_id: erased}), *rest),
            )

    def _execute(self, statement: str, key_id: UUID) -> None:
        with self._pool.connection() as connection:
            connection.execute(statement.encode(), [key_id])


def _personal_facts() -> list[str]:
    kinds: dict[str, Any] = dict(FACTS)
    return [name for name, kind in kinds.items() if personal_fields(kind)]


def _context() -> Context:
    return Context(actor=PRIVACY_OFFICE, source="erasure")
