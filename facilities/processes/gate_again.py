"""The gate once more, for department managers: who is on a shift and may not do it any more.

What somebody holds is looked at when they join a shift, and when its roster is published. What is
taken from them afterwards (a license is suspended, an override withdrawn) is asked about at once,
for each published shift that lies ahead: what the gate refuses is on record, and on the desk of
whoever has to find somebody else. So it is when the work comes to require more than it did, of
everybody who is on such a shift: a requirement is new, or ends on another day than was told.
Nobody is taken off a shift by it: that is for people to decide.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Protocol
from uuid import UUID

from domain.kernel import Command, Recorded
from domain.workforce.events.credential import (
    CredentialNotConfirmed,
    CredentialOverrideWithdrawn,
    CredentialRetracted,
    CredentialRevoked,
    CredentialScreened,
    CredentialSuspended,
)
from domain.workforce.events.held import ScreeningResult
from domain.workforce.events.requirement import RequirementEnded, RequirementEstablished
from domain.workforce.overrides import AskAtGate
from facilities.process import Process


class ShiftAhead(Protocol):
    """A published shift that somebody is on, and that is not over yet."""

    @property
    def facility_id(self) -> UUID: ...
    @property
    def department_id(self) -> UUID: ...
    @property
    def department_kind(self) -> str | None: ...
    @property
    def job(self) -> str: ...
    @property
    def starts_at(self) -> datetime: ...
    @property
    def ends_at(self) -> datetime: ...


class ShiftUnderRequirement(ShiftAhead, Protocol):
    """Such a shift, and who is on it, at home in which facility."""

    @property
    def staff_id(self) -> UUID: ...
    @property
    def home_id(self) -> UUID: ...


Ahead = Callable[[UUID, datetime, int], Iterable[ShiftAhead]]
"""The published shifts of somebody that end after a moment, as of a position at least."""

Under = Callable[[UUID, datetime, int], Iterable[ShiftUnderRequirement]]
"""Likewise, those of everybody that come under a requirement."""

Taken = (
    CredentialSuspended
    | CredentialRevoked
    | CredentialRetracted
    | CredentialNotConfirmed
    | CredentialOverrideWithdrawn
)


def gate_again(ahead: Ahead, under: Under) -> Process:
    """The process; `ahead` and `under` ask read models."""
    process = Process(
        "gate_again", desk="department managers: whom to replace on shifts that lie ahead"
    )

    def asked(event: Recorded[Taken] | Recorded[CredentialScreened]) -> Iterator[Command]:
        staff_id, home = event.fact.staff_id, event.fact.facility_id
        for each in ahead(staff_id, event.recorded_at, event.position):
            yield _asking(staff_id, home, each)

    @process.on(
        CredentialSuspended,
        CredentialRevoked,
        CredentialRetracted,
        CredentialNotConfirmed,
        CredentialOverrideWithdrawn,
    )
    def taken(event: Recorded[Taken]) -> Iterator[Command]:
        yield from asked(event)

    @process.on(CredentialScreened)
    def screened(event: Recorded[CredentialScreened]) -> Iterator[Command]:
        if event.fact.result is ScreeningResult.EXCLUDED:
            yield from asked(event)

    @process.on(RequirementEstablished, RequirementEnded)
    def required(
        event: Recorded[RequirementEstablished] | Recorded[RequirementEnded],
    ) -> Iterator[Command]:
        for each in under(event.fact.requirement_id, event.recorded_at, event.position):
            yield _asking(each.staff_id, each.home_id, each)

    return process


def _asking(staff_id: UUID, home: UUID, shift: ShiftAhead) -> AskAtGate:
    return AskAtGate(
        staff_id=staff_id,
        facility_id=home,
        job=shift.job,
        begins_at=shift.starts_at,
        ends_at=shift.ends_at,
        department_kind=shift.department_kind,
        department_id=shift.department_id,
        work_facility_id=shift.facility_id,
    )
