"""How a test is spelled: ``given(Claim, *facts).when(command).records(...)`` or ``.refused(code)``.

The clock stands still at `NOW` unless ``.at(...)`` moves it; what a decision may know of others is
given with ``.knowing(standing, ...)``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from domain.kernel import (
    AGGREGATES,
    CONSULTED,
    DECISIONS,
    Aggregate,
    Circumstances,
    Command,
    Decided,
    Fact,
    Refused,
    Standing,
)

NOW = datetime(2026, 3, 14, 15, 0, tzinfo=UTC)
TODAY = date(2026, 3, 14)


def an_open(kind: str, its_id: UUID, **known: Any) -> Standing:
    """The standing of something that takes new work."""
    return Standing(kind=kind, id=its_id, open=True, status="open", **known)


def a_closed(kind: str, its_id: UUID, **known: Any) -> Standing:
    """The standing of something that takes no new work."""
    return Standing(kind=kind, id=its_id, open=False, status="closed", **known)


@dataclass(frozen=True)
class Given:
    """An aggregate with a past."""

    aggregate: Aggregate[Any]
    facts: tuple[Fact, ...]
    circumstances: Circumstances

    def at(self, now: datetime) -> Given:
        return replace(self, circumstances=replace(self.circumstances, now=now))

    def knowing(self, *standings: Standing) -> Given:
        known = {**self.circumstances.standings, **{each.id: each for each in standings}}
        return replace(self, circumstances=replace(self.circumstances, standings=known))

    def when(self, command: Command) -> Outcome:
        aggregate, decide = DECISIONS[type(command)]
        assert aggregate is self.aggregate, f"{command.name} is not for a {self.aggregate.name}"
        state = aggregate.fold(self.facts)
        # Whom it consults it says of any state, also before it refuses.
        consult = CONSULTED.get(type(command))
        assert consult is None or all(isinstance(each, UUID) for each in consult(state, command))
        try:
            decided = tuple(decide(state, command, self.circumstances))
        except Refused as refusal:
            return Outcome(self, (), refusal)
        return Outcome(self, decided, None)

    @property
    def state(self) -> Any:
        """What the aggregate is now, for assertions on what was folded."""
        return self.aggregate.fold(self.facts)

    def stands(self, its_id: UUID) -> Any:
        """What others may know of the aggregate."""
        assert self.aggregate.standing is not None
        return self.aggregate.standing(self.state, its_id)


@dataclass(frozen=True)
class Outcome:
    """What came of a command."""

    given: Given
    decided: Sequence[Decided]
    refusal: Refused | None

    def records(self, *expected: Decided) -> None:
        """Exactly these facts (and reservations), in this order."""
        if self.refusal is not None:
            pytest.fail(f"refused: {self.refusal.code}: {self.refusal}")
        assert tuple(self.decided) == expected

    def records_nothing(self) -> None:
        """It is already so."""
        self.records()

    def records_a(self, kind: type[Fact], **expected: Any) -> None:
        """One fact of this kind, with these fields among its own."""
        if self.refusal is not None:
            pytest.fail(f"refused: {self.refusal.code}: {self.refusal}")
        (found,) = [each for each in self.decided if isinstance(each, kind)]
        assert {name: getattr(found, name) for name in expected} == expected

    def refused(self, code: str, **details: object) -> None:
        """A rule said no, under this code, with these details among its own."""
        assert self.refusal is not None, f"not refused: {self.decided}"
        assert self.refusal.code == code
        assert {name: self.refusal.details.get(name) for name in details} == details

    def then(self) -> Given:
        """The same aggregate afterwards."""
        if self.refusal is not None:
            pytest.fail(f"refused: {self.refusal.code}: {self.refusal}")
        happened = tuple(each for each in self.decided if isinstance(each, Fact))
        return replace(self.given, facts=self.given.facts + happened)


def given(state: type[Any], *facts: Fact) -> Given:
    """An aggregate, named by its state, that has been through `facts`."""
    (aggregate,) = [each for each in AGGREGATES.values() if type(each.initial) is state]
    return Given(aggregate, facts, Circumstances(now=NOW))
