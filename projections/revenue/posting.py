"""A posting: what a fact that moves money adds to the figures of a claim, in minor units.

    balance = charges - payments - adjustments        (transfers only change who owes it)

A write-off is counted among the adjustments, a refund is a payment less. An entry that is taken
back is subtracted from the figures it was once added to, so that they say what still stands.
`entries` counts movements: a transfer is two of them, one out of an account and one into another,
and so is a transfer taken back.
"""

from __future__ import annotations

from typing import Any, NamedTuple, TypeVar, assert_never, cast
from uuid import UUID

from domain.money import minor_units
from domain.revenue.events.claim import (
    SELF_PAY,
    ClaimAdjusted,
    ClaimCharged,
    ClaimEntryReversed,
    ClaimPaid,
    ClaimRefunded,
    ClaimTransferred,
    ClaimWrittenOff,
    EntryKind,
    Party,
)
from projections.rows import replace

R = TypeVar("R")
Posted = (
    ClaimCharged
    | ClaimPaid
    | ClaimAdjusted
    | ClaimTransferred
    | ClaimWrittenOff
    | ClaimRefunded
    | ClaimEntryReversed
)
"""The facts that move money."""

POSTED = (
    ClaimCharged,
    ClaimPaid,
    ClaimAdjusted,
    ClaimTransferred,
    ClaimWrittenOff,
    ClaimRefunded,
    ClaimEntryReversed,
)


class Posting(NamedTuple):
    """What is added to each figure. `balance` and `patient_balance` are changes, too.

    A claim whose balance is negative is one of the `credit_balance_claims`, with that balance as
    its `credit_balance`.
    """

    entries: int
    charges: int
    payments: int
    adjustments: int
    transfers: int
    balance: int
    patient_balance: int
    credit_balance_claims: int
    credit_balance: int


def posting(fact: Posted) -> Posting:
    """What a fact adds to the figures."""
    amount = minor_units(fact.amount, fact.currency)
    match fact:
        case ClaimCharged():
            return _posting(fact, EntryKind.CHARGE, amount, fact.owed_by)
        case ClaimPaid():
            return _posting(fact, EntryKind.PAYMENT, amount, fact.paid_by)
        case ClaimAdjusted():
            return _posting(fact, EntryKind.ADJUSTMENT, amount, fact.borne_by)
        case ClaimTransferred():
            return _posting(
                fact, EntryKind.TRANSFER, amount, fact.from_party, to_party=fact.to_party
            )
        case ClaimWrittenOff():
            return _posting(fact, EntryKind.WRITE_OFF, amount, fact.owed_by)
        case ClaimRefunded():
            return _posting(fact, EntryKind.REFUND, amount, fact.refunded_to)
        case ClaimEntryReversed():
            return _posting(fact, fact.kind, -amount, fact.from_party, to_party=fact.to_party)
        case _:
            assert_never(fact)


def posted_to(row: R, fact: Posted) -> R:
    """A summary's row with a fact added to its figures, which are called as in `Posting`.

    Transfers go out of one account and into another: into `transfers_out` and `transfers_in`.
    """
    before, added = cast(Any, row), posting(fact)
    after = replace(
        before,
        entries=before.entries + added.entries,
        charges=before.charges + added.charges,
        payments=before.payments + added.payments,
        adjustments=before.adjustments + added.adjustments,
        transfers_out=before.transfers_out + added.transfers,
        transfers_in=before.transfers_in + added.transfers,
        balance=before.balance + added.balance,
        patient_balance=before.patient_balance + added.patient_balance,
        credit_balance_claims=before.credit_balance_claims + added.credit_balance_claims,
        credit_balance=before.credit_balance + added.credit_balance,
    )
    return cast(R, after)


def _posting(
    fact: Posted,
    kind: EntryKind,
    amount: int,
    from_party: Party,
    *,
    to_party: Party | None = None,
) -> Posting:
    charges = amount if kind is EntryKind.CHARGE else 0
    payments = {EntryKind.PAYMENT: amount, EntryKind.REFUND: -amount}.get(kind, 0)
    adjustments = amount if kind in (EntryKind.ADJUSTMENT, EntryKind.WRITE_OFF) else 0
    transfers = amount if kind is EntryKind.TRANSFER else 0
    balance = charges - payments - adjustments
    of_patient = balance - transfers if from_party is Party.PATIENT else 0
    to_patient = transfers if to_party is Party.PATIENT else 0
    after = minor_units(fact.balance_after, fact.currency)
    before = after - balance
    return Posting(
        entries=2 if kind is EntryKind.TRANSFER else 1,
        charges=charges,
        payments=payments,
        adjustments=adjustments,
        transfers=transfers,
        balance=balance,
        patient_balance=of_patient + to_patient,
        credit_balance_claims=(after < 0) - (before < 0),
        credit_balance=min(0, after) - min(0, before),
    )


def payer_or_none(payer_id: UUID) -> UUID | None:
    """The payer of a claim in a list: None where the patient alone pays."""
    return None if payer_id == SELF_PAY else payer_id
