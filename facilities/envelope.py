"""An event's envelope: how it stands in a row of ``ledger.events``, and how it comes out of one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from eventsourcing import persistence as es

Row = tuple[Any, ...]

COLUMNS = (
    "fact, fact_version, state, position, stream_id, version, facility_id, effective_at, "
    "recorded_at, actor, role, command_id, "
    "coalesce(correlation_id, command_id) AS correlation_id, causation_id, reason, source"
)
"""The columns that a reader of the ledger asks for: what `decode` takes, then what follows the fact
in `Recorded`, in its order."""


ENTRY = "fact, fact_version, state, position, stream_id, version, facility_id, effective_at"
"""The first of those columns: as much of an event as folding it takes."""


class Entry(NamedTuple):
    """A fact and where it stands: the first part of `Recorded`, without who, why and by what.

    For whoever folds thousands: the rest of an envelope takes longer to read than its fact.
    """

    fact: Any
    position: int
    stream_id: UUID
    version: int
    facility_id: UUID | None
    effective_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribution:
    """Who caused an event, with which command, why, and through which door.

    `digest` is set on the first event of a command only, and only where it can be sent again.
    """

    actor: str
    role: str
    command_id: UUID
    correlation_id: UUID
    digest: bytes | None = None
    causation_id: UUID | None = None
    reason: str | None = None
    source: str | None = None


@dataclass(frozen=True)
class LedgerEvent(es.StoredEvent):
    """A stored event with the columns of its envelope."""

    schema_version: int
    facility_id: UUID | None
    effective: date | datetime | None
    attribution: Attribution


@dataclass(frozen=True)
class LedgerNotification(es.Notification):
    """An event as eventsourcing's readers of the whole ledger see it, with the row it stands in."""

    row: Row


def notification_of(row: Row) -> LedgerNotification:
    """The event of a row of `COLUMNS`."""
    fact, _, state, position, stream_id, version, *_ = row
    return LedgerNotification(
        originator_id=stream_id,
        originator_version=version,
        topic=fact,
        state=state,
        id=position,
        row=row,
    )
