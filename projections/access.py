"""Who may act in the health system: accounts, grants, and who broke the glass."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from domain.access.events.account import (
    AccountClosed,
    AccountIdentityLinked,
    AccountIdentityUnlinked,
    AccountLocked,
    AccountOpened,
    AccountPasswordChanged,
    AccountUnlocked,
)
from domain.access.events.grant import (
    GrantExpired,
    GrantGiven,
    GrantGlassBroken,
    GrantRevoked,
    Role,
)
from domain.kernel import Recorded
from projections.kernel import Key, ReadModel
from projections.rows import replace

# --- accounts ------------------------------------------------------------------------------------


class AccountStatus(StrEnum):
    """Whether anybody comes in by an account."""

    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountEntry:
    """An account. `locked_until` was said when attempts failed last; what was then is over."""

    account_id: UUID
    login: str
    status: AccountStatus
    opened_at: datetime
    opened_by: str
    password_changed_at: datetime | None
    locked_until: datetime | None
    times_locked: int
    identities: int
    closed_at: datetime | None
    closed_reason: str | None


account_directory = ReadModel(
    "account_directory",
    row=AccountEntry,
    key="account_id",
    order="login",
    desk="the administrator: who can come in",
)


@account_directory.on(AccountOpened)
def opened(
    row: AccountEntry | None,  # noqa: ARG001 - nothing was there before
    event: Recorded[AccountOpened],
) -> AccountEntry | None:
    return AccountEntry(
        account_id=event.fact.account_id,
        login=event.fact.login,
        status=AccountStatus.OPEN,
        opened_at=event.fact.opened_at,
        opened_by=event.actor,
        password_changed_at=None,
        locked_until=None,
        times_locked=0,
        identities=0,
        closed_at=None,
        closed_reason=None,
    )


@account_directory.on(AccountPasswordChanged)
def password_changed(
    row: AccountEntry | None, event: Recorded[AccountPasswordChanged]
) -> AccountEntry | None:
    return row and replace(row, password_changed_at=event.fact.changed_at, locked_until=None)


@account_directory.on(AccountLocked)
def locked(row: AccountEntry | None, event: Recorded[AccountLocked]) -> AccountEntry | None:
    return row and replace(
        row, locked_until=event.fact.locked_until, times_locked=row.times_locked + 1
    )


@account_directory.on(AccountUnlocked)
def unlocked(
    row: AccountEntry | None,
    event: Recorded[AccountUnlocked],  # noqa: ARG001
) -> AccountEntry | None:
    return row and replace(row, locked_until=None)


@account_directory.on(AccountIdentityLinked)
def linked(
    row: AccountEntry | None,
    event: Recorded[AccountIdentityLinked],  # noqa: ARG001
) -> AccountEntry | None:
    return row and replace(row, identities=row.identities + 1)


@account_directory.on(AccountIdentityUnlinked)
def unlinked(
    row: AccountEntry | None,
    event: Recorded[AccountIdentityUnlinked],  # noqa: ARG001
) -> AccountEntry | None:
    return row and replace(row, identities=row.identities - 1)


@account_directory.on(AccountClosed)
def closed(row: AccountEntry | None, event: Recorded[AccountClosed]) -> AccountEntry | None:
    return row and replace(
        row,
        status=AccountStatus.CLOSED,
        identities=0,
        closed_at=event.fact.closed_at,
        closed_reason=event.fact.reason,
    )


# --- grants --------------------------------------------------------------------------------------


class GrantStatus(StrEnum):
    """Whether anybody acts under a grant. One whose end has passed may still be called given,
    until the day's work puts it on record; nobody acts under it."""

    GIVEN = "given"
    REVOKED = "revoked"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantEntry:
    """A grant. Without facilities it is for the whole system."""

    grant_id: UUID
    account_id: UUID
    login: str
    role: Role
    facility_ids: tuple[UUID, ...]
    purpose: str | None
    given_at: datetime
    given_by: str
    expires_at: datetime | None
    status: GrantStatus
    ended_at: datetime | None
    ended_reason: str | None
    times_broken: int
    broken_until: datetime | None


grant_register = ReadModel(
    "grant_register",
    row=GrantEntry,
    key="grant_id",
    order="given_at",
    newest_first=True,
    indexes=(("account_id",),),
    desk="the administrator, auditors: who may do what, and who let them",
)


@grant_register.on(GrantGiven)
def given(
    row: GrantEntry | None,  # noqa: ARG001 - nothing was there before
    event: Recorded[GrantGiven],
) -> GrantEntry | None:
    fact = event.fact
    return GrantEntry(
        grant_id=fact.grant_id,
        account_id=fact.account_id,
        login=fact.login,
        role=fact.role,
        facility_ids=fact.facility_ids,
        purpose=fact.purpose,
        given_at=fact.given_at,
        given_by=event.actor,
        expires_at=fact.expires_at,
        status=GrantStatus.GIVEN,
        ended_at=None,
        ended_reason=None,
        times_broken=0,
        broken_until=None,
    )


@grant_register.on(GrantRevoked)
def revoked(row: GrantEntry | None, event: Recorded[GrantRevoked]) -> GrantEntry | None:
    return row and replace(
        row,
        status=GrantStatus.REVOKED,
        ended_at=event.fact.revoked_at,
        ended_reason=event.fact.reason,
    )


@grant_register.on(GrantExpired)
def expired(row: GrantEntry | None, event: Recorded[GrantExpired]) -> GrantEntry | None:
    return row and replace(row, status=GrantStatus.EXPIRED, ended_at=event.fact.expired_at)


@grant_register.on(GrantGlassBroken)
def broken(row: GrantEntry | None, event: Recorded[GrantGlassBroken]) -> GrantEntry | None:
    return row and replace(row, times_broken=row.times_broken + 1, broken_until=event.fact.until)


# --- by facility ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class FacilityGrant:
    """Somebody who may act at a facility by a grant that names it. Who may act in the whole system
    is not among them."""

    facility_id: UUID
    grant_id: UUID
    login: str
    role: Role
    purpose: str | None
    given_at: datetime
    expires_at: datetime | None


facility_grants = ReadModel(
    "facility_grants",
    row=FacilityGrant,
    key=("facility_id", "grant_id"),
    order="login",
    desk="the facility manager: who may act here; what has ended leaves the list",
)


def _everywhere(event: Recorded[GrantGiven | GrantRevoked | GrantExpired]) -> Iterable[Key]:
    return [(each, event.fact.grant_id) for each in event.fact.facility_ids]


@facility_grants.on(GrantGiven, key=_everywhere, key_aware=True)
def given_here(
    row: FacilityGrant | None,  # noqa: ARG001 - nothing was there before
    event: Recorded[GrantGiven],
    key: Key,
) -> FacilityGrant | None:
    fact = event.fact
    return FacilityGrant(
        facility_id=key[0],
        grant_id=fact.grant_id,
        login=fact.login,
        role=fact.role,
        purpose=fact.purpose,
        given_at=fact.given_at,
        expires_at=fact.expires_at,
    )


@facility_grants.on(GrantRevoked, GrantExpired, key=_everywhere)
def ended_here(
    row: FacilityGrant | None,  # noqa: ARG001 - whatever it was, it leaves
    event: Recorded[GrantRevoked | GrantExpired],  # noqa: ARG001
) -> FacilityGrant | None:
    return None


# --- what is due ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantEnding:
    """A grant with an end that has not been put on record."""

    grant_id: UUID
    login: str
    expires_at: datetime


grants_ending = ReadModel(
    "grants_ending",
    row=GrantEnding,
    key="grant_id",
    order="expires_at",
    desk="the calendar: which grants' time is over",
)


@grants_ending.on(GrantGiven)
def ending(
    row: GrantEnding | None,  # noqa: ARG001 - nothing was there before
    event: Recorded[GrantGiven],
) -> GrantEnding | None:
    fact = event.fact
    if fact.expires_at is None:
        return None
    return GrantEnding(grant_id=fact.grant_id, login=fact.login, expires_at=fact.expires_at)


@grants_ending.on(GrantRevoked, GrantExpired)
def ended(
    row: GrantEnding | None,  # noqa: ARG001 - whatever it was, it leaves
    event: Recorded[GrantRevoked | GrantExpired],  # noqa: ARG001
) -> GrantEnding | None:
    return None


# --- broken glass --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenGlass:
    """Somebody saw, or could see, what identifies people: until when, and why."""

    grant_id: UUID
    broken_at: datetime
    login: str
    until: datetime
    reason: str


broken_glass = ReadModel(
    "broken_glass",
    row=BrokenGlass,
    key=("grant_id", "broken_at"),
    order="broken_at",
    newest_first=True,
    desk="the administrator, the privacy officer: who broke the glass, and why",
)


@broken_glass.on(GrantGlassBroken)
def was_broken(
    row: BrokenGlass | None,  # noqa: ARG001 - each time is another row
    event: Recorded[GrantGlassBroken],
) -> BrokenGlass | None:
    fact = event.fact
    return BrokenGlass(
        grant_id=fact.grant_id,
        broken_at=fact.broken_at,
        login=fact.login,
        until=fact.until,
        reason=fact.reason,
    )
