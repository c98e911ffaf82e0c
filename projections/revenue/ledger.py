"""Every cent of every claim: its ledger, line by line, as an auditor reads it.

An entry is one row; a transfer is two, `out` of one account and `in` to another. An entry that
takes back an earlier one has rows like that one's, of the kind ``<kind>_reversed``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import assert_never
from uuid import UUID

from domain.kernel import Recorded
from domain.money import minor_units
from domain.revenue.events.adjustment_reasons import is_contractual
from domain.revenue.events.claim import (
    AdjustmentGroup,
    ClaimAdjusted,
    ClaimCharged,
    ClaimEntryReversed,
    ClaimPaid,
    ClaimRefunded,
    ClaimTransferred,
    ClaimWrittenOff,
    EntryKind,
    Party,
    PaymentMethod,
    WriteOffReason,
)
from projections.kernel import Key, Minor, ReadModel
from projections.revenue.posting import POSTED, Posted, payer_or_none
from projections.rows import replace


class Side(StrEnum):
    """Which half of a transfer a row is, or the whole of another entry."""

    WHOLE = ""
    OUT = "out"
    IN = "in"


class LineKind(StrEnum):
    """What a row of the ledger does."""

    CHARGE = "charge"
    PAYMENT = "payment"
    ADJUSTMENT = "adjustment"
    TRANSFER_OUT = "transfer_out"
    TRANSFER_IN = "transfer_in"
    WRITE_OFF = "write_off"
    REFUND = "refund"
    CHARGE_REVERSED = "charge_reversed"
    PAYMENT_REVERSED = "payment_reversed"
    ADJUSTMENT_REVERSED = "adjustment_reversed"
    TRANSFER_OUT_REVERSED = "transfer_out_reversed"
    TRANSFER_IN_REVERSED = "transfer_in_reversed"
    WRITE_OFF_REVERSED = "write_off_reversed"
    REFUND_REVERSED = "refund_reversed"


class Figure(StrEnum):
    """Which figure of a claim a row is counted in. What the contract takes off is told apart from
    what is adjusted for other reasons, denied or written off."""

    CHARGES = "charges"
    PAYMENTS = "payments"
    CONTRACTUAL = "contractual_adjustments"
    OTHER = "other_adjustments"
    TRANSFERS = "transfers"


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerLine:
    """One movement on one account of a claim.

    `amount` is what was booked; it is negative only where a payer gives something back within one
    decision. `change` is what it adds to the debt of `party`, so
    that a claim's changes come to its balance, and those of one party to what that party owes.
    Those of one `figure` come to that figure of the claim (less what was taken back of it).
    `line` is None where the money is not for one line of the claim. `position` is where in the
    ledger of the health system it is recorded. `reversed_by` names the entry that took this one
    back, `reverses_entry` the one that is taken back here, and `why`.
    """

    claim_id: UUID
    entry: int
    side: Side
    facility_id: UUID
    payer_id: UUID | None
    line: int | None
    kind: LineKind
    figure: Figure
    party: Party
    currency: str
    amount: Minor
    change: Minor
    balance_after: Minor
    patient_balance_after: Minor
    method: PaymentMethod | None = None
    reference: str | None = None
    group: AdjustmentGroup | None = None
    reason_code: str | None = None
    write_off_reason: WriteOffReason | None = None
    procedure_system: str | None = None
    procedure_code: str | None = None
    description: str | None = None
    modifiers: tuple[str, ...] = ()
    revenue_code: str | None = None
    place_of_service: str | None = None
    units: int | None = None
    unit_amount: Minor | None = None
    department_id: UUID | None = None
    rendering_staff_id: UUID | None = None
    effective_on: date
    reverses_entry: int | None = None
    reversed_by: int | None = None
    why: str | None = None
    position: int


claim_ledger = ReadModel(
    "claim_ledger",
    row=LedgerLine,
    key=("claim_id", "entry", "side"),
    order=("claim_id", "entry", "side"),
    indexes=(("effective_on",),),
    local=True,
    desk="billing and auditors: every movement of money on a claim, and the balance after it",
)


def _rows_of(event: Recorded[Posted]) -> Iterator[Key]:
    """The rows an entry is written in, and those of the entry it takes back."""
    fact = event.fact
    transferred = isinstance(fact, ClaimTransferred) or (
        isinstance(fact, ClaimEntryReversed) and fact.kind is EntryKind.TRANSFER
    )
    sides = (Side.OUT, Side.IN) if transferred else (Side.WHOLE,)
    for side in sides:
        yield fact.claim_id, fact.entry, side
    if isinstance(fact, ClaimEntryReversed):
        for side in sides:
            yield fact.claim_id, fact.reversed_entry, side


@claim_ledger.on(*POSTED, key=_rows_of, key_aware=True)
def posted(row: LedgerLine | None, event: Recorded[Posted], key: Key) -> LedgerLine | None:
    fact = event.fact
    _claim_id, entry, side = key
    if entry != fact.entry:
        return row and replace(row, reversed_by=fact.entry)
    match fact:
        case ClaimCharged():
            return replace(
                _line(event, LineKind.CHARGE, side, 1, fact.owed_by, fact.service_on),
                procedure_system=fact.procedure.system,
                procedure_code=fact.procedure.value,
                description=fact.description,
                modifiers=fact.modifiers,
                units=fact.units,
                revenue_code=fact.revenue_code,
                place_of_service=fact.place_of_service,
                unit_amount=minor_units(fact.unit_amount, fact.currency),
                department_id=fact.department_id,
                rendering_staff_id=fact.rendering_staff_id,
            )
        case ClaimPaid():
            return replace(
                _line(event, LineKind.PAYMENT, side, -1, fact.paid_by, fact.received_on),
                method=fact.method,
                reference=fact.reference,
            )
        case ClaimAdjusted():
            return replace(
                _line(event, LineKind.ADJUSTMENT, side, -1, fact.borne_by, fact.adjusted_on),
                group=fact.group,
                reason_code=fact.reason_code,
            )
        case ClaimTransferred():
            if side is Side.OUT:
                kind, sign, party = LineKind.TRANSFER_OUT, -1, fact.from_party
            else:
                kind, sign, party = LineKind.TRANSFER_IN, 1, fact.to_party
            return _line(event, kind, side, sign, party, fact.transferred_on)
        case ClaimWrittenOff():
            return replace(
                _line(event, LineKind.WRITE_OFF, side, -1, fact.owed_by, fact.written_off_on),
                write_off_reason=fact.write_off_reason,
            )
        case ClaimRefunded():
            return replace(
                _line(event, LineKind.REFUND, side, 1, fact.refunded_to, fact.refunded_on),
                method=fact.method,
                reference=fact.reference,
            )
        case ClaimEntryReversed():
            kind, sign = _REVERSED[fact.kind, side]
            party = fact.to_party if side is Side.IN and fact.to_party else fact.from_party
            return replace(
                _line(event, kind, side, sign, party, fact.reversed_on),
                reverses_entry=fact.reversed_entry,
                why=fact.why,
            )
        case _:
            assert_never(fact)


_REVERSED = {
    (EntryKind.CHARGE, Side.WHOLE): (LineKind.CHARGE_REVERSED, -1),
    (EntryKind.PAYMENT, Side.WHOLE): (LineKind.PAYMENT_REVERSED, 1),
    (EntryKind.ADJUSTMENT, Side.WHOLE): (LineKind.ADJUSTMENT_REVERSED, 1),
    (EntryKind.WRITE_OFF, Side.WHOLE): (LineKind.WRITE_OFF_REVERSED, 1),
    (EntryKind.REFUND, Side.WHOLE): (LineKind.REFUND_REVERSED, -1),
    (EntryKind.TRANSFER, Side.OUT): (LineKind.TRANSFER_OUT_REVERSED, 1),
    (EntryKind.TRANSFER, Side.IN): (LineKind.TRANSFER_IN_REVERSED, -1),
}
"""What a row is called that takes back one of an entry's rows, and its sign in the balance."""


def _line(
    event: Recorded[Posted], kind: LineKind, side: Side, sign: int, party: Party, on: date
) -> LedgerLine:
    fact = event.fact
    amount = minor_units(fact.amount, fact.currency)
    return LedgerLine(
        claim_id=fact.claim_id,
        entry=fact.entry,
        side=side,
        facility_id=fact.facility_id,
        payer_id=payer_or_none(fact.payer_id),
        line=fact.line,
        kind=kind,
        figure=_figure(fact),
        party=party,
        currency=fact.currency,
        amount=amount,
        change=sign * amount,
        balance_after=minor_units(fact.balance_after, fact.currency),
        patient_balance_after=minor_units(fact.patient_balance_after, fact.currency),
        effective_on=on,
        position=event.position,
    )


def _figure(fact: Posted) -> Figure:
    match fact:
        case ClaimAdjusted():
            kind, contractual = EntryKind.ADJUSTMENT, is_contractual(fact.group, fact.reason_code)
        case ClaimEntryReversed():
            kind, contractual = fact.kind, is_contractual(fact.group, fact.reason_code)
        case _:
            return _FIGURES[type(fact)]
    return Figure.CONTRACTUAL if contractual else _OF_KIND[kind]


_FIGURES: dict[type[Posted], Figure] = {
    ClaimCharged: Figure.CHARGES,
    ClaimPaid: Figure.PAYMENTS,
    ClaimRefunded: Figure.PAYMENTS,
    ClaimWrittenOff: Figure.OTHER,
    ClaimTransferred: Figure.TRANSFERS,
}
_OF_KIND = {
    EntryKind.CHARGE: Figure.CHARGES,
    EntryKind.PAYMENT: Figure.PAYMENTS,
    EntryKind.REFUND: Figure.PAYMENTS,
    EntryKind.ADJUSTMENT: Figure.OTHER,
    EntryKind.WRITE_OFF: Figure.OTHER,
    EntryKind.TRANSFER: Figure.TRANSFERS,
}
