"""Events as a Parquet table, for whoever analyses them with columns of their own types.

Made by pyarrow, which is large and not needed for anything else: it is installed on demand, as
``almoner[parquet]``.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import Any

from facilities.exchange.audit_verifier import COLUMNS
from facilities.seals.keys import SealingRefused

AT_ONCE = 20_000
"""How many events one group of rows has."""

_NUMBERS = {"position": "int64", "version": "int32", "fact_version": "int16"}
_INSTANTS = {"effective_at", "recorded_at"}


class NoParquet(SealingRefused):
    """The package that writes Parquet is not installed."""


def write(path: Path, events: Iterator[dict[str, Any]]) -> tuple[int, str]:
    """Write a table of events, as `audit_bundle.told_of` tells them; how many there are, and the
    digest of the file. Raises NoParquet."""
    try:
        arrow: Any = import_module("pyarrow")
        parquet: Any = import_module("pyarrow.parquet")
    except ImportError:
        raise NoParquet(
            "Parquet is written by pyarrow, which is not installed: pip install 'almoner[parquet]'"
        ) from None
    schema = arrow.schema([(name, _type(arrow, name)) for name in COLUMNS])
    number = 0
    with parquet.ParquetWriter(path, schema, compression="zstd") as writer:
        while some := list(islice(events, AT_ONCE)):
            rows = [{name: _value(name, each[name]) for name in COLUMNS} for each in some]
            writer.write_table(arrow.Table.from_pylist(rows, schema=schema))
            number += len(some)
    with path.open("rb") as file:
        hashed = sha256()
        while block := file.read(1 << 20):
            hashed.update(block)
    return number, hashed.hexdigest()


def _type(arrow: Any, name: str) -> Any:
    if name in _INSTANTS:
        return arrow.timestamp("us", tz="UTC")
    return getattr(arrow, _NUMBERS.get(name, "string"))()


def _value(name: str, value: Any) -> Any:
    return datetime.fromisoformat(value) if name in _INSTANTS else value
