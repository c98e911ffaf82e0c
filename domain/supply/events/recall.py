"""The story of a recall: the maker takes lots back, and every facility says what became of its
own.

A **recall** belongs to the whole health system. It is issued once, and each facility that has or
had a recalled lot gets a **recall response** of its own: notified, with what it has put into
quarantine in the same append; acknowledged, with what was found on the shelves; and complete when
every unit that the books say was there has been found or otherwise accounted for.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from uuid import UUID

from domain.kernel import Fact, fact, foreign_id


def response_to(recall_id: UUID, facility_id: UUID) -> UUID:
    """The stream of a facility's response to a recall."""
    return foreign_id("recall_response", recall_id, facility_id)


class RecallClass(StrEnum):
    """How dangerous it is (21 CFR 7.3(m)): serious harm or death, temporary harm, hardly any."""

    I = "class_i"  # noqa: E741 - what the regulation calls it
    II = "class_ii"
    III = "class_iii"


class Disposition(StrEnum):
    """What became of recalled units that were not found on the shelves."""

    USED = "used"
    DESTROYED = "destroyed"
    RETURNED = "returned"
    LOST = "lost"


# --- the recall ----------------------------------------------------------------------------------


@fact("recall.issued", effective="issued_on")
class RecallIssued(Fact):
    """Lots of an item are recalled; without lots, all of them. `number` is the regulator's or the
    maker's."""

    recall_id: UUID
    number: str
    recall_class: RecallClass
    item_system: str
    item_code: str
    lots: tuple[str, ...]
    reason: str
    instructions: str
    issued_on: date
    respond_by: date


@fact("recall.terminated", effective="terminated_on")
class RecallTerminated(Fact):
    """Nothing more is asked of anybody (21 CFR 7.55); what comes in now is not set apart."""

    recall_id: UUID
    terminated_on: date


RecallFact = RecallIssued | RecallTerminated

# --- a facility's response -----------------------------------------------------------------------


@fact("recall_response.notified", effective="notified_on")
class RecallNotified(Fact):
    """A facility that has, or had, a recalled lot is told so."""

    recall_response_id: UUID
    facility_id: UUID
    recall_id: UUID
    number: str
    recall_class: RecallClass
    item_system: str
    item_code: str
    respond_by: date
    notified_on: date


@fact("recall_response.lot_found", effective="found_on")
class RecalledLotFound(Fact):
    """The books say that so much of a recalled lot is here; the same append sets it apart. Later
    arrivals are found too. `held_after` is all that was found on the books so far."""

    recall_response_id: UUID
    facility_id: UUID
    recall_id: UUID
    stock_item_id: UUID
    lot: str
    quantity: int
    found_on: date
    held_after: int


@fact("recall_response.acknowledged", effective="acknowledged_on")
class RecallAcknowledged(Fact):
    """The facility has looked: so much is on its shelves, set apart."""

    recall_response_id: UUID
    facility_id: UUID
    recall_id: UUID
    on_the_shelves: int
    acknowledged_on: date
    unaccounted_after: int


@fact("recall_response.units_accounted", effective="accounted_on")
class RecalledUnitsAccounted(Fact):
    """What became of units that were not on the shelves."""

    recall_response_id: UUID
    facility_id: UUID
    recall_id: UUID
    quantity: int
    disposition: Disposition
    finding: str
    accounted_on: date
    unaccounted_after: int


@fact("recall_response.completed", effective="completed_on")
class RecallResponseCompleted(Fact):
    """Every unit that the books say was here is accounted for."""

    recall_response_id: UUID
    facility_id: UUID
    recall_id: UUID
    held: int
    completed_on: date


RecallResponseFact = (
    RecallNotified
    | RecalledLotFound
    | RecallAcknowledged
    | RecalledUnitsAccounted
    | RecallResponseCompleted
)
