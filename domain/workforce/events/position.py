"""The story of positions: budgeted, filled, vacated, budgeted otherwise, and abolished."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from uuid import UUID

from domain.kernel import Fact, fact


class VacancyReason(StrEnum):
    """Why nobody holds a position any more."""

    SEPARATION = "separation"
    TRANSFER = "transfer"
    PROMOTION = "promotion"
    CORRECTION = "correction"
    """Somebody was put there in error."""


@fact("position.budgeted", effective="budgeted_on")
class PositionBudgeted(Fact):
    """There is money for somebody in a department. `fte` in hundredths: 100 is one full time."""

    position_id: UUID
    facility_id: UUID
    department_id: UUID
    job: str
    fte: int
    budgeted_on: date


@fact("position.rebudgeted", effective="rebudgeted_on")
class PositionRebudgeted(Fact):
    """There is money for more of it, or for less."""

    position_id: UUID
    facility_id: UUID
    department_id: UUID
    job: str
    fte_before: int
    fte_after: int
    filled: bool
    rebudgeted_on: date


@fact("position.filled", effective="filled_on")
class PositionFilled(Fact):
    """Somebody holds a position."""

    position_id: UUID
    facility_id: UUID
    department_id: UUID
    job: str
    fte: int
    staff_id: UUID
    filled_on: date


@fact("position.vacated", effective="vacated_on")
class PositionVacated(Fact):
    """Nobody holds a position any more, from that day on. `staff_id`: who did."""

    position_id: UUID
    facility_id: UUID
    department_id: UUID
    job: str
    fte: int
    staff_id: UUID
    reason: VacancyReason
    vacated_on: date


@fact("position.abolished", effective="abolished_on")
class PositionAbolished(Fact):
    """There is no money for it any more."""

    position_id: UUID
    facility_id: UUID
    department_id: UUID
    job: str
    fte: int
    reason: str
    abolished_on: date


PositionFact = (
    PositionBudgeted | PositionRebudgeted | PositionFilled | PositionVacated | PositionAbolished
)
