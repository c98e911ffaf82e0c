"""What holds of everything that goes from desk to desk: requisitions, orders, both sides of a
transfer. Each has a status, a facility, and a day of its last step, before which the next is not.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from domain import rules
from domain.kernel import Circumstances, Refused


class Stepping(Protocol):
    """A state that goes from step to step."""

    @property
    def facility_id(self) -> UUID | None: ...
    @property
    def status(self) -> StrEnum: ...
    @property
    def since(self) -> date: ...


def standing_at(noun: str, state: Stepping, *wanted: StrEnum) -> UUID:
    """Refuses with ``<noun>.not_now`` unless it is in one of these statuses; answers with whose it
    is."""
    if state.facility_id is None or state.status not in wanted:
        raise Refused(
            f"{noun}.not_now",
            f"The {_SPOKEN.get(noun, noun.replace('_', ' '))} is {state.status.replace('_', ' ')}.",
            status=state.status,
            wanted=[each.value for each in wanted],
        )
    return state.facility_id


def no_sooner(noun: str, state: Stepping, named: str, when: date, at: Circumstances) -> None:
    """Refuses a day to come, and one before the last step."""
    rules.happened(noun, named, when, at)
    rules.in_order(noun, "last_step", state.since, named, when)


_SPOKEN = {"inbound_transfer": "transfer"}
"""What people call a thing that is told apart by its name only here."""
