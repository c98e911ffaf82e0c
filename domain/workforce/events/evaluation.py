"""The story of evaluations: drafted with goals, submitted, acknowledged by whom they are about."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from domain.kernel import PERSONAL, Fact, fact


class Rating(StrEnum):
    """How somebody's work was found to be."""

    EXCEEDS = "exceeds"
    MEETS = "meets"
    NEEDS_IMPROVEMENT = "needs_improvement"
    UNSATISFACTORY = "unsatisfactory"


class GoalResult(StrEnum):
    """What has become of a goal."""

    MET = "met"
    PARTLY_MET = "partly_met"
    NOT_MET = "not_met"
    DROPPED = "dropped"


@fact("evaluation.drafted", effective="drafted_on")
class EvaluationDrafted(Fact):
    """Somebody begins to evaluate a person's work in a period (both days included)."""

    evaluation_id: UUID
    facility_id: UUID
    staff_id: UUID
    evaluator_staff_id: UUID
    period_from: date
    period_to: date
    drafted_on: date


@fact("evaluation.goal_set", person="staff_id")
class EvaluationGoalSet(Fact):
    """A goal is agreed on; goals are numbered from 1."""

    evaluation_id: UUID
    facility_id: UUID
    staff_id: UUID
    goal: int
    text: Annotated[str, PERSONAL]
    due_on: date


@fact("evaluation.goal_assessed", effective="assessed_on")
class EvaluationGoalAssessed(Fact):
    """What has become of a goal; a later assessment takes the place of an earlier one."""

    evaluation_id: UUID
    facility_id: UUID
    staff_id: UUID
    goal: int
    result: GoalResult
    assessed_on: date


@fact("evaluation.submitted", effective="submitted_on", person="staff_id")
class EvaluationSubmitted(Fact):
    """The evaluator is done, and whom it is about may read it."""

    evaluation_id: UUID
    facility_id: UUID
    staff_id: UUID
    evaluator_staff_id: UUID
    rating: Rating
    summary: Annotated[str, PERSONAL]
    period_to: date
    submitted_on: date


@fact("evaluation.returned", effective="returned_on")
class EvaluationReturned(Fact):
    """A submitted evaluation goes back to its evaluator, to be written otherwise."""

    evaluation_id: UUID
    facility_id: UUID
    staff_id: UUID
    reason: str
    returned_on: date


@fact("evaluation.acknowledged", effective="acknowledged_on", person="staff_id")
class EvaluationAcknowledged(Fact):
    """Whom it is about has read it, which does not mean agreed."""

    evaluation_id: UUID
    facility_id: UUID
    staff_id: UUID
    comment: Annotated[str, PERSONAL]
    acknowledged_on: date


EvaluationFact = (
    EvaluationDrafted
    | EvaluationGoalSet
    | EvaluationGoalAssessed
    | EvaluationSubmitted
    | EvaluationReturned
    | EvaluationAcknowledged
)
