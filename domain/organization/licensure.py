"""What a facility is known by and licensed for: identifiers and licences, each for periods.

An identifier or a licence is **recorded** for a period, again for a later one where it is renewed,
and **ended** before its time. What one facility alone may hold is reserved while it holds it.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from domain import identifiers, rules
from domain.identifiers import IdentifierKind
from domain.kernel import Circumstances, Command, Decision, Release, Reserve, command
from domain.organization.events import (
    FacilityIdentified,
    FacilityIdentifierEnded,
    FacilityLicensed,
    FacilityLicenseEnded,
)
from domain.organization.facility import (
    Facility,
    facility,
    identifier_term,
    license_term,
    not_closed,
)
from domain.organization.term import already_ended, already_so, ended, held

HELD_ALONE = frozenset({IdentifierKind.NPI, IdentifierKind.CCN, IdentifierKind.CLIA})
"""What one facility alone may hold. A TIN is its corporation's, a DEA number its practitioner's."""


# --- commands ----------------------------------------------------------------------------------


@command("facility_id")
class IdentifyFacility(Command):
    """Record an identifier that stands for a facility in a period."""

    facility_id: UUID
    kind: IdentifierKind
    value: str
    valid_from: date
    valid_to: date | None = None


@command("facility_id")
class EndFacilityIdentifier(Command):
    """End an identifier; `ended_on` is the last day it stands for the facility."""

    facility_id: UUID
    kind: IdentifierKind
    value: str
    ended_on: date


@command("facility_id")
class LicenseFacility(Command):
    """Record a licence, or its renewal for a later period."""

    facility_id: UUID
    license_kind: str
    number: str
    issuer: str
    valid_from: date
    valid_to: date | None = None


@command("facility_id")
class EndFacilityLicense(Command):
    """End a licence before its time; `ended_on` is its last day."""

    facility_id: UUID
    issuer: str
    number: str
    ended_on: date
    reason: str


# --- decisions ---------------------------------------------------------------------------------


@facility.decides
def identify(state: Facility, command: IdentifyFacility, at: Circumstances) -> Decision:
    not_closed(state)
    kind, value = command.kind, command.value
    if not identifiers.valid(kind, value):
        rule = f"must be {identifiers.RULES[kind]}"
        raise rules.refusal("facility.identifier", "value", value, rule)
    identified = FacilityIdentified(
        facility_id=command.facility_id,
        kind=kind,
        value=value,
        valid_from=command.valid_from,
        valid_to=command.valid_to,
    )
    term = identifier_term(identified)
    if already_so(state.identifiers, term, "facility.identifier_known", at):
        return
    if kind in HELD_ALONE and held(state.identifiers, term.key) is None:
        yield Reserve(kind, value, "facility.identifier_in_use")
    yield identified


@facility.decides
def end_identifier(state: Facility, command: EndFacilityIdentifier, at: Circumstances) -> Decision:
    key = (command.kind, command.value)
    unknown = "facility.identifier_unknown"
    if already_ended(state.identifiers, key, command.ended_on, unknown, at):
        return
    yield FacilityIdentifierEnded(
        facility_id=command.facility_id,
        kind=command.kind,
        value=command.value,
        ended_on=command.ended_on,
    )
    left = ended(state.identifiers, key, command.ended_on)
    if command.kind in HELD_ALONE and held(left, key) is None:
        yield Release(command.kind, command.value)


@facility.decides
def license_facility(state: Facility, command: LicenseFacility, at: Circumstances) -> Decision:
    not_closed(state)
    licensed = FacilityLicensed(
        facility_id=command.facility_id,
        license_kind=rules.text("facility", "license_kind", command.license_kind),
        number=rules.text("facility", "number", command.number, longest=80),
        issuer=rules.text("facility", "issuer", command.issuer),
        valid_from=command.valid_from,
        valid_to=command.valid_to,
    )
    term = license_term(licensed)
    if already_so(state.licenses, term, "facility.license_known", at):
        return
    if held(state.licenses, term.key) is None:
        yield Reserve("license", "/".join(term.key), "facility.license_in_use")
    yield licensed


@facility.decides
def end_license(state: Facility, command: EndFacilityLicense, at: Circumstances) -> Decision:
    key = (command.issuer.strip(), command.number.strip())
    if already_ended(state.licenses, key, command.ended_on, "facility.license_unknown", at):
        return
    yield FacilityLicenseEnded(
        facility_id=command.facility_id,
        issuer=key[0],
        number=key[1],
        ended_on=command.ended_on,
        reason=rules.text("facility", "reason", command.reason),
    )
    if held(ended(state.licenses, key, command.ended_on), key) is None:
        yield Release("license", "/".join(key))
