"""A person is lent by one facility to another: both agree, either may end it, and it balances."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from domain.kernel import Command, Refused
from domain.workforce.borrowing import AcceptLoan, DeclineLoan, ReturnLoan
from domain.workforce.events.loan import BorrowingEnded, LoanEnded, borrowing_of
from domain.workforce.loan import EndLoan, OfferLoan, WithdrawLoan
from domain.workforce.loan_agreement import LoanStatus
from domain.workforce.roster_planning import PlanShifts
from tests.domain.places import HILLTOP, RIVERSIDE, THE_CLAIM
from tests.domain.rostering import BLOM, HILLTOPS_ROSTER, MONDAY, Hospital, a_day, a_night

A_LOAN = THE_CLAIM
SUNDAY, BEFORE = MONDAY + timedelta(days=6), MONDAY - timedelta(days=1)
TUESDAY = MONDAY + timedelta(days=1)

offering = OfferLoan(
    loan_id=A_LOAN,
    facility_id=RIVERSIDE,
    borrower_id=HILLTOP,
    staff_id=BLOM,
    begins_on=MONDAY,
    ends_on=SUNDAY,
)
accepting = AcceptLoan(loan_id=A_LOAN, facility_id=HILLTOP)
declining = DeclineLoan(loan_id=A_LOAN, facility_id=HILLTOP)
withdrawing = WithdrawLoan(loan_id=A_LOAN)


@pytest.fixture
def hospital() -> Hospital:
    """Riverside offers to lend Blom to Hilltop for a week."""
    made = Hospital()
    made.does(offering)
    return made


def refused(hospital: Hospital, command: Command) -> str:
    with pytest.raises(Refused) as refusal:
        hospital.does(command)
    return refusal.value.code


def test_who_is_lent_is_rostered_by_the_other_facility_in_these_days(hospital: Hospital) -> None:
    hospital.drafts(HILLTOPS_ROSTER)
    planning = PlanShifts(roster_id=HILLTOPS_ROSTER, shifts=(a_day(MONDAY, BLOM),))
    assert refused(hospital, planning) == "roster.conflicts"
    hospital.does(accepting)
    hospital.does(planning)
    assert hospital.on(1, HILLTOPS_ROSTER) == (BLOM,)


def test_a_shift_on_loan_and_one_at_home_leave_the_rest_between_them(hospital: Hospital) -> None:
    hospital.does(accepting)
    hospital.drafts(HILLTOPS_ROSTER)
    hospital.drafts()
    hospital.plans(a_night(MONDAY, BLOM), roster_id=HILLTOPS_ROSTER)
    with pytest.raises(Refused) as refusal:
        hospital.plans(a_day(TUESDAY, BLOM))
    told: Any = refusal.value.details["conflicts"]
    assert [each["code"] for each in told] == ["shift.rest"]
    hospital.plans(a_night(TUESDAY, BLOM))


def test_a_loan_is_of_ones_own_people_to_another_facility() -> None:
    hospital = Hospital()
    to_itself = OfferLoan(
        loan_id=A_LOAN,
        facility_id=RIVERSIDE,
        borrower_id=RIVERSIDE,
        staff_id=BLOM,
        begins_on=MONDAY,
        ends_on=SUNDAY,
    )
    assert refused(hospital, to_itself) == "loan.borrower_id"
    somebody_elses = OfferLoan(
        loan_id=A_LOAN,
        facility_id=HILLTOP,
        borrower_id=RIVERSIDE,
        staff_id=BLOM,
        begins_on=MONDAY,
        ends_on=SUNDAY,
    )
    assert refused(hospital, somebody_elses) == "staff_member.unknown"
    too_long = OfferLoan(
        loan_id=A_LOAN,
        facility_id=RIVERSIDE,
        borrower_id=HILLTOP,
        staff_id=BLOM,
        begins_on=MONDAY,
        ends_on=MONDAY + timedelta(days=366),
    )
    assert refused(hospital, too_long) == "loan.period"


def test_a_loan_is_agreed_once_and_by_whom_it_was_offered_to(hospital: Hospital) -> None:
    assert refused(hospital, offering) == "loan.already_offered"
    elsewhere = AcceptLoan(loan_id=A_LOAN, facility_id=RIVERSIDE)
    assert refused(hospital, elsewhere) == "loan.unknown"
    unknown = AcceptLoan(loan_id=HILLTOPS_ROSTER, facility_id=HILLTOP)
    assert refused(hospital, unknown) == "loan.unknown"
    hospital.does(accepting)
    assert refused(hospital, accepting) == "loan.not_offered"
    assert refused(hospital, declining) == "loan.not_offered"
    assert refused(hospital, withdrawing) == "loan.not_offered"


def test_an_offer_is_declined_or_withdrawn(hospital: Hospital) -> None:
    hospital.does(declining)
    assert hospital.states[A_LOAN].status is LoanStatus.DECLINED
    ending = ReturnLoan(loan_id=A_LOAN, ended_on=MONDAY)
    assert refused(hospital, ending) == "loan.not_agreed"
    other = Hospital()
    other.does(offering)
    other.does(withdrawing)
    assert other.does(withdrawing) == []
    assert refused(other, accepting) == "loan.not_offered"
    assert other.schedule(BLOM).lendings == ()


@pytest.mark.parametrize(
    "ending",
    [EndLoan(loan_id=A_LOAN, ended_on=TUESDAY), ReturnLoan(loan_id=A_LOAN, ended_on=TUESDAY)],
)
def test_either_side_ends_a_loan_for_both_of_them(hospital: Hospital, ending: Command) -> None:
    hospital.does(accepting)
    ended = hospital.does(ending)
    (lenders,) = [each for each in ended if isinstance(each, LoanEnded)]
    (borrowers,) = [each for each in ended if isinstance(each, BorrowingEnded)]
    assert (lenders.facility_id, borrowers.facility_id) == (RIVERSIDE, HILLTOP)
    assert lenders.days_less == borrowers.days_less == 5
    (lending,) = hospital.schedule(BLOM).lendings
    assert lending.ends_on == TUESDAY
    assert hospital.states[borrowing_of(A_LOAN)].status is LoanStatus.ENDED


def test_a_loan_is_not_ended_before_a_shift_or_after_its_end(hospital: Hospital) -> None:
    hospital.does(accepting)
    hospital.drafts(HILLTOPS_ROSTER)
    hospital.plans(a_day(TUESDAY, BLOM), roster_id=HILLTOPS_ROSTER)
    rostered = EndLoan(loan_id=A_LOAN, ended_on=MONDAY)
    assert refused(hospital, rostered) == "loan.rostered"
    assert refused(hospital, EndLoan(loan_id=A_LOAN, ended_on=SUNDAY)) == "loan.ended_on"
    long_before = EndLoan(loan_id=A_LOAN, ended_on=BEFORE - timedelta(days=1))
    assert refused(hospital, long_before) == "loan.ended_on"
    assert hospital.states[A_LOAN].status is LoanStatus.AGREED
