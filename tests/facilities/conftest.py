"""A ledger and a service on the test's own database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from facilities.database import Database, Role
from facilities.ledger import Ledger
from facilities.service import Service
from tests.grammar import NOW


@pytest.fixture
def ledger(database: Database) -> Iterator[Ledger]:
    """The ledger, as what serves requests has it."""
    with Ledger(database.pool(Role.APP)) as opened:
        yield opened


@pytest.fixture
def service(ledger: Ledger) -> Service:
    """The one way in; its clock stands still."""
    return Service(ledger, now=lambda: NOW)
