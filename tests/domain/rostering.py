"""Two facilities and their nurses, in memory: what a roster decides, schedules decide too.

``hospital.does(command)`` records, or raises `Refused` and records nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from domain.kernel import (
    CONSULTED,
    DECISIONS,
    Circumstances,
    Command,
    Entail,
    Fact,
    Standing,
    foreign_id,
)
from domain.workforce.events.credential import CredentialStanding
from domain.workforce.events.held import (
    CredentialKind,
    CredentialTerm,
    HeldCredential,
    Override,
    credentials_of,
)
from domain.workforce.events.requirement import REQUIREMENTS, Requirement, RequirementsStanding
from domain.workforce.events.schedule import LeaveKind, schedule_of
from domain.workforce.events.staff import Assignment, StaffStanding
from domain.workforce.leave import GrantLeave
from domain.workforce.roster import Roster
from domain.workforce.roster_planning import AssignShift, PlannedShift, PlanShifts
from domain.workforce.roster_publication import DraftRoster, PublishRoster
from domain.workforce.schedule import AgreeTerms, Schedule
from tests.domain.places import CARDIOLOGY, HILLTOP, RADIOLOGY, RIVERSIDE
from tests.grammar import an_open

NOW = datetime(2026, 10, 1, 15, 0, tzinfo=UTC)
MONDAY = date(2026, 10, 5)
NURSE = "Registered Nurse"

BLOM, CHO, DIAZ, EVANS = (foreign_id("test/nurse", each) for each in range(4))
NURSES = (BLOM, CHO, DIAZ, EVANS)
THE_ROSTER = UUID("018f0000-0000-7000-8000-000000000071")
HILLTOPS_ROSTER = UUID("018f0000-0000-7000-8000-000000000072")


def a_nurse(staff_id: UUID, facility_id: UUID = RIVERSIDE, **known: Any) -> StaffStanding:
    """A nurse of a facility who works in all of its departments."""
    at_home = Assignment(
        facility_id=facility_id,
        department_id=None,
        share=100,
        valid_from=date(2026, 1, 1),
        valid_to=None,
    )
    return StaffStanding(
        kind="staff_member",
        id=staff_id,
        open=True,
        status="active",
        facility_id=facility_id,
        **{"job": NURSE, "specialty": None, "assignments": (at_home,), **known},
    )


def an_rn_license_is_required() -> RequirementsStanding:
    required = Requirement(
        requirement_id=UUID(int=1),
        kind=CredentialKind.LICENSE,
        title="RN",
        job=NURSE,
        department_kind=None,
        valid_from=date(2026, 1, 1),
    )
    return RequirementsStanding(
        kind="credential_requirements",
        id=REQUIREMENTS,
        open=True,
        status="kept",
        requirements=(required,),
    )


def a_license_until(
    valid_to: date, *overrides: Override, staff_id: UUID = BLOM
) -> CredentialStanding:
    """Somebody's, verified."""
    term = CredentialTerm(
        valid_from=date(2025, 1, 1), valid_to=valid_to, verified_on=date(2025, 1, 1)
    )
    license_ = HeldCredential(
        credential_id=UUID(int=2),
        kind=CredentialKind.LICENSE,
        title="RN",
        number="1",
        issuer="Board of Nursing",
        state="NY",
        terms=(term,),
    )
    return CredentialStanding(
        kind="credentials",
        id=credentials_of(staff_id),
        open=True,
        status="kept",
        credentials=(license_,),
        overrides=overrides,
    )


class Hospital:
    """What has happened, and what every stream has become by it."""

    def __init__(self, *standings: Standing) -> None:
        self.now = NOW
        self.facts: list[Fact] = []
        self.states: dict[UUID, Any] = {}
        self.standings: dict[UUID, Standing] = {
            each.id: each
            for each in (
                an_open("facility", RIVERSIDE, facility_id=RIVERSIDE, zone="America/New_York"),
                an_open("facility", HILLTOP, facility_id=HILLTOP, zone="America/New_York"),
                an_open("department", CARDIOLOGY, facility_id=RIVERSIDE),
                an_open("department", RADIOLOGY, facility_id=HILLTOP),
                *map(a_nurse, NURSES),
                *standings,
            )
        }

    def knows(self, *standings: Standing) -> None:
        """From now on."""
        self.standings.update({each.id: each for each in standings})

    def does(self, command: Command) -> list[Fact]:
        """Decide on a command and on what it entails; all of it is recorded, or nothing."""
        before = dict(self.states), dict(self.standings), len(self.facts)
        try:
            self._decide(command)
        except Exception:
            self.states, self.standings, recorded = before
            del self.facts[recorded:]
            raise
        return self.facts[before[2] :]

    def _decide(self, command: Command) -> None:
        aggregate, decide = DECISIONS[type(command)]
        stream_id: UUID = getattr(command, command.stream)
        state = self.states.get(stream_id, aggregate.initial)
        consult = CONSULTED.get(type(command), lambda _state, _command: ())
        named = {*consult(state, command), state.facility_id}
        named |= {getattr(command, each, None) for each in ("facility_id", "department_id")}
        named |= {getattr(command, each, None) for each in ("staff_id", "loan_id")}
        known = {each: self.standings[each] for each in named if each in self.standings}
        decided = list(decide(state, command, Circumstances(self.now, known)))
        for each in decided:
            if isinstance(each, Fact):
                state = state.evolve(each)
                self.facts.append(each)
        self.states[stream_id] = state
        if aggregate.standing is not None:
            self.standings[stream_id] = aggregate.standing(state, stream_id)
        for each in decided:
            if isinstance(each, Entail):
                self._decide(each.command)

    # --- what tests do again and again ----------------------------------------------------------

    def drafts(
        self, roster_id: UUID = THE_ROSTER, begins_on: date = MONDAY, days: int = 35
    ) -> None:
        at = (HILLTOP, RADIOLOGY) if roster_id == HILLTOPS_ROSTER else (RIVERSIDE, CARDIOLOGY)
        self.does(
            DraftRoster(
                roster_id=roster_id,
                facility_id=at[0],
                department_id=at[1],
                begins_on=begins_on,
                ends_on=begins_on + timedelta(days=days - 1),
            )
        )

    def plans(self, *shifts: PlannedShift, roster_id: UUID = THE_ROSTER) -> Sequence[int]:
        """Plans these shifts; the numbers they were given."""
        before = self.roster(roster_id).last
        self.does(PlanShifts(roster_id=roster_id, shifts=shifts))
        return range(before + 1, self.roster(roster_id).last + 1)

    def assigns(self, staff_id: UUID, shift: int, roster_id: UUID = THE_ROSTER) -> None:
        self.does(AssignShift(roster_id=roster_id, shift=shift, staff_id=staff_id))

    def publishes(self, roster_id: UUID = THE_ROSTER) -> None:
        self.does(PublishRoster(roster_id=roster_id))

    def agrees(self, staff_id: UUID, **terms: Any) -> None:
        """At Riverside, today."""
        on = self.now.date()
        self.does(AgreeTerms(staff_id=staff_id, facility_id=RIVERSIDE, agreed_on=on, **terms))

    def grants_leave(self, staff_id: UUID, begins_on: date, ends_on: date | None) -> None:
        self.does(
            GrantLeave(
                staff_id=staff_id,
                facility_id=RIVERSIDE,
                kind=LeaveKind.VACATION,
                begins_on=begins_on,
                ends_on=ends_on,
            )
        )

    def roster(self, roster_id: UUID = THE_ROSTER) -> Roster:
        state: Roster = self.states[roster_id]
        return state

    def on(self, shift: int, roster_id: UUID = THE_ROSTER) -> tuple[UUID, ...]:
        """Who is on a shift."""
        return self.roster(roster_id).shifts[shift].staff_ids

    def schedule(self, staff_id: UUID) -> Schedule:
        state: Schedule = self.states.get(schedule_of(staff_id), Schedule())
        return state

    def hours(self, staff_id: UUID) -> float:
        """How many hours are booked for someone."""
        weeks = self.schedule(staff_id).weeks.values()
        return sum(each.minutes for week in weeks for each in week) / 60


def a_day(on: date = MONDAY, *staff_ids: UUID, **members: Any) -> PlannedShift:
    """A day shift, from 7 to 19."""
    planned = PlannedShift(on=on, starts="07:00", ends="19:00", job=NURSE, staff_ids=staff_ids)
    return replace(planned, **members)


def a_night(on: date = MONDAY, *staff_ids: UUID, **members: Any) -> PlannedShift:
    """A night shift, from 19 to 7."""
    planned = PlannedShift(on=on, starts="19:00", ends="07:00", job=NURSE, staff_ids=staff_ids)
    return replace(planned, **members)
