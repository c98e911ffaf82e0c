"""Facts of exports: events that were taken out of the ledger, to be looked at elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from domain.kernel import Fact, fact


class ExportFormat(StrEnum):
    """What was handed out: a bundle that proves itself, or a table."""

    BUNDLE = "bundle"
    CSV = "csv"
    PARQUET = "parquet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """One thing an export was narrowed by: a dimension, as `facility`, and its value."""

    dimension: str
    value: str


@fact("export.made")
class ExportMade(Fact):
    """Events were taken out of the ledger. `digest` is the SHA-256 of the bundle's manifest, or of
    the table; `head` is the position up to which the ledger was looked at."""

    export_id: UUID
    format: ExportFormat
    selection: tuple[Criterion, ...]
    events: int
    head: int
    digest: str
    why: str
    made_at: datetime


ExportFact = ExportMade
