"""What a failure of the runner means, and what may be told of it."""

from __future__ import annotations

import traceback

import psycopg

from projections.courses import Overtaken


def passes(error: Exception) -> bool:
    """Whether an error lies in the circumstances and may be gone next time: the database is away,
    busy or full. A limit of PostgreSQL (class 54) that a row exceeds will not go away."""
    if isinstance(error, psycopg.errors.PipelineAborted):
        return False  # follows from an error that each model alone will show
    if isinstance(error, psycopg.OperationalError):
        return not (error.sqlstate or "").startswith("54")
    return isinstance(error, (Overtaken, psycopg.InterfaceError, MemoryError))


def told(error: Exception) -> str:
    """Where an error was raised, without its message."""
    places = traceback.extract_tb(error.__traceback__)[-3:]
    return f"{type(error).__name__} in " + " < ".join(
        f"{each.name} ({each.filename.rpartition('/')[2]}:{each.lineno})"
        for each in reversed(places)
    )
