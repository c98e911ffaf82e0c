"""The life of an evaluation: drafted with goals, submitted, acknowledged."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from domain.kernel import Command
from domain.workforce.evaluation import (
    MOST_GOALS,
    AcknowledgeEvaluation,
    AssessEvaluationGoal,
    DraftEvaluation,
    Evaluation,
    ReturnEvaluation,
    SetEvaluationGoal,
    SubmitEvaluation,
)
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
from tests.domain.files import the_doctor_works_here, the_nurse_works_here
from tests.domain.places import (
    DAY_BEFORE_NEW_YEAR,
    DR_ADEYEMI,
    FAR_FUTURE,
    FEBRUARY_1,
    LONG_AGO,
    MARCH_1,
    NEW_YEAR,
    NURSE_BLOM,
    RIVERSIDE,
    TOMORROW_EVERYWHERE,
    riverside_is_open,
)
from tests.grammar import TODAY, Given, given

IT = UUID(int=91)

draft = DraftEvaluation(
    evaluation_id=IT,
    facility_id=RIVERSIDE,
    staff_id=NURSE_BLOM,
    evaluator_staff_id=DR_ADEYEMI,
    period_from=NEW_YEAR,
    period_to=FEBRUARY_1,
    drafted_on=FEBRUARY_1,
)
set_goal = SetEvaluationGoal(evaluation_id=IT, text="precept a new nurse", due_on=TODAY)
assess = AssessEvaluationGoal(evaluation_id=IT, goal=1, result=GoalResult.MET, assessed_on=MARCH_1)
submit = SubmitEvaluation(
    evaluation_id=IT, rating=Rating.EXCEEDS, summary="calm on bad nights", submitted_on=MARCH_1
)
give_back = ReturnEvaluation(evaluation_id=IT, returned_on=MARCH_1, reason="name an example")
acknowledge = AcknowledgeEvaluation(evaluation_id=IT, acknowledged_on=TODAY, comment="thank you")


def an_evaluation(*commands: Command) -> Given:
    """An evaluation of the nurse by the doctor, after these commands."""
    so_far = given(Evaluation).knowing(
        riverside_is_open(), the_nurse_works_here(), the_doctor_works_here()
    )
    for each in commands:
        so_far = so_far.when(each).then()
    return so_far


def test_an_evaluation_is_drafted_submitted_and_acknowledged() -> None:
    an_evaluation().when(draft).records_a(EvaluationDrafted, evaluator_staff_id=DR_ADEYEMI)
    an_evaluation(draft).when(submit).records_a(
        EvaluationSubmitted, rating=Rating.EXCEEDS, period_to=FEBRUARY_1
    )
    done = an_evaluation(draft, submit).when(acknowledge)
    done.records_a(EvaluationAcknowledged, comment="thank you")
    done.then().when(acknowledge).records_nothing()
    done.then().when(submit).refused("evaluation.status", status="acknowledged")


def test_goals_are_set_and_assessed_while_it_is_a_draft() -> None:
    an_evaluation(draft).when(set_goal).records_a(EvaluationGoalSet, goal=1)
    outcome = an_evaluation(draft, set_goal, set_goal).when(assess)
    outcome.records_a(EvaluationGoalAssessed, goal=1, result=GoalResult.MET)
    outcome.then().when(assess).records_nothing()
    assert outcome.then().state.goals == {1: GoalResult.MET, 2: None}
    an_evaluation(draft, set_goal, submit).when(assess).refused("evaluation.status")
    an_evaluation(draft).when(assess).refused("evaluation.goal_unknown", field="goal")


def test_there_is_an_end_to_goals() -> None:
    many = an_evaluation(draft, *[set_goal] * MOST_GOALS)
    many.when(set_goal).refused("evaluation.goals")


def test_a_submitted_evaluation_may_go_back_once_more() -> None:
    back = an_evaluation(draft, submit).when(give_back)
    back.records_a(EvaluationReturned, reason="name an example")
    back.then().when(submit).records_a(EvaluationSubmitted)
    back.then().when(acknowledge).refused("evaluation.status", status="draft")


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (replace(draft, evaluator_staff_id=NURSE_BLOM), "evaluation.own_evaluation"),
        (replace(draft, evaluator_staff_id=UUID(int=5)), "staff_member.unknown"),
        (replace(draft, staff_id=UUID(int=5)), "staff_member.unknown"),
        (replace(draft, facility_id=UUID(int=5)), "facility.unknown"),
        (replace(draft, drafted_on=TOMORROW_EVERYWHERE), "evaluation.date"),
        (replace(draft, period_from=LONG_AGO), "evaluation.date"),
        (replace(draft, period_to=FAR_FUTURE), "evaluation.date"),
        (replace(draft, period_to=DAY_BEFORE_NEW_YEAR), "evaluation.date_order"),
    ],
    ids=str,
)
def test_what_cannot_be_drafted_is_refused(command: Command, code: str) -> None:
    an_evaluation().when(command).refused(code)


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (draft, "evaluation.already_drafted"),
        (replace(set_goal, text=""), "evaluation.text"),
        (replace(set_goal, due_on=FAR_FUTURE), "evaluation.date"),
        (replace(submit, summary=""), "evaluation.text"),
        (replace(submit, submitted_on=NEW_YEAR), "evaluation.date_order"),
        (replace(submit, submitted_on=TOMORROW_EVERYWHERE), "evaluation.date"),
        (acknowledge, "evaluation.status"),
        (give_back, "evaluation.status"),
    ],
    ids=str,
)
def test_what_cannot_happen_to_a_draft_is_refused(command: Command, code: str) -> None:
    an_evaluation(draft).when(command).refused(code)
