"""Credentials that end: what the medical staff office and the calendar look at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
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
from domain.workforce.events.held import REMINDERS, CredentialKind, CredentialStatus
from projections.kernel import ReadModel
from projections.rows import replace
from projections.workforce.credentials import all_in_the_file


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpiringCredential:
    """A credential that has an end, until that is told to have passed.

    `announced` is the last of the reminders, in days before the end. On `next_on` the calendar has
    something to do: a reminder, or to tell that it lapsed.
    """

    facility_id: UUID
    credential_id: UUID
    staff_id: UUID
    kind: CredentialKind
    title: str
    number: str | None
    issuer: str
    ends_on: date
    announced: int | None
    next_on: date
    status: CredentialStatus


expiring_credentials = ReadModel(
    "expiring_credentials",
    row=ExpiringCredential,
    key="credential_id",
    order="ends_on",
    indexes=(("next_on",), ("staff_id",)),
    local=True,
    desk="the medical staff office, and the calendar: which credentials end when, and who was told",
)


def next_on(ends_on: date, announced: int | None) -> date:
    """The day on which the next reminder is due; the day after the end when all were given."""
    for each in REMINDERS:
        if announced is None or each < announced:
            return ends_on - timedelta(days=each)
    return ends_on + timedelta(days=1)


@expiring_credentials.on(CredentialRecorded, CredentialRenewed, CredentialCorrected)
def begins_to_run(
    row: ExpiringCredential | None,  # noqa: ARG001 - another term is reminded of anew
    event: Recorded[CredentialRecorded]
    | Recorded[CredentialRenewed]
    | Recorded[CredentialCorrected],
) -> ExpiringCredential | None:
    fact = event.fact
    if fact.valid_to is None:
        return None
    return ExpiringCredential(
        facility_id=fact.facility_id,
        credential_id=fact.credential_id,
        staff_id=fact.staff_id,
        kind=fact.kind,
        title=fact.title,
        number=fact.number,
        issuer=fact.issuer,
        ends_on=fact.valid_to,
        announced=None,
        next_on=next_on(fact.valid_to, None),
        status=CredentialStatus.PENDING
        if isinstance(fact, CredentialRecorded)
        else fact.status_after,
    )


@expiring_credentials.on(CredentialExpiryAnnounced)
def announced(
    row: ExpiringCredential | None, event: Recorded[CredentialExpiryAnnounced]
) -> ExpiringCredential | None:
    fact = event.fact
    return row and replace(
        row,
        announced=fact.days,
        next_on=next_on(row.ends_on, fact.days),
        status=fact.status_after,
    )


@expiring_credentials.on(
    CredentialVerified, CredentialNotConfirmed, CredentialSuspended, CredentialReinstated
)
def stands_otherwise(
    row: ExpiringCredential | None,
    event: Recorded[CredentialVerified]
    | Recorded[CredentialNotConfirmed]
    | Recorded[CredentialSuspended]
    | Recorded[CredentialReinstated],
) -> ExpiringCredential | None:
    return row and replace(row, status=event.fact.status_after)


@expiring_credentials.on(CredentialLapsed, CredentialRevoked, CredentialRetracted)
def runs_no_longer(
    row: ExpiringCredential | None,  # noqa: ARG001
    event: Recorded[CredentialLapsed]  # noqa: ARG001
    | Recorded[CredentialRevoked]
    | Recorded[CredentialRetracted],
) -> ExpiringCredential | None:
    return None


@expiring_credentials.on(CredentialFileClosed, key=all_in_the_file)
def nobody_is_reminded(
    row: ExpiringCredential | None,  # noqa: ARG001
    event: Recorded[CredentialFileClosed],  # noqa: ARG001
) -> ExpiringCredential | None:
    return None
