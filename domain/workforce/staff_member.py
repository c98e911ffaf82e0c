"""A staff member: someone who works for the health system, at one facility or at several.

Their life: they are **registered** at their home facility, perhaps to be onboarded first (that,
and their leaves, are decided on in `employment`), assigned with a share of their time to the places
where they work (`assignment`), change their name, job or specialty (`particulars`), and one day are
**separated**; every assignment ends with that. Their NPI stays theirs for life, also after they
left; their file of credentials is closed, and they are on no shift any more.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, assert_never
from uuid import UUID

from domain import identifiers, rules
from domain.identifiers import IdentifierKind
from domain.kernel import (
    Aggregate,
    Circumstances,
    Command,
    Decision,
    Entail,
    Refused,
    Reserve,
    command,
)
from domain.replacing import replace
from domain.workforce.absence import EndSchedule, left_open
from domain.workforce.credentialing import CloseCredentialFile
from domain.workforce.events.employment import (
    EmploymentFact,
    StaffMemberLeaveBegan,
    StaffMemberOnboarded,
    StaffMemberOnboardingBegan,
    StaffMemberReturned,
)
from domain.workforce.events.schedule import schedule_of
from domain.workforce.events.staff import (
    Assignment,
    SeparationReason,
    StaffMemberAssigned,
    StaffMemberAssignmentEnded,
    StaffMemberFact,
    StaffMemberJobChanged,
    StaffMemberNameChanged,
    StaffMemberNpiRecorded,
    StaffMemberRegistered,
    StaffMemberSeparated,
    StaffMemberSpecialtyChanged,
    StaffStanding,
)

# --- state -------------------------------------------------------------------------------------


class StaffMemberStatus(StrEnum):
    """Whether someone works for the health system."""

    ABSENT = "absent"
    ONBOARDING = "onboarding"
    ACTIVE = "active"
    ON_LEAVE = "on_leave"
    SEPARATED = "separated"


EMPLOYED = (
    StaffMemberStatus.ONBOARDING,
    StaffMemberStatus.ACTIVE,
    StaffMemberStatus.ON_LEAVE,
)
"""Who works for the health system, whether or not they are at work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffMember:
    """What someone's work has become. `facility_id` is their home facility.

    `away_since` is the first day of a leave that goes on, `back_since` the day of the last return.
    `ended` are those of the assignments whose end was told, each with the last day that was told.
    """

    facility_id: UUID | None = None
    status: StaffMemberStatus = StaffMemberStatus.ABSENT
    full_name: str = ""
    job: str = ""
    specialty: str | None = None
    npi: str | None = None
    registered_on: date = rules.EARLIEST
    assignments: tuple[Assignment, ...] = ()
    ended: tuple[Assignment, ...] = ()
    away_since: date | None = None
    back_since: date | None = None

    def evolve(self, fact: StaffMemberFact | EmploymentFact) -> StaffMember:
        match fact:
            case StaffMemberRegistered():
                return replace(
                    self,
                    facility_id=fact.facility_id,
                    status=StaffMemberStatus.ACTIVE,
                    full_name=fact.full_name,
                    job=fact.job,
                    specialty=fact.specialty,
                    npi=fact.npi,
                    registered_on=fact.registered_on,
                )
            case StaffMemberSpecialtyChanged():
                return replace(self, specialty=fact.specialty)
            case StaffMemberJobChanged():
                return replace(self, job=fact.job)
            case StaffMemberNameChanged():
                return replace(self, full_name=fact.full_name)
            case StaffMemberNpiRecorded():
                return replace(self, npi=fact.npi)
            case StaffMemberAssigned():
                return replace(self, assignments=(*self.assignments, fact.assignment))
            case StaffMemberAssignmentEnded():
                ended = replace(fact.assignment, valid_to=fact.ended_on)
                return replace(
                    self,
                    assignments=tuple(
                        ended if each == fact.assignment else each for each in self.assignments
                    ),
                    ended=(*(each for each in self.ended if each != fact.assignment), ended),
                )
            case StaffMemberOnboardingBegan():
                return replace(self, status=StaffMemberStatus.ONBOARDING)
            case StaffMemberOnboarded():
                return replace(self, status=StaffMemberStatus.ACTIVE)
            case StaffMemberLeaveBegan():
                return replace(self, status=StaffMemberStatus.ON_LEAVE, away_since=fact.began_on)
            case StaffMemberReturned():
                return replace(
                    self,
                    status=StaffMemberStatus.ACTIVE,
                    away_since=None,
                    back_since=fact.returned_on,
                )
            case StaffMemberSeparated():
                return replace(self, status=StaffMemberStatus.SEPARATED, assignments=(), ended=())
            case _:
                assert_never(fact)


def _standing(state: StaffMember, staff_id: UUID) -> StaffStanding:
    return StaffStanding(
        kind="staff_member",
        id=staff_id,
        open=state.status in EMPLOYED,
        status=state.status,
        facility_id=state.facility_id,
        job=state.job,
        specialty=state.specialty,
        assignments=state.assignments,
    )


staff_member = Aggregate(
    "staff_member",
    StaffMember(),
    standing=_standing,
    referred_to_as=("staff_id", "rendering_staff_id"),
    named_across=True,
)


# --- commands ----------------------------------------------------------------------------------


@command("staff_id", creates=True)
class RegisterStaffMember(Command):
    """Register someone at their home facility; with an `onboarding` they are not at work yet."""

    staff_id: UUID
    facility_id: UUID
    full_name: str
    job: str
    registered_on: date
    specialty: str | None = None
    npi: str | None = None
    onboarding: bool = False


@command("staff_id")
class SeparateStaffMember(Command):
    """Record that someone leaves the health system."""

    staff_id: UUID
    separated_on: date
    reason: SeparationReason


# --- decisions ---------------------------------------------------------------------------------


@staff_member.decides
def register(state: StaffMember, command: RegisterStaffMember, at: Circumstances) -> Decision:
    if state.status is not StaffMemberStatus.ABSENT:
        raise Refused("staff_member.already_registered", "This staff member is registered.")
    at.open("facility", command.facility_id)
    rules.happened("staff_member", "registered_on", command.registered_on, at)
    if command.npi is not None:
        yield reserved(command.npi)
    yield StaffMemberRegistered(
        staff_id=command.staff_id,
        facility_id=command.facility_id,
        full_name=name_of(command.full_name),
        job=job_of(command.job),
        specialty=specialty_of(command.specialty),
        npi=command.npi,
        registered_on=command.registered_on,
    )
    if command.onboarding:
        yield StaffMemberOnboardingBegan(
            staff_id=command.staff_id,
            facility_id=command.facility_id,
            began_on=command.registered_on,
        )


def of_their_time(_state: StaffMember, command: Any) -> Iterable[UUID]:
    """Of who goes on leave, or leaves, the schedule is consulted: what is to be covered is told."""
    return [schedule_of(command.staff_id)]


@staff_member.decides(consulting=of_their_time)
def separate(state: StaffMember, command: SeparateStaffMember, at: Circumstances) -> Decision:
    if state.status is StaffMemberStatus.SEPARATED:
        return
    home = employed(state)
    since_registration(state, "separated_on", command.separated_on, at)
    yield StaffMemberSeparated(
        staff_id=command.staff_id,
        facility_id=home,
        separated_on=command.separated_on,
        reason=command.reason,
        facility_ids=facilities_among(home, state.assignments),
        assignments=not_ended(state),
        warnings=left_open(command.staff_id, None, command.separated_on, at),
    )
    yield Entail(CloseCredentialFile(staff_id=command.staff_id, closed_on=command.separated_on))
    yield Entail(EndSchedule(staff_id=command.staff_id, ended_on=command.separated_on))


# --- rules -------------------------------------------------------------------------------------


def employed(state: StaffMember) -> UUID:
    """The home facility of someone who works for us; refuses who left."""
    if state.status not in EMPLOYED or state.facility_id is None:
        raise Refused("staff_member.separated", "The staff member left the health system.")
    return state.facility_id


def since_registration(state: StaffMember, named: str, when: date, at: Circumstances) -> None:
    rules.happened("staff_member", named, when, at)
    rules.in_order("staff_member", "registered_on", state.registered_on, named, when)


def facilities_of(state: StaffMember) -> tuple[UUID, ...]:
    """The home facility of someone who works for us, and those they are assigned to, each once."""
    return facilities_among(employed(state), state.assignments)


def not_ended(state: StaffMember) -> tuple[Assignment, ...]:
    """The assignments whose end was not told."""
    return tuple(each for each in state.assignments if each not in state.ended)


def name_of(full_name: str) -> str:
    return rules.text("staff_member", "full_name", full_name)


def job_of(job: str) -> str:
    return rules.text("staff_member", "job", job, longest=100)


def specialty_of(specialty: str | None) -> str | None:
    return rules.optional("staff_member", "specialty", specialty)


def reserved(npi: str) -> Reserve:
    """Someone's NPI, which is nobody else's; refuses what is none."""
    if not identifiers.valid(IdentifierKind.NPI, npi):
        rule = f"must be {identifiers.RULES[IdentifierKind.NPI]}"
        raise rules.refusal("staff_member.npi", "npi", npi, rule)
    return Reserve("npi", npi, "staff_member.npi_in_use")


def facilities_among(home: UUID, assignments: Iterable[Assignment]) -> tuple[UUID, ...]:
    """The home facility and those of the assignments, each once."""
    return tuple(dict.fromkeys([home, *(each.facility_id for each in assignments)]))
