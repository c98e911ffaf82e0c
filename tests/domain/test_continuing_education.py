"""What somebody is to learn in a cycle, what they did, and what is missing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import hypothesis
import pytest
from hypothesis import strategies

from domain.kernel import Command, Refused
from domain.workforce.education import (
    MOST_CREDITS,
    MOST_REQUIREMENTS,
    ContinuingEducation,
    EarnCredits,
    RequireEducation,
    ReverseCredits,
    WaiveEducation,
    continuing_education,
)
from domain.workforce.events.education import (
    Counted,
    EducationEarned,
    EducationRequired,
    EducationReversed,
    EducationWaived,
    education_of,
)
from tests.domain.files import the_nurse_works_here
from tests.domain.places import (
    FAR_FUTURE,
    FEBRUARY_1,
    HILLTOP,
    LONG_AGO,
    MARCH_1,
    NEW_YEAR,
    NURSE_BLOM,
    RIVERSIDE,
    TOMORROW_EVERYWHERE,
)
from tests.grammar import Given, given

require = RequireEducation(
    staff_id=NURSE_BLOM,
    facility_id=RIVERSIDE,
    credits=3000,
    cycle_from=NEW_YEAR,
    cycle_to=date(2027, 12, 31),
)
earn = EarnCredits(
    staff_id=NURSE_BLOM,
    facility_id=RIVERSIDE,
    activity="Sepsis in the emergency department",
    provider="State Nurses Association",
    topic="Emergency",
    credits=150,
    earned_on=FEBRUARY_1,
)
take_back = ReverseCredits(
    staff_id=NURSE_BLOM, entry=1, reversed_on=MARCH_1, reason="she was ill that day"
)
waive = WaiveEducation(
    staff_id=NURSE_BLOM, requirement=1, waived_on=MARCH_1, reason="a national certificate"
)


def the_nurse(*commands: Command) -> Given:
    """Her education after these commands."""
    so_far = given(ContinuingEducation).knowing(the_nurse_works_here())
    for each in commands:
        so_far = so_far.when(each).then()
    return so_far


def test_credits_count_to_what_is_required_in_their_cycle() -> None:
    the_nurse().when(require).records_a(EducationRequired, requirement=1, earned_after=0)
    outcome = the_nurse(require).when(earn)
    outcome.records_a(EducationEarned, entry=1, after=(Counted(requirement=1, credits=150),))
    outcome.then().when(earn).records_nothing()
    outcome.then().when(require).records_nothing()
    assert earn.education_id == education_of(NURSE_BLOM)


def test_what_was_earned_before_it_was_required_counts_too() -> None:
    the_nurse(earn).when(require).records_a(EducationRequired, earned_after=150)


def test_credits_of_another_topic_or_time_do_not_count() -> None:
    of_pain = replace(require, topic="Pain")
    last_year = replace(earn, earned_on=date(2025, 12, 31))
    the_nurse(of_pain).when(earn).records_a(EducationEarned, after=())
    the_nurse(require).when(last_year).records_a(EducationEarned, after=())
    by_topic = replace(require, topic="emergency")
    the_nurse(by_topic).when(earn).records_a(
        EducationEarned, after=(Counted(requirement=1, credits=150),)
    )


def test_what_was_written_down_in_error_is_taken_back_once() -> None:
    outcome = the_nurse(require, earn).when(take_back)
    outcome.records_a(EducationReversed, after=(Counted(requirement=1, credits=0),))
    outcome.then().when(take_back).records_nothing()
    outcome.then().when(earn).records_a(EducationEarned, entry=2)


def test_a_requirement_may_be_waived_once() -> None:
    outcome = the_nurse(require).when(waive)
    outcome.records_a(EducationWaived, requirement=1)
    outcome.then().when(waive).records_nothing()


@pytest.mark.parametrize(
    ("command", "code", "field"),
    [
        (replace(require, credits=0), "continuing_education.credits", "credits"),
        (replace(earn, credits=MOST_CREDITS + 1), "continuing_education.credits", "credits"),
        (replace(require, cycle_from=LONG_AGO), "continuing_education.date", "cycle_from"),
        (replace(require, cycle_to=FAR_FUTURE), "continuing_education.date", "cycle_to"),
        (
            replace(require, cycle_to=NEW_YEAR - timedelta(days=1)),
            "continuing_education.date_order",
            "cycle_to",
        ),
        (replace(require, topic="x" * 101), "continuing_education.text", "topic"),
        (replace(require, facility_id=HILLTOP), "staff_member.unknown", "staff_id"),
        (replace(earn, facility_id=HILLTOP), "staff_member.unknown", "staff_id"),
        (replace(earn, activity=""), "continuing_education.text", "activity"),
        (replace(earn, provider=""), "continuing_education.text", "provider"),
        (replace(earn, earned_on=TOMORROW_EVERYWHERE), "continuing_education.date", "earned_on"),
        (take_back, "continuing_education.unknown", None),
        (waive, "continuing_education.unknown", None),
    ],
    ids=str,
)
def test_what_cannot_be_is_refused(command: Command, code: str, field: str | None) -> None:
    the_nurse().when(command).refused(code, field=field)


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (replace(take_back, entry=2), "continuing_education.entry_unknown"),
        (replace(take_back, entry=0), "continuing_education.entry_unknown"),
        (replace(take_back, reversed_on=TOMORROW_EVERYWHERE), "continuing_education.date"),
        (replace(waive, requirement=2), "continuing_education.requirement_unknown"),
        (replace(waive, waived_on=TOMORROW_EVERYWHERE), "continuing_education.date"),
    ],
    ids=str,
)
def test_only_what_is_there_is_taken_back(command: Command, code: str) -> None:
    the_nurse(require, earn).when(command).refused(code)


def test_there_is_an_end_to_requirements() -> None:
    many = [
        EducationRequired(
            staff_id=NURSE_BLOM,
            facility_id=RIVERSIDE,
            requirement=number,
            topic=str(number),
            credits=1,
            cycle_from=NEW_YEAR,
            cycle_to=MARCH_1,
            earned_after=0,
        )
        for number in range(1, MOST_REQUIREMENTS + 1)
    ]
    given(ContinuingEducation, *many).knowing(the_nurse_works_here()).when(require).refused(
        "continuing_education.requirements"
    )


what_happens = strategies.lists(
    strategies.one_of(
        strategies.builds(
            replace,
            strategies.just(earn),
            activity=strategies.text("abc", min_size=1, max_size=2),
            topic=strategies.sampled_from(["", "Pain", "Emergency"]),
            credits=strategies.integers(1, 400),
        ),
        strategies.builds(
            replace,
            strategies.just(require),
            topic=strategies.sampled_from(["", "Pain"]),
            credits=strategies.integers(1, 3),
        ),
        strategies.builds(replace, strategies.just(take_back), entry=strategies.integers(1, 4)),
    ),
    max_size=12,
)


@hypothesis.given(what_happens)
def test_what_the_facts_say_counts_is_what_is_not_taken_back(commands: list[Command]) -> None:
    so_far = given(ContinuingEducation).knowing(the_nurse_works_here())
    told: dict[int, int] = {}
    for each in commands:
        outcome = so_far.when(each)
        if isinstance(outcome.refusal, Refused):
            continue
        for fact in outcome.decided:
            if isinstance(fact, EducationRequired):
                told[fact.requirement] = fact.earned_after
            elif isinstance(fact, EducationEarned | EducationReversed):
                told |= {each.requirement: each.credits for each in fact.after}
        so_far = outcome.then()
    state = continuing_education.fold(so_far.facts)
    for number, wanted in enumerate(state.wanted, 1):
        counted = [
            each.credits
            for each in state.earned
            if not each.reversed and wanted.topic in ("", each.topic)
        ]
        assert told[number] == sum(counted)


def test_nobody_elses_education_is_meant() -> None:
    assert education_of(NURSE_BLOM) != education_of(UUID(int=5))
