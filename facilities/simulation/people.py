"""People who never were, and who holds which seat: hired, assigned, promoted, gone, replaced.

Names are made of a few invented syllables, so that nobody who lives is named.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from domain.organization.department import AppointDepartmentHead
from domain.organization.events import DepartmentKind, FacilityKind
from domain.workforce.assignment import AssignStaffMember
from domain.workforce.events.staff import SeparationReason
from domain.workforce.particulars import ChangeSpecialty
from domain.workforce.staff_member import RegisterStaffMember, SeparateStaffMember
from facilities.simulation.dice import Dice
from facilities.simulation.places import Site, Ward, bearer, npi
from facilities.simulation.run import DAY, Run, Story

_SYLLABLES = ("ka", "vel", "ti", "mor", "sa", "run", "del", "phi", "bra", "nu", "lor", "que")
_NAME_ENDINGS = ("dra", "mis", "vo", "neth", "lan", "zi", "quor", "bel")
_SURNAME_ENDINGS = ("bek", "mund", "zar", "holt", "vane", "dorn", "ksen", "leth")


@dataclass(frozen=True, slots=True)
class Job:
    """What someone is hired for. `sees_patients`: claims name them as who rendered the care."""

    title: str
    specialty: str | None = None
    licensed: bool = False

    @property
    def sees_patients(self) -> bool:
        return self.licensed


_NURSE = Job("registered nurse", "Nursing")
_CLERK = Job("clerk")


def _physician(specialty: str) -> Job:
    return Job("physician", specialty, licensed=True)


_JOBS: dict[str, tuple[tuple[Job, int], ...]] = {
    "Emergency": ((_physician("Emergency medicine"), 3), (_NURSE, 4)),
    "Medicine": ((_physician("Internal medicine"), 3), (_NURSE, 5)),
    "Surgery": (
        (_physician("General surgery"), 2), (_physician("Anesthesiology"), 1), (_NURSE, 3),
    ),
    "Maternity": (
        (_physician("Obstetrics"), 1), (Job("midwife", "Midwifery", licensed=True), 1),
        (_NURSE, 2),
    ),
    "Cardiology": ((_physician("Cardiology"), 2), (_NURSE, 1)),
    "Orthopedics": ((_physician("Orthopedic surgery"), 2), (_NURSE, 1)),
    "Radiology": (
        (_physician("Diagnostic radiology"), 1), (Job("technologist", "Radiography"), 2),
    ),
    "Laboratory": ((Job("technologist", "Clinical laboratory"), 2),),
    "Pharmacy": ((Job("pharmacist", "Pharmacy", licensed=True), 1), (Job("technician"), 1)),
    "Administration": ((Job("administrator"), 2), (_CLERK, 2)),
    "Primary care": (
        (_physician("Family medicine"), 2),
        (Job("nurse practitioner", "Family health", licensed=True), 1), (_NURSE, 1),
    ),
    "Front office": ((_CLERK, 1),),
    "Urgent care": ((_physician("Emergency medicine"), 2), (_NURSE, 2)),
    "Skilled nursing": ((_physician("Geriatric medicine"), 1), (_NURSE, 5)),
    "Rehabilitation": (
        (Job("therapist", "Physical therapy", licensed=True), 2),
    ),
    "Kitchen and house": ((Job("cook"), 1), (Job("housekeeper"), 2)),
    "Billing": ((Job("biller"), 4),),
    "Purchasing": ((Job("buyer"), 2),),
}  # fmt: skip

_FURTHER = {
    "Internal medicine": "Hospital medicine",
    "Family medicine": "Geriatric medicine",
    "Cardiology": "Interventional cardiology",
    "Nursing": "Critical care nursing",
}

_REASONS = (
    (SeparationReason.RESIGNATION, 12), (SeparationReason.END_OF_CONTRACT, 4),
    (SeparationReason.RETIREMENT, 3), (SeparationReason.DISMISSAL, 1),
)  # fmt: skip


SHARED_FOR = timedelta(days=500)
"""How long it is planned that somebody works at another facility, too."""


@dataclass(frozen=True, slots=True)
class Tenure:
    """The time someone holds a seat; on `until` they leave."""

    staff_id: UUID
    since: date
    until: date


class Seat:
    """A place in a department that one after the other holds."""

    def __init__(self, site: Site, ward: Ward, number: int, job: Job, leads: bool) -> None:
        self.site, self.ward, self.number, self.job, self.leads = site, ward, number, job, leads
        self._tenures: list[Tenure] = []
        self._dice = site.run.dice("seat", site.index, number)

    def tenure(self, number: int) -> Tenure:
        """The first, the second ... who holds the seat."""
        while len(self._tenures) <= number:
            self._tenures.append(self._next())
        return self._tenures[number]

    def holder_on(self, day: date) -> UUID | None:
        """Who holds the seat on a day, if anyone does; not yet on the day they are hired."""
        tenure = self.tenure_on(day)
        return None if tenure is None else tenure.staff_id

    def tenure_on(self, day: date) -> Tenure | None:
        """The tenure of whoever holds the seat on a day."""
        while not self._tenures or self._tenures[-1].until < day:
            self._tenures.append(self._next())
        for each in reversed(self._tenures):
            if each.since < day:
                return each if day < each.until else None
        return None

    def holds(self, staff_id: UUID, day: date) -> bool:
        """Whether somebody who was given the seat has not left before a day."""
        return any(each.staff_id == staff_id and day <= each.until for each in self._tenures)

    def _next(self) -> Tenure:
        dice, number = self._dice, len(self._tenures)
        staff_id = self.site.run.id("staff", self.site.index, self.number, number)
        if not self._tenures:
            today = self.site.run.first_day
            since = today - timedelta(days=dice.between(20, 340))
            return Tenure(staff_id, since, today + timedelta(days=dice.between(15, 3000)))
        since = self._tenures[-1].until + timedelta(days=dice.between(10, 60))
        while not self.site.works_on(since):
            since += DAY
        return Tenure(staff_id, since, since + timedelta(days=dice.between(60, 3000)))


def seats_of(site: Site) -> list[Seat]:
    """The seats of a facility. The first one of a department leads it."""
    seats: list[Seat] = []
    for ward in site.wards:
        for job, number in _JOBS[ward.title]:
            for _ in range(number if site.kind is not FacilityKind.PRACTICE else 1):
                leads = not seats or seats[-1].ward is not ward
                seats.append(Seat(site, ward, len(seats) + 1, job, leads))
    return seats


def life_of_a_seat(seat: Seat, elsewhere: Site | None) -> Story:
    """One is hired, works (some also `elsewhere`), leaves; after a while there is another."""
    site, run, number = seat.site, seat.site.run, 0
    dice = run.dice("tenures", site.index, seat.number)
    while True:
        tenure = seat.tenure(number)
        hired_on = max(tenure.since, run.first_day)
        yield (
            hired_on,
            RegisterStaffMember(
                staff_id=tenure.staff_id,
                facility_id=site.facility_id,
                full_name=_name(dice),
                job=seat.job.title,
                registered_on=tenure.since,
                specialty=seat.job.specialty,
                npi=npi(run, bearer(site, seat.number, number)) if seat.job.licensed else None,
            ),
        )
        shared = elsewhere is not None and number == 0 and seat.job.licensed and dice.chance(200)
        yield (
            hired_on,
            AssignStaffMember(
                staff_id=tenure.staff_id,
                facility_id=site.facility_id,
                department_id=seat.ward.department_id,
                share=60 if shared else dice.weighted([(100, 8), (80, 2), (50, 2)]),
                valid_from=tenure.since,
            ),
        )
        if shared and elsewhere is not None:
            yield (
                hired_on,
                AssignStaffMember(
                    staff_id=tenure.staff_id,
                    facility_id=elsewhere.facility_id,
                    share=40,
                    valid_from=tenure.since,
                    valid_to=hired_on + SHARED_FOR,
                ),
            )
        if seat.leads:
            yield (
                hired_on,
                AppointDepartmentHead(
                    department_id=seat.ward.department_id,
                    staff_id=tenure.staff_id,
                    appointed_on=hired_on,
                ),
            )
        further = _FURTHER.get(seat.job.specialty or "")
        promoted_on = hired_on + timedelta(days=dice.between(40, 1200))
        if further is not None and promoted_on < tenure.until and dice.chance(300):
            yield (
                promoted_on,
                ChangeSpecialty(
                    staff_id=tenure.staff_id, specialty=further, changed_on=promoted_on
                ),
            )
        yield (
            tenure.until,
            SeparateStaffMember(
                staff_id=tenure.staff_id,
                separated_on=tenure.until,
                reason=dice.weighted(_REASONS),
            ),
        )
        number += 1


def clinician_on(seats: Sequence[Seat], day: date, dice: Dice) -> Seat | None:
    """A seat of someone who sees patients, and is there that day; None where nobody is."""
    for _ in range(4):
        seat = dice.one_of(seats)
        if seat.holder_on(day) is not None:
            return seat
    return None


def patients_seats(seats: Sequence[Seat]) -> list[Seat]:
    """The seats of those who see patients, where patients come to be treated."""
    wards = (DepartmentKind.EMERGENCY, DepartmentKind.INPATIENT, DepartmentKind.OUTPATIENT)
    return [each for each in seats if each.job.sees_patients and each.ward.kind in wards]


def _name(dice: Dice) -> str:
    given = dice.one_of(_SYLLABLES) + dice.one_of(_SYLLABLES) + dice.one_of(_NAME_ENDINGS)
    surname = dice.one_of(_SYLLABLES) + dice.one_of(_SYLLABLES) + dice.one_of(_SURNAME_ENDINGS)
    return f"{given.capitalize()} {surname.capitalize()}"


def patient(run: Run, site: Site, dice: Dice) -> UUID:
    """One of the people who live around a facility; they come again."""
    around = 4_000 if site.kind is FacilityKind.HOSPITAL else 900
    return run.id("patient", site.index, dice.below(around))
