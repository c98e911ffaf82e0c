"""Passwords: what is kept of them, and how often a wrong one may be tried.

Of a password an argon2id hash is kept (RFC 9106), outside of the ledger. To hash takes long and
much memory, which is what it is for; so few do it at once, and who waits too long is told that
there is too much to do. After some failures one after the other a login takes no password for a
while, each time for twice as long; that holds for logins that do not exist as well, so that nobody
learns which do.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from domain.kernel import Refused
from facilities.group_commit import Overloaded

SHORTEST, LONGEST = 12, 200
"""How many characters a password has (NIST SP 800-63B asks for 8 at least, and to allow 64)."""

MEMORY, PASSES = 19_456, 2
"""KiB and passes of a hash: what OWASP asks for at least, one lane."""

AT_ONCE = 2
"""How many hash at once in a process."""

PATIENCE = 3.0
"""How long, in seconds, one waits for that."""

FREE = 5
"""How many failures one after the other have no consequence."""

FIRST_LOCK, LONGEST_LOCK = timedelta(seconds=30), timedelta(hours=1)

FORGOTTEN = timedelta(days=1)
"""Failures that were longer ago are not counted."""

_NOBODY = (
    "$argon2id$v=19$m=19456,t=2,p=1$CCkMmewHQMcxuvkHocsqRQ$"
    "ZN4L7BXdhXvxjAeCyL6yvpJ/0SisL9BM8aPzdYtEd9g"
)
"""A hash to compare with where there is none, so that it takes as long."""


class Passwords:
    """The passwords of accounts. `pool` is the application role's."""

    def __init__(self, pool: Any) -> None:
        self._pool = pool
        self._hasher = PasswordHasher(time_cost=PASSES, memory_cost=MEMORY, parallelism=1)
        self._turn = threading.BoundedSemaphore(AT_ONCE)

    def check(self, account_id: UUID | None, password: str) -> bool:
        """Whether it is the account's; takes as long where there is no account, or no password.

        Raises Overloaded.
        """
        kept = None if account_id is None else self._kept(account_id)
        with self._at_work():
            try:
                self._hasher.verify(_NOBODY if kept is None else kept, password)
            except (VerifyMismatchError, InvalidHashError):
                return False
        if kept is None or account_id is None:
            return False
        if self._hasher.check_needs_rehash(kept):
            self.keep(account_id, password)
        return True

    def keep(self, account_id: UUID, password: str) -> None:
        """Keep what is kept of a password, instead of what was. Raises Overloaded."""
        with self._at_work():
            made = self._hasher.hash(password)
        with self._pool.connection() as connection:
            connection.execute(
                "INSERT INTO access.passwords (account_id, hash) VALUES (%s, %s)"
                " ON CONFLICT (account_id) DO UPDATE SET hash = excluded.hash, changed_at = now()",
                [account_id, made],
            )

    def forget(self, account_id: UUID) -> None:
        """Let nobody come in by the account's password."""
        with self._pool.connection() as connection:
            connection.execute("DELETE FROM access.passwords WHERE account_id = %s", [account_id])

    def _kept(self, account_id: UUID) -> str | None:
        with self._pool.connection() as connection:
            row = connection.execute(
                "SELECT hash FROM access.passwords WHERE account_id = %s", [account_id]
            ).fetchone()
        return None if row is None else row[0]

    @contextmanager
    def _at_work(self) -> Iterator[None]:
        if not self._turn.acquire(timeout=PATIENCE):
            raise Overloaded("others' passwords are being checked")
        try:
            yield
        finally:
            self._turn.release()

    # --- attempts --------------------------------------------------------------------------------

    def locked_until(self, login: str) -> datetime | None:
        """Until when no password is taken for a login; None where one is."""
        with self._pool.connection() as connection:
            row = connection.execute(
                "SELECT locked_until FROM access.attempts"
                " WHERE login = %s AND locked_until > now()",
                [_digest(login)],
            ).fetchone()
        return None if row is None else row[0]

    def failed_since(self, login: str, moment: datetime) -> bool:
        """Whether an attempt has failed after a moment."""
        with self._pool.connection() as connection:
            ((found,),) = connection.execute(
                "SELECT EXISTS (SELECT FROM access.attempts WHERE login = %s AND failed_at > %s)",
                [_digest(login), moment],
            ).fetchall()
        return bool(found)

    def failed(self, login: str) -> tuple[int, datetime | None]:
        """Another attempt has failed: the how many-th in a row, and until when none is taken."""
        with self._pool.connection() as connection:
            row = connection.execute(
                "INSERT INTO access.attempts AS known (login, failures, failed_at)"
                " VALUES (%s, 1, now()) ON CONFLICT (login) DO UPDATE SET failed_at = now(),"
                " failures = CASE WHEN known.failed_at < now() - %s THEN 1"
                " ELSE known.failures + 1 END RETURNING failures, now()",
                [_digest(login), FORGOTTEN],
            ).fetchone()
            failures, now = row
            lock = lock_after(failures)
            if lock is None:
                return failures, None
            connection.execute(
                "UPDATE access.attempts SET locked_until = greatest(locked_until, %s)"
                " WHERE login = %s",
                [now + lock, _digest(login)],
            )
        return failures, now + lock

    def forget_attempts(self) -> None:
        """Forget the attempts that are not counted any more: whoever tries logins that he makes up
        leaves an entry for each."""
        with self._pool.connection() as connection:
            connection.execute(
                "DELETE FROM access.attempts WHERE failed_at < now() - %s::interval", [FORGOTTEN]
            )

    def forgive(self, login: str) -> None:
        """Forget the attempts that failed."""
        with self._pool.connection() as connection:
            connection.execute("DELETE FROM access.attempts WHERE login = %s", [_digest(login)])


def lock_after(failures: int) -> timedelta | None:
    """For how long nothing is taken after so many failures in a row."""
    if failures < FREE:
        return None
    doubled: timedelta = FIRST_LOCK * 2 ** min(failures - FREE, 20)
    return min(doubled, LONGEST_LOCK)


def fit(password: str, login: str) -> None:
    """Refuses what is too easy to guess. The password is not in what is told."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise _refused("length", f"must have {SHORTEST} to {LONGEST} characters")
    if login in password.lower():
        raise _refused("login_within", "must not contain the login")
    if len(set(password)) < 5:
        raise _refused("monotonous", "must have at least five different characters")


def _refused(rule: str, told: str) -> Refused:
    return Refused(f"password.{rule}", f"The password {told}.", field="password", rule=told)


def _digest(login: str) -> bytes:
    return hashlib.sha256(login.encode("utf-8", "surrogateescape")).digest()
