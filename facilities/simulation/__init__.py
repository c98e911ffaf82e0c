"""A health system that never was, told through commands: to look at, to teach with, to measure.

It is plausible, not true. Its limits:

* Everything is recorded today; only the effective days lie in the past. Who asks what the ledger
  knew on a day last spring is answered: nothing.
* Stock is not used for what claims are charged for; patients are ids without names; nothing has a
  season but the weekend; a payer denies a claim as a whole or not at all.
* Only nurses of wards that have several of them are rostered; they come to nearly all their shifts.
* Charge codes, towns, people and payers are invented, and numbers (NPI, CCN, licences) have the
  shape of real ones only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from domain.kernel import Refused
from facilities.bulk import unhurried_collector
from facilities.scope import Actor
from facilities.service import Answer, Context, Instruction, Outcome, Service
from facilities.simulation.diary import Diary, Errand
from facilities.simulation.run import Run

BATCH = 1_000
"""How many commands are sent in one append."""


@dataclass(frozen=True, slots=True)
class SimulationReport:
    """What a simulation came to. `facts` were recorded by this run, `already_there` by one before.

    `refused` counts refusals by their code; there are none unless someone else worked on the same
    records meanwhile.
    """

    facilities: int
    first_day: date
    last_day: date
    commands: int
    already_there: int
    facts: Mapping[str, int] = field(default_factory=dict)
    refused: Mapping[str, int] = field(default_factory=dict)

    @property
    def facts_recorded(self) -> int:
        return sum(self.facts.values())

    def to_json(self) -> dict[str, Any]:
        """The report as JSON's own types."""
        return {
            "facilities": self.facilities,
            "first_day": self.first_day.isoformat(),
            "last_day": self.last_day.isoformat(),
            "commands": self.commands,
            "already_there": self.already_there,
            "facts_recorded": self.facts_recorded,
            "facts": dict(sorted(self.facts.items())),
            "refused": dict(sorted(self.refused.items())),
        }


def simulate(
    service: Service,
    *,
    facilities: int,
    days: int,
    seed: int,
    until: date,
    actor: Actor,
    progress: Callable[[str, int, int], None] = lambda _stage, _done, _total: None,
    batch: int = BATCH,
) -> SimulationReport:
    """Let so many facilities work for so many days, the last of which is `until`.

    The same arguments give the same ids and facts: a second run records nothing, one that was
    interrupted goes on where it stopped, and one with the same first day (one more of `days` for
    each day that `until` is later) continues the same system. `progress` is told the stage, how
    many of it are done, and of how many. Raises ValueError where there is nothing to simulate or
    the days reach into the future.
    """
    if facilities < 1 or days < 1 or batch < 1:
        raise ValueError("facilities, days and batch must be at least one")
    if until > service.now().date():
        raise ValueError(f"{until} is in the future")
    run = Run(seed, facilities, until - timedelta(days=days - 1))
    clerk = _Clerk(service, run, actor, batch)
    diary = Diary(run)
    with unhurried_collector():
        progress("beginning", 0, 1)
        clerk.take(diary.beginning())
        progress("beginning", 1, 1)
        for done in range(days):
            clerk.take(diary.day(run.first_day + timedelta(days=done)))
            progress("days", done + 1, days)
        clerk.send()
    return SimulationReport(
        facilities=facilities,
        first_day=run.first_day,
        last_day=until,
        commands=clerk.commands,
        already_there=clerk.already_there,
        facts=clerk.facts,
        refused=clerk.refused,
    )


class _Clerk:
    """Gathers commands into batches, sends them, and counts what comes of it."""

    def __init__(self, service: Service, run: Run, actor: Actor, batch: int) -> None:
        self._service, self._actor, self._batch = service, actor, batch
        self._correlation = run.id("simulation")
        self._source = f"simulation:{run.seed}"
        self._gathered: list[Instruction] = []
        self.commands = self.already_there = 0
        self.facts: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()

    def take(self, errands: Iterator[Errand]) -> None:
        for command, command_id in errands:
            context = Context(
                actor=self._actor,
                command_id=command_id,
                keyed=True,
                correlation_id=self._correlation,
                source=self._source,
            )
            self._gathered.append((command, context))
            if len(self._gathered) >= self._batch:
                self.send()

    def send(self) -> None:
        """Send what is gathered; it is recorded as a whole or, where that fails, not at all."""
        gathered, self._gathered = self._gathered, []
        for answer in self._service.execute_all(gathered):
            self._count(answer)
        self.commands += len(gathered)

    def _count(self, answer: Answer) -> None:
        if not isinstance(answer, Outcome):
            code = answer.code if isinstance(answer, Refused) else type(answer).__name__
            self.refused[code] += 1
        elif answer.replayed:
            self.already_there += 1
        else:
            self.facts.update(answer.facts)
