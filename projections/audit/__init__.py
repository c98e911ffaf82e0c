"""The auditor's desk: what happened, what led to it, what was so at a moment, and what changed.

* `timeline`: the events of the ledger by any of their dimensions, forward and back.
* `causes`: what an event followed from, what followed from it, and all it belongs to.
* `state`: what something had become at a moment, on both clocks.
* `difference`: what changed in it between two moments, by field, and by which events.
* `facility` and `figures`: the same for all things of a facility, and for the figures of summaries.
* `masking`: what identifies a person, hidden from whoever may not see it.

Nothing here writes, and nothing is kept for it but one index: what is answered is read from the
ledger and folded again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol, Self
from uuid import UUID

from domain.kernel import Recorded


class Placed(Protocol):
    """A fact and where it stands, which is what folding takes: an event, or the part of one."""

    @property
    def fact(self) -> Any: ...
    @property
    def position(self) -> int: ...
    @property
    def stream_id(self) -> UUID: ...
    @property
    def version(self) -> int: ...
    @property
    def facility_id(self) -> UUID | None: ...
    @property
    def effective_at(self) -> datetime: ...

    def _replace(self, *, fact: Any = ...) -> Self: ...


class Reader(Protocol):
    """Reads events as an auditor may see them."""

    def at(self, positions: Sequence[int]) -> Sequence[Recorded[Any]]:
        """The events at these positions, in order."""

    def entries(
        self, stream_ids: Sequence[UUID], *, upto: int, carried_by: int = 0
    ) -> Mapping[UUID, Sequence[Placed]]:
        """What was recorded of some streams up to a position: enough to fold them as of the
        position `carried_by`, and of later. Streams that had not begun are left out."""
