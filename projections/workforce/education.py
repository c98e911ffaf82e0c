"""What the education office looks at: credits earned, and who is short of what is required."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from domain.kernel import Recorded
from domain.workforce.events.education import (
    EducationEarned,
    EducationRequired,
    EducationReversed,
    EducationWaived,
)
from projections.kernel import Key, ReadModel
from projections.rows import replace


@dataclass(frozen=True, slots=True, kw_only=True)
class EducationShortfall:
    """What somebody is to learn in a cycle (both days included); credits in hundredths.

    `shortfall` is what is missing of `required`, and 0 where enough was earned. An empty topic is
    any.
    """

    facility_id: UUID
    staff_id: UUID
    requirement: int
    topic: str
    cycle_from: date
    cycle_to: date
    required: int
    earned: int
    shortfall: int


education_shortfall = ReadModel(
    "education_shortfall",
    row=EducationShortfall,
    key=("staff_id", "requirement"),
    order="cycle_to",
    local=True,
    desk="the education office: who is short of how many credits, by when",
)


def _counting(row: EducationShortfall, earned: int) -> EducationShortfall:
    return replace(row, earned=earned, shortfall=max(0, row.required - earned))


@education_shortfall.on(EducationRequired)
def required(
    row: EducationShortfall | None,  # noqa: ARG001 - nothing was there before
    event: Recorded[EducationRequired],
) -> EducationShortfall | None:
    fact = event.fact
    wanted = EducationShortfall(
        facility_id=fact.facility_id,
        staff_id=fact.staff_id,
        requirement=fact.requirement,
        topic=fact.topic,
        cycle_from=fact.cycle_from,
        cycle_to=fact.cycle_to,
        required=fact.credits,
        earned=0,
        shortfall=fact.credits,
    )
    return _counting(wanted, fact.earned_after)


def _touched(event: Recorded[EducationEarned] | Recorded[EducationReversed]) -> Iterator[Key]:
    for each in event.fact.after:
        yield event.fact.staff_id, each.requirement


@education_shortfall.on(EducationEarned, EducationReversed, key=_touched)
def counted(
    row: EducationShortfall | None,
    event: Recorded[EducationEarned] | Recorded[EducationReversed],
) -> EducationShortfall | None:
    if row is None:
        return None
    after = {each.requirement: each.credits for each in event.fact.after}
    return _counting(row, after[row.requirement])


@education_shortfall.on(EducationWaived)
def waived(
    row: EducationShortfall | None,  # noqa: ARG001
    event: Recorded[EducationWaived],  # noqa: ARG001
) -> EducationShortfall | None:
    return None


# --- what was earned ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class EducationCredits:
    """Credits somebody earned, in hundredths; where they were taken back, when and why."""

    facility_id: UUID
    staff_id: UUID
    entry: int
    activity: str
    provider: str
    topic: str
    credits: int
    earned_on: date
    certificate: str | None
    reversed_on: date | None
    reversed_because: str | None


education_credits = ReadModel(
    "education_credits",
    row=EducationCredits,
    key=("staff_id", "entry"),
    order="earned_on",
    newest_first=True,
    local=True,
    desk="the education office, and surveyors: who learned what, where and when",
)


@education_credits.on(EducationEarned)
def earned(
    row: EducationCredits | None,  # noqa: ARG001 - nothing was there before
    event: Recorded[EducationEarned],
) -> EducationCredits | None:
    fact = event.fact
    return EducationCredits(
        facility_id=fact.facility_id,
        staff_id=fact.staff_id,
        entry=fact.entry,
        activity=fact.activity,
        provider=fact.provider,
        topic=fact.topic,
        credits=fact.credits,
        earned_on=fact.earned_on,
        certificate=fact.certificate,
        reversed_on=None,
        reversed_because=None,
    )


@education_credits.on(EducationReversed)
def taken_back(
    row: EducationCredits | None, event: Recorded[EducationReversed]
) -> EducationCredits | None:
    fact = event.fact
    return row and replace(row, reversed_on=fact.reversed_on, reversed_because=fact.reason)
