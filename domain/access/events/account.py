"""What happens to an account. A password is never told of, nor what it was turned into."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from domain.kernel import Fact, fact


@fact("account.opened")
class AccountOpened(Fact):
    """Someone has an account. `login` is what stands as the actor of all that is done with it, and
    is nobody else's ever after."""

    account_id: UUID
    login: str
    opened_at: datetime


@fact("account.password_changed")
class AccountPasswordChanged(Fact):
    """The account has another password, and its sessions have ended."""

    account_id: UUID
    login: str
    changed_at: datetime


@fact("account.locked")
class AccountLocked(Fact):
    """So many attempts failed one after the other; nobody comes in by password before that time."""

    account_id: UUID
    login: str
    failures: int
    locked_at: datetime
    locked_until: datetime


@fact("account.unlocked")
class AccountUnlocked(Fact):
    """An administrator lets attempts be made again."""

    account_id: UUID
    login: str
    unlocked_at: datetime
    reason: str


@fact("account.identity_linked")
class AccountIdentityLinked(Fact):
    """Whom an identity provider (`issuer`) calls `subject` comes in by this account."""

    account_id: UUID
    login: str
    issuer: str
    subject: str
    linked_at: datetime


@fact("account.identity_unlinked")
class AccountIdentityUnlinked(Fact):
    """No more so."""

    account_id: UUID
    login: str
    issuer: str
    subject: str
    unlinked_at: datetime


@fact("account.closed")
class AccountClosed(Fact):
    """Nobody comes in by this account any more."""

    account_id: UUID
    login: str
    closed_at: datetime
    reason: str


AccountFact = (
    AccountOpened
    | AccountPasswordChanged
    | AccountLocked
    | AccountUnlocked
    | AccountIdentityLinked
    | AccountIdentityUnlinked
    | AccountClosed
)
