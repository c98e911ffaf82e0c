"""What is taken to be so by a decision that has not looked: the ledger finds out when it stores."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID


@dataclass(frozen=True, slots=True)
class GoodToken:
    """That a token is good still, for these facilities and no others (None: the whole system)."""

    digest: bytes
    facility_ids: tuple[UUID, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Premises:
    """Where any of it is not so when what was decided is to be stored, nothing is stored.

    `ends`: the last event of each stream is that of this version, at this position.
    """

    ends: Mapping[UUID, tuple[int, int]] = field(default_factory=dict)
    token: GoodToken | None = None

    def and_ends(self, ends: Mapping[UUID, tuple[int, int]]) -> Premises:
        """These, and how far some more streams have come."""
        return Premises(ends={**self.ends, **ends}, token=self.token)
