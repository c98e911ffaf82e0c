"""What is said of somebody who works here: their name, their job, their specialty, their NPI.

Any of it may **change**, or have been written down wrongly: what was said before stays in the
ledger, with the day since when it is otherwise. Rosters go by the job somebody has when they are
looked at; shifts that were planned for the one before are found when the roster is published. An
NPI is for life: it may be **recorded** later, and does not change.
"""

from __future__ import annotations

from datetime import date
from typing import TypedDict
from uuid import UUID

from domain.kernel import Circumstances, Command, Decision, Refused, command
from domain.workforce.events.staff import (
    StaffMemberJobChanged,
    StaffMemberNameChanged,
    StaffMemberNpiRecorded,
    StaffMemberSpecialtyChanged,
)
from domain.workforce.staff_member import (
    StaffMember,
    employed,
    facilities_of,
    job_of,
    name_of,
    reserved,
    since_registration,
    specialty_of,
    staff_member,
)

# --- commands ----------------------------------------------------------------------------------


@command("staff_id")
class ChangeSpecialty(Command):
    """Record that someone practises another specialty, or none."""

    staff_id: UUID
    specialty: str | None
    changed_on: date


@command("staff_id")
class ChangeJob(Command):
    """Let someone do another job."""

    staff_id: UUID
    job: str
    changed_on: date


@command("staff_id")
class ChangeName(Command):
    """Let someone be called otherwise: since a day, or because it was written down wrongly."""

    staff_id: UUID
    full_name: str
    changed_on: date


@command("staff_id")
class RecordNpi(Command):
    """Record the NPI of someone who had none, or whose NPI was not known."""

    staff_id: UUID
    npi: str


# --- decisions ---------------------------------------------------------------------------------


@staff_member.decides
def change_specialty(state: StaffMember, command: ChangeSpecialty, at: Circumstances) -> Decision:
    home = employed(state)
    specialty = specialty_of(command.specialty)
    if specialty != state.specialty:
        told = _since(state, home, command, at)
        yield StaffMemberSpecialtyChanged(specialty=specialty, **told)


@staff_member.decides
def change_job(state: StaffMember, command: ChangeJob, at: Circumstances) -> Decision:
    home = employed(state)
    job = job_of(command.job)
    if job != state.job:
        yield StaffMemberJobChanged(job=job, **_since(state, home, command, at))


@staff_member.decides
def change_name(state: StaffMember, command: ChangeName, at: Circumstances) -> Decision:
    home = employed(state)
    full_name = name_of(command.full_name)
    if full_name != state.full_name:
        yield StaffMemberNameChanged(full_name=full_name, **_since(state, home, command, at))


@staff_member.decides
def record_npi(state: StaffMember, command: RecordNpi, _at: Circumstances) -> Decision:
    home = employed(state)
    if command.npi == state.npi:
        return
    npi = reserved(command.npi)
    if state.npi is not None:
        raise Refused(
            "staff_member.npi_known",
            "An NPI is for life, and theirs is on record.",
            field="npi",
            value=command.npi,
        )
    yield npi
    yield StaffMemberNpiRecorded(
        staff_id=command.staff_id,
        facility_id=home,
        npi=command.npi,
        facility_ids=facilities_of(state),
    )


# --- rules -------------------------------------------------------------------------------------


class Since(TypedDict):
    """Of whom something is otherwise since a day, and where that is to be known."""

    staff_id: UUID
    facility_id: UUID
    changed_on: date
    facility_ids: tuple[UUID, ...]


def _since(
    state: StaffMember,
    home: UUID,
    command: ChangeSpecialty | ChangeJob | ChangeName,
    at: Circumstances,
) -> Since:
    """What is told of every change; refuses a day before they were registered, or to come."""
    since_registration(state, "changed_on", command.changed_on, at)
    return {
        "staff_id": command.staff_id,
        "facility_id": home,
        "changed_on": command.changed_on,
        "facility_ids": facilities_of(state),
    }
