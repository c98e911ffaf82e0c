"""Patient days: entered for a department and a day, until beds and admissions are known here.

What is **entered** for a day again takes the place of what was. Nursing hours per patient day (NQF
0205) divide the hours that were worked in direct care by them. A **target** is set for a department
from a day on: so much care for each patient day. It holds until the next one, also for days that
were entered before it was set.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import assert_never
from uuid import UUID

from domain import rules
from domain.kernel import Aggregate, Circumstances, Command, Decision, command
from domain.replacing import replace
from domain.workforce.events.patient_days import (
    NursingTargetSet,
    OfDepartment,
    PatientDaysEntered,
    PatientDaysFact,
    TargetedDay,
)

MOST_PATIENTS = 10_000
"""The most patient days of a department on a day (c)."""

MOST_MINUTES = 2 * 24 * 60
"""The most nursing care that is meant for a patient day: two nurses, day and night (c)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientDays:
    """What was entered for a department, by day, and its targets, by the day they hold from."""

    facility_id: UUID | None = None
    days: Mapping[date, int] = field(default_factory=dict, hash=False)
    targets: Mapping[date, int] = field(default_factory=dict, hash=False)

    def evolve(self, fact: PatientDaysFact) -> PatientDays:
        match fact:
            case PatientDaysEntered():
                days = {**self.days, fact.on: fact.patient_days}
                return replace(self, facility_id=fact.facility_id, days=days)
            case NursingTargetSet():
                targets = {**self.targets, fact.valid_from: fact.minutes}
                return replace(self, facility_id=fact.facility_id, targets=targets)
            case _:
                assert_never(fact)

    def target_on(self, day: date) -> int:
        """The minutes that are meant for a patient day; none where there is no target."""
        return self.targets[max(before)] if (before := self._set_by(day)) else 0

    def _set_by(self, day: date) -> list[date]:
        return [each for each in self.targets if each <= day]


patient_days = Aggregate("patient_days", PatientDays())


@command("patient_days_id", creates=True)
class EnterPatientDays(OfDepartment, Command):
    """Enter the patient days of a department on a day, or correct them."""

    department_id: UUID
    facility_id: UUID
    on: date
    patient_days: int


@command("patient_days_id", creates=True)
class SetNursingTarget(OfDepartment, Command):
    """Let so many minutes of nursing care be meant for each patient day of a department, from a day
    on; 0 where nothing in particular is meant any more."""

    department_id: UUID
    facility_id: UUID
    valid_from: date
    minutes: int


@patient_days.decides
def enter(state: PatientDays, command: EnterPatientDays, at: Circumstances) -> Decision:
    at.known("department", command.department_id, within=command.facility_id)
    rules.happened("patient_days", "on", command.on, at)
    if not 0 <= command.patient_days <= MOST_PATIENTS:
        rule = f"must be from 0 to {MOST_PATIENTS}"
        raise rules.refusal("patient_days.count", "patient_days", command.patient_days, rule)
    before = state.days.get(command.on)
    if command.patient_days != before:
        change = command.patient_days - (before or 0)
        yield PatientDaysEntered(
            department_id=command.department_id,
            facility_id=command.facility_id,
            on=command.on,
            patient_days=command.patient_days,
            before=before,
            change=change,
            target_minutes=change * state.target_on(command.on),
        )


@patient_days.decides
def set_target(state: PatientDays, command: SetNursingTarget, at: Circumstances) -> Decision:
    at.known("department", command.department_id, within=command.facility_id)
    rules.plausible("patient_days", "valid_from", command.valid_from)
    if not 0 <= command.minutes <= MOST_MINUTES:
        rule = f"must be from 0 to {MOST_MINUTES}"
        raise rules.refusal("patient_days.target", "minutes", command.minutes, rule)
    if command.minutes == state.targets.get(command.valid_from):
        return
    targets = {**state.targets, command.valid_from: command.minutes}
    after = replace(state, targets=targets)
    changes = {
        day: (after.target_on(day) - state.target_on(day)) * patients
        for day, patients in sorted(state.days.items())
    }
    yield NursingTargetSet(
        department_id=command.department_id,
        facility_id=command.facility_id,
        valid_from=command.valid_from,
        minutes=command.minutes,
        days=tuple(
            TargetedDay(on=day, target_minutes=change) for day, change in changes.items() if change
        ),
    )
