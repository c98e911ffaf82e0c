"""What is owed to each facility, by payer, and how money came in.

A claim on which the patient alone is asked to pay is counted under the payer `SELF_PAY`, the nil
UUID: figures need something to be counted under, where a list leaves the payer out.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from domain.kernel import Recorded
from domain.money import minor_units
from domain.revenue.events.claim import (
    ClaimClosed,
    ClaimDrafted,
    ClaimEntryReversed,
    ClaimPaid,
    ClaimRefunded,
    ClaimReopened,
    EntryKind,
    PaymentMethod,
)
from projections.kernel import GRAIN, Key, Measure, Minor, Summary
from projections.revenue.posting import POSTED, Posted, posted_to
from projections.rows import replace

# --- receivables -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Receivable:
    """What the claims of one facility on one payer come to, after reversals.

    balance = charges - payments - adjustments; `patient_balance` is the patients' part of it.
    `open_claims` are not closed. `entries` counts movements, a transfer as two. The balances below
    zero are also told by themselves, as `credit_balance` and of how many claims.
    """

    facility_id: UUID
    payer_id: UUID
    currency: str
    claims: Measure
    open_claims: Measure
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


# A facility keeps one currency for life, so that its receivables from a payer are in one, too; but
# not every fact tells it. With so many payers nearly every change is a version of its own, however
# long a block is: short ones take little more room, and leave fewer events to be folded again.
receivables = Summary(
    "receivables",
    row=Receivable,
    dimensions=("facility_id", "payer_id"),
    carried=("currency",),
    desk="finance: what is owed, by whom, and what is to be given back",
    grain=GRAIN // 4,
)


@receivables.on(ClaimDrafted)
def drafted(row: Receivable, event: Recorded[ClaimDrafted]) -> Receivable:
    return replace(
        row,
        currency=event.fact.currency,
        claims=row.claims + 1,
        open_claims=row.open_claims + 1,
    )


@receivables.on(ClaimClosed)
def closed(row: Receivable, event: Recorded[ClaimClosed]) -> Receivable:  # noqa: ARG001
    return replace(row, open_claims=row.open_claims - 1)


@receivables.on(ClaimReopened)
def reopened(row: Receivable, event: Recorded[ClaimReopened]) -> Receivable:  # noqa: ARG001
    return replace(row, open_claims=row.open_claims + 1)


@receivables.on(*POSTED)
def posted(row: Receivable, event: Recorded[Posted]) -> Receivable:
    return posted_to(row, event.fact)


# --- payments ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentsOfMethod:
    """How many payments came in by a method and what they come to, less what was refunded by it,
    and without those taken back. Over all methods the amounts come to the payments of
    `receivables`.
    """

    facility_id: UUID
    method: PaymentMethod
    currency: str
    payments: Measure
    amount: Minor


payments_by_method = Summary(
    "payments_by_method",
    row=PaymentsOfMethod,
    dimensions=("facility_id", "method", "currency"),
    desk="finance: how money comes in, to hold against the bank and the cash drawer",
    grain=GRAIN,
)


def _method(event: Recorded[ClaimPaid] | Recorded[ClaimRefunded]) -> Key:
    return event.fact.facility_id, event.fact.method, event.fact.currency


@payments_by_method.on(ClaimPaid, key=_method)
def paid(row: PaymentsOfMethod, event: Recorded[ClaimPaid]) -> PaymentsOfMethod:
    amount = minor_units(event.fact.amount, event.fact.currency)
    return replace(row, payments=row.payments + 1, amount=row.amount + amount)


@payments_by_method.on(ClaimRefunded, key=_method)
def refunded(row: PaymentsOfMethod, event: Recorded[ClaimRefunded]) -> PaymentsOfMethod:
    amount = minor_units(event.fact.amount, event.fact.currency)
    return replace(row, amount=row.amount - amount)


def _taken_back(event: Recorded[ClaimEntryReversed]) -> list[Key]:
    fact = event.fact
    return [] if fact.method is None else [(fact.facility_id, fact.method, fact.currency)]


@payments_by_method.on(ClaimEntryReversed, key=_taken_back)
def taken_back(row: PaymentsOfMethod, event: Recorded[ClaimEntryReversed]) -> PaymentsOfMethod:
    amount = minor_units(event.fact.amount, event.fact.currency)
    if event.fact.kind is EntryKind.REFUND:
        return replace(row, amount=row.amount + amount)
    return replace(row, payments=row.payments - 1, amount=row.amount - amount)
