"""A ledger in which anything may have happened to any dimension, and what a plain reading finds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from domain.kernel import Fact, Recorded, fact
from facilities.envelope import Attribution
from facilities.ledger import Ledger, Pending
from projections.audit.timeline import Asked

DAY = datetime(2026, 1, 1, tzinfo=UTC)


@fact("trial_inspection.made", effective="made_at")
class RoundMade(Fact):
    """Somebody went round."""

    facility_id: UUID | None
    made_at: datetime


@fact("trial_inspection.missed", effective="missed_at")
class RoundMissed(Fact):
    """Nobody went round."""

    facility_id: UUID | None
    missed_at: datetime


FACILITIES = [UUID(int=number) for number in range(1, 5)]
STREAMS = [UUID(int=100 + number) for number in range(6)]
ACTORS = ["ana", "ben", "ben", "ben", "cleo", "dee"]
ROLES = ["nurse", "nurse", "nurse", "porter"]


def told(ledger: Ledger, seed: int, events: int) -> list[Recorded[Any]]:
    """So many events, a few in each append; everything that was recorded."""
    random = Random(seed)
    versions = dict.fromkeys(STREAMS, 0)
    commands: list[UUID] = []
    while sum(versions.values()) < events:
        command = UUID(int=random.getrandbits(128))
        causation = random.choice([None, None, *commands[-5:]])
        correlation = random.choice([command, *commands[-3:]])
        commands.append(command)
        actor, role = random.choice(ACTORS), random.choice(ROLES)
        pending = []
        for place in range(random.choice([1, 1, 2, 3])):
            stream = random.choice(STREAMS)
            versions[stream] += 1
            by = Attribution(
                actor=actor,
                role=role,
                command_id=command,
                correlation_id=correlation,
                causation_id=causation,
                # The first event that a command records of a stream of its own carries it.
                digest=command.bytes if place == 0 else None,
            )
            pending.append(Pending(stream, versions[stream], _happened(random), by))
        ledger.append(pending)
    return list(ledger.read(0, 10 * events))


def _happened(random: Random) -> Fact:
    facility = random.choice([None, *FACILITIES])
    at = DAY + timedelta(days=random.randrange(30))
    if random.random() < 0.9:
        return RoundMade(facility_id=facility, made_at=at)
    return RoundMissed(facility_id=facility, missed_at=at)


def asked(random: Random, events: Sequence[Recorded[Any]]) -> Asked:
    """A question about one of the events, by a few of its dimensions."""
    one, other = random.choice(events), random.choice(events)
    positions = sorted((one.position, other.position))
    learned = sorted((one.recorded_at, other.recorded_at))
    happened = sorted((one.effective_at, other.effective_at))
    dimensions: dict[str, dict[str, Any]] = {
        "facility": {"facility_id": one.facility_id},
        "stream": {"stream_id": one.stream_id},
        "actor": {"actor": one.actor},
        "role": {"role": one.role},
        "command": {"command_id": one.command_id},
        "correlation": {"correlation_id": one.correlation_id},
        "causation": {"causation_ids": (one.command_id, other.command_id)},
        "fact": {"facts": (one.fact.name,)},
        "facts": {"facts": ("trial_inspection.missed", "trial_round.unheard_of")},
        "effective": {"effective_from": happened[0], "effective_to": happened[1]},
        "recorded": {"recorded_from": learned[0], "recorded_to": learned[1]},
        "recorded since": {"recorded_from": learned[1]},
        "position": {"position_from": positions[0], "position_to": positions[1]},
    }
    chosen = random.sample(sorted(dimensions), random.choice([0, 1, 1, 1, 2, 3]))
    given: dict[str, Any] = {}
    for each in chosen:
        given |= dimensions[each]
    return Asked(**given)


def satisfies(event: Recorded[Any], question: Asked) -> bool:
    """Whether an event is among those asked for, looked at by itself."""
    equal = {
        "facility_id": question.facility_id,
        "stream_id": question.stream_id,
        "actor": question.actor,
        "role": question.role,
        "command_id": question.command_id,
        "correlation_id": question.correlation_id,
    }
    return (
        all(value in (None, getattr(event, name)) for name, value in equal.items())
        and (question.facts is None or event.fact.name in question.facts)
        and (question.causation_ids is None or event.causation_id in question.causation_ids)
        and _within(event.effective_at, question.effective_from, question.effective_to)
        and _within(event.recorded_at, question.recorded_from, question.recorded_to)
        and _within(event.position, question.position_from, question.position_to)
    )


def _within(value: Any, first: Any, last: Any) -> bool:
    return (first is None or first <= value) and (last is None or value <= last)
