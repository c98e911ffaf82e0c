"""Departures, for human resources: who leaves holds no position any more; it is a vacancy."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Protocol
from uuid import UUID

from domain.kernel import Command, Recorded
from domain.workforce.events.position import VacancyReason
from domain.workforce.events.staff import StaffMemberSeparated
from domain.workforce.position import VacatePosition
from facilities.process import Process


class HeldPosition(Protocol):
    """A position somebody holds; `since` is the day they were put there."""

    @property
    def position_id(self) -> UUID: ...
    @property
    def since(self) -> date: ...


Held = Callable[[UUID, int], Iterable[HeldPosition]]
"""The positions somebody holds, as of a position of the ledger at least."""


def departures(held: Held) -> Process:
    """The process; `held` asks a read model. A position that was vacated by hand, or given to
    somebody else meanwhile, is left alone."""
    process = Process("departures", desk="human resources: who leaves leaves a vacancy")

    @process.on(StaffMemberSeparated)
    def separated(event: Recorded[StaffMemberSeparated]) -> Iterator[Command]:
        fact = event.fact
        for each in held(fact.staff_id, event.position):
            yield VacatePosition(
                position_id=each.position_id,
                vacated_on=max(fact.separated_on, each.since),
                reason=VacancyReason.SEPARATION,
                staff_id=fact.staff_id,
            )

    return process
