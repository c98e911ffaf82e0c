"""The life of a department."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from domain.kernel import Release, Reserve, Standing
from domain.organization.department import (
    AppointDepartmentHead,
    CloseDepartment,
    Department,
    MergeDepartment,
    OpenDepartment,
    department,
)
from domain.organization.events import (
    DepartmentClosed,
    DepartmentFact,
    DepartmentHeadAppointed,
    DepartmentKind,
    DepartmentMerged,
    DepartmentOpened,
)
from tests.domain.places import (
    CARDIOLOGY,
    DAY_BEFORE_NEW_YEAR,
    DR_ADEYEMI,
    FEBRUARY_1,
    HILLTOP,
    MARCH_1,
    NEW_YEAR,
    NURSE_BLOM,
    RADIOLOGY,
    RIVERSIDE,
    TOMORROW_EVERYWHERE,
    riverside_is_closed,
    riverside_is_open,
)
from tests.grammar import a_closed, an_open, given

opening = OpenDepartment(
    department_id=CARDIOLOGY,
    facility_id=RIVERSIDE,
    code=" CARD ",
    title="Cardiology",
    opened_on=NEW_YEAR,
)
opened = DepartmentOpened(
    department_id=CARDIOLOGY,
    facility_id=RIVERSIDE,
    code="CARD",
    title="Cardiology",
    kind=DepartmentKind.OUTPATIENT,
    service_line=None,
    cost_center=None,
    opened_on=NEW_YEAR,
)
appointing = AppointDepartmentHead(
    department_id=CARDIOLOGY, staff_id=DR_ADEYEMI, appointed_on=FEBRUARY_1
)
appointed = DepartmentHeadAppointed(
    department_id=CARDIOLOGY,
    facility_id=RIVERSIDE,
    staff_id=DR_ADEYEMI,
    appointed_on=FEBRUARY_1,
)
merging = MergeDepartment(department_id=CARDIOLOGY, into_department_id=RADIOLOGY, merged_on=MARCH_1)
merged = DepartmentMerged(
    department_id=CARDIOLOGY,
    facility_id=RIVERSIDE,
    into_department_id=RADIOLOGY,
    merged_on=MARCH_1,
)
closing = CloseDepartment(department_id=CARDIOLOGY, closed_on=MARCH_1, reason="Moved away")
closed = DepartmentClosed(
    department_id=CARDIOLOGY, facility_id=RIVERSIDE, closed_on=MARCH_1, reason="Moved away"
)
code_reserved = Reserve("department_code", f"{RIVERSIDE}/CARD", "department.code_in_use")
code_released = Release("department_code", f"{RIVERSIDE}/CARD")
adeyemi_works = an_open("staff_member", DR_ADEYEMI, facility_id=HILLTOP)
radiology_works = an_open("department", RADIOLOGY, facility_id=RIVERSIDE)


# --- opening -----------------------------------------------------------------------------------


def test_a_department_opens_under_a_code_of_its_own() -> None:
    given(Department).knowing(riverside_is_open()).when(opening).records(code_reserved, opened)


def test_a_department_says_how_its_costs_are_kept() -> None:
    kept = {"service_line": "Heart", "cost_center": "6100"}
    asked = replace(opening, kind=DepartmentKind.ANCILLARY, **kept)  # type: ignore[arg-type]
    told = replace(opened, kind=DepartmentKind.ANCILLARY, **kept)  # type: ignore[arg-type]
    given(Department).knowing(riverside_is_open()).when(asked).records(code_reserved, told)


def test_a_department_opens_once() -> None:
    given(Department, opened).knowing(riverside_is_open()).when(opening).refused(
        "department.already_opened"
    )


def test_a_department_opens_only_in_a_facility_that_is_open() -> None:
    given(Department).when(opening).refused("facility.unknown", value=RIVERSIDE)
    given(Department).knowing(riverside_is_closed()).when(opening).refused("facility.not_open")


def test_a_department_does_not_open_tomorrow() -> None:
    given(Department).knowing(riverside_is_open()).when(
        replace(opening, opened_on=TOMORROW_EVERYWHERE)
    ).refused("department.date", field="opened_on")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("code", ""),
        ("code", "x" * 41),
        ("title", " "),
        ("service_line", ""),
        ("cost_center", "x" * 41),
    ],
)
def test_a_department_says_what_it_is(field: str, value: str) -> None:
    given(Department).knowing(riverside_is_open()).when(
        replace(opening, **{field: value})  # type: ignore[arg-type]
    ).refused("department.text", field=field)


# --- its head ----------------------------------------------------------------------------------


def test_a_staff_member_is_appointed_head() -> None:
    given(Department, opened).knowing(adeyemi_works).when(appointing).records(appointed)


def test_who_is_head_already_is_not_appointed_again() -> None:
    given(Department, opened, appointed).when(appointing).records_nothing()


def test_one_head_follows_another() -> None:
    given(Department, opened, appointed).knowing(an_open("staff_member", NURSE_BLOM)).when(
        replace(appointing, staff_id=NURSE_BLOM)
    ).records(replace(appointed, staff_id=NURSE_BLOM))


def test_a_head_works_for_us() -> None:
    given(Department, opened).when(appointing).refused("staff_member.unknown", field="staff_id")
    given(Department, opened).knowing(a_closed("staff_member", DR_ADEYEMI)).when(
        appointing
    ).refused("staff_member.not_open", field="staff_id")


# --- its end -----------------------------------------------------------------------------------


def test_a_department_goes_up_in_another_and_its_code_is_free() -> None:
    given(Department, opened).knowing(radiology_works).when(merging).records(merged, code_released)
    given(Department, opened, merged).when(merging).records_nothing()


def test_a_department_does_not_go_up_in_itself() -> None:
    given(Department, opened).knowing(
        an_open("department", CARDIOLOGY, facility_id=RIVERSIDE)
    ).when(replace(merging, into_department_id=CARDIOLOGY)).refused("department.into_itself")


def test_a_department_goes_up_only_in_one_at_work_in_the_same_facility() -> None:
    given(Department, opened).knowing(an_open("department", RADIOLOGY, facility_id=HILLTOP)).when(
        merging
    ).refused("department.unknown", field="into_department_id")
    given(Department, opened).knowing(
        a_closed("department", RADIOLOGY, facility_id=RIVERSIDE)
    ).when(merging).refused("department.not_open")


def test_a_department_closes_and_its_code_is_free() -> None:
    given(Department, opened).when(closing).records(closed, code_released)
    given(Department, opened, closed).when(closing).records_nothing()


def test_a_department_closes_for_a_reason() -> None:
    given(Department, opened).when(replace(closing, reason="")).refused(
        "department.text", field="reason"
    )


def test_a_department_that_ended_does_not_change() -> None:
    elsewhere = replace(merging, into_department_id=HILLTOP)
    for history in [(opened, merged), (opened, closed)]:
        given(Department, *history).when(appointing).refused("department.closed")
        given(Department, *history).when(elsewhere).refused("department.closed")
    given(Department, opened, merged).when(closing).refused("department.closed", status="merged")
    given(Department, opened, closed).when(merging).refused("department.closed", status="closed")


@pytest.mark.parametrize(
    ("day", "code"),
    [(DAY_BEFORE_NEW_YEAR, "department.date_order"), (TOMORROW_EVERYWHERE, "department.date")],
)
def test_nothing_happens_to_a_department_before_it_opened_or_after_today(
    day: date, code: str
) -> None:
    at_work = given(Department, opened).knowing(adeyemi_works, radiology_works)
    at_work.when(replace(appointing, appointed_on=day)).refused(code, field="appointed_on")
    at_work.when(replace(merging, merged_on=day)).refused(code, field="merged_on")
    at_work.when(replace(closing, closed_on=day)).refused(code, field="closed_on")


# --- what others may know, and what was ---------------------------------------------------------


@pytest.mark.parametrize(
    ("history", "status"),
    [((opened,), "open"), ((opened, merged), "merged"), ((opened, closed), "closed")],
)
def test_a_department_takes_new_work_only_while_it_is_open(
    history: tuple[DepartmentFact, ...], status: str
) -> None:
    assert department.standing is not None
    assert department.standing(department.fold(history), CARDIOLOGY) == Standing(
        kind="department",
        id=CARDIOLOGY,
        open=status == "open",
        status=status,
        facility_id=RIVERSIDE,
        variety=DepartmentKind.OUTPATIENT,
    )


def test_what_todays_rules_would_refuse_still_replays() -> None:
    history = (opened, closed, appointed, replace(merged, into_department_id=CARDIOLOGY), opened)
    assert given(Department, *history).state == given(Department, *history).state
    assert given(Department, *history).state.merged_into == CARDIOLOGY
