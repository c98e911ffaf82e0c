"""What employee relations looks at: who complains of what, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from domain.kernel import PERSONAL, Recorded
from domain.workforce.events.grievance import (
    GrievanceFiled,
    GrievanceInvestigated,
    GrievanceKind,
    GrievanceOutcome,
    GrievanceResolved,
    GrievanceWithdrawn,
)
from projections.kernel import ReadModel
from projections.rows import replace


class GrievanceState(StrEnum):
    """How far a grievance has come."""

    OPEN = "open"
    INVESTIGATED = "investigated"
    RESOLVED = "resolved"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class GrievanceEntry:
    """A grievance; `days` it took from its filing to the answer."""

    facility_id: UUID
    grievance_id: UUID
    staff_id: UUID
    kind: GrievanceKind
    status: GrievanceState
    filed_on: date
    account: Annotated[str, PERSONAL]
    investigator_staff_id: UUID | None
    investigated_on: date | None
    findings: Annotated[str | None, PERSONAL]
    outcome: GrievanceOutcome | None
    answer: Annotated[str | None, PERSONAL]
    closed_on: date | None
    days: int | None


grievance_list = ReadModel(
    "grievance_list",
    row=GrievanceEntry,
    key="grievance_id",
    order="filed_on",
    indexes=(("status",), ("staff_id",)),
    local=True,
    desk="employee relations: which grievances are open, since when, and how they were answered",
)


@grievance_list.on(GrievanceFiled)
def filed(
    row: GrievanceEntry | None,  # noqa: ARG001 - nothing was there before
    event: Recorded[GrievanceFiled],
) -> GrievanceEntry | None:
    fact = event.fact
    return GrievanceEntry(
        facility_id=fact.facility_id,
        grievance_id=fact.grievance_id,
        staff_id=fact.staff_id,
        kind=fact.kind,
        status=GrievanceState.OPEN,
        filed_on=fact.filed_on,
        account=fact.account,
        investigator_staff_id=None,
        investigated_on=None,
        findings=None,
        outcome=None,
        answer=None,
        closed_on=None,
        days=None,
    )


@grievance_list.on(GrievanceInvestigated)
def investigated(
    row: GrievanceEntry | None, event: Recorded[GrievanceInvestigated]
) -> GrievanceEntry | None:
    fact = event.fact
    return row and replace(
        row,
        status=GrievanceState.INVESTIGATED,
        investigator_staff_id=fact.investigator_staff_id,
        investigated_on=fact.investigated_on,
        findings=fact.findings,
    )


@grievance_list.on(GrievanceResolved)
def resolved(
    row: GrievanceEntry | None, event: Recorded[GrievanceResolved]
) -> GrievanceEntry | None:
    fact = event.fact
    return row and replace(
        row,
        status=GrievanceState.RESOLVED,
        outcome=fact.outcome,
        answer=fact.answer,
        closed_on=fact.resolved_on,
        days=fact.days,
    )


@grievance_list.on(GrievanceWithdrawn)
def withdrawn(
    row: GrievanceEntry | None, event: Recorded[GrievanceWithdrawn]
) -> GrievanceEntry | None:
    return row and replace(row, status=GrievanceState.WITHDRAWN, closed_on=event.fact.withdrawn_on)
