"""What the organization looks at: the directory of facilities, and each facility's departments."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from domain.identifiers import IdentifierKind
from domain.kernel import Recorded
from domain.organization.events import (
    Address,
    DepartmentClosed,
    DepartmentHeadAppointed,
    DepartmentKind,
    DepartmentMerged,
    DepartmentOpened,
    FacilityClosed,
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
from projections.kernel import ReadModel
from projections.rows import replace

# --- facilities --------------------------------------------------------------------------------


class FacilityStatus(StrEnum):
    """Whether a facility takes new work."""

    OPEN = "open"
    SUSPENDED = "suspended"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Identifier:
    """An identifier nobody has ended, and its period (both days included)."""

    kind: IdentifierKind
    value: str
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class License:
    """A licence nobody has ended, and its period (both days included)."""

    kind: str
    number: str
    issuer: str
    valid_from: date
    valid_to: date | None


T = TypeVar("T", Identifier, License)


@dataclass(frozen=True, slots=True, kw_only=True)
class FacilityEntry:
    """A facility in the directory.

    Of each kind of identifier the current one has a column of its own: the one whose period began
    last, among those nobody has ended. A period that ran out ends nothing by itself.
    `status_since` and `status_reason` tell when and why the status last changed.
    """

    facility_id: UUID
    legal_name: str
    kind: FacilityKind
    status: FacilityStatus
    status_since: date
    status_reason: str | None
    address_lines: tuple[str, ...]
    city: str
    region: str
    postal_code: str
    country: str
    zone: str
    currency: str
    fiscal_year_start: int
    phone: str | None
    npi: str | None
    ccn: str | None
    clia: str | None
    tin: str | None
    identifiers: tuple[Identifier, ...]
    licenses: tuple[License, ...]
    opened_on: date


facility_directory = ReadModel(
    "facility_directory",
    row=FacilityEntry,
    key="facility_id",
    order="legal_name",
    local=True,
    desk="everyone: which facilities there are, where they are, and whether they take new work",
)


@facility_directory.on(FacilityOpened)
def facility_opened(
    row: FacilityEntry | None,  # noqa: ARG001 - nothing was there before
    event: Recorded[FacilityOpened],
) -> FacilityEntry | None:
    fact = event.fact
    return FacilityEntry(
        facility_id=fact.facility_id,
        legal_name=fact.legal_name,
        kind=fact.kind,
        status=FacilityStatus.OPEN,
        status_since=fact.opened_on,
        status_reason=None,
        address_lines=fact.address.lines,
        city=fact.address.city,
        region=fact.address.region,
        postal_code=fact.address.postal_code,
        country=fact.address.country,
        zone=fact.zone,
        currency=fact.currency,
        fiscal_year_start=fact.fiscal_year_start,
        phone=fact.phone,
        npi=None,
        ccn=None,
        clia=None,
        tin=None,
        identifiers=(),
        licenses=(),
        opened_on=fact.opened_on,
    )


@facility_directory.on(FacilityRenamed)
def facility_renamed(
    row: FacilityEntry | None, event: Recorded[FacilityRenamed]
) -> FacilityEntry | None:
    return row and replace(row, legal_name=event.fact.legal_name)


@facility_directory.on(FacilityRelocated)
def facility_relocated(
    row: FacilityEntry | None, event: Recorded[FacilityRelocated]
) -> FacilityEntry | None:
    address: Address = event.fact.address
    return row and replace(
        row,
        address_lines=address.lines,
        city=address.city,
        region=address.region,
        postal_code=address.postal_code,
        country=address.country,
        zone=event.fact.zone,
    )


@facility_directory.on(FacilityIdentified)
def facility_identified(
    row: FacilityEntry | None, event: Recorded[FacilityIdentified]
) -> FacilityEntry | None:
    fact = event.fact
    identifier = Identifier(
        kind=fact.kind, value=fact.value, valid_from=fact.valid_from, valid_to=fact.valid_to
    )
    return row and _identified_by(row, (*row.identifiers, identifier))


@facility_directory.on(FacilityIdentifierEnded)
def facility_identifier_ended(
    row: FacilityEntry | None, event: Recorded[FacilityIdentifierEnded]
) -> FacilityEntry | None:
    fact = event.fact
    if row is None:
        return None
    ended = _latest(
        each for each in row.identifiers if (each.kind, each.value) == (fact.kind, fact.value)
    )
    return _identified_by(row, tuple(each for each in row.identifiers if each is not ended))


@facility_directory.on(FacilityLicensed)
def facility_licensed(
    row: FacilityEntry | None, event: Recorded[FacilityLicensed]
) -> FacilityEntry | None:
    fact = event.fact
    license = License(
        kind=fact.license_kind,
        number=fact.number,
        issuer=fact.issuer,
        valid_from=fact.valid_from,
        valid_to=fact.valid_to,
    )
    return row and replace(row, licenses=(*row.licenses, license))


@facility_directory.on(FacilityLicenseEnded)
def facility_license_ended(
    row: FacilityEntry | None, event: Recorded[FacilityLicenseEnded]
) -> FacilityEntry | None:
    fact = event.fact
    if row is None:
        return None
    ended = _latest(
        each for each in row.licenses if (each.issuer, each.number) == (fact.issuer, fact.number)
    )
    return replace(row, licenses=tuple(each for each in row.licenses if each is not ended))


@facility_directory.on(FacilitySuspended)
def facility_suspended(
    row: FacilityEntry | None, event: Recorded[FacilitySuspended]
) -> FacilityEntry | None:
    fact = event.fact
    return row and _now(row, FacilityStatus.SUSPENDED, fact.suspended_on, fact.reason)


@facility_directory.on(FacilityReopened)
def facility_reopened(
    row: FacilityEntry | None, event: Recorded[FacilityReopened]
) -> FacilityEntry | None:
    return row and _now(row, FacilityStatus.OPEN, event.fact.reopened_on, event.fact.reason)


@facility_directory.on(FacilityClosed)
def facility_closed(
    row: FacilityEntry | None, event: Recorded[FacilityClosed]
) -> FacilityEntry | None:
    return row and _now(row, FacilityStatus.CLOSED, event.fact.closed_on, event.fact.reason)


def _now(row: FacilityEntry, status: FacilityStatus, since: date, reason: str) -> FacilityEntry:
    return replace(row, status=status, status_since=since, status_reason=reason)


def _identified_by(row: FacilityEntry, identifiers: tuple[Identifier, ...]) -> FacilityEntry:
    return replace(
        row,
        identifiers=identifiers,
        npi=_current(identifiers, IdentifierKind.NPI),
        ccn=_current(identifiers, IdentifierKind.CCN),
        clia=_current(identifiers, IdentifierKind.CLIA),
        tin=_current(identifiers, IdentifierKind.TIN),
    )


def _current(identifiers: Iterable[Identifier], kind: IdentifierKind) -> str | None:
    latest = _latest(each for each in identifiers if each.kind is kind)
    return None if latest is None else latest.value


def _latest(terms: Iterable[T]) -> T | None:
    """The term that began last; of those that began together the one recorded last."""
    latest: T | None = None
    for each in terms:
        if latest is None or each.valid_from >= latest.valid_from:
            latest = each
    return latest


# --- departments -------------------------------------------------------------------------------


class DepartmentStatus(StrEnum):
    """Whether a department takes new work."""

    OPEN = "open"
    MERGED = "merged"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class DepartmentEntry:
    """A department of a facility. `closed_on` is the day it stopped working or was merged away."""

    department_id: UUID
    facility_id: UUID
    code: str
    title: str
    kind: DepartmentKind
    service_line: str | None
    cost_center: str | None
    head_staff_id: UUID | None
    status: DepartmentStatus
    merged_into: UUID | None
    opened_on: date
    closed_on: date | None


department_list = ReadModel(
    "department_list",
    row=DepartmentEntry,
    key="department_id",
    order=("facility_id", "code"),
    local=True,
    desk="facility managers: which departments there are, who leads them, and which still work",
)


@department_list.on(DepartmentOpened)
def department_opened(
    row: DepartmentEntry | None,  # noqa: ARG001 - nothing was there before
    event: Recorded[DepartmentOpened],
) -> DepartmentEntry | None:
    fact = event.fact
    return DepartmentEntry(
        department_id=fact.department_id,
        facility_id=fact.facility_id,
        code=fact.code,
        title=fact.title,
        kind=fact.kind,
        service_line=fact.service_line,
        cost_center=fact.cost_center,
        head_staff_id=None,
        status=DepartmentStatus.OPEN,
        merged_into=None,
        opened_on=fact.opened_on,
        closed_on=None,
    )


@department_list.on(DepartmentHeadAppointed)
def department_head_appointed(
    row: DepartmentEntry | None, event: Recorded[DepartmentHeadAppointed]
) -> DepartmentEntry | None:
    return row and replace(row, head_staff_id=event.fact.staff_id)


@department_list.on(DepartmentMerged)
def department_merged(
    row: DepartmentEntry | None, event: Recorded[DepartmentMerged]
) -> DepartmentEntry | None:
    return row and replace(
        row,
        status=DepartmentStatus.MERGED,
        merged_into=event.fact.into_department_id,
        closed_on=event.fact.merged_on,
    )


@department_list.on(DepartmentClosed)
def department_closed(
    row: DepartmentEntry | None, event: Recorded[DepartmentClosed]
) -> DepartmentEntry | None:
    return row and replace(row, status=DepartmentStatus.CLOSED, closed_on=event.fact.closed_on)
