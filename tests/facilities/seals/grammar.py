"""How a test of seals is spelled: ``sealed.grows(7)`` is seven events and a seal over them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from facilities.database import Database, Role
from facilities.ledger import Ledger
from facilities.seals.folder import Folder
from facilities.seals.keys import SigningKey, new_key
from facilities.seals.sealing import Sealer
from facilities.seals.statements import Seal
from tests.facilities.notes import notes


@dataclass
class SealedLedger:
    """A ledger, the key that seals it, the folder of its seals."""

    database: Database
    ledger: Ledger
    place: Path
    key: SigningKey
    folder: Folder | None
    streams: list[UUID] = field(default_factory=lambda: [uuid4(), uuid4()])
    versions: Counter[UUID] = field(default_factory=Counter)

    @classmethod
    def new(cls, database: Database, ledger: Ledger, place: Path) -> SealedLedger:
        return cls(database, ledger, place, new_key(place / "key.pem"), Folder(place / "seals"))

    @property
    def sealer(self) -> Sealer:
        return Sealer(
            self.database.pool(Role.APP).connection,
            self.ledger.recorder.settled,
            self.key,
            self.folder,
        )

    def with_(self, **changed: Any) -> SealedLedger:
        """The same ledger, with another key or folder."""
        return replace(self, **changed)

    def notes(self, number: int) -> list[int]:
        """So many events, in two streams in turn; their positions."""
        pending = []
        for _ in range(number):
            stream = self.streams[sum(self.versions.values()) % 2]
            self.versions[stream] += 1
            pending += notes(stream, self.versions[stream])
        return self.ledger.append(pending)

    def grows(self, number: int) -> Seal:
        """So many events, and a seal over them."""
        self.notes(number)
        seal = self.sealer.seal()
        assert seal is not None
        return seal

    @contextmanager
    def superuser(self, *, stays: bool = False) -> Iterator[psycopg.Connection[Any]]:
        """Whom no right and no trigger stops. What is done is undone then, unless it stays."""
        server = self.database._server
        if server is None:
            pytest.skip("needs the superuser of the embedded server")
        conninfo = server.conninfo(self.database.name, "postgres")
        with (
            psycopg.connect(conninfo, autocommit=True) as connection,
            connection.transaction(force_rollback=not stays),
        ):
            connection.execute("SET LOCAL session_replication_role = replica")
            yield connection
