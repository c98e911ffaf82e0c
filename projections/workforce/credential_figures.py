"""How many credentials there are, and how many end soon: what administrators look at."""

from __future__ import annotations

from dataclasses import dataclass
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
from projections.kernel import GRAIN, Key, Measure, Summary
from projections.rows import replace


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
