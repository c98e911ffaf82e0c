"""An event's envelope: how it stands in a row of ``ledger.events``, and how it comes out of one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

from eventsourcing import persistence as es

Row = tuple[Any, ...]

COLUMNS = (
    "fact, fact_version, state, position, stream_id, version, facility_id, effective_at, "
    "recorded_at, actor, role, command_id, correlation_id, causation_id, reason, source"
)
"""The columns that a reader of the ledger asks for: what `decode` takes, then what follows the fact
in `Recorded`, in its order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribution:
    """Who caused an event, with which command, why, and through which door.

    `digest` is set on the first event of a command only.
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


def row_of(event: es.StoredEvent) -> tuple[Any, ...]:
    """One event as ledger.append() takes it; an event without an envelope gets an anonymous one."""
    if isinstance(event, LedgerEvent):
        by, schema_version = event.attribution, event.schema_version
        facility_id, effective = event.facility_id, _instant(event.effective)
    else:
        command_id = uuid4()
        by = Attribution(
            actor="unattributed", role="service", command_id=command_id, correlation_id=command_id
        )
        schema_version, facility_id, effective = 1, None, None
    return (
        event.originator_id, event.originator_version, event.topic, schema_version, facility_id,
        effective, by.actor, by.role, by.command_id, by.digest, by.correlation_id, by.causation_id,
        by.reason, by.source, event.state,
    )  # fmt: skip


def _instant(effective: date | datetime | None) -> datetime | None:
    if effective is None or isinstance(effective, datetime):
        return effective
    return datetime(effective.year, effective.month, effective.day, tzinfo=UTC)


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
