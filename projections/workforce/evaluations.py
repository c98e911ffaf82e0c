"""What whoever leads people looks at: evaluations, their goals, and whose is due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from domain.kernel import PERSONAL, Recorded
from domain.workforce.events.evaluation import (
    EvaluationAcknowledged,
    EvaluationDrafted,
    EvaluationGoalAssessed,
    EvaluationGoalSet,
    EvaluationReturned,
    EvaluationSubmitted,
    GoalResult,
    Rating,
)
from domain.workforce.events.staff import StaffMemberRegistered, StaffMemberSeparated
from projections.kernel import ReadModel
from projections.rows import replace

FIRST = timedelta(days=90)
"""How long after somebody begins their first evaluation is due (c)."""
EVERY = timedelta(days=365)
"""How long after the last day of an evaluation's period the next one is due (c)."""


class EvaluationState(StrEnum):
    """How far an evaluation has come."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    ACKNOWLEDGED = "acknowledged"


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationEntry:
    """An evaluation of somebody's work in a period (both days included). `since`: its status."""

    facility_id: UUID
    evaluation_id: UUID
    staff_id: UUID
    evaluator_staff_id: UUID
    period_from: date
    period_to: date
    status: EvaluationState
    since: date
    goals: int
    rating: Rating | None
    summary: Annotated[str | None, PERSONAL]
    comment: Annotated[str | None, PERSONAL]
    returned_because: str | None


evaluation_list = ReadModel(
    "evaluation_list",
    row=EvaluationEntry,
    key="evaluation_id",
    order="period_to",
    newest_first=True,
    indexes=(("staff_id",), ("evaluator_staff_id",)),
    local=True,
    desk="whoever leads people: evaluations, drafted, submitted and acknowledged",
)


@evaluation_list.on(EvaluationDrafted)
def drafted(
    row: EvaluationEntry | None,  # noqa: ARG001 - nothing was there before
    event: Recorded[EvaluationDrafted],
) -> EvaluationEntry | None:
    fact = event.fact
    return EvaluationEntry(
        facility_id=fact.facility_id,
        evaluation_id=fact.evaluation_id,
        staff_id=fact.staff_id,
        evaluator_staff_id=fact.evaluator_staff_id,
        period_from=fact.period_from,
        period_to=fact.period_to,
        status=EvaluationState.DRAFT,
        since=fact.drafted_on,
        goals=0,
        rating=None,
        summary=None,
        comment=None,
        returned_because=None,
    )


@evaluation_list.on(EvaluationGoalSet)
def goal_counted(
    row: EvaluationEntry | None, event: Recorded[EvaluationGoalSet]
) -> EvaluationEntry | None:
    return row and replace(row, goals=event.fact.goal)


@evaluation_list.on(EvaluationSubmitted)
def submitted(
    row: EvaluationEntry | None, event: Recorded[EvaluationSubmitted]
) -> EvaluationEntry | None:
    fact = event.fact
    return row and replace(
        row,
        status=EvaluationState.SUBMITTED,
        since=fact.submitted_on,
        rating=fact.rating,
        summary=fact.summary,
        returned_because=None,
    )


@evaluation_list.on(EvaluationReturned)
def returned(
    row: EvaluationEntry | None, event: Recorded[EvaluationReturned]
) -> EvaluationEntry | None:
    fact = event.fact
    return row and replace(
        row,
        status=EvaluationState.DRAFT,
        since=fact.returned_on,
        rating=None,
        summary=None,
        returned_because=fact.reason,
    )


@evaluation_list.on(EvaluationAcknowledged)
def acknowledged(
    row: EvaluationEntry | None, event: Recorded[EvaluationAcknowledged]
) -> EvaluationEntry | None:
    fact = event.fact
    return row and replace(
        row,
        status=EvaluationState.ACKNOWLEDGED,
        since=fact.acknowledged_on,
        comment=fact.comment or None,
    )


# --- goals -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """A goal of an evaluation, and what has become of it; None while that is open."""

    facility_id: UUID
    evaluation_id: UUID
    goal: int
    staff_id: UUID
    text: Annotated[str, PERSONAL]
    due_on: date
    result: GoalResult | None
    assessed_on: date | None


evaluation_goals = ReadModel(
    "evaluation_goals",
    row=Goal,
    key=("evaluation_id", "goal"),
    order="due_on",
    indexes=(("staff_id",),),
    local=True,
    desk="whoever leads people: which goals are open, by when, and which were met",
)


@evaluation_goals.on(EvaluationGoalSet)
def goal_set(
    row: Goal | None,  # noqa: ARG001 - nothing was there before
    event: Recorded[EvaluationGoalSet],
) -> Goal | None:
    fact = event.fact
    return Goal(
        facility_id=fact.facility_id,
        evaluation_id=fact.evaluation_id,
        goal=fact.goal,
        staff_id=fact.staff_id,
        text=fact.text,
        due_on=fact.due_on,
        result=None,
        assessed_on=None,
    )


@evaluation_goals.on(EvaluationGoalAssessed)
def goal_assessed(row: Goal | None, event: Recorded[EvaluationGoalAssessed]) -> Goal | None:
    fact = event.fact
    return row and replace(row, result=fact.result, assessed_on=fact.assessed_on)


# --- whose is due ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationDue:
    """Somebody who has not left, and by when their next evaluation is due."""

    facility_id: UUID
    staff_id: UUID
    job: str
    due_on: date
    evaluated_to: date | None
    rating: Rating | None


evaluations_due = ReadModel(
    "evaluations_due",
    row=EvaluationDue,
    key="staff_id",
    order="due_on",
    local=True,
    desk="whoever leads people: whose evaluation is due, and by when",
)


@evaluations_due.on(StaffMemberRegistered)
def begins_to_work(
    row: EvaluationDue | None,  # noqa: ARG001 - nothing was there before
    event: Recorded[StaffMemberRegistered],
) -> EvaluationDue | None:
    fact = event.fact
    return EvaluationDue(
        facility_id=fact.facility_id,
        staff_id=fact.staff_id,
        job=fact.job,
        due_on=fact.registered_on + FIRST,
        evaluated_to=None,
        rating=None,
    )


@evaluations_due.on(EvaluationSubmitted)
def evaluated(
    row: EvaluationDue | None, event: Recorded[EvaluationSubmitted]
) -> EvaluationDue | None:
    fact = event.fact
    if row is None or (row.evaluated_to is not None and fact.period_to < row.evaluated_to):
        return row
    return replace(
        row, due_on=fact.period_to + EVERY, evaluated_to=fact.period_to, rating=fact.rating
    )


@evaluations_due.on(StaffMemberSeparated)
def left(
    row: EvaluationDue | None,  # noqa: ARG001
    event: Recorded[StaffMemberSeparated],  # noqa: ARG001
) -> EvaluationDue | None:
    return None
