"""Who goes on leave, or leaves, is on no shift: employment, schedules and rosters agree."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from domain.kernel import UPCASTERS, Refused
from domain.workforce.absence import WithdrawStaff
from domain.workforce.assignment import AssignStaffMember
from domain.workforce.borrowing import AcceptLoan
from domain.workforce.employment import BeginLeave, ReturnFromLeave
from domain.workforce.events.employment import LeaveReason, StaffMemberLeaveBegan
from domain.workforce.events.roster import RosterStaffWithdrawn, WithdrawalReason
from domain.workforce.events.schedule import (
    Leave,
    LeaveKind,
    ReleaseReason,
    ScheduleFeedRevoked,
    ScheduleTimeReleased,
)
from domain.workforce.events.staff import SeparationReason, StaffMemberSeparated
from domain.workforce.leave import GrantLeave
from domain.workforce.loan import OfferLoan
from domain.workforce.roster_publication import CloseRoster
from domain.workforce.shift_feed import OpenFeed
from domain.workforce.staff_member import RegisterStaffMember, SeparateStaffMember
from tests.domain.places import HILLTOP, NURSE_BLOM, RIVERSIDE
from tests.domain.rostering import (
    CHO,
    HILLTOPS_ROSTER,
    MONDAY,
    NURSE,
    THE_ROSTER,
    Hospital,
    a_day,
    a_night,
)

DAY = timedelta(days=1)
TODAY = MONDAY - 4 * DAY
THE_LOAN = UUID("018f0000-0000-7000-8000-000000000073")


@pytest.fixture
def hospital() -> Hospital:
    """Nurse Blom is employed at Riverside, and on the day shifts of Monday, Tuesday and Friday."""
    made = Hospital()
    made.does(
        RegisterStaffMember(
            staff_id=NURSE_BLOM,
            facility_id=RIVERSIDE,
            full_name="Staff Member 7",
            job=NURSE,
            registered_on=date(2026, 1, 1),
        )
    )
    made.does(
        AssignStaffMember(staff_id=NURSE_BLOM, facility_id=RIVERSIDE, valid_from=date(2026, 1, 1))
    )
    made.drafts()
    made.plans(
        *(a_day(MONDAY + each * DAY, NURSE_BLOM, CHO, needed=2, minimum=2) for each in (0, 1, 4))
    )
    made.publishes()
    return made


def leaving(
    began_on: date = TODAY,
    expected_to: date | None = MONDAY + DAY,
    kind: LeaveReason = LeaveReason.PARENTAL,
) -> BeginLeave:
    return BeginLeave(staff_id=NURSE_BLOM, kind=kind, began_on=began_on, expected_to=expected_to)


def coming_back(on: date) -> ReturnFromLeave:
    return ReturnFromLeave(staff_id=NURSE_BLOM, returned_on=on)


def separating(on: date = TODAY) -> SeparateStaffMember:
    return SeparateStaffMember(
        staff_id=NURSE_BLOM, separated_on=on, reason=SeparationReason.RESIGNATION
    )


# --- leave ---------------------------------------------------------------------------------------


def test_a_leave_takes_somebody_off_the_shifts_of_its_days_and_says_which(
    hospital: Hospital,
) -> None:
    facts = hospital.does(leaving())
    (began,) = [each for each in facts if isinstance(each, StaffMemberLeaveBegan)]
    assert [(each.code, each.shift) for each in began.warnings] == [
        ("shift.left_open", 1),
        ("shift.left_open", 2),
    ]
    (released,) = [each for each in facts if isinstance(each, ScheduleTimeReleased)]
    assert released.reason is ReleaseReason.LEAVE
    withdrawn = [each for each in facts if isinstance(each, RosterStaffWithdrawn)]
    assert [(each.shift.shift, each.why, each.staff_ids) for each in withdrawn] == [
        (1, WithdrawalReason.LEAVE, (CHO,)),
        (2, WithdrawalReason.LEAVE, (CHO,)),
    ]
    # No minimum keeps anybody at work.
    assert [hospital.on(each) for each in (1, 2, 3)] == [(CHO,), (CHO,), (NURSE_BLOM, CHO)]
    assert hospital.hours(NURSE_BLOM) == 12


def test_who_is_on_leave_is_put_on_no_shift_until_they_are_back(hospital: Hospital) -> None:
    hospital.does(leaving(expected_to=None))
    assert hospital.hours(NURSE_BLOM) == 0
    with pytest.raises(Refused) as refusal:
        hospital.assigns(NURSE_BLOM, 3)
    assert refusal.value.code == "shift.leave"
    hospital.now += 2 * DAY
    hospital.does(coming_back(TODAY + 2 * DAY))
    (leave,) = hospital.schedule(NURSE_BLOM).leaves
    assert (leave.begins_on, leave.ends_on) == (TODAY, TODAY + DAY)
    hospital.assigns(NURSE_BLOM, 3)


def test_a_leave_lasts_as_long_as_it_does(hospital: Hospital) -> None:
    hospital.does(leaving(expected_to=TODAY + DAY))
    hospital.now += 20 * DAY
    hospital.does(coming_back(TODAY + 10 * DAY))
    (leave,) = hospital.schedule(NURSE_BLOM).leaves
    assert leave.ends_on == TODAY + 9 * DAY
    hospital.does(leaving(began_on=TODAY + 12 * DAY, expected_to=TODAY + 14 * DAY))
    before = hospital.schedule(NURSE_BLOM).leaves
    hospital.does(coming_back(TODAY + 15 * DAY))
    assert hospital.schedule(NURSE_BLOM).leaves == before


def test_days_off_give_way_to_a_leave_and_go_on_after_it(hospital: Hospital) -> None:
    hospital.grants_leave(NURSE_BLOM, TODAY - 5 * DAY, TODAY + 3 * DAY)
    hospital.does(leaving(expected_to=TODAY + DAY, kind=LeaveReason.MEDICAL))
    vacation, sick = LeaveKind.VACATION, LeaveKind.SICK
    assert hospital.schedule(NURSE_BLOM).leaves == (
        Leave(begins_on=TODAY - 5 * DAY, ends_on=TODAY - DAY, kind=vacation),
        Leave(begins_on=TODAY + 2 * DAY, ends_on=TODAY + 3 * DAY, kind=vacation),
        Leave(begins_on=TODAY, ends_on=TODAY + DAY, kind=sick),
    )


def test_days_off_within_a_leave_do_not_come_about(hospital: Hospital) -> None:
    hospital.grants_leave(NURSE_BLOM, TODAY + DAY, TODAY + 2 * DAY)
    hospital.does(leaving(kind=LeaveReason.EDUCATION))
    (leave,) = hospital.schedule(NURSE_BLOM).leaves
    assert (leave.begins_on, leave.kind) == (TODAY, LeaveKind.OTHER)


def test_a_leave_that_was_granted_ahead_stands_in_the_schedule_once(hospital: Hospital) -> None:
    granted = GrantLeave(
        staff_id=NURSE_BLOM,
        facility_id=RIVERSIDE,
        kind=LeaveKind.PARENTAL,
        begins_on=TODAY,
        ends_on=MONDAY - DAY,
    )
    hospital.does(granted)
    began = leaving(expected_to=MONDAY - DAY)
    assert [each.name for each in hospital.does(began)] == ["staff_member.leave_began"]
    hospital.does(coming_back(TODAY))
    assert hospital.schedule(NURSE_BLOM).leaves == ()
    hospital.does(began)
    assert len(hospital.schedule(NURSE_BLOM).leaves) == 1


def test_a_shift_that_has_begun_is_for_attendance_to_tell_of(hospital: Hospital) -> None:
    hospital.now = datetime(2026, 10, 5, 14, 0, tzinfo=UTC)
    hospital.does(leaving(began_on=MONDAY))
    assert [hospital.on(each) for each in (1, 2)] == [(NURSE_BLOM, CHO), (CHO,)]


def test_a_leave_reaches_every_facility_somebody_is_rostered_at(hospital: Hospital) -> None:
    offer = OfferLoan(
        loan_id=THE_LOAN,
        facility_id=RIVERSIDE,
        borrower_id=HILLTOP,
        staff_id=NURSE_BLOM,
        begins_on=MONDAY,
        ends_on=MONDAY + 20 * DAY,
    )
    hospital.does(offer)
    hospital.does(AcceptLoan(loan_id=THE_LOAN, facility_id=HILLTOP))
    hospital.drafts(HILLTOPS_ROSTER)
    hospital.plans(a_night(MONDAY + 2 * DAY, NURSE_BLOM), roster_id=HILLTOPS_ROSTER)
    facts = hospital.does(leaving(expected_to=MONDAY + 2 * DAY))
    released = [each for each in facts if isinstance(each, ScheduleTimeReleased)]
    assert {each.facility_id: len(each.bookings) for each in released} == {RIVERSIDE: 2, HILLTOP: 1}
    assert hospital.on(1, HILLTOPS_ROSTER) == ()


# --- separation ----------------------------------------------------------------------------------


def test_who_leaves_is_on_no_shift_after_their_last_day(hospital: Hospital) -> None:
    hospital.does(OpenFeed(staff_id=NURSE_BLOM, facility_id=RIVERSIDE, digest="0" * 64))
    hospital.now = datetime(2026, 10, 5, 5, 0, tzinfo=UTC)
    facts = hospital.does(separating(MONDAY))
    (gone,) = [each for each in facts if isinstance(each, StaffMemberSeparated)]
    assert [each.shift for each in gone.warnings] == [2, 3]
    assert [hospital.on(each) for each in (1, 2, 3)] == [(NURSE_BLOM, CHO), (CHO,), (CHO,)]
    assert ScheduleFeedRevoked in {type(each) for each in facts}
    withdrawn = [each for each in facts if isinstance(each, RosterStaffWithdrawn)]
    assert {each.why for each in withdrawn} == {WithdrawalReason.SEPARATION}


def test_who_was_on_no_shift_leaves_without_more_ado(hospital: Hospital) -> None:
    for each in (1, 2, 3):
        hospital.does(
            WithdrawStaff(
                roster_id=THE_ROSTER,
                staff_id=CHO,
                shifts=(each, 9),
                why=WithdrawalReason.LEAVE,
            )
        )
    assert hospital.on(1) == (NURSE_BLOM,)
    hospital.does(leaving(expected_to=None))
    (gone,) = hospital.does(separating())
    assert isinstance(gone, StaffMemberSeparated)
    assert gone.warnings == ()


def test_a_roster_that_is_closed_tells_what_it_told(hospital: Hospital) -> None:
    hospital.now += 90 * DAY
    hospital.does(CloseRoster(roster_id=THE_ROSTER))
    hospital.does(separating())
    assert hospital.on(3) == (NURSE_BLOM, CHO)
    assert hospital.hours(NURSE_BLOM) == 0


@pytest.mark.parametrize(
    ("name", "version", "added"),
    [
        ("staff_member.leave_began", 1, {"warnings": []}),
        ("staff_member.separated", 1, {"assignments": []}),
        ("staff_member.separated", 2, {"warnings": []}),
    ],
)
def test_who_left_before_rosters_were_asked_was_taken_off_no_shift(
    name: str, version: int, added: dict[str, list[object]]
) -> None:
    assert UPCASTERS[name, version]({"reason": "x"}) == {"reason": "x", **added}
