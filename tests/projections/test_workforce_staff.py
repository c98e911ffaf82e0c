"""The directory of staff, one row for each facility somebody works at, and the ends to come."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from domain.kernel import Fact
from domain.workforce.events.employment import (
    LeaveReason,
    StaffMemberLeaveBegan,
    StaffMemberOnboarded,
    StaffMemberOnboardingBegan,
)
from domain.workforce.events.staff import (
    Assignment,
    SeparationReason,
    StaffMemberAssigned,
    StaffMemberAssignmentEnded,
    StaffMemberJobChanged,
    StaffMemberNameChanged,
    StaffMemberNpiRecorded,
    StaffMemberRegistered,
    StaffMemberSeparated,
    StaffMemberSpecialtyChanged,
)
from projections.workforce import assignments_ending, staff_directory
from projections.workforce.staff import StaffStatus
from tests.projections.grammar import given

RIVERSIDE, HILLTOP, CARDIOLOGY, RADIOLOGY, DR_ADEYEMI = (UUID(int=each) for each in range(1, 6))
NEW_YEAR, FEBRUARY, MARCH, APRIL = (date(2026, month, 1) for month in (1, 2, 3, 4))

AT_HOME, AWAY = (RIVERSIDE, DR_ADEYEMI), (HILLTOP, DR_ADEYEMI)


def registered() -> Fact:
    return StaffMemberRegistered(
        staff_id=DR_ADEYEMI,
        facility_id=RIVERSIDE,
        full_name="Staff Member 1",
        job="physician",
        specialty="cardiology",
        npi="1234567893",
        registered_on=NEW_YEAR,
    )


def at(
    facility_id: UUID,
    department_id: UUID | None = None,
    share: int = 50,
    since: date = NEW_YEAR,
    until: date | None = None,
) -> Assignment:
    return Assignment(
        facility_id=facility_id,
        department_id=department_id,
        share=share,
        valid_from=since,
        valid_to=until,
    )


def assigned(to: Assignment) -> Fact:
    return StaffMemberAssigned(
        staff_id=DR_ADEYEMI,
        facility_id=RIVERSIDE,
        assignment=to,
        full_name="Staff Member 1",
        job="physician",
        specialty="cardiology",
        npi="1234567893",
    )


def ended(what: Assignment, on: date, *, still_at_facility: bool) -> Fact:
    return StaffMemberAssignmentEnded(
        staff_id=DR_ADEYEMI,
        facility_id=RIVERSIDE,
        assignment=what,
        ended_on=on,
        still_there=False,
        still_at_facility=still_at_facility,
    )


def separated(*facilities: UUID, ending: tuple[Assignment, ...] = ()) -> Fact:
    return StaffMemberSeparated(
        staff_id=DR_ADEYEMI,
        facility_id=RIVERSIDE,
        separated_on=MARCH,
        reason=SeparationReason.RETIREMENT,
        facility_ids=facilities,
        assignments=ending,
    )


def test_who_is_registered_is_listed_at_home_without_an_assignment() -> None:
    given(staff_directory, registered()).shows(
        *AT_HOME,
        full_name="Staff Member 1",
        job="physician",
        specialty="cardiology",
        npi="1234567893",
        home=True,
        departments=(),
        share=None,
        status=StaffStatus.ACTIVE,
        registered_on=NEW_YEAR,
        separated_on=None,
    )


def test_an_assignment_elsewhere_lists_them_there_too() -> None:
    directory = given(staff_directory, registered(), assigned(at(HILLTOP, CARDIOLOGY, 40)))
    directory.shows(*AT_HOME, home=True, departments=(), share=None)
    directory.shows(
        *AWAY,
        full_name="Staff Member 1",
        specialty="cardiology",
        home=False,
        departments=(CARDIOLOGY,),
        share=40,
        registered_on=None,
    )


def test_shares_at_one_facility_add_up_and_the_facility_itself_is_no_department() -> None:
    given(
        staff_directory,
        registered(),
        assigned(at(RIVERSIDE, CARDIOLOGY, 30)),
        assigned(at(RIVERSIDE, RADIOLOGY, 20)),
        assigned(at(RIVERSIDE, None, 10)),
    ).shows(*AT_HOME, departments=(CARDIOLOGY, RADIOLOGY), share=60)


def test_an_assignment_whose_last_day_was_planned_makes_room_for_the_next() -> None:
    given(
        staff_directory,
        registered(),
        assigned(at(RIVERSIDE, CARDIOLOGY, 100, NEW_YEAR, date(2026, 1, 31))),
        assigned(at(RIVERSIDE, RADIOLOGY, 100, FEBRUARY)),
    ).shows(*AT_HOME, departments=(RADIOLOGY,), share=100)


def test_an_assignment_recorded_late_does_not_displace_the_current_one() -> None:
    given(
        staff_directory,
        registered(),
        assigned(at(RIVERSIDE, RADIOLOGY, 80, FEBRUARY)),
        assigned(at(RIVERSIDE, CARDIOLOGY, 100, NEW_YEAR, date(2026, 1, 31))),
    ).shows(*AT_HOME, departments=(RADIOLOGY,), share=80)


def test_the_row_at_another_facility_leaves_with_the_last_assignment_there() -> None:
    one, other = at(HILLTOP, CARDIOLOGY, 30), at(HILLTOP, RADIOLOGY, 20)
    staying = (
        registered(),
        assigned(one),
        assigned(other),
        ended(one, FEBRUARY, still_at_facility=True),
    )
    given(staff_directory, *staying).shows(*AWAY, departments=(RADIOLOGY,), share=20)
    leaving = (*staying, ended(other, MARCH, still_at_facility=False))
    given(staff_directory, *leaving).has_no_row(*AWAY)
    given(staff_directory, *leaving).shows(*AT_HOME, status=StaffStatus.ACTIVE)


def test_at_home_one_stays_listed_without_an_assignment() -> None:
    only = at(RIVERSIDE, CARDIOLOGY, 100)
    given(
        staff_directory,
        registered(),
        assigned(only),
        ended(only, FEBRUARY, still_at_facility=True),
    ).shows(*AT_HOME, departments=(), share=None, assignments=())


def test_an_assignment_whose_last_day_was_planned_is_listed_until_its_end_is_told() -> None:
    over = at(RIVERSIDE, CARDIOLOGY, 50, NEW_YEAR, FEBRUARY)
    other = at(RIVERSIDE, RADIOLOGY, 50)
    before = (
        registered(),
        assigned(over),
        assigned(other),
        ended(other, MARCH, still_at_facility=True),
    )
    given(staff_directory, *before).shows(*AT_HOME, departments=(CARDIOLOGY,), share=50)
    given(staff_directory, *before, ended(over, FEBRUARY, still_at_facility=True)).shows(
        *AT_HOME, departments=(), share=None, assignments=()
    )


def test_an_end_that_was_planned_and_then_brought_forward_lists_nobody_again() -> None:
    only = at(HILLTOP, CARDIOLOGY, 50)
    shortened = at(HILLTOP, CARDIOLOGY, 50, NEW_YEAR, MARCH)
    given(
        staff_directory,
        registered(),
        assigned(only),
        ended(only, MARCH, still_at_facility=False),
        ended(shortened, FEBRUARY, still_at_facility=False),
    ).has_no_row(*AWAY)


def test_another_specialty_is_told_wherever_they_work() -> None:
    directory = given(
        staff_directory,
        registered(),
        assigned(at(HILLTOP)),
        StaffMemberSpecialtyChanged(
            staff_id=DR_ADEYEMI,
            facility_id=RIVERSIDE,
            specialty=None,
            changed_on=MARCH,
            facility_ids=(RIVERSIDE, HILLTOP),
        ),
    )
    directory.shows(*AT_HOME, specialty=None)
    directory.shows(*AWAY, specialty=None)


def test_another_name_another_job_and_an_npi_are_told_wherever_they_work() -> None:
    whose: dict[str, Any] = {"staff_id": DR_ADEYEMI, "facility_id": RIVERSIDE}
    whose["facility_ids"] = (RIVERSIDE, HILLTOP)
    directory = given(
        staff_directory,
        registered(),
        assigned(at(HILLTOP)),
        StaffMemberJobChanged(job="medical director", changed_on=MARCH, **whose),
        StaffMemberNameChanged(full_name="Ngozi Okafor", changed_on=MARCH, **whose),
        StaffMemberNpiRecorded(npi="1245319599", **whose),
    )
    told = {"full_name": "Ngozi Okafor", "job": "medical director", "npi": "1245319599"}
    directory.shows(*AT_HOME, **told)
    directory.shows(*AWAY, **told)


def test_who_leaves_stays_listed_at_home_only() -> None:
    directory = given(
        staff_directory,
        registered(),
        assigned(at(RIVERSIDE, CARDIOLOGY)),
        assigned(at(HILLTOP)),
        separated(RIVERSIDE, HILLTOP),
    )
    directory.shows(
        *AT_HOME,
        status=StaffStatus.SEPARATED,
        separated_on=MARCH,
        departments=(),
        share=None,
        assignments=(),
    )
    directory.has_no_row(*AWAY)


def test_who_left_a_facility_long_ago_is_not_listed_there_again() -> None:
    over = at(HILLTOP)
    given(
        staff_directory,
        registered(),
        assigned(over),
        ended(over, FEBRUARY, still_at_facility=False),
        StaffMemberSpecialtyChanged(
            staff_id=DR_ADEYEMI,
            facility_id=RIVERSIDE,
            specialty="surgery",
            changed_on=MARCH,
            facility_ids=(RIVERSIDE, HILLTOP),
        ),
        separated(RIVERSIDE, HILLTOP),
    ).has_no_row(*AWAY)


# --- assignments whose end is planned ----------------------------------------------------------


def test_an_assignment_with_a_planned_last_day_is_told_of_where_it_is() -> None:
    given(
        assignments_ending, registered(), assigned(at(HILLTOP, CARDIOLOGY, 40, NEW_YEAR, MARCH))
    ).shows(
        *(HILLTOP, DR_ADEYEMI, CARDIOLOGY, NEW_YEAR),
        facility_id=HILLTOP,
        staff_id=DR_ADEYEMI,
        department_id=CARDIOLOGY,
        share=40,
        begins_on=NEW_YEAR,
        ends_on=MARCH,
    )


def test_who_works_in_no_department_works_at_the_facility_itself() -> None:
    given(assignments_ending, registered(), assigned(at(HILLTOP, None, 40, NEW_YEAR, MARCH))).shows(
        *(HILLTOP, DR_ADEYEMI, HILLTOP, NEW_YEAR), department_id=None, ends_on=MARCH
    )


def test_an_assignment_that_is_open_ended_is_not_about_to_end() -> None:
    assert not given(assignments_ending, registered(), assigned(at(HILLTOP))).rows


@pytest.mark.parametrize("last_day", [FEBRUARY, MARCH], ids=["early", "as planned"])
def test_an_end_that_is_told_is_no_longer_to_come(last_day: date) -> None:
    one, next_one = at(HILLTOP, None, 50, NEW_YEAR, MARCH), at(HILLTOP, None, 50, APRIL, APRIL)
    given(
        assignments_ending,
        registered(),
        assigned(one),
        assigned(next_one),
        ended(one, last_day, still_at_facility=True),
    ).has_only((HILLTOP, DR_ADEYEMI, HILLTOP, APRIL))


def test_with_who_leaves_every_planned_end_goes() -> None:
    planned, open_ended = at(HILLTOP, None, 50, NEW_YEAR, MARCH), at(RIVERSIDE, CARDIOLOGY)
    assert not given(
        assignments_ending,
        registered(),
        assigned(planned),
        assigned(open_ended),
        separated(RIVERSIDE, HILLTOP, ending=(planned, open_ended)),
    ).rows


def test_somebody_who_is_onboarded_or_on_leave_says_so_in_every_directory() -> None:
    everywhere = (RIVERSIDE, HILLTOP)
    began = StaffMemberOnboardingBegan(staff_id=DR_ADEYEMI, facility_id=RIVERSIDE, began_on=MARCH)
    done = StaffMemberOnboarded(
        staff_id=DR_ADEYEMI,
        facility_id=RIVERSIDE,
        onboarded_on=MARCH,
        facility_ids=everywhere,
    )
    away = StaffMemberLeaveBegan(
        staff_id=DR_ADEYEMI,
        facility_id=RIVERSIDE,
        kind=LeaveReason.MEDICAL,
        began_on=MARCH,
        expected_to=None,
        facility_ids=everywhere,
    )
    hired = registered()
    given(staff_directory, hired, began).shows(RIVERSIDE, DR_ADEYEMI, status="onboarding")
    given(staff_directory, hired, began, done).shows(RIVERSIDE, DR_ADEYEMI, status="active")
    given(staff_directory, hired, away).shows(RIVERSIDE, DR_ADEYEMI, status="on_leave")
