"""A ledger that is sealed, and its seals within and without."""

from __future__ import annotations

from pathlib import Path

import pytest

from facilities.database import Database
from facilities.ledger import Ledger
from tests.facilities.seals.grammar import SealedLedger


@pytest.fixture
def sealed(database: Database, ledger: Ledger, tmp_path: Path) -> SealedLedger:
    """A ledger in which nothing happened yet, with a key to seal it and a folder outside."""
    return SealedLedger.new(database, ledger, tmp_path)
