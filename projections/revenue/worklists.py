"""What waits on the billing desks: not billed, paid less than was agreed; and cash day by day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from domain.kernel import Recorded
from domain.money import minor_units
from domain.revenue.events.claim import (
    ClaimAmended,
    ClaimCharged,
    ClaimClosed,
    ClaimDrafted,
    ClaimEntryReversed,
    ClaimPaid,
    ClaimRefunded,
    ClaimSubmitted,
    ClaimTransferred,
    EntryKind,
    Party,
)
from domain.revenue.events.preparation import ClaimPriced
from domain.revenue.events.remittance import ClaimKnownFromRemittance
from projections.kernel import GRAIN, Key, Measure, Minor, ReadModel, Summary
from projections.revenue.posting import payer_or_none
from projections.rows import replace

# --- not billed yet ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class UnbilledClaim:
    """A claim that was never sent, and what is charged on it.

    `service_through` is the last day of care: from then on the claim is discharged and not final
    billed (DNFB).
    """

    claim_id: UUID
    facility_id: UUID
    payer_id: UUID | None
    department_id: UUID | None
    service_on: date
    service_through: date
    currency: str
    lines: int
    charges: Minor


unbilled_claims = ReadModel(
    "unbilled_claims",
    row=UnbilledClaim,
    key="claim_id",
    order="service_through",
    indexes=(("payer_id",), ("department_id",)),
    local=True,
    desk="billing: what is done and not billed yet (DNFB), the oldest first",
)


@unbilled_claims.on(ClaimDrafted)
def drafted(
    row: UnbilledClaim | None,  # noqa: ARG001 - nothing was there before
    event: Recorded[ClaimDrafted],
) -> UnbilledClaim | None:
    fact = event.fact
    return UnbilledClaim(
        claim_id=fact.claim_id,
        facility_id=fact.facility_id,
        payer_id=payer_or_none(fact.payer_id),
        department_id=fact.department_id,
        service_on=fact.service_on,
        service_through=fact.form.service_through or fact.service_on,
        currency=fact.currency,
        lines=0,
        charges=0,
    )


@unbilled_claims.on(ClaimAmended)
def amended(row: UnbilledClaim | None, event: Recorded[ClaimAmended]) -> UnbilledClaim | None:
    through = event.fact.form.service_through
    return row and replace(row, service_through=through or row.service_on)


@unbilled_claims.on(ClaimCharged)
def charged(row: UnbilledClaim | None, event: Recorded[ClaimCharged]) -> UnbilledClaim | None:
    fact = event.fact
    return row and replace(
        row,
        lines=row.lines + 1,
        charges=row.charges + minor_units(fact.amount, fact.currency),
    )


@unbilled_claims.on(ClaimEntryReversed)
def taken_back(
    row: UnbilledClaim | None, event: Recorded[ClaimEntryReversed]
) -> UnbilledClaim | None:
    fact = event.fact
    if row is None or fact.kind is not EntryKind.CHARGE:
        return row
    return replace(
        row,
        lines=row.lines - 1,
        charges=row.charges - minor_units(fact.amount, fact.currency),
    )


@unbilled_claims.on(ClaimSubmitted, ClaimKnownFromRemittance, ClaimClosed)
def billed(
    row: UnbilledClaim | None,  # noqa: ARG001 - the row leaves the desk
    event: Recorded[ClaimSubmitted]  # noqa: ARG001
    | Recorded[ClaimKnownFromRemittance]
    | Recorded[ClaimClosed],
) -> UnbilledClaim | None:
    return None


# --- paid less than was agreed -------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimAgainstContract:
    """What a payer was expected to allow for a claim, and what it has allowed so far.

    `allowed` is what it paid and what it left to the patient or the next payer. `short` is what is
    missing, above the tolerance of the contract; `underpaid` tells that it has paid something, and
    that too little.
    """

    claim_id: UUID
    facility_id: UUID
    payer_id: UUID
    currency: str
    fee_schedule: str | None
    expected: Minor
    tolerance: Minor
    paid: Minor
    allowed: Minor
    short: Minor
    underpaid: bool


claims_against_contract = ReadModel(
    "claims_against_contract",
    row=ClaimAgainstContract,
    key="claim_id",
    order="short",
    newest_first=True,
    indexes=(("underpaid",), ("payer_id",)),
    local=True,
    desk="contracting: which payers paid less than was agreed, the most missing first",
)


@claims_against_contract.on(ClaimPriced)
def expected(
    row: ClaimAgainstContract | None, event: Recorded[ClaimPriced]
) -> ClaimAgainstContract | None:
    fact = event.fact
    if fact.expected is None:
        return row
    return _held(
        ClaimAgainstContract(
            claim_id=fact.claim_id,
            facility_id=fact.facility_id,
            payer_id=fact.payer_id,
            currency=fact.currency,
            fee_schedule=fact.fee_schedule,
            expected=minor_units(fact.expected, fact.currency),
            tolerance=minor_units(fact.tolerance, fact.currency),
            paid=0 if row is None else row.paid,
            allowed=0 if row is None else row.allowed,
            short=0,
            underpaid=False,
        )
    )


@claims_against_contract.on(ClaimPaid, ClaimRefunded, ClaimTransferred, ClaimEntryReversed)
def allowed(
    row: ClaimAgainstContract | None,
    event: Recorded[ClaimPaid]
    | Recorded[ClaimRefunded]
    | Recorded[ClaimTransferred]
    | Recorded[ClaimEntryReversed],
) -> ClaimAgainstContract | None:
    if row is None:
        return None
    paid, left = _of_payer(event.fact)
    return _held(replace(row, paid=row.paid + paid, allowed=row.allowed + paid + left))


def _of_payer(
    fact: ClaimPaid | ClaimRefunded | ClaimTransferred | ClaimEntryReversed,
) -> tuple[int, int]:
    """What a fact adds to what the payer paid, and to what it left to others."""
    amount = minor_units(fact.amount, fact.currency)
    match fact:
        case ClaimPaid():
            return (amount, 0) if fact.paid_by is Party.PAYER else (0, 0)
        case ClaimRefunded():
            return (-amount, 0) if fact.refunded_to is Party.PAYER else (0, 0)
        case ClaimTransferred():
            return 0, _left(fact, amount)
        case _:
            if fact.kind is EntryKind.TRANSFER:
                return 0, -_left(fact, amount)
            signs = {EntryKind.PAYMENT: -amount, EntryKind.REFUND: amount}
            return (signs.get(fact.kind, 0), 0) if fact.from_party is Party.PAYER else (0, 0)


def _left(fact: ClaimTransferred | ClaimEntryReversed, amount: int) -> int:
    """What a transfer takes out of the payer's account, or puts into it."""
    out = amount if fact.from_party is Party.PAYER else 0
    return out - (amount if fact.to_party is Party.PAYER else 0)


def _held(row: ClaimAgainstContract) -> ClaimAgainstContract:
    missing = row.expected - row.allowed
    short = missing if missing > row.tolerance else 0
    return replace(row, short=short, underpaid=short > 0 and row.paid > 0)


# --- cash ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class CashOfDay:
    """Money that came in on a day, and what went out: refunded, or taken back as posted wrongly."""

    facility_id: UUID
    day: date
    currency: str
    payments: Measure
    received: Minor
    from_payers: Minor
    from_patients: Minor
    refunded: Minor
    taken_back: Minor


cash_by_day = Summary(
    "cash_by_day",
    row=CashOfDay,
    dimensions=("facility_id", "day", "currency"),
    desk="finance: cash day by day, to hold against the bank",
    grain=GRAIN,
)


def _day(event: Recorded[ClaimPaid] | Recorded[ClaimRefunded]) -> Iterator[Key]:
    yield event.facility_id, event.effective_at.date(), event.fact.currency


@cash_by_day.on(ClaimPaid, key=_day)
def came_in(row: CashOfDay, event: Recorded[ClaimPaid]) -> CashOfDay:
    amount = minor_units(event.fact.amount, event.fact.currency)
    of_patient = event.fact.paid_by is Party.PATIENT
    return replace(
        row,
        payments=row.payments + 1,
        received=row.received + amount,
        from_patients=row.from_patients + (amount if of_patient else 0),
        from_payers=row.from_payers + (0 if of_patient else amount),
    )


@cash_by_day.on(ClaimRefunded, key=_day)
def went_out(row: CashOfDay, event: Recorded[ClaimRefunded]) -> CashOfDay:
    amount = minor_units(event.fact.amount, event.fact.currency)
    return replace(row, refunded=row.refunded + amount)


def _day_of_cash(event: Recorded[ClaimEntryReversed]) -> list[Key]:
    if event.fact.kind not in (EntryKind.PAYMENT, EntryKind.REFUND):
        return []
    return [(event.facility_id, event.effective_at.date(), event.fact.currency)]


@cash_by_day.on(ClaimEntryReversed, key=_day_of_cash)
def posted_wrongly(row: CashOfDay, event: Recorded[ClaimEntryReversed]) -> CashOfDay:
    amount = minor_units(event.fact.amount, event.fact.currency)
    sign = 1 if event.fact.kind is EntryKind.PAYMENT else -1
    return replace(row, taken_back=row.taken_back + sign * amount)
