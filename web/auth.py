"""Bearer tokens: who is at the door.

A token is ``alm_`` and 256 random bits. The database keeps its SHA-256 only, with the actor, the
role and the facilities it is good for; the token itself is shown once, when it is made.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import sql

from facilities.scope import WHOLE_SYSTEM, Actor, Role, Scope
from facilities.service import new_id
from projections.parts import Part

PREFIX = "alm_"

ROOM = 10_000
"""How many tokens are remembered; those that were seen longest ago make room."""

_GOOD = "revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())"

_ADMISSION = sql.SQL(
    "SELECT set_config('almoner.facilities', coalesce(facility_ids::text, 'all'), true)"
    " AS __let_in FROM access.tokens WHERE digest = %s"
    f" AND facility_ids IS NOT DISTINCT FROM %s::uuid[] AND {_GOOD}"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """What is known of a token, but for the token itself."""

    token_id: UUID
    actor: str
    role: Role
    facility_ids: tuple[UUID, ...] | None
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Bearer:
    """Whom a token stood for when it was last looked up. It may have been revoked since."""

    digest: bytes
    actor: Actor
    facility_ids: list[UUID] | None

    @property
    def admission(self) -> Part:
        """Lets a statement that reads see what the token is good for, now (`projections.sight`);
        nothing where that is not what it was."""
        return Part(_ADMISSION, [self.digest, self.facility_ids])


class Tokens:
    """The tokens there are. `pool` is the application role's."""

    def __init__(self, pool: Any) -> None:
        self._pool = pool
        self._seen: OrderedDict[bytes, Bearer] = OrderedDict()
        self._lock = threading.Lock()

    def create(
        self,
        actor: str,
        role: Role,
        facility_ids: Sequence[UUID] | None = None,
        expires_at: datetime | None = None,
    ) -> tuple[UUID, str]:
        """Make a token. Returns its id and the token, which nobody can show again."""
        token_id, secret = new_id(), PREFIX + secrets.token_urlsafe(32)
        with self._pool.connection() as connection:
            connection.execute(
                "INSERT INTO access.tokens "
                "(token_id, digest, actor, role, facility_ids, expires_at) "
                "VALUES (%s, %s, %s, %s, %s, %s)",
                (
                    token_id,
                    _digest(secret),
                    actor,
                    role.value,
                    None if facility_ids is None else list(facility_ids),
                    expires_at,
                ),
            )
        return token_id, secret

    def last_seen(self, secret: str) -> Bearer | None:
        """Whom a token stood for when this process last looked it up; None where it never did.

        Good for preparing an answer, not for giving one: whoever goes by it has to make sure.
        """
        digest = _digest(secret)
        with self._lock:
            if digest in self._seen:
                self._seen.move_to_end(digest)
            return self._seen.get(digest)

    def bearer(self, secret: str) -> Bearer | None:
        """Whom a token stands for; None where it is unknown, expired or revoked."""
        digest = _digest(secret)
        with self._pool.connection() as connection:
            row = connection.execute(
                "SELECT actor, role, facility_ids FROM access.tokens "
                f"WHERE digest = %s AND {_GOOD}",
                (digest,),
            ).fetchone()
        with self._lock:
            if row is None:
                self._seen.pop(digest, None)
                return None
            name, role, facility_ids = row
            scope = WHOLE_SYSTEM if facility_ids is None else Scope(frozenset(facility_ids))
            found = Bearer(digest, Actor(name, Role(role), scope), facility_ids)
            self._seen[digest] = found
            while len(self._seen) > ROOM:
                self._seen.popitem(last=False)
            return found

    def list(self) -> list[Token]:
        """All tokens, the oldest first."""
        with self._pool.connection() as connection:
            rows = connection.execute(
                "SELECT token_id, actor, role, facility_ids, created_at, expires_at, revoked_at "
                "FROM access.tokens ORDER BY created_at, token_id"
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
            )
            for token_id, actor, role, facility_ids, created_at, expires_at, revoked_at in rows
        ]

    def revoke(self, token_id: UUID) -> bool:
        """Let a token be good for nothing from now on. Returns whether there is such a token."""
        with self._pool.connection() as connection:
            cursor = connection.execute(
                "UPDATE access.tokens SET revoked_at = coalesce(revoked_at, now()) "
                "WHERE token_id = %s",
                (token_id,),
            )
            return bool(cursor.rowcount)


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).digest()
