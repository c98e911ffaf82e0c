"""The story of somebody's credentials: recorded, verified at their source, renewed, lapsed or taken
away; and of the gate that looks at them, what it refused and who let somebody through.

`CredentialStanding` is what the gate, and other contexts, may know of a person's credentials.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from domain.kernel import Fact, Standing, fact
from domain.workforce.events.held import (
    CredentialKind,
    CredentialStatus,
    FiledCredential,
    Finding,
    FindingCode,
    HeldCredential,
    OfPerson,
    Override,
    ScreeningResult,
    Span,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialStanding(Standing):
    """Somebody's credentials as of now, with their terms; and what was found in screening."""

    credentials: tuple[HeldCredential, ...] = ()
    exclusions: tuple[Span, ...] = ()
    overrides: tuple[Override, ...] = ()
    screened_on: date | None = None


# --- facts: a credential -------------------------------------------------------------------------


@fact("credential.recorded", effective="valid_from")
class CredentialRecorded(OfPerson, Fact):
    """Somebody showed a credential. Its source has not been asked yet."""

    staff_id: UUID
    facility_id: UUID
    credential_id: UUID
    kind: CredentialKind
    title: str
    number: str | None
    issuer: str
    state: str | None
    valid_from: date
    valid_to: date | None


@fact("credential.verified", effective="verified_on")
class CredentialVerified(OfPerson, Fact):
    """The source confirmed the latest term. `verified_by` is the office that asked it."""

    staff_id: UUID
    facility_id: UUID
    credential_id: UUID
    kind: CredentialKind
    verified_on: date
    verified_by: str
    source: str
    valid_from: date
    valid_to: date | None
    status_before: CredentialStatus
    status_after: CredentialStatus


@fact("credential.not_confirmed", effective="verified_on")
class CredentialNotConfirmed(OfPerson, Fact):
    """The source did not confirm the latest term, or not any more."""

    staff_id: UUID
    facility_id: UUID
    credential_id: UUID
    kind: CredentialKind
    verified_on: date
    verified_by: str
    source: str
    status_before: CredentialStatus
    status_after: CredentialStatus


@fact("credential.renewed", effective="valid_from")
class CredentialRenewed(OfPerson, Fact):
    """A credential was issued again, for a later term, which is to be verified in its turn."""

    staff_id: UUID
    facility_id: UUID
    credential_id: UUID
    kind: CredentialKind
    title: str
    number: str | None
    issuer: str
    valid_from: date
    valid_to: date | None
    status_before: CredentialStatus
    status_after: CredentialStatus


@fact("credential.corrected", effective="corrected_on")
class CredentialCorrected(OfPerson, Fact):
    """The latest term was written down wrongly. What is right is to be verified."""

    staff_id: UUID
    facility_id: UUID
    credential_id: UUID
    kind: CredentialKind
    title: str
    number: str | None
    issuer: str
    was_valid_from: date
    was_valid_to: date | None
    valid_from: date
    valid_to: date | None
    corrected_on: date
    reason: str
    status_before: CredentialStatus
    status_after: CredentialStatus


@fact("credential.retracted", effective="retracted_on")
class CredentialRetracted(OfPerson, Fact):
    """A credential was recorded in error: nobody holds it."""

    staff_id: UUID
    facility_id: UUID
    credential_id: UUID
    kind: CredentialKind
    retracted_on: date
    reason: str
    status_before: CredentialStatus


@fact("credential.expiry_announced", effective="announced_on")
class CredentialExpiryAnnounced(OfPerson, Fact):
    """The end of a credential is 90, 60 or 30 days away, and nobody has renewed it."""

    staff_id: UUID
    facility_id: UUID
    credential_id: UUID
    kind: CredentialKind
    days: int
    valid_to: date
    announced_on: date
    status_before: CredentialStatus
    status_after: CredentialStatus


@fact("credential.lapsed", effective="valid_to")
class CredentialLapsed(OfPerson, Fact):
    """The last day of a credential has passed."""

    staff_id: UUID
    facility_id: UUID
    credential_id: UUID
    kind: CredentialKind
    valid_to: date
    status_before: CredentialStatus
    status_after: CredentialStatus


@fact("credential.suspended", effective="suspended_on")
class CredentialSuspended(OfPerson, Fact):
    """A credential is not to be used until it is reinstated."""

    staff_id: UUID
    facility_id: UUID
    credential_id: UUID
    kind: CredentialKind
    suspended_on: date
    reason: str
    status_before: CredentialStatus
    status_after: CredentialStatus


@fact("credential.reinstated", effective="reinstated_on")
class CredentialReinstated(OfPerson, Fact):
    """A suspension is over; `reinstated_on` is the first day on which the credential counts."""

    staff_id: UUID
    facility_id: UUID
    credential_id: UUID
    kind: CredentialKind
    reinstated_on: date
    status_before: CredentialStatus
    status_after: CredentialStatus


@fact("credential.revoked", effective="revoked_on")
class CredentialRevoked(OfPerson, Fact):
    """A credential was taken away for good."""

    staff_id: UUID
    facility_id: UUID
    credential_id: UUID
    kind: CredentialKind
    revoked_on: date
    reason: str
    status_before: CredentialStatus
    status_after: CredentialStatus


# --- facts: a person -----------------------------------------------------------------------------


@fact("credential.screened", effective="screened_on")
class CredentialScreened(OfPerson, Fact):
    """Somebody was looked for on a list of the excluded, such as the LEIE of the OIG."""

    staff_id: UUID
    facility_id: UUID
    screened_on: date
    source: str
    result: ScreeningResult


@fact("credential.overridden", effective="valid_from")
class CredentialOverridden(OfPerson, Fact):
    """Somebody answers for it that a finding does not keep a person from work, for some days.

    `facility_id` is the person's home, `work_facility_id` where they may work by it.
    """

    staff_id: UUID
    facility_id: UUID
    work_facility_id: UUID
    override_id: UUID
    finding: FindingCode
    kind: CredentialKind
    title: str
    valid_from: date
    valid_to: date
    reason: str
    approver_staff_id: UUID


@fact("credential.override_withdrawn", effective="withdrawn_on")
class CredentialOverrideWithdrawn(OfPerson, Fact):
    """An override does not hold any more, from that day on."""

    staff_id: UUID
    facility_id: UUID
    work_facility_id: UUID
    override_id: UUID
    withdrawn_on: date
    reason: str


@fact("credential.gate_refused", effective="work_from")
class GateRefused(OfPerson, Fact):
    """The gate did not let somebody through to a piece of work, at `work_facility_id`.

    The days of the work are those of the facility it is at, both included.
    """

    staff_id: UUID
    facility_id: UUID
    work_facility_id: UUID
    job: str
    department_id: UUID | None
    department_kind: str | None
    work_from: date
    work_to: date
    findings: tuple[Finding, ...]


@fact("credential.file_closed", effective="closed_on")
class CredentialFileClosed(OfPerson, Fact):
    """Somebody left: nobody reminds anybody of their credentials any more."""

    staff_id: UUID
    facility_id: UUID
    closed_on: date
    credentials: tuple[FiledCredential, ...]


CredentialFact = (
    CredentialRecorded
    | CredentialVerified
    | CredentialNotConfirmed
    | CredentialRenewed
    | CredentialCorrected
    | CredentialRetracted
    | CredentialExpiryAnnounced
    | CredentialLapsed
    | CredentialSuspended
    | CredentialReinstated
    | CredentialRevoked
    | CredentialScreened
    | CredentialOverridden
    | CredentialOverrideWithdrawn
    | GateRefused
    | CredentialFileClosed
)
