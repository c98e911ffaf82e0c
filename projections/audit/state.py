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

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from operator import attrgetter
from types import NoneType
from typing import Any, Generic, TypeVar
from uuid import UUID

from domain.kernel import aggregate_of
from projections.audit import Placed
from projections.audit.masking import Masked
from projections.audit.shapes import by_names, of_each_type, shape

P = TypeVar("P", bound=Placed)

_position = attrgetter("position")


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A moment on both clocks; without `effective_at`, by the first alone."""

    known_at: int
    effective_at: datetime | None = None

    def those(self, events: Sequence[P]) -> Sequence[P]:
        """The events of a stream, of which these are in order, that were known and in effect."""
        known = events[: bisect_right(events, self.known_at, key=_position)]
        if self.effective_at is None:
            return known
        return [each for each in known if each.effective_at <= self.effective_at]


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
    """A stream on the way to a moment: the state so far, and the last event in it. It is given the
    events the moment has, and no others."""

    moment: Moment
    state: Any = None
    last: P | None = None
    set_aside: list[P] = field(default_factory=list)

    def take(self, event: P) -> bool:
        """Fold an event; False where it builds on one that was not in effect."""
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

    def take_all(self, events: Iterable[P]) -> list[P]:
        """Fold events, one after the other; returns those that could be folded."""
        return [each for each in events if self.take(each)]

    def towards(self, moment: Moment) -> Folding[P]:
        """What is folded so far, to be gone on with to another moment."""
        return replace(self, moment=moment, set_aside=[*self.set_aside])


def state_at(events: Sequence[P], moment: Moment) -> Folded[P] | None:
    """What a stream's events come to at a moment; None where nothing had happened yet."""
    folding = Folding[P](moment)
    folding.take_all(moment.those(events))
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
    return _teller(type(value))(value)


@of_each_type
def _teller(kind: Any) -> Callable[[Any], Any]:
    """What makes a thing of a type plain: found out once for each type, and not for each thing."""
    if issubclass(kind, (NoneType, bool, int, float)):
        return _itself
    if issubclass(kind, Enum):
        return attrgetter("value")
    if issubclass(kind, (str, Masked, UUID)):
        return str
    if issubclass(kind, Decimal):
        return _in_full
    if issubclass(kind, date):
        return _iso_8601
    if shape(kind) is dict:
        return _under_names
    if issubclass(kind, (set, frozenset)):
        return _in_some_order
    return _one_by_one


def _itself(value: Any) -> Any:
    return value


def _in_full(value: Decimal) -> str:
    return format(value, "f")


def _iso_8601(value: date) -> str:
    return value.isoformat().replace("+00:00", "Z")


def _under_names(value: Any) -> dict[str, Any]:
    return {
        name if type(name) is str else str(plain(name)): _teller(type(each))(each)
        for name, each in by_names(value).items()
    }


def _in_some_order(value: Iterable[Any]) -> list[Any]:
    members = [plain(each) for each in value]
    ordered = not any(isinstance(each, (dict, list)) for each in members)
    return sorted(members, key=None if ordered else str)


def _one_by_one(value: Iterable[Any]) -> list[Any]:
    return [_teller(type(each))(each) for each in value]
