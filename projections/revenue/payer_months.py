"""What each payer brought a facility, month by month: what the figures of revenue are made of.

Money counts in the month it moved in, a claim's first scrub in the month it was recorded in, a
payer's first decision in the month it was made in. `projections.revenue.figures` divides.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from domain.kernel import Recorded
from domain.money import minor_units
from domain.revenue.events.adjustment_reasons import is_contractual
from domain.revenue.events.claim import ClaimAdjusted, ClaimEntryReversed
from domain.revenue.events.preparation import ClaimScrubbed
from domain.revenue.events.remittance import ClaimAdjudicated
from projections.kernel import GRAIN, Key, Measure, Minor, Summary
from projections.revenue.adjudications import days_to_decide
from projections.revenue.posting import POSTED, Posted, posting
from projections.rows import replace


@dataclass(frozen=True, slots=True, kw_only=True)
class PayerMonth:
    """A payer's month at a facility; `month` is its first day. Patients who pay for themselves are
    the payer with the nil UUID.

    `balance` = charges - payments - contractual - other adjustments is what the month added to what
    is owed; other adjustments are what was denied, written off, or taken off for other reasons.
    `decided_claims` were decided on for the first time, for `decided` that was charged; of these
    `denied_claims` were denied something, `denied` in all, and `paid_claims` were paid something,
    `days_to_pay` after they were sent.
    """

    facility_id: UUID
    payer_id: UUID
    month: date
    currency: str
    entries: Measure
    charges: Minor
    payments: Minor
    contractual: Minor
    other_adjustments: Minor
    balance: Minor
    scrubbed_claims: Measure
    clean_claims: Measure
    decided_claims: Measure
    decided: Minor
    denied_claims: Measure
    denied: Minor
    paid_claims: Measure
    days_to_pay: Measure


payer_months = Summary(
    "payer_months",
    row=PayerMonth,
    dimensions=("facility_id", "payer_id", "month"),
    carried=("currency",),
    desk="finance and contracting: what each payer brought, month by month",
    grain=GRAIN,
)


def _month(
    event: Recorded[Posted] | Recorded[ClaimScrubbed] | Recorded[ClaimAdjudicated],
) -> Iterator[Key]:
    yield event.facility_id, event.fact.payer_id, event.effective_at.date().replace(day=1)


@payer_months.on(*POSTED, key=_month)
def posted(row: PayerMonth, event: Recorded[Posted]) -> PayerMonth:
    fact, added = event.fact, posting(event.fact)
    contractual = isinstance(fact, ClaimAdjusted | ClaimEntryReversed) and is_contractual(
        fact.group, fact.reason_code
    )
    adjustments = added.adjustments
    return replace(
        row,
        currency=fact.currency,
        entries=row.entries + added.entries,
        charges=row.charges + added.charges,
        payments=row.payments + added.payments,
        contractual=row.contractual + (adjustments if contractual else 0),
        other_adjustments=row.other_adjustments + (0 if contractual else adjustments),
        balance=row.balance + added.balance,
    )


@payer_months.on(ClaimScrubbed, key=_month)
def scrubbed(row: PayerMonth, event: Recorded[ClaimScrubbed]) -> PayerMonth:
    if event.fact.times > 1:
        return row
    return replace(
        row,
        scrubbed_claims=row.scrubbed_claims + 1,
        clean_claims=row.clean_claims + event.fact.clean,
    )


@payer_months.on(ClaimAdjudicated, key=_month)
def decided(row: PayerMonth, event: Recorded[ClaimAdjudicated]) -> PayerMonth:
    fact = event.fact
    if fact.adjudication > 1:
        return row
    denied, days = minor_units(fact.denied, fact.currency), days_to_decide(fact)
    paid = fact.paid > 0 and days is not None
    return replace(
        row,
        currency=fact.currency,
        decided_claims=row.decided_claims + 1,
        decided=row.decided + minor_units(fact.charge, fact.currency),
        denied_claims=row.denied_claims + (denied > 0),
        denied=row.denied + denied,
        paid_claims=row.paid_claims + paid,
        days_to_pay=row.days_to_pay + (days or 0) * paid,
    )
