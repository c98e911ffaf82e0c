"""Somebody's continuing education: the credits they are to earn in a cycle, and those they earned.

A requirement of so many credits of a topic is **set** for a cycle, credits are **earned** and,
where they were written down in error, **reversed** once; a requirement may be **waived**. Credits
count to every requirement of their topic (or of any) in whose cycle they were earned. They are in
hundredths.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import assert_never
from uuid import UUID

from domain import rules
from domain.kernel import Aggregate, Circumstances, Command, Decision, Refused, command
from domain.replacing import replace
from domain.workforce.events.education import (
    ContinuingEducationFact,
    Counted,
    EducationEarned,
    EducationRequired,
    EducationReversed,
    EducationWaived,
    OfLearner,
)

NOUN = "continuing_education"
MOST_CREDITS = 100_000
"""How many hundredths of a credit there are at most in one activity, or one cycle (c)."""
MOST_REQUIREMENTS = 100
"""How many requirements somebody has at most, over all cycles (c)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A requirement, which may have been waived."""

    topic: str
    credits: int
    cycle_from: date
    cycle_to: date
    waived: bool = False

    def counts(self, earned: Earned) -> bool:
        """Whether credits count to it."""
        return (
            not earned.reversed
            and self.cycle_from <= earned.earned_on <= self.cycle_to
            and (not self.topic or self.topic.casefold() == earned.topic.casefold())
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Earned:
    """Credits, which may have been reversed."""

    activity: str
    topic: str
    credits: int
    earned_on: date
    reversed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ContinuingEducation:
    """What somebody's education has become; requirements and entries are numbered from 1."""

    facility_id: UUID | None = None
    wanted: tuple[Wanted, ...] = ()
    earned: tuple[Earned, ...] = ()

    def evolve(self, fact: ContinuingEducationFact) -> ContinuingEducation:
        match fact:
            case EducationRequired():
                wanted = Wanted(
                    topic=fact.topic,
                    credits=fact.credits,
                    cycle_from=fact.cycle_from,
                    cycle_to=fact.cycle_to,
                )
                return replace(self, facility_id=fact.facility_id, wanted=(*self.wanted, wanted))
            case EducationEarned():
                earned = Earned(
                    activity=fact.activity,
                    topic=fact.topic,
                    credits=fact.credits,
                    earned_on=fact.earned_on,
                )
                return replace(self, facility_id=fact.facility_id, earned=(*self.earned, earned))
            case EducationReversed():
                entries = list(self.earned)
                entries[fact.entry - 1] = replace(entries[fact.entry - 1], reversed=True)
                return replace(self, earned=tuple(entries))
            case EducationWaived():
                requirements = list(self.wanted)
                number = fact.requirement - 1
                requirements[number] = replace(requirements[number], waived=True)
                return replace(self, wanted=tuple(requirements))
            case _:
                assert_never(fact)

    def counted(self, wanted: Wanted) -> int:
        """The credits that count to a requirement."""
        return sum(each.credits for each in self.earned if wanted.counts(each))


continuing_education = Aggregate(NOUN, ContinuingEducation())


# --- commands ------------------------------------------------------------------------------------


@command("education_id", creates=True)
class RequireEducation(OfLearner, Command):
    """Let somebody have to earn credits of a topic, or of any, in a cycle."""

    staff_id: UUID
    facility_id: UUID
    credits: int
    cycle_from: date
    cycle_to: date
    topic: str = ""


@command("education_id", creates=True)
class EarnCredits(OfLearner, Command):
    """Write down credits somebody earned."""

    staff_id: UUID
    facility_id: UUID
    activity: str
    provider: str
    credits: int
    earned_on: date
    topic: str = ""
    certificate: str | None = None


@command("education_id")
class ReverseCredits(OfLearner, Command):
    """Take back credits that were written down in error."""

    staff_id: UUID
    entry: int
    reversed_on: date
    reason: str


@command("education_id")
class WaiveEducation(OfLearner, Command):
    """Let a requirement not hold any more."""

    staff_id: UUID
    requirement: int
    waived_on: date
    reason: str


# --- decisions -----------------------------------------------------------------------------------


@continuing_education.decides
def require(state: ContinuingEducation, command: RequireEducation, at: Circumstances) -> Decision:
    at.open("staff_member", command.staff_id, within=command.facility_id, named="staff_id")
    wanted = Wanted(
        topic=rules.text(NOUN, "topic", command.topic, longest=100, empty_allowed=True),
        credits=_credits(command.credits),
        cycle_from=command.cycle_from,
        cycle_to=command.cycle_to,
    )
    rules.plausible(NOUN, "cycle_from", command.cycle_from)
    rules.plausible(NOUN, "cycle_to", command.cycle_to)
    rules.in_order(NOUN, "cycle_from", command.cycle_from, "cycle_to", command.cycle_to)
    rules.at_most(NOUN, "requirements", state.wanted, MOST_REQUIREMENTS - 1)
    if wanted in state.wanted:
        return
    yield EducationRequired(
        staff_id=command.staff_id,
        facility_id=command.facility_id,
        requirement=len(state.wanted) + 1,
        topic=wanted.topic,
        credits=wanted.credits,
        cycle_from=wanted.cycle_from,
        cycle_to=wanted.cycle_to,
        earned_after=state.counted(wanted),
    )


@continuing_education.decides
def earn(state: ContinuingEducation, command: EarnCredits, at: Circumstances) -> Decision:
    at.open("staff_member", command.staff_id, within=command.facility_id, named="staff_id")
    rules.happened(NOUN, "earned_on", command.earned_on, at)
    earned = Earned(
        activity=rules.text(NOUN, "activity", command.activity),
        topic=rules.text(NOUN, "topic", command.topic, longest=100, empty_allowed=True),
        credits=_credits(command.credits),
        earned_on=command.earned_on,
    )
    if earned in state.earned:
        return
    yield EducationEarned(
        staff_id=command.staff_id,
        facility_id=command.facility_id,
        entry=len(state.earned) + 1,
        activity=earned.activity,
        provider=rules.text(NOUN, "provider", command.provider),
        topic=earned.topic,
        credits=earned.credits,
        earned_on=earned.earned_on,
        certificate=rules.optional(NOUN, "certificate", command.certificate, longest=100),
        after=_after(replace(state, earned=(*state.earned, earned)), earned),
    )


@continuing_education.decides
def take_back(state: ContinuingEducation, command: ReverseCredits, at: Circumstances) -> Decision:
    home = _home(state)
    if not 1 <= command.entry <= len(state.earned):
        rule = f"must be from 1 to {len(state.earned)}"
        raise rules.refusal("continuing_education.entry_unknown", "entry", command.entry, rule)
    rules.happened(NOUN, "reversed_on", command.reversed_on, at)
    entry = state.earned[command.entry - 1]
    if entry.reversed:
        return
    earned = list(state.earned)
    earned[command.entry - 1] = replace(entry, reversed=True)
    yield EducationReversed(
        staff_id=command.staff_id,
        facility_id=home,
        entry=command.entry,
        reason=rules.text(NOUN, "reason", command.reason),
        reversed_on=command.reversed_on,
        after=_after(replace(state, earned=tuple(earned)), entry),
    )


@continuing_education.decides
def waive(state: ContinuingEducation, command: WaiveEducation, at: Circumstances) -> Decision:
    home = _home(state)
    if not 1 <= command.requirement <= len(state.wanted):
        rule = f"must be from 1 to {len(state.wanted)}"
        code = "continuing_education.requirement_unknown"
        raise rules.refusal(code, "requirement", command.requirement, rule)
    rules.happened(NOUN, "waived_on", command.waived_on, at)
    if state.wanted[command.requirement - 1].waived:
        return
    yield EducationWaived(
        staff_id=command.staff_id,
        facility_id=home,
        requirement=command.requirement,
        reason=rules.text(NOUN, "reason", command.reason),
        waived_on=command.waived_on,
    )


# --- rules ---------------------------------------------------------------------------------------


def _home(state: ContinuingEducation) -> UUID:
    if state.facility_id is None:
        raise Refused("continuing_education.unknown", "Nothing is known of their education.")
    return state.facility_id


def _credits(credits: int) -> int:
    if not 1 <= credits <= MOST_CREDITS:
        rule = f"must be from 1 to {MOST_CREDITS} hundredths"
        raise rules.refusal("continuing_education.credits", "credits", credits, rule)
    return credits


def _after(state: ContinuingEducation, entry: Earned) -> tuple[Counted, ...]:
    """What counts to each of the requirements that an entry touches, by its number."""
    return tuple(
        Counted(requirement=number, credits=state.counted(wanted))
        for number, wanted in enumerate(state.wanted, 1)
        if wanted.counts(replace(entry, reversed=False))
    )
