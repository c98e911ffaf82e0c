"""Pieces of SQL that know what they bind."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from psycopg import sql


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a statement, and the values it binds, in order."""

    sql: sql.Composable
    values: list[Any] = field(default_factory=list)
