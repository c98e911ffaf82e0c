"""The story of patient days: how many patients a department cared for, day by day."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from domain.kernel import Fact, fact, foreign_id


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


@fact("patient_days.entered", effective="on")
class PatientDaysEntered(OfDepartment, Fact):
    """So many patient days of a department on a day. `before`: what was entered until then, if
    anything was; `change` is the difference."""

    department_id: UUID
    facility_id: UUID
    on: date
    patient_days: int
    before: int | None
    change: int


PatientDaysFact = PatientDaysEntered
