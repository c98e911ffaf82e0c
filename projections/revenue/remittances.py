"""What payers paid, and what of it a person has to look at before it can be posted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from domain.kernel import Recorded
from domain.money import minor_units
from domain.revenue.events.claim import PaymentMethod
from domain.revenue.events.remittance import (
    RemittancePosted,
    RemittanceQuarantined,
    RemittanceReceived,
    RemittanceReleased,
    RemittedClaimQuarantined,
    RemittedClaimResolved,
    Resolution,
)
from projections.kernel import Key, Minor, ReadModel
from projections.rows import replace

WHOLE = 0
"""Stands where a claim's number would, for a remittance that is in quarantine as a whole."""


class RemittanceStatus(StrEnum):
    """How far a remittance has come."""

    RECEIVED = "received"
    QUARANTINED = "quarantined"
    POSTED = "posted"


@dataclass(frozen=True, slots=True, kw_only=True)
class RemittanceEntry:
    """A payment of a payer. `payment` = `paid` - `provider_adjustments`.

    `billed` and `paid` are what its claims come to, `provider_adjustments` what lowers the payment
    without belonging to a claim. `in_quarantine` counts the claims that wait for a person, and
    `unposted` is what they were paid.
    """

    remittance_id: UUID
    facility_id: UUID
    payer_id: UUID | None
    payer_name: str
    trace_number: str
    status: RemittanceStatus
    method: PaymentMethod
    paid_on: date
    currency: str
    payment: Minor
    billed: Minor
    paid: Minor
    provider_adjustments: Minor
    claims: int
    posted_claims: int
    in_quarantine: int
    unposted: Minor


remittance_list = ReadModel(
    "remittance_list",
    row=RemittanceEntry,
    key="remittance_id",
    order="paid_on",
    newest_first=True,
    indexes=(("trace_number",), ("status",)),
    desk="payment posting: what payers paid, and how far each payment is posted",
)


@remittance_list.on(RemittanceReceived)
def received(
    row: RemittanceEntry | None,  # noqa: ARG001 - nothing was there before
    event: Recorded[RemittanceReceived],
) -> RemittanceEntry | None:
    fact = event.fact
    currency = fact.currency
    adjusted = sum(minor_units(each.amount, currency) for each in fact.provider_adjustments)
    return RemittanceEntry(
        remittance_id=fact.remittance_id,
        facility_id=fact.facility_id,
        payer_id=fact.payer_id,
        payer_name=fact.payer_name,
        trace_number=fact.trace_number,
        status=RemittanceStatus.RECEIVED,
        method=fact.method,
        paid_on=fact.paid_on,
        currency=currency,
        payment=minor_units(fact.payment, currency),
        billed=minor_units(fact.billed, currency),
        paid=minor_units(fact.paid, currency),
        provider_adjustments=adjusted,
        claims=fact.claims,
        posted_claims=0,
        in_quarantine=0,
        unposted=0,
    )


@remittance_list.on(RemittanceQuarantined)
def held(
    row: RemittanceEntry | None,
    event: Recorded[RemittanceQuarantined],  # noqa: ARG001 - that it happened is all
) -> RemittanceEntry | None:
    return row and replace(row, status=RemittanceStatus.QUARANTINED)


@remittance_list.on(RemittanceReleased)
def released(
    row: RemittanceEntry | None,
    event: Recorded[RemittanceReleased],  # noqa: ARG001 - that it happened is all
) -> RemittanceEntry | None:
    return row and replace(row, status=RemittanceStatus.RECEIVED)


@remittance_list.on(RemittedClaimQuarantined)
def claim_held(
    row: RemittanceEntry | None, event: Recorded[RemittedClaimQuarantined]
) -> RemittanceEntry | None:
    fact = event.fact
    return row and replace(
        row,
        in_quarantine=row.in_quarantine + 1,
        unposted=row.unposted + minor_units(fact.remitted.paid, fact.currency),
    )


@remittance_list.on(RemittedClaimResolved)
def claim_resolved(
    row: RemittanceEntry | None, event: Recorded[RemittedClaimResolved]
) -> RemittanceEntry | None:
    fact = event.fact
    posted = fact.resolution is Resolution.POSTED
    return row and replace(
        row,
        in_quarantine=row.in_quarantine - 1,
        unposted=row.unposted - minor_units(fact.paid, row.currency),
        posted_claims=row.posted_claims + posted,
    )


@remittance_list.on(RemittancePosted)
def posted(
    row: RemittanceEntry | None, event: Recorded[RemittancePosted]
) -> RemittanceEntry | None:
    return row and replace(
        row, status=RemittanceStatus.POSTED, posted_claims=event.fact.posted_claims
    )


# --- quarantine ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantineEntry:
    """What of a remittance waits for a person, and the rule it breaks.

    `place` is the claim's number in the remittance, 0 for a remittance as a whole. `found` is what
    the payer says, `expected` what the rule asks for.
    """

    remittance_id: UUID
    place: int
    facility_id: UUID
    payer_id: UUID | None
    payer_name: str
    trace_number: str
    control_number: str | None
    payer_control_number: str | None
    status_code: str | None
    service_on: date | None
    rule: str
    found: str
    expected: str
    currency: str
    charge: Minor
    paid: Minor
    since: datetime


remittance_quarantine = ReadModel(
    "remittance_quarantine",
    row=QuarantineEntry,
    key=("remittance_id", "place"),
    order="paid",
    newest_first=True,
    indexes=(("rule",),),
    desk="payment posting: what could not be posted, by which rule, the largest payment first",
)


def _whole(event: Recorded[RemittanceQuarantined | RemittanceReleased]) -> Key:
    return event.fact.remittance_id, WHOLE


@remittance_quarantine.on(RemittanceQuarantined, key=_whole)
def whole_held(
    row: QuarantineEntry | None,  # noqa: ARG001 - nothing was there before
    event: Recorded[RemittanceQuarantined],
) -> QuarantineEntry | None:
    fact = event.fact
    return QuarantineEntry(
        remittance_id=fact.remittance_id,
        place=WHOLE,
        facility_id=fact.facility_id,
        payer_id=fact.payer_id,
        payer_name=fact.payer_name,
        trace_number=fact.trace_number,
        control_number=None,
        payer_control_number=None,
        status_code=None,
        service_on=None,
        rule=fact.rule,
        found=fact.found,
        expected=fact.expected,
        currency=fact.currency,
        charge=minor_units(fact.billed, fact.currency),
        paid=minor_units(fact.paid, fact.currency),
        since=event.recorded_at,
    )


@remittance_quarantine.on(RemittanceReleased, key=_whole)
def whole_released(
    row: QuarantineEntry | None,  # noqa: ARG001 - whatever it was, it is done
    event: Recorded[RemittanceReleased],  # noqa: ARG001
) -> QuarantineEntry | None:
    return None


@remittance_quarantine.on(RemittedClaimQuarantined)
def one_held(
    row: QuarantineEntry | None,  # noqa: ARG001 - nothing was there before
    event: Recorded[RemittedClaimQuarantined],
) -> QuarantineEntry | None:
    fact = event.fact
    return QuarantineEntry(
        remittance_id=fact.remittance_id,
        place=fact.place,
        facility_id=fact.facility_id,
        payer_id=fact.payer_id,
        payer_name=fact.payer_name,
        trace_number=fact.trace_number,
        control_number=fact.remitted.control_number,
        payer_control_number=fact.remitted.payer_control_number,
        status_code=fact.remitted.status_code,
        service_on=fact.remitted.service_on,
        rule=fact.rule,
        found=fact.found,
        expected=fact.expected,
        currency=fact.currency,
        charge=minor_units(fact.remitted.charge, fact.currency),
        paid=minor_units(fact.remitted.paid, fact.currency),
        since=event.recorded_at,
    )


@remittance_quarantine.on(RemittedClaimResolved)
def one_resolved(
    row: QuarantineEntry | None,  # noqa: ARG001 - whatever it was, it is done
    event: Recorded[RemittedClaimResolved],  # noqa: ARG001
) -> QuarantineEntry | None:
    return None
