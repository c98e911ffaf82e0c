"""A facility: one place of the health system where people work, or a warehouse, or an office.

Its life: it is **opened** with a name, an address, a zone and a currency; it is **identified** and
**licensed** for periods, which may be **ended** before their time; it may be **renamed** and
**relocated**, **suspended** for a while, **closed**, and **reopened**. While it is suspended or
closed it takes no new work; while it is closed nothing about it changes, except that identifiers
and licences end (`domain.organization.licensure`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from functools import cache
from typing import assert_never
from uuid import UUID
from zoneinfo import available_timezones

from domain import rules
from domain.kernel import (
    Aggregate,
    Circumstances,
    Command,
    Decision,
    Refused,
    Standing,
    command,
)
from domain.money import CURRENCIES
from domain.organization.events import (
    Address,
    FacilityClosed,
    FacilityFact,
    FacilityIdentified,
    FacilityIdentifierEnded,
    FacilityKind,
    FacilityLicensed,
    FacilityLicenseEnded,
    FacilityOpened,
    FacilityRelocated,
    FacilityRenamed,
    FacilityReopened,
    FacilitySuspended,
)
from domain.organization.term import Term, Terms, ended

NO_ADDRESS = Address()
MOST_ADDRESS_LINES = 5
NOT_ZONES = frozenset({"Factory", "localtime"})
"""Names a zone database holds that say nothing about where a place is."""

# --- state -------------------------------------------------------------------------------------


class FacilityStatus(StrEnum):
    """Whether a facility takes new work."""

    ABSENT = "absent"
    OPEN = "open"
    SUSPENDED = "suspended"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facility:
    """What a facility has become. `since` is the day its status last changed."""

    facility_id: UUID | None = None
    status: FacilityStatus = FacilityStatus.ABSENT
    legal_name: str = ""
    address: Address = NO_ADDRESS
    zone: str = "UTC"
    currency: str = ""
    opened_on: date = rules.EARLIEST
    since: date = rules.EARLIEST
    identifiers: Terms = ()
    licenses: Terms = ()

    def evolve(self, fact: FacilityFact) -> Facility:
        match fact:
            case FacilityOpened():
                return replace(
                    self,
                    facility_id=fact.facility_id,
                    status=FacilityStatus.OPEN,
                    legal_name=fact.legal_name,
                    address=fact.address,
                    zone=fact.zone,
                    currency=fact.currency,
                    opened_on=fact.opened_on,
                    since=fact.opened_on,
                )
            case FacilityRenamed():
                return replace(self, legal_name=fact.legal_name)
            case FacilityRelocated():
                return replace(self, address=fact.address, zone=fact.zone)
            case FacilityIdentified():
                return replace(self, identifiers=(*self.identifiers, identifier_term(fact)))
            case FacilityIdentifierEnded():
                terms = ended(self.identifiers, (fact.kind, fact.value), fact.ended_on)
                return replace(self, identifiers=terms)
            case FacilityLicensed():
                return replace(self, licenses=(*self.licenses, license_term(fact)))
            case FacilityLicenseEnded():
                terms = ended(self.licenses, (fact.issuer, fact.number), fact.ended_on)
                return replace(self, licenses=terms)
            case FacilitySuspended():
                return replace(self, status=FacilityStatus.SUSPENDED, since=fact.suspended_on)
            case FacilityReopened():
                return replace(self, status=FacilityStatus.OPEN, since=fact.reopened_on)
            case FacilityClosed():
                return replace(self, status=FacilityStatus.CLOSED, since=fact.closed_on)
            case _:
                assert_never(fact)


def identifier_term(of: FacilityIdentified) -> Term:
    """The period in which an identifier stands for a facility."""
    return Term(
        key=(of.kind, of.value), kind=of.kind, valid_from=of.valid_from, valid_to=of.valid_to
    )


def license_term(of: FacilityLicensed) -> Term:
    """The period of a licence."""
    return Term(
        key=(of.issuer, of.number),
        kind=of.license_kind,
        valid_from=of.valid_from,
        valid_to=of.valid_to,
    )


def _standing(state: Facility, facility_id: UUID) -> Standing:
    return Standing(
        kind="facility",
        id=facility_id,
        open=state.status is FacilityStatus.OPEN,
        status=state.status,
        facility_id=facility_id,
        currency=state.currency,
        zone=state.zone,
    )


facility = Aggregate("facility", Facility(), standing=_standing, referred_to_as=("facility_id",))


# --- commands ----------------------------------------------------------------------------------


@command("facility_id", creates=True)
class OpenFacility(Command):
    """Open a facility. `zone` is an IANA zone, `currency` an ISO 4217 code."""

    facility_id: UUID
    legal_name: str
    kind: FacilityKind
    zone: str
    opened_on: date
    address: Address = NO_ADDRESS
    currency: str = "USD"
    fiscal_year_start: int = 1
    phone: str | None = None


@command("facility_id")
class RenameFacility(Command):
    """Give a facility another legal name."""

    facility_id: UUID
    legal_name: str
    renamed_on: date


@command("facility_id")
class RelocateFacility(Command):
    """Move a facility, into another zone perhaps."""

    facility_id: UUID
    address: Address
    zone: str
    relocated_on: date


@command("facility_id")
class SuspendFacility(Command):
    """Take no new work until the facility is reopened."""

    facility_id: UUID
    suspended_on: date
    reason: str


@command("facility_id")
class ReopenFacility(Command):
    """Let a suspended or closed facility work again."""

    facility_id: UUID
    reopened_on: date
    reason: str


@command("facility_id")
class CloseFacility(Command):
    """Stop a facility's work."""

    facility_id: UUID
    closed_on: date
    reason: str


# --- decisions ---------------------------------------------------------------------------------


@facility.decides
def open_facility(state: Facility, command: OpenFacility, at: Circumstances) -> Decision:
    if state.status is not FacilityStatus.ABSENT:
        raise Refused("facility.already_opened", "This facility exists.")
    if command.currency not in CURRENCIES:
        rule = "must be an ISO 4217 code"
        raise rules.refusal("facility.currency", "currency", command.currency, rule)
    if not 1 <= command.fiscal_year_start <= 12:
        named, rule = "fiscal_year_start", "must be a month from 1 to 12"
        raise rules.refusal(f"facility.{named}", named, command.fiscal_year_start, rule)
    rules.happened("facility", "opened_on", command.opened_on, at)
    yield FacilityOpened(
        facility_id=command.facility_id,
        legal_name=rules.text("facility", "legal_name", command.legal_name),
        kind=command.kind,
        address=_address(command.address),
        zone=_zone(command.zone),
        currency=command.currency,
        fiscal_year_start=command.fiscal_year_start,
        phone=rules.optional("facility", "phone", command.phone, longest=40),
        opened_on=command.opened_on,
    )


@facility.decides
def rename(state: Facility, command: RenameFacility, at: Circumstances) -> Decision:
    not_closed(state)
    _since_opening(state, "renamed_on", command.renamed_on, at)
    legal_name = rules.text("facility", "legal_name", command.legal_name)
    if legal_name != state.legal_name:
        yield FacilityRenamed(
            facility_id=command.facility_id, legal_name=legal_name, renamed_on=command.renamed_on
        )


@facility.decides
def relocate(state: Facility, command: RelocateFacility, at: Circumstances) -> Decision:
    not_closed(state)
    _since_opening(state, "relocated_on", command.relocated_on, at)
    address, zone = _address(command.address), _zone(command.zone)
    if (address, zone) != (state.address, state.zone):
        yield FacilityRelocated(
            facility_id=command.facility_id,
            address=address,
            zone=zone,
            relocated_on=command.relocated_on,
        )


@facility.decides
def suspend(state: Facility, command: SuspendFacility, at: Circumstances) -> Decision:
    not_closed(state)
    if state.status is FacilityStatus.SUSPENDED:
        return
    _since_last_change(state, "suspended_on", command.suspended_on, at)
    yield FacilitySuspended(
        facility_id=command.facility_id,
        suspended_on=command.suspended_on,
        reason=rules.text("facility", "reason", command.reason),
    )


@facility.decides
def reopen(state: Facility, command: ReopenFacility, at: Circumstances) -> Decision:
    if state.status is FacilityStatus.OPEN:
        return
    _since_last_change(state, "reopened_on", command.reopened_on, at)
    yield FacilityReopened(
        facility_id=command.facility_id,
        reopened_on=command.reopened_on,
        reason=rules.text("facility", "reason", command.reason),
    )


@facility.decides
def close(state: Facility, command: CloseFacility, at: Circumstances) -> Decision:
    if state.status is FacilityStatus.CLOSED:
        return
    _since_last_change(state, "closed_on", command.closed_on, at)
    yield FacilityClosed(
        facility_id=command.facility_id,
        closed_on=command.closed_on,
        reason=rules.text("facility", "reason", command.reason),
    )


# --- rules -------------------------------------------------------------------------------------


def not_closed(state: Facility) -> None:
    """Refuses with ``facility.closed`` what is not done while a facility is closed."""
    if state.status is FacilityStatus.CLOSED:
        raise Refused("facility.closed", "The facility is closed; reopen it first.")


def _since_opening(state: Facility, named: str, when: date, at: Circumstances) -> None:
    rules.happened("facility", named, when, at)
    rules.in_order("facility", "opened_on", state.opened_on, named, when)


def _since_last_change(state: Facility, named: str, when: date, at: Circumstances) -> None:
    rules.happened("facility", named, when, at)
    rules.in_order("facility", f"the day it was last {state.status}", state.since, named, when)


def _address(address: Address) -> Address:
    rules.at_most("facility", "address_lines", address.lines, MOST_ADDRESS_LINES)
    return Address(
        lines=tuple(rules.text("facility", "lines", each, longest=100) for each in address.lines),
        city=_part("city", address.city),
        region=_part("region", address.region),
        postal_code=_part("postal_code", address.postal_code),
        country=rules.shaped(
            "facility", "country", address.country, "[A-Z]{2}", "two capitals (ISO 3166-1 alpha-2)"
        ),
    )


def _part(named: str, value: str) -> str:
    return rules.text("facility", named, value, longest=100, empty_allowed=True)


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones()) - NOT_ZONES


def _zone(zone: str) -> str:
    if zone not in _zones():
        raise rules.refusal("facility.zone", "zone", zone, "must be an IANA time zone")
    return zone
