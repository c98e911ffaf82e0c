"""A simulated claim's ledger: what is posted to it and what it comes to by that, in whole cents."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from domain.revenue.events.claim import AdjustmentGroup, Party, PaymentMethod
from domain.revenue.posting import AdjustClaim, PayClaim, ReverseClaimEntry, TransferClaim

_CONTRACTUAL = "45"
"""X12 code list 139: charge exceeds the fee schedule or contracted amount."""


@dataclass(slots=True)
class ClaimBook:
    """How many entries a claim has, what is owed on it, and what of that is the patient's."""

    claim_id: UUID
    entries: int = 0
    balance: int = 0
    patients: int = 0

    def charged(self, cents: int) -> None:
        """A line is charged."""
        self.entries += 1
        self.balance += cents

    def lowered(self, cents: int, entries: int = 1) -> None:
        """What is owed is less, by entries that others write."""
        self.entries += entries
        self.balance -= cents

    def paid(
        self,
        cents: int,
        party: Party,
        method: PaymentMethod,
        day: date,
        line: int | None = None,
        reference: str | None = None,
    ) -> PayClaim:
        self.lowered(cents)
        return PayClaim(
            claim_id=self.claim_id,
            amount=money(cents),
            paid_by=party,
            method=method,
            received_on=day,
            line=line,
            reference=reference,
        )

    def adjusted(self, cents: int, line: int, day: date) -> AdjustClaim:
        self.lowered(cents)
        return AdjustClaim(
            claim_id=self.claim_id,
            amount=money(cents),
            group=AdjustmentGroup.CONTRACTUAL_OBLIGATION,
            reason_code=_CONTRACTUAL,
            adjusted_on=day,
            line=line,
        )

    def transferred(self, cents: int, to: Party, day: date) -> TransferClaim:
        self.entries += 1
        return TransferClaim(
            claim_id=self.claim_id,
            amount=money(cents),
            from_party=Party.PAYER,
            to_party=to,
            transferred_on=day,
        )

    def reversed(self, entry: int, cents: int, why: str, day: date) -> ReverseClaimEntry:
        """Take back an entry that changed the balance by so many cents."""
        self.lowered(cents)
        return ReverseClaimEntry(claim_id=self.claim_id, entry=entry, why=why, reversed_on=day)


def money(cents: int) -> Decimal:
    """An amount of so many cents."""
    return Decimal(cents).scaleb(-2)
