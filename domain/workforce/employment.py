"""Human resources: who was hired is onboarded; people go on leave, and come back.

Registered with an onboarding, somebody is employed and not at work yet: their credentials are
collected, and they can be assigned. On leave they stay employed, and what they did before can still
be told of them. Their schedule is told of a leave with it: they are on no shift meanwhile
(`absence`). Days off that are granted in the schedule alone (a vacation) are no leave of absence.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from domain import rules
from domain.kernel import Circumstances, Command, Decision, Entail, Refused, command
from domain.workforce.absence import KINDS, ComeBack, TakeLeave, left_open
from domain.workforce.events.employment import (
    LeaveReason,
    StaffMemberLeaveBegan,
    StaffMemberOnboarded,
    StaffMemberReturned,
)
from domain.workforce.events.schedule import Leave, LeaveKind
from domain.workforce.staff_member import (
    StaffMember,
    StaffMemberStatus,
    employed,
    facilities_of,
    of_their_time,
    since_registration,
    staff_member,
)

# --- commands ------------------------------------------------------------------------------------


@command("staff_id")
class CompleteOnboarding(Command):
    """Let somebody who was hired be at work, from that day on."""

    staff_id: UUID
    onboarded_on: date


@command("staff_id")
class BeginLeave(Command):
    """Let somebody be away for a time, to `expected_to` as far as one knows."""

    staff_id: UUID
    kind: LeaveReason
    began_on: date
    expected_to: date | None = None


@command("staff_id")
class ReturnFromLeave(Command):
    """Tell that somebody is back, from that day on."""

    staff_id: UUID
    returned_on: date


# --- decisions -----------------------------------------------------------------------------------


@staff_member.decides
def complete(state: StaffMember, command: CompleteOnboarding, at: Circumstances) -> Decision:
    home = employed(state)
    if state.status is not StaffMemberStatus.ONBOARDING:
        return
    since_registration(state, "onboarded_on", command.onboarded_on, at)
    yield StaffMemberOnboarded(
        staff_id=command.staff_id,
        facility_id=home,
        onboarded_on=command.onboarded_on,
        facility_ids=facilities_of(state),
    )


@staff_member.decides(consulting=of_their_time)
def begin_leave(state: StaffMember, command: BeginLeave, at: Circumstances) -> Decision:
    home = employed(state)
    if state.status is StaffMemberStatus.ON_LEAVE and state.away_since == command.began_on:
        return
    if state.status is not StaffMemberStatus.ACTIVE:
        raise Refused(
            "staff_member.not_active",
            f"The staff member is {state.status.replace('_', ' ')}, not at work.",
            status=state.status,
        )
    since_registration(state, "began_on", command.began_on, at)
    rules.in_order(
        "staff_member", "the_last_return", state.back_since, "began_on", command.began_on
    )
    rules.plausible("staff_member", "expected_to", command.expected_to)
    rules.in_order("staff_member", "began_on", command.began_on, "expected_to", command.expected_to)
    kind = KINDS.get(command.kind, LeaveKind.OTHER)
    leave = Leave(begins_on=command.began_on, ends_on=command.expected_to, kind=kind)
    yield StaffMemberLeaveBegan(
        staff_id=command.staff_id,
        facility_id=home,
        kind=command.kind,
        began_on=command.began_on,
        expected_to=command.expected_to,
        facility_ids=facilities_of(state),
        warnings=left_open(command.staff_id, leave, command.began_on, at),
    )
    yield Entail(
        TakeLeave(
            staff_id=command.staff_id,
            kind=kind,
            begins_on=leave.begins_on,
            ends_on=leave.ends_on,
        )
    )


@staff_member.decides
def come_back(state: StaffMember, command: ReturnFromLeave, at: Circumstances) -> Decision:
    home = employed(state)
    if state.away_since is None:
        return
    rules.happened("staff_member", "returned_on", command.returned_on, at)
    rules.in_order("staff_member", "began_on", state.away_since, "returned_on", command.returned_on)
    yield StaffMemberReturned(
        staff_id=command.staff_id,
        facility_id=home,
        began_on=state.away_since,
        returned_on=command.returned_on,
        facility_ids=facilities_of(state),
    )
    yield Entail(
        ComeBack(
            staff_id=command.staff_id,
            began_on=state.away_since,
            returned_on=command.returned_on,
        )
    )
