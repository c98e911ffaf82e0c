"""A natural key: a number only one thing may bear at a time, such as an NPI in use.

Each has a small stream of its own. A decision asks for one with `Reserve` and lets it go with
`Release`; the fact is saved in the same append as whatever the decision recorded.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import assert_never
from uuid import UUID

from domain.kernel import Aggregate, Fact, fact, foreign_id


@fact("natural_key.reserved")
class NaturalKeyReserved(Fact):
    """A stream bears the key from now on."""

    kind: str
    value: str
    holder_id: UUID


@fact("natural_key.released")
class NaturalKeyReleased(Fact):
    """The key is free again."""

    kind: str
    value: str
    holder_id: UUID


NaturalKeyFact = NaturalKeyReserved | NaturalKeyReleased


@dataclass(frozen=True, slots=True, kw_only=True)
class NaturalKey:
    """Who bears the key, if anyone."""

    facility_id: UUID | None = None
    holder_id: UUID | None = None

    def evolve(self, fact: NaturalKeyFact) -> NaturalKey:
        match fact:
            case NaturalKeyReserved():
                return replace(self, holder_id=fact.holder_id)
            case NaturalKeyReleased():
                return replace(self, holder_id=None)
            case _:
                assert_never(fact)


natural_key = Aggregate("natural_key", NaturalKey())


def stream_of(kind: str, value: str) -> UUID:
    """The stream of a natural key."""
    return foreign_id("natural_key", kind, value)
