"""A person's schedule: the one place where their time is booked, whatever roster wants it.

Every facility and department books into the same stream, so that no two rosters, however they are
planned at the same time, put a person into two places, take their rest, or give them more hours or
days than the limits allow. **Terms** say as what someone may be rostered; time is **booked** and
**released** by rosters and **confirmed** when these are published; a loan **lends** someone to
another facility until they are **taken back**; **leave** is granted and ends (`leave`), also that
which human resources tell of (`absence`); a **feed** shows the shifts to who has its link
(`shift_feed`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import assert_never
from uuid import UUID

from domain import rules
from domain.kernel import (
    Aggregate,
    Circumstances,
    Command,
    Decision,
    Refused,
    command,
)
from domain.replacing import replace
from domain.workforce import time_rules, working_time
from domain.workforce.events.schedule import (
    Leave,
    Lending,
    OfPerson,
    ReleaseReason,
    ScheduleFact,
    ScheduleFeedOpened,
    ScheduleFeedRevoked,
    ScheduleLeaveEnded,
    ScheduleLeaveGranted,
    ScheduleLent,
    ScheduleStanding,
    ScheduleTakenBack,
    ScheduleTermsAgreed,
    ScheduleTimeBooked,
    ScheduleTimeConfirmed,
    ScheduleTimeReleased,
    Terms,
    Weeks,
)
from domain.workforce.events.working_time import Booking, ShiftFinding
from domain.workforce.time_rules import Looked

NO_TERMS = Terms()
MOST_SKILLS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """What a person's schedule has become. `facility_id` is their home facility."""

    facility_id: UUID | None = None
    terms: Terms = NO_TERMS
    weeks: Weeks = field(default_factory=lambda: working_time.NOTHING, hash=False)
    lendings: tuple[Lending, ...] = ()
    leaves: tuple[Leave, ...] = ()
    feed: str | None = None

    def evolve(self, fact: ScheduleFact) -> Schedule:
        match fact:
            case ScheduleTermsAgreed():
                return replace(self, facility_id=fact.facility_id, terms=fact.terms)
            case ScheduleTimeBooked():
                weeks = working_time.booked(self.weeks, fact.bookings)
                return replace(self, facility_id=fact.home_id, weeks=weeks)
            case ScheduleTimeReleased():
                return replace(self, weeks=working_time.released(self.weeks, fact.bookings))
            case ScheduleTimeConfirmed():
                return self
            case ScheduleLent():
                lendings = (*self.lendings, fact.lending)
                return replace(self, facility_id=fact.facility_id, lendings=lendings)
            case ScheduleTakenBack():
                return replace(self, lendings=tuple(_shortened(self.lendings, fact)))
            case ScheduleLeaveGranted():
                leaves = (*self.leaves, fact.leave)
                return replace(self, facility_id=fact.facility_id, leaves=leaves)
            case ScheduleLeaveEnded():
                return replace(self, leaves=tuple(_without(self.leaves, fact)))
            case ScheduleFeedOpened():
                return replace(self, facility_id=fact.facility_id, feed=fact.digest)
            case ScheduleFeedRevoked():
                return replace(self, feed=None)
            case _:
                assert_never(fact)


def _shortened(lendings: Iterable[Lending], by: ScheduleTakenBack) -> Iterable[Lending]:
    for each in lendings:
        if each.loan_id != by.loan_id:
            yield each
        elif by.ends_on >= each.begins_on:
            yield replace(each, ends_on=by.ends_on)


def _without(leaves: Iterable[Leave], ended: ScheduleLeaveEnded) -> Iterable[Leave]:
    for each in leaves:
        if each != ended.leave:
            yield each
        elif ended.ended_on >= each.begins_on:
            yield replace(each, ends_on=ended.ended_on)


def _standing(state: Schedule, its_id: UUID) -> ScheduleStanding:
    return ScheduleStanding(
        kind="schedule",
        id=its_id,
        open=True,
        status="kept",
        facility_id=state.facility_id,
        terms=state.terms,
        weeks=state.weeks,
        lendings=state.lendings,
        leaves=state.leaves,
    )


schedule = Aggregate("schedule", Schedule(), standing=_standing)


# --- commands ----------------------------------------------------------------------------------


@command("schedule_id", creates=True)
class AgreeTerms(OfPerson, Command):
    """Agree at someone's home facility as what they may be rostered; what is not named is taken
    back."""

    staff_id: UUID
    facility_id: UUID
    agreed_on: date
    weekly_hours: int = NO_TERMS.weekly_hours
    skills: tuple[str, ...] = ()
    other_jobs: tuple[str, ...] = ()
    adult_on: date | None = None
    floats: bool = False


@command("schedule_id", creates=True)
class ArrangeTime(OfPerson, Command):
    """Release and book someone's time, at once: a swap is both. For rosters to entail.

    `looked` is what was found when their time was looked at for the roster's decision.
    """

    staff_id: UUID
    bookings: tuple[Booking, ...] = ()
    releases: tuple[Booking, ...] = ()
    reason: ReleaseReason = ReleaseReason.UNASSIGNED
    published: bool = False
    looked: Looked | None = field(default=None, compare=False, repr=False)


@command("schedule_id")
class ConfirmTime(OfPerson, Command):
    """Tell someone of the shifts of a roster that is published. For rosters to entail."""

    staff_id: UUID
    facility_id: UUID
    roster_id: UUID
    shifts: tuple[int, ...]


@command("schedule_id", creates=True)
class LendTime(OfPerson, Command):
    """Let another facility roster someone. For loans to entail."""

    staff_id: UUID
    lending: Lending


@command("schedule_id")
class TakeBackTime(OfPerson, Command):
    """Let the other facility roster someone until a day at most. For loans to entail."""

    staff_id: UUID
    loan_id: UUID
    ends_on: date


# --- decisions ---------------------------------------------------------------------------------


@schedule.decides
def agree(state: Schedule, command: AgreeTerms, at: Circumstances) -> Decision:
    home = home_of(command.staff_id, at, command.facility_id)
    rules.happened("schedule", "agreed_on", command.agreed_on, at)
    if not 0 <= command.weekly_hours <= 168:
        rule = "must be from 0 to 168"
        raise rules.refusal("schedule.weekly_hours", "weekly_hours", command.weekly_hours, rule)
    rules.plausible("schedule", "adult_on", command.adult_on)
    terms = Terms(
        weekly_hours=command.weekly_hours,
        skills=_named("skills", command.skills),
        other_jobs=_named("other_jobs", command.other_jobs),
        adult_on=command.adult_on,
        floats=command.floats,
    )
    if state.facility_id is None or terms != state.terms:
        since = working_time.week_of(command.agreed_on)
        yield ScheduleTermsAgreed(
            staff_id=command.staff_id,
            facility_id=home,
            terms=terms,
            agreed_on=command.agreed_on,
            weeks=tuple(sorted(monday for monday in state.weeks if monday >= since)),
        )


@schedule.decides
def arrange(state: Schedule, command: ArrangeTime, at: Circumstances) -> Decision:
    home = home_of(command.staff_id, at)
    weeks = state.weeks
    if command.releases:
        yield ScheduleTimeReleased(
            staff_id=command.staff_id,
            facility_id=command.releases[0].facility_id,
            home_id=home,
            bookings=command.releases,
            reason=command.reason,
        )
        weeks = working_time.released(weeks, command.releases)
    if not command.bookings:
        return
    looked = command.looked
    if looked is not None and looked.at(weeks, command.bookings, state.terms):
        found: Sequence[ShiftFinding] = looked.found
    else:
        found = time_rules.findings(command.staff_id, weeks, command.bookings, state.terms)
    for each in found:
        if each.hard:
            raise Refused(each.code, each.said, shift=each.shift, staff_id=each.staff_id)
    yield ScheduleTimeBooked(
        staff_id=command.staff_id,
        facility_id=command.bookings[0].facility_id,
        home_id=home,
        bookings=command.bookings,
        weekly_hours=state.terms.weekly_hours,
        published=command.published,
        warnings=tuple(found),
    )


@schedule.decides
def confirm(_state: Schedule, command: ConfirmTime, _at: Circumstances) -> Decision:
    yield ScheduleTimeConfirmed(
        staff_id=command.staff_id,
        facility_id=command.facility_id,
        roster_id=command.roster_id,
        shifts=command.shifts,
    )


@schedule.decides
def lend(_state: Schedule, command: LendTime, at: Circumstances) -> Decision:
    home = home_of(command.staff_id, at)
    yield ScheduleLent(
        staff_id=command.staff_id,
        facility_id=home,
        lending=command.lending,
    )


@schedule.decides
def take_back(state: Schedule, command: TakeBackTime, _at: Circumstances) -> Decision:
    """Refuses while the other facility has booked them for a later day."""
    (lending,) = [each for each in state.lendings if each.loan_id == command.loan_id]
    for week in state.weeks.values():
        for each in week:
            there = each.facility_id == lending.facility_id
            if there and command.ends_on < each.on <= lending.ends_on:
                raise Refused(
                    "loan.rostered",
                    f"They are rostered there on {each.on}.",
                    field="ends_on",
                    value=command.ends_on,
                    on=each.on,
                )
    assert state.facility_id is not None
    yield ScheduleTakenBack(
        staff_id=command.staff_id,
        facility_id=state.facility_id,
        loan_id=command.loan_id,
        ends_on=command.ends_on,
    )


def home_of(staff_id: UUID, at: Circumstances, within: UUID | None = None) -> UUID:
    """The home facility of someone, who may have left; refuses who is unknown (`within`: there)."""
    home = at.known("staff_member", staff_id, within=within, named="staff_id").facility_id
    assert home is not None
    return home


def _named(field_name: str, names: tuple[str, ...]) -> tuple[str, ...]:
    """Each once, in their order."""
    rules.at_most("schedule", field_name, names, MOST_SKILLS)
    told = [rules.text("schedule", field_name, each, longest=100) for each in names]
    return tuple(dict.fromkeys(told))
