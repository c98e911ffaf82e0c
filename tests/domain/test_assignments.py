"""Where a staff member works, with how much of their time, and until when."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import hypothesis
import pytest
from hypothesis import strategies

from domain.kernel import UPCASTERS, Command, Refused
from domain.workforce.assignment import AssignStaffMember, EndAssignment
from domain.workforce.events.staff import (
    Assignment,
    StaffMemberAssigned,
    StaffMemberAssignmentEnded,
)
from domain.workforce.staff_member import (
    StaffMember,
)
from tests.domain.places import (
    CARDIOLOGY,
    DAY_BEFORE_NEW_YEAR,
    DR_ADEYEMI,
    FAR_FUTURE,
    FEBRUARY_1,
    HILLTOP,
    MARCH_1,
    NEW_YEAR,
    RADIOLOGY,
    RIVERSIDE,
    TOMORROW_EVERYWHERE,
    riverside_is_closed,
    riverside_is_open,
)
from tests.domain.staff import (
    FEBRUARY_28,
    JANUARY_31,
    adeyemi,
    assigned,
    assigning,
    at_home,
    ended,
    ending,
    on_the_hill,
    registered,
)
from tests.grammar import a_closed, an_open, given

# --- assigning ---------------------------------------------------------------------------------


def test_someone_is_assigned_to_a_department_and_to_another_facility() -> None:
    adeyemi().when(assigning(at_home)).records(assigned(at_home))
    adeyemi(assigned(at_home)).when(assigning(on_the_hill)).records(assigned(on_the_hill))


def test_someone_is_assigned_for_their_whole_time_unless_told_otherwise() -> None:
    adeyemi().when(
        AssignStaffMember(staff_id=DR_ADEYEMI, facility_id=RIVERSIDE, valid_from=NEW_YEAR)
    ).records_a(
        StaffMemberAssigned,
        assignment=Assignment(
            facility_id=RIVERSIDE,
            department_id=None,
            share=100,
            valid_from=NEW_YEAR,
            valid_to=None,
        ),
    )


def test_an_assignment_that_is_known_is_so_already() -> None:
    adeyemi(assigned(at_home)).when(assigning(at_home)).records_nothing()


def test_someone_is_assigned_only_where_work_is_done() -> None:
    bare = given(StaffMember, registered)
    bare.when(assigning(on_the_hill)).refused("facility.unknown", value=HILLTOP)
    bare.knowing(riverside_is_closed()).when(assigning(at_home)).refused("facility.not_open")
    here = bare.knowing(riverside_is_open())
    here.when(assigning(at_home)).refused("department.unknown")
    here.knowing(an_open("department", CARDIOLOGY, facility_id=HILLTOP)).when(
        assigning(at_home)
    ).refused("department.unknown")
    here.knowing(a_closed("department", CARDIOLOGY, facility_id=RIVERSIDE)).when(
        assigning(at_home)
    ).refused("department.not_open")


@pytest.mark.parametrize(
    ("assignment", "code"),
    [
        (replace(at_home, valid_from=DAY_BEFORE_NEW_YEAR), "staff_member.date_order"),
        (replace(at_home, valid_from=TOMORROW_EVERYWHERE), "staff_member.date"),
        (replace(at_home, valid_to=FAR_FUTURE), "staff_member.date"),
        (replace(on_the_hill, valid_to=NEW_YEAR), "staff_member.date_order"),
    ],
)
def test_an_assignment_is_for_a_possible_period(assignment: Assignment, code: str) -> None:
    adeyemi().when(assigning(assignment)).refused(code)


@pytest.mark.parametrize(
    ("valid_from", "valid_to"),
    [(NEW_YEAR, JANUARY_31), (FEBRUARY_28, None), (FEBRUARY_1, FEBRUARY_1)],
)
def test_someone_is_not_assigned_twice_to_one_place_at_a_time(
    valid_from: date, valid_to: date | None
) -> None:
    known = replace(at_home, share=10, valid_from=JANUARY_31, valid_to=FEBRUARY_28)
    again = replace(known, valid_from=valid_from, valid_to=valid_to)
    adeyemi(assigned(known)).when(assigning(again)).refused(
        "staff_member.already_assigned", valid_from=JANUARY_31, share=10
    )


def test_someone_comes_back_to_a_place_later() -> None:
    until = replace(at_home, valid_to=JANUARY_31)
    again = replace(at_home, valid_from=FEBRUARY_1)
    adeyemi(assigned(until)).when(assigning(again)).records(assigned(again))


@pytest.mark.parametrize("share", [0, -10, 101])
def test_a_share_is_a_part_of_someones_time(share: int) -> None:
    adeyemi().when(assigning(replace(at_home, share=share))).refused(
        "staff_member.share", rule="must be from 1 to 100"
    )


def test_shares_never_exceed_someones_whole_time() -> None:
    adeyemi(assigned(at_home)).when(assigning(replace(on_the_hill, share=41))).refused(
        "staff_member.share", value=41, rule="must be at most 40: 60 are taken on 2026-02-01"
    )


def test_shares_that_follow_each_other_do_not_add_up() -> None:
    january = replace(at_home, valid_to=JANUARY_31)
    february = replace(
        at_home, department_id=RADIOLOGY, valid_from=FEBRUARY_1, valid_to=FEBRUARY_28
    )
    through = replace(on_the_hill, valid_from=NEW_YEAR, share=40)
    busy = adeyemi(assigned(january), assigned(february))
    busy.when(assigning(through)).records(assigned(through))
    busy.when(assigning(replace(through, share=41))).refused("staff_member.share")


def test_a_later_assignment_counts_on_its_own_days() -> None:
    later = replace(at_home, valid_from=FEBRUARY_1)
    through = replace(on_the_hill, valid_from=NEW_YEAR, share=50)
    adeyemi(assigned(later)).when(assigning(through)).refused(
        "staff_member.share", rule="must be at most 40: 60 are taken on 2026-02-01"
    )
    adeyemi(assigned(later)).when(assigning(replace(through, valid_to=JANUARY_31))).records_a(
        StaffMemberAssigned
    )


# --- ending an assignment ----------------------------------------------------------------------


def test_an_assignment_elsewhere_ends_and_with_it_the_work_there() -> None:
    adeyemi(assigned(at_home), assigned(on_the_hill)).when(ending(on_the_hill)).records(
        ended(on_the_hill, still_at_facility=False)
    )


def test_at_home_someone_stays_after_an_assignment_ends() -> None:
    adeyemi(assigned(at_home)).when(ending(at_home)).records(ended(at_home, still_at_facility=True))


def test_another_assignment_at_the_facility_keeps_someone_there() -> None:
    on_the_ward = replace(on_the_hill, department_id=RADIOLOGY, share=20)
    adeyemi(assigned(on_the_hill), assigned(on_the_ward)).when(ending(on_the_hill)).records(
        ended(on_the_hill, still_at_facility=True)
    )


def test_a_planned_last_day_is_told_like_any_other_and_once() -> None:
    planned = replace(on_the_hill, valid_to=MARCH_1)
    outcome = adeyemi(assigned(planned)).when(ending(planned))
    outcome.records(ended(planned, still_at_facility=False))
    outcome.then().when(ending(planned)).records_nothing()
    outcome.then().when(assigning(planned)).records_nothing()


def test_an_assignment_keeps_someone_there_until_its_end_is_told() -> None:
    over = replace(on_the_hill, valid_from=NEW_YEAR, valid_to=JANUARY_31)
    after = adeyemi(assigned(over), assigned(on_the_hill)).when(ending(on_the_hill))
    after.records(ended(on_the_hill, still_there=True, still_at_facility=True))
    after.then().when(ending(over, JANUARY_31)).records_a(
        StaffMemberAssignmentEnded, still_there=False, still_at_facility=False
    )


def test_of_two_that_end_on_one_day_the_second_takes_someone_away() -> None:
    one = replace(on_the_hill, share=20, valid_to=MARCH_1)
    other = replace(one, department_id=RADIOLOGY)
    after = adeyemi(assigned(one), assigned(other)).when(ending(one))
    after.records(ended(one, still_at_facility=True))
    after.then().when(ending(other)).records(ended(other, still_at_facility=False))


def test_an_end_told_late_takes_someone_away_from_where_all_else_has_ended() -> None:
    one = replace(on_the_hill, share=20)
    other = replace(one, department_id=RADIOLOGY)
    after = adeyemi(assigned(one), assigned(other)).when(ending(one)).then()
    after.when(ending(other, FEBRUARY_1)).records_a(
        StaffMemberAssignmentEnded, still_there=False, still_at_facility=False
    )


def test_an_end_that_was_told_can_be_brought_forward() -> None:
    after = adeyemi(assigned(on_the_hill)).when(ending(on_the_hill)).then()
    earlier = after.when(ending(on_the_hill, FEBRUARY_1))
    earlier.records_a(StaffMemberAssignmentEnded, ended_on=FEBRUARY_1)
    earlier.then().when(ending(on_the_hill, FEBRUARY_1)).records_nothing()
    earlier.then().when(ending(on_the_hill)).refused("staff_member.not_assigned")


def test_an_earlier_end_leaves_what_follows_at_the_same_place() -> None:
    first = replace(on_the_hill, valid_to=date(2026, 3, 10))
    second = replace(on_the_hill, valid_from=date(2026, 3, 11))
    adeyemi(assigned(first), assigned(second)).when(ending(first)).records(
        ended(first, still_there=True, still_at_facility=True)
    )


def test_time_that_is_free_again_can_be_assigned() -> None:
    after = adeyemi(assigned(at_home)).when(ending(at_home)).then()
    again = replace(on_the_hill, valid_from=date(2026, 3, 2), share=100)
    after.when(assigning(again)).records(assigned(again))
    after.when(assigning(replace(again, valid_from=MARCH_1))).refused("staff_member.share")


def test_ending_an_assignment_again_changes_nothing() -> None:
    after = adeyemi(assigned(at_home)).when(ending(at_home)).then()
    after.when(ending(at_home)).records_nothing()


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (ending(on_the_hill), "staff_member.not_assigned"),
        (ending(replace(at_home, department_id=None)), "staff_member.not_assigned"),
        (ending(at_home, DAY_BEFORE_NEW_YEAR), "staff_member.not_assigned"),
        (ending(at_home, TOMORROW_EVERYWHERE), "staff_member.date"),
    ],
)
def test_only_an_assignment_someone_has_can_end(command: EndAssignment, code: str) -> None:
    adeyemi(assigned(at_home)).when(command).refused(code)


def test_an_assignment_at_a_closed_facility_can_still_end() -> None:
    given(StaffMember, registered, assigned(at_home)).knowing(riverside_is_closed()).when(
        ending(at_home)
    ).records_a(StaffMemberAssignmentEnded)


# --- whatever is tried -------------------------------------------------------------------------


days = strategies.integers(0, 70).map(lambda days: NEW_YEAR + timedelta(days=days))


places = strategies.sampled_from(
    [(RIVERSIDE, None), (RIVERSIDE, CARDIOLOGY), (RIVERSIDE, RADIOLOGY), (HILLTOP, None)]
)


@strategies.composite
def attempts(draw: strategies.DrawFn) -> Command:
    place: tuple[UUID, UUID | None] = draw(places)
    begins = draw(days)
    if draw(strategies.booleans()):
        return EndAssignment(
            staff_id=DR_ADEYEMI, facility_id=place[0], department_id=place[1], ended_on=begins
        )
    return AssignStaffMember(
        staff_id=DR_ADEYEMI,
        facility_id=place[0],
        department_id=place[1],
        share=draw(strategies.sampled_from([1, 20, 50, 80, 100])),
        valid_from=begins,
        valid_to=draw(strategies.none() | days),
    )


@hypothesis.given(strategies.lists(attempts(), max_size=12))
def test_nobody_ever_works_more_than_their_whole_time_or_twice_at_one_place(
    commands: list[Command],
) -> None:
    someone = adeyemi()
    for command in commands:
        outcome = someone.when(command)
        someone = someone if isinstance(outcome.refusal, Refused) else outcome.then()
    for day in [NEW_YEAR + timedelta(days=days) for days in range(90)]:
        working = [
            each
            for each in someone.state.assignments
            if each.valid_from <= day and (each.valid_to is None or day <= each.valid_to)
        ]
        assert sum(each.share for each in working) <= 100
        assert len({(each.facility_id, each.department_id) for each in working}) == len(working)


def test_a_separation_from_before_it_named_assignments_names_none() -> None:
    upcast = UPCASTERS["staff_member.separated", 1]
    assert upcast({"reason": "retirement"}) == {"reason": "retirement", "assignments": []}
