"""Between rows of the ledger and facts, with the keys of the persons they are about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol
from uuid import UUID

from domain.kernel import Fact, Recorded
from facilities.codec import decode, is_personal, person_of
from facilities.envelope import Entry, Row
from facilities.privacy.keyring import Keyring
from facilities.privacy.sealing import PersonKey, key_ids_in


class ToStore(Protocol):
    """A fact that is to become an event of a stream."""

    @property
    def originator_id(self) -> UUID: ...

    @property
    def fact(self) -> Fact: ...


class SealedFacts:
    """Without a keyring nothing is sealed, and what is sealed cannot be read."""

    def __init__(self, keyring: Keyring | None) -> None:
        self._keyring = keyring

    def keys(self, pending: Sequence[ToStore]) -> list[PersonKey | None]:
        """For each fact the key its personal fields are to be sealed with."""
        if self._keyring is None:
            return [None] * len(pending)
        persons = [person_of(each.fact, each.originator_id) for each in pending]
        named = {each for each in persons if each is not None}
        found = self._keyring.of(named) if named else {}
        return [None if each is None else found[each] for each in persons]

    def opening(self, stored: Iterable[tuple[str, bytes]]) -> dict[UUID, PersonKey]:
        """The keys that open some facts, given their names and bytes."""
        if self._keyring is None:
            return {}
        key_ids = key_ids_in(state for name, state in stored if is_personal(name))
        return self._keyring.by_id(key_ids) if key_ids else {}

    def recorded(self, rows: Sequence[Row]) -> list[Recorded[Any]]:
        """The facts of rows of `COLUMNS`, in their envelopes."""
        keys = self.opening((row[0], row[2]) for row in rows)
        return [Recorded._make((decode(row[0], row[1], row[2], keys), *row[3:])) for row in rows]

    def entries(self, rows: Sequence[Row]) -> list[Entry]:
        """The facts of rows of `ENTRY`."""
        keys = self.opening((row[0], row[2]) for row in rows)
        return [Entry._make((decode(row[0], row[1], row[2], keys), *row[3:])) for row in rows]
