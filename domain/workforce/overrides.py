"""Who answers for it that somebody works all the same; and what the gate refused, on record.

An override waives one finding about one kind of credential, at one facility, for a month at most
(c). What was suspended or revoked, and who is excluded, nobody can let through.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from domain import rules
from domain.kernel import Circumstances, Command, Decision, Refused, command, foreign_id
from domain.workforce.credential import DAY, Credentials, credential, home, of_staff, standing_of
from domain.workforce.events.credential import (
    CredentialOverridden,
    CredentialOverrideWithdrawn,
    GateRefused,
)
from domain.workforce.events.held import (
    CredentialKind,
    FindingCode,
    OfPerson,
)
from domain.workforce.events.requirement import REQUIREMENTS
from domain.workforce.gate import Work, gate, refuse, requirements_at

CAN_BE_OVERRIDDEN = (
    FindingCode.MISSING,
    FindingCode.UNVERIFIED,
    FindingCode.EXPIRED,
    FindingCode.EXPIRES_DURING,
)
"""What somebody may answer for (c)."""

LONGEST_OVERRIDE = timedelta(days=31)
"""How long an override holds at most (c)."""

LONGEST_WORK = timedelta(days=31)
"""How long a piece of work is at most: nobody is asked about more at once (c)."""


# --- commands ------------------------------------------------------------------------------------


@command("credentials_id", creates=True)
class OverrideFinding(OfPerson, Command):
    """Let somebody work in spite of a finding, at `work_facility_id` or else at home.

    Without a title it is about every credential of the kind.
    """

    staff_id: UUID
    facility_id: UUID
    finding: FindingCode
    kind: CredentialKind
    valid_from: date
    valid_to: date
    reason: str
    approver_staff_id: UUID
    title: str = ""
    work_facility_id: UUID | None = None


@command("credentials_id")
class WithdrawOverride(OfPerson, Command):
    """Let an override not hold any more, from that day on."""

    staff_id: UUID
    override_id: UUID
    withdrawn_on: date
    reason: str


@command("credentials_id", creates=True)
class AskAtGate(OfPerson, Command):
    """Ask whether somebody may do a piece of work; a refusal is put on record.

    The work is at `work_facility_id`, or else at home. Nothing is recorded where the gate is open.
    """

    staff_id: UUID
    facility_id: UUID
    job: str
    begins_at: datetime
    ends_at: datetime
    department_kind: str | None = None
    department_id: UUID | None = None
    work_facility_id: UUID | None = None


def override_id_of(command: OverrideFinding) -> UUID:
    """The id of an override: the same whenever the same is asked for."""
    return foreign_id(
        "override",
        command.staff_id,
        command.work_facility_id or command.facility_id,
        command.finding,
        command.kind,
        command.title.strip().upper(),
        command.valid_from,
        command.valid_to,
    )


# --- decisions -----------------------------------------------------------------------------------


def _approver_and_place(
    state: Credentials,  # noqa: ARG001 - whatever has become of it
    command: OverrideFinding,
) -> list[UUID]:
    return [command.work_facility_id or command.facility_id, command.approver_staff_id]


@credential.decides(consulting=_approver_and_place)
def override(state: Credentials, command: OverrideFinding, at: Circumstances) -> Decision:
    of_staff(state, command.staff_id, command.facility_id, at)
    work_at = command.work_facility_id or command.facility_id
    at.open("facility", work_at, named="work_facility_id")
    if command.finding not in CAN_BE_OVERRIDDEN:
        rule = f"must be one of {', '.join(CAN_BE_OVERRIDDEN)}"
        raise rules.refusal("credential.not_overridable", "finding", command.finding, rule)
    _period(command)
    at.open("staff_member", command.approver_staff_id, named="approver_staff_id")
    if command.approver_staff_id == command.staff_id:
        raise rules.refusal(
            "credential.own_approval",
            "approver_staff_id",
            str(command.approver_staff_id),
            "must be somebody else than who is let through",
        )
    override_id = override_id_of(command)
    if any(each.override_id == override_id for each in state.overrides):
        return
    yield CredentialOverridden(
        staff_id=command.staff_id,
        facility_id=command.facility_id,
        work_facility_id=work_at,
        override_id=override_id,
        finding=command.finding,
        kind=command.kind,
        title=rules.text("credential", "title", command.title, longest=100, empty_allowed=True),
        valid_from=command.valid_from,
        valid_to=command.valid_to,
        reason=rules.text("credential", "reason", command.reason),
        approver_staff_id=command.approver_staff_id,
    )


@credential.decides
def withdraw(state: Credentials, command: WithdrawOverride, at: Circumstances) -> Decision:
    at_home = home(state)
    rules.happened("credential", "withdrawn_on", command.withdrawn_on, at)
    known = [each for each in state.overrides if each.override_id == command.override_id]
    if not known:
        raise Refused(
            "credential.override_unknown",
            "The person has no such override.",
            field="override_id",
            value=command.override_id,
        )
    (waiver,) = known
    if waiver.valid_to < command.withdrawn_on:
        return
    yield CredentialOverrideWithdrawn(
        staff_id=command.staff_id,
        facility_id=at_home,
        work_facility_id=waiver.work_facility_id,
        override_id=command.override_id,
        withdrawn_on=command.withdrawn_on,
        reason=rules.text("credential", "reason", command.reason),
    )


def _requirements_and_place(
    state: Credentials,  # noqa: ARG001
    command: AskAtGate,
) -> list[UUID]:
    return [command.work_facility_id or command.facility_id, REQUIREMENTS]


@credential.decides(consulting=_requirements_and_place)
def ask(state: Credentials, command: AskAtGate, at: Circumstances) -> Decision:
    of_staff(state, command.staff_id, command.facility_id, at)
    work_at = command.work_facility_id or command.facility_id
    facility = at.open("facility", work_at, named="work_facility_id")
    _moments(command)
    work = Work.shift(
        job=rules.text("credential", "job", command.job, longest=100),
        department_kind=rules.optional("credential", "department_kind", command.department_kind),
        facility_id=work_at,
        begins=command.begins_at,
        ends=command.ends_at,
        zone=facility.zone or "UTC",
    )
    refusing = refuse(gate(requirements_at(at), standing_of(state, command.credentials_id), work))
    if not refusing:
        return
    refused = GateRefused(
        staff_id=command.staff_id,
        facility_id=command.facility_id,
        work_facility_id=work_at,
        job=work.job,
        department_id=command.department_id,
        department_kind=work.department_kind,
        work_from=work.first,
        work_to=work.last,
        findings=refusing,
    )
    if refused not in state.refused:
        yield refused


# --- rules ---------------------------------------------------------------------------------------


def _period(command: OverrideFinding) -> None:
    rules.plausible("credential", "valid_from", command.valid_from)
    rules.plausible("credential", "valid_to", command.valid_to)
    rules.in_order("credential", "valid_from", command.valid_from, "valid_to", command.valid_to)
    if command.valid_to - command.valid_from + DAY > LONGEST_OVERRIDE:
        rule = f"must be at most {LONGEST_OVERRIDE.days} days after the first"
        until = command.valid_to.isoformat()
        raise rules.refusal("credential.override_too_long", "valid_to", until, rule)


def _moments(command: AskAtGate) -> None:
    rules.plausible("credential", "begins_at", command.begins_at.date())
    rules.plausible("credential", "ends_at", command.ends_at.date())
    if not timedelta(0) < command.ends_at - command.begins_at <= LONGEST_WORK:
        rule = f"must be after the beginning, by at most {LONGEST_WORK.days} days"
        until = command.ends_at.isoformat()
        raise rules.refusal("credential.work_period", "ends_at", until, rule)
