"""What something had become at a moment, folded from its events as it was then.

A moment is told by two clocks. `known_at` is a position of the ledger: what was recorded later was
not known. `effective_at` is an instant in the world: what happened later was not so. With both, the
facts are those recorded up to `known_at`, of which those stay that were in effect at `effective_at`
or before; they are folded in the order they were recorded in.

Looking back by the second clock has two limits, and both are told. An outcome that a fact carries
(``balance_after``) is the one that was known when it was recorded, with everything recorded before
it. And a fact that builds on one that was not in effect yet (a reversal dated before its entry)
cannot be folded without it: it is set aside, and named.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Generic, TypeVar
from uuid import UUID

from domain.kernel import aggregate_of
from projections.audit import Placed
from projections.audit.masking import Masked

P = TypeVar("P", bound=Placed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A moment on both clocks; without `effective_at`, by the first alone."""

    known_at: int
    effective_at: datetime | None = None

    def has(self, event: Placed) -> bool:
        """Whether an event was known and in effect."""
        return event.position <= self.known_at and (
            self.effective_at is None or event.effective_at <= self.effective_at
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Folded(Generic[P]):
    """What an aggregate had become: `version` and `position` are those of the last event in it.

    `set_aside` are the events that build on one that was not in effect.
    """

    aggregate: str
    stream_id: UUID
    facility_id: UUID | None
    version: int
    position: int
    state: Any
    set_aside: tuple[P, ...] = ()


@dataclass(slots=True)
class Folding(Generic[P]):
    """A stream on the way to a moment: the state so far, and the last event in it."""

    moment: Moment
    state: Any = None
    last: P | None = None
    set_aside: list[P] = field(default_factory=list)

    def take(self, event: P) -> bool:
        """Fold an event the moment has; False where it builds on one that was not in effect."""
        state = self.state
        if state is None:
            state = aggregate_of(event.fact.name).initial
        try:
            self.state = state.evolve(event.fact)
        except LookupError:
            # With everything that was recorded before it, every fact folds.
            if self.moment.effective_at is None:
                raise
            self.set_aside.append(event)
            return False
        self.last = event
        return True

    def take_all(self, events: Sequence[P]) -> list[P]:
        """Fold those of some events that the moment has; returns those that could be folded."""
        return [each for each in events if self.moment.has(each) and self.take(each)]

    def towards(self, moment: Moment) -> Folding[P]:
        """What is folded so far, to be gone on with to another moment."""
        return replace(self, moment=moment, set_aside=[*self.set_aside])


def state_at(events: Sequence[P], moment: Moment) -> Folded[P] | None:
    """What a stream's events come to at a moment; None where nothing had happened yet."""
    folding = Folding[P](moment)
    folding.take_all(events)
    last = folding.last
    if last is None:
        return None
    return Folded(
        aggregate=aggregate_of(last.fact.name).name,
        stream_id=last.stream_id,
        facility_id=last.facility_id,
        version=last.version,
        position=last.position,
        state=folding.state,
        set_aside=tuple(folding.set_aside),
    )


def plain(value: Any) -> Any:
    """A state, or a part of one, as JSON has it: decimals and instants as text, names as keys."""
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (str, Masked, UUID)):
        return str(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, (date, datetime)):
        return value.isoformat().replace("+00:00", "Z")
    if is_dataclass(value):
        return {each.name: plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, Mapping):
        return {str(plain(name)): plain(each) for name, each in value.items()}
    if isinstance(value, (set, frozenset)):
        members = [plain(each) for each in value]
        ordered = not any(isinstance(each, (dict, list)) for each in members)
        return sorted(members, key=None if ordered else str)
    return [plain(each) for each in value]
