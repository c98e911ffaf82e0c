"""The roster desk's lists: the board, what is open, people's shifts and hours, and loans."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID

from domain.kernel import Fact
from domain.workforce.borrowing import AcceptLoan
from domain.workforce.events.roster import CallOutReason
from domain.workforce.loan import EndLoan, OfferLoan
from domain.workforce.roster_changes import (
    AcceptSwap,
    CallOut,
    EndSwap,
    OfferShift,
    ProposeSwap,
    TakeShift,
    WithdrawOffer,
)
from domain.workforce.roster_planning import UnassignShift, WithdrawShift
from projections.kernel import ReadModel
from projections.workforce import (
    borrowed_people,
    cover_by_week,
    coverage_gaps,
    loan_balance,
    loan_list,
    my_shifts,
    overtime_forecast,
    roster_board,
    roster_list,
    rostering_terms,
    swaps_to_decide,
)
from projections.workforce.loans import LoanSide, LoanStage
from projections.workforce.rosters import RosterStage
from tests.domain.places import CARDIOLOGY, HILLTOP, RIVERSIDE, THE_CLAIM
from tests.domain.rostering import (
    BLOM,
    CHO,
    DIAZ,
    MONDAY,
    NOW,
    THE_ROSTER,
    Hospital,
    a_day,
    a_night,
)
from tests.projections.grammar import Given, added_up, given

TUESDAY = MONDAY + timedelta(days=1)
A_LOAN = THE_CLAIM


def a_hospital(*, needed: int = 1) -> Hospital:
    """Blom works Monday's day and Cho Tuesday's; the roster is published."""
    hospital = Hospital()
    hospital.drafts()
    hospital.plans(a_day(MONDAY, BLOM, needed=needed), a_day(TUESDAY, CHO, minimum=1))
    hospital.publishes()
    return hospital


def shown(model: ReadModel[Any], hospital: Hospital) -> Given[Any]:
    facts: list[Fact] = hospital.facts
    return given(model, *facts)


def test_the_list_says_how_far_a_roster_has_come() -> None:
    hospital = a_hospital(needed=2)
    shown(roster_list, hospital).shows(THE_ROSTER, stage=RosterStage.PUBLISHED, warnings=1)


def test_the_board_shows_who_is_on_a_shift_whatever_changes() -> None:
    hospital = a_hospital(needed=2)
    shown(roster_board, hospital).shows(
        THE_ROSTER, 1, staff_ids=(BLOM,), open_places=1, offered=False, on=MONDAY
    )
    hospital.does(OfferShift(roster_id=THE_ROSTER, shift=1))
    shown(roster_board, hospital).shows(THE_ROSTER, 1, offered=True)
    hospital.does(TakeShift(roster_id=THE_ROSTER, shift=1, staff_id=DIAZ))
    shown(roster_board, hospital).shows(
        THE_ROSTER, 1, staff_ids=(BLOM, DIAZ), open_places=0, offered=False
    )
    hospital.does(UnassignShift(roster_id=THE_ROSTER, shift=1, staff_id=DIAZ))
    hospital.does(
        ProposeSwap(roster_id=THE_ROSTER, shift=1, staff_id=BLOM, other_shift=2, other_staff_id=CHO)
    )
    shown(swaps_to_decide, hospital).shows(THE_ROSTER, 1, on=MONDAY, other_on=TUESDAY)
    hospital.does(AcceptSwap(roster_id=THE_ROSTER, swap=1))
    board = shown(roster_board, hospital)
    board.shows(THE_ROSTER, 1, staff_ids=(CHO,))
    board.shows(THE_ROSTER, 2, staff_ids=(BLOM,))
    shown(swaps_to_decide, hospital).has_only()
    hospital.does(WithdrawShift(roster_id=THE_ROSTER, shift=1))
    shown(roster_board, hospital).has_only((THE_ROSTER, 2))


def test_a_swap_that_is_ended_leaves_the_list() -> None:
    hospital = a_hospital()
    hospital.does(
        ProposeSwap(roster_id=THE_ROSTER, shift=1, staff_id=BLOM, other_shift=2, other_staff_id=CHO)
    )
    hospital.does(EndSwap(roster_id=THE_ROSTER, swap=1))
    shown(swaps_to_decide, hospital).has_only()


def test_a_gap_is_there_while_a_place_is_open() -> None:
    hospital = a_hospital()
    shown(coverage_gaps, hospital).has_only()
    hospital.does(
        CallOut(
            roster_id=THE_ROSTER,
            shift=2,
            staff_id=CHO,
            reason=CallOutReason.SICK,
            called_at=NOW,
        )
    )
    shown(coverage_gaps, hospital).shows(
        THE_ROSTER, 2, open_places=1, below_minimum=True, called_out=CallOutReason.SICK
    )
    hospital.does(OfferShift(roster_id=THE_ROSTER, shift=2))
    shown(coverage_gaps, hospital).shows(THE_ROSTER, 2, offered=True)
    hospital.does(WithdrawOffer(roster_id=THE_ROSTER, shift=2))
    shown(coverage_gaps, hospital).shows(THE_ROSTER, 2, offered=False)
    hospital.assigns(DIAZ, 2)
    shown(coverage_gaps, hospital).has_only()
    shown(cover_by_week, hospital).shows(
        RIVERSIDE, CARDIOLOGY, MONDAY, shifts=2, places=2, filled=2, filled_minutes=1440
    )
    shown(cover_by_week, hospital).shows(RIVERSIDE, CARDIOLOGY, MONDAY, call_outs=1)


def test_ones_shifts_are_there_when_they_are_planned_and_told_when_they_are_published() -> None:
    hospital = Hospital()
    hospital.drafts()
    hospital.plans(a_night(MONDAY, BLOM))
    shown(my_shifts, hospital).shows(BLOM, THE_ROSTER, 1, published=False, minutes=720)
    hospital.publishes()
    shown(my_shifts, hospital).shows(BLOM, THE_ROSTER, 1, published=True)
    hospital.does(UnassignShift(roster_id=THE_ROSTER, shift=1, staff_id=BLOM))
    shown(my_shifts, hospital).has_only()


def test_a_week_of_more_than_forty_hours_is_forecast_as_overtime() -> None:
    hospital = Hospital()
    hospital.drafts()
    for day in range(4):
        hospital.plans(a_day(MONDAY + timedelta(days=day), BLOM))
    shown(overtime_forecast, hospital).shows(
        RIVERSIDE, BLOM, MONDAY, shifts=4, minutes=48 * 60, overtime_minutes=8 * 60
    )
    for shift in (1, 2, 3, 4):
        hospital.does(UnassignShift(roster_id=THE_ROSTER, shift=shift, staff_id=BLOM))
    shown(overtime_forecast, hospital).has_only()


def four_days_of_twelve_hours(staff_id: UUID = BLOM, **terms: Any) -> Hospital:
    hospital = Hospital()
    hospital.drafts()
    hospital.agrees(staff_id, **terms)
    hospital.plans(*(a_day(MONDAY + timedelta(days=day), staff_id) for day in range(4)))
    return hospital


def test_overtime_is_forecast_from_the_hours_somebody_agreed_to() -> None:
    part_time = shown(overtime_forecast, four_days_of_twelve_hours(weekly_hours=24))
    part_time.shows(RIVERSIDE, BLOM, MONDAY, contracted_minutes=24 * 60, overtime_minutes=24 * 60)
    longer = shown(overtime_forecast, four_days_of_twelve_hours(weekly_hours=48))
    longer.shows(RIVERSIDE, BLOM, MONDAY, limit_minutes=40 * 60, overtime_minutes=8 * 60)
    when_asked = shown(overtime_forecast, four_days_of_twelve_hours(weekly_hours=0))
    when_asked.shows(RIVERSIDE, BLOM, MONDAY, contracted_minutes=0, overtime_minutes=8 * 60)


def test_another_contract_changes_the_forecast_of_what_is_booked_already() -> None:
    hospital = four_days_of_twelve_hours(weekly_hours=40)
    later = MONDAY + timedelta(days=14)
    hospital.plans(*(a_day(later + timedelta(days=day), BLOM) for day in range(3)))
    hospital.now = datetime.combine(MONDAY + timedelta(days=7), time(12), UTC)
    hospital.agrees(BLOM, weekly_hours=32)
    forecast = shown(overtime_forecast, hospital)
    forecast.shows(RIVERSIDE, BLOM, MONDAY, contracted_minutes=40 * 60, overtime_minutes=8 * 60)
    forecast.shows(RIVERSIDE, BLOM, later, contracted_minutes=32 * 60, overtime_minutes=4 * 60)


def test_who_floats_is_in_the_pool() -> None:
    hospital = Hospital()
    hospital.agrees(BLOM, floats=True, skills=("ICU",))
    shown(rostering_terms, hospital).shows(BLOM, floats=True, skills=("ICU",))


def test_both_facilities_see_a_loan_and_as_much_is_lent_as_borrowed() -> None:
    hospital = Hospital()
    offering = OfferLoan(
        loan_id=A_LOAN,
        facility_id=RIVERSIDE,
        borrower_id=HILLTOP,
        staff_id=BLOM,
        begins_on=MONDAY,
        ends_on=MONDAY + timedelta(days=6),
    )
    hospital.does(offering)
    loans = shown(loan_list, hospital)
    loans.shows(RIVERSIDE, A_LOAN, side=LoanSide.LENDER, other_facility_id=HILLTOP)
    loans.shows(HILLTOP, A_LOAN, side=LoanSide.BORROWER, stage=LoanStage.OFFERED)
    hospital.does(AcceptLoan(loan_id=A_LOAN, facility_id=HILLTOP))
    hospital.does(EndLoan(loan_id=A_LOAN, ended_on=TUESDAY))
    shown(loan_list, hospital).shows(HILLTOP, A_LOAN, stage=LoanStage.ENDED, ends_on=TUESDAY)
    balance = shown(loan_balance, hospital)
    balance.shows(RIVERSIDE, lent=1, lent_days=2, borrowed=0)
    balance.shows(HILLTOP, borrowed=1, borrowed_days=2, lent=0)
    (total,) = added_up(loan_balance, given(loan_balance, *hospital.facts).rows.values()).values()
    assert (total["lent"], total["lent_days"]) == (total["borrowed"], total["borrowed_days"])
    shown(borrowed_people, hospital).shows(A_LOAN, home_id=RIVERSIDE, ends_on=TUESDAY)
    again = replace(offering, loan_id=THE_ROSTER)
    hospital.does(again)
    hospital.does(AcceptLoan(loan_id=THE_ROSTER, facility_id=HILLTOP))
    hospital.does(EndLoan(loan_id=THE_ROSTER, ended_on=MONDAY - timedelta(days=1)))
    shown(borrowed_people, hospital).has_only((A_LOAN,))
