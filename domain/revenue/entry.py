"""An entry in a claim's ledger: one movement of money, and what it does to what is owed.

balance = charges - payments - adjustments        (transfers only change who owes it)
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TypedDict, assert_never
from uuid import UUID

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
)

ZERO = Decimal("0")

Posted = (
    ClaimCharged
    | ClaimPaid
    | ClaimAdjusted
    | ClaimTransferred
    | ClaimWrittenOff
    | ClaimRefunded
    | ClaimEntryReversed
)
"""The facts that move money: each is an entry."""

MONEY_MOVED = (ClaimPaid, ClaimRefunded, ClaimEntryReversed)
"""Those by which money came in or went out, by some method."""

ADJUSTED = (ClaimAdjusted, ClaimEntryReversed)
"""Those by which less is asked for, under some group and reason, or that take that back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One movement of money.

    `reversed` tells that it was taken back, or takes back another: it cannot be taken back.
    """

    kind: EntryKind
    line: int | None
    amount: Decimal
    from_party: Party
    to_party: Party | None = None
    method: PaymentMethod | None = None
    group: AdjustmentGroup | None = None
    reason_code: str | None = None
    reversed: bool = False

    def effect(self) -> tuple[Decimal, Decimal]:
        """What the entry adds to the balance, and to the part of it that the patient owes."""
        from_patient = self.amount if self.from_party is Party.PATIENT else ZERO
        match self.kind:
            case EntryKind.CHARGE | EntryKind.REFUND:
                return self.amount, from_patient
            case EntryKind.PAYMENT | EntryKind.ADJUSTMENT | EntryKind.WRITE_OFF:
                return -self.amount, -from_patient
            case EntryKind.TRANSFER:
                to_patient = self.amount if self.to_party is Party.PATIENT else ZERO
                return ZERO, to_patient - from_patient
            case _:
                assert_never(self.kind)


class Posting(TypedDict):
    """What every fact that moves money says."""

    claim_id: UUID
    facility_id: UUID
    payer_id: UUID
    currency: str
    entry: int
    amount: Decimal
    balance_after: Decimal
    patient_balance_after: Decimal


@dataclass(slots=True, kw_only=True)
class Running:
    """A claim's ledger while entries are written into it: how many there are, and what it comes to.

    It saves folding the claim after each of many entries to learn what the next one says.
    """

    claim_id: UUID
    facility_id: UUID
    payer_id: UUID
    currency: str
    entries: int
    balance: Decimal
    patient_balance: Decimal

    def next(self, entry: Entry, *, back: bool = False) -> Posting:
        """The next entry, and what the claim comes to by it (or `back` again)."""
        balance, patients = entry.effect()
        self.entries += 1
        self.balance += -balance if back else balance
        self.patient_balance += -patients if back else patients
        return {
            "claim_id": self.claim_id,
            "facility_id": self.facility_id,
            "payer_id": self.payer_id,
            "currency": self.currency,
            "entry": self.entries,
            "amount": entry.amount,
            "balance_after": self.balance,
            "patient_balance_after": self.patient_balance,
        }


def entry_of(fact: Posted) -> Entry:
    """The entry that a fact made."""
    kind, from_party, to_party = _movement(fact)
    return Entry(
        kind=kind,
        line=fact.line,
        amount=fact.amount,
        from_party=from_party,
        to_party=to_party,
        method=fact.method if isinstance(fact, MONEY_MOVED) else None,
        group=fact.group if isinstance(fact, ADJUSTED) else None,
        reason_code=fact.reason_code if isinstance(fact, ADJUSTED) else None,
        reversed=isinstance(fact, ClaimEntryReversed),
    )


def _movement(fact: Posted) -> tuple[EntryKind, Party, Party | None]:
    match fact:
        case ClaimCharged():
            return EntryKind.CHARGE, fact.owed_by, None
        case ClaimPaid():
            return EntryKind.PAYMENT, fact.paid_by, None
        case ClaimAdjusted():
            return EntryKind.ADJUSTMENT, fact.borne_by, None
        case ClaimTransferred():
            return EntryKind.TRANSFER, fact.from_party, fact.to_party
        case ClaimWrittenOff():
            return EntryKind.WRITE_OFF, fact.owed_by, None
        case ClaimRefunded():
            return EntryKind.REFUND, fact.refunded_to, None
        case ClaimEntryReversed():
            return fact.kind, fact.from_party, fact.to_party
        case _:
            assert_never(fact)
