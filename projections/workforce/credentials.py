"""What the medical staff office looks at: who holds which credentials, and which end soon."""

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
from projections.kernel import GRAIN, Key, Measure, ReadModel, Summary
from projections.rows import replace

# --- all of them -------------------------------------------------------------------------------


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


def _all_in_the_file(event: Recorded[CredentialFileClosed]) -> list[Key]:
    return [(each.credential_id,) for each in event.fact.credentials]


@credential_list.on(CredentialFileClosed, key=_all_in_the_file)
def file_closed(
    row: CredentialEntry | None, event: Recorded[CredentialFileClosed]
) -> CredentialEntry | None:
    return row and replace(row, closed_on=event.fact.closed_on)


# --- those that end ----------------------------------------------------------------------------


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


@expiring_credentials.on(CredentialFileClosed, key=_all_in_the_file)
def nobody_is_reminded(
    row: ExpiringCredential | None,  # noqa: ARG001
    event: Recorded[CredentialFileClosed],  # noqa: ARG001
) -> ExpiringCredential | None:
    return None


# --- figures -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialFigures:
    """The credentials of those who have not left, by kind, and how many of them end soon.

    Credentials 30/60/90, version 1: numerator `within_30`, `within_60` or `within_90`, those that
    are active and end within so many days of the last midnight at the facility, with no renewal;
    denominator `active`, all that are. `held` = active + pending + expired + suspended + revoked.
    """

    facility_id: UUID
    kind: CredentialKind
    held: Measure
    active: Measure
    within_90: Measure
    within_60: Measure
    within_30: Measure
    pending: Measure
    expired: Measure
    suspended: Measure
    revoked: Measure


credential_figures = Summary(
    "credential_figures",
    row=CredentialFigures,
    dimensions=("facility_id", "kind"),
    desk="administrators: how many credentials there are, and how many end in 30, 60 and 90 days",
    grain=GRAIN,
)

COUNTED: dict[CredentialStatus, tuple[str, ...]] = {
    CredentialStatus.PENDING: ("pending",),
    CredentialStatus.ACTIVE: ("active",),
    CredentialStatus.EXPIRING_90: ("active", "within_90"),
    CredentialStatus.EXPIRING_60: ("active", "within_90", "within_60"),
    CredentialStatus.EXPIRING_30: ("active", "within_90", "within_60", "within_30"),
    CredentialStatus.EXPIRED: ("expired",),
    CredentialStatus.SUSPENDED: ("suspended",),
    CredentialStatus.REVOKED: ("revoked",),
}
"""Which figures a credential is counted in, by its status."""


def _counted(row: CredentialFigures, status: CredentialStatus, by: int) -> CredentialFigures:
    return replace(row, **{each: getattr(row, each) + by for each in COUNTED[status]})


@credential_figures.on(CredentialRecorded)
def one_more(row: CredentialFigures, event: Recorded[CredentialRecorded]) -> CredentialFigures:  # noqa: ARG001 - it is one, whatever it is
    return _counted(replace(row, held=row.held + 1), CredentialStatus.PENDING, 1)


@credential_figures.on(
    CredentialVerified,
    CredentialNotConfirmed,
    CredentialRenewed,
    CredentialCorrected,
    CredentialExpiryAnnounced,
    CredentialLapsed,
    CredentialSuspended,
    CredentialReinstated,
    CredentialRevoked,
)
def counted_elsewhere(
    row: CredentialFigures,
    event: Recorded[CredentialVerified]
    | Recorded[CredentialNotConfirmed]
    | Recorded[CredentialRenewed]
    | Recorded[CredentialCorrected]
    | Recorded[CredentialExpiryAnnounced]
    | Recorded[CredentialLapsed]
    | Recorded[CredentialSuspended]
    | Recorded[CredentialReinstated]
    | Recorded[CredentialRevoked],
) -> CredentialFigures:
    fact = event.fact
    return _counted(_counted(row, fact.status_before, -1), fact.status_after, 1)


@credential_figures.on(CredentialRetracted)
def one_less(row: CredentialFigures, event: Recorded[CredentialRetracted]) -> CredentialFigures:
    return _counted(replace(row, held=row.held - 1), event.fact.status_before, -1)


def _kinds_in_the_file(event: Recorded[CredentialFileClosed]) -> list[Key]:
    return [(event.fact.facility_id, each.kind) for each in event.fact.credentials]


@credential_figures.on(CredentialFileClosed, key=_kinds_in_the_file)
def all_less(row: CredentialFigures, event: Recorded[CredentialFileClosed]) -> CredentialFigures:
    for each in event.fact.credentials:
        if each.kind is row.kind:
            row = _counted(replace(row, held=row.held - 1), each.status, -1)
    return row
