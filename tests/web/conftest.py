"""The API on a database of the test's own, with a runner that follows the ledger."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from facilities.database import Database
from tests.web.grammar import Api
from web.bootstrap import Almoner


@pytest.fixture
def almoner(database: Database) -> Iterator[Almoner]:
    """The whole program, its runner in a thread."""
    with Almoner.on(database) as program:
        stop = threading.Event()
        follower = program.runner()
        follower.run_until(0)
        runner = threading.Thread(target=follower.run_forever, args=(stop,))
        runner.start()
        try:
            yield program
        finally:
            stop.set()
            runner.join()


@pytest.fixture
def api(almoner: Almoner) -> Api:
    """The API, called by a system administrator."""
    return Api.of(almoner)
