"""A person's schedule: their terms, the limits of where they work, loans, and a link to it all."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from domain.kernel import UPCASTERS, Command, Refused
from domain.workforce import working_time
from domain.workforce.events.schedule import (
    Lending,
    ScheduleFeedOpened,
    ScheduleFeedRevoked,
    ScheduleTermsAgreed,
    schedule_of,
)
from domain.workforce.events.working_time import working_time_of
from domain.workforce.leave import EndLeave
from domain.workforce.schedule import (
    AgreeTerms,
    ArrangeTime,
    LendTime,
    TakeBackTime,
)
from domain.workforce.shift_feed import OpenFeed, RevokeFeed
from domain.workforce.time_rules import Looked
from domain.workforce.working_time import AdoptLimits
from tests.domain.places import HILLTOP, RIVERSIDE, THE_CLAIM
from tests.domain.rostering import (
    BLOM,
    HILLTOPS_ROSTER,
    MONDAY,
    NOW,
    THE_ROSTER,
    Hospital,
    a_day,
    a_nurse,
)

TODAY = NOW.date()
A_LOAN = THE_CLAIM
SECRET, ANOTHER = "0" * 64, "f" * 64


@pytest.fixture
def hospital() -> Hospital:
    return Hospital()


def refused(hospital: Hospital, command: Command) -> Refused:
    with pytest.raises(Refused) as refusal:
        hospital.does(command)
    return refusal.value


def agreeing(**terms: Any) -> AgreeTerms:
    return AgreeTerms(staff_id=BLOM, facility_id=RIVERSIDE, agreed_on=TODAY, **terms)


# --- terms ---------------------------------------------------------------------------------------


def test_terms_are_agreed_as_a_whole_and_once(hospital: Hospital) -> None:
    agreed = agreeing(weekly_hours=36, skills=("ICU", " ICU "), floats=True)
    (fact,) = hospital.does(agreed)
    assert isinstance(fact, ScheduleTermsAgreed)
    assert (fact.terms.skills, fact.terms.floats, fact.schedule_id) == (
        ("ICU",),
        True,
        schedule_of(BLOM),
    )
    assert hospital.does(agreed) == []
    hospital.does(agreeing())
    assert hospital.schedule(BLOM).terms.skills == ()


def test_terms_name_the_weeks_in_which_time_is_booked_already(hospital: Hospital) -> None:
    first, then = MONDAY, MONDAY + timedelta(days=7)
    hospital.drafts()
    hospital.plans(a_day(then + timedelta(days=6), BLOM), a_day(first, BLOM))
    (fact,) = hospital.does(agreeing(weekly_hours=36))
    assert isinstance(fact, ScheduleTermsAgreed)
    assert fact.weeks == (first, then)
    hospital.now = datetime.combine(then + timedelta(days=2), time(12), UTC)
    hospital.agrees(BLOM, weekly_hours=20)
    told = hospital.facts[-1]
    assert isinstance(told, ScheduleTermsAgreed)
    assert told.weeks == (then,)


def test_what_was_told_before_contracts_were_is_read_as_forty_hours_and_no_weeks() -> None:
    assert UPCASTERS["schedule.time_booked", 1]({}) == {"weekly_hours": 40}
    assert UPCASTERS["schedule.terms_agreed", 1]({}) == {"weeks": []}


@pytest.mark.parametrize(
    ("terms", "code"),
    [
        ({"weekly_hours": 169}, "schedule.weekly_hours"),
        ({"weekly_hours": -1}, "schedule.weekly_hours"),
        ({"skills": ("",)}, "schedule.text"),
        ({"skills": ("ICU",) * 51}, "schedule.skills"),
        ({"adult_on": date(2201, 1, 1)}, "schedule.date"),
    ],
)
def test_terms_that_cannot_be(hospital: Hospital, terms: dict[str, Any], code: str) -> None:
    assert refused(hospital, agreeing(**terms)).code == code


def test_terms_are_agreed_at_home(hospital: Hospital) -> None:
    hospital.knows(a_nurse(BLOM, HILLTOP))
    assert refused(hospital, agreeing()).code == "staff_member.unknown"


# --- limits --------------------------------------------------------------------------------------


def test_a_facility_adopts_its_limits_once(hospital: Hospital) -> None:
    adopting = AdoptLimits(facility_id=RIVERSIDE, adopted_on=TODAY, rest_hours=11)
    (fact,) = hospital.does(adopting)
    assert hospital.does(adopting) == []
    assert working_time.working_time.standing is not None
    standing = working_time.working_time.standing(
        hospital.states[working_time_of(RIVERSIDE)], working_time_of(RIVERSIDE)
    )
    assert standing.facility_id == RIVERSIDE
    assert fact.name == "working_time.limits_adopted"
    hospital.does(AdoptLimits(facility_id=RIVERSIDE, adopted_on=TODAY))


@pytest.mark.parametrize(
    ("limit", "value"),
    [("rest_hours", 25), ("days_in_a_row", 0), ("most_weekly_hours", 169), ("rest_hours", -1)],
)
def test_limits_that_cannot_be(hospital: Hospital, limit: str, value: int) -> None:
    limits: dict[str, Any] = {limit: value}
    refusal = refused(hospital, AdoptLimits(facility_id=RIVERSIDE, adopted_on=TODAY, **limits))
    assert refusal.code == f"working_time.{limit}"


# --- time ----------------------------------------------------------------------------------------


def test_a_schedule_refuses_what_no_roster_may_book(hospital: Hospital) -> None:
    """Also where a roster decided on a schedule that has changed meanwhile."""
    hospital.drafts()
    hospital.plans(a_day(MONDAY, BLOM))
    ((booking,),) = hospital.schedule(BLOM).weeks.values()
    again = ArrangeTime(staff_id=BLOM, bookings=(booking,))
    assert refused(hospital, again).code == "shift.overlap"
    assert hospital.does(ArrangeTime(staff_id=BLOM)) == []


def test_what_was_found_about_other_weeks_is_not_taken_for_these(hospital: Hospital) -> None:
    hospital.drafts()
    (shift,) = hospital.plans(a_day(MONDAY, BLOM))
    ((booked,),) = hospital.schedule(BLOM).weeks.values()
    terms, before = hospital.schedule(BLOM).terms, working_time.NOTHING
    again = replace(booked, shift=shift + 1)
    looked = Looked(before, (again,), terms, ())
    assert looked.at(before, (again,), terms)
    assert not looked.at(hospital.schedule(BLOM).weeks, (again,), terms)
    arranging = ArrangeTime(staff_id=BLOM, bookings=(again,), looked=looked)
    assert refused(hospital, arranging).code == "shift.overlap"


def test_what_is_booked_later_for_an_earlier_time_is_found_in_its_place(
    hospital: Hospital,
) -> None:
    hospital.drafts()
    hospital.plans(a_day(MONDAY + timedelta(days=2), BLOM))
    hospital.plans(a_day(MONDAY, BLOM))
    (week,) = hospital.schedule(BLOM).weeks.values()
    assert [each.on for each in week] == [MONDAY, MONDAY + timedelta(days=2)]
    assert working_time.find(hospital.schedule(BLOM).weeks, THE_ROSTER, 9, MONDAY) is None


# --- loans ---------------------------------------------------------------------------------------


def lending(begins_on: date = MONDAY, days: int = 7) -> Lending:
    return Lending(
        loan_id=A_LOAN,
        facility_id=HILLTOP,
        begins_on=begins_on,
        ends_on=begins_on + timedelta(days=days - 1),
    )


def test_who_is_lent_is_not_taken_back_from_a_shift(hospital: Hospital) -> None:
    hospital.does(LendTime(staff_id=BLOM, lending=lending()))
    hospital.drafts(HILLTOPS_ROSTER)
    wednesday = MONDAY + timedelta(days=2)
    hospital.plans(a_day(wednesday, BLOM), roster_id=HILLTOPS_ROSTER)
    too_early = TakeBackTime(staff_id=BLOM, loan_id=A_LOAN, ends_on=MONDAY)
    assert refused(hospital, too_early).code == "loan.rostered"
    hospital.does(TakeBackTime(staff_id=BLOM, loan_id=A_LOAN, ends_on=wednesday))
    (left,) = hospital.schedule(BLOM).lendings
    assert left.ends_on == wednesday


def test_a_loan_that_is_taken_back_before_it_begins_has_not_been(hospital: Hospital) -> None:
    other = Lending(loan_id=THE_ROSTER, facility_id=HILLTOP, begins_on=MONDAY, ends_on=MONDAY)
    hospital.does(LendTime(staff_id=BLOM, lending=other))
    hospital.does(LendTime(staff_id=BLOM, lending=lending()))
    before = MONDAY - timedelta(days=1)
    hospital.does(TakeBackTime(staff_id=BLOM, loan_id=A_LOAN, ends_on=before))
    assert hospital.schedule(BLOM).lendings == (other,)


# --- leave ---------------------------------------------------------------------------------------


def ending(ended_on: date, begins_on: date = MONDAY) -> EndLeave:
    return EndLeave(staff_id=BLOM, facility_id=RIVERSIDE, begins_on=begins_on, ended_on=ended_on)


def test_nobody_is_granted_leave_from_a_shift_or_twice(hospital: Hospital) -> None:
    hospital.drafts()
    hospital.plans(a_day(MONDAY + timedelta(days=9), BLOM))
    sunday = MONDAY + timedelta(days=6)
    hospital.grants_leave(BLOM, MONDAY, sunday)
    recorded = len(hospital.facts)
    hospital.grants_leave(BLOM, MONDAY, sunday)
    assert len(hospital.facts) == recorded
    after = sunday + timedelta(days=1)
    for begins_on, code in ((sunday, "leave.overlap"), (after, "leave.rostered")):
        with pytest.raises(Refused) as refusal:
            hospital.grants_leave(BLOM, begins_on, None)
        assert refusal.value.code == code


def test_a_leave_ends_earlier_or_does_not_come_about(hospital: Hospital) -> None:
    before = MONDAY - timedelta(days=1)
    hospital.grants_leave(BLOM, MONDAY, MONDAY + timedelta(days=6))
    hospital.grants_leave(BLOM, MONDAY + timedelta(days=8), None)
    hospital.does(ending(MONDAY))
    assert hospital.does(ending(MONDAY)) == []
    first, _ = hospital.schedule(BLOM).leaves
    assert first.ends_on == MONDAY
    assert refused(hospital, ending(MONDAY + timedelta(days=1))).code == "leave.ended_on"
    assert refused(hospital, ending(before - timedelta(days=1))).code == "leave.ended_on"
    assert refused(hospital, ending(MONDAY, MONDAY + timedelta(days=1))).code == "leave.unknown"
    hospital.does(ending(before))
    assert len(hospital.schedule(BLOM).leaves) == 1


# --- feeds ---------------------------------------------------------------------------------------


def test_one_link_is_open_at_a_time_until_it_is_revoked(hospital: Hospital) -> None:
    opening = OpenFeed(staff_id=BLOM, facility_id=RIVERSIDE, digest=SECRET)
    another = OpenFeed(staff_id=BLOM, facility_id=RIVERSIDE, digest=ANOTHER)
    revoking = RevokeFeed(staff_id=BLOM, facility_id=RIVERSIDE)
    (opened,) = hospital.does(opening)
    assert isinstance(opened, ScheduleFeedOpened)
    assert hospital.does(opening) == []
    revoked, _ = hospital.does(another)
    assert isinstance(revoked, ScheduleFeedRevoked)
    assert revoked.digest == SECRET
    assert len(hospital.does(revoking)) == 1
    assert hospital.does(revoking) == []
    assert refused(hospital, OpenFeed(staff_id=BLOM, facility_id=RIVERSIDE, digest="x")).code == (
        "schedule.digest"
    )
