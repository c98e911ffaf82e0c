"""A requisition: what a facility asks for, before anything is ordered.

Its life: it is **drafted** for a program and a period, items are **requested**, it is
**submitted** by those who need it, **authorized** by those who answer for the stock, **put to
approval**, and then **approved** (with other quantities, perhaps) or **rejected**. Approved, it
is **released** as a purchase order and **closed**. Until it is approved it may be **withdrawn**.

A facility has one open regular requisition for a program and period; an emergency one is never in
the way. Replenishment drafts requisitions too (`ProposeItem`): somebody must still submit them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import assert_never
from uuid import UUID

from domain import rules
from domain.kernel import Aggregate, Circumstances, Decision, Release
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
    RequisitionFact,
    RequisitionKind,
    RequisitionOrigin,
    RequisitionPutToApproval,
    RequisitionRejected,
    RequisitionReleased,
    RequisitionSubmitted,
    RequisitionWithdrawn,
)
from domain.supply.standing import stocked

LONGEST_REQUISITION = 500
"""Lines of a requisition at most (c)."""


PERIOD = r"[0-9]{4}(-(0[1-9]|1[0-2]|W[0-5][0-9]|Q[1-4]))?"


class RequisitionStatus(StrEnum):
    """How far a requisition has come."""

    ABSENT = "absent"
    DRAFTED = "drafted"
    SUBMITTED = "submitted"
    AUTHORIZED = "authorized"
    IN_APPROVAL = "in_approval"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    RELEASED = "released"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Requisition:
    """What a requisition has become. `lines` are quantities by stock item: as asked for, and
    since the approval as approved; `proposed` are those that replenishment proposed and nobody has
    changed. `since` is the day of its last step."""

    facility_id: UUID | None = None
    status: RequisitionStatus = RequisitionStatus.ABSENT
    kind: RequisitionKind = RequisitionKind.REGULAR
    program: str = ""
    period: str = ""
    supplier_id: UUID | None = None
    since: date = rules.EARLIEST
    lines: Mapping[UUID, int] = field(default_factory=lambda: MappingProxyType({}))
    proposed: frozenset[UUID] = frozenset()

    def evolve(self, fact: RequisitionFact) -> Requisition:
        match fact:
            case RequisitionDrafted():
                return replace(
                    self,
                    facility_id=fact.facility_id,
                    status=RequisitionStatus.DRAFTED,
                    kind=fact.kind,
                    program=fact.program,
                    period=fact.period,
                    supplier_id=fact.supplier_id,
                    since=fact.drafted_on,
                )
            case ItemRequested():
                asked = self._with(fact.stock_item_id, fact.quantity)
                if fact.by is RequisitionOrigin.REPLENISHMENT:
                    return replace(asked, proposed=asked.proposed | {fact.stock_item_id})
                return asked
            case RequestedItemDropped() | ProposalDeclined() | ProposalWithdrawn():
                return self._with(fact.stock_item_id, 0)
            case RequisitionSubmitted():
                return replace(self, status=RequisitionStatus.SUBMITTED, since=fact.submitted_on)
            case RequisitionAuthorized():
                return replace(self, status=RequisitionStatus.AUTHORIZED, since=fact.authorized_on)
            case RequisitionPutToApproval():
                return replace(self, status=RequisitionStatus.IN_APPROVAL, since=fact.put_on)
            case QuantityApproved():
                return self._with(fact.stock_item_id, fact.approved)
            case RequisitionApproved():
                return replace(self, status=RequisitionStatus.APPROVED, since=fact.approved_on)
            case RequisitionRejected():
                return replace(self, status=RequisitionStatus.REJECTED, since=fact.rejected_on)
            case RequisitionWithdrawn():
                return replace(self, status=RequisitionStatus.WITHDRAWN, since=fact.withdrawn_on)
            case RequisitionReleased():
                return replace(self, status=RequisitionStatus.RELEASED, since=fact.released_on)
            case RequisitionClosed():
                return replace(self, status=RequisitionStatus.CLOSED, since=fact.closed_on)
            case _:
                assert_never(fact)

    def _with(self, stock_item_id: UUID, quantity: int) -> Requisition:
        lines = {**self.lines, stock_item_id: quantity}
        kept = {each: wanted for each, wanted in lines.items() if wanted}
        proposed = self.proposed - {stock_item_id}
        return replace(self, lines=MappingProxyType(kept), proposed=proposed)


requisition = Aggregate("requisition", Requisition())


def requested_line(
    state: Requisition,
    requisition_id: UUID,
    facility_id: UUID,
    stock_item_id: UUID,
    quantity: int,
    on: date,
    at: Circumstances,
    by: RequisitionOrigin,
    supplier_id: UUID | None,
    expected: ExpectedUse | None = None,
) -> ItemRequested:
    item = stocked(at, stock_item_id, within=facility_id)
    lines = len({*state.lines, stock_item_id})
    if lines > LONGEST_REQUISITION:
        rule = f"must be one of at most {LONGEST_REQUISITION}"
        raise rules.refusal("requisition.lines", "stock_item_id", stock_item_id, rule)
    return ItemRequested(
        requisition_id=requisition_id,
        facility_id=facility_id,
        stock_item_id=stock_item_id,
        item_system=item.item_system,
        item_code=item.item_code,
        quantity=quantity,
        requested_on=on,
        lines_after=lines,
        by=by,
        supplier_id=supplier_id,
        expected=expected,
    )


def period_named(period: str) -> str:
    described = "a year, a month, a quarter or a week (2026, 2026-03, 2026-Q1, 2026-W10)"
    return rules.shaped("requisition", "period", period, PERIOD, described)


def key_of(facility_id: UUID, program: str, period: str) -> str:
    return f"{facility_id}/{program.casefold()}/{period}"


def given_back(state: Requisition, facility_id: UUID) -> Decision:
    """Another regular requisition of the program and period may be drafted."""
    if state.kind is RequisitionKind.REGULAR:
        key = key_of(facility_id, state.program, state.period)
        yield Release("requisition", key)
