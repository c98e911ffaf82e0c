"""Whether the keys of persons are where they should be: kept, or destroyed by an erasure.

The ledger's seals cover what is sealed with a key, and not the key: whoever can write to the
database might destroy one, and what a person told would look like that of somebody who was erased.
That it was no erasure is found by what is on record of erasures, which the seals cover.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from domain.privacy.events import ErasureBegun
from facilities.ledger import Ledger
from facilities.privacy.keeping import personal_facts
from facilities.privacy.sealing import key_named

_SEALED_WITH = (
    "SELECT named, min(position) FROM (SELECT position, (regexp_matches("
    "convert_from(state, 'UTF8'), '\"sealed:([A-Za-z0-9_-]{22}):', 'g'))[1] AS named "
    "FROM ledger.events WHERE fact = ANY(%s)) AS sealed GROUP BY named"
)


@dataclass(frozen=True, slots=True)
class Gone:
    """A key that is not there any more and was destroyed by no erasure. `position` is that of the
    first event that it was to open."""

    key_id: UUID
    position: int


@dataclass(frozen=True, slots=True)
class Custody:
    """How many keys there are with which something is sealed, how many of these were destroyed by
    an erasure, and which are gone otherwise."""

    kept: int
    erased: int
    gone: tuple[Gone, ...]


def custody(ledger: Ledger, pool: Any) -> Custody:
    """Look for the key of everything that is sealed. `pool` is the application role's."""
    with pool.connection() as connection:
        first = {
            key_named(named): position
            for named, position in connection.execute(_SEALED_WITH, [personal_facts()]).fetchall()
        }
        there = {
            key_id
            for (key_id,) in connection.execute(
                "SELECT key_id FROM privacy.keys WHERE erased_at IS NULL AND wrapped IS NOT NULL"
            ).fetchall()
        }
    begun = {
        each.fact.key_id
        for events in ledger.scan(0, ledger.head(), [ErasureBegun.name])
        for each in events
    }
    missing = first.keys() - there
    return Custody(
        kept=len(first.keys() & there),
        erased=len(missing & begun),
        gone=tuple(
            Gone(key_id, first[key_id]) for key_id in sorted(missing - begun, key=first.__getitem__)
        ),
    )
