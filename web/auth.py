"""Tokens: 256 random bits that stand for somebody.

A token is ``alm_`` and 256 random bits. The database keeps its SHA-256 only, with the actor, the
role and the facilities it is good for; the token itself is shown once, when it is made. Where it
was made under a grant, it is good for as long as the grant is, which the ledger knows.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from facilities.scope import Role
from facilities.service import new_id

PREFIX = "alm_"

GOOD = "revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())"
"""Of which tokens something is told to whoever brings them."""

_COLUMNS = (
    "token_id, actor, role, facility_ids, created_at, expires_at, revoked_at,"
    " account_id, grant_id, kind, label, last_used_at"
)


class Kind(StrEnum):
    """A token for a program, or what somebody who came in by password goes on with."""

    TOKEN = "token"  # noqa: S105 - a kind, not a secret
    SESSION = "session"


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """What is known of a token, but for the token itself. Without `facility_ids` it is good for the
    whole system. `last_used_at` is right to within a minute."""

    token_id: UUID
    actor: str
    role: Role
    facility_ids: tuple[UUID, ...] | None
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    account_id: UUID | None
    grant_id: UUID | None
    kind: Kind
    label: str | None
    last_used_at: datetime | None


class Tokens:
    """The tokens there are. `pool` is the application role's."""

    def __init__(self, pool: Any) -> None:
        self._pool = pool

    def create(
        self,
        actor: str,
        role: Role,
        facility_ids: Sequence[UUID] | None = None,
        expires_at: datetime | None = None,
        *,
        under: tuple[UUID, UUID] | None = None,
        kind: Kind = Kind.TOKEN,
        label: str | None = None,
    ) -> tuple[UUID, str]:
        """Make a token, `under` an account's grant where it has one. Returns its id and the token,
        which nobody can show again."""
        token_id, secret = new_id(), PREFIX + secrets.token_urlsafe(32)
        account_id, grant_id = (None, None) if under is None else under
        with self._pool.connection() as connection:
            connection.execute(
                "INSERT INTO access.tokens (token_id, digest, actor, role, facility_ids, "
                "expires_at, account_id, grant_id, kind, label) "
                "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
                (
                    token_id,
                    digest(secret),
                    actor,
                    role.value,
                    None if facility_ids is None else list(facility_ids),
                    expires_at,
                    account_id,
                    grant_id,
                    kind.value,
                    label,
                ),
            )
        return token_id, secret

    def good(self, secret: str) -> Token | None:
        """The token that is this secret; None where it is unknown, expired or revoked."""
        found = self._select(f"digest = %s AND {GOOD}", digest(secret))
        return found[0] if found else None

    def all(self, account_id: UUID | None = None) -> list[Token]:
        """All tokens, or an account's, the oldest first."""
        if account_id is None:
            return self._select("true")
        return self._select("account_id = %s", account_id)

    def revoke(self, token_id: UUID, account_id: UUID | None = None) -> bool:
        """Let a token be good for nothing from now on. Returns whether there is such a token, of
        this account where one is given."""
        with self._pool.connection() as connection:
            cursor = connection.execute(
                "UPDATE access.tokens SET revoked_at = coalesce(revoked_at, now()) "
                "WHERE token_id = %s AND (%s::uuid IS NULL OR account_id = %s)",
                (token_id, account_id, account_id),
            )
            return bool(cursor.rowcount)

    def end_sessions(self, account_id: UUID) -> None:
        """Let whoever came in by the account's password come in again."""
        with self._pool.connection() as connection:
            connection.execute(
                "UPDATE access.tokens SET revoked_at = now() WHERE account_id = %s"
                " AND kind = 'session' AND revoked_at IS NULL",
                (account_id,),
            )

    def used(self, token_id: UUID) -> None:
        """Note that a token was used."""
        with self._pool.connection() as connection:
            connection.execute(
                "UPDATE access.tokens SET last_used_at = now() WHERE token_id = %s"
                " AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute')",
                (token_id,),
            )

    def _select(self, where: str, *values: Any) -> list[Token]:
        with self._pool.connection() as connection:
            rows = connection.execute(
                f"SELECT {_COLUMNS} FROM access.tokens WHERE {where} ORDER BY created_at, token_id",
                values,
            ).fetchall()
        return [
            Token(
                token_id=token_id,
                actor=actor,
                role=Role(role),
                facility_ids=None if facility_ids is None else tuple(facility_ids),
                created_at=created_at,
                expires_at=expires_at,
                revoked_at=revoked_at,
                account_id=account_id,
                grant_id=grant_id,
                kind=Kind(kind),
                label=label,
                last_used_at=last_used_at,
            )
            for (
                token_id,
                actor,
                role,
                facility_ids,
                created_at,
                expires_at,
                revoked_at,
                account_id,
                grant_id,
                kind,
                label,
                last_used_at,
            ) in rows
        ]


def digest(secret: str) -> bytes:
    """What is kept of a secret."""
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).digest()
