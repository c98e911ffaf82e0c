"""Synthea's organizations, providers and payers: the facilities, departments, staff and payers.

A file says less than a facility is opened with. What is added is guessed conservatively:

* the kind of a facility from words in its name (`FACILITY_KINDS`), of a payer from its name;
* the zone from the state (`zones`), the currency is USD;
* the day a facility, a department or a staff member began is the first day on which anything on
  file happened there, or through them; without one it is the day of the import. What is in the
  ledger already keeps the day it has.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from uuid import UUID
from zoneinfo import ZoneInfo

from domain.organization.department import Department, OpenDepartment, department
from domain.organization.events import Address, FacilityKind
from domain.organization.facility import Facility, OpenFacility, facility
from domain.revenue.events.payer import PayerKind
from domain.revenue.payer import RegisterPayer
from domain.workforce.assignment import AssignStaffMember
from domain.workforce.staff_member import RegisterStaffMember, StaffMember, staff_member
from facilities.exchange.parcels import Draft, Letter, Need, Place, Sender
from facilities.exchange.reading import Reading, place_of
from facilities.exchange.tables import Row
from facilities.exchange.tally import Load
from facilities.exchange.zones import ZONES

FACILITY_KINDS = (
    (re.compile(r"\bHOSPICE\b"), FacilityKind.HOSPICE),
    (re.compile(r"\bURGENT CARE\b"), FacilityKind.URGENT_CARE),
    (re.compile(r"\bHOSPITALS?\b"), FacilityKind.HOSPITAL),
    (re.compile(r"\bCLINICS?\b"), FacilityKind.CLINIC),
    (re.compile(r"\b(NURSING|REHAB|REHABILITATION)\b"), FacilityKind.NURSING_HOME),
)
"""Words in a facility's name that say what it is, in this order; without one it is a practice."""

PAYER_KINDS = {
    "MEDICARE": PayerKind.MEDICARE,
    "MEDICAID": PayerKind.MEDICAID,
    "DUAL ELIGIBLE": PayerKind.DUAL_ELIGIBLE,
    "NO_INSURANCE": PayerKind.SELF_PAY,
}
"""Payers whose name says what they are; the others are commercial."""

ORGANIZATION_COLUMNS = ("Id", "NAME", "ADDRESS", "CITY", "STATE", "ZIP", "PHONE")
PROVIDER_COLUMNS = ("Id", "ORGANIZATION", "NAME", "SPECIALITY")
PAYER_COLUMNS = ("Id", "NAME", "PHONE")
PRIVATE = frozenset({"NAME", "ADDRESS", "CITY", "ZIP", "PHONE"})
"""What is personal where the row is a person's."""

_FACILITY_FIELDS = {
    "id": "Id",
    "legal_name": "NAME",
    "lines": "ADDRESS",
    "city": "CITY",
    "region": "STATE",
    "postal_code": "ZIP",
    "phone": "PHONE",
}
_STAFF_FIELDS = {
    "id": "Id",
    "full_name": "NAME",
    "specialty": "SPECIALITY",
    "facility_id": "ORGANIZATION",
}
_PAYER_FIELDS = {"id": "Id", "legal_name": "NAME", "phone": "PHONE"}


@dataclass(frozen=True, slots=True)
class Organization:
    """A row of organizations.csv."""

    id: str
    place: Place
    name: str
    address: Address
    zone: str
    phone: str | None


@dataclass(frozen=True, slots=True)
class Provider:
    """A row of providers.csv."""

    id: str
    place: Place
    organization: str
    name: str
    specialty: str | None


@dataclass(frozen=True, slots=True)
class Insurer:
    """A row of payers.csv."""

    id: str
    place: Place
    name: str
    kind: PayerKind
    phone: str | None


def facility_kind(name: str) -> FacilityKind:
    """What a facility of this name does, as far as the name says."""
    capitals = name.upper()
    for word, kind in FACILITY_KINDS:
        if word.search(capitals):
            return kind
    return FacilityKind.PRACTICE


# --- reading -----------------------------------------------------------------------------------


def read_organization(row: Row) -> Organization:
    state = row.required("STATE").upper()
    if state not in ZONES:
        raise row.bad("STATE", "must be the two letters of a US state or territory")
    street = row.text("ADDRESS")
    return Organization(
        id=row.uuid("Id"),
        place=place_of(row, _FACILITY_FIELDS),
        name=row.required("NAME"),
        address=Address(
            lines=(street,) if street else (),
            city=row.text("CITY"),
            region=state,
            postal_code=row.text("ZIP"),
        ),
        zone=ZONES[state],
        phone=row.text("PHONE") or None,
    )


def read_provider(row: Row, reading: Reading) -> Provider:
    return Provider(
        id=row.uuid("Id"),
        place=place_of(row, _STAFF_FIELDS, PRIVATE),
        organization=reading.reference(row, "ORGANIZATION", "organization"),
        name=row.required("NAME"),
        specialty=row.text("SPECIALITY") or None,
    )


def read_payer(row: Row) -> Insurer:
    name = row.required("NAME")
    return Insurer(
        id=row.uuid("Id"),
        place=place_of(row, _PAYER_FIELDS),
        name=name,
        kind=PAYER_KINDS.get(name.upper(), PayerKind.COMMERCIAL),
        phone=row.text("PHONE") or None,
    )


# --- what they come to -------------------------------------------------------------------------


class Places:
    """Drafts of what care is given in, by and paid by; knows when each of them began."""

    def __init__(
        self,
        organizations: Iterable[Organization],
        first_days: Mapping[tuple[str, str], date],
        sender: Sender,
        load: Load,
        now: datetime,
    ) -> None:
        self._organizations = {each.id: each for each in organizations}
        self._first_days, self._sender, self._load, self._now = first_days, sender, load, now
        self._opened: dict[str, date] = {}

    def facilities(self) -> list[Draft]:
        streams = {each: self._sender.stream("organization", each) for each in self._organizations}
        known = self._load(streams.values())
        drafts = []
        for each in self._organizations.values():
            opened_on = self._began(("organization", each.id), ZoneInfo(each.zone))
            if stored := known.get(streams[each.id]):
                state: Facility = facility.fold(one.fact for one in stored)
                opened_on = state.opened_on
            self._opened[each.id] = opened_on
            write = partial(self._facility, each, streams[each.id], opened_on)
            thing = ("organization", each.id)
            drafts.append(Draft(thing, streams[each.id], each.place, write))
        return drafts

    def _facility(self, it: Organization, stream_id: UUID, opened_on: date) -> list[Letter]:
        command = OpenFacility(
            facility_id=stream_id,
            legal_name=it.name,
            kind=facility_kind(it.name),
            address=it.address,
            zone=it.zone,
            phone=it.phone,
            opened_on=opened_on,
        )
        return [self._sender.letter(command, "facility", it.id, it.place)]

    def departments(self, named: Mapping[tuple[str, str], Place]) -> list[Draft]:
        """Drafts of departments: (organization, their number) and where each was named first."""
        streams = {each: self._sender.stream("department", *each) for each in named}
        known = self._load(streams.values())
        drafts = []
        for (organization, code), place in named.items():
            stream_id, thing = streams[organization, code], ("department", f"{organization}/{code}")
            opened_on = self._first_days.get(thing) or self._opened.get(organization)
            if stored := known.get(stream_id):
                state: Department = department.fold(one.fact for one in stored)
                opened_on = state.opened_on
            write = partial(self._department, stream_id, organization, code, opened_on, place)
            needs = (Need(("organization", organization), place, "DEPARTMENTID"),)
            drafts.append(Draft(thing, stream_id, place, write, needs))
        return drafts

    def _department(
        self, stream_id: UUID, organization: str, code: str, opened_on: date | None, place: Place
    ) -> list[Letter]:
        assert opened_on is not None
        command = OpenDepartment(
            department_id=stream_id,
            facility_id=self._sender.stream("organization", organization),
            code=code,
            title=f"Department {code}",
            opened_on=opened_on,
        )
        return [self._sender.letter(command, "department", f"{organization}/{code}", place)]

    def staff(self, providers: Iterable[Provider]) -> list[Draft]:
        streams = {each.id: self._sender.stream("provider", each.id) for each in providers}
        known = self._load(streams.values())
        drafts = []
        for each in providers:
            thing, stream_id = ("provider", each.id), streams[each.id]
            stored = known.get(stream_id)
            state: StaffMember | None = (
                staff_member.fold(one.fact for one in stored) if stored else None
            )
            write = partial(self._staff_member, each, stream_id, state)
            needs = (Need(("organization", each.organization), each.place, "ORGANIZATION"),)
            drafts.append(Draft(thing, stream_id, each.place, write, needs))
        return drafts

    def _staff_member(
        self, it: Provider, stream_id: UUID, state: StaffMember | None
    ) -> list[Letter]:
        home = self._sender.stream("organization", it.organization)
        opened_on = self._opened[it.organization]
        registered_on = max(self._first_days.get(("provider", it.id), opened_on), opened_on)
        if state is not None:
            registered_on = state.registered_on
        register = RegisterStaffMember(
            staff_id=stream_id,
            facility_id=home,
            full_name=it.name,
            job="clinician",
            specialty=it.specialty,
            registered_on=registered_on,
        )
        assign = AssignStaffMember(staff_id=stream_id, facility_id=home, valid_from=registered_on)
        return [
            self._sender.letter(register, "staff member", it.id, it.place),
            self._sender.letter(assign, "assignment", it.id, it.place),
        ]

    def payers(self, payers: Iterable[Insurer]) -> list[Draft]:
        drafts = []
        for each in payers:
            stream_id = self._sender.stream("payer", each.id)
            write: Callable[[], list[Letter]] = partial(self._payer, each, stream_id)
            drafts.append(Draft(("payer", each.id), stream_id, each.place, write))
        return drafts

    def _payer(self, it: Insurer, stream_id: UUID) -> list[Letter]:
        command = RegisterPayer(
            payer_id=stream_id, legal_name=it.name, kind=it.kind, phone=it.phone
        )
        return [self._sender.letter(command, "payer", it.id, it.place)]

    def _began(self, thing: tuple[str, str], zone: ZoneInfo) -> date:
        return self._first_days.get(thing) or self._now.astimezone(zone).date()
