"""The API on a database of the test's own, with a runner that follows the ledger."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from facilities.database import Database, Role
from tests.conftest import MASTERS, copied
from tests.web.grammar import Api
from web.bootstrap import Almoner


@pytest.fixture(scope="session")
def followed(server: Database, template: Database) -> Iterator[Database]:
    """A template in which the tables of the read models are there already."""
    with copied(server, template) as copy:
        with Almoner.on(copy, masters=MASTERS) as program, program.runner() as runner:
            runner.run_until(0)
        yield copy


@pytest.fixture
def database(server: Database, followed: Database) -> Iterator[Database]:
    """A database of the test's own, in which nothing has happened yet."""
    with copied(server, followed) as copy:
        yield copy


@contextmanager
def at_work(database: Database, reads: Path) -> Iterator[Almoner]:
    """The whole program, its runner in a thread."""
    with Almoner.on(database, masters=MASTERS, journals=reads) as program:
        stop = threading.Event()
        runner = threading.Thread(target=program.runner().run_forever, args=(stop,))
        runner.start()
        try:
            yield program
        finally:
            stop.set()
            try:
                with program.database.pool(Role.APP).connection() as connection:
                    connection.execute("NOTIFY ledger")  # else it looks up only now and then
            finally:
                runner.join()


@pytest.fixture
def almoner(database: Database, tmp_path: Path) -> Iterator[Almoner]:
    """The program on the test's own database."""
    with at_work(database, tmp_path / "reads") as program:
        yield program


@pytest.fixture
def api(almoner: Almoner) -> Api:
    """The API, called by a system administrator."""
    return Api.of(almoner)
