"""A good folder of files, and the real ones where they are there."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from facilities.database import Database, Role
from facilities.ledger import Ledger
from facilities.service import Service
from migrations import migrate
from tests.conftest import drop
from tests.facilities.exchange.exports import DATA, Export, good_tables
from tests.grammar import NOW


@pytest.fixture(scope="session")
def empty_ledger(server: Database) -> Iterator[Ledger]:
    """A ledger that stays empty."""
    database = server.for_database(f"almoner_empty_{uuid.uuid4().hex[:12]}")
    database.ensure_exists()
    with database.connect(role=None) as login:
        migrate(login)
    try:
        with database, Ledger(database.pool(Role.APP)) as ledger:
            yield ledger
            assert ledger.head() == 0
    finally:
        drop(server, database.name)


@pytest.fixture
def unsent(tmp_path: Path, empty_ledger: Ledger) -> Export:
    """A good folder of which nothing is stored: for what is refused, and for dry runs."""
    service = Service(empty_ledger, now=lambda: NOW)
    return Export(tmp_path / "export", empty_ledger, service, good_tables())


@pytest.fixture
def export(tmp_path: Path, ledger: Ledger, service: Service) -> Export:
    """A good folder; the test makes it bad."""
    return Export(tmp_path / "export", ledger, service, good_tables())


@pytest.fixture(scope="session")
def real() -> Callable[[str], Path]:
    """Where a real folder or file is; the test is skipped where it is not."""

    def find(name: str) -> Path:
        found = DATA / name
        if not found.exists():
            pytest.skip(f"no {name} in ALMONER_TEST_DATA or ../shared/data")
        return found

    return find
