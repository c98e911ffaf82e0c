"""An auditor looks back at a real health system: every answer equals folding its events again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random
from typing import Any
from uuid import UUID

import psycopg
import pytest

from domain.kernel import Recorded, aggregate_of
from facilities.database import Database, Role
from facilities.ledger import Ledger
from projections.audit.difference import difference
from projections.audit.facility import changed, part
from projections.audit.figures import figures
from projections.audit.state import Moment, plain, state_at
from projections.audit.timeline import Asked, page
from projections.refold import refold
from projections.render import render
from projections.scorecards import facility_scorecard
from tests.projections.test_real_ledger import Imported, imported, synthea  # noqa: F401

pytestmark = [pytest.mark.real, pytest.mark.slow]

SAMPLES = 200


@dataclass(frozen=True)
class Past:
    """What was imported, by stream and by facility, and dice that always fall the same."""

    ledger: Ledger
    connection: psycopg.Connection[Any]
    events: list[Recorded[Any]]
    streams: dict[UUID, list[Recorded[Any]]]
    dice: Random

    @property
    def head(self) -> int:
        return self.events[-1].position

    def moments(self) -> tuple[int, int]:
        old, new = sorted(self.dice.sample(range(self.head + 1), 2))
        return old, new

    def some(self) -> list[UUID]:
        """Some streams, the longest among them."""
        longest = sorted(self.streams, key=lambda each: -len(self.streams[each]))[:5]
        return longest + self.dice.sample(sorted(self.streams), SAMPLES)


@pytest.fixture
def past(imported: Imported, synthea: Database) -> Iterator[Past]:  # noqa: F811
    streams: dict[UUID, list[Recorded[Any]]] = defaultdict(list)
    for event in imported.events:
        streams[event.stream_id].append(event)
    with synthea.connect(Role.APP) as connection:
        yield Past(imported.ledger, connection, imported.events, streams, Random(7))


def refolded(events: list[Recorded[Any]], upto: int) -> Any:
    """A stream's state as its aggregate makes it of the facts up to a position."""
    facts = [each.fact for each in events if each.position <= upto]
    return aggregate_of(facts[0].name).fold(facts) if facts else None


def test_states_at_any_moment_are_what_refolding_gives(past: Past) -> None:
    for stream_id in past.some():
        for upto in (0, past.head, *past.moments()):
            events = past.ledger.entries([stream_id], upto=upto, carried_by=upto).get(stream_id, ())
            found = state_at(events, Moment(known_at=upto))
            state = refolded(past.streams[stream_id], upto)
            assert (None if found is None else plain(found.state)) == plain(state)


def test_what_is_folded_is_the_first_part_of_every_event(past: Past) -> None:
    chosen = past.some()
    read = past.ledger.entries(chosen, upto=past.head)
    assert {each: [tuple(entry) for entry in read[each]] for each in chosen} == {
        each: [event[:6] for event in past.streams[each]] for each in chosen
    }


def test_a_difference_leads_from_one_state_to_the_other(past: Past) -> None:
    for stream_id in past.some():
        events, (old, new) = past.streams[stream_id], past.moments()
        read = past.ledger.entries([stream_id], upto=new, carried_by=old).get(stream_id, ())
        found = difference(read, Moment(known_at=old), Moment(known_at=new))
        between = [each.position for each in events if old < each.position <= new]
        if found is None:
            assert refolded(events, new) is None
            continue
        assert [each.position for each in found.events] == between
        same = refolded(events, old) == refolded(events, new)
        assert (not found.changes) == (same and refolded(events, old) is not None)
        assert all(set(each.by) <= set(between) for each in found.changes)


def test_what_changed_at_a_facility_is_every_stream_that_changed_there(past: Past) -> None:
    facilities = sorted({each.facility_id for each in past.events if each.facility_id})
    for facility_id in past.dice.sample(facilities, 5):
        here, (old, new) = frozenset({facility_id}), past.moments()
        told, after = set[UUID](), old
        while True:
            found = part(
                past.connection, past.ledger, Asked(), scope=here, after=after, upto=new, streams=50
            )
            told |= {
                each.stream_id
                for each in changed(past.connection, past.ledger, found.events, old=old, new=new)
            }
            after = found.upto
            if found.last:
                break
        assert told == {
            each.stream_id
            for each in past.events
            if each.facility_id == facility_id and old < each.position <= new
        }


def test_figures_differ_by_what_refolding_differs(past: Past) -> None:
    old, new = past.moments()
    differing = figures(
        past.connection,
        past.ledger,
        facility_scorecard,
        scope=None,
        old=old,
        new=new,
        by_facility=True,
    )
    told = {(each.group["facility_id"], each.figure): (each.old, each.new) for each in differing}
    was, now = (_shown(past.events, upto) for upto in (old, new))
    expected = {}
    for facility_id, row in now.items():
        before = was.get(facility_id, {})
        for each in facility_scorecard.measures:
            one, other = before.get(each.name), row[each.name]
            one = one if one is not None else ("0.00" if each.minor else 0)
            if one != other:
                expected[UUID(facility_id), each.name] = (one, other)
    assert {
        (UUID(str(facility)), name): both for (facility, name), both in told.items()
    } == expected


def _shown(events: list[Recorded[Any]], upto: int) -> dict[str, dict[str, Any]]:
    rows = refold(facility_scorecard, events, upto)
    shown = render(
        facility_scorecard, [facility_scorecard.values_of(each) for each in rows.values()]
    )
    return {each["facility_id"]: each for each in shown}


DIMENSIONS: dict[str, tuple[Callable[[Any], Asked], Callable[[Any], Any]]] = {
    "fact": (lambda each: Asked(facts=(each.fact.name,)), lambda each: each.fact.name),
    "facility": (lambda each: Asked(facility_id=each.facility_id), lambda each: each.facility_id),
    "stream": (lambda each: Asked(stream_id=each.stream_id), lambda each: each.stream_id),
    "actor": (lambda each: Asked(actor=each.actor), lambda each: each.actor),
    "command": (lambda each: Asked(command_id=each.command_id), lambda each: each.command_id),
}


@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_a_timeline_by_any_dimension_is_those_events_and_no_others(
    past: Past, dimension: str
) -> None:
    ask, value = DIMENSIONS[dimension]
    event = past.dice.choice([each for each in past.events if each.facility_id is not None])
    found, beyond = list[int](), None
    while True:
        told = page(
            past.connection,
            past.ledger,
            ask(event),
            scope=None,
            upto=past.head,
            beyond=beyond,
            limit=500,
        )
        found += [each.position for each in told.events]
        beyond = told.beyond
        if beyond is None:
            break
    assert found == [each.position for each in past.events if value(each) == value(event)]
