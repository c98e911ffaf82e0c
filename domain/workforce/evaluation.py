"""An evaluation of somebody's work in a period.

Its life: it is **drafted** by an evaluator who is somebody else, **goals** are set and assessed
while it is a draft; it is **submitted** with a rating, perhaps **returned** once more, and
**acknowledged** by whom it is about. Then it stands.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import assert_never
from uuid import UUID

from domain import rules
from domain.kernel import Aggregate, Circumstances, Command, Decision, Refused, command
from domain.replacing import replace
from domain.workforce.events.evaluation import (
    EvaluationAcknowledged,
    EvaluationDrafted,
    EvaluationFact,
    EvaluationGoalAssessed,
    EvaluationGoalSet,
    EvaluationReturned,
    EvaluationSubmitted,
    GoalResult,
    Rating,
)

MOST_GOALS = 20
"""How many goals an evaluation has at most (c)."""
LONGEST_TEXT = 4_000
"""How much an evaluator may write, in characters (c)."""


class EvaluationStatus(StrEnum):
    """How far an evaluation has come."""

    ABSENT = "absent"
    DRAFT = "draft"
    SUBMITTED = "submitted"
    ACKNOWLEDGED = "acknowledged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """What an evaluation has become. `goals`: their results, by number; None is open."""

    facility_id: UUID | None = None
    status: EvaluationStatus = EvaluationStatus.ABSENT
    staff_id: UUID | None = None
    evaluator_id: UUID | None = None
    period_to: date = rules.EARLIEST
    since: date = rules.EARLIEST
    goals: Mapping[int, GoalResult | None] = field(default_factory=lambda: MappingProxyType({}))

    def evolve(self, fact: EvaluationFact) -> Evaluation:
        match fact:
            case EvaluationDrafted():
                return replace(
                    self,
                    facility_id=fact.facility_id,
                    status=EvaluationStatus.DRAFT,
                    staff_id=fact.staff_id,
                    evaluator_id=fact.evaluator_staff_id,
                    period_to=fact.period_to,
                    since=fact.drafted_on,
                )
            case EvaluationGoalSet():
                return replace(self, goals=MappingProxyType({**self.goals, fact.goal: None}))
            case EvaluationGoalAssessed():
                goals = {**self.goals, fact.goal: fact.result}
                return replace(self, goals=MappingProxyType(goals))
            case EvaluationSubmitted():
                return replace(self, status=EvaluationStatus.SUBMITTED, since=fact.submitted_on)
            case EvaluationReturned():
                return replace(self, status=EvaluationStatus.DRAFT, since=fact.returned_on)
            case EvaluationAcknowledged():
                return replace(self, status=EvaluationStatus.ACKNOWLEDGED)
            case _:
                assert_never(fact)


evaluation = Aggregate("evaluation", Evaluation())


# --- commands ------------------------------------------------------------------------------------


@command("evaluation_id", creates=True)
class DraftEvaluation(Command):
    """Begin to evaluate somebody's work in a period (both days included)."""

    evaluation_id: UUID
    facility_id: UUID
    staff_id: UUID
    evaluator_staff_id: UUID
    period_from: date
    period_to: date
    drafted_on: date


@command("evaluation_id")
class SetEvaluationGoal(Command):
    """Agree on a goal."""

    evaluation_id: UUID
    text: str
    due_on: date


@command("evaluation_id")
class AssessEvaluationGoal(Command):
    """Tell what has become of a goal."""

    evaluation_id: UUID
    goal: int
    result: GoalResult
    assessed_on: date


@command("evaluation_id")
class SubmitEvaluation(Command):
    """Let whom it is about read it."""

    evaluation_id: UUID
    rating: Rating
    summary: str
    submitted_on: date


@command("evaluation_id")
class ReturnEvaluation(Command):
    """Let the evaluator write a submitted evaluation otherwise."""

    evaluation_id: UUID
    returned_on: date
    reason: str


@command("evaluation_id")
class AcknowledgeEvaluation(Command):
    """Tell that whom it is about has read it."""

    evaluation_id: UUID
    acknowledged_on: date
    comment: str = ""


# --- decisions -----------------------------------------------------------------------------------


def _evaluator(
    state: Evaluation,  # noqa: ARG001 - whatever has become of it
    command: DraftEvaluation,
) -> list[UUID]:
    return [command.evaluator_staff_id]


@evaluation.decides(consulting=_evaluator)
def draft(state: Evaluation, command: DraftEvaluation, at: Circumstances) -> Decision:
    if state.status is not EvaluationStatus.ABSENT:
        raise Refused("evaluation.already_drafted", "This evaluation is there.")
    at.open("facility", command.facility_id)
    at.open("staff_member", command.staff_id, within=command.facility_id, named="staff_id")
    at.open("staff_member", command.evaluator_staff_id, named="evaluator_staff_id")
    if command.evaluator_staff_id == command.staff_id:
        raise rules.refusal(
            "evaluation.own_evaluation",
            "evaluator_staff_id",
            str(command.evaluator_staff_id),
            "must be somebody else than whom it is about",
        )
    rules.happened("evaluation", "drafted_on", command.drafted_on, at)
    rules.plausible("evaluation", "period_from", command.period_from)
    rules.plausible("evaluation", "period_to", command.period_to)
    rules.in_order("evaluation", "period_from", command.period_from, "period_to", command.period_to)
    yield EvaluationDrafted(
        evaluation_id=command.evaluation_id,
        facility_id=command.facility_id,
        staff_id=command.staff_id,
        evaluator_staff_id=command.evaluator_staff_id,
        period_from=command.period_from,
        period_to=command.period_to,
        drafted_on=command.drafted_on,
    )


@evaluation.decides
def set_goal(
    state: Evaluation,
    command: SetEvaluationGoal,
    at: Circumstances,  # noqa: ARG001 - a goal may be due whenever it likes
) -> Decision:
    facility_id, staff_id, _ = _in(state, EvaluationStatus.DRAFT)
    rules.plausible("evaluation", "due_on", command.due_on)
    rules.at_most("evaluation", "goals", state.goals, MOST_GOALS - 1)
    yield EvaluationGoalSet(
        evaluation_id=command.evaluation_id,
        facility_id=facility_id,
        staff_id=staff_id,
        goal=len(state.goals) + 1,
        text=rules.text("evaluation", "text", command.text, longest=LONGEST_TEXT),
        due_on=command.due_on,
    )


@evaluation.decides
def assess(state: Evaluation, command: AssessEvaluationGoal, at: Circumstances) -> Decision:
    facility_id, staff_id, _ = _in(state, EvaluationStatus.DRAFT)
    if command.goal not in state.goals:
        rule = f"must be one of the {len(state.goals)} there are"
        raise rules.refusal("evaluation.goal_unknown", "goal", command.goal, rule)
    rules.happened("evaluation", "assessed_on", command.assessed_on, at)
    if state.goals[command.goal] is command.result:
        return
    yield EvaluationGoalAssessed(
        evaluation_id=command.evaluation_id,
        facility_id=facility_id,
        staff_id=staff_id,
        goal=command.goal,
        result=command.result,
        assessed_on=command.assessed_on,
    )


@evaluation.decides
def submit(state: Evaluation, command: SubmitEvaluation, at: Circumstances) -> Decision:
    facility_id, staff_id, evaluator_id = _in(state, EvaluationStatus.DRAFT)
    _next(state, "submitted_on", command.submitted_on, at)
    yield EvaluationSubmitted(
        evaluation_id=command.evaluation_id,
        facility_id=facility_id,
        staff_id=staff_id,
        evaluator_staff_id=evaluator_id,
        rating=command.rating,
        summary=rules.text("evaluation", "summary", command.summary, longest=LONGEST_TEXT),
        period_to=state.period_to,
        submitted_on=command.submitted_on,
    )


@evaluation.decides
def give_back(state: Evaluation, command: ReturnEvaluation, at: Circumstances) -> Decision:
    facility_id, staff_id, _ = _in(state, EvaluationStatus.SUBMITTED)
    _next(state, "returned_on", command.returned_on, at)
    yield EvaluationReturned(
        evaluation_id=command.evaluation_id,
        facility_id=facility_id,
        staff_id=staff_id,
        reason=rules.text("evaluation", "reason", command.reason),
        returned_on=command.returned_on,
    )


@evaluation.decides
def acknowledge(state: Evaluation, command: AcknowledgeEvaluation, at: Circumstances) -> Decision:
    if state.status is EvaluationStatus.ACKNOWLEDGED:
        return
    facility_id, staff_id, _ = _in(state, EvaluationStatus.SUBMITTED)
    _next(state, "acknowledged_on", command.acknowledged_on, at)
    yield EvaluationAcknowledged(
        evaluation_id=command.evaluation_id,
        facility_id=facility_id,
        staff_id=staff_id,
        comment=rules.text(
            "evaluation", "comment", command.comment, longest=LONGEST_TEXT, empty_allowed=True
        ),
        acknowledged_on=command.acknowledged_on,
    )


# --- rules ---------------------------------------------------------------------------------------


def _in(state: Evaluation, wanted: EvaluationStatus) -> tuple[UUID, UUID, UUID]:
    """Where it is, whom it is about and who evaluates; refuses one that is not so far."""
    if (
        state.status is not wanted
        or state.facility_id is None
        or state.staff_id is None
        or state.evaluator_id is None
    ):
        raise Refused(
            "evaluation.status",
            f"The evaluation is {state.status}, not {wanted}.",
            status=state.status,
        )
    return state.facility_id, state.staff_id, state.evaluator_id


def _next(state: Evaluation, named: str, when: date, at: Circumstances) -> None:
    rules.happened("evaluation", named, when, at)
    rules.in_order("evaluation", "what_was_told_before", state.since, named, when)
