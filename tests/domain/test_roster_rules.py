"""Nobody is in two places, overworked, or on a shift that is not theirs: the rules of a roster."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from domain.kernel import Command
from domain.workforce.events.held import (
    CredentialKind,
    FindingCode,
    Override,
    Span,
)
from domain.workforce.events.schedule import Lending
from domain.workforce.events.staff import Assignment
from domain.workforce.overrides import AskAtGate
from domain.workforce.roster_planning import (
    AssignShift,
    PlannedShift,
    PlanShifts,
)
from domain.workforce.roster_publication import PublishRoster
from domain.workforce.schedule import LendTime
from domain.workforce.working_time import AdoptLimits
from tests.domain.places import CARDIOLOGY, HILLTOP, RADIOLOGY, RIVERSIDE
from tests.domain.planning import (
    CLOCKS_GO_BACK,
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
    DIAZ,
    HILLTOPS_ROSTER,
    MONDAY,
    NOW,
    NURSE,
    THE_ROSTER,
    Hospital,
    a_day,
    a_license_until,
    a_night,
    a_nurse,
    an_rn_license_is_required,
)

# --- a person's time -----------------------------------------------------------------------------


def test_nobody_is_in_two_facilities_at_a_time_whichever_roster_comes_second(
    hospital: Hospital,
) -> None:
    elsewhere = Assignment(
        facility_id=HILLTOP,
        department_id=RADIOLOGY,
        share=40,
        valid_from=date(2026, 1, 1),
        valid_to=None,
    )
    hospital.knows(a_nurse(BLOM, assignments=(elsewhere,)))
    hospital.drafts(HILLTOPS_ROSTER)
    hospital.plans(a_day(MONDAY, BLOM), roster_id=HILLTOPS_ROSTER)
    assert conflicts(hospital, a_day(MONDAY, BLOM)) == ["shift.overlap"]
    afternoon = a_day(MONDAY, BLOM, starts="18:59", ends="23:00")
    assert conflicts(hospital, afternoon) == ["shift.overlap"]


def test_of_two_facilities_the_stricter_limits_count(hospital: Hospital) -> None:
    hospital.does(
        AdoptLimits(facility_id=RIVERSIDE, adopted_on=NOW.date(), rest_hours=8, days_in_a_row=7)
    )
    evening = a_day(MONDAY, BLOM, starts="13:00", ends="22:00")
    early = a_day(TUESDAY, starts="06:00", ends="14:00")
    (_, early_shift) = hospital.plans(evening, early)
    hospital.assigns(BLOM, early_shift)
    hospital.does(AdoptLimits(facility_id=RIVERSIDE, adopted_on=NOW.date(), rest_hours=11))
    late = a_night(TUESDAY, BLOM, starts="23:00")
    assert conflicts(hospital, late) == ["shift.rest"]


def test_six_days_in_a_row_are_worked_and_not_a_seventh(hospital: Hospital) -> None:
    short = {"starts": "09:00", "ends": "14:00"}
    week = [MONDAY + timedelta(days=day) for day in range(7)]
    hospital.plans(*(a_day(day, BLOM, **short) for day in week[:3] + week[4:6]))
    hospital.plans(a_day(week[3], BLOM, **short))
    assert conflicts(hospital, a_day(week[6], BLOM, **short)) == ["shift.days_in_a_row"]


def test_forty_hours_are_no_overtime_and_sixty_are_the_most(hospital: Hospital) -> None:
    week = [MONDAY + timedelta(days=day) for day in range(6)]
    hospital.plans(*(a_day(day, BLOM) for day in week[:3]))
    assert warned(hospital) == []
    hospital.plans(a_day(week[3], BLOM))
    hospital.plans(a_day(week[4], BLOM))
    assert warned(hospital) == ["shift.overtime", "shift.overtime"]
    assert hospital.hours(BLOM) == 60
    assert conflicts(hospital, a_day(week[5], BLOM, ends="07:01")) == ["shift.weekly_hours"]


def test_overtime_begins_where_the_contract_ends_or_sooner_where_a_facility_says_so(
    hospital: Hospital,
) -> None:
    week = [MONDAY + timedelta(days=day) for day in range(3)]
    for staff_id, weekly_hours in ((BLOM, 24), (CHO, 48), (DIAZ, 0)):
        hospital.agrees(staff_id, weekly_hours=weekly_hours)
    hospital.plans(*(a_day(day, BLOM, CHO, DIAZ, needed=3) for day in week))
    # Of Blom's 36 hours twelve are overtime, of the others' none.
    assert warned(hospital) == ["shift.overtime"]
    today = NOW.date()
    sooner = AdoptLimits(facility_id=RIVERSIDE, adopted_on=today, overtime_after_hours=36)
    hospital.does(sooner)
    hospital.plans(a_day(MONDAY + timedelta(days=3), CHO, DIAZ, needed=2))
    assert warned(hospital) == ["shift.overtime"] * 3


def test_a_night_shift_lasts_thirteen_hours_when_the_clocks_go_back(hospital: Hospital) -> None:
    hospital.plans(a_night(CLOCKS_GO_BACK - timedelta(days=1), BLOM))
    hospital.plans(a_night(CLOCKS_GO_BACK, CHO))
    assert hospital.hours(BLOM) == 12
    assert hospital.hours(CHO) == 13
    ((booking,),) = hospital.schedule(CHO).weeks.values()
    assert booking.starts_at == datetime(2026, 10, 31, 23, 0, tzinfo=UTC)
    assert booking.ends_at == datetime(2026, 11, 1, 12, 0, tzinfo=UTC)


def test_a_time_that_the_clocks_skip_is_no_time_to_begin() -> None:
    hospital = Hospital()
    hospital.drafts(begins_on=date(2027, 3, 8))
    forward = date(2027, 3, 14)
    assert conflicts(hospital, a_day(forward, starts="02:30")) == ["shift.starts"]
    hospital.plans(a_night(forward - timedelta(days=1), BLOM))
    assert hospital.hours(BLOM) == 11


def test_who_is_not_of_age_works_no_long_shifts_and_no_nights(hospital: Hospital) -> None:
    of_age = MONDAY + timedelta(days=7)
    hospital.agrees(BLOM, adult_on=of_age)
    assert conflicts(hospital, a_day(MONDAY, BLOM)) == ["shift.minor_hours"]
    assert conflicts(hospital, a_day(MONDAY, BLOM, starts="16:00", ends="22:01")) == [
        "shift.minor_night"
    ]
    hospital.plans(a_day(MONDAY, BLOM, starts="14:00", ends="22:00"), a_night(of_age, BLOM))


# --- a person and a shift ------------------------------------------------------------------------


def test_a_shift_is_for_those_who_do_its_job_or_may_do_it(hospital: Hospital) -> None:
    charge = a_day(MONDAY, BLOM, job="Charge Nurse")
    assert conflicts(hospital, charge) == ["shift.job"]
    hospital.agrees(BLOM, other_jobs=("Charge Nurse",))
    hospital.plans(charge)


def test_a_skill_is_attested_or_a_specialty(hospital: Hospital) -> None:
    hospital.knows(a_nurse(CHO, specialty="Dialysis"))
    asks = replace(a_day(MONDAY, BLOM), skill="Dialysis")
    assert conflicts(hospital, asks) == ["shift.skill"]
    hospital.agrees(BLOM, skills=("Dialysis",))
    hospital.plans(asks, replace(asks, staff_ids=(CHO,)))


def test_a_shift_is_for_those_who_work_at_the_facility(hospital: Hospital) -> None:
    hospital.knows(a_nurse(BLOM, HILLTOP))
    lent = Lending(loan_id=HILLTOPS_ROSTER, facility_id=RIVERSIDE, begins_on=MONDAY, ends_on=MONDAY)
    hospital.does(LendTime(staff_id=BLOM, lending=lent))
    hospital.plans(a_day(MONDAY, BLOM))
    assert conflicts(hospital, a_day(TUESDAY, BLOM)) == ["shift.elsewhere"]


def test_of_who_has_nothing_to_do_with_the_facility_nothing_is_told(hospital: Hospital) -> None:
    strangers = (
        a_nurse(BLOM, HILLTOP, job="Physician"),
        replace(a_nurse(BLOM, HILLTOP), open=False, status="separated"),
    )
    for each in strangers:
        hospital.knows(each)
        told = kept_out(hospital, BLOM)
        assert told == kept_out(hospital, UUID(int=7)), each


def kept_out(hospital: Hospital, staff_id: UUID) -> object:
    """What a plan with somebody is refused with, whoever it is."""
    shifts = (a_day(MONDAY, staff_id),)
    refusal = refused(hospital, PlanShifts(roster_id=THE_ROSTER, shifts=shifts))
    told: Any = refusal.details["conflicts"]
    (found,) = told
    assert found["staff_id"] == staff_id
    return refusal.code, refusal.message, {**found, "staff_id": None}, refusal.news


def test_who_belongs_to_another_department_is_warned_about_unless_they_float(
    hospital: Hospital,
) -> None:
    hospital.knows(a_nurse(BLOM, assignments=()))
    hospital.plans(a_day(MONDAY, BLOM))
    assert warned(hospital) == ["shift.other_department"]
    hospital.agrees(BLOM, floats=True)
    hospital.plans(a_day(TUESDAY, BLOM))
    assert warned(hospital) == ["shift.other_department"]


def test_who_left_or_is_unknown_is_on_no_shift(hospital: Hospital) -> None:
    nobody = UUID(int=7)
    hospital.knows(replace(a_nurse(BLOM), open=False, status="separated"))
    assert conflicts(hospital, a_day(MONDAY, BLOM), a_day(MONDAY, nobody)) == [
        "staff_member.not_open",
        "staff_member.unknown",
    ]


def test_who_is_on_leave_begins_no_shift_and_may_end_one_that_morning(hospital: Hospital) -> None:
    hospital.grants_leave(CHO, TUESDAY, TUESDAY)
    hospital.grants_leave(DIAZ, TUESDAY, None)
    assert conflicts(hospital, a_day(TUESDAY, CHO, DIAZ)) == ["shift.leave", "shift.leave"]
    hospital.plans(a_night(MONDAY, CHO), a_day(TUESDAY + timedelta(days=1), CHO))


# --- the gate ------------------------------------------------------------------------------------


def said(hospital: Hospital, *shifts: PlannedShift) -> list[tuple[str, str]]:
    refusal = refused(hospital, PlanShifts(roster_id=THE_ROSTER, shifts=shifts))
    told = refusal.details["conflicts"]
    assert isinstance(told, list)
    return [(each["code"], each["said"]) for each in told]


def test_a_missing_license_refuses_the_shift_and_says_why(hospital: Hospital) -> None:
    hospital.knows(an_rn_license_is_required())
    why = "credential.missing: the license RN is required and not on file (2026-10-05)."
    assert said(hospital, a_day(MONDAY, BLOM)) == [("credential.gate_closed", why)]


def test_whom_the_gate_keeps_out_is_news_once_for_each_refusal(hospital: Hospital) -> None:
    hospital.knows(an_rn_license_is_required())
    both = (a_day(MONDAY, BLOM), a_day(TUESDAY, BLOM, CHO), a_day(TUESDAY, job="Physician"))
    news = refused(hospital, PlanShifts(roster_id=THE_ROSTER, shifts=both)).news
    assert [(each.staff_id, each.begins_at.date()) for each in asked(news)] == [
        (BLOM, MONDAY),
        (CHO, TUESDAY),
    ]
    (shift,) = hospital.plans(a_day(MONDAY))
    news = refused(hospital, AssignShift(roster_id=THE_ROSTER, shift=shift, staff_id=CHO)).news
    assert asked(news) == [
        AskAtGate(
            staff_id=CHO,
            facility_id=RIVERSIDE,
            job=NURSE,
            begins_at=datetime(2026, 10, 5, 11, 0, tzinfo=UTC),
            ends_at=datetime(2026, 10, 5, 23, 0, tzinfo=UTC),
            department_id=CARDIOLOGY,
            work_facility_id=RIVERSIDE,
        )
    ]


def asked(news: tuple[Command, ...]) -> list[AskAtGate]:
    """What is asked at the gate, so that its refusals are on record."""
    found = [each for each in news if isinstance(each, AskAtGate)]
    assert len(found) == len(news)
    return found


def test_a_kind_of_department_may_ask_for_more(hospital: Hospital) -> None:
    everywhere = an_rn_license_is_required()
    (license_,) = everywhere.requirements
    in_emergency = replace(license_, department_kind="emergency")
    hospital.knows(replace(everywhere, requirements=(in_emergency,)))
    hospital.plans(a_day(MONDAY, BLOM))
    hospital.knows(replace(cardiology, variety="emergency"))
    hospital.drafts(HILLTOPS_ROSTER)
    later = UUID(int=9)
    begins_on = MONDAY + timedelta(days=35)
    hospital.does(replace(drafting, roster_id=later, begins_on=begins_on, ends_on=begins_on))
    assert conflicts(hospital, a_day(begins_on, BLOM), roster_id=later) == [
        "credential.gate_closed"
    ]


def test_a_license_that_expires_mid_shift_refuses_the_night_and_not_the_evening(
    hospital: Hospital,
) -> None:
    hospital.knows(an_rn_license_is_required(), a_license_until(MONDAY))
    why = "credential.expires_during: the license RN expires during the work (2026-10-06)."
    assert said(hospital, a_night(MONDAY, BLOM)) == [("credential.gate_closed", why)]
    hospital.plans(a_night(MONDAY, BLOM, ends="00:00"))


def test_what_was_overridden_is_a_warning(hospital: Hospital) -> None:
    override = Override(
        override_id=UUID(int=3),
        work_facility_id=RIVERSIDE,
        finding=FindingCode.EXPIRED,
        kind=CredentialKind.LICENSE,
        title="RN",
        valid_from=MONDAY,
        valid_to=MONDAY,
    )
    hospital.knows(
        an_rn_license_is_required(), a_license_until(MONDAY - timedelta(days=1), override)
    )
    hospital.plans(a_day(MONDAY, BLOM))
    assert warned(hospital) == ["credential.overridden"]


def test_a_license_that_lapsed_since_it_was_planned_keeps_the_roster_from_being_published(
    hospital: Hospital,
) -> None:
    hospital.knows(an_rn_license_is_required(), a_license_until(TUESDAY))
    hospital.plans(a_day(MONDAY, BLOM))
    hospital.knows(a_license_until(MONDAY - timedelta(days=3)))
    refusal = refused(hospital, PublishRoster(roster_id=THE_ROSTER))
    assert refusal.code == "roster.conflicts"
    hospital.knows(a_license_until(TUESDAY))
    hospital.publishes()


def test_an_excluded_person_is_on_no_shift(hospital: Hospital) -> None:
    excluded = replace(a_license_until(TUESDAY), exclusions=(Span(since=MONDAY),))
    hospital.knows(excluded)
    ((code, why),) = said(hospital, a_day(MONDAY, BLOM))
    assert code == "credential.gate_closed"
    assert why.startswith("credential.excluded: the person is excluded from federal")
