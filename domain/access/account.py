"""An account: somebody, or some program, that may come in.

Its life: it is **opened** under a login that is never anybody else's, since it stands beside
everything that is done with it. Its **password is changed** (what is kept of a password is kept
elsewhere), it is **locked** for a while after attempts that failed, and may be **unlocked**.
**Identities** of a provider are **linked** to it. It is **closed**, and stays on record.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import assert_never
from uuid import UUID

from domain import rules
from domain.access.events.account import (
    AccountClosed,
    AccountFact,
    AccountIdentityLinked,
    AccountIdentityUnlinked,
    AccountLocked,
    AccountOpened,
    AccountPasswordChanged,
    AccountUnlocked,
)
from domain.access.standings import AccountStanding
from domain.kernel import (
    Aggregate,
    Circumstances,
    Command,
    Decision,
    Refused,
    Release,
    Reserve,
    Standing,
    command,
)

LOGIN = r"[a-z0-9][a-z0-9._@+-]{1,79}"

OURS = frozenset(
    {"almoner", "calendar", "demo", "mailroom", "operator", "process", "sealing", "simulation"}
)
"""What the program calls itself as an actor."""

MOST_IDENTITIES = 10
"""An account has at most so many identities (c)."""

LONGEST_LOCK_DAYS = 1
"""Nobody is locked out for longer: that would let a stranger keep somebody out (c)."""


class AccountStatus(StrEnum):
    """Whether anybody comes in by it."""

    ABSENT = "absent"
    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What an account has become. It belongs to no facility."""

    facility_id: UUID | None = None
    status: AccountStatus = AccountStatus.ABSENT
    login: str = ""
    password_changed_at: datetime | None = None
    locked_until: datetime | None = None
    unlocked_at: datetime | None = None
    identities: tuple[tuple[str, str], ...] = ()

    def evolve(self, fact: AccountFact) -> Account:
        match fact:
            case AccountOpened():
                return replace(self, status=AccountStatus.OPEN, login=fact.login)
            case AccountPasswordChanged():
                return replace(self, password_changed_at=fact.changed_at, locked_until=None)
            case AccountLocked():
                return replace(self, locked_until=fact.locked_until)
            case AccountUnlocked():
                return replace(self, locked_until=None, unlocked_at=fact.unlocked_at)
            case AccountIdentityLinked():
                return replace(self, identities=(*self.identities, (fact.issuer, fact.subject)))
            case AccountIdentityUnlinked():
                gone = (fact.issuer, fact.subject)
                return replace(
                    self, identities=tuple(each for each in self.identities if each != gone)
                )
            case AccountClosed():
                return replace(self, status=AccountStatus.CLOSED, identities=())
            case _:
                assert_never(fact)


def _standing(state: Account, account_id: UUID) -> Standing:
    return AccountStanding(
        kind="account",
        id=account_id,
        open=state.status is AccountStatus.OPEN,
        status=state.status,
        login=state.login,
    )


account = Aggregate("account", Account(), standing=_standing, referred_to_as=("account_id",))


# --- commands ----------------------------------------------------------------------------------


@command("account_id", creates=True)
class OpenAccount(Command):
    """Let somebody, or some program, have an account. What it may do is granted to it."""

    account_id: UUID
    login: str


@command("account_id")
class RecordPasswordChange(Command):
    """Put on record that the account has another password."""

    account_id: UUID


@command("account_id")
class LockAccount(Command):
    """Take no more passwords for a while, after so many that were wrong."""

    account_id: UUID
    failures: int
    locked_until: datetime


@command("account_id")
class UnlockAccount(Command):
    """Let attempts be made again before the time."""

    account_id: UUID
    reason: str


@command("account_id")
class LinkIdentity(Command):
    """Let whom an identity provider calls so come in by this account (OpenID Connect: iss, sub)."""

    account_id: UUID
    issuer: str
    subject: str


@command("account_id")
class UnlinkIdentity(Command):
    """Let that identity come in no more."""

    account_id: UUID
    issuer: str
    subject: str


@command("account_id")
class CloseAccount(Command):
    """Let nobody come in by it any more."""

    account_id: UUID
    reason: str


# --- decisions ---------------------------------------------------------------------------------


@account.decides
def open_account(state: Account, command: OpenAccount, at: Circumstances) -> Decision:
    if state.status is not AccountStatus.ABSENT:
        raise Refused("account.already_open", "This account exists.")
    login = rules.shaped(
        "account",
        "login",
        command.login,
        LOGIN,
        "2 to 80 of a-z 0-9 . _ @ + -, a letter or a digit first",
    )
    if login in OURS:
        raise rules.refusal(
            "account.login", "login", login, "must not be what the program calls itself"
        )
    yield Reserve("login", login, "account.login_in_use")
    yield AccountOpened(account_id=command.account_id, login=login, opened_at=at.now)


@account.decides
def record_password(state: Account, command: RecordPasswordChange, at: Circumstances) -> Decision:
    _open(state)
    yield AccountPasswordChanged(
        account_id=command.account_id, login=state.login, changed_at=at.now
    )


@account.decides
def lock(state: Account, command: LockAccount, at: Circumstances) -> Decision:
    _open(state)
    if state.locked_until is not None and state.locked_until >= command.locked_until:
        return
    if not at.now < command.locked_until or (command.locked_until - at.now).days >= (
        LONGEST_LOCK_DAYS
    ):
        raise rules.refusal(
            "account.locked_until",
            "locked_until",
            command.locked_until.isoformat(),
            "must lie within the next day",
        )
    yield AccountLocked(
        account_id=command.account_id,
        login=state.login,
        failures=rules.quantity("account", "failures", command.failures),
        locked_at=at.now,
        locked_until=command.locked_until,
    )


@account.decides
def unlock(state: Account, command: UnlockAccount, at: Circumstances) -> Decision:
    _open(state)
    if state.locked_until is None:
        return
    yield AccountUnlocked(
        account_id=command.account_id,
        login=state.login,
        unlocked_at=at.now,
        reason=rules.text("account", "reason", command.reason, longest=500),
    )


@account.decides
def link(state: Account, command: LinkIdentity, at: Circumstances) -> Decision:
    _open(state)
    issuer, subject = _identity(command)
    if (issuer, subject) in state.identities:
        return
    rules.at_most("account", "identities", state.identities, MOST_IDENTITIES - 1)
    yield Reserve("identity", identity_key(issuer, subject), "account.identity_in_use")
    yield AccountIdentityLinked(
        account_id=command.account_id,
        login=state.login,
        issuer=issuer,
        subject=subject,
        linked_at=at.now,
    )


@account.decides
def unlink(state: Account, command: UnlinkIdentity, at: Circumstances) -> Decision:
    _open(state)
    issuer, subject = _identity(command)
    if (issuer, subject) not in state.identities:
        return
    yield Release("identity", identity_key(issuer, subject))
    yield AccountIdentityUnlinked(
        account_id=command.account_id,
        login=state.login,
        issuer=issuer,
        subject=subject,
        unlinked_at=at.now,
    )


@account.decides
def close(state: Account, command: CloseAccount, at: Circumstances) -> Decision:
    if state.status is AccountStatus.CLOSED:
        return
    for issuer, subject in state.identities:
        yield Release("identity", identity_key(issuer, subject))
    yield AccountClosed(
        account_id=command.account_id,
        login=state.login,
        closed_at=at.now,
        reason=rules.text("account", "reason", command.reason, longest=500),
    )


def identity_key(issuer: str, subject: str) -> str:
    """The natural key of an identity: there is one account at most that it comes in by."""
    return f"{issuer} {subject}"


def _identity(command: LinkIdentity | UnlinkIdentity) -> tuple[str, str]:
    return (
        rules.shaped("account", "issuer", command.issuer, r"https?://\S{1,400}", "an http address"),
        rules.shaped("account", "subject", command.subject, r"[!-~]{1,255}", "visible ASCII"),
    )


def _open(state: Account) -> None:
    if state.status is not AccountStatus.OPEN:
        raise Refused("account.closed", "The account is closed.")
