"""What the gate refused, and what somebody answered for, for managers and for audit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from domain.kernel import Recorded
from domain.workforce.events.credential import (
    CredentialOverridden,
    CredentialOverrideWithdrawn,
    GateRefused,
)
from domain.workforce.events.held import CredentialKind, FindingCode
from projections.kernel import ReadModel
from projections.rows import replace


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatWasFound:
    """Something that kept somebody out. `on` is the first of the days it is about."""

    code: FindingCode
    kind: CredentialKind | None
    title: str
    credential_id: UUID | None
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class GateRefusal:
    """A piece of work that somebody was not let through to, where it was to be.

    `code` is that of the first finding. `position` is where in the ledger it was recorded.
    """

    facility_id: UUID
    staff_id: UUID
    home_facility_id: UUID
    job: str
    department_id: UUID | None
    department_kind: str | None
    work_from: date
    work_to: date
    code: FindingCode
    findings: tuple[WhatWasFound, ...]
    position: int


gate_refusals = ReadModel(
    "gate_refusals",
    row=GateRefusal,
    key=("staff_id", "position"),
    order="work_from",
    newest_first=True,
    indexes=(("code",),),
    desk="department managers, and audit: whom the gate did not let through to which work, and why",
)


@gate_refusals.on(GateRefused)
def refused(
    row: GateRefusal | None,  # noqa: ARG001 - each is a row of its own
    event: Recorded[GateRefused],
) -> GateRefusal | None:
    fact = event.fact
    return GateRefusal(
        facility_id=fact.work_facility_id,
        staff_id=fact.staff_id,
        home_facility_id=fact.facility_id,
        job=fact.job,
        department_id=fact.department_id,
        department_kind=fact.department_kind,
        work_from=fact.work_from,
        work_to=fact.work_to,
        code=fact.findings[0].code,
        findings=tuple(
            WhatWasFound(
                code=each.code,
                kind=each.kind,
                title=each.title,
                credential_id=each.credential_id,
                on=each.on,
            )
            for each in fact.findings
        ),
        position=event.position,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class GateOverride:
    """Who answers for it that somebody works in spite of a finding, and for how long.

    At the facility where the work is. The days are both included; `withdrawn_on` is the first on
    which it does not hold any more.
    """

    facility_id: UUID
    override_id: UUID
    staff_id: UUID
    home_facility_id: UUID
    finding: FindingCode
    kind: CredentialKind
    title: str
    begins_on: date
    ends_on: date
    reason: str
    approver_staff_id: UUID
    withdrawn_on: date | None
    withdrawn_because: str | None


gate_overrides = ReadModel(
    "gate_overrides",
    row=GateOverride,
    key=("facility_id", "override_id"),
    order="ends_on",
    newest_first=True,
    indexes=(("staff_id",),),
    desk="department managers, and audit: who answers for it that somebody works all the same",
)


def _where_the_work_is(
    event: Recorded[CredentialOverridden] | Recorded[CredentialOverrideWithdrawn],
) -> tuple[UUID, UUID]:
    return event.fact.work_facility_id, event.fact.override_id


@gate_overrides.on(CredentialOverridden, key=_where_the_work_is)
def overridden(
    row: GateOverride | None,  # noqa: ARG001 - nothing was there before
    event: Recorded[CredentialOverridden],
) -> GateOverride | None:
    fact = event.fact
    return GateOverride(
        facility_id=fact.work_facility_id,
        override_id=fact.override_id,
        staff_id=fact.staff_id,
        home_facility_id=fact.facility_id,
        finding=fact.finding,
        kind=fact.kind,
        title=fact.title,
        begins_on=fact.valid_from,
        ends_on=fact.valid_to,
        reason=fact.reason,
        approver_staff_id=fact.approver_staff_id,
        withdrawn_on=None,
        withdrawn_because=None,
    )


@gate_overrides.on(CredentialOverrideWithdrawn, key=_where_the_work_is)
def withdrawn(
    row: GateOverride | None, event: Recorded[CredentialOverrideWithdrawn]
) -> GateOverride | None:
    fact = event.fact
    return row and replace(row, withdrawn_on=fact.withdrawn_on, withdrawn_because=fact.reason)
