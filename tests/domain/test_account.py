"""The life of an account."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.access.account import (
    MOST_IDENTITIES,
    OURS,
    Account,
    CloseAccount,
    LinkIdentity,
    LockAccount,
    OpenAccount,
    RecordPasswordChange,
    UnlinkIdentity,
    UnlockAccount,
    account,
    identity_key,
)
from domain.access.events.account import (
    AccountClosed,
    AccountIdentityLinked,
    AccountIdentityUnlinked,
    AccountLocked,
    AccountOpened,
    AccountPasswordChanged,
    AccountUnlocked,
)
from domain.access.standings import AccountStanding
from domain.kernel import Command, Release, Reserve
from tests.grammar import NOW, given

ANA = UUID("018f0000-0000-7000-8000-0000000000a1")
ISSUER, SUBJECT = "https://id.example.org", "248289761001"
WHO: dict[str, Any] = {"account_id": ANA, "login": "ana"}
SOON = NOW + timedelta(minutes=5)

opening = OpenAccount(account_id=ANA, login="ana")
opened = AccountOpened(**WHO, opened_at=NOW)
changing = RecordPasswordChange(account_id=ANA)
changed = AccountPasswordChanged(**WHO, changed_at=NOW)
locking = LockAccount(account_id=ANA, failures=5, locked_until=SOON)
locked = AccountLocked(**WHO, failures=5, locked_at=NOW, locked_until=SOON)
unlocking = UnlockAccount(account_id=ANA, reason="She called")
unlocked = AccountUnlocked(**WHO, unlocked_at=NOW, reason="She called")
linking = LinkIdentity(account_id=ANA, issuer=ISSUER, subject=SUBJECT)
linked = AccountIdentityLinked(**WHO, issuer=ISSUER, subject=SUBJECT, linked_at=NOW)
unlinking = UnlinkIdentity(account_id=ANA, issuer=ISSUER, subject=SUBJECT)
unlinked = AccountIdentityUnlinked(**WHO, issuer=ISSUER, subject=SUBJECT, unlinked_at=NOW)
closing = CloseAccount(account_id=ANA, reason="She left")
closed = AccountClosed(**WHO, closed_at=NOW, reason="She left")


def test_an_account_is_opened_under_a_login_of_its_own() -> None:
    given(Account).when(opening).records(Reserve("login", "ana", "account.login_in_use"), opened)
    given(Account, opened).when(opening).refused("account.already_open")


@pytest.mark.parametrize("login", ["", "a", "Ana", "ana ", "-ana", "ana\n", "ä" * 3, "a" * 81])
def test_a_login_can_be_written_down_in_one_way_only(login: str) -> None:
    given(Account).when(replace(opening, login=login)).refused("account.login", field="login")


@pytest.mark.parametrize("login", sorted(OURS))
def test_nobody_is_called_what_the_program_calls_itself(login: str) -> None:
    given(Account).when(replace(opening, login=login)).refused("account.login", value=login)


def test_a_password_is_changed_and_what_it_is_is_not_told() -> None:
    given(Account, opened).when(changing).records(changed)
    given(Account, opened, locked).when(changing).records(changed)
    assert given(Account, opened, locked, changed).state.locked_until is None
    assert given(Account, opened, changed).state.password_changed_at == NOW


def test_an_account_is_locked_for_a_while() -> None:
    given(Account, opened).when(locking).records(locked)
    given(Account, opened, locked).when(locking).records_nothing()
    longer = replace(locking, locked_until=SOON + timedelta(minutes=5))
    given(Account, opened, locked).when(longer).records(
        replace(locked, locked_until=longer.locked_until)
    )


@pytest.mark.parametrize("until", [NOW, NOW - timedelta(1), NOW + timedelta(days=1)])
def test_a_lock_ends_and_not_before_it_began(until: Any) -> None:
    given(Account, opened).when(replace(locking, locked_until=until)).refused(
        "account.locked_until"
    )


def test_an_administrator_unlocks_and_says_why() -> None:
    given(Account, opened, locked).when(unlocking).records(unlocked)
    given(Account, opened).when(unlocking).records_nothing()
    given(Account, opened, locked, unlocked).when(unlocking).records_nothing()
    given(Account, opened, locked).when(replace(unlocking, reason=" ")).refused("account.text")


def test_an_identity_of_a_provider_is_linked_and_unlinked() -> None:
    key = identity_key(ISSUER, SUBJECT)
    given(Account, opened).when(linking).records(
        Reserve("identity", key, "account.identity_in_use"), linked
    )
    given(Account, opened, linked).when(linking).records_nothing()
    given(Account, opened, linked).when(unlinking).records(Release("identity", key), unlinked)
    given(Account, opened).when(unlinking).records_nothing()
    given(Account, opened, linked, unlinked).when(linking).records_a(AccountIdentityLinked)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("issuer", "id.example.org"),
        ("issuer", "https://id.example.org/a b"),
        ("issuer", ""),
        ("subject", ""),
        ("subject", "a b"),
        ("subject", "x" * 256),
    ],
)
def test_an_identity_has_the_shape_that_providers_give_it(field: str, value: str) -> None:
    wrong: Any = {field: value}
    given(Account, opened).when(replace(linking, **wrong)).refused(f"account.{field}")


def test_an_account_has_few_identities() -> None:
    many = [replace(linked, subject=str(number)) for number in range(MOST_IDENTITIES)]
    given(Account, opened, *many[:-1]).when(linking).records_a(AccountIdentityLinked)
    given(Account, opened, *many).when(linking).refused("account.identities")


def test_an_account_is_closed_and_lets_its_identities_go() -> None:
    given(Account, opened).when(closing).records(closed)
    given(Account, opened, linked).when(closing).records(
        Release("identity", identity_key(ISSUER, SUBJECT)), closed
    )
    given(Account, opened, closed).when(closing).records_nothing()
    given(Account, opened).when(replace(closing, reason="")).refused("account.text")


@pytest.mark.parametrize("command", [changing, locking, unlocking, linking, unlinking])
def test_nothing_happens_to_a_closed_account(command: Command) -> None:
    given(Account, opened, linked, closed).when(command).refused("account.closed")


def test_others_know_whether_it_is_open_and_its_login() -> None:
    assert account.standing is not None
    for history, status in (((opened,), "open"), ((opened, closed), "closed")):
        assert account.standing(account.fold(history), ANA) == AccountStanding(
            kind="account", id=ANA, open=status == "open", status=status, login="ana"
        )
