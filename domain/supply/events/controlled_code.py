"""Part of the story of supply: which codes mean a controlled substance."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from domain.kernel import Fact, fact, foreign_id
from domain.supply.events.catalog import ControlledSchedule


def code_stream(system: str, code: str) -> UUID:
    """The stream that tells whether a code, as it is kept, means a controlled substance."""
    return foreign_id("controlled_code", system, code)


@fact("controlled_code.scheduled", effective="scheduled_on")
class CodeScheduled(Fact):
    """A code of a catalog item, or of a pack of it, means a substance of this schedule from now on;
    without one, of none any more."""

    controlled_code_id: UUID
    system: str
    code: str
    catalog_item_id: UUID
    schedule: ControlledSchedule | None
    scheduled_on: date


ControlledCodeFact = CodeScheduled
