"""Whose key is which: made when somebody is first written of, and forgotten when they are erased.

The keys lie in ``privacy.keys``, wrapped. A process remembers the last it used, a bounded number of
them; once in `LIFETIME` seconds it asks whether anybody was erased, and if so forgets all of them.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Collection, Iterable
from itertools import islice
from typing import Any
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from facilities.privacy.erased import ErasedPersons
from facilities.privacy.masters import KEY_SIZE, Masters
from facilities.privacy.sealing import PersonKey

ROOM = 20_000
"""How many keys are remembered, by person and by their number; the oldest make room."""

LIFETIME = 0.25
"""After so many seconds a process asks whether somebody was erased."""

AT_ONCE = 5_000
"""How many keys are wrapped anew in one transaction."""


_MAKE = (
    "WITH unhurried AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true)), "
    "made AS (INSERT INTO privacy.keys (key_id, person_id, wrapped, master) "
    "SELECT k.key_id, k.person_id, k.wrapped, %s "
    "FROM unhurried, unnest(%s::uuid[], %s::uuid[], %s::bytea[]) AS k (key_id, person_id, wrapped) "
    "ON CONFLICT (person_id) DO NOTHING RETURNING person_id, key_id, wrapped, master) "
    "SELECT person_id, key_id, wrapped, master FROM made UNION ALL "
    "SELECT person_id, key_id, wrapped, master FROM privacy.keys WHERE person_id = ANY(%s)"
)
"""Finds the keys of persons, and makes those that are not there. It need not wait for the disk: an
event that is sealed with a key is committed after it, and what PostgreSQL writes ahead of one
commit is all that was written before."""


class Keyring:
    """The keys of persons. Safe to share between threads. `pool` is of a role that may read them;
    to seal, it must be the application's. `masters` is asked when a key is first needed.
    """

    def __init__(
        self,
        pool: Any,
        masters: Callable[[], Masters],
        *,
        room: int = ROOM,
        lifetime: float = LIFETIME,
    ) -> None:
        self._pool, self._read_masters = pool, masters
        self._room, self._lifetime = room, lifetime
        self._masters: Masters | None = None
        self._by_person: dict[UUID, PersonKey] = {}
        self._by_id: dict[UUID, PersonKey] = {}
        self._lock = threading.Lock()
        self._erasures: int | None = None
        self._asked_at = float("-inf")
        self._forgetting: list[Callable[[], None]] = []
        self.erased = ErasedPersons(lambda: self.masters)

    @property
    def masters(self) -> Masters:
        """The master keys. Raises MasterKeyRefused."""
        if self._masters is None:
            self._masters = self._read_masters()
        return self._masters

    def check(self) -> None:
        """Make sure that there is a master key, and one for every key it has to unwrap. Raises
        MasterKeyRefused."""
        masters = self.masters
        with self._pool.connection() as connection:
            rows = connection.execute(
                "SELECT master FROM privacy.keys WHERE master IS NOT NULL "
                "UNION SELECT master FROM privacy.pepper"
            ).fetchall()
        for (master_id,) in rows:
            masters[master_id]

    def when_erased(self, forget: Callable[[], None]) -> None:
        """Call `forget` when somebody was erased: what it keeps in mind may be theirs."""
        self._forgetting.append(forget)

    def of(self, persons: Collection[UUID]) -> dict[UUID, PersonKey]:
        """The keys of these persons, made where they have none. To be stored before anything that
        is sealed with them: they are, in a transaction of their own."""
        self.look()
        with self._lock:
            found = {each: self._by_person[each] for each in persons if each in self._by_person}
        if missing := [each for each in persons if each not in found]:
            made = self._made(missing)
            found |= made
            with self._lock:
                _keep(self._by_person, made, self._room)
                _keep(self._by_id, {each.key_id: each for each in made.values()}, self._room)
        return found

    def by_id(self, key_ids: Collection[UUID]) -> dict[UUID, PersonKey]:
        """These keys; one that nobody knows is like that of somebody who was erased."""
        self.look()
        with self._lock:
            found = {each: self._by_id[each] for each in key_ids if each in self._by_id}
        if missing := [each for each in key_ids if each not in found]:
            with self._pool.connection() as connection:
                rows = connection.execute(
                    "SELECT key_id, wrapped, master FROM privacy.keys "
                    "WHERE key_id = ANY(%s) AND erased_at IS NULL",
                    [missing],
                ).fetchall()
            loaded = {each: PersonKey(each, None) for each in missing}
            loaded |= {key_id: self._unwrapped(key_id, *rest) for key_id, *rest in rows}
            found |= loaded
            with self._lock:
                _keep(self._by_id, loaded, self._room)
        return found

    def known(self, persons: Collection[UUID]) -> dict[UUID, UUID]:
        """The numbers of the keys of these persons, of those who have one."""
        with self._lock:
            found = {
                each: self._by_person[each].key_id for each in persons if each in self._by_person
            }
        if missing := [each for each in persons if each not in found]:
            with self._pool.connection() as connection:
                found |= dict(
                    connection.execute(
                        "SELECT person_id, key_id FROM privacy.keys WHERE person_id = ANY(%s)",
                        [missing],
                    ).fetchall()
                )
        return found

    def erased_among(self, ids: Collection[UUID]) -> set[UUID]:
        """Which of these ids are of persons who were erased."""
        with self._pool.connection() as connection:
            return self.erased.among(connection, ids)

    def look(self, *, now: bool = False) -> None:
        """Forget everything where somebody was erased since this was last looked at."""
        if not now and time.monotonic() - self._asked_at < self._lifetime:
            return
        asked_at = time.monotonic()
        with self._pool.connection() as connection:
            ((erasures,),) = connection.execute(
                "SELECT count(*) FROM privacy.keys WHERE erased_at IS NOT NULL"
            ).fetchall()
        with self._lock:
            changed = self._erasures is not None and erasures != self._erasures
            self._erasures, self._asked_at = erasures, asked_at
            if changed:
                self._by_person.clear()
                self._by_id.clear()
        if changed:
            for forget in self._forgetting:
                forget()

    def let_go(self, key_id: UUID, pool: Any) -> None:
        """Make a key nobody's: from now on nobody reads with it, and whose it was is not to be
        found out. Done already, nothing changes. The pool must be the owner's."""
        with pool.connection() as connection, connection.transaction():
            for (person_id,) in connection.execute(
                "SELECT person_id FROM privacy.keys WHERE key_id = %s AND erased_at IS NULL "
                "FOR UPDATE",
                [key_id],
            ).fetchall():
                self.erased.note(connection, person_id)
                connection.execute(
                    "UPDATE privacy.keys SET person_id = NULL, erased_at = clock_timestamp() "
                    "WHERE key_id = %s",
                    [key_id],
                )
        self.look(now=True)

    def before_its_end(self, key_id: UUID, pool: Any) -> PersonKey | None:
        """A key that nobody reads with any more, for whoever is about to destroy it; None where it
        is destroyed."""
        with pool.connection() as connection:
            rows = connection.execute(
                "SELECT wrapped, master FROM privacy.keys "
                "WHERE key_id = %s AND wrapped IS NOT NULL",
                [key_id],
            ).fetchall()
        return self._unwrapped(key_id, *rows[0]) if rows else None

    def rewrap(self) -> int:
        """Wrap every key anew with the current master key that is wrapped with another; how many
        there were. Goes on where it was interrupted. The pool must be the owner's."""
        number, current = 0, self.masters.current
        with self._pool.connection() as connection, connection.transaction():
            self.erased.rewrap(connection)
        while True:
            with self._pool.connection() as connection, connection.transaction():
                rows = connection.execute(
                    "SELECT key_id, wrapped, master FROM privacy.keys "
                    "WHERE master <> %s ORDER BY key_id LIMIT %s FOR UPDATE",
                    [current.master_id, AT_ONCE],
                ).fetchall()
                for key_id, wrapped, master in rows:
                    key = self.masters[master].unwrap(wrapped, key_id.bytes)
                    connection.execute(
                        "UPDATE privacy.keys SET wrapped = %s, master = %s WHERE key_id = %s",
                        [current.wrap(key, key_id.bytes), current.master_id, key_id],
                    )
            if not rows:
                return number
            number += len(rows)

    def _made(self, persons: Collection[UUID]) -> dict[UUID, PersonKey]:
        """Keys that are not remembered: those there are, and new ones for who has none."""
        # In one order, so that two who meet over the same persons do not wait in a circle.
        wanted, current = sorted(persons), self.masters.current
        ids = [uuid4() for _ in wanted]
        wrapped = [current.wrap(os.urandom(KEY_SIZE), each.bytes) for each in ids]
        with self._pool.connection() as connection:
            rows = connection.execute(
                _MAKE, [current.master_id, ids, wanted, wrapped, wanted]
            ).fetchall()
        found = self._by_person_of(rows)
        # Somebody else made some a moment ago, which the statement could not see yet.
        if missing := [each for each in wanted if each not in found]:
            found |= self._loaded(missing)
        return found

    def _loaded(self, persons: Collection[UUID]) -> dict[UUID, PersonKey]:
        with self._pool.connection() as connection:
            rows = connection.execute(
                "SELECT person_id, key_id, wrapped, master FROM privacy.keys "
                "WHERE person_id = ANY(%s)",
                [list(persons)],
            ).fetchall()
        return self._by_person_of(rows)

    def _by_person_of(self, rows: Iterable[Any]) -> dict[UUID, PersonKey]:
        return {person: self._unwrapped(key_id, *rest) for person, key_id, *rest in rows}

    def _unwrapped(self, key_id: UUID, wrapped: bytes, master: str) -> PersonKey:
        return PersonKey(key_id, AESGCM(self.masters[master].unwrap(wrapped, key_id.bytes)))


def _keep(kept: dict[UUID, PersonKey], more: dict[UUID, PersonKey], room: int) -> None:
    kept.update(more)
    for each in [*islice(kept, max(0, len(kept) - room))]:
        del kept[each]
