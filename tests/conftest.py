"""A real PostgreSQL for the tests: one server per run, one database per test that asks for one.

ALMONER_TEST_DATABASE_URL runs them on another server, with a login that may create databases and
roles; ALMONER_POSTGRES_BIN on another PostgreSQL.
"""

import os
import shutil
import signal
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from facilities.database import Database
from facilities.embedded import EmbeddedServer
from facilities.privacy.masters import MasterSettings
from migrations import migrate

LONGEST = (
    "web/test_openapi_contract.py",
    "web/test_openapi_boundaries.py",
    "facilities/test_simulation.py",
    "projections/test_real_ledger.py",
    "projections/test_every_model.py",
    "web/cli/test_serve.py",
    "facilities/test_codec.py",
    "projections/test_time_travel.py",
    "web/cli/test_tours.py",
    "web/cli/test_simulate.py",
    "web/test_isolation.py",
    "facilities/exchange/x12/test_x12_real.py",
)
"""The files that take longest, the longest first: where several processes share the files, none is
left with one of these when the others are done."""


def pytest_configure() -> None:
    """Whoever starts the tests in the background may have told them to ignore Ctrl-C, or (nohup)
    that the terminal is closed; what is asked here of either is asked of a program that was told
    nothing."""
    for number, usual in (
        (signal.SIGINT, signal.default_int_handler),
        (signal.SIGHUP, signal.SIG_DFL),
    ):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, usual)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    tests = Path(__file__).parent
    places = {tests / name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda each: places.get(each.path, len(LONGEST)))


def new_server(home: Path, durable: bool = False) -> EmbeddedServer:
    """The embedded server of a home, as the environment of this run wants it."""
    return EmbeddedServer(
        home, os_user=os.environ.get("ALMONER_POSTGRES_USER") or None, durable=durable
    )


MASTER_KEY = "YWxtb25lciB0ZXN0cyBhbG1vbmVyIHRlc3RzIGFsbW8="
"""What wraps the keys of persons, in tests."""

MASTERS = MasterSettings(text=MASTER_KEY)


MEMORY, ENOUGH = Path("/dev/shm"), 4 << 30
"""Where Linux keeps files in memory, and how much of it a run may need."""


def _in_memory() -> Path | None:
    if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free >= ENOUGH:
        return MEMORY
    return None


@contextmanager
def temporary_home() -> Iterator[Path]:
    """A folder for a server; the server is stopped and the folder removed afterwards.

    Not pytest's tmp_path: when root, the server runs as another user, who must get there. In memory
    where there is room: most of a test's time is making its database, hundreds of small files.
    """
    home = Path(tempfile.mkdtemp(prefix="almoner-tests-", dir=_in_memory()))
    home.chmod(0o711)
    try:
        yield home
    finally:
        new_server(home).stop()
        shutil.rmtree(home)


@pytest.fixture
def home() -> Iterator[Path]:
    """An empty home for an embedded server of the test's own."""
    with temporary_home() as folder:
        yield folder


@pytest.fixture(scope="session")
def server() -> Iterator[Database]:
    """The server of this run, as its maintenance database."""
    if url := os.environ.get("ALMONER_TEST_DATABASE_URL"):
        with Database(url) as database:
            yield database
        return
    with (
        temporary_home() as folder,
        Database.embedded(new_server(folder), "postgres") as database,
    ):
        yield database


@pytest.fixture(scope="session")
def template(server: Database) -> Iterator[Database]:
    """A migrated database nobody is connected to: what a test's own database is a copy of."""
    database = server.for_database(f"almoner_template_{uuid.uuid4().hex[:12]}")
    database.ensure_exists()
    try:
        with database.connect(role=None) as login:
            migrate(login)
        yield database
    finally:
        drop(server, database.name)


@pytest.fixture
def database(server: Database, template: Database) -> Iterator[Database]:
    """A migrated, empty database of the test's own."""
    with copied(server, template) as copy:
        yield copy


@contextmanager
def copied(server: Database, template: Database) -> Iterator[Database]:
    """A copy of the template, dropped afterwards.

    Its files are copied as they are: block by block through the journal, as PostgreSQL would by
    itself, takes twice as long.
    """
    copy = server.for_database(f"almoner_test_{uuid.uuid4().hex[:12]}")
    with server.connect(role=None) as login:
        login.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
                sql.Identifier(copy.name), sql.Identifier(template.name)
            )
        )
    try:
        yield copy
    finally:
        copy.close()
        drop(server, copy.name)


def drop(server: Database, name: str) -> None:
    """Drop a database, ending the sessions a failed test left in it."""
    with server.connect(role=None) as login:
        statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        for _ in range(5):
            try:
                login.execute(statement)
            except (psycopg.errors.InsufficientPrivilege, psycopg.errors.ObjectInUse):
                # On a server of others: autovacuum is at it, whom a login may not end.
                continue
            return
