"""The story of somebody's employment: onboarding, leaves, and coming back from them."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from domain.kernel import Fact, fact, upcaster
from domain.workforce.events.working_time import ShiftFinding


class LeaveReason(StrEnum):
    """Why somebody is away for a time."""

    MEDICAL = "medical"
    FAMILY = "family"
    PARENTAL = "parental"
    MILITARY = "military"
    EDUCATION = "education"
    PERSONAL = "personal"
    ADMINISTRATIVE = "administrative"


@fact("staff_member.onboarding_began", effective="began_on")
class StaffMemberOnboardingBegan(Fact):
    """Somebody was hired, and is not at work yet: credentials and orientation come first."""

    staff_id: UUID
    facility_id: UUID
    began_on: date


@fact("staff_member.onboarded", effective="onboarded_on")
class StaffMemberOnboarded(Fact):
    """Somebody is at work from that day on. Names every facility they work at."""

    staff_id: UUID
    facility_id: UUID
    onboarded_on: date
    facility_ids: tuple[UUID, ...]


@fact("staff_member.leave_began", version=2, effective="began_on")
class StaffMemberLeaveBegan(Fact):
    """Somebody is away for a time; `expected_to` is the last day of it, as far as one knows.
    `warnings`: the shifts they are taken off."""

    staff_id: UUID
    facility_id: UUID
    kind: LeaveReason
    began_on: date
    expected_to: date | None
    facility_ids: tuple[UUID, ...]
    warnings: tuple[ShiftFinding, ...] = ()


@upcaster(StaffMemberLeaveBegan, from_version=1)
def _with_warnings(content: dict[str, Any]) -> dict[str, Any]:
    """The first version did not take anybody off their shifts."""
    return {**content, "warnings": []}


@fact("staff_member.returned", effective="returned_on")
class StaffMemberReturned(Fact):
    """Somebody is back from a leave, from that day on."""

    staff_id: UUID
    facility_id: UUID
    began_on: date
    returned_on: date
    facility_ids: tuple[UUID, ...]


EmploymentFact = (
    StaffMemberOnboardingBegan | StaffMemberOnboarded | StaffMemberLeaveBegan | StaffMemberReturned
)
