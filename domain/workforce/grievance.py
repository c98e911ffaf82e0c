"""A grievance: what somebody complains of, and what the house did about it.

Its life: it is **filed** and open; **investigated**, by somebody else than who filed it, perhaps
more than once; and **resolved**, which needs an investigation unless it is settled, or
**withdrawn**.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import assert_never
from uuid import UUID

from domain import rules
from domain.kernel import Aggregate, Circumstances, Command, Decision, Refused, command
from domain.replacing import replace
from domain.workforce.events.grievance import (
    GrievanceFact,
    GrievanceFiled,
    GrievanceInvestigated,
    GrievanceKind,
    GrievanceOutcome,
    GrievanceResolved,
    GrievanceWithdrawn,
)

LONGEST_TEXT = 4_000
"""How long an account, a finding or an answer is at most, in characters (c)."""


class GrievanceStatus(StrEnum):
    """How far a grievance has come."""

    ABSENT = "absent"
    OPEN = "open"
    INVESTIGATED = "investigated"
    RESOLVED = "resolved"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grievance:
    """What a grievance has become. `since`: the day of what was told last."""

    facility_id: UUID | None = None
    status: GrievanceStatus = GrievanceStatus.ABSENT
    staff_id: UUID | None = None
    kind: GrievanceKind = GrievanceKind.OTHER
    filed_on: date = rules.EARLIEST
    since: date = rules.EARLIEST

    def evolve(self, fact: GrievanceFact) -> Grievance:
        match fact:
            case GrievanceFiled():
                return replace(
                    self,
                    facility_id=fact.facility_id,
                    status=GrievanceStatus.OPEN,
                    staff_id=fact.staff_id,
                    kind=fact.kind,
                    filed_on=fact.filed_on,
                    since=fact.filed_on,
                )
            case GrievanceInvestigated():
                return replace(
                    self, status=GrievanceStatus.INVESTIGATED, since=fact.investigated_on
                )
            case GrievanceResolved():
                return replace(self, status=GrievanceStatus.RESOLVED)
            case GrievanceWithdrawn():
                return replace(self, status=GrievanceStatus.WITHDRAWN)
            case _:
                assert_never(fact)


grievance = Aggregate("grievance", Grievance())


# --- commands ------------------------------------------------------------------------------------


@command("grievance_id", creates=True)
class FileGrievance(Command):
    """Complain of something at work."""

    grievance_id: UUID
    facility_id: UUID
    staff_id: UUID
    kind: GrievanceKind
    account: str
    filed_on: date


@command("grievance_id")
class InvestigateGrievance(Command):
    """Tell what was found by whoever looked into it."""

    grievance_id: UUID
    investigator_staff_id: UUID
    findings: str
    investigated_on: date


@command("grievance_id")
class ResolveGrievance(Command):
    """Answer a grievance."""

    grievance_id: UUID
    outcome: GrievanceOutcome
    answer: str
    resolved_on: date


@command("grievance_id")
class WithdrawGrievance(Command):
    """Complain no longer."""

    grievance_id: UUID
    withdrawn_on: date


# --- decisions -----------------------------------------------------------------------------------


@grievance.decides
def file(state: Grievance, command: FileGrievance, at: Circumstances) -> Decision:
    if state.status is not GrievanceStatus.ABSENT:
        raise Refused("grievance.already_filed", "This grievance was filed.")
    at.open("staff_member", command.staff_id, within=command.facility_id, named="staff_id")
    rules.happened("grievance", "filed_on", command.filed_on, at)
    yield GrievanceFiled(
        grievance_id=command.grievance_id,
        facility_id=command.facility_id,
        staff_id=command.staff_id,
        kind=command.kind,
        account=rules.text("grievance", "account", command.account, longest=LONGEST_TEXT),
        filed_on=command.filed_on,
    )


def _investigator(
    state: Grievance,  # noqa: ARG001 - whatever has become of it
    command: InvestigateGrievance,
) -> list[UUID]:
    return [command.investigator_staff_id]


@grievance.decides(consulting=_investigator)
def investigate(state: Grievance, command: InvestigateGrievance, at: Circumstances) -> Decision:
    facility_id, staff_id = _pending(state)
    at.open("staff_member", command.investigator_staff_id, named="investigator_staff_id")
    if command.investigator_staff_id == staff_id:
        raise rules.refusal(
            "grievance.own_investigation",
            "investigator_staff_id",
            str(command.investigator_staff_id),
            "must be somebody else than who complains",
        )
    _next(state, "investigated_on", command.investigated_on, at)
    yield GrievanceInvestigated(
        grievance_id=command.grievance_id,
        facility_id=facility_id,
        staff_id=staff_id,
        kind=state.kind,
        investigator_staff_id=command.investigator_staff_id,
        findings=rules.text("grievance", "findings", command.findings, longest=LONGEST_TEXT),
        investigated_on=command.investigated_on,
        first=state.status is GrievanceStatus.OPEN,
    )


@grievance.decides
def resolve(state: Grievance, command: ResolveGrievance, at: Circumstances) -> Decision:
    facility_id, staff_id = _pending(state)
    if state.status is not GrievanceStatus.INVESTIGATED and (
        command.outcome is not GrievanceOutcome.SETTLED
    ):
        raise rules.refusal(
            "grievance.not_investigated",
            "outcome",
            command.outcome,
            "must be settled, where nobody has looked into it",
        )
    _next(state, "resolved_on", command.resolved_on, at)
    yield GrievanceResolved(
        grievance_id=command.grievance_id,
        facility_id=facility_id,
        staff_id=staff_id,
        kind=state.kind,
        outcome=command.outcome,
        answer=rules.text("grievance", "answer", command.answer, longest=LONGEST_TEXT),
        resolved_on=command.resolved_on,
        days=(command.resolved_on - state.filed_on).days,
        investigated=state.status is GrievanceStatus.INVESTIGATED,
    )


@grievance.decides
def withdraw(state: Grievance, command: WithdrawGrievance, at: Circumstances) -> Decision:
    if state.status is GrievanceStatus.WITHDRAWN:
        return
    facility_id, staff_id = _pending(state)
    _next(state, "withdrawn_on", command.withdrawn_on, at)
    yield GrievanceWithdrawn(
        grievance_id=command.grievance_id,
        facility_id=facility_id,
        staff_id=staff_id,
        kind=state.kind,
        withdrawn_on=command.withdrawn_on,
        investigated=state.status is GrievanceStatus.INVESTIGATED,
    )


# --- rules ---------------------------------------------------------------------------------------


def _pending(state: Grievance) -> tuple[UUID, UUID]:
    """Where it is and who complains; refuses one that is done with."""
    if (
        state.status not in (GrievanceStatus.OPEN, GrievanceStatus.INVESTIGATED)
        or state.facility_id is None
        or state.staff_id is None
    ):
        raise Refused("grievance.closed", f"The grievance is {state.status}.", status=state.status)
    return state.facility_id, state.staff_id


def _next(state: Grievance, named: str, when: date, at: Circumstances) -> None:
    rules.happened("grievance", named, when, at)
    rules.in_order("grievance", "what_was_told_before", state.since, named, when)
