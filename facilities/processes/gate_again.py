"""The gate once more, for department managers: who is on a shift and may not do it any more.

What somebody holds is looked at when they join a shift, and when its roster is published. What is
taken from them afterwards (a license is suspended, an override withdrawn) is asked about at once,
for each published shift that lies ahead: what the gate refuses is on record, and on the desk of
whoever has to find somebody else. Nobody is taken off a shift by it: that is for people to decide.
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


Ahead = Callable[[UUID, datetime, int], Iterable[ShiftAhead]]
"""The published shifts of somebody that end after a moment, as of a position at least."""

Taken = (
    CredentialSuspended
    | CredentialRevoked
    | CredentialRetracted
    | CredentialNotConfirmed
    | CredentialOverrideWithdrawn
)


def gate_again(ahead: Ahead) -> Process:
    """The process; `ahead` asks a read model."""
    process = Process(
        "gate_again", desk="department managers: whom to replace on shifts that lie ahead"
    )

    def asked(event: Recorded[Taken] | Recorded[CredentialScreened]) -> Iterator[Command]:
        staff_id, home = event.fact.staff_id, event.fact.facility_id
        for each in ahead(staff_id, event.recorded_at, event.position):
            yield AskAtGate(
                staff_id=staff_id,
                facility_id=home,
                job=each.job,
                begins_at=each.starts_at,
                ends_at=each.ends_at,
                department_kind=each.department_kind,
                department_id=each.department_id,
                work_facility_id=each.facility_id,
            )

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

    return process
