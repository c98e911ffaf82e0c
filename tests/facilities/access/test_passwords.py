"""Passwords: what is kept, how long it takes, and what comes of trying."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from argon2 import PasswordHasher

from domain.kernel import Refused
from facilities.access import passwords as module
from facilities.access.passwords import (
    AT_ONCE,
    FIRST_LOCK,
    FREE,
    LONGEST,
    LONGEST_LOCK,
    Passwords,
    fit,
    lock_after,
)
from facilities.database import Database, Role
from facilities.group_commit import Overloaded

ANA = uuid4()
RIGHT, WRONG = "correct horse battery", "incorrect horse battery"


@pytest.fixture
def passwords(database: Database) -> Passwords:
    return Passwords(database.pool(Role.APP))


def kept(database: Database) -> list[str]:
    with database.connect(Role.APP) as connection:
        return [row for (row,) in connection.execute("SELECT p::text FROM access.passwords p")]


def test_a_password_is_right_or_wrong_and_not_kept(
    database: Database, passwords: Passwords
) -> None:
    passwords.keep(ANA, RIGHT)
    assert passwords.check(ANA, RIGHT)
    assert not passwords.check(ANA, WRONG)
    passwords.keep(ANA, WRONG)
    assert not passwords.check(ANA, RIGHT)
    (row,) = kept(database)
    assert "$argon2id$" in row
    assert RIGHT not in row
    assert WRONG not in row
    passwords.forget(ANA)
    assert not passwords.check(ANA, WRONG)


def test_who_has_none_is_checked_all_the_same(passwords: Passwords) -> None:
    assert not passwords.check(None, RIGHT)
    assert not passwords.check(uuid4(), RIGHT)
    # The hash that stands for nobody's is of the same cost, so that it takes as long.
    assert not passwords._hasher.check_needs_rehash(module._NOBODY)


def test_a_hash_of_less_cost_is_made_anew_when_the_password_is_right(
    database: Database, passwords: Passwords
) -> None:
    cheap = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(RIGHT)
    with database.connect(Role.APP) as connection:
        connection.execute(
            "INSERT INTO access.passwords (account_id, hash) VALUES (%s, %s)", [ANA, cheap]
        )
    assert not passwords.check(ANA, WRONG)
    assert "m=64," in kept(database)[0]
    assert passwords.check(ANA, RIGHT)
    assert "m=64," not in kept(database)[0]
    assert passwords.check(ANA, RIGHT)


def test_few_hash_at_once_and_who_waits_too_long_is_told(
    passwords: Passwords, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.01)
    inside, leave = threading.Barrier(AT_ONCE + 1), threading.Event()

    def hash_slowly() -> None:
        with passwords._at_work():
            inside.wait(timeout=10)
            leave.wait(timeout=10)

    at_work = [threading.Thread(target=hash_slowly) for _ in range(AT_ONCE)]
    for each in at_work:
        each.start()
    inside.wait(timeout=10)
    with pytest.raises(Overloaded):
        passwords.check(ANA, RIGHT)
    leave.set()
    for each in at_work:
        each.join()
    assert not passwords.check(ANA, RIGHT)


def test_after_some_failures_a_login_takes_none_for_a_while(passwords: Passwords) -> None:
    told = [passwords.failed("ana") for _ in range(FREE + 1)]
    assert [failures for failures, _ in told] == list(range(1, FREE + 2))
    assert [locked is None for _, locked in told] == [True] * (FREE - 1) + [False, False]
    assert passwords.locked_until("ana") == told[-1][1]
    assert passwords.locked_until("ben") is None
    passwords.forgive("ana")
    assert passwords.locked_until("ana") is None
    assert passwords.failed("ana") == (1, None)


def test_failures_of_yesterday_are_forgotten(database: Database, passwords: Passwords) -> None:
    for _ in range(FREE - 1):
        passwords.failed("ana")
    with database.connect(Role.APP) as connection:
        connection.execute("UPDATE access.attempts SET failed_at = failed_at - interval '2 days'")
    assert passwords.failed("ana") == (1, None)


def test_attempts_that_are_not_counted_any_more_are_not_kept(
    database: Database, passwords: Passwords
) -> None:
    for login in ("made up", "made up too", "ana"):
        passwords.failed(login)
    with database.connect(Role.APP) as connection:
        connection.execute("UPDATE access.attempts SET failed_at = failed_at - interval '2 days'")
        passwords.failed("ana")
        passwords.forget_attempts()
        assert connection.execute("SELECT count(*) FROM access.attempts").fetchone() == (1,)


def test_each_lock_is_twice_as_long_up_to_the_longest() -> None:
    assert lock_after(FREE - 1) is None
    assert [lock_after(FREE + each) for each in range(3)] == [
        FIRST_LOCK, FIRST_LOCK * 2, FIRST_LOCK * 4,
    ]  # fmt: skip
    assert lock_after(10_000) == LONGEST_LOCK < timedelta(days=1)


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short", "password.length"),
        ("x" * (LONGEST + 1), "password.length"),
        ("my login is ANA!", "password.login_within"),
        ("abababababababab", "password.monotonous"),
    ],
)
def test_what_is_too_easy_is_refused_and_not_repeated(password: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        fit(password, "ana")
    told: Any = refused.value
    assert told.code == code
    assert password not in f"{told.message} {told.details}"
    fit(RIGHT, "ana")
