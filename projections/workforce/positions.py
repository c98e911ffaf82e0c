"""What whoever plans the workforce looks at: positions, vacancies, and how many come and go."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from domain.kernel import Recorded
from domain.workforce.events.position import (
    PositionAbolished,
    PositionBudgeted,
    PositionFilled,
    PositionRebudgeted,
    PositionVacated,
    VacancyReason,
)
from domain.workforce.events.staff import (
    SeparationReason,
    StaffMemberRegistered,
    StaffMemberSeparated,
)
from projections.kernel import GRAIN, Key, Measure, ReadModel, Summary
from projections.rows import replace


class PositionState(StrEnum):
    """Whether somebody holds a position."""

    VACANT = "vacant"
    FILLED = "filled"
    ABOLISHED = "abolished"


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionEntry:
    """A position; `fte` in hundredths of full time. `since`: how long it is vacant, or filled."""

    facility_id: UUID
    position_id: UUID
    department_id: UUID
    job: str
    fte: int
    status: PositionState
    since: date
    staff_id: UUID | None
    vacated_because: VacancyReason | None


position_list = ReadModel(
    "position_list",
    row=PositionEntry,
    key="position_id",
    order=("job", "since"),
    indexes=(("status",), ("department_id",), ("staff_id",)),
    local=True,
    desk="department managers and human resources: which positions there are, and which are vacant",
)


@position_list.on(PositionBudgeted)
def budgeted(
    row: PositionEntry | None,  # noqa: ARG001 - nothing was there before
    event: Recorded[PositionBudgeted],
) -> PositionEntry | None:
    fact = event.fact
    return PositionEntry(
        facility_id=fact.facility_id,
        position_id=fact.position_id,
        department_id=fact.department_id,
        job=fact.job,
        fte=fact.fte,
        status=PositionState.VACANT,
        since=fact.budgeted_on,
        staff_id=None,
        vacated_because=None,
    )


@position_list.on(PositionRebudgeted)
def rebudgeted(
    row: PositionEntry | None, event: Recorded[PositionRebudgeted]
) -> PositionEntry | None:
    return row and replace(row, fte=event.fact.fte_after)


@position_list.on(PositionFilled)
def filled(row: PositionEntry | None, event: Recorded[PositionFilled]) -> PositionEntry | None:
    fact = event.fact
    return row and replace(
        row,
        status=PositionState.FILLED,
        since=fact.filled_on,
        staff_id=fact.staff_id,
        vacated_because=None,
    )


@position_list.on(PositionVacated)
def vacated(row: PositionEntry | None, event: Recorded[PositionVacated]) -> PositionEntry | None:
    fact = event.fact
    return row and replace(
        row,
        status=PositionState.VACANT,
        since=fact.vacated_on,
        staff_id=None,
        vacated_because=fact.reason,
    )


@position_list.on(PositionAbolished)
def abolished(
    row: PositionEntry | None, event: Recorded[PositionAbolished]
) -> PositionEntry | None:
    return row and replace(row, status=PositionState.ABOLISHED, since=event.fact.abolished_on)


# --- vacancy -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Staffing:
    """What is budgeted, and what of it is filled, by department and job. FTE in hundredths.

    Vacancy rate, version 1: numerator `vacant_fte`, denominator `budgeted_fte`. `headcount` is the
    number of filled positions: budgeted - vacant, in positions as in FTE.
    """

    facility_id: UUID
    department_id: UUID
    job: str
    positions: Measure
    headcount: Measure
    vacancies: Measure
    budgeted_fte: Measure
    filled_fte: Measure
    vacant_fte: Measure


staffing = Summary(
    "staffing",
    row=Staffing,
    dimensions=("facility_id", "department_id", "job"),
    desk="administrators: headcount, FTE and vacancy by department, facility and system",
    grain=GRAIN,
)


@staffing.on(PositionBudgeted)
def one_more(row: Staffing, event: Recorded[PositionBudgeted]) -> Staffing:
    fte = event.fact.fte
    return replace(
        row,
        positions=row.positions + 1,
        vacancies=row.vacancies + 1,
        budgeted_fte=row.budgeted_fte + fte,
        vacant_fte=row.vacant_fte + fte,
    )


@staffing.on(PositionRebudgeted)
def more_or_less(row: Staffing, event: Recorded[PositionRebudgeted]) -> Staffing:
    fact = event.fact
    change = fact.fte_after - fact.fte_before
    row = replace(row, budgeted_fte=row.budgeted_fte + change)
    if fact.filled:
        return replace(row, filled_fte=row.filled_fte + change)
    return replace(row, vacant_fte=row.vacant_fte + change)


@staffing.on(PositionFilled)
def one_vacancy_less(row: Staffing, event: Recorded[PositionFilled]) -> Staffing:
    return _held(row, 1, event.fact.fte)


@staffing.on(PositionVacated)
def one_vacancy_more(row: Staffing, event: Recorded[PositionVacated]) -> Staffing:
    return _held(row, -1, -event.fact.fte)


@staffing.on(PositionAbolished)
def one_less(row: Staffing, event: Recorded[PositionAbolished]) -> Staffing:
    fte = event.fact.fte
    return replace(
        row,
        positions=row.positions - 1,
        vacancies=row.vacancies - 1,
        budgeted_fte=row.budgeted_fte - fte,
        vacant_fte=row.vacant_fte - fte,
    )


def _held(row: Staffing, positions: int, fte: int) -> Staffing:
    return replace(
        row,
        headcount=row.headcount + positions,
        vacancies=row.vacancies - positions,
        filled_fte=row.filled_fte + fte,
        vacant_fte=row.vacant_fte - fte,
    )


# --- turnover ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Turnover:
    """Who came to a facility as their home, and who left, by month (``2026-03``).

    Turnover, version 1: numerator `separations`, denominator the average headcount, which is half
    the sum of the headcount at the beginning of the time and at its end; a headcount is the sum of
    `change` over all months until then. `voluntary` are resignations and retirements.
    """

    facility_id: UUID
    month: str
    hires: Measure
    separations: Measure
    voluntary: Measure
    involuntary: Measure
    other: Measure
    change: Measure


turnover = Summary(
    "turnover",
    row=Turnover,
    dimensions=("facility_id", "month"),
    desk="administrators and human resources: how many come and go, month by month, and why",
    grain=GRAIN,
)

VOLUNTARY = (SeparationReason.RESIGNATION, SeparationReason.RETIREMENT)


def _month_of_hire(event: Recorded[StaffMemberRegistered]) -> Key:
    return event.fact.facility_id, f"{event.fact.registered_on:%Y-%m}"


def _month_of_leaving(event: Recorded[StaffMemberSeparated]) -> Key:
    return event.fact.facility_id, f"{event.fact.separated_on:%Y-%m}"


@turnover.on(StaffMemberRegistered, key=_month_of_hire)
def came(row: Turnover, event: Recorded[StaffMemberRegistered]) -> Turnover:  # noqa: ARG001 - whoever it is
    return replace(row, hires=row.hires + 1, change=row.change + 1)


@turnover.on(StaffMemberSeparated, key=_month_of_leaving)
def went(row: Turnover, event: Recorded[StaffMemberSeparated]) -> Turnover:
    row = replace(row, separations=row.separations + 1, change=row.change - 1)
    if event.fact.reason in VOLUNTARY:
        return replace(row, voluntary=row.voluntary + 1)
    if event.fact.reason is SeparationReason.DISMISSAL:
        return replace(row, involuntary=row.involuntary + 1)
    return replace(row, other=row.other + 1)
