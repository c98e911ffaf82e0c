"""Part of the story of ordering: what a facility asks for (a requisition), until it is ordered.

A line is one stock item; quantities are whole numbers of its smallest unit.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from domain.kernel import Fact, fact, upcaster


class RequisitionKind(StrEnum):
    """A regular requisition is one of a period's; an emergency cannot wait for it."""

    REGULAR = "regular"
    EMERGENCY = "emergency"


class RequisitionOrigin(StrEnum):
    """Who asked: somebody, or replenishment because stock fell to its reorder point."""

    PERSON = "person"
    REPLENISHMENT = "replenishment"


class DemandMethod(StrEnum):
    """What is taken for the demand to come: what was used in the last months, or a forecast."""

    LAST_MONTHS = "last_months"
    EXPONENTIAL_SMOOTHING = "exponential_smoothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedUse:
    """So much is expected to be used in the days until it comes.

    `off_by` is how far a forecast was off in a month, in the mean of those it was tried on, and
    `baseline_off_by` how far the same month of the year before was, which it had to beat. Of what
    is no forecast there is none.
    """

    quantity: int
    days: int
    method: DemandMethod
    off_by: Decimal | None
    baseline_off_by: Decimal | None


@fact("requisition.drafted", effective="drafted_on")
class RequisitionDrafted(Fact):
    """A facility begins to write down what it needs for a program (vaccines, surgery) and period.

    `supplier_id` is from whom it is to be ordered, where that is known.
    """

    requisition_id: UUID
    facility_id: UUID
    program: str
    period: str
    kind: RequisitionKind
    origin: RequisitionOrigin
    supplier_id: UUID | None
    drafted_on: date


@fact("requisition.item_requested", version=3, effective="requested_on")
class ItemRequested(Fact):
    """So much of an item is asked for, in place of what was asked for before; `by` a person, or
    proposed by replenishment, which then says what use it expects. `supplier_id` is from whom the
    requisition is to be ordered."""

    requisition_id: UUID
    facility_id: UUID
    stock_item_id: UUID
    item_system: str
    item_code: str
    quantity: int
    requested_on: date
    lines_after: int
    by: RequisitionOrigin
    supplier_id: UUID | None
    expected: ExpectedUse | None


@upcaster(ItemRequested, from_version=1)
def _by_somebody(content: dict[str, Any]) -> dict[str, Any]:
    """The first version did not tell who asked. What nobody proposed is not withdrawn."""
    return {**content, "by": "person", "supplier_id": None}


@upcaster(ItemRequested, from_version=2)
def _expecting_nothing(content: dict[str, Any]) -> dict[str, Any]:
    """The second version did not tell what use was expected."""
    return {**content, "expected": None}


@fact("requisition.item_dropped", effective="dropped_on")
class RequestedItemDropped(Fact):
    """The item is not asked for any more."""

    requisition_id: UUID
    facility_id: UUID
    stock_item_id: UUID
    dropped_on: date
    lines_after: int


@fact("requisition.proposal_declined", effective="declined_on")
class ProposalDeclined(Fact):
    """A person does not want what replenishment proposed. It is not proposed again until the item
    has recovered and runs low once more, falls below its minimum, or gets other levels."""

    requisition_id: UUID
    facility_id: UUID
    stock_item_id: UUID
    quantity: int
    reason: str
    declined_on: date
    lines_after: int


@fact("requisition.proposal_withdrawn", effective="withdrawn_on")
class ProposalWithdrawn(Fact):
    """What replenishment proposed is not needed any more: the item has recovered."""

    requisition_id: UUID
    facility_id: UUID
    stock_item_id: UUID
    quantity: int
    withdrawn_on: date
    lines_after: int


@fact("requisition.submitted", effective="submitted_on")
class RequisitionSubmitted(Fact):
    """The facility says that this is what it needs."""

    requisition_id: UUID
    facility_id: UUID
    submitted_on: date


@fact("requisition.authorized", effective="authorized_on")
class RequisitionAuthorized(Fact):
    """Somebody who answers for the program's stock agrees that it is needed."""

    requisition_id: UUID
    facility_id: UUID
    authorized_on: date


@fact("requisition.put_to_approval", effective="put_on")
class RequisitionPutToApproval(Fact):
    """It lies with those who approve the spending."""

    requisition_id: UUID
    facility_id: UUID
    put_on: date


@fact("requisition.quantity_approved", effective="approved_on")
class QuantityApproved(Fact):
    """Another quantity of an item is approved than was asked for (zero: none of it)."""

    requisition_id: UUID
    facility_id: UUID
    stock_item_id: UUID
    requested: int
    approved: int
    approved_on: date
    reason: str


@fact("requisition.approved", effective="approved_on")
class RequisitionApproved(Fact):
    """It may be ordered, with the quantities approved."""

    requisition_id: UUID
    facility_id: UUID
    approved_on: date
    lines: int


@fact("requisition.rejected", effective="rejected_on")
class RequisitionRejected(Fact):
    """It will not be ordered; another one may be drafted for the period."""

    requisition_id: UUID
    facility_id: UUID
    rejected_on: date
    reason: str


@fact("requisition.withdrawn", effective="withdrawn_on")
class RequisitionWithdrawn(Fact):
    """The facility does not ask for it any more."""

    requisition_id: UUID
    facility_id: UUID
    withdrawn_on: date
    reason: str


@fact("requisition.released", effective="released_on")
class RequisitionReleased(Fact):
    """It has become a purchase order."""

    requisition_id: UUID
    facility_id: UUID
    purchase_order_id: UUID
    supplier_id: UUID
    released_on: date


@fact("requisition.closed", effective="closed_on")
class RequisitionClosed(Fact):
    """Nothing more comes of it; the next one of the period may be drafted."""

    requisition_id: UUID
    facility_id: UUID
    closed_on: date


RequisitionFact = (
    RequisitionDrafted
    | ItemRequested
    | RequestedItemDropped
    | ProposalDeclined
    | ProposalWithdrawn
    | RequisitionSubmitted
    | RequisitionAuthorized
    | RequisitionPutToApproval
    | QuantityApproved
    | RequisitionApproved
    | RequisitionRejected
    | RequisitionWithdrawn
    | RequisitionReleased
    | RequisitionClosed
)
