"""The life of a staff member, until they leave."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from domain.kernel import Command, Reserve
from domain.workforce.events.staff import (
    StaffMemberAssigned,
    StaffMemberFact,
    StaffMemberJobChanged,
    StaffMemberNameChanged,
    StaffMemberNpiRecorded,
    StaffMemberSpecialtyChanged,
    StaffStanding,
)
from domain.workforce.particulars import ChangeJob, ChangeName, ChangeSpecialty, RecordNpi
from domain.workforce.staff_member import (
    StaffMember,
    staff_member,
)
from tests.domain.places import (
    AN_NPI,
    ANOTHER_NPI,
    DAY_BEFORE_NEW_YEAR,
    DR_ADEYEMI,
    HILLTOP,
    MARCH_1,
    RIVERSIDE,
    TOMORROW_EVERYWHERE,
    riverside_is_closed,
    riverside_is_open,
)
from tests.domain.staff import (
    adeyemi,
    assigned,
    assigning,
    at_home,
    closing,
    ended,
    ending,
    freeing,
    on_the_hill,
    registered,
    registering,
    separated,
    separating,
)
from tests.grammar import given

# --- registering -------------------------------------------------------------------------------


def test_someone_is_registered_at_their_home_facility() -> None:
    given(StaffMember).knowing(riverside_is_open()).when(registering).records(registered)


def test_an_npi_is_one_persons() -> None:
    with_npi = replace(registering, npi=AN_NPI, specialty=" Cardiology ")
    given(StaffMember).knowing(riverside_is_open()).when(with_npi).records(
        Reserve("npi", AN_NPI, "staff_member.npi_in_use"),
        replace(registered, npi=AN_NPI, specialty="Cardiology"),
    )


def test_a_number_that_is_no_npi_is_refused() -> None:
    given(StaffMember).knowing(riverside_is_open()).when(
        replace(registering, npi="1234567890")
    ).refused("staff_member.npi", field="npi", value="1234567890")


def test_someone_is_registered_once() -> None:
    adeyemi().when(registering).refused("staff_member.already_registered")
    adeyemi(separated).when(registering).refused("staff_member.already_registered")


def test_someone_is_registered_only_where_work_is_done() -> None:
    given(StaffMember).when(registering).refused("facility.unknown")
    given(StaffMember).knowing(riverside_is_closed()).when(registering).refused("facility.not_open")


@pytest.mark.parametrize(
    ("field", "value"),
    [("full_name", " "), ("job", ""), ("job", "x" * 101), ("specialty", "")],
)
def test_someone_has_a_name_and_a_job(field: str, value: str) -> None:
    untold = replace(registering, **{field: value})  # type: ignore[arg-type]
    given(StaffMember).knowing(riverside_is_open()).when(untold).refused(
        "staff_member.text", field=field
    )


def test_nobody_is_registered_tomorrow() -> None:
    given(StaffMember).knowing(riverside_is_open()).when(
        replace(registering, registered_on=TOMORROW_EVERYWHERE)
    ).refused("staff_member.date", field="registered_on")


# --- specialty ---------------------------------------------------------------------------------


specializing = ChangeSpecialty(
    staff_id=DR_ADEYEMI, specialty="Electrophysiology", changed_on=MARCH_1
)


specialized = StaffMemberSpecialtyChanged(
    staff_id=DR_ADEYEMI,
    facility_id=RIVERSIDE,
    specialty="Electrophysiology",
    changed_on=MARCH_1,
    facility_ids=(RIVERSIDE, HILLTOP),
)


def test_a_change_of_specialty_names_each_facility_once() -> None:
    adeyemi(assigned(at_home), assigned(on_the_hill)).when(specializing).records(specialized)
    adeyemi().when(specializing).records(replace(specialized, facility_ids=(RIVERSIDE,)))


def test_a_specialty_may_be_given_up() -> None:
    adeyemi(specialized).when(specializing).records_nothing()
    adeyemi(specialized).when(replace(specializing, specialty=None)).records_a(
        StaffMemberSpecialtyChanged, specialty=None
    )


def test_where_someone_is_to_work_hears_their_specialty() -> None:
    adeyemi(specialized).when(assigning(at_home)).records_a(
        StaffMemberAssigned, specialty="Electrophysiology", full_name="Ngozi Adeyemi"
    )


# --- name, job, NPI ------------------------------------------------------------------------------


promoting = ChangeJob(staff_id=DR_ADEYEMI, job="Medical Director", changed_on=MARCH_1)


promoted = StaffMemberJobChanged(
    staff_id=DR_ADEYEMI,
    facility_id=RIVERSIDE,
    job="Medical Director",
    changed_on=MARCH_1,
    facility_ids=(RIVERSIDE, HILLTOP),
)


renaming = ChangeName(staff_id=DR_ADEYEMI, full_name="Ngozi Okafor", changed_on=MARCH_1)


renamed = StaffMemberNameChanged(
    staff_id=DR_ADEYEMI,
    facility_id=RIVERSIDE,
    full_name="Ngozi Okafor",
    changed_on=MARCH_1,
    facility_ids=(RIVERSIDE,),
)


numbering = RecordNpi(staff_id=DR_ADEYEMI, npi=AN_NPI)


numbered = StaffMemberNpiRecorded(
    staff_id=DR_ADEYEMI, facility_id=RIVERSIDE, npi=AN_NPI, facility_ids=(RIVERSIDE,)
)


def test_who_is_promoted_does_another_job_wherever_they_work() -> None:
    adeyemi(assigned(at_home), assigned(on_the_hill)).when(promoting).records(promoted)
    adeyemi(promoted).when(promoting).records_nothing()
    adeyemi(promoted).when(assigning(at_home)).records_a(StaffMemberAssigned, job=promoted.job)
    adeyemi().when(replace(promoting, job=" ")).refused("staff_member.text", field="job")


def test_rosters_go_by_the_job_somebody_has_now() -> None:
    state = StaffMember().evolve(registered).evolve(promoted)
    assert staff_member.standing is not None
    standing = staff_member.standing(state, DR_ADEYEMI)
    assert isinstance(standing, StaffStanding)
    assert standing.job == "Medical Director"


def test_who_marries_is_called_otherwise_from_then_on() -> None:
    adeyemi().when(renaming).records(renamed)
    adeyemi(renamed).when(renaming).records_nothing()
    adeyemi().when(replace(renaming, full_name="")).refused("staff_member.text", field="full_name")
    adeyemi().when(replace(renaming, changed_on=DAY_BEFORE_NEW_YEAR)).refused(
        "staff_member.date_order", field="changed_on"
    )


def test_an_npi_is_recorded_later_and_is_for_life() -> None:
    reserved = Reserve("npi", AN_NPI, "staff_member.npi_in_use")
    adeyemi().when(numbering).records(reserved, numbered)
    adeyemi(numbered).when(numbering).records_nothing()
    adeyemi(numbered).when(replace(numbering, npi=ANOTHER_NPI)).refused("staff_member.npi_known")
    adeyemi().when(replace(numbering, npi="123")).refused("staff_member.npi", field="npi")


@pytest.mark.parametrize("command", [promoting, renaming, numbering])
def test_of_who_left_nothing_changes(command: Command) -> None:
    adeyemi(separated).when(command).refused("staff_member.separated")


# --- leaving -----------------------------------------------------------------------------------


def test_someone_who_leaves_keeps_their_npi_and_loses_their_assignments() -> None:
    with_npi = replace(registered, npi=AN_NPI)
    given(StaffMember, with_npi, assigned(at_home), assigned(on_the_hill)).when(separating).records(
        replace(separated, facility_ids=(RIVERSIDE, HILLTOP), assignments=(at_home, on_the_hill)),
        closing,
        freeing,
    )
    assert adeyemi(assigned(at_home), separated).state.assignments == ()


def test_what_had_ended_before_someone_left_is_not_told_again() -> None:
    after = adeyemi(assigned(at_home), assigned(on_the_hill)).when(ending(on_the_hill)).then()
    after.when(separating).records(
        replace(separated, facility_ids=(RIVERSIDE, HILLTOP), assignments=(at_home,)),
        closing,
        freeing,
    )


def test_who_left_has_left() -> None:
    adeyemi(separated).when(separating).records_nothing()


@pytest.mark.parametrize(
    "command", [specializing, assigning(at_home), ending(at_home)], ids=lambda each: each.name
)
def test_nothing_about_who_left_changes(command: Command) -> None:
    adeyemi(assigned(at_home), separated).when(command).refused("staff_member.separated")


@pytest.mark.parametrize(
    ("day", "code"),
    [
        (DAY_BEFORE_NEW_YEAR, "staff_member.date_order"),
        (TOMORROW_EVERYWHERE, "staff_member.date"),
    ],
)
def test_nothing_happens_to_someone_before_they_were_registered_or_after_today(
    day: date, code: str
) -> None:
    adeyemi().when(replace(specializing, changed_on=day)).refused(code, field="changed_on")
    adeyemi().when(replace(separating, separated_on=day)).refused(code, field="separated_on")


# --- what others may know, and what was ---------------------------------------------------------


@pytest.mark.parametrize(
    ("history", "status"), [((registered,), "active"), ((registered, separated), "separated")]
)
def test_new_work_is_for_those_who_are_here(
    history: tuple[StaffMemberFact, ...], status: str
) -> None:
    assert staff_member.standing is not None
    assert staff_member.standing(staff_member.fold(history), DR_ADEYEMI) == StaffStanding(
        kind="staff_member",
        id=DR_ADEYEMI,
        open=status == "active",
        status=status,
        facility_id=RIVERSIDE,
        job="Physician",
        specialty=None,
    )


def test_what_todays_rules_would_refuse_still_replays() -> None:
    twice_as_much = replace(at_home, share=200, valid_to=date(1800, 1, 1))
    history = (
        assigned(twice_as_much),
        assigned(at_home),
        assigned(at_home),
        ended(on_the_hill, still_at_facility=True),
        separated,
        assigned(on_the_hill),
    )
    assert adeyemi(*history).state == adeyemi(*history).state
    assert adeyemi(*history).state.assignments == (on_the_hill,)
