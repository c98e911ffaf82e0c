"""Making what is personal of somebody unreadable, for good: `Eraser.erase`.

What is asked, agreed to and done is on record in an erasure's own stream
(`domain.privacy.erasure`); what it takes beside that is here. Each step can be repeated, and an
erasure that was interrupted goes on where it stopped.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from domain.kernel import Recorded
from domain.privacy.erasure import CompleteErasure, ErasureStatus
from facilities.codec import decode
from facilities.envelope import COLUMNS
from facilities.ledger import Ledger
from facilities.privacy.keeping import Keeper, office, personal_facts
from facilities.privacy.keyring import LIFETIME, Keyring
from facilities.privacy.sealing import PersonKey, marker
from facilities.service import Service

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


class Eraser:
    """Carries erasures out. `pool` is of the keys' owner, `purge` works on the read models."""

    def __init__(
        self,
        ledger: Ledger,
        service: Service,
        keyring: Keyring,
        keeper: Keeper,
        pool: Any,
        purge: Purge,
    ) -> None:
        self._ledger, self._service, self._keyring = ledger, service, keyring
        self._keeper, self._pool, self._purge = keeper, pool, purge

    def erase(self, erasure_id: UUID) -> Erased:
        """Carry an approved erasure out.

        1. Begin, or be refused, by what keeps the person's data (`Keeper`).
        2. Make the key nobody's. Whoever looks from now on reads tombstones.
        3. Wait until no process remembers the key. Until then one may have written with it, and
           one may have read.
        4. Rid the read models, their past included, of what the person's events told.
        5. Destroy the key, and put on record that it is done.

        Raises NotFound, Refused, and what the database and the read models raise.
        """
        key_id = self._keeper.begin(erasure_id)
        state = self._keeper.state(erasure_id)
        facts, rows = 0, 0
        if state.status is not ErasureStatus.COMPLETED:
            self._keyring.let_go(key_id, self._pool)
            key = self._keyring.before_its_end(key_id, self._pool)
            if key is not None:
                time.sleep(2 * LIFETIME)
                pairs = list(self._pairs(key))
                facts, rows = len(pairs), self._purge(pairs) if pairs else 0
            self._destroy(key_id)
            done = CompleteErasure(erasure_id=erasure_id, facts=facts, rows=rows)
            self._service.execute(done, office())
        return Erased(erasure_id, key_id, facts, rows, self._ledger.head())

    def _pairs(self, key: PersonKey) -> Iterator[Pair]:
        """The person's events, as they were and as they read from now on."""
        with self._pool.connection() as connection:
            rows = connection.execute(
                f"SELECT {COLUMNS} FROM ledger.events "
                "WHERE fact = ANY(%s) AND position(%s::bytea IN state) > 0 ORDER BY position",
                [personal_facts(), marker(key.key_id)],
            ).fetchall()
        erased = PersonKey(key.key_id, None)
        for row in rows:
            name, version, state, *rest = row
            yield (
                Recorded(decode(name, version, state, {key.key_id: key}), *rest),
                Recorded(decode(name, version, state, {key.key_id: erased}), *rest),
            )

    def _destroy(self, key_id: UUID) -> None:
        with self._pool.connection() as connection:
            connection.execute(
                "UPDATE privacy.keys SET wrapped = NULL, master = NULL WHERE key_id = %s", [key_id]
            )
