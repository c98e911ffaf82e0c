"""Whether an id is that of somebody who was erased, told without keeping whose ids those are.

Whoever asks for a person after the erasure names them in an address, and addresses stand in the log
of reads. So a **fingerprint** of each erased id is kept: an HMAC-SHA256 under a **pepper**, which
is wrapped by the master key like the keys of persons. It stands by itself, beside no key's number
and no time, so that it leads from a person to nothing that was theirs.
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Callable, Collection
from typing import Any
from uuid import UUID

from facilities.privacy.masters import KEY_SIZE, Masters

_BOUND_TO = b"almoner pepper of erased persons"


class ErasedPersons:
    """The fingerprints of all who were erased. Safe to share between threads."""

    def __init__(self, masters: Callable[[], Masters]) -> None:
        self._masters = masters
        self._pepper: bytes | None = None

    def note(self, connection: Any, person_id: UUID) -> None:
        """Somebody is being erased. The connection must be the owner's; in its transaction."""
        current = self._masters().current
        connection.execute(
            "INSERT INTO privacy.pepper (wrapped, master) VALUES (%s, %s) ON CONFLICT DO NOTHING",
            [current.wrap(os.urandom(KEY_SIZE), _BOUND_TO), current.master_id],
        )
        pepper = self._unwrapped(connection)
        assert pepper is not None
        connection.execute(
            "INSERT INTO privacy.erased (fingerprint) VALUES (%s) ON CONFLICT DO NOTHING",
            [_fingerprint(pepper, person_id)],
        )

    def among(self, connection: Any, ids: Collection[UUID]) -> set[UUID]:
        """Which of these ids are of persons who were erased."""
        if not ids:
            return set()
        # It is never another one: what was found once need not be looked for again.
        self._pepper = pepper = self._pepper or self._unwrapped(connection)
        if pepper is None:
            return set()
        prints = {_fingerprint(pepper, each): each for each in ids}
        rows = connection.execute(
            "SELECT fingerprint FROM privacy.erased WHERE fingerprint = ANY(%s)", [list(prints)]
        ).fetchall()
        return {prints[bytes(each)] for (each,) in rows}

    def rewrap(self, connection: Any) -> None:
        """Wrap the pepper anew with the current master key. The connection must be the owner's."""
        masters = self._masters()
        for wrapped, master in connection.execute(
            "SELECT wrapped, master FROM privacy.pepper WHERE master <> %s FOR UPDATE",
            [masters.current.master_id],
        ).fetchall():
            pepper = masters[master].unwrap(wrapped, _BOUND_TO)
            connection.execute(
                "UPDATE privacy.pepper SET wrapped = %s, master = %s",
                [masters.current.wrap(pepper, _BOUND_TO), masters.current.master_id],
            )

    def _unwrapped(self, connection: Any) -> bytes | None:
        rows = connection.execute("SELECT wrapped, master FROM privacy.pepper").fetchall()
        return self._masters()[rows[0][1]].unwrap(rows[0][0], _BOUND_TO) if rows else None


def _fingerprint(pepper: bytes, person_id: UUID) -> bytes:
    return hmac.digest(pepper, person_id.bytes, "sha256")
