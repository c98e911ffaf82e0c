"""The story of continuing education: what somebody is to learn in a cycle, and what they did."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from domain.kernel import Fact, fact, foreign_id


def education_of(staff_id: UUID) -> UUID:
    """The stream of somebody's continuing education."""
    return foreign_id("education", staff_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """The credits that count to a requirement, by its number."""

    requirement: int
    credits: int


class OfLearner:
    """What is told in the stream of somebody's education."""

    __slots__ = ()
    staff_id: UUID

    @property
    def education_id(self) -> UUID:
        return education_of(self.staff_id)


@fact("continuing_education.required", effective="cycle_from")
class EducationRequired(OfLearner, Fact):
    """Somebody is to earn so many credits of a topic in a cycle (both days included).

    Credits are in hundredths: 150 is one and a half. An empty topic is any.
    """

    staff_id: UUID
    facility_id: UUID
    requirement: int
    topic: str
    credits: int
    cycle_from: date
    cycle_to: date
    earned_after: int


@fact("continuing_education.earned", effective="earned_on")
class EducationEarned(OfLearner, Fact):
    """Somebody earned credits. `after`: what counts to each requirement then."""

    staff_id: UUID
    facility_id: UUID
    entry: int
    activity: str
    provider: str
    topic: str
    credits: int
    earned_on: date
    certificate: str | None
    after: tuple[Counted, ...]


@fact("continuing_education.reversed", effective="reversed_on")
class EducationReversed(OfLearner, Fact):
    """Credits were written down in error. `after` as when they were earned."""

    staff_id: UUID
    facility_id: UUID
    entry: int
    reason: str
    reversed_on: date
    after: tuple[Counted, ...]


@fact("continuing_education.waived", effective="waived_on")
class EducationWaived(OfLearner, Fact):
    """A requirement does not hold any more."""

    staff_id: UUID
    facility_id: UUID
    requirement: int
    reason: str
    waived_on: date


ContinuingEducationFact = EducationRequired | EducationEarned | EducationReversed | EducationWaived
