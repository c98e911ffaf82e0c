"""The books of each month: what happened in it, what was known when it was closed, what is late."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from domain.kernel import Recorded
from domain.money import minor_units
from domain.revenue.events.claim import ClaimRefunded, ClaimWrittenOff
from domain.revenue.events.denial import ClaimAppealDecided, ClaimDenied
from domain.revenue.events.period import AccountingPeriodClosed
from domain.revenue.events.preparation import ClaimScrubbed
from projections.kernel import GRAIN, Key, Measure, Minor, ReadModel, Summary
from projections.revenue.posting import POSTED, Posted, posting
from projections.revenue.steps import STEPS, Step
from projections.rows import replace


@dataclass(frozen=True, slots=True, kw_only=True)
class RevenueMonth:
    """A facility's books of a month, by the days on which things happened.

    charges - payments - adjustments is what the month added to what is owed. `write_offs` are among
    the adjustments and `refunds` taken off the payments, as they were booked. `scrubbed_claims`
    were held against the rules for the first time, `clean_claims` passed untouched. `denied_claims`
    were denied something for the first time.

    The `closed_` figures are those that were known when the month was closed (zero while it is
    open). `late_entries` of money were recorded afterwards, and so were `late_steps`, what happened
    to claims beside it (`claim_steps`); they come to the difference.
    """

    facility_id: UUID
    month: str
    currency: str
    closed: Measure
    entries: Measure
    charges: Minor
    payments: Minor
    adjustments: Minor
    write_offs: Minor
    refunds: Minor
    closed_entries: Measure
    closed_charges: Minor
    closed_payments: Minor
    closed_adjustments: Minor
    closed_denials: Measure
    closed_denied_claims: Measure
    closed_denied: Minor
    closed_appeals_decided: Measure
    closed_overturned: Minor
    late_entries: Measure
    late_steps: Measure
    scrubbed_claims: Measure
    clean_claims: Measure
    denials: Measure
    denied_claims: Measure
    denied: Minor
    appeals_decided: Measure
    overturned: Minor


revenue_months = Summary(
    "revenue_months",
    row=RevenueMonth,
    dimensions=("facility_id", "month"),
    carried=("currency",),
    desk="finance: each month's books, as they are known now and as they were closed",
    grain=GRAIN,
)


def _month(event: Recorded[Posted]) -> Iterator[Key]:
    yield event.facility_id, f"{event.effective_at:%Y-%m}"


@revenue_months.on(*POSTED, key=_month)
def posted(row: RevenueMonth, event: Recorded[Posted]) -> RevenueMonth:
    fact, added = event.fact, posting(event.fact)
    amount = minor_units(fact.amount, fact.currency)
    return replace(
        row,
        currency=fact.currency,
        entries=row.entries + added.entries,
        charges=row.charges + added.charges,
        payments=row.payments + added.payments,
        adjustments=row.adjustments + added.adjustments,
        write_offs=row.write_offs + (amount if isinstance(fact, ClaimWrittenOff) else 0),
        refunds=row.refunds + (amount if isinstance(fact, ClaimRefunded) else 0),
        late_entries=row.late_entries + (added.entries if row.closed else 0),
    )


@revenue_months.on(AccountingPeriodClosed)
def closed(row: RevenueMonth, event: Recorded[AccountingPeriodClosed]) -> RevenueMonth:  # noqa: ARG001
    return replace(
        row,
        closed=1,
        closed_entries=row.entries,
        closed_charges=row.charges,
        closed_payments=row.payments,
        closed_adjustments=row.adjustments,
        closed_denials=row.denials,
        closed_denied_claims=row.denied_claims,
        closed_denied=row.denied,
        closed_appeals_decided=row.appeals_decided,
        closed_overturned=row.overturned,
    )


def _recorded_in(event: Recorded[ClaimScrubbed]) -> Iterator[Key]:
    yield event.facility_id, f"{event.effective_at:%Y-%m}"


@revenue_months.on(ClaimScrubbed, key=_recorded_in)
def scrubbed(row: RevenueMonth, event: Recorded[ClaimScrubbed]) -> RevenueMonth:
    if event.fact.times > 1:
        return row
    return replace(
        row,
        scrubbed_claims=row.scrubbed_claims + 1,
        clean_claims=row.clean_claims + event.fact.clean,
    )


def _taken_in(event: Recorded[Step]) -> Iterator[Key]:
    yield event.facility_id, f"{event.effective_at:%Y-%m}"


@revenue_months.on(*STEPS, key=_taken_in)
def taken(row: RevenueMonth, event: Recorded[Step]) -> RevenueMonth:  # noqa: ARG001
    return replace(row, late_steps=row.late_steps + 1) if row.closed else row


@revenue_months.on(ClaimDenied, key=_taken_in)
def denied(row: RevenueMonth, event: Recorded[ClaimDenied]) -> RevenueMonth:
    fact = event.fact
    return replace(
        row,
        currency=fact.currency,
        denials=row.denials + 1,
        denied_claims=row.denied_claims + (fact.denial == 1),
        denied=row.denied + minor_units(fact.amount, fact.currency),
    )


@revenue_months.on(ClaimAppealDecided, key=_taken_in)
def appeal_decided(row: RevenueMonth, event: Recorded[ClaimAppealDecided]) -> RevenueMonth:
    fact = event.fact
    return replace(
        row,
        currency=fact.currency,
        appeals_decided=row.appeals_decided + 1,
        overturned=row.overturned + minor_units(fact.overturned, fact.currency),
    )


# --- closed --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedMonth:
    """A facility's month whose books are closed. What was known then is what the ledger says
    `as_of` the `position`; what happened in the month and stands beyond that position is late."""

    facility_id: UUID
    month: str
    closed_on: date
    position: int


closed_months = ReadModel(
    "closed_months",
    row=ClosedMonth,
    key=("facility_id", "month"),
    order="month",
    local=True,
    desk="finance and auditors: which months are closed, and as of which position",
)


@closed_months.on(AccountingPeriodClosed)
def books_closed(
    row: ClosedMonth | None,  # noqa: ARG001 - a month is closed once
    event: Recorded[AccountingPeriodClosed],
) -> ClosedMonth | None:
    fact = event.fact
    return ClosedMonth(
        facility_id=fact.facility_id,
        month=fact.month,
        closed_on=fact.closed_on,
        position=event.position,
    )
