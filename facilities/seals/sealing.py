"""Sealing: what the ledger has grown by is taken into the tree, and the tree's new head is signed.

A seal (`Sealer.seal`) is a numbered procedure:

1. Find the position below which no event can slip in any more.
2. Be the only one who seals, until the transaction ends; or leave it to whoever does.
3. Look at the seal before: its tree is the one that was signed, the key may follow its key, and the
   files outside tell the same story. Where the files tell of later seals, the database is an older
   one than it was: refuse. Where files are missing, write them anew, and log it.
4. Hash the events beyond it, let the tree grow by them, sign its size and its root.
5. Insert the seal. When it is committed, write it outside. If that fails or we die in between, the
   next seal's step 3 makes up for it; the other way round, files would vouch for a seal that never
   was.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import psycopg

from facilities.seals.folder import Folder
from facilities.seals.keys import KeyRefused, PublicKey, SealingRefused, SigningKey
from facilities.seals.leaves import entries, hashes_of, leaves_of, listing, positions_of
from facilities.seals.register import Register, SealRow
from facilities.seals.statements import (
    Introduction,
    Malformed,
    Seal,
    digest,
    instant,
    introduce,
    is_signed_by,
)
from facilities.seals.tree import Tree

log = logging.getLogger(__name__)

SEALERS_LOCK = 2260470129865513091
"""The advisory lock of whoever seals."""

LARGEST = 50_000
"""How many events one seal takes in at most: what a transaction hashes in a part of a second."""

Connections = Callable[[], AbstractContextManager[psycopg.Connection[Any]]]
"""Lends a connection in autocommit mode."""


class SealsDisagree(SealingRefused):
    """What was sealed before is not as it was; sealing goes on when somebody has looked into it."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """What there is to be sealed on: the newest seal, and the tree it signed."""

    row: SealRow
    seal: Seal
    tree: Tree


@dataclass(frozen=True, slots=True)
class _Made:
    """A new seal, and what is to be written outside."""

    seal: Seal
    statement: str
    listing: str
    introduction: str


class Sealer:
    """Seals the ledger with one key. `settled` tells below which position the ledger is certain."""

    def __init__(
        self,
        connections: Connections,
        settled: Callable[[], int | None],
        key: SigningKey,
        folder: Folder | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        largest: int = LARGEST,
    ) -> None:
        self._connections, self._settled, self._now = connections, settled, now
        self._key, self._folder, self._largest = key, folder, largest

    @property
    def key(self) -> SigningKey:
        return self._key

    def seal_all(self) -> list[Seal]:
        """Seal until nothing is left. Raises what `seal` raises."""
        made = []
        while (seal := self.seal()) is not None:
            made.append(seal)
        return made

    def seal(self) -> Seal | None:
        """Make one seal, as the module says; None where nothing is new, somebody else seals, or
        who writes does not come to an end.

        Raises SealsDisagree, KeyRefused, FolderUnusable and what the database raises.
        """
        head = self._settled()
        if head is None:
            return None
        with self._connections() as connection, connection.transaction():
            if not _alone(connection):
                return None
            register = Register(connection)
            last = self._agreed(register)
            made = self._grown(connection, register, last, head)
        if made is None:
            return None
        if self._folder is not None:
            self._folder.introduce(made.seal.key, made.introduction)
            self._folder.add(made.seal.number, made.statement, made.listing)
        return made.seal

    def introduce(self, new: PublicKey) -> Introduction:
        """Let another key sign from the next seal on that it makes. Ours introduces it.

        Raises SealsDisagree, KeyRefused and FolderUnusable.
        """
        with self._connections() as connection, connection.transaction():
            register = Register(connection)
            last = self._agreed(register)
            self._admitted(register, last)
            if new.key_id in register.introductions():
                raise KeyRefused(f"the key {new.key_id} was introduced before")
            introduction = introduce(new, self._key, self._now())
            register.introduce({new.key_id: introduction})
        if self._folder is not None:
            self._folder.introduce(new.key_id, introduction)
        return Introduction.read(introduction)

    # --- 3: the seal before --------------------------------------------------------------------

    def _agreed(self, register: Register) -> Sealed | None:
        last = sealed_last(register)
        if self._folder is not None:
            self._compare(register, self._folder, last)
        return last

    def _compare(self, register: Register, folder: Folder, last: Sealed | None) -> None:
        number = 0 if last is None else last.row.number
        if folder.statement(number + 1) is not None:
            raise SealsDisagree(
                f"{folder} has the seal {number + 1}, and the database only {number or 'none'}: "
                "the database is older than it was"
            )
        if last is None or (there := folder.statement(number)) == last.row.statement:
            return
        if there is not None:
            raise SealsDisagree(f"the seal {number} in {folder} is another than the database's")
        known = set(folder.numbers())
        missing = [each for each in range(1, number + 1) if each not in known]
        log.warning("%s lacked %d seals, which are written anew", folder, len(missing))
        for key_id, introduction in register.introductions().items():
            folder.introduce(key_id, introduction)
        for each in missing:
            for row in register.between(each - 1, each).values():
                folder.add(each, row.statement, listing(register.leaves([each])[each]))

    def _admitted(self, register: Register, last: Sealed | None) -> str:
        """Our key is the one that may sign next; where there is no key yet, it is from now on.

        Returns its introduction. Raises KeyRefused.
        """
        introductions = register.introductions()
        own = self._key.public.key_id
        if not introductions:
            introduction = introduce(self._key.public, self._key, self._now())
            register.introduce({own: introduction})
            return introduction
        if own not in introductions:
            raise KeyRefused(
                f"the key {own} was not introduced; "
                "`almoner audit key introduce`, with the key that sealed until now, does that"
            )
        by = Introduction.read(introductions[own]).introduced_by
        if last is None and by != own:
            raise KeyRefused(f"the key {own} follows {by}, which has not sealed anything yet")
        if last is not None and last.seal.key not in (own, by):
            raise KeyRefused(f"the key {own} does not follow {last.seal.key}, which sealed last")
        return introductions[own]

    # --- 4 and 5: the next seal ----------------------------------------------------------------

    def _grown(
        self,
        connection: psycopg.Connection[Any],
        register: Register,
        last: Sealed | None,
        head: int,
    ) -> _Made | None:
        after = None if last is None else last.row.last_position
        leaves = leaves_of(entries(connection, after, head, self._largest))
        if not leaves:
            return None
        introduction = self._admitted(register, last)
        tree = Tree() if last is None else last.tree
        completed = tree.extend(hashes_of(leaves))
        positions, told = positions_of(leaves), listing(leaves)
        seal = Seal(
            number=1 if last is None else last.row.number + 1,
            first_position=positions[0],
            last_position=positions[-1],
            tree_size=tree.size,
            root=tree.root.hex(),
            leaves=digest(told),
            predecessor="" if last is None else digest(last.row.statement),
            key=self._key.public.key_id,
            sealed_at=instant(self._now()),
        )
        statement = seal.sign(self._key)
        row = SealRow(
            number=seal.number,
            first_position=seal.first_position,
            last_position=seal.last_position,
            tree_size=seal.tree_size,
            peaks=tree.peaks,
            statement=statement,
        )
        register.add(row, leaves, completed)
        return _Made(seal, statement, told, introduction)


def sealed_last(register: Register) -> Sealed | None:
    """The newest seal with its tree. Raises SealsDisagree where it is not what was signed."""
    row = register.last()
    if row is None:
        return None
    try:
        seal = Seal.read(row.statement)
        tree = Tree.of(seal.tree_size, row.peaks)
        by = Introduction.read(register.introductions().get(seal.key, "")).public
        as_signed = is_signed_by(by, row.statement)
    except (Malformed, ValueError):
        as_signed = False
    if not as_signed or tree.root.hex() != seal.root or not _fits(row, seal):
        raise SealsDisagree(f"the seal {row.number} is not what was signed; verify the ledger")
    return Sealed(row, seal, tree)


def _fits(row: SealRow, seal: Seal) -> bool:
    return (row.number, row.first_position, row.last_position, row.tree_size) == (
        seal.number,
        seal.first_position,
        seal.last_position,
        seal.tree_size,
    )


def _alone(connection: psycopg.Connection[Any]) -> bool:
    # Never waits in the lock's queue: that holds a snapshot CREATE INDEX CONCURRENTLY waits for.
    row = connection.execute("SELECT pg_try_advisory_xact_lock(%s)", [SEALERS_LOCK]).fetchone()
    return row is not None and bool(row[0])
