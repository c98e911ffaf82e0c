"""Each facility on one line, for who compares them; added up, the whole health system."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from domain.kernel import Recorded
from domain.organization.events import (
    DepartmentClosed,
    DepartmentMerged,
    DepartmentOpened,
    FacilityClosed,
    FacilityOpened,
    FacilityReopened,
)
from domain.revenue.events.claim import ClaimClosed, ClaimDrafted, ClaimReopened, ClaimSubmitted
from domain.supply.events.stock import (
    StockAdjusted,
    StockBooksOpened,
    StockCounted,
    StockCountRestated,
    StockIssued,
    StockItemListed,
    StockReceived,
)
from domain.supply.events.stock_holds import StockDelivered, StockDispatched, StockWrittenOff
from domain.workforce.events.staff import StaffMemberRegistered, StaffMemberSeparated
from projections.kernel import GRAIN, Measure, Minor, Summary
from projections.revenue.posting import POSTED, Posted, posted_to
from projections.rows import replace


@dataclass(frozen=True, slots=True, kw_only=True)
class Scorecard:
    """A facility in figures.

    `facilities` is 1 while it is not closed, `departments` are those at work, `staff` those at home
    here who have not left. Claims are open until they are closed; `submissions` counts how often
    one was sent, once more where it was sent again. Money is what stands after reversals. Stock is
    in smallest units of whatever it is, `adjusted` and `counted` net: opened + received - issued +
    adjusted + counted - dispatched + delivered - written off = on hand.
    """

    facility_id: UUID
    currency: str
    facilities: Measure
    departments: Measure
    staff: Measure
    claims: Measure
    open_claims: Measure
    closed_claims: Measure
    submissions: Measure
    entries: Measure
    charges: Minor
    payments: Minor
    adjustments: Minor
    transfers_out: Minor
    transfers_in: Minor
    balance: Minor
    patient_balance: Minor
    credit_balance_claims: Measure
    credit_balance: Minor
    stock_items: Measure
    stock_issues: Measure
    stock_units_opened: Measure
    stock_units_received: Measure
    stock_units_issued: Measure
    stock_units_adjusted: Measure
    stock_units_counted: Measure
    stock_units_dispatched: Measure
    stock_units_delivered: Measure
    stock_units_written_off: Measure


facility_scorecard = Summary(
    "facility_scorecard",
    row=Scorecard,
    dimensions=("facility_id",),
    carried=("currency",),
    desk="system administrators and facility managers: how a facility does, in one line",
    grain=GRAIN,
)

# --- organization and workforce ----------------------------------------------------------------


@facility_scorecard.on(FacilityOpened)
def facility_opened(row: Scorecard, event: Recorded[FacilityOpened]) -> Scorecard:
    return replace(row, currency=event.fact.currency, facilities=1)


# Set, not counted: a facility is also reopened after a suspension, in which it was one, too.
@facility_scorecard.on(FacilityReopened)
def facility_reopened(row: Scorecard, event: Recorded[FacilityReopened]) -> Scorecard:  # noqa: ARG001
    return replace(row, facilities=1)


@facility_scorecard.on(FacilityClosed)
def facility_closed(row: Scorecard, event: Recorded[FacilityClosed]) -> Scorecard:  # noqa: ARG001
    return replace(row, facilities=0)


@facility_scorecard.on(DepartmentOpened)
def department_opened(row: Scorecard, event: Recorded[DepartmentOpened]) -> Scorecard:  # noqa: ARG001
    return replace(row, departments=row.departments + 1)


@facility_scorecard.on(DepartmentMerged, DepartmentClosed)
def department_gone(
    row: Scorecard,
    event: Recorded[DepartmentMerged] | Recorded[DepartmentClosed],  # noqa: ARG001
) -> Scorecard:
    return replace(row, departments=row.departments - 1)


@facility_scorecard.on(StaffMemberRegistered)
def staff_registered(row: Scorecard, event: Recorded[StaffMemberRegistered]) -> Scorecard:  # noqa: ARG001
    return replace(row, staff=row.staff + 1)


@facility_scorecard.on(StaffMemberSeparated)
def staff_separated(row: Scorecard, event: Recorded[StaffMemberSeparated]) -> Scorecard:  # noqa: ARG001
    return replace(row, staff=row.staff - 1)


# --- revenue -----------------------------------------------------------------------------------


@facility_scorecard.on(ClaimDrafted)
def claim_drafted(row: Scorecard, event: Recorded[ClaimDrafted]) -> Scorecard:  # noqa: ARG001
    return replace(row, claims=row.claims + 1, open_claims=row.open_claims + 1)


@facility_scorecard.on(ClaimSubmitted)
def claim_submitted(row: Scorecard, event: Recorded[ClaimSubmitted]) -> Scorecard:  # noqa: ARG001
    return replace(row, submissions=row.submissions + 1)


@facility_scorecard.on(ClaimClosed)
def claim_closed(row: Scorecard, event: Recorded[ClaimClosed]) -> Scorecard:  # noqa: ARG001
    return replace(row, open_claims=row.open_claims - 1, closed_claims=row.closed_claims + 1)


@facility_scorecard.on(ClaimReopened)
def claim_reopened(row: Scorecard, event: Recorded[ClaimReopened]) -> Scorecard:  # noqa: ARG001
    return replace(row, open_claims=row.open_claims + 1, closed_claims=row.closed_claims - 1)


@facility_scorecard.on(*POSTED)
def posted(row: Scorecard, event: Recorded[Posted]) -> Scorecard:
    return posted_to(row, event.fact)


# --- supply ------------------------------------------------------------------------------------


@facility_scorecard.on(StockItemListed)
def stock_listed(row: Scorecard, event: Recorded[StockItemListed]) -> Scorecard:  # noqa: ARG001
    return replace(row, stock_items=row.stock_items + 1)


@facility_scorecard.on(StockBooksOpened)
def stock_opened(row: Scorecard, event: Recorded[StockBooksOpened]) -> Scorecard:
    return replace(row, stock_units_opened=row.stock_units_opened + event.fact.quantity)


@facility_scorecard.on(StockReceived)
def stock_received(row: Scorecard, event: Recorded[StockReceived]) -> Scorecard:
    return replace(row, stock_units_received=row.stock_units_received + event.fact.quantity)


@facility_scorecard.on(StockIssued)
def stock_issued(row: Scorecard, event: Recorded[StockIssued]) -> Scorecard:
    return replace(
        row,
        stock_issues=row.stock_issues + 1,
        stock_units_issued=row.stock_units_issued + event.fact.quantity,
    )


@facility_scorecard.on(StockAdjusted)
def stock_adjusted(row: Scorecard, event: Recorded[StockAdjusted]) -> Scorecard:
    return replace(row, stock_units_adjusted=row.stock_units_adjusted + event.fact.change)


@facility_scorecard.on(StockCounted)
def stock_counted(row: Scorecard, event: Recorded[StockCounted]) -> Scorecard:
    return replace(row, stock_units_counted=row.stock_units_counted + event.fact.difference)


@facility_scorecard.on(StockCountRestated)
def stock_count_restated(row: Scorecard, event: Recorded[StockCountRestated]) -> Scorecard:
    return replace(row, stock_units_counted=row.stock_units_counted + event.fact.change)


@facility_scorecard.on(StockDispatched)
def stock_dispatched(row: Scorecard, event: Recorded[StockDispatched]) -> Scorecard:
    return replace(row, stock_units_dispatched=row.stock_units_dispatched + event.fact.quantity)


@facility_scorecard.on(StockDelivered)
def stock_delivered(row: Scorecard, event: Recorded[StockDelivered]) -> Scorecard:
    return replace(row, stock_units_delivered=row.stock_units_delivered + event.fact.quantity)


@facility_scorecard.on(StockWrittenOff)
def stock_written_off(row: Scorecard, event: Recorded[StockWrittenOff]) -> Scorecard:
    return replace(row, stock_units_written_off=row.stock_units_written_off + event.fact.quantity)
