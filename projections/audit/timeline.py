"""What happened, by any dimension: the auditor steps through the ledger, forward and back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg

from domain.kernel import FACTS, Recorded
from projections.audit import Reader
from projections.audit.search import search
from projections.audit.wanted import Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which events: those that satisfy everything that is given. Ranges include both ends.

    Of `facts` (by name) and `causation_ids` it is one of them.
    """

    facility_id: UUID | None = None
    stream_id: UUID | None = None
    actor: str | None = None
    role: str | None = None
    command_id: UUID | None = None
    correlation_id: UUID | None = None
    causation_ids: tuple[UUID, ...] | None = None
    facts: tuple[str, ...] | None = None
    effective_from: datetime | None = None
    effective_to: datetime | None = None
    recorded_from: datetime | None = None
    recorded_to: datetime | None = None
    position_from: int | None = None
    position_to: int | None = None

    def turned(self) -> str | None:
        """Which range ends before it begins, so that no event can be in it."""
        for name in ("effective", "recorded", "position"):
            first, last = getattr(self, f"{name}_from"), getattr(self, f"{name}_to")
            if first is not None and last is not None and first > last:
                return name
        return None


def named(fact: str) -> tuple[str, ...]:
    """The facts that are meant by a name, or by the beginning of names up to a dot (``claim.``)."""
    if fact.endswith("."):
        return tuple(sorted(each for each in FACTS if each.startswith(fact)))
    return (fact,)


@dataclass(frozen=True, slots=True)
class Page:
    """Events, and the position to go on beyond, in the same direction; None at the end.

    A page may be shorter than asked for, or empty, and still not be the last: looking for something
    rare ends after a while, and goes on with the next page.
    """

    events: Sequence[Recorded[Any]]
    beyond: int | None


def page(
    connection: psycopg.Connection[Any],
    reader: Reader,
    asked: Asked,
    *,
    scope: Scope,
    upto: int,
    beyond: int | None = None,
    newest_first: bool = False,
    limit: int = 100,
) -> Page:
    """The next events that satisfy, of the facilities in `scope` (None: of all and of none), up to
    the position `upto`.

    Oldest first they are those beyond the position `beyond`, newest first those before it. Going
    from page to page meets every event that satisfies exactly once.
    """
    found, go_on = search(
        connection,
        asked,
        scope=scope,
        upto=upto,
        beyond=beyond,
        newest_first=newest_first,
        limit=limit,
    )
    events = reader.at(found) if found else []
    return Page(events[::-1] if newest_first else events, go_on)
