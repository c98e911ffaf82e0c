"""Patient days: entered for a department and a day, until beds and admissions are known here.

What is **entered** for a day again takes the place of what was. Nursing hours per patient day (NQF
0205) divide the hours that were worked in direct care by them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from domain import rules
from domain.kernel import Aggregate, Circumstances, Command, Decision, command
from domain.workforce.events.patient_days import (
    OfDepartment,
    PatientDaysEntered,
    PatientDaysFact,
)

MOST_PATIENTS = 10_000
"""The most patient days of a department on a day (c)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientDays:
    """What was entered for a department, by day."""

    facility_id: UUID | None = None
    days: Mapping[date, int] = field(default_factory=dict, hash=False)

    def evolve(self, fact: PatientDaysFact) -> PatientDays:
        days = {**self.days, fact.on: fact.patient_days}
        return PatientDays(facility_id=fact.facility_id, days=days)


patient_days = Aggregate("patient_days", PatientDays())


@command("patient_days_id", creates=True)
class EnterPatientDays(OfDepartment, Command):
    """Enter the patient days of a department on a day, or correct them."""

    department_id: UUID
    facility_id: UUID
    on: date
    patient_days: int


@patient_days.decides
def enter(state: PatientDays, command: EnterPatientDays, at: Circumstances) -> Decision:
    at.known("department", command.department_id, within=command.facility_id)
    rules.happened("patient_days", "on", command.on, at)
    if not 0 <= command.patient_days <= MOST_PATIENTS:
        rule = f"must be from 0 to {MOST_PATIENTS}"
        raise rules.refusal("patient_days.count", "patient_days", command.patient_days, rule)
    before = state.days.get(command.on)
    if command.patient_days != before:
        yield PatientDaysEntered(
            department_id=command.department_id,
            facility_id=command.facility_id,
            on=command.on,
            patient_days=command.patient_days,
            before=before,
            change=command.patient_days - (before or 0),
        )
