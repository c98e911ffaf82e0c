"""Money that is to be given back: credits, who works on them, overpayments and their last day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from domain.kernel import Recorded
from domain.money import minor_units
from domain.revenue.events.claim import Party
from domain.revenue.events.overpayment import (
    ClaimCreditAssigned,
    ClaimOverpaymentIdentified,
    ClaimOverpaymentResumed,
    ClaimOverpaymentReturned,
    ClaimOverpaymentSuspended,
    ClaimOverpaymentWithdrawn,
    ReturnProcess,
    SuspensionGround,
)
from projections.kernel import Minor, ReadModel
from projections.revenue.posting import POSTED, Posted, payer_or_none
from projections.rows import replace

# --- credit balances -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ToReturn:
    """An overpayment that is not returned. Amounts are in minor units."""

    overpayment: int
    amount: int
    return_by: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditBalance:
    """A claim on which more came in than was owed, or of which an overpayment is to be returned.

    `credit` is there since `since`; `of_patient` is how much of it is the patient's to be given
    back. `assigned_to` is who of the staff is to work on it, `assigned_by` who said so and when.
    `overpaid` was identified as overpayments (`to_return`) and is not returned; `return_by` is the
    first of their last days, as far as one is known.
    """

    claim_id: UUID
    facility_id: UUID
    payer_id: UUID | None
    currency: str
    credit: Minor
    of_patient: Minor
    since: date
    assigned_to: UUID | None = None
    assigned_by: str | None = None
    assigned_on: date | None = None
    overpaid: Minor = 0
    return_by: date | None = None
    to_return: tuple[ToReturn, ...] = ()


credit_balances = ReadModel(
    "credit_balances",
    row=CreditBalance,
    key="claim_id",
    order="credit",
    newest_first=True,
    indexes=(("payer_id",), ("since",), ("assigned_to",), ("return_by",)),
    local=True,
    desk="credit balances: whom too much was taken from, who works on it, and until when it is due",
)


@credit_balances.on(*POSTED)
def posted(row: CreditBalance | None, event: Recorded[Posted]) -> CreditBalance | None:
    fact = event.fact
    credit = max(0, -minor_units(fact.balance_after, fact.currency))
    if row is None and not credit:
        return None
    before = row or CreditBalance(
        claim_id=fact.claim_id,
        facility_id=fact.facility_id,
        payer_id=payer_or_none(fact.payer_id),
        currency=fact.currency,
        credit=0,
        of_patient=0,
        since=event.effective_at.date(),
    )
    patients = minor_units(fact.patient_balance_after, fact.currency)
    return _while_it_lasts(
        replace(before, credit=credit, of_patient=max(0, -patients) if credit else 0)
    )


@credit_balances.on(ClaimCreditAssigned)
def assigned(
    row: CreditBalance | None, event: Recorded[ClaimCreditAssigned]
) -> CreditBalance | None:
    return row and replace(
        row,
        assigned_to=event.fact.staff_id,
        assigned_by=event.actor,
        assigned_on=event.fact.assigned_on,
    )


@credit_balances.on(ClaimOverpaymentIdentified)
def found(
    row: CreditBalance | None, event: Recorded[ClaimOverpaymentIdentified]
) -> CreditBalance | None:
    fact = event.fact
    before = row or CreditBalance(
        claim_id=fact.claim_id,
        facility_id=fact.facility_id,
        payer_id=payer_or_none(fact.payer_id),
        currency=fact.currency,
        credit=0,
        of_patient=0,
        since=fact.identified_on,
    )
    one = ToReturn(
        overpayment=fact.overpayment,
        amount=minor_units(fact.amount, fact.currency),
        return_by=fact.return_by,
    )
    return _owing(before, (*before.to_return, one))


@credit_balances.on(ClaimOverpaymentSuspended, ClaimOverpaymentResumed)
def moved(
    row: CreditBalance | None,
    event: Recorded[ClaimOverpaymentSuspended] | Recorded[ClaimOverpaymentResumed],
) -> CreditBalance | None:
    number, day = event.fact.overpayment, event.fact.return_by
    return row and _owing(
        row,
        tuple(
            replace(each, return_by=day) if each.overpayment == number else each
            for each in row.to_return
        ),
    )


@credit_balances.on(ClaimOverpaymentReturned, ClaimOverpaymentWithdrawn)
def done_with(
    row: CreditBalance | None,
    event: Recorded[ClaimOverpaymentReturned] | Recorded[ClaimOverpaymentWithdrawn],
) -> CreditBalance | None:
    done = event.fact.overpayment
    left = row and tuple(each for each in row.to_return if each.overpayment != done)
    return None if row is None else _while_it_lasts(_owing(row, left or ()))


def _owing(row: CreditBalance, to_return: tuple[ToReturn, ...]) -> CreditBalance:
    days = [each.return_by for each in to_return if each.return_by is not None]
    return replace(
        row,
        to_return=to_return,
        overpaid=sum(each.amount for each in to_return),
        return_by=min(days, default=None),
    )


def _while_it_lasts(row: CreditBalance) -> CreditBalance | None:
    return row if row.credit or row.to_return else None


# --- overpayments --------------------------------------------------------------------------------


class OverpaymentStatus(StrEnum):
    """How far an overpayment has come."""

    IDENTIFIED = "identified"
    SUSPENDED = "suspended"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class OverpaymentEntry:
    """An overpayment. It is `due` until it is returned or withdrawn, by `return_by` where a rule
    sets a last day; while that is suspended (`ground`), by the last day it can move to, where that
    is known. One that was `returned_late` was returned after it.
    """

    claim_id: UUID
    overpayment: int
    facility_id: UUID
    payer_id: UUID | None
    paid_by: Party
    status: OverpaymentStatus
    due: bool
    currency: str
    amount: Minor
    why: str
    identified_on: date
    return_by: date | None
    ground: SuspensionGround | None
    suspended_on: date | None
    process: ReturnProcess | None
    reference: str | None
    returned_on: date | None
    returned_late: bool
    withdrawn_on: date | None


overpayment_list = ReadModel(
    "overpayment_list",
    row=OverpaymentEntry,
    key=("claim_id", "overpayment"),
    order="identified_on",
    indexes=(("due", "return_by"), ("status",), ("payer_id",)),
    local=True,
    desk="compliance: what was overpaid, by when it is to be returned, and whether it was in time",
)


@overpayment_list.on(ClaimOverpaymentIdentified)
def identified(
    row: OverpaymentEntry | None,  # noqa: ARG001 - a number is given once
    event: Recorded[ClaimOverpaymentIdentified],
) -> OverpaymentEntry | None:
    fact = event.fact
    return OverpaymentEntry(
        claim_id=fact.claim_id,
        overpayment=fact.overpayment,
        facility_id=fact.facility_id,
        payer_id=payer_or_none(fact.payer_id),
        paid_by=fact.paid_by,
        status=OverpaymentStatus.IDENTIFIED,
        due=True,
        currency=fact.currency,
        amount=minor_units(fact.amount, fact.currency),
        why=fact.why,
        identified_on=fact.identified_on,
        return_by=fact.return_by,
        ground=None,
        suspended_on=None,
        process=None,
        reference=None,
        returned_on=None,
        returned_late=False,
        withdrawn_on=None,
    )


@overpayment_list.on(ClaimOverpaymentSuspended)
def suspended(
    row: OverpaymentEntry | None, event: Recorded[ClaimOverpaymentSuspended]
) -> OverpaymentEntry | None:
    fact = event.fact
    return row and replace(
        row,
        status=OverpaymentStatus.SUSPENDED,
        ground=fact.ground,
        suspended_on=fact.suspended_on,
        return_by=fact.return_by,
    )


@overpayment_list.on(ClaimOverpaymentResumed)
def resumed(
    row: OverpaymentEntry | None, event: Recorded[ClaimOverpaymentResumed]
) -> OverpaymentEntry | None:
    return row and replace(
        row,
        status=OverpaymentStatus.IDENTIFIED,
        ground=None,
        suspended_on=None,
        return_by=event.fact.return_by,
    )


@overpayment_list.on(ClaimOverpaymentReturned)
def returned(
    row: OverpaymentEntry | None, event: Recorded[ClaimOverpaymentReturned]
) -> OverpaymentEntry | None:
    fact = event.fact
    return row and replace(
        row,
        status=OverpaymentStatus.RETURNED,
        due=False,
        process=fact.process,
        reference=fact.reference,
        returned_on=fact.returned_on,
        returned_late=fact.late,
    )


@overpayment_list.on(ClaimOverpaymentWithdrawn)
def withdrawn(
    row: OverpaymentEntry | None, event: Recorded[ClaimOverpaymentWithdrawn]
) -> OverpaymentEntry | None:
    return row and replace(
        row,
        status=OverpaymentStatus.WITHDRAWN,
        due=False,
        withdrawn_on=event.fact.withdrawn_on,
    )
