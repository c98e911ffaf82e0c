"""The story of patient days: how many patients a department cared for, day by day, and how much
nursing care is meant for each of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from domain.kernel import Fact, fact, foreign_id, upcaster


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetedDay:
    """A day whose patient days are entered; `target_minutes`: by how many minutes of nursing care
    more are meant for all of them than before."""

    on: date
    target_minutes: int


def patient_days_of(department_id: UUID) -> UUID:
    """The stream of a department's patient days."""
    return foreign_id("patient_days", department_id)


class OfDepartment:
    """What is told in, or wanted of, a department's patient days."""

    __slots__ = ()
    department_id: UUID

    @property
    def patient_days_id(self) -> UUID:
        return patient_days_of(self.department_id)


@fact("patient_days.entered", version=2, effective="on")
class PatientDaysEntered(OfDepartment, Fact):
    """So many patient days of a department on a day. `before`: what was entered until then, if
    anything was; `change` is the difference, and `target_minutes` what the department's target
    comes to for it."""

    department_id: UUID
    facility_id: UUID
    on: date
    patient_days: int
    before: int | None
    change: int
    target_minutes: int


@upcaster(PatientDaysEntered, from_version=1)
def _without_target(content: dict[str, Any]) -> dict[str, Any]:
    """There were no targets then."""
    return {**content, "target_minutes": 0}


@fact("patient_days.target_set", effective="valid_from")
class NursingTargetSet(OfDepartment, Fact):
    """From a day on so many minutes of nursing care are meant for a patient day of a department.
    `days` are those that were entered already and for which it changes anything."""

    department_id: UUID
    facility_id: UUID
    valid_from: date
    minutes: int
    days: tuple[TargetedDay, ...]


PatientDaysFact = PatientDaysEntered | NursingTargetSet
