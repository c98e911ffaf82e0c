"""What midnight and departures set going: told once, however often it is gone through."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import hypothesis
from hypothesis import strategies

from domain.kernel import Refused
from domain.workforce.attendance import MissShift, RecordAttendance, ReverseAttendance
from domain.workforce.credentialing import RecordCredential, VerifyCredential
from domain.workforce.events.attendance import TimesheetShiftMissed
from domain.workforce.events.credential import CredentialExpiryAnnounced, CredentialLapsed
from domain.workforce.events.held import CredentialKind, credential_id_of
from domain.workforce.events.position import VacancyReason
from domain.workforce.events.staff import SeparationReason, StaffMemberSeparated
from domain.workforce.position import VacatePosition
from facilities.calendar import Errand
from facilities.procedures import credentials_run_out, shifts_missed
from facilities.processes.departure import departures
from projections.refold import refold
from projections.workforce import attendance_kept, awaited_shifts, expiring_credentials
from tests.domain.places import CARDIOLOGY, RADIOLOGY, RIVERSIDE, THE_CLAIM
from tests.domain.rostering import (
    BLOM,
    CHO,
    DIAZ,
    MONDAY,
    NURSES,
    THE_ROSTER,
    Hospital,
    a_day,
    a_night,
)
from tests.facilities.processes_grammar import sees
from tests.grammar import an_open
from tests.projections.grammar import recorded

NEW_YORK = ZoneInfo("America/New_York")
DAY = timedelta(days=1)
WEDNESDAY = MONDAY + 2 * DAY
SEVEN = datetime(2026, 10, 5, 11, 0, tzinfo=UTC)
"""Monday, 7 in the morning in New York."""


def due(hospital: Hospital, day: date) -> list[Errand]:
    """What a midnight finds in the read models, as they are then."""
    events = recorded(*hospital.facts)

    def ending(facility_ids: Sequence[UUID], day: date) -> list[Any]:
        rows = refold(expiring_credentials, events).values()
        return [each for each in rows if each.facility_id in facility_ids and each.next_on <= day]

    def awaited(facility_ids: Sequence[UUID], day: date) -> list[Any]:
        rows = refold(awaited_shifts, events).values()
        return [
            each
            for each in rows
            if each.facility_id in facility_ids and each.published and each.on < day
        ]

    def midnights(facility_ids: Collection[UUID], day: date) -> Mapping[UUID, datetime]:
        return {each: datetime.combine(day, time(), NEW_YORK) for each in facility_ids}

    def kept(facility_ids: Sequence[UUID], _day: date) -> list[Any]:
        rows = refold(attendance_kept, events).values()
        return [each for each in rows if each.facility_id in facility_ids]

    procedures = credentials_run_out(ending), shifts_missed(awaited, kept, midnights)
    return [each for procedure in procedures for each in procedure.due([RIVERSIDE], day)]


def goes_through(hospital: Hospital, errands: Sequence[Errand]) -> int:
    """How many facts come of it."""
    before = len(hospital.facts)
    for each in errands:
        try:
            hospital.does(each.command)
        except Refused:
            continue
    return len(hospital.facts) - before


def at_midnight(hospital: Hospital, day: date) -> Hospital:
    hospital.now = datetime.combine(day, time(), NEW_YORK).astimezone(UTC)
    return hospital


def a_week() -> Hospital:
    """Blom is on Monday's day and Tuesday's night, Cho on Monday's day; it is published."""
    hospital = Hospital()
    hospital.drafts()
    hospital.plans(a_day(MONDAY, BLOM, CHO, needed=2), a_night(MONDAY + DAY, BLOM))
    hospital.publishes()
    return hospital


def attending(staff_id: UUID, day: date = MONDAY, **where: Any) -> RecordAttendance:
    came_at = SEVEN + (day - MONDAY)
    return RecordAttendance(
        staff_id=staff_id,
        facility_id=RIVERSIDE,
        came_at=came_at,
        left_at=came_at + timedelta(hours=12),
        **where,
    )


def unscheduled(day: date = MONDAY) -> RecordAttendance:
    """Diaz is at work, whom no roster knows: attendance is kept there."""
    return attending(DIAZ, day, department_id=CARDIOLOGY, job="Registered Nurse")


# --- missed shifts -------------------------------------------------------------------------------


def missing(staff_id: UUID, shift: int = 1) -> MissShift:
    return MissShift(staff_id=staff_id, facility_id=RIVERSIDE, roster_id=THE_ROSTER, shift=shift)


def test_a_shift_nobody_came_to_is_missed_at_the_midnight_some_hours_after_its_end() -> None:
    hospital = at_midnight(a_week(), MONDAY + DAY)
    hospital.does(attending(CHO))
    # Monday's day ended at seven in the evening; Tuesday's night has not begun.
    assert [each.command for each in due(hospital, MONDAY + DAY)] == [missing(BLOM)]
    assert due(hospital, MONDAY) == []
    # The night that began on Tuesday lasts until Wednesday morning.
    at_midnight(hospital, WEDNESDAY)
    assert [each.command for each in due(hospital, WEDNESDAY)] == [missing(BLOM)]
    at_midnight(hospital, WEDNESDAY + DAY)
    hospital.does(unscheduled(WEDNESDAY))
    missed = [each.command for each in due(hospital, WEDNESDAY + DAY)]
    assert missed == [missing(BLOM), missing(BLOM, 2)]


def test_where_no_attendance_is_kept_no_shift_is_missed() -> None:
    hospital = at_midnight(a_week(), WEDNESDAY + DAY)
    assert due(hospital, WEDNESDAY + DAY) == []
    hospital.knows(an_open("department", RADIOLOGY, facility_id=RIVERSIDE))
    hospital.does(attending(DIAZ, department_id=RADIOLOGY, job="Registered Nurse"))
    assert due(hospital, WEDNESDAY + DAY) == []


def test_what_a_file_has_yet_to_tell_is_not_missed_nor_what_was_before_the_first_one() -> None:
    hospital = at_midnight(a_week(), WEDNESDAY + DAY)
    hospital.does(unscheduled(MONDAY))
    # Attendance is known for Monday alone: of Tuesday's night nothing is known yet.
    missed = [each.command for each in due(hospital, WEDNESDAY + DAY)]
    assert missed == [missing(BLOM), missing(CHO)]
    later = at_midnight(a_week(), WEDNESDAY + DAY)
    later.does(unscheduled(MONDAY + DAY))
    assert [each.command for each in due(later, WEDNESDAY + DAY)] == [missing(BLOM, 2)]


def test_a_shift_that_ends_shortly_before_midnight_waits_for_the_next_one() -> None:
    hospital = Hospital()
    hospital.drafts()
    hospital.plans(a_day(MONDAY, BLOM, starts="12:00", ends="20:01"))
    hospital.publishes()
    at_midnight(hospital, MONDAY + DAY).does(unscheduled())
    assert due(hospital, MONDAY + DAY) == []
    assert len(due(at_midnight(hospital, WEDNESDAY), WEDNESDAY)) == 1


def test_nobody_misses_what_they_were_not_told_of_or_were_called_out_of() -> None:
    hospital = Hospital()
    hospital.drafts()
    hospital.plans(a_day(MONDAY, BLOM))
    at_midnight(hospital, WEDNESDAY).does(unscheduled())
    assert due(hospital, WEDNESDAY) == []


def test_who_did_not_come_after_all_is_awaited_again() -> None:
    hospital = at_midnight(a_week(), MONDAY + DAY)
    hospital.does(attending(BLOM))
    hospital.does(attending(CHO))
    assert due(hospital, MONDAY + DAY) == []
    hospital.does(
        ReverseAttendance(staff_id=BLOM, facility_id=RIVERSIDE, entry=1, why="somebody else's")
    )
    assert [each.command for each in due(hospital, MONDAY + DAY)] == [missing(BLOM)]


# --- twice ---------------------------------------------------------------------------------------


@hypothesis.settings(max_examples=60, deadline=None, derandomize=True)
@hypothesis.given(
    ends=strategies.lists(strategies.integers(-3, 95), min_size=4, max_size=4),
    verified=strategies.lists(strategies.booleans(), min_size=4, max_size=4),
    came=strategies.sets(strategies.sampled_from([BLOM, CHO])),
    kept=strategies.sets(strategies.sampled_from([MONDAY - DAY, MONDAY, MONDAY + DAY])),
    days=strategies.lists(strategies.integers(1, 40), min_size=1, max_size=4).map(sorted),
)
def test_replaying_midnight_twice_changes_nothing(
    ends: list[int], verified: list[bool], came: set[UUID], kept: set[date], days: list[int]
) -> None:
    hospital = at_midnight(a_week(), WEDNESDAY)
    for staff_id in came:
        hospital.does(attending(staff_id))
    for on in kept:
        hospital.does(unscheduled(on))
    for number, (staff_id, left, sure) in enumerate(zip(NURSES, ends, verified, strict=True)):
        its = {"issuer": "Board", "number": f"RN {number}", "title": "RN"}
        hospital.does(
            RecordCredential(
                staff_id=staff_id,
                facility_id=RIVERSIDE,
                kind=CredentialKind.LICENSE,
                valid_from=date(2026, 1, 1),
                valid_to=WEDNESDAY + left * DAY,
                **its,
            )
        )
        if sure:
            hospital.does(
                VerifyCredential(
                    staff_id=staff_id,
                    credential_id=credential_id_of(staff_id, CredentialKind.LICENSE, **its),
                    verified_on=MONDAY,
                    verified_by="Medical staff office",
                    source="Register",
                )
            )
    for later in days:
        day = WEDNESDAY + later * DAY
        errands = due(at_midnight(hospital, day), day)
        goes_through(hospital, errands)
        assert due(hospital, day) == []
        # Also where the read models lag, and tell the same once more.
        assert goes_through(hospital, errands) == 0
    told = [each for each in hospital.facts if isinstance(each, CredentialExpiryAnnounced)]
    assert len({(each.credential_id, each.days) for each in told}) == len(told)
    lapsed = [each.credential_id for each in hospital.facts if isinstance(each, CredentialLapsed)]
    assert len(set(lapsed)) == len(lapsed)
    missed = [
        (each.staff_id, each.on)
        for each in hospital.facts
        if isinstance(each, TimesheetShiftMissed)
    ]
    known = kept | {MONDAY for _ in came}
    theirs = {(each, MONDAY) for each in (BLOM, CHO) if each not in came} | {(BLOM, MONDAY + DAY)}
    assert len(set(missed)) == len(missed)
    assert {*missed} == {each for each in theirs if known and min(known) <= each[1] <= max(known)}


# --- departures ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Held:
    position_id: UUID
    since: date


def test_who_leaves_leaves_a_vacancy() -> None:
    gone = StaffMemberSeparated(
        staff_id=BLOM,
        facility_id=RIVERSIDE,
        separated_on=MONDAY,
        reason=SeparationReason.RESIGNATION,
        facility_ids=(RIVERSIDE,),
        assignments=(),
    )
    vacating = VacatePosition(
        position_id=THE_CLAIM,
        vacated_on=MONDAY,
        reason=VacancyReason.SEPARATION,
        staff_id=BLOM,
    )
    held = Held(THE_CLAIM, MONDAY - DAY), Held(CARDIOLOGY, MONDAY + DAY)
    seen = sees(departures(lambda *_asked: held), gone)
    later = VacatePosition(
        position_id=CARDIOLOGY,
        vacated_on=MONDAY + DAY,
        reason=VacancyReason.SEPARATION,
        staff_id=BLOM,
    )
    seen.sends(vacating, later)
    sees(departures(lambda *_asked: ()), gone).sends_nothing()
