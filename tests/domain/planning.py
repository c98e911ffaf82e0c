"""Plans of shifts, and what is told against them."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest

from domain.kernel import Command, Refused
from domain.workforce.events.roster import (
    RosterShiftPlanned,
    RosterStaffAssigned,
)
from domain.workforce.roster_planning import (
    PlannedShift,
    PlanShifts,
)
from domain.workforce.roster_publication import DraftRoster
from tests.domain.places import CARDIOLOGY, RIVERSIDE
from tests.domain.rostering import (
    MONDAY,
    THE_ROSTER,
    Hospital,
)
from tests.grammar import an_open

TUESDAY = MONDAY + timedelta(days=1)
CLOCKS_GO_BACK = date(2026, 10, 31)
"""The night from this Saturday to November 1 has 25 hours in New York."""


def refused(hospital: Hospital, command: Command) -> Refused:
    with pytest.raises(Refused) as refusal:
        hospital.does(command)
    return refusal.value


def conflicts(hospital: Hospital, *shifts: PlannedShift, roster_id: UUID = THE_ROSTER) -> list[str]:
    """The codes of what is in the way of a plan, in the order they are told."""
    refusal = refused(hospital, PlanShifts(roster_id=roster_id, shifts=shifts))
    assert refusal.code == "roster.conflicts"
    told = refusal.details["conflicts"]
    assert isinstance(told, list)
    return [each["code"] for each in told]


def warned(hospital: Hospital) -> list[str]:
    """The codes of the warnings of all shifts that were planned or joined."""
    return [
        finding.code
        for fact in hospital.facts
        if isinstance(fact, RosterShiftPlanned | RosterStaffAssigned)
        for finding in fact.warnings
    ]


drafting = DraftRoster(
    roster_id=THE_ROSTER,
    facility_id=RIVERSIDE,
    department_id=CARDIOLOGY,
    begins_on=MONDAY,
    ends_on=MONDAY + timedelta(days=27),
)


cardiology = an_open("department", CARDIOLOGY, facility_id=RIVERSIDE)
