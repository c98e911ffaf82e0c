"""What payers will not pay: the next best hour of work on top, and what became of all of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from math import log
from uuid import UUID

from domain.kernel import Recorded
from domain.money import minor_units
from domain.revenue.events.claim import AdjustmentGroup
from domain.revenue.events.denial import (
    AppealOutcome,
    ClaimAppealDecided,
    ClaimAppealed,
    ClaimDenialResolved,
    ClaimDenied,
    DenialCategory,
    DenialResolution,
)
from projections.kernel import Minor, ReadModel
from projections.rows import replace

HALF_AS_URGENT = 14
"""A denial with so many more days left is as urgent as one of half its amount (c)."""

NO_DEADLINE = 365
"""A denial that may be appealed at any time is ranked as if it had so many days (c)."""


class DenialStatus(StrEnum):
    """How far a denial has come."""

    OPEN = "open"
    APPEALED = "appealed"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True, kw_only=True)
class DenialEntry:
    """A denial: of a line, or of the claim as a whole, for one reason.

    `priority` ranks it by its amount and the days that are left to appeal: one of twice the amount
    is as urgent as one with fourteen days less. The order of two denials does not depend on the day
    it is looked at, so that the list is kept in it. `prevented_by` are rules of the scrubber that
    find what the payer found. `overturned` is what appeals have brought.
    """

    claim_id: UUID
    denial: int
    facility_id: UUID
    payer_id: UUID
    line: int | None
    status: DenialStatus
    priority: int
    currency: str
    amount: Minor
    group: AdjustmentGroup
    reason_code: str
    remarks: tuple[str, ...]
    category: DenialCategory
    prevented_by: tuple[str, ...]
    denied_on: date
    appeal_by: date | None
    level: int
    level_name: str | None
    appealed_on: date | None
    outcome: AppealOutcome | None
    overturned: Minor
    resolution: DenialResolution | None
    resolved_on: date | None


denial_worklist = ReadModel(
    "denial_worklist",
    row=DenialEntry,
    key=("claim_id", "denial"),
    order="priority",
    newest_first=True,
    indexes=(("status",), ("category",), ("payer_id",), ("appeal_by",)),
    local=True,
    desk="denials: what to work on next, by dollars and the days that are left to appeal",
)

denial_list = ReadModel(
    "denial_list",
    row=DenialEntry,
    key=("claim_id", "denial"),
    order="denied_on",
    newest_first=True,
    indexes=(("category",), ("payer_id",), ("resolution",)),
    local=True,
    desk="denials: all there ever were, and what became of each",
)


@denial_worklist.on(ClaimDenied)
@denial_list.on(ClaimDenied)
def denied(
    row: DenialEntry | None,  # noqa: ARG001 - a number is given once
    event: Recorded[ClaimDenied],
) -> DenialEntry | None:
    fact = event.fact
    amount = minor_units(fact.amount, fact.currency)
    return DenialEntry(
        claim_id=fact.claim_id,
        denial=fact.denial,
        facility_id=fact.facility_id,
        payer_id=fact.payer_id,
        line=fact.line,
        status=DenialStatus.OPEN,
        priority=priority_of(amount, fact.appeal_by, fact.denied_on),
        currency=fact.currency,
        amount=amount,
        group=fact.group,
        reason_code=fact.reason_code,
        remarks=fact.remarks,
        category=fact.category,
        prevented_by=fact.prevented_by,
        denied_on=fact.denied_on,
        appeal_by=fact.appeal_by,
        level=0,
        level_name=None,
        appealed_on=None,
        outcome=None,
        overturned=0,
        resolution=None,
        resolved_on=None,
    )


@denial_worklist.on(ClaimAppealed)
@denial_list.on(ClaimAppealed)
def appealed(row: DenialEntry | None, event: Recorded[ClaimAppealed]) -> DenialEntry | None:
    fact = event.fact
    return row and replace(
        row,
        status=DenialStatus.APPEALED,
        level=fact.level,
        level_name=fact.level_name,
        appealed_on=fact.appealed_on,
    )


@denial_worklist.on(ClaimAppealDecided)
@denial_list.on(ClaimAppealDecided)
def decided(row: DenialEntry | None, event: Recorded[ClaimAppealDecided]) -> DenialEntry | None:
    if row is None:
        return None
    fact = event.fact
    overturned = row.overturned + minor_units(fact.overturned, fact.currency)
    left = row.amount - overturned
    return replace(
        row,
        status=DenialStatus.OPEN,
        outcome=fact.outcome,
        overturned=overturned,
        appeal_by=fact.appeal_by,
        priority=priority_of(left, fact.appeal_by, fact.decided_on),
    )


@denial_worklist.on(ClaimDenialResolved)
def off_the_desk(
    row: DenialEntry | None,  # noqa: ARG001 - the row leaves the desk
    event: Recorded[ClaimDenialResolved],  # noqa: ARG001
) -> DenialEntry | None:
    return None


@denial_list.on(ClaimDenialResolved)
def resolved(row: DenialEntry | None, event: Recorded[ClaimDenialResolved]) -> DenialEntry | None:
    fact = event.fact
    return row and replace(
        row,
        status=DenialStatus.RESOLVED,
        resolution=fact.resolution,
        resolved_on=fact.resolved_on,
    )


def priority_of(amount: int, appeal_by: date | None, since: date) -> int:
    """How urgent a denial is: higher comes first.

    An amount counts for less the more days are left: half for every `HALF_AS_URGENT` of them. On a
    logarithmic scale all amounts move up by the same every day, so that their order stays.
    """
    until = since.toordinal() + NO_DEADLINE if appeal_by is None else appeal_by.toordinal()
    return round(1_000 * (log(max(amount, 1), 2) - until / HALF_AS_URGENT))
