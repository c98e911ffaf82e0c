"""The life of a roster: drafted, planned, published and closed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from domain.kernel import CONSULTED, Entail
from domain.workforce.events.roster import (
    RosterDrafted,
    RosterPublished,
)
from domain.workforce.events.roster_calendar import (
    RosterCalendarStanding,
    roster_calendar_of,
)
from domain.workforce.events.schedule import ScheduleTimeConfirmed, schedule_of
from domain.workforce.roster import Roster, RosterStatus, roster
from domain.workforce.roster_calendar import RosterCalendar, TakePeriod
from domain.workforce.roster_planning import (
    AssignShift,
    PlanShifts,
    UnassignShift,
    WithdrawShift,
)
from domain.workforce.roster_publication import CloseRoster, PublishRoster
from tests.domain.places import CARDIOLOGY, RADIOLOGY, RIVERSIDE, riverside_is_open
from tests.domain.planning import (
    TUESDAY,
    cardiology,
    conflicts,
    drafting,
    refused,
    warned,
)
from tests.domain.rostering import (
    BLOM,
    CHO,
    MONDAY,
    THE_ROSTER,
    Hospital,
    a_day,
    a_night,
    a_nurse,
)
from tests.grammar import given

# --- a draft -------------------------------------------------------------------------------------


drafted = RosterDrafted(
    roster_id=THE_ROSTER,
    facility_id=RIVERSIDE,
    department_id=CARDIOLOGY,
    department_kind=None,
    begins_on=MONDAY,
    ends_on=MONDAY + timedelta(days=27),
    zone="America/New_York",
)


def test_a_department_has_one_roster_for_a_period() -> None:
    here = given(Roster).knowing(riverside_is_open(), cardiology)
    here.when(drafting).records(
        drafted,
        Entail(
            TakePeriod(
                department_id=CARDIOLOGY,
                facility_id=RIVERSIDE,
                roster_id=THE_ROSTER,
                begins_on=MONDAY,
                ends_on=MONDAY + timedelta(days=27),
            )
        ),
    )
    given(Roster, drafted).when(drafting).refused("roster.already_drafted")


def test_the_kind_of_the_department_is_known_to_its_roster() -> None:
    inpatient = replace(cardiology, variety="inpatient")
    here = given(Roster).knowing(riverside_is_open(), inpatient)
    here.when(drafting).records_a(RosterDrafted, department_kind="inpatient")


def test_no_day_of_a_department_is_in_two_rosters(hospital: Hospital) -> None:
    last = MONDAY + timedelta(days=34)
    another = replace(drafting, roster_id=UUID(int=9), begins_on=last, ends_on=last)
    refusal = refused(hospital, another)
    assert refusal.code == "roster.period_taken"
    assert refusal.details["roster_id"] == THE_ROSTER
    assert "from 2026-10-05 to 2026-11-08" in str(refusal)
    day_after = last + timedelta(days=1)
    hospital.does(replace(another, begins_on=day_after, ends_on=day_after))
    calendar: RosterCalendar = hospital.states[roster_calendar_of(CARDIOLOGY)]
    assert calendar.roster_on(last) == THE_ROSTER
    assert calendar.roster_on(day_after) == UUID(int=9)
    assert calendar.roster_on(day_after + timedelta(days=1)) is None
    assert len(standing_of_the_calendar(hospital).periods) == 2


def test_a_roster_has_its_days_once(hospital: Hospital) -> None:
    again = TakePeriod(
        department_id=CARDIOLOGY,
        facility_id=RIVERSIDE,
        roster_id=THE_ROSTER,
        begins_on=MONDAY,
        ends_on=MONDAY + timedelta(days=34),
    )
    assert hospital.does(again) == []


def standing_of_the_calendar(hospital: Hospital) -> RosterCalendarStanding:
    standing = hospital.standings[roster_calendar_of(CARDIOLOGY)]
    assert isinstance(standing, RosterCalendarStanding)
    return standing


def test_a_roster_is_for_a_period_of_a_department_that_is_there() -> None:
    here = given(Roster).knowing(riverside_is_open(), cardiology)
    before = replace(drafting, ends_on=MONDAY - timedelta(days=1))
    here.when(before).refused("roster.date_order", field="ends_on")
    too_long = replace(drafting, ends_on=MONDAY + timedelta(days=92))
    here.when(too_long).refused("roster.period", field="ends_on")
    here.when(replace(drafting, department_id=RADIOLOGY)).refused("department.unknown")


# --- planning ------------------------------------------------------------------------------------


def test_who_is_planned_has_their_time_booked(hospital: Hospital) -> None:
    (shift,) = hospital.plans(a_day(MONDAY, BLOM, CHO, needed=2))
    assert hospital.on(shift) == (BLOM, CHO)
    assert hospital.hours(BLOM) == hospital.hours(CHO) == 12


def test_a_plan_is_recorded_whole_or_not_at_all_and_every_conflict_is_told(
    hospital: Hospital,
) -> None:
    told = conflicts(
        hospital,
        a_day(MONDAY, BLOM),
        a_night(MONDAY, BLOM),
        a_day(MONDAY, CHO, job="Physician"),
        a_day(MONDAY - timedelta(days=1)),
        a_day(TUESDAY, starts="7 am"),
        a_day(TUESDAY, needed=0),
        a_day(TUESDAY, minimum=2),
        a_day(TUESDAY, CHO, CHO),
    )
    assert told == [
        "shift.on",
        "shift.starts",
        "shift.needed",
        "shift.minimum",
        "shift.staff_ids",
        "shift.rest",
        "shift.job",
    ]
    assert hospital.roster().shifts == {}
    assert hospital.hours(BLOM) == 0


def test_a_conflict_names_the_shift_by_its_place_in_the_plan(hospital: Hospital) -> None:
    hospital.plans(a_day(MONDAY, BLOM))
    refusal = refused(
        hospital,
        PlanShifts(roster_id=THE_ROSTER, shifts=(a_day(TUESDAY, CHO), a_night(MONDAY, BLOM))),
    )
    assert refusal.details["conflicts"] == [
        {
            "code": "shift.rest",
            "hard": True,
            "said": "0 h lie between this and another shift; 10 h are needed.",
            "shift": 2,
            "staff_id": BLOM,
        }
    ]


def test_whoever_is_assigned_one_by_one_meets_the_same_rules(hospital: Hospital) -> None:
    day, night = hospital.plans(a_day(), a_night())
    hospital.assigns(BLOM, day)
    hospital.assigns(BLOM, day)
    assert hospital.on(day) == (BLOM,)
    assert (
        refused(hospital, AssignShift(roster_id=THE_ROSTER, shift=night, staff_id=BLOM)).code
        == "shift.rest"
    )
    hospital.assigns(CHO, day)
    assert warned(hospital) == ["shift.full"]
    unknown = AssignShift(roster_id=THE_ROSTER, shift=9, staff_id=BLOM)
    assert refused(hospital, unknown).code == "shift.unknown"


def test_who_is_unassigned_is_free(hospital: Hospital) -> None:
    (shift,) = hospital.plans(a_day(MONDAY, BLOM))
    leaving = UnassignShift(roster_id=THE_ROSTER, shift=shift, staff_id=BLOM)
    hospital.does(leaving)
    assert hospital.does(leaving) == []
    assert hospital.on(shift) == ()
    hospital.plans(a_night(MONDAY, BLOM))


def test_a_shift_that_is_withdrawn_frees_everybody(hospital: Hospital) -> None:
    (shift,) = hospital.plans(a_day(MONDAY, BLOM, CHO, needed=2))
    hospital.does(WithdrawShift(roster_id=THE_ROSTER, shift=shift))
    assert hospital.hours(BLOM) == hospital.hours(CHO) == 0
    again = WithdrawShift(roster_id=THE_ROSTER, shift=shift)
    assert refused(hospital, again).code == "shift.unknown"
    assert hospital.plans(a_day()) == range(2, 3), "a number is given once"


def test_whom_a_roster_that_is_not_there_would_consult_is_told_all_the_same() -> None:
    planning = PlanShifts(roster_id=THE_ROSTER, shifts=(a_day(MONDAY, BLOM),))
    consulted = set(CONSULTED[PlanShifts](Roster(), planning))
    assert {BLOM, schedule_of(BLOM)} <= consulted


# --- publishing ----------------------------------------------------------------------------------


def test_a_roster_that_is_published_tells_everybody_once(hospital: Hospital) -> None:
    hospital.plans(a_day(MONDAY, BLOM), a_day(TUESDAY, BLOM, CHO, needed=3))
    hospital.publishes()
    (published,) = [each for each in hospital.facts if isinstance(each, RosterPublished)]
    assert [each.code for each in published.warnings] == ["shift.under_cover"]
    told = [each for each in hospital.facts if isinstance(each, ScheduleTimeConfirmed)]
    assert {each.staff_id: each.shifts for each in told} == {BLOM: (1, 2), CHO: (2,)}
    assert hospital.does(PublishRoster(roster_id=THE_ROSTER)) == []


def test_what_is_hard_is_looked_for_once_more_when_a_roster_is_published(
    hospital: Hospital,
) -> None:
    hospital.plans(a_day(MONDAY, BLOM), a_day(TUESDAY, CHO, needed=2, minimum=2))
    hospital.knows(replace(a_nurse(BLOM), open=False, status="separated"))
    refusal = refused(hospital, PublishRoster(roster_id=THE_ROSTER))
    assert refusal.code == "roster.conflicts"
    told = refusal.details["conflicts"]
    assert isinstance(told, list)
    assert [(each["code"], each["shift"]) for each in told] == [
        ("shift.minimum_cover", 2),
        ("staff_member.not_open", 1),
    ]


def test_a_published_shift_keeps_its_minimum(hospital: Hospital) -> None:
    hospital.plans(a_day(MONDAY, BLOM, minimum=1))
    hospital.publishes()
    leaving = UnassignShift(roster_id=THE_ROSTER, shift=1, staff_id=BLOM)
    assert refused(hospital, leaving).code == "shift.minimum_cover"
    assert conflicts(hospital, a_day(MONDAY, minimum=1)) == ["shift.minimum_cover"]
    hospital.plans(a_day(TUESDAY, BLOM))
    assert hospital.roster().shifts[2].staff_ids == (BLOM,)


def test_a_roster_is_closed_when_its_period_is_over(hospital: Hospital) -> None:
    closing = CloseRoster(roster_id=THE_ROSTER)
    assert refused(hospital, closing).code == "roster.not_published"
    hospital.publishes()
    assert refused(hospital, closing).code == "roster.date"
    hospital.now += timedelta(days=60)
    hospital.does(closing)
    assert hospital.does(closing) == []
    assert hospital.roster().status is RosterStatus.CLOSED
    assert refused(hospital, PlanShifts(roster_id=THE_ROSTER, shifts=())).code == "roster.closed"
    assert roster.standing is not None
    assert not roster.standing(hospital.roster(), THE_ROSTER).open
