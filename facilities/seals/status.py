"""How far the ledger is sealed, for whoever operates it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import psycopg

from facilities.seals.register import Register
from facilities.seals.settings import SealSettings
from facilities.seals.statements import Malformed, Seal


@dataclass(frozen=True, slots=True, kw_only=True)
class SealStatus:
    """`sealing`: there is a key. `behind`: positions of the ledger beyond the newest seal."""

    sealing: bool
    folder: str | None
    number: int | None = None
    position: int = 0
    sealed_at: str | None = None
    behind: int = 0

    def to_json(self) -> dict[str, Any]:
        return {
            "sealing": "on" if self.sealing else "off",
            "folder": self.folder,
            "number": self.number,
            "position": self.position,
            "sealed_at": self.sealed_at,
            "behind": self.behind,
        }

    def __str__(self) -> str:
        how = "on" if self.sealing else "off: there is no key (ALMONER_SEAL_KEY_FILE)"
        where = "" if self.folder or not self.sealing else ", in the database only"
        if self.number is None:
            return f"{how}{where}; nothing is sealed"
        return (
            f"{how}{where}; seal {self.number} of {self.sealed_at} reaches position "
            f"{self.position}, {self.behind} behind"
        )


def seal_status(
    connection: psycopg.Connection[Any], settings: SealSettings, head: int
) -> SealStatus:
    """How far the ledger, which has this last position, is sealed."""
    folder = None if settings.folder is None else str(settings.folder)
    row = Register(connection).last()
    if row is None:
        return SealStatus(sealing=settings.sealing, folder=folder, behind=head)
    try:
        sealed_at = Seal.read(row.statement).sealed_at
    except Malformed:
        sealed_at = None
    return SealStatus(
        sealing=settings.sealing,
        folder=folder,
        number=row.number,
        position=row.last_position,
        sealed_at=sealed_at,
        behind=max(head - row.last_position, 0),
    )
