"""Who looks at what the runner has written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from facilities.database import Database, Role


@pytest.fixture
def reading(database: Database) -> Iterator[psycopg.Connection[Any]]:
    """What serves requests looks at the tables in its own role."""
    with database.connect(Role.APP) as connection:
        yield connection
