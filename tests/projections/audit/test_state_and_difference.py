"""Looking back equals folding again, whatever happened; a difference tells all that changed, and
names for each field events that lie in between.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import IntEnum, StrEnum
from random import Random
from types import MappingProxyType
from typing import Any, cast
from uuid import UUID

import hypothesis
import pytest
from hypothesis import strategies

from domain.kernel import FACTS, Recorded, aggregate_of
from domain.personal import personal_fields
from projections.audit.difference import Change, compare, difference
from projections.audit.masking import Masked, masked
from projections.audit.state import Moment, plain, state_at
from projections.render import MASK
from tests.projections.grammar import BEGAN
from tests.projections.health_system import HealthSystem

Streams = dict[UUID, list[Recorded[Any]]]


def whatever_happens(test: Callable[[Streams, Random], None]) -> Callable[[], None]:
    """The test is given the streams of health systems in which many things happened, with effective
    times that do not follow the order of recording.
    """

    def lived(seed: int) -> None:
        random = Random(seed)
        streams: Streams = defaultdict(list)
        for event in HealthSystem(seed).lives(400).events:
            happened = BEGAN - timedelta(days=random.randrange(60))
            streams[event.stream_id].append(event._replace(effective_at=happened))
        test(streams, random)

    lived.__name__, lived.__doc__ = test.__name__, test.__doc__
    settings = hypothesis.settings(
        max_examples=15,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[hypothesis.Phase.generate],
    )
    return settings(hypothesis.given(seed=strategies.integers(0, 2**32))(lived))


def refolded(events: Sequence[Recorded[Any]]) -> Any:
    """The state after these events, by the aggregate itself."""
    return aggregate_of(events[0].fact.name).fold(each.fact for each in events)


def positions(events: Sequence[Recorded[Any]], random: Random) -> list[int]:
    return sorted(random.randrange(events[-1].position + 2) for _ in range(2))


@whatever_happens
def test_a_state_at_a_position_is_what_folding_again_gives(
    streams: Streams, random: Random
) -> None:
    for events in streams.values():
        for position in positions(events, random):
            known = [each for each in events if each.position <= position]
            found = state_at(events, Moment(known_at=position))
            if not known:
                assert found is None
                continue
            assert found is not None
            assert found.state == refolded(known)
            assert (found.version, found.position) == (known[-1].version, known[-1].position)
            assert found.set_aside == ()


@whatever_happens
def test_by_what_had_happened_only_that_is_folded(streams: Streams, random: Random) -> None:
    for events in streams.values():
        instant = BEGAN - timedelta(days=random.randrange(60))
        position = positions(events, random)[1]
        moment = Moment(known_at=position, effective_at=instant)
        found = state_at(events, moment)
        aside = () if found is None else found.set_aside
        happened = [
            each
            for each in events
            if each.position <= position and each.effective_at <= instant and each not in aside
        ]
        if found is None:
            assert not any(map(_folds_alone, happened))
        else:
            assert found.state == refolded(happened)
            assert all(each.effective_at <= instant for each in aside)


def _folds_alone(event: Recorded[Any]) -> bool:
    """Whether something can have happened before everything else: a reversal cannot."""
    try:
        aggregate_of(event.fact.name).initial.evolve(event.fact)
    except LookupError:
        return False
    return True


def test_a_reversal_dated_before_its_entry_is_set_aside() -> None:
    events = next(filter(None, map(_a_reversed_claim, range(40))))
    reversal = next(each for each in events if each.fact.name == "claim.entry_reversed")
    later = BEGAN + timedelta(days=1)
    dated = [
        each._replace(
            effective_at=later
            if getattr(each.fact, "entry", None) == reversal.fact.reversed_entry
            else BEGAN
        )
        for each in events
    ]
    found = state_at(dated, Moment(known_at=events[-1].position, effective_at=BEGAN))
    assert found is not None
    assert reversal.position in [each.position for each in found.set_aside]


def _a_reversed_claim(seed: int) -> list[Recorded[Any]]:
    """The events of a claim with an entry that was reversed; none where there was no such claim."""
    events = HealthSystem(seed).lives(400).events
    reversed_ = {each.stream_id for each in events if each.fact.name == "claim.entry_reversed"}
    return [each for each in events if each.stream_id in sorted(reversed_)[:1]]


@whatever_happens
def test_a_difference_tells_all_that_changed(streams: Streams, random: Random) -> None:
    for events in streams.values():
        old, new = (Moment(known_at=each) for each in positions(events, random))
        before, after = state_at(events, old), state_at(events, new)
        found = difference(events, old, new)
        if after is None:
            assert found is None
            continue
        assert found is not None
        changes = {each.path: plain(each.new) for each in found.changes}
        for path, _, value in compare(None if before is None else before.state, after.state):
            assert changes.pop(path) == plain(value)
        assert not changes
        assert (found.changes == ()) == (before is not None and before.state == after.state)
        between = [each.position for each in events if old.known_at < each.position <= new.known_at]
        assert [each.position for each in found.events] == between
        for change in found.changes:
            assert change.by, change
            assert set(change.by) <= set(between)


@whatever_happens
def test_a_difference_told_in_parts_is_the_whole_one(streams: Streams, random: Random) -> None:
    for events in streams.values():
        old, new = (Moment(known_at=each) for each in positions(events, random))
        whole = difference(events, old, new)
        if whole is None:
            continue
        assert (whole.upto, whole.complete) == (new.known_at, True)
        told, by, beyond, complete = list[Recorded[Any]](), set[tuple[str, int]](), 0, False
        while not complete:
            part = difference(events, old, new, beyond=beyond, most=2)
            assert part is not None
            assert len(part.events) <= 2
            assert unexplained(part.changes) == unexplained(whole.changes)
            told += part.events
            by |= {(each.path, position) for each in part.changes for position in each.by}
            beyond, complete = part.upto, part.complete
        assert tuple(told) == whole.events
        assert by >= {(each.path, position) for each in whole.changes for position in each.by}


def unexplained(changes: Sequence[Change]) -> list[tuple[str, Any, Any]]:
    return [(each.path, each.old, each.new) for each in changes]


@whatever_happens
def test_by_what_happened_a_difference_is_that_of_the_states(
    streams: Streams, random: Random
) -> None:
    for events in streams.values():
        days = sorted(BEGAN - timedelta(days=random.randrange(60)) for _ in range(2))
        known = events[-1].position
        old, new = (Moment(known_at=known, effective_at=each) for each in days)
        before, after = state_at(events, old), state_at(events, new)
        found = difference(events, old, new)
        if after is None:
            assert found is None
            continue
        assert found is not None
        assert unexplained(found.changes) == list(
            compare(None if before is None else before.state, after.state)
        )


@whatever_happens
def test_who_may_not_see_people_sees_what_changed_all_the_same(
    streams: Streams, random: Random
) -> None:
    for events in streams.values():
        old, new = (Moment(known_at=each) for each in positions(events, random))
        shown, hidden = difference(events, old, new), difference(masked(events), old, new)
        assert (shown is None) == (hidden is None)
        if shown is not None and hidden is not None:
            assert as_masked(shown.changes) == as_masked(hidden.changes)
            for each in hidden.changes:
                if each.path in PERSONAL_FIELDS:
                    assert plain(each.new) in (None, MASK)
            open_to_all = [
                [each for each in told.changes if outermost(each.path) not in PERSONAL_FIELDS]
                for told in (shown, hidden)
            ]
            assert open_to_all[0] == open_to_all[1]


def as_masked(changes: Sequence[Change]) -> dict[str, set[int]]:
    """What changed, and by which events; of what is personal as a whole no part is told."""
    told: dict[str, set[int]] = defaultdict(set)
    for each in changes:
        outer = outermost(each.path)
        told[outer if outer in PERSONAL_FIELDS else each.path] |= set(each.by)
    return dict(told)


def outermost(path: str) -> str:
    return path.partition(".")[0]


PERSONAL_FIELDS = {name for kind in FACTS.values() for name in personal_fields(cast(Any, kind))}


# --- comparing -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Bed:
    ward: str
    rails: tuple[str, ...] = ()
    notes: Any = field(default_factory=lambda: MappingProxyType({}))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (Bed("A"), Bed("A"), []),
        (Bed("A"), Bed("B"), [("ward", "A", "B")]),
        (None, Bed("B"), [("ward", None, "B")]),
        (Bed("A", ("x", "y")), Bed("A", ("x", "z", "y")), [("rails[1]", None, "z")]),
        (Bed("A", ("x", "y")), Bed("A", ("y",)), [("rails[0]", "x", None)]),
        (Bed("A", ("x", "y")), Bed("A", ("x", "z")), [("rails[1]", "y", "z")]),
        (
            Bed("A", notes={1: Bed("C"), 2: "same"}),
            Bed("A", notes={2: "same", 3: Bed("D")}),
            [("notes.1.ward", "C", None), ("notes.3.ward", None, "D")],
        ),
        (
            Bed("A", notes={1: "text"}),
            Bed("A", notes={1: ("list",)}),
            [("notes.1", "text", ("list",))],
        ),
        (
            None,
            Bed("B", ("x", "y"), {1: Bed("C", notes={"key": {}}), 2: None}),
            [
                ("ward", None, "B"),
                ("rails[0]", None, "x"),
                ("rails[1]", None, "y"),
                ("notes.1.ward", None, "C"),
            ],
        ),
        (
            Bed("A", ("x",), {3: {4: frozenset[str]()}}),
            None,
            [("ward", "A", None), ("rails[0]", "x", None), ("notes.3.4", frozenset(), None)],
        ),
        (
            Bed("A", notes=MappingProxyType({1: "same", 2: "old"})),
            Bed("A", notes=MappingProxyType({2: "new", 1: "same"})),
            [("notes.2", "old", "new")],
        ),
        (Bed("A", notes={1: None}), Bed("A", notes={2: None}), []),
        (Bed("A", notes={1: 1}), Bed("A", notes={1: True}), [("notes.1", 1, True)]),
    ],
)
def test_values_are_compared_by_their_innermost_places(old: Any, new: Any, told: Any) -> None:
    assert list(compare(old, new)) == told


class Rail(StrEnum):
    UP = "up"


class Side(IntEnum):
    LEFT = 1


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (None, None),
        (True, True),
        (3, 3),
        (Side.LEFT, 1),
        ("text", "text"),
        (Rail.UP, "up"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (Masked("Ana"), MASK),
        (Decimal("1E+2"), "100"),
        (Decimal("-0.50"), "-0.50"),
        (date(2026, 1, 2), "2026-01-02"),
        (datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC), "2026-01-02T03:04:05.000006Z"),
        (Bed("A", ("x",)), {"ward": "A", "rails": ["x"], "notes": {}}),
        (
            MappingProxyType({Rail.UP: 1, date(2026, 1, 2): 2, (1, "x"): 3}),
            {"up": 1, "2026-01-02": 2, "[1, 'x']": 3},
        ),
        (frozenset({"b", "a"}), ["a", "b"]),
        ({(2, "x"), (1, "y")}, [[1, "y"], [2, "x"]]),
        ([Decimal(1), (Bed("B"),)], ["1", [{"ward": "B", "rails": [], "notes": {}}]]),
    ],
)
def test_a_value_is_told_as_json_has_it(value: Any, told: Any) -> None:
    assert plain(value) == told
    assert type(plain(value)) is type(told) or isinstance(value, Side)


def test_a_masked_value_equals_itself_only() -> None:
    assert Masked("Ana") == Masked("Ana")
    assert Masked("Ana") != Masked("Ben")
    assert Masked("Ana") != "Ana"
    assert f"{Masked('Ana')} {[Masked('Ana')]}" == f"{MASK} [{MASK}]"
