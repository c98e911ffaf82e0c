"""An erasure: what is personal of somebody is made unreadable, for good.

Its life: it is **requested**, **approved** by two others, **begun** when no legal hold and no
retention stands in the way, and **completed**; until it is begun it may be **withdrawn**.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import assert_never
from uuid import UUID

from domain import rules
from domain.kernel import Aggregate, Circumstances, Command, Decision, Refused, command
from domain.privacy.events import (
    ErasureApproved,
    ErasureBegun,
    ErasureCompleted,
    ErasureFact,
    ErasureRequested,
    ErasureWithdrawn,
)
from domain.privacy.retention import SHORTEST_RETENTION

APPROVERS = 2
"""How many others must agree."""


class ErasureStatus(StrEnum):
    """How far an erasure has come."""

    ABSENT = "absent"
    REQUESTED = "requested"
    APPROVED = "approved"
    WITHDRAWN = "withdrawn"
    BEGUN = "begun"
    COMPLETED = "completed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """Whose data, who asked, who agreed. It belongs to no facility: a person is known at many."""

    facility_id: UUID | None = None
    status: ErasureStatus = ErasureStatus.ABSENT
    subject_id: UUID | None = None
    requested_by: str = ""
    approved_by: tuple[str, ...] = ()
    key_id: UUID | None = None

    def evolve(self, fact: ErasureFact) -> Erasure:
        match fact:
            case ErasureRequested():
                return replace(
                    self,
                    status=ErasureStatus.REQUESTED,
                    subject_id=fact.subject_id,
                    requested_by=fact.requested_by,
                )
            case ErasureApproved():
                enough = fact.approvals >= APPROVERS
                return replace(
                    self,
                    status=ErasureStatus.APPROVED if enough else ErasureStatus.REQUESTED,
                    approved_by=(*self.approved_by, fact.approved_by),
                )
            case ErasureWithdrawn():
                return replace(self, status=ErasureStatus.WITHDRAWN)
            case ErasureBegun():
                return replace(self, status=ErasureStatus.BEGUN, key_id=fact.key_id)
            case ErasureCompleted():
                return replace(self, status=ErasureStatus.COMPLETED)
            case _:
                assert_never(fact)


erasure = Aggregate("erasure", Erasure())


@command("erasure_id", creates=True)
class RequestErasure(Command):
    """Ask that what is personal of a person be erased: a patient, or a member of the staff."""

    erasure_id: UUID
    subject_id: UUID
    grounds: str


@command("erasure_id")
class ApproveErasure(Command):
    """Agree to an erasure that somebody else has asked for."""

    erasure_id: UUID


@command("erasure_id")
class WithdrawErasure(Command):
    """Leave everything as it is."""

    erasure_id: UUID
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Records that name the person, of one kind at one facility: the last day any of them was made
    or in effect, and for how many years they are kept from then on."""

    records: str
    facility_id: UUID | None
    last_in_effect_on: date
    retention_years: int


@command("erasure_id")
class BeginErasure(Command):
    """Begin with it, given what the ledger says of the person at that moment.

    `kept` are the records of the things that name them, `held_by` the legal holds in force that
    keep what is theirs, `unsealed` how many of their events were stored before anything was sealed.
    """

    erasure_id: UUID
    key_id: UUID
    kept: tuple[Kept, ...] = ()
    held_by: tuple[UUID, ...] = ()
    unsealed: int = 0


@command("erasure_id")
class CompleteErasure(Command):
    """Put on record that nothing can be read any more."""

    erasure_id: UUID
    facts: int
    rows: int


@erasure.decides
def request(state: Erasure, command: RequestErasure, at: Circumstances) -> Decision:
    if state.status is not ErasureStatus.ABSENT:
        raise Refused("erasure.already_requested", "This erasure is requested already.")
    yield ErasureRequested(
        erasure_id=command.erasure_id,
        subject_id=command.subject_id,
        grounds=rules.text("erasure", "grounds", command.grounds, longest=500),
        requested_by=at.actor,
    )


@erasure.decides
def approve(state: Erasure, command: ApproveErasure, at: Circumstances) -> Decision:
    if at.actor in state.approved_by:
        return
    if state.status is not ErasureStatus.REQUESTED:
        raise _not(state, "waits for an approval")
    if at.actor == state.requested_by:
        raise rules.refusal(
            "erasure.own_request", "approved_by", at.actor, "must be another than who asked"
        )
    yield ErasureApproved(
        erasure_id=command.erasure_id,
        approved_by=at.actor,
        approvals=len(state.approved_by) + 1,
    )


@erasure.decides
def withdraw(state: Erasure, command: WithdrawErasure, at: Circumstances) -> Decision:  # noqa: ARG001
    if state.status not in (ErasureStatus.REQUESTED, ErasureStatus.APPROVED):
        raise _not(state, "can be withdrawn")
    yield ErasureWithdrawn(
        erasure_id=command.erasure_id, reason=rules.text("erasure", "reason", command.reason)
    )


@erasure.decides
def begin(state: Erasure, command: BeginErasure, at: Circumstances) -> Decision:
    if state.status in (ErasureStatus.BEGUN, ErasureStatus.COMPLETED):
        return
    if state.status is not ErasureStatus.APPROVED:
        raise _not(state, f"is approved by {APPROVERS} others")
    shortest = min((each.retention_years for each in command.kept), default=SHORTEST_RETENTION)
    if shortest < SHORTEST_RETENTION:
        raise rules.refusal(
            "erasure.retention_too_short",
            "retention_years",
            shortest,
            f"must be at least {SHORTEST_RETENTION} (45 CFR 164.316(b)(2)(i))",
        )
    if command.held_by:
        raise rules.refusal(
            "erasure.under_legal_hold",
            "held_by",
            command.held_by[0],
            "must be nobody: what is under a legal hold is kept until the hold is released",
        )
    ends = [(_years_after(each.last_in_effect_on, each.retention_years), each.retention_years)
            for each in command.kept]  # fmt: skip
    kept_until, years = max(ends, default=(rules.EARLIEST, 0))
    if at.now.date() <= kept_until:
        raise rules.refusal(
            "erasure.retention_not_over",
            "kept_until",
            kept_until,
            f"must be over: these records are kept for {years} years from the day they were made "
            "or last in effect",
        )
    if command.unsealed:
        raise rules.refusal(
            "erasure.unsealed_facts",
            "unsealed",
            command.unsealed,
            "must be 0: events that were stored before anything was sealed stay readable",
        )
    yield ErasureBegun(
        erasure_id=command.erasure_id,
        key_id=command.key_id,
        last_in_effect_on=max(
            (each.last_in_effect_on for each in command.kept), default=rules.EARLIEST
        ),
        kept_until=kept_until,
    )


@erasure.decides
def complete(state: Erasure, command: CompleteErasure, at: Circumstances) -> Decision:
    if state.status is not ErasureStatus.BEGUN:
        raise _not(state, "is begun")
    yield ErasureCompleted(
        erasure_id=command.erasure_id,
        facts=command.facts,
        rows=command.rows,
        completed_at=at.now,
    )


def _not(state: Erasure, wanted: str) -> Refused:
    return Refused(
        f"erasure.not_{'begun' if wanted == 'is begun' else 'ready'}",
        f"This takes an erasure that {wanted}; this one is {state.status}.",
        status=state.status,
    )


def _years_after(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # the 29 February of a year without
        return date(day.year + years, 3, 1)
