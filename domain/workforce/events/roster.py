"""The story of a roster: what work there is, who does it, and what changes once it is published."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from domain.kernel import Fact, fact
from domain.workforce.events.working_time import ShiftFinding


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """Work of a department, from a moment to another, for people of a job, perhaps with a skill.

    `shift` numbers it within its roster. `on` is the local day it begins on, the instants are UTC.
    `needed` people are wanted, `minimum` must be there.
    """

    shift: int
    job: str
    skill: str | None
    needed: int
    minimum: int
    on: date
    starts_at: datetime
    ends_at: datetime
    night: bool


class CallOutReason(StrEnum):
    """Why someone does not come."""

    SICK = "sick"
    FAMILY = "family"
    BEREAVEMENT = "bereavement"
    WEATHER = "weather"
    NO_SHOW = "no_show"
    OTHER = "other"


class WithdrawalReason(StrEnum):
    """Why someone cannot come to any of their shifts for a time, or for good."""

    LEAVE = "leave"
    SEPARATION = "separation"


class SwapEnd(StrEnum):
    """What became of a swap that was proposed."""

    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


@fact("roster.drafted")
class RosterDrafted(Fact):
    """A department's roster for a period is begun; the days are both included, `zone` is theirs."""

    roster_id: UUID
    facility_id: UUID
    department_id: UUID
    department_kind: str | None
    begins_on: date
    ends_on: date
    zone: str


@fact("roster.shift_planned")
class RosterShiftPlanned(Fact):
    """There is a shift, and these people are on it. `warnings` is what the soft rules say."""

    roster_id: UUID
    facility_id: UUID
    department_id: UUID
    shift: Shift
    staff_ids: tuple[UUID, ...]
    published: bool
    warnings: tuple[ShiftFinding, ...] = ()


@fact("roster.shift_withdrawn")
class RosterShiftWithdrawn(Fact):
    """There is no such shift any more; who was on it is free."""

    roster_id: UUID
    facility_id: UUID
    department_id: UUID
    shift: Shift
    staff_ids: tuple[UUID, ...]


@fact("roster.staff_assigned")
class RosterStaffAssigned(Fact):
    """Someone is on a shift. `staff_ids`: all who are, then."""

    roster_id: UUID
    facility_id: UUID
    department_id: UUID
    shift: Shift
    staff_id: UUID
    staff_ids: tuple[UUID, ...]
    warnings: tuple[ShiftFinding, ...] = ()


@fact("roster.staff_unassigned")
class RosterStaffUnassigned(Fact):
    """Someone is not on a shift any more. `staff_ids`: all who still are."""

    roster_id: UUID
    facility_id: UUID
    department_id: UUID
    shift: Shift
    staff_id: UUID
    staff_ids: tuple[UUID, ...]


@fact("roster.staff_withdrawn")
class RosterStaffWithdrawn(Fact):
    """Someone is not on a shift any more, because they went on leave or left; their place is open.
    `staff_ids`: who is left."""

    roster_id: UUID
    facility_id: UUID
    department_id: UUID
    shift: Shift
    staff_id: UUID
    staff_ids: tuple[UUID, ...]
    why: WithdrawalReason


@fact("roster.published")
class RosterPublished(Fact):
    """The roster holds: everybody is told. `warnings` is what the soft rules say about it."""

    roster_id: UUID
    facility_id: UUID
    department_id: UUID
    begins_on: date
    ends_on: date
    shifts: int
    warnings: tuple[ShiftFinding, ...] = ()


@fact("roster.closed")
class RosterClosed(Fact):
    """The period is over and nothing about the roster changes any more."""

    roster_id: UUID
    facility_id: UUID
    department_id: UUID
    begins_on: date
    ends_on: date


@fact("roster.called_out")
class RosterCalledOut(Fact):
    """Someone does not come to a shift; their place is open. `staff_ids`: who is left."""

    roster_id: UUID
    facility_id: UUID
    department_id: UUID
    shift: Shift
    staff_id: UUID
    staff_ids: tuple[UUID, ...]
    reason: CallOutReason
    called_at: datetime


@fact("roster.shift_offered")
class RosterShiftOffered(Fact):
    """The open places of a shift are offered: to these people, or to whoever may take them."""

    roster_id: UUID
    facility_id: UUID
    department_id: UUID
    shift: Shift
    open_places: int
    offered_to: tuple[UUID, ...]


@fact("roster.offer_taken")
class RosterOfferTaken(Fact):
    """Someone took an offered shift and is on it. `open_places`: those that are left."""

    roster_id: UUID
    facility_id: UUID
    department_id: UUID
    shift: Shift
    staff_id: UUID
    staff_ids: tuple[UUID, ...]
    open_places: int
    warnings: tuple[ShiftFinding, ...] = ()


@fact("roster.offer_withdrawn")
class RosterOfferWithdrawn(Fact):
    """A shift is not offered any more."""

    roster_id: UUID
    facility_id: UUID
    department_id: UUID
    shift: int


@fact("roster.swap_proposed")
class RosterSwapProposed(Fact):
    """Someone wants to give their shift for another person's. `swap` numbers it in its roster."""

    roster_id: UUID
    facility_id: UUID
    department_id: UUID
    swap: int
    shift: Shift
    staff_id: UUID
    other_shift: Shift
    other_staff_id: UUID


@fact("roster.swapped")
class RosterSwapped(Fact):
    """Two people do each other's shift. `..._staff_ids`: who is on either of them, then."""

    roster_id: UUID
    facility_id: UUID
    department_id: UUID
    swap: int
    shift: Shift
    staff_id: UUID
    staff_ids: tuple[UUID, ...]
    other_shift: Shift
    other_staff_id: UUID
    other_staff_ids: tuple[UUID, ...]
    warnings: tuple[ShiftFinding, ...] = ()


@fact("roster.swap_ended")
class RosterSwapEnded(Fact):
    """A swap that was proposed does not come about."""

    roster_id: UUID
    facility_id: UUID
    department_id: UUID
    swap: int
    ended: SwapEnd


RosterFact = (
    RosterDrafted
    | RosterShiftPlanned
    | RosterShiftWithdrawn
    | RosterStaffAssigned
    | RosterStaffUnassigned
    | RosterStaffWithdrawn
    | RosterPublished
    | RosterClosed
    | RosterCalledOut
    | RosterShiftOffered
    | RosterOfferTaken
    | RosterOfferWithdrawn
    | RosterSwapProposed
    | RosterSwapped
    | RosterSwapEnded
)
