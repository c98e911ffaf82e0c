"""How a test of a read model is spelled: ``given(receivables, *facts).row(FACILITY, PAYER)``.

The facts are put into envelopes, with positions that have gaps as those of the ledger have, and
folded by the oracle.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, timedelta
from operator import attrgetter
from typing import Any, Generic, TypeVar
from uuid import UUID

import tests.whole_domain  # noqa: F401 - any aggregate may be asked for
from domain.kernel import DECISIONS, Fact, Recorded
from domain.natural_key import natural_key
from projections.kernel import Key, ReadModel, Summary
from projections.refold import refold

R = TypeVar("R")

BEGAN = datetime(2026, 3, 14, 15, 0, tzinfo=UTC)
SOMEONE = UUID(int=99)


def stream_field(aggregate: str) -> str:
    """Which field of an aggregate's facts names the stream they are in: that of its commands."""
    if aggregate == natural_key.name:
        return "holder_id"
    return next(kind.stream for kind, (of, _) in DECISIONS.items() if of.name == aggregate)


def position_of(number: int) -> int:
    """The position of the n-th event (from 1): 1, 3, 4, 6, 7, ..."""
    return number + number // 2


class Envelopes:
    """Puts facts into envelopes, one after the other, as the ledger would."""

    def __init__(self) -> None:
        self._written = 0
        self._versions: Counter[UUID] = Counter()

    def mark(self) -> tuple[int, Counter[UUID]]:
        """How far it is, to come `back_to` where what was written meanwhile is not to be."""
        return self._written, self._versions.copy()

    def back_to(self, mark: tuple[int, Counter[UUID]]) -> None:
        self._written, self._versions = mark

    def around(self, fact: Fact) -> Recorded[Any]:
        stream_id = getattr(fact, stream_field(fact.name.partition(".")[0]))
        self._written += 1
        self._versions[stream_id] += 1
        position = position_of(self._written)
        return Recorded(
            fact=fact,
            position=position,
            stream_id=stream_id,
            version=self._versions[stream_id],
            facility_id=getattr(fact, "facility_id", None),
            effective_at=_effective(fact) or BEGAN + timedelta(seconds=position),
            recorded_at=BEGAN + timedelta(seconds=position),
            actor="test",
            role="service",
            command_id=SOMEONE,
            correlation_id=SOMEONE,
            causation_id=None,
            reason=None,
            source=None,
        )


def recorded(*facts: Fact) -> list[Recorded[Any]]:
    """The facts in their envelopes."""
    envelopes = Envelopes()
    return [envelopes.around(each) for each in facts]


@dataclass(frozen=True)
class Given(Generic[R]):
    """A read model after some facts."""

    model: ReadModel[R]
    rows: dict[Key, R]

    def row(self, *key: Any) -> R:
        """The row of a key, which must be there."""
        assert key in self.rows, f"{self.model.name} has no row {key}, only {list(self.rows)}"
        return self.rows[key]

    def has_no_row(self, *key: Any) -> None:
        assert key not in self.rows, f"{self.model.name} has the row {self.rows.get(key)}"

    def has_only(self, *keys: Key) -> None:
        assert sorted(self.rows) == sorted(keys)

    def shows(self, *key: Any, **expected: Any) -> None:
        """The row of a key has these values among its own."""
        row = self.row(*key)
        assert {name: getattr(row, name) for name in expected} == expected


def given(model: ReadModel[R], *facts: Fact) -> Given[R]:
    """A read model that has folded `facts`."""
    return Given(model, refold(model, recorded(*facts)))


def at_every_position(
    model: ReadModel[R], events: Iterable[Recorded[Any]]
) -> Iterator[tuple[Recorded[Any], dict[Key, R]]]:
    """The rows of a model after each event."""
    rows: dict[Key, R] = {}
    for event in events:
        new = set()
        for key, handler in model.touches(event):
            if key not in rows:
                new.add(key)
            row = model.folded(rows.get(key) or model.start(key), event, key, handler)
            if row is None:
                rows.pop(key, None)
            else:
                rows[key] = row
        for key in new:
            # Figures that are still all zero have no row yet.
            if rows.get(key) == model.start(key):
                rows.pop(key, None)
        yield event, rows


def figures(row: Any) -> dict[str, int]:
    """The figures of a row that are not zero."""
    return {
        each.name: getattr(row, each.name)
        for each in fields(row)
        if type(getattr(row, each.name)) is int and getattr(row, each.name)
    }


def added_up(
    summary: Summary[R], rows: Iterable[R], by: Sequence[str] | None = None
) -> dict[Key, Counter[str]]:
    """A summary's figures over all facilities, told apart by its groups (or by others)."""
    groups = summary.groups if by is None else by
    totals: dict[Key, Counter[str]] = {}
    for row in rows:
        total = totals.setdefault(tuple(getattr(row, each) for each in groups), Counter())
        total.update({each.name: getattr(row, each.name) for each in summary.measures})
    return totals


def _effective(fact: Fact) -> datetime | None:
    when = None if fact.effective is None else attrgetter(fact.effective)(fact)
    if isinstance(when, date) and not isinstance(when, datetime):
        return datetime(when.year, when.month, when.day, tzinfo=UTC)
    return when
