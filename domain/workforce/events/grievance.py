"""The story of grievances: filed, investigated, resolved or withdrawn."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from domain.kernel import PERSONAL, Fact, fact


class GrievanceKind(StrEnum):
    """What a grievance is about."""

    SCHEDULING = "scheduling"
    PAY = "pay"
    SAFETY = "safety"
    DISCIPLINE = "discipline"
    DISCRIMINATION = "discrimination"
    HARASSMENT = "harassment"
    CONTRACT = "contract"
    OTHER = "other"


class GrievanceOutcome(StrEnum):
    """How a grievance was resolved."""

    UPHELD = "upheld"
    PARTLY_UPHELD = "partly_upheld"
    DENIED = "denied"
    SETTLED = "settled"


@fact("grievance.filed", effective="filed_on", person="staff_id")
class GrievanceFiled(Fact):
    """Somebody complains of something at work."""

    grievance_id: UUID
    facility_id: UUID
    staff_id: UUID
    kind: GrievanceKind
    account: Annotated[str, PERSONAL]
    filed_on: date


@fact("grievance.investigated", effective="investigated_on", person="staff_id")
class GrievanceInvestigated(Fact):
    """Somebody looked into it, and tells what they found."""

    grievance_id: UUID
    facility_id: UUID
    staff_id: UUID
    kind: GrievanceKind
    investigator_staff_id: UUID
    findings: Annotated[str, PERSONAL]
    investigated_on: date
    first: bool


@fact("grievance.resolved", effective="resolved_on", person="staff_id")
class GrievanceResolved(Fact):
    """The house answers, and the grievance is done with; `days` after it was filed."""

    grievance_id: UUID
    facility_id: UUID
    staff_id: UUID
    kind: GrievanceKind
    outcome: GrievanceOutcome
    answer: Annotated[str, PERSONAL]
    resolved_on: date
    days: int
    investigated: bool


@fact("grievance.withdrawn", effective="withdrawn_on")
class GrievanceWithdrawn(Fact):
    """Who complained does so no longer."""

    grievance_id: UUID
    facility_id: UUID
    staff_id: UUID
    kind: GrievanceKind
    withdrawn_on: date
    investigated: bool


GrievanceFact = GrievanceFiled | GrievanceInvestigated | GrievanceResolved | GrievanceWithdrawn
