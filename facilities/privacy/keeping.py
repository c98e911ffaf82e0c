"""What keeps somebody's data from being erased: legal holds, retention, events never sealed.

All of it is looked up in the ledger as it is now, and decided on in the domain
(`domain.privacy.erasure.begin`). It takes no more than the application may do, so that whoever asks
over HTTP is refused at once; what follows from it, the keys' owner does (`Eraser`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC
from typing import Any
from uuid import UUID

from domain.access.roles import context_of
from domain.kernel import FACTS, Aggregate
from domain.personal import personal_fields
from domain.privacy.erasure import BeginErasure, Erasure, Kept, erasure
from domain.privacy.legal_hold import legal_hold
from domain.privacy.retention import (
    LONGEST_RETENTION,
    SHORTEST_RETENTION,
    retention_rule,
    years_kept,
)
from facilities.answers import Context, NotFound
from facilities.ledger import Ledger
from facilities.privacy.keyring import Keyring
from facilities.privacy.sealing import marker
from facilities.scope import Actor, Role
from facilities.service import Service

PRIVACY_OFFICE = Actor("privacy_office", Role.SERVICE)
"""Who carries an erasure out, once it is approved."""


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


class Keeper:
    """Begins erasures, where nothing keeps what is to be erased. `pool` reads the ledger, and
    `retention_years` is for how long records are kept that no rule is about."""

    def __init__(
        self, ledger: Ledger, service: Service, keyring: Keyring, pool: Any, retention_years: int
    ) -> None:
        self._ledger, self._service, self._keyring = ledger, service, keyring
        self._pool, self._retention_years = pool, retention_years

    def state(self, erasure_id: UUID) -> Erasure:
        """An erasure, as the ledger has it now. Raises NotFound."""
        events = self._ledger.stream(erasure_id)
        if not events or not events[0].fact.name.startswith("erasure."):
            raise NotFound("erasure", erasure_id)
        return erasure.fold(each.fact for each in events)

    def begin(self, erasure_id: UUID) -> UUID:
        """Begin an erasure; the number of the person's key. Raises NotFound and Refused."""
        beginning = self.beginning(erasure_id)
        self._service.execute(beginning, office())
        return beginning.key_id

    def beginning(self, erasure_id: UUID) -> BeginErasure:
        """The command that begins an erasure, with all that keeps the person's data. Of one that is
        begun already, the key is nobody's any more. Raises NotFound."""
        state = self.state(erasure_id)
        if state.key_id is not None:
            return BeginErasure(erasure_id=erasure_id, key_id=state.key_id)
        assert state.subject_id is not None
        person = state.subject_id
        key_id = self._keyring.of([person])[person].key_id
        kept = tuple(self._kept(marker(key_id)))
        facilities = frozenset(each.facility_id for each in kept if each.facility_id is not None)
        holds = self._all(legal_hold).items()
        return BeginErasure(
            erasure_id=erasure_id,
            key_id=key_id,
            kept=kept,
            held_by=tuple(hold_id for hold_id, hold in holds if hold.keeps(person, facilities)),
            unsealed=self._unsealed(person),
        )

    def _kept(self, sealed: bytes) -> Iterator[Kept]:
        """The records of the things that name a person, by kind and facility; what the privacy
        office itself has on record left aside. A thing that is nobody's own (what is kept of an
        item goes on long after the patient who was given some of it) is looked at only where it
        names the person."""
        with self._pool.connection() as connection:
            rows = connection.execute(
                "WITH named AS MATERIALIZED (SELECT position, stream_id FROM ledger.events "
                "WHERE fact = ANY(%s) AND position(%s::bytea IN state) > 0) "
                "SELECT fact, facility_id, max(greatest(recorded_at, effective_at)) "
                "FROM ledger.events WHERE stream_id IN (SELECT stream_id FROM named) "
                "AND (fact <> ALL(%s) OR position IN (SELECT position FROM named)) GROUP BY 1, 2",
                [personal_facts(), sealed, _of_nobody()],
            ).fetchall()
        rules = list(self._all(retention_rule).values())
        for fact, facility_id, last in rows:
            records = context_of(FACTS[fact])
            if records != "privacy":
                yield Kept(
                    records=records,
                    facility_id=facility_id,
                    last_in_effect_on=last.astimezone(UTC).date(),
                    retention_years=years_kept(rules, records, facility_id, self._retention_years),
                )

    def _all(self, kind: Aggregate[Any]) -> dict[UUID, Any]:
        """Every aggregate of a kind, as the ledger has it now."""
        found: dict[UUID, Any] = {}
        facts = [name for name in FACTS if name.startswith(f"{kind.name}.")]
        for events in self._ledger.scan(0, self._ledger.head(), facts):
            for each in events:
                found[each.stream_id] = found.get(each.stream_id, kind.initial).evolve(each.fact)
        return found

    def _unsealed(self, person: UUID) -> int:
        """How many events name the person in the clear: they were stored before there were keys."""
        in_clear = f'"{person}"'.encode()
        with self._pool.connection() as connection:
            ((number,),) = connection.execute(
                "SELECT count(*) FROM ledger.events WHERE fact = ANY(%s) "
                "AND position(%s::bytea IN state) > 0 "
                "AND (position('\"sealed:'::bytea IN state) = 0)",
                [personal_facts(), in_clear],
            ).fetchall()
        return int(number)


def personal_facts() -> list[str]:
    """The names of facts with personal fields."""
    kinds: dict[str, Any] = dict(FACTS)
    return [name for name, kind in kinds.items() if personal_fields(kind)]


def _of_nobody() -> list[str]:
    """The names of facts of what is nobody's own: stock is the facility's, whoever is given it."""
    return [name for name, kind in FACTS.items() if context_of(kind) == "supply"]


def office() -> Context:
    """What goes with a command of the privacy office."""
    return Context(actor=PRIVACY_OFFICE, source="erasure")
