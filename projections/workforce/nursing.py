"""What the nursing office looks at: hours of direct care by patient days, against the target."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from domain.kernel import Recorded
from domain.workforce.events.attendance import (
    Attendance,
    CareRole,
    TimesheetAttendanceRecorded,
    TimesheetAttendanceReversed,
    TimesheetClockedOut,
)
from domain.workforce.events.patient_days import NursingTargetSet, PatientDaysEntered
from projections.kernel import Key, Measure, ReadModel, Summary
from projections.ratio import Ratio
from projections.rows import replace
from projections.workforce.attendance import Ended

# --- hours and patient days --------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class NursingDay:
    """The minutes worked in direct care in a department on a day, and its patient days.

    Nursing hours per patient day are the three divided by 60 and by the patient days (NQF 0205);
    `other_minutes` are not among them. `target_minutes` is what the department's target comes to
    for these patient days.
    """

    facility_id: UUID
    department_id: UUID
    on: date
    rn_minutes: Measure
    lpn_minutes: Measure
    uap_minutes: Measure
    other_minutes: Measure
    patient_days: Measure
    target_minutes: Measure


nursing_hours = Summary(
    "nursing_hours",
    row=NursingDay,
    dimensions=("facility_id", "department_id", "on"),
    desk="nursing office: hours of direct care and patient days, whose quotient is NQF 0205",
    grain=200,
)


def _day(event: Recorded[Ended | TimesheetAttendanceReversed]) -> Key:
    fact = event.fact
    return fact.facility_id, fact.attendance.department_id, fact.attendance.on


@nursing_hours.on(TimesheetClockedOut, TimesheetAttendanceRecorded, key=_day)
def cared(row: NursingDay, event: Recorded[Ended]) -> NursingDay:
    return _cared(row, event.fact.attendance, event.fact.minutes)


@nursing_hours.on(TimesheetAttendanceReversed, key=_day)
def not_cared(row: NursingDay, event: Recorded[TimesheetAttendanceReversed]) -> NursingDay:
    return _cared(row, event.fact.attendance, -event.fact.minutes)


@nursing_hours.on(PatientDaysEntered)
def patients(row: NursingDay, event: Recorded[PatientDaysEntered]) -> NursingDay:
    fact = event.fact
    return replace(
        row,
        patient_days=row.patient_days + fact.change,
        target_minutes=row.target_minutes + fact.target_minutes,
    )


def _days_targeted(event: Recorded[NursingTargetSet]) -> list[Key]:
    fact = event.fact
    return [(fact.facility_id, fact.department_id, each.on) for each in fact.days]


@nursing_hours.on(NursingTargetSet, key=_days_targeted, key_aware=True)
def aimed(row: NursingDay, event: Recorded[NursingTargetSet], key: Key) -> NursingDay:
    change = sum(each.target_minutes for each in event.fact.days if each.on == key[2])
    return replace(row, target_minutes=row.target_minutes + change)


def _cared(row: NursingDay, attendance: Attendance, minutes: int) -> NursingDay:
    match attendance.care_role:
        case CareRole.RN:
            return replace(row, rn_minutes=row.rn_minutes + minutes)
        case CareRole.LPN:
            return replace(row, lpn_minutes=row.lpn_minutes + minutes)
        case CareRole.UAP:
            return replace(row, uap_minutes=row.uap_minutes + minutes)
        case None:
            return replace(row, other_minutes=row.other_minutes + minutes)


# --- targets -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class NursingTarget:
    """So many minutes of nursing care are meant for a patient day of a department, from a day on
    until the next target holds; 0: nothing in particular."""

    facility_id: UUID
    department_id: UUID
    since: date
    minutes: int


nursing_targets = ReadModel(
    "nursing_targets",
    row=NursingTarget,
    key=("department_id", "since"),
    order="since",
    newest_first=True,
    local=True,
    desk="nursing office: how much care is meant for a patient day, by department, since when",
)


def _target(event: Recorded[NursingTargetSet]) -> Key:
    return event.fact.department_id, event.fact.valid_from


@nursing_targets.on(NursingTargetSet, key=_target)
def target_set(
    row: NursingTarget | None,  # noqa: ARG001 - what was set for the day before is replaced
    event: Recorded[NursingTargetSet],
) -> NursingTarget | None:
    fact = event.fact
    return NursingTarget(
        facility_id=fact.facility_id,
        department_id=fact.department_id,
        since=fact.valid_from,
        minutes=fact.minutes,
    )


# --- figures -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class NursingFigures:
    """What the hours of a time come to, in hours and patient days.

    NQF 0205 has two of them: the hours of registered nurses per patient day, and those of all who
    give direct care. The target is that of the same patient days, and `of_target` is the hours
    that were worked over those that were meant (c).
    """

    rn_hours_per_patient_day: Ratio
    hours_per_patient_day: Ratio
    target_hours_per_patient_day: Ratio
    of_target: Ratio

    def to_json(self) -> dict[str, object]:
        return {
            "rn_hours_per_patient_day": self.rn_hours_per_patient_day.to_json(),
            "hours_per_patient_day": self.hours_per_patient_day.to_json(),
            "target_hours_per_patient_day": self.target_hours_per_patient_day.to_json(),
            "of_target": self.of_target.to_json(),
        }


def figures_of(row: Mapping[str, Any]) -> NursingFigures:
    """The figures of a row of `nursing_hours`, or of a sum of rows."""
    rn, others = row["rn_minutes"], row["lpn_minutes"] + row["uap_minutes"]
    patient_days, meant = Decimal(row["patient_days"]), _hours(row["target_minutes"])
    worked = _hours(rn + others)
    return NursingFigures(
        rn_hours_per_patient_day=Ratio(numerator=_hours(rn), denominator=patient_days),
        hours_per_patient_day=Ratio(numerator=worked, denominator=patient_days),
        target_hours_per_patient_day=Ratio(numerator=meant, denominator=patient_days),
        of_target=Ratio(numerator=worked, denominator=meant),
    )


def _hours(minutes: int) -> Decimal:
    return Decimal(minutes) / 60
