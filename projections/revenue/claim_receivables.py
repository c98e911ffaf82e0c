"""How old is what is owed: when each claim's care was done, when it was billed, what is open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from domain.kernel import Recorded
from domain.revenue.events.claim import ClaimAmended, ClaimClosed, ClaimDrafted, ClaimSubmitted
from domain.revenue.events.remittance import ClaimKnownFromRemittance
from projections.kernel import Minor, ReadModel
from projections.revenue.posting import POSTED, Posted, payer_or_none, posting
from projections.rows import replace


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimReceivable:
    """What a claim brought into the receivables.

    `service_through` is the last day of care, `billed_on` when the claim was sent first, and
    `unbilled_until` the same, or when it was closed without having been sent: in between it is
    discharged and not final billed. It is `owed` where its balance is above zero.
    """

    claim_id: UUID
    facility_id: UUID
    payer_id: UUID | None
    service_on: date
    service_through: date
    billed_on: date | None
    unbilled_until: date | None
    currency: str
    charges: Minor
    balance: Minor
    patient_balance: Minor
    owed: bool


claim_receivables = ReadModel(
    "claim_receivables",
    row=ClaimReceivable,
    key="claim_id",
    order="service_through",
    indexes=(("owed",),),
    local=True,
    desk="finance: what each claim still brings, and how long ago it was done and billed",
)


@claim_receivables.on(ClaimDrafted)
def drafted(
    row: ClaimReceivable | None,  # noqa: ARG001 - nothing was there before
    event: Recorded[ClaimDrafted],
) -> ClaimReceivable | None:
    fact = event.fact
    return ClaimReceivable(
        claim_id=fact.claim_id,
        facility_id=fact.facility_id,
        payer_id=payer_or_none(fact.payer_id),
        service_on=fact.service_on,
        service_through=fact.form.service_through or fact.service_on,
        billed_on=None,
        unbilled_until=None,
        currency=fact.currency,
        charges=0,
        balance=0,
        patient_balance=0,
        owed=False,
    )


@claim_receivables.on(ClaimAmended)
def amended(row: ClaimReceivable | None, event: Recorded[ClaimAmended]) -> ClaimReceivable | None:
    through = event.fact.form.service_through
    return row and replace(row, service_through=through or row.service_on)


@claim_receivables.on(*POSTED)
def posted(row: ClaimReceivable | None, event: Recorded[Posted]) -> ClaimReceivable | None:
    added = posting(event.fact)
    return row and replace(
        row,
        charges=row.charges + added.charges,
        balance=row.balance + added.balance,
        patient_balance=row.patient_balance + added.patient_balance,
        owed=row.balance + added.balance > 0,
    )


@claim_receivables.on(ClaimSubmitted)
def submitted(
    row: ClaimReceivable | None, event: Recorded[ClaimSubmitted]
) -> ClaimReceivable | None:
    return row and _billed(row, event.fact.submitted_on)


@claim_receivables.on(ClaimKnownFromRemittance)
def known_from_remittance(
    row: ClaimReceivable | None, event: Recorded[ClaimKnownFromRemittance]
) -> ClaimReceivable | None:
    return row and _billed(row, event.fact.known_on)


def _billed(row: ClaimReceivable, on: date) -> ClaimReceivable:
    if row.billed_on is not None:
        return row
    return replace(row, billed_on=on, unbilled_until=row.unbilled_until or on)


@claim_receivables.on(ClaimClosed)
def closed(row: ClaimReceivable | None, event: Recorded[ClaimClosed]) -> ClaimReceivable | None:
    if row is None or row.unbilled_until is not None:
        return row
    return replace(row, unbilled_until=event.fact.closed_on)
