"""Somebody is hired and onboarded, goes on leave and comes back: told in its order."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.kernel import Command
from domain.workforce.assignment import AssignStaffMember
from domain.workforce.employment import BeginLeave, CompleteOnboarding, ReturnFromLeave
from domain.workforce.events.employment import (
    LeaveReason,
    StaffMemberLeaveBegan,
    StaffMemberOnboarded,
    StaffMemberOnboardingBegan,
    StaffMemberReturned,
)
from domain.workforce.events.staff import SeparationReason, StaffMemberAssigned
from domain.workforce.staff_member import (
    RegisterStaffMember,
    SeparateStaffMember,
    StaffMember,
    StaffMemberStatus,
    staff_member,
)
from tests.domain.places import (
    DAY_BEFORE_NEW_YEAR,
    FAR_FUTURE,
    FEBRUARY_1,
    HILLTOP,
    MARCH_1,
    NEW_YEAR,
    NURSE_BLOM,
    RIVERSIDE,
    TOMORROW_EVERYWHERE,
    hilltop_is_open,
    riverside_is_open,
)
from tests.grammar import TODAY, Given, given

DAY = timedelta(days=1)

register = RegisterStaffMember(
    staff_id=NURSE_BLOM,
    facility_id=RIVERSIDE,
    full_name="Staff Member 7",
    job="registered nurse",
    registered_on=NEW_YEAR,
)
hire = replace(register, onboarding=True)
assign = AssignStaffMember(staff_id=NURSE_BLOM, facility_id=HILLTOP, valid_from=NEW_YEAR)
complete = CompleteOnboarding(staff_id=NURSE_BLOM, onboarded_on=FEBRUARY_1)
leave = BeginLeave(
    staff_id=NURSE_BLOM, kind=LeaveReason.PARENTAL, began_on=FEBRUARY_1, expected_to=TODAY
)
come_back = ReturnFromLeave(staff_id=NURSE_BLOM, returned_on=MARCH_1)
separate = SeparateStaffMember(
    staff_id=NURSE_BLOM, separated_on=MARCH_1, reason=SeparationReason.RESIGNATION
)


def the_nurse(*commands: Command) -> Given:
    """The nurse, after these commands; both houses are open."""
    so_far = given(StaffMember).knowing(riverside_is_open(), hilltop_is_open())
    for each in commands:
        so_far = so_far.when(each).then()
    return so_far


def test_who_is_hired_is_onboarded_before_they_are_at_work() -> None:
    the_nurse().when(hire).records_a(StaffMemberOnboardingBegan, began_on=NEW_YEAR)
    hired = the_nurse(hire)
    assert hired.state.status is StaffMemberStatus.ONBOARDING
    outcome = hired.when(complete)
    outcome.records_a(StaffMemberOnboarded, facility_ids=(RIVERSIDE,))
    outcome.then().when(complete).records_nothing()
    assert outcome.then().state.status is StaffMemberStatus.ACTIVE


def test_who_is_registered_without_an_onboarding_is_at_work() -> None:
    assert the_nurse(register).state.status is StaffMemberStatus.ACTIVE
    the_nurse(register).when(complete).records_nothing()


def test_who_is_being_onboarded_can_be_assigned_and_can_leave() -> None:
    the_nurse(hire).when(assign).records_a(StaffMemberAssigned)
    left = the_nurse(hire, separate).state
    assert left.status is StaffMemberStatus.SEPARATED


def test_somebody_goes_on_leave_and_comes_back() -> None:
    outcome = the_nurse(register, assign).when(leave)
    outcome.records_a(StaffMemberLeaveBegan, expected_to=TODAY, facility_ids=(RIVERSIDE, HILLTOP))
    outcome.then().when(leave).records_nothing()
    back = outcome.then().when(come_back)
    back.records_a(StaffMemberReturned, began_on=FEBRUARY_1, returned_on=MARCH_1)
    back.then().when(come_back).records_nothing()
    again = replace(leave, began_on=MARCH_1, expected_to=None)
    back.then().when(again).records_a(StaffMemberLeaveBegan, expected_to=None)


def test_on_leave_somebody_is_still_employed() -> None:
    assert staff_member.standing is not None
    away = the_nurse(register, leave).state
    standing = staff_member.standing(away, NURSE_BLOM)
    assert (standing.open, standing.status) == (True, "on_leave")
    assert the_nurse(register, leave, separate).state.status is StaffMemberStatus.SEPARATED


@pytest.mark.parametrize(
    ("history", "command", "code"),
    [
        ((hire,), leave, "staff_member.not_active"),
        ((register, leave), replace(leave, began_on=MARCH_1), "staff_member.not_active"),
        ((register, leave, come_back), leave, "staff_member.date_order"),
        ((register,), replace(leave, began_on=DAY_BEFORE_NEW_YEAR), "staff_member.date_order"),
        ((register,), replace(leave, began_on=TOMORROW_EVERYWHERE), "staff_member.date"),
        ((register,), replace(leave, expected_to=NEW_YEAR), "staff_member.date_order"),
        ((register,), replace(leave, expected_to=FAR_FUTURE), "staff_member.date"),
        ((register, leave), replace(come_back, returned_on=NEW_YEAR), "staff_member.date_order"),
        (
            (register, leave),
            replace(come_back, returned_on=TOMORROW_EVERYWHERE),
            "staff_member.date",
        ),
        ((hire,), replace(complete, onboarded_on=DAY_BEFORE_NEW_YEAR), "staff_member.date_order"),
        ((register, separate), leave, "staff_member.separated"),
        ((register, separate), come_back, "staff_member.separated"),
        ((register, separate), complete, "staff_member.separated"),
    ],
    ids=str,
)
def test_what_is_out_of_order_is_refused(
    history: tuple[Command, ...], command: Command, code: str
) -> None:
    the_nurse(*history).when(command).refused(code)
