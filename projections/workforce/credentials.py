"""What the medical staff office looks at: who holds which credentials, and how they stand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from domain.kernel import Recorded
from domain.workforce.events.credential import (
    CredentialCorrected,
    CredentialExpiryAnnounced,
    CredentialFileClosed,
    CredentialLapsed,
    CredentialNotConfirmed,
    CredentialRecorded,
    CredentialReinstated,
    CredentialRenewed,
    CredentialRetracted,
    CredentialRevoked,
    CredentialSuspended,
    CredentialVerified,
)
from domain.workforce.events.held import CredentialKind, CredentialStatus
from projections.kernel import Key, ReadModel
from projections.rows import replace


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialEntry:
    """A credential in somebody's file, with its latest term (both days included).

    `verified_on` is the day on which the source confirmed this term last, and None where it did
    not. `closed_on`: the day on which whose it is left.
    """

    facility_id: UUID
    credential_id: UUID
    staff_id: UUID
    kind: CredentialKind
    title: str
    number: str | None
    issuer: str
    state: str | None
    begins_on: date
    ends_on: date | None
    status: CredentialStatus
    verified_on: date | None
    verified_by: str | None
    source: str | None
    suspended_on: date | None
    revoked_on: date | None
    closed_on: date | None


credential_list = ReadModel(
    "credential_list",
    row=CredentialEntry,
    key="credential_id",
    order=("kind", "issuer"),
    indexes=(("staff_id",), ("status",)),
    local=True,
    desk="the medical staff office: who holds which credentials, and how they stand",
)


@credential_list.on(CredentialRecorded)
def recorded(
    row: CredentialEntry | None,  # noqa: ARG001 - nothing was there before
    event: Recorded[CredentialRecorded],
) -> CredentialEntry | None:
    fact = event.fact
    return CredentialEntry(
        facility_id=fact.facility_id,
        credential_id=fact.credential_id,
        staff_id=fact.staff_id,
        kind=fact.kind,
        title=fact.title,
        number=fact.number,
        issuer=fact.issuer,
        state=fact.state,
        begins_on=fact.valid_from,
        ends_on=fact.valid_to,
        status=CredentialStatus.PENDING,
        verified_on=None,
        verified_by=None,
        source=None,
        suspended_on=None,
        revoked_on=None,
        closed_on=None,
    )


@credential_list.on(CredentialVerified)
def verified(
    row: CredentialEntry | None, event: Recorded[CredentialVerified]
) -> CredentialEntry | None:
    fact = event.fact
    return row and replace(
        row,
        status=fact.status_after,
        verified_on=fact.verified_on,
        verified_by=fact.verified_by,
        source=fact.source,
    )


@credential_list.on(CredentialNotConfirmed)
def not_confirmed(
    row: CredentialEntry | None, event: Recorded[CredentialNotConfirmed]
) -> CredentialEntry | None:
    fact = event.fact
    return row and replace(
        row,
        status=fact.status_after,
        verified_on=None,
        verified_by=fact.verified_by,
        source=fact.source,
    )


@credential_list.on(CredentialRenewed, CredentialCorrected)
def another_term(
    row: CredentialEntry | None,
    event: Recorded[CredentialRenewed] | Recorded[CredentialCorrected],
) -> CredentialEntry | None:
    fact = event.fact
    return row and replace(
        row,
        status=fact.status_after,
        begins_on=fact.valid_from,
        ends_on=fact.valid_to,
        verified_on=None,
        verified_by=None,
        source=None,
    )


@credential_list.on(CredentialExpiryAnnounced, CredentialLapsed)
def nearer_its_end(
    row: CredentialEntry | None,
    event: Recorded[CredentialExpiryAnnounced] | Recorded[CredentialLapsed],
) -> CredentialEntry | None:
    return row and replace(row, status=event.fact.status_after)


@credential_list.on(CredentialSuspended)
def suspended(
    row: CredentialEntry | None, event: Recorded[CredentialSuspended]
) -> CredentialEntry | None:
    fact = event.fact
    return row and replace(row, status=fact.status_after, suspended_on=fact.suspended_on)


@credential_list.on(CredentialReinstated)
def reinstated(
    row: CredentialEntry | None, event: Recorded[CredentialReinstated]
) -> CredentialEntry | None:
    return row and replace(row, status=event.fact.status_after, suspended_on=None)


@credential_list.on(CredentialRevoked)
def revoked(
    row: CredentialEntry | None, event: Recorded[CredentialRevoked]
) -> CredentialEntry | None:
    fact = event.fact
    return row and replace(row, status=fact.status_after, revoked_on=fact.revoked_on)


@credential_list.on(CredentialRetracted)
def retracted(
    row: CredentialEntry | None,  # noqa: ARG001
    event: Recorded[CredentialRetracted],  # noqa: ARG001
) -> CredentialEntry | None:
    return None


def all_in_the_file(event: Recorded[CredentialFileClosed]) -> list[Key]:
    """The keys of the credentials in a file that is closed."""
    return [(each.credential_id,) for each in event.fact.credentials]


@credential_list.on(CredentialFileClosed, key=all_in_the_file)
def file_closed(
    row: CredentialEntry | None, event: Recorded[CredentialFileClosed]
) -> CredentialEntry | None:
    return row and replace(row, closed_on=event.fact.closed_on)
