"""What happens to a grant: a role, given to an account, in a scope."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from domain.access.roles import Role
from domain.kernel import Fact, fact

__all__ = [
    "GrantExpired",
    "GrantFact",
    "GrantGiven",
    "GrantGlassBroken",
    "GrantRevoked",
    "Role",
]


@fact("grant.given")
class GrantGiven(Fact):
    """The account may act in this role at these facilities; in the whole system where there are
    none. `purpose` says what for: an auditor's grant always has one, and an end."""

    grant_id: UUID
    account_id: UUID
    login: str
    role: Role
    facility_ids: tuple[UUID, ...]
    given_at: datetime
    expires_at: datetime | None
    purpose: str | None


@fact("grant.revoked")
class GrantRevoked(Fact):
    """It was taken back."""

    grant_id: UUID
    account_id: UUID
    facility_ids: tuple[UUID, ...]
    revoked_at: datetime
    reason: str


@fact("grant.expired")
class GrantExpired(Fact):
    """Its time was over at `expired_at`, when it was first noticed or not."""

    grant_id: UUID
    account_id: UUID
    facility_ids: tuple[UUID, ...]
    expired_at: datetime


@fact("grant.glass_broken")
class GrantGlassBroken(Fact):
    """Whoever acts under the grant sees what identifies people, until that time, and said why."""

    grant_id: UUID
    account_id: UUID
    login: str
    facility_ids: tuple[UUID, ...]
    broken_at: datetime
    until: datetime
    reason: str


GrantFact = GrantGiven | GrantRevoked | GrantExpired | GrantGlassBroken
