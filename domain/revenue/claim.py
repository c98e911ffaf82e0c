"""A claim: what one patient's care at one facility costs, and who has paid how much of it.

Its life: it is **drafted** while the facility is open, **charged** line by line, **submitted**;
then money is **paid**, parts are **adjusted** away or **transferred** between payer and patient; an
entry that was wrong is **reversed**, once. When nothing is owed any more it is **closed**, and may
be **reopened**. At every step ``balance = charges - payments - adjustments``.

Here is what a claim has become, and the rules that all of its decisions share. The decisions are
told apart by what the desk does: `drafting`, `submission`, `posting`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import assert_never
from uuid import UUID

from domain import rules
from domain.kernel import Aggregate, Refused
from domain.revenue.entry import ZERO, Entry, Posted, Posting, entry_of
from domain.revenue.events.claim import (
    SELF_PAY,
    ClaimAdjusted,
    ClaimCharged,
    ClaimClosed,
    ClaimDrafted,
    ClaimEntryReversed,
    ClaimFact,
    ClaimPaid,
    ClaimReopened,
    ClaimSubmitted,
    ClaimTransferred,
    Party,
)

# --- state -------------------------------------------------------------------------------------


class ClaimStatus(StrEnum):
    """How far a claim has come."""

    ABSENT = "absent"
    DRAFTED = "drafted"
    SUBMITTED = "submitted"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What a claim has become. `patient_balance` is the part of the balance the patient owes."""

    facility_id: UUID | None = None
    status: ClaimStatus = ClaimStatus.ABSENT
    payer_id: UUID = SELF_PAY
    secondary_payer_id: UUID | None = None
    currency: str = ""
    service_on: date = rules.EARLIEST
    diagnoses: int = 0
    lines: int = 0
    entries: Mapping[int, Entry] = field(default_factory=lambda: MappingProxyType({}))
    balance: Decimal = ZERO
    patient_balance: Decimal = ZERO

    def evolve(self, fact: ClaimFact) -> Claim:
        match fact:
            case ClaimDrafted():
                return replace(
                    self,
                    status=ClaimStatus.DRAFTED,
                    facility_id=fact.facility_id,
                    payer_id=fact.payer_id,
                    secondary_payer_id=fact.secondary_payer_id,
                    currency=fact.currency,
                    service_on=fact.service_on,
                    diagnoses=len(fact.diagnoses),
                )
            case ClaimCharged():
                return replace(self._posted(fact), lines=fact.line)
            case ClaimPaid() | ClaimAdjusted() | ClaimTransferred():
                return self._posted(fact)
            case ClaimEntryReversed():
                posted = self._posted(fact)
                original = replace(posted.entries[fact.reversed_entry], reversed=True)
                return replace(
                    posted,
                    entries=MappingProxyType({**posted.entries, fact.reversed_entry: original}),
                )
            case ClaimSubmitted():
                return replace(self, status=ClaimStatus.SUBMITTED)
            case ClaimReopened():
                return replace(self, status=ClaimStatus.DRAFTED)
            case ClaimClosed():
                return replace(self, status=ClaimStatus.CLOSED)
            case _:
                assert_never(fact)

    def _posted(self, fact: Posted) -> Claim:
        return replace(
            self,
            entries=MappingProxyType({**self.entries, fact.entry: entry_of(fact)}),
            balance=fact.balance_after,
            patient_balance=fact.patient_balance_after,
        )


claim = Aggregate("claim", Claim())


# --- rules -------------------------------------------------------------------------------------


def at_work(state: Claim) -> UUID:
    """The facility of a claim that can be worked on; refuses a closed one."""
    if state.status is ClaimStatus.CLOSED or state.facility_id is None:
        raise Refused("claim.closed", "The claim is closed; reopen it first.")
    return state.facility_id


def posting(state: Claim, claim_id: UUID, entry: Entry, *, back: bool = False) -> Posting:
    """The next entry in the claim's ledger, and what the claim comes to by it (or `back` again)."""
    balance, patients = entry.effect()
    return {
        "claim_id": claim_id,
        "facility_id": at_work(state),
        "payer_id": state.payer_id,
        "currency": state.currency,
        "entry": len(state.entries) + 1,
        "amount": entry.amount,
        "balance_after": state.balance + (-balance if back else balance),
        "patient_balance_after": state.patient_balance + (-patients if back else patients),
    }


def asked(state: Claim, named: str, party: Party | None) -> Party:
    """Who is asked to pay where the command does not say: the payer, or the patient without one."""
    if party is None:
        return Party.PATIENT if state.payer_id == SELF_PAY else Party.PAYER
    has_party(state, named, party)
    return party


def has_party(state: Claim, named: str, party: Party | None) -> None:
    if party is Party.SECONDARY_PAYER and state.secondary_payer_id is None:
        rule = "must be a party of the claim; it has no secondary payer"
        raise rules.refusal("claim.no_secondary_payer", named, party, rule)


def optional(named: str, value: str | None, longest: int) -> str | None:
    return rules.optional("claim", named, value, longest=longest)
