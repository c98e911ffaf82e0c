"""Facilities that never were: towns of invented words, kinds in proportion, departments in each.

Numbers have the shape and the check digit of real ones. NPIs begin with 2, which the enumerator has
not begun to issue; CCNs begin with 9 and licences with SIM.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from uuid import UUID

from domain import rules
from domain.identifiers import IdentifierKind, valid
from domain.organization.department import OpenDepartment
from domain.organization.events import Address, DepartmentKind, FacilityKind
from domain.organization.facility import (
    CloseFacility,
    OpenFacility,
    ReopenFacility,
    SuspendFacility,
)
from domain.organization.licensure import IdentifyFacility, LicenseFacility
from facilities.simulation.run import DAY, Run, Story

# State, zone and the first three digits of a postal code there.
_REGIONS = (
    ("NY", "America/New_York", "122"), ("IL", "America/Chicago", "617"),
    ("CO", "America/Denver", "803"), ("CA", "America/Los_Angeles", "936"),
    ("GA", "America/New_York", "310"), ("TX", "America/Chicago", "767"),
    ("AZ", "America/Phoenix", "853"), ("WA", "America/Los_Angeles", "988"),
    ("OH", "America/New_York", "433"), ("MN", "America/Chicago", "562"),
    ("MI", "America/Detroit", "498"), ("HI", "Pacific/Honolulu", "967"),
)  # fmt: skip

_TOWN_BEGINNINGS = (
    "Quil", "Tam", "Orl", "Ver", "Bran", "Sel", "Mir", "Dav", "Fen", "Hol", "Kes", "Lor", "Nim",
    "Pel", "Rov", "Ser", "Thal", "Umb", "Wen", "Yar", "Zel", "Cor", "Dun", "Esk",
)  # fmt: skip
_TOWN_ENDINGS = (
    "mere", "wick", "ford", "stead", "holm", "brook", "dale", "haven", "crest", "field", "moor",
    "gate", "burn", "ley", "combe", "shaw",
)  # fmt: skip
_STREETS = ("Lantern", "Orchard", "Quarry", "Foundry", "Harbor", "Meadow", "Juniper", "Chapel")

_KINDS = (
    FacilityKind.HOSPITAL, FacilityKind.CLINIC, FacilityKind.PRACTICE, FacilityKind.URGENT_CARE,
    FacilityKind.CLINIC, FacilityKind.NURSING_HOME, FacilityKind.PRACTICE, FacilityKind.CLINIC,
    FacilityKind.OFFICE, FacilityKind.PRACTICE,
)  # fmt: skip
"""Ten facilities at a time: one hospital to six clinics and practices, and one each of the rest."""

_CALLED = {
    FacilityKind.HOSPITAL: ("Regional Hospital", "Memorial Hospital", "General Hospital"),
    FacilityKind.CLINIC: ("Community Clinic", "Family Clinic", "Health Center"),
    FacilityKind.PRACTICE: ("Medical Associates", "Family Practice", "Physicians"),
    FacilityKind.URGENT_CARE: ("Urgent Care", "Walk-In Care"),
    FacilityKind.NURSING_HOME: ("Nursing Home", "Care Center"),
    FacilityKind.OFFICE: ("Service Center", "Business Office"),
}

_INPATIENT, _OUTPATIENT = DepartmentKind.INPATIENT, DepartmentKind.OUTPATIENT
_EMERGENCY, _ANCILLARY = DepartmentKind.EMERGENCY, DepartmentKind.ANCILLARY
_SUPPORT, _ADMINISTRATION = DepartmentKind.SUPPORT, DepartmentKind.ADMINISTRATION

_DEPARTMENTS = {
    FacilityKind.HOSPITAL: (
        ("100", "Emergency", _EMERGENCY), ("210", "Medicine", _INPATIENT),
        ("220", "Surgery", _INPATIENT), ("230", "Maternity", _INPATIENT),
        ("310", "Cardiology", _OUTPATIENT), ("320", "Orthopedics", _OUTPATIENT),
        ("410", "Radiology", _ANCILLARY), ("420", "Laboratory", _ANCILLARY),
        ("510", "Pharmacy", _SUPPORT), ("900", "Administration", _ADMINISTRATION),
    ),
    FacilityKind.CLINIC: (
        ("10", "Primary care", _OUTPATIENT), ("20", "Laboratory", _ANCILLARY),
        ("90", "Front office", _ADMINISTRATION),
    ),
    FacilityKind.PRACTICE: (
        ("10", "Primary care", _OUTPATIENT), ("90", "Front office", _ADMINISTRATION),
    ),
    FacilityKind.URGENT_CARE: (
        ("10", "Urgent care", _EMERGENCY), ("20", "Radiology", _ANCILLARY),
    ),
    FacilityKind.NURSING_HOME: (
        ("10", "Skilled nursing", _INPATIENT), ("20", "Rehabilitation", _OUTPATIENT),
        ("80", "Kitchen and house", _SUPPORT),
    ),
    FacilityKind.OFFICE: (
        ("10", "Billing", _ADMINISTRATION), ("20", "Purchasing", _ADMINISTRATION),
    ),
}  # fmt: skip

_FLOODS = ("water damage", "power failure", "inspection", "storm")


@dataclass(frozen=True, slots=True)
class Pause:
    """A facility takes no new work from the first of these days to the last."""

    first: date
    last: date
    closed: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Ward:
    """A department of a simulated facility."""

    department_id: UUID
    code: str
    title: str
    kind: DepartmentKind


class Site:
    """A simulated facility: what it is, and when it works."""

    def __init__(self, run: Run, index: int) -> None:
        self.run, self.index = run, index
        self.kind = _KINDS[index % len(_KINDS)]
        self.facility_id = run.id("facility", index)
        self.wards = tuple(
            Ward(run.id("department", index, code), code, title, kind)
            for code, title, kind in _DEPARTMENTS[self.kind]
        )
        self._pauses: list[Pause] = []
        self._pause_dice = run.dice("pauses", index)

    @cached_property
    def town(self) -> str:
        """Its town; no two facilities of a simulation share one until all words are used."""
        places = len(_TOWN_BEGINNINGS) * len(_TOWN_ENDINGS)
        around, place = divmod(self.index, places)
        # 149 has no divisor in common with the number of towns, so that every one is met once.
        place = (self.run.dice("towns").below(places) + place * 149) % places
        beginning, ending = divmod(place, len(_TOWN_ENDINGS))
        compass = ("", "North ", "South ", "East ", "West ")[around % 5]
        return f"{compass}{_TOWN_BEGINNINGS[beginning]}{_TOWN_ENDINGS[ending]}"

    @property
    def zone(self) -> str:
        return self.region[1]

    @cached_property
    def region(self) -> tuple[str, str, str]:
        """Its state, its zone, and how the postal codes begin there."""
        return _REGIONS[(self.run.dice("regions").below(12) + self.index * 5) % 12]

    def pause_at(self, day: date) -> Pause | None:
        """The pause a day is within. Asked for days in about their order."""
        while not self._pauses or self._pauses[-1].last < day + 40 * DAY:
            self._pauses.append(self._next_pause())
        for each in reversed(self._pauses):
            if each.first <= day:
                return each if day <= each.last else None
        return None

    def works_on(self, day: date) -> bool:
        return self.pause_at(day) is None

    def _next_pause(self) -> Pause:
        dice = self._pause_dice
        after = self._pauses[-1].last if self._pauses else self.run.first_day
        first = after + timedelta(days=dice.between(30, 1500))
        if self.kind is not FacilityKind.HOSPITAL and dice.chance(200):
            return Pause(first, first + timedelta(days=dice.between(30, 90)), True, "renovation")
        last = first + timedelta(days=dice.between(1, 9))
        return Pause(first, last, False, dice.one_of(_FLOODS))


def life_of_a_facility(site: Site) -> Story:
    """It is opened, identified and licensed; pauses now and then; renews its licence each year."""
    run, today = site.run, site.run.first_day
    dice = run.dice("facility", site.index)
    region, zone, postal = site.region
    opened_on = max(rules.EARLIEST, today - timedelta(days=dice.between(400, 12_000)))
    legal_name = f"{site.town} {dice.one_of(_CALLED[site.kind])}"
    yield (
        today,
        OpenFacility(
            facility_id=site.facility_id,
            legal_name=legal_name,
            kind=site.kind,
            zone=zone,
            opened_on=opened_on,
            address=Address(
                lines=(f"{dice.between(1, 980)} {dice.one_of(_STREETS)} Street",),
                city=site.town,
                region=region,
                postal_code=f"{postal}{dice.below(100):02}",
            ),
            # Most corporations keep the calendar year; hospitals often one from July or October.
            fiscal_year_start=dice.weighted([(1, 6), (7, 3), (10, 1)]),
            phone=f"+1-{dice.between(210, 989)}-555-01{dice.below(100):02}",
        ),
    )
    numbers = (
        [] if site.kind is FacilityKind.OFFICE else [(IdentifierKind.NPI, npi(run, bearer(site)))]
    )
    if site.kind in (FacilityKind.HOSPITAL, FacilityKind.NURSING_HOME):
        numbers.append((IdentifierKind.CCN, _ccn(run, site)))
    for kind, value in numbers:
        yield (
            today,
            IdentifyFacility(
                facility_id=site.facility_id, kind=kind, value=value, valid_from=opened_on
            ),
        )
    licensed_until = today.year - 1
    while True:
        pause = site.pause_at(today)
        if pause is None:
            if today.year > licensed_until and site.kind is not FacilityKind.OFFICE:
                licensed_until = today.year
                yield today, _license(site, region, licensed_until)
        elif today == pause.first:
            reason = pause.reason
            yield (
                (today, CloseFacility(facility_id=site.facility_id, closed_on=today, reason=reason))
                if pause.closed
                else (
                    today,
                    SuspendFacility(
                        facility_id=site.facility_id, suspended_on=today, reason=reason
                    ),
                )
            )
        elif today == pause.last:
            yield (
                today,
                ReopenFacility(
                    facility_id=site.facility_id, reopened_on=today, reason=f"{pause.reason}: over"
                ),
            )
        today += DAY


def _license(site: Site, region: str, year: int) -> LicenseFacility:
    return LicenseFacility(
        facility_id=site.facility_id,
        license_kind=site.kind,
        number=f"SIM-{site.run.id('licence', site.index).hex[:10].upper()}",
        issuer=f"Department of Health, {region}",
        valid_from=date(year, 1, 1),
        valid_to=date(year, 12, 31),
    )


def life_of_a_department(site: Site, ward: Ward) -> Story:
    """It is opened, and stays."""
    today = site.run.first_day
    yield (
        today,
        OpenDepartment(
            department_id=ward.department_id,
            facility_id=site.facility_id,
            code=ward.code,
            title=ward.title,
            opened_on=today - timedelta(days=350),
            kind=ward.kind,
            service_line=ward.title if ward.kind in (_INPATIENT, _OUTPATIENT) else None,
            cost_center=f"{1000 + int(ward.code)}",
        ),
    )


def npi(run: Run, bearer: int) -> str:
    """The National Provider Identifier of a bearer, with its check digit (45 CFR 162.406).

    No two bearers below a hundred million have the same: the factor has no divisor in common with
    that number.
    """
    number = (run.dice("npi").below(10**8) + bearer * 61_803_399) % 10**8
    nine = f"2{number:08}"
    return next(nine + digit for digit in "0123456789" if valid(IdentifierKind.NPI, nine + digit))


def bearer(site: Site, seat: int = 0, tenure: int = 0) -> int:
    """A number for a facility, or for who holds a seat there, that nobody else has."""
    return site.index * 10_000 + seat * 50 + tenure


def _ccn(run: Run, site: Site) -> str:
    number, digits = (run.dice("ccn").below(36**5) + site.index * 61_803_397) % 36**5, ""
    for _ in range(5):
        number, digit = divmod(number, 36)
        digits += "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[digit]
    return f"9{digits}"
