"""What the purchasing desks look at of requisitions: what is asked for, and who is to decide."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from domain.kernel import Recorded
from domain.supply.events.requisition import (
    ExpectedUse,
    ItemRequested,
    ProposalDeclined,
    ProposalWithdrawn,
    QuantityApproved,
    RequestedItemDropped,
    RequisitionApproved,
    RequisitionAuthorized,
    RequisitionClosed,
    RequisitionDrafted,
    RequisitionKind,
    RequisitionOrigin,
    RequisitionPutToApproval,
    RequisitionRejected,
    RequisitionReleased,
    RequisitionSubmitted,
    RequisitionWithdrawn,
)
from projections.kernel import ReadModel
from projections.rows import replace


class RequisitionStatus(StrEnum):
    """How far a requisition has come."""

    DRAFTED = "drafted"
    SUBMITTED = "submitted"
    AUTHORIZED = "authorized"
    IN_APPROVAL = "in_approval"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    RELEASED = "released"
    CLOSED = "closed"


OVER = (RequisitionStatus.REJECTED, RequisitionStatus.WITHDRAWN, RequisitionStatus.CLOSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class RequisitionLine:
    """An item that is asked for; `approved` where another quantity was approved, `proposed` while
    it is as replenishment proposed it, with the use that it expected."""

    stock_item_id: UUID
    item_system: str
    item_code: str
    requested: int
    approved: int | None
    proposed: bool
    expected: ExpectedUse | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RequisitionEntry:
    """A requisition, its items, and on whose desk it lies. `open` until nothing comes of it."""

    requisition_id: UUID
    facility_id: UUID
    program: str
    period: str
    kind: RequisitionKind
    origin: RequisitionOrigin
    status: RequisitionStatus
    status_since: date
    open: bool
    supplier_id: UUID | None
    purchase_order_id: UUID | None
    lines: tuple[RequisitionLine, ...]
    line_count: int
    reason: str | None
    drafted_on: date


requisition_list = ReadModel(
    "requisition_list",
    row=RequisitionEntry,
    key="requisition_id",
    order="drafted_on",
    newest_first=True,
    indexes=(("status",), ("supplier_id",)),
    local=True,
    desk="purchasing: what facilities ask for, and who is to decide on it",
)


@requisition_list.on(RequisitionDrafted)
def requisition_drafted(
    row: RequisitionEntry | None,  # noqa: ARG001 - nothing was there before
    event: Recorded[RequisitionDrafted],
) -> RequisitionEntry | None:
    fact = event.fact
    return RequisitionEntry(
        requisition_id=fact.requisition_id,
        facility_id=fact.facility_id,
        program=fact.program,
        period=fact.period,
        kind=fact.kind,
        origin=fact.origin,
        status=RequisitionStatus.DRAFTED,
        status_since=fact.drafted_on,
        open=True,
        supplier_id=fact.supplier_id,
        purchase_order_id=None,
        lines=(),
        line_count=0,
        reason=None,
        drafted_on=fact.drafted_on,
    )


@requisition_list.on(ItemRequested)
def item_requested(
    row: RequisitionEntry | None, event: Recorded[ItemRequested]
) -> RequisitionEntry | None:
    if row is None:
        return None
    fact = event.fact
    line = RequisitionLine(
        stock_item_id=fact.stock_item_id,
        item_system=fact.item_system,
        item_code=fact.item_code,
        requested=fact.quantity,
        approved=None,
        proposed=fact.by is RequisitionOrigin.REPLENISHMENT,
        expected=fact.expected,
    )
    kept = tuple(each for each in row.lines if each.stock_item_id != fact.stock_item_id)
    return replace(row, lines=(*kept, line), line_count=fact.lines_after)


Gone = RequestedItemDropped | ProposalDeclined | ProposalWithdrawn


@requisition_list.on(RequestedItemDropped, ProposalDeclined, ProposalWithdrawn)
def item_gone(row: RequisitionEntry | None, event: Recorded[Gone]) -> RequisitionEntry | None:
    if row is None:
        return None
    fact = event.fact
    kept = tuple(each for each in row.lines if each.stock_item_id != fact.stock_item_id)
    return replace(row, lines=kept, line_count=fact.lines_after)


@requisition_list.on(QuantityApproved)
def quantity_approved(
    row: RequisitionEntry | None, event: Recorded[QuantityApproved]
) -> RequisitionEntry | None:
    if row is None:
        return None
    fact = event.fact
    lines = tuple(
        replace(each, approved=fact.approved) if each.stock_item_id == fact.stock_item_id else each
        for each in row.lines
    )
    return replace(row, lines=lines)


Moved = (
    RequisitionSubmitted
    | RequisitionAuthorized
    | RequisitionPutToApproval
    | RequisitionApproved
    | RequisitionRejected
    | RequisitionWithdrawn
    | RequisitionReleased
    | RequisitionClosed
)


@requisition_list.on(
    RequisitionSubmitted,
    RequisitionAuthorized,
    RequisitionPutToApproval,
    RequisitionApproved,
    RequisitionRejected,
    RequisitionWithdrawn,
    RequisitionReleased,
    RequisitionClosed,
)
def requisition_moved(
    row: RequisitionEntry | None, event: Recorded[Moved]
) -> RequisitionEntry | None:
    if row is None:
        return None
    match event.fact:
        case RequisitionSubmitted(submitted_on=on):
            return _stands(row, RequisitionStatus.SUBMITTED, on)
        case RequisitionAuthorized(authorized_on=on):
            return _stands(row, RequisitionStatus.AUTHORIZED, on)
        case RequisitionPutToApproval(put_on=on):
            return _stands(row, RequisitionStatus.IN_APPROVAL, on)
        case RequisitionApproved(approved_on=on):
            return _stands(row, RequisitionStatus.APPROVED, on)
        case RequisitionRejected(rejected_on=on, reason=reason):
            return replace(_stands(row, RequisitionStatus.REJECTED, on), reason=reason)
        case RequisitionWithdrawn(withdrawn_on=on, reason=reason):
            return replace(_stands(row, RequisitionStatus.WITHDRAWN, on), reason=reason)
        case RequisitionReleased() as fact:
            return replace(
                _stands(row, RequisitionStatus.RELEASED, fact.released_on),
                purchase_order_id=fact.purchase_order_id,
                supplier_id=fact.supplier_id,
            )
        case RequisitionClosed(closed_on=on):
            return _stands(row, RequisitionStatus.CLOSED, on)


def _stands(row: RequisitionEntry, status: RequisitionStatus, on: date) -> RequisitionEntry:
    return replace(row, status=status, status_since=on, open=status not in OVER)
