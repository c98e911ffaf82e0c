"""What the story of credentials is told in: kinds and statuses, terms, findings and overrides."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from uuid import UUID

from domain.kernel import foreign_id


class CredentialKind(StrEnum):
    """What somebody holds, and by that may do."""

    LICENSE = "license"
    CERTIFICATION = "certification"
    DEA = "dea"
    """A registration with the Drug Enforcement Administration."""
    BOARD = "board"
    """Certified by a specialty's board."""
    LIFE_SUPPORT = "life_support"
    PRIVILEGE = "privilege"
    """What a facility's medical staff office lets somebody do there."""


class CredentialStatus(StrEnum):
    """Where a credential stands as of what was told last."""

    PENDING = "pending"
    """Not verified at its source yet, or not since it was renewed or corrected."""
    ACTIVE = "active"
    EXPIRING_90 = "expiring_90"
    """Active, and its end was announced: it is 90 days away, or fewer."""
    EXPIRING_60 = "expiring_60"
    EXPIRING_30 = "expiring_30"
    EXPIRED = "expired"
    SUSPENDED = "suspended"
    REVOKED = "revoked"


class VerificationResult(StrEnum):
    """What the source of a credential said of it."""

    CONFIRMED = "confirmed"
    NOT_CONFIRMED = "not_confirmed"


class ScreeningResult(StrEnum):
    """Whether somebody is on a list of those whom federal programs exclude."""

    CLEAR = "clear"
    EXCLUDED = "excluded"


class FindingCode(StrEnum):
    """Why the gate does not let somebody through. The codes never change."""

    MISSING = "credential.missing"
    UNVERIFIED = "credential.unverified"
    NOT_YET_VALID = "credential.not_yet_valid"
    EXPIRED = "credential.expired"
    EXPIRES_DURING = "credential.expires_during"
    SUSPENDED = "credential.suspended"
    REVOKED = "credential.revoked"
    EXCLUDED = "credential.excluded"


REMINDERS = (90, 60, 30)
"""How many days before its end somebody is reminded of a credential."""

ANNOUNCED = {
    None: CredentialStatus.ACTIVE,
    90: CredentialStatus.EXPIRING_90,
    60: CredentialStatus.EXPIRING_60,
    30: CredentialStatus.EXPIRING_30,
}
"""Where a verified credential stands after the last of its reminders."""


# --- what the facts are made of ------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A time in days, both included; without an end it goes on."""

    since: date
    until: date | None = None

    def touches(self, first: date, last: date) -> bool:
        """Whether it has a day in common with those from `first` to `last`."""
        return self.since <= last and (self.until is None or first <= self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialTerm:
    """A time for which a credential was issued, and when its source confirmed it last, if ever."""

    valid_from: date
    valid_to: date | None
    verified_on: date | None = None

    @property
    def verified(self) -> bool:
        return self.verified_on is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldCredential:
    """A credential somebody holds: one number of one issuer, with all its terms, in order.

    `title` tells those of one kind apart: RN and LPN licenses, BLS and ACLS cards. `state` is the
    one that issued it. `announced` is the last of the reminders, in days before the end;
    `denied_on` the day on which the source did not confirm the latest term.
    """

    credential_id: UUID
    kind: CredentialKind
    title: str
    number: str | None
    issuer: str
    state: str | None
    terms: tuple[CredentialTerm, ...]
    suspensions: tuple[Span, ...] = ()
    revoked_on: date | None = None
    announced: int | None = None
    lapsed: bool = False
    denied_on: date | None = None

    @property
    def latest(self) -> CredentialTerm:
        """The term that ends last."""
        return self.terms[-1]

    @property
    def suspended(self) -> bool:
        return any(each.until is None for each in self.suspensions)

    @property
    def status(self) -> CredentialStatus:
        if self.revoked_on is not None:
            return CredentialStatus.REVOKED
        if self.suspended:
            return CredentialStatus.SUSPENDED
        if self.lapsed:
            return CredentialStatus.EXPIRED
        if not self.latest.verified:
            return CredentialStatus.PENDING
        return ANNOUNCED[self.announced]


@dataclass(frozen=True, slots=True, kw_only=True)
class FiledCredential:
    """A credential in a file that is closed, as it stood."""

    credential_id: UUID
    kind: CredentialKind
    status: CredentialStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """One finding about one kind of credential, waived for somebody at a facility for some days."""

    override_id: UUID
    work_facility_id: UUID
    finding: FindingCode
    kind: CredentialKind
    title: str
    valid_from: date
    valid_to: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something the gate holds against somebody. `on` is the first of the days it is about.

    `override_id` names the override that lets them through all the same.
    """

    code: FindingCode
    kind: CredentialKind | None
    title: str
    credential_id: UUID | None
    on: date
    override_id: UUID | None = None


@lru_cache(maxsize=100_000)  # A command is asked for its stream again and again.
def credentials_of(staff_id: UUID) -> UUID:
    """The stream of all of somebody's credentials."""
    return foreign_id("credentials", staff_id)


def credential_id_of(
    staff_id: UUID,
    kind: CredentialKind,
    *,
    issuer: str,
    title: str = "",
    state: str | None = None,
    number: str | None = None,
) -> UUID:
    """The id of what somebody holds: one kind of credential, of one issuer, under one number."""
    named = (title, issuer, state or "", number or "")
    return foreign_id(
        "credential", staff_id, kind, *(" ".join(each.split()).upper() for each in named)
    )


class OfPerson:
    """What is told in the stream of somebody's credentials."""

    __slots__ = ()
    staff_id: UUID

    @property
    def credentials_id(self) -> UUID:
        return credentials_of(self.staff_id)
