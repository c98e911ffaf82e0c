"""The foundations: SQL for what is permanent, applied once and in order.

`NNNN_name.sql`, numbered from 0001 without a gap. A file that has been applied anywhere is never
edited again: write the next one. Read models have no migrations; they are built from events.

All files run as `almoner_owner`, except the first, which makes that role, and with an empty
search_path: name the schema of everything you create or touch.
"""

import hashlib
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable

import psycopg

_LOCK = 0x616C6D6F6E6572
"""Advisory lock of those who migrate one database ("almoner" in ASCII)."""
_NAME = re.compile(r"(\d{4})_[a-z0-9_]+\.sql")
_ATTEMPTS = 10


class MigrationRefused(Exception):
    """The files and the database do not fit together; nothing was changed."""


class EditedMigration(MigrationRefused):
    """A file was changed after it had been applied to this database."""


@dataclass(frozen=True)
class Migration:
    number: int
    name: str
    sql: str

    @property
    def sha256(self) -> bytes:
        return hashlib.sha256(self.sql.encode()).digest()


def migrate(
    connection: psycopg.Connection, folder: Traversable | None = None, patience: float = 600.0
) -> list[str]:
    """Apply what is pending; returns the names applied now. Harmless to repeat, by any number of
    processes at once.

    `connection` is the bare login in autocommit mode, directly to the server: the lock belongs to
    the session. It needs the right to create roles (or membership in ours) and schemas.

    1. Poll for the lock. Never wait inside the server: a session that does is a transaction that
       CREATE INDEX CONCURRENTLY waits for, and the two would wait for each other.
    2. Compare files and records; refuse what does not fit.
    3. Apply each pending file and its record in one transaction.

    Raises MigrationRefused, TimeoutError after `patience` seconds behind another process, and
    psycopg.Error where a file fails (that file is undone, those before it stay).
    """
    if not connection.autocommit:
        raise ValueError("migrate() needs a connection in autocommit mode")
    with _lock(connection, patience):
        waiting = _pending(connection, folder)
        for migration in waiting:
            _apply(connection, migration)
    return [migration.name for migration in waiting]


def pending(connection: psycopg.Connection, folder: Traversable | None = None) -> list[str]:
    """Names not applied yet. Any role may ask. Raises MigrationRefused."""
    return [migration.name for migration in _pending(connection, folder)]


def applied(connection: psycopg.Connection) -> list[str]:
    """Names applied to this database, in order."""
    return list(_recorded(connection))


def _pending(connection: psycopg.Connection, folder: Traversable | None) -> list[Migration]:
    known = {migration.name: migration for migration in _files(folder)}
    recorded = _recorded(connection)
    for name, sha256 in recorded.items():
        if name not in known:
            raise MigrationRefused(
                f"migration {name} was applied to this database, but this program does not have "
                "it: the program is older than the database"
            )
        if known[name].sha256 != sha256:
            raise EditedMigration(
                f"migration {name} was edited after it had been applied to this database; "
                "undo the edit and write a new migration"
            )
    waiting = [migration for name, migration in known.items() if name not in recorded]
    if waiting and waiting[0].number <= len(recorded):
        raise MigrationRefused(f"migration {waiting[0].name} comes before one already applied")
    return waiting


def _files(folder: Traversable | None) -> list[Migration]:
    found = []
    for file in (folder or resources.files(__name__)).iterdir():
        if not file.name.endswith(".sql"):
            continue
        named = _NAME.fullmatch(file.name)
        if named is None:
            raise MigrationRefused(f"{file.name} is not named like 0001_what_it_does.sql")
        # Text mode: a checkout with other line ends is not an edit.
        text = file.read_text(encoding="utf-8")
        found.append(Migration(int(named[1]), file.name.removesuffix(".sql"), text))
    found.sort(key=lambda migration: (migration.number, migration.name))
    for expected, migration in enumerate(found, start=1):
        if migration.number != expected:
            raise MigrationRefused(f"migration {expected:04} is missing before {migration.name}")
    return found


def _recorded(connection: psycopg.Connection) -> dict[str, bytes]:
    there = connection.execute("SELECT to_regclass('ledger.migrations') IS NOT NULL").fetchone()
    if there is None or not there[0]:
        return {}
    return dict(
        connection.execute("SELECT name, sha256 FROM ledger.migrations ORDER BY name").fetchall()
    )


def _apply(connection: psycopg.Connection, migration: Migration) -> None:
    """Roles belong to the whole server, so migrations of two databases of one server can meet in
    the first file; PostgreSQL then tells one of them to try again in words, not in a code."""
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            with connection.transaction():
                # Whatever the login's own settings say.
                connection.execute("SET LOCAL search_path = ''")
                connection.execute("SET LOCAL statement_timeout = 0")
                # Better to fail and be repeated than to queue the whole ward behind us.
                connection.execute("SET LOCAL lock_timeout = '10s'")
                if migration.number > 1:
                    connection.execute("SET LOCAL ROLE almoner_owner")
                connection.execute(migration.sql.encode())
                connection.execute("SET LOCAL ROLE almoner_owner")
                connection.execute(
                    "INSERT INTO ledger.migrations (name, sha256) VALUES (%s, %s)",
                    [migration.name, migration.sha256],
                )
        except psycopg.errors.InternalError_ as error:
            if attempt == _ATTEMPTS or "concurrently" not in str(error):
                raise
            time.sleep(0.02 * attempt)
        else:
            return


@contextmanager
def _lock(connection: psycopg.Connection, patience: float) -> Iterator[None]:
    deadline = time.monotonic() + patience
    while True:
        got = connection.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK]).fetchone()
        if got is not None and got[0]:
            break
        if time.monotonic() > deadline:
            raise TimeoutError(f"another process has been migrating for {patience:.0f} s")
        time.sleep(0.05)
    try:
        yield
    finally:
        if not connection.closed:
            connection.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])
