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

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, NamedTuple
from uuid import UUID

from domain.kernel import Recorded, aggregate_of
from projections.audit.masking import Masked

LONGEST = 2**31 - 1
"""More events than a stream can have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A moment on both clocks; without `effective_at`, by the first alone."""

    known_at: int
    effective_at: datetime | None = None

    def has(self, event: Recorded[Any]) -> bool:
        """Whether an event was known and in effect."""
        return event.position <= self.known_at and (
            self.effective_at is None or event.effective_at <= self.effective_at
        )


class Step(NamedTuple):
    """An event and what it made of the aggregate; `before` is None for the first."""

    event: Recorded[Any]
    before: Any
    after: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Folded:
    """What an aggregate had become: `version` and `position` are those of the last event in it.

    `set_aside` are the events that build on one that was not in effect.
    """

    aggregate: str
    stream_id: UUID
    facility_id: UUID | None
    version: int
    position: int
    state: Any
    set_aside: tuple[Recorded[Any], ...] = ()


def state_at(events: Sequence[Recorded[Any]], moment: Moment) -> Folded | None:
    """What a stream's events come to at a moment; None where nothing had happened yet."""
    set_aside: list[Recorded[Any]] = []
    if moment.effective_at is None:
        known = [each for each in events if each.position <= moment.known_at]
        if not known:
            return None
        last, state = known[-1], _folded(known)
    else:
        folded = deque(steps(events, moment, set_aside), maxlen=1)
        if not folded:
            return None
        last, _, state = folded[0]
    return Folded(
        aggregate=aggregate_of(last.fact.name).name,
        stream_id=last.stream_id,
        facility_id=last.facility_id,
        version=last.version,
        position=last.position,
        state=state,
        set_aside=tuple(set_aside),
    )


def _folded(events: Sequence[Recorded[Any]]) -> Any:
    return aggregate_of(events[0].fact.name).fold(each.fact for each in events)


def steps(
    events: Sequence[Recorded[Any]], moment: Moment, set_aside: list[Recorded[Any]]
) -> Iterator[Step]:
    """A stream's events up to a moment, each with the state before and after it."""
    state: Any = None
    for event in events:
        if not moment.has(event):
            continue
        start = aggregate_of(event.fact.name).initial if state is None else state
        try:
            after = start.evolve(event.fact)
        except LookupError:
            # With everything that was recorded before it, every fact folds.
            if moment.effective_at is None:
                raise
            set_aside.append(event)
            continue
        yield Step(event, state, after)
        state = after


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
