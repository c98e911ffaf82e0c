"""States as they are in mind, for a decision that does not look whether they are so still."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

from facilities.states import Folded, States


class NotInMind(Exception):
    """Nothing is known of a stream without looking."""


class Presumed:
    """The states of streams for one decision.

    What the command writes to is looked at: others have most likely written to it since. All else
    is taken to be as it is in mind, and `ends` tells of each such stream how far it had come.
    """

    def __init__(self, states: States, looked_at: Iterable[UUID]) -> None:
        self._states, self._looked_at = states, frozenset(looked_at)
        self.ends: dict[UUID, tuple[int, int]] = {}

    def load(self, stream_ids: Iterable[UUID]) -> dict[UUID, Folded]:
        """The streams that exist among these. Raises NotInMind where one would have to be looked at
        that is not written to."""
        wanted = set(stream_ids)
        presumed = wanted - self._looked_at
        known = self._states.in_mind(presumed)
        if len(known) < len(presumed):
            raise NotInMind
        self.ends |= {its_id: (each.version, each.position) for its_id, each in known.items()}
        looked_at = wanted & self._looked_at
        return known | self._states.load(looked_at) if looked_at else known

    def owners(self, stream_ids: Iterable[UUID]) -> set[UUID]:
        """The facilities of those streams that are in mind."""
        return self._states.owners(stream_ids)

    def keep(self, folded: Mapping[UUID, Folded]) -> None:
        """Keep in mind what is stored in the ledger."""
        self._states.keep(folded)
