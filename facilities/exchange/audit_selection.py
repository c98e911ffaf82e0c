"""Which events an auditor takes out of the ledger: by any dimension, all of them together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.audit.events import Criterion

_CONDITIONS = {
    "facility": "facility_id = %s",
    "stream": "stream_id = %s",
    "actor": "actor = %s",
    "role": "role = %s",
    "command": "command_id = %s",
    "correlation": "coalesce(correlation_id, command_id) = %s",
    "fact": "(fact = %s OR starts_with(fact, %s || '.'))",
    "effective_from": "effective_at >= %s",
    "effective_to": "effective_at <= %s",
    "recorded_from": "recorded_at >= %s",
    "recorded_to": "recorded_at <= %s",
    "position_from": "position >= %s",
    "position_to": "position <= %s",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What is left out does not matter. `fact` is a fact's name, or the first word of several."""

    facility: UUID | None = None
    stream: UUID | None = None
    actor: str | None = None
    role: str | None = None
    command: UUID | None = None
    correlation: UUID | None = None
    fact: str | None = None
    effective_from: datetime | None = None
    effective_to: datetime | None = None
    recorded_from: datetime | None = None
    recorded_to: datetime | None = None
    position_from: int | None = None
    position_to: int | None = None

    def where(self) -> tuple[str, list[Any]]:
        """A condition over the columns of `ledger.events`, and its parameters."""
        conditions, parameters = ["true"], []
        for name, value in self._given():
            conditions.append(_CONDITIONS[name])
            parameters += [value] * _CONDITIONS[name].count("%s")
        return " AND ".join(conditions), parameters

    def criteria(self) -> tuple[Criterion, ...]:
        """The same for whoever reads it later."""
        return tuple(
            Criterion(
                dimension=name,
                value=value.isoformat() if isinstance(value, datetime) else str(value),
            )
            for name, value in self._given()
        )

    def _given(self) -> Iterator[tuple[str, Any]]:
        for each in fields(self):
            if (value := getattr(self, each.name)) is not None:
                yield each.name, value
