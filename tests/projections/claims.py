"""Claims to tell the tests of read models about, in the figures of a small bill."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from domain.revenue.events.claim import (
    AdjustmentGroup,
    ClaimAdjusted,
    ClaimCharged,
    ClaimClosed,
    ClaimDrafted,
    ClaimEntryReversed,
    ClaimFrequency,
    ClaimPaid,
    ClaimReopened,
    ClaimSubmitted,
    ClaimTransferred,
    ClaimType,
    Code,
    EntryKind,
    Party,
    PaymentMethod,
)
from domain.revenue.events.form import NOTHING_STATED
from domain.revenue.events.patient_account import account_of

RIVERSIDE, HILLTOP, AETHER, A_PATIENT, THE_CLAIM, ANOTHER_CLAIM, DR_ADEYEMI = (
    UUID(int=number) for number in range(11, 18)
)
THE_ACCOUNT = account_of(RIVERSIDE, A_PATIENT)
MARCH_1, MARCH_2, MARCH_3 = (date(2026, 3, day) for day in (1, 2, 3))


class Bill:
    """Makes the facts of one claim, each with its number and the balances after it."""

    def __init__(
        self,
        claim_id: UUID = THE_CLAIM,
        facility_id: UUID = RIVERSIDE,
        payer_id: UUID = AETHER,
        currency: str = "USD",
    ) -> None:
        self.whose = {"claim_id": claim_id, "facility_id": facility_id, "payer_id": payer_id}
        self.currency = currency
        self.entry = self.line = 0
        self.balance = self.patients = Decimal(0)

    def drafted(self, **differing: Any) -> ClaimDrafted:
        return ClaimDrafted(
            **{
                **self.whose,
                "patient_id": A_PATIENT,
                "account_id": THE_ACCOUNT,
                "secondary_payer_id": None,
                "department_id": None,
                "rendering_staff_id": None,
                "claim_type": ClaimType.PROFESSIONAL,
                "control_number": "C-1",
                "diagnoses": (Code(system="ICD-10-CM", value="J45.909"),),
                "service_on": MARCH_1,
                "currency": self.currency,
                "form": NOTHING_STATED,
                "coverage": None,
                "secondary_coverage": None,
                **differing,
            }
        )

    def charged(self, amount: str, owed_by: Party = Party.PAYER, units: int = 1) -> ClaimCharged:
        self.line += 1
        return ClaimCharged(
            **self._posted(amount, +1, owed_by),
            line=self.line,
            procedure=Code(system="CPT", value="99213"),
            description="Office visit",
            modifiers=("25",),
            diagnosis_pointers=(1,),
            units=units,
            unit_amount=Decimal(amount) / units,
            owed_by=owed_by,
            department_id=None,
            rendering_staff_id=DR_ADEYEMI,
            service_on=MARCH_1,
            revenue_code=None,
            place_of_service="11",
            rendering_npi=None,
        )

    def paid(
        self,
        amount: str,
        by: Party = Party.PAYER,
        method: PaymentMethod = PaymentMethod.CHECK,
        line: int | None = 1,
    ) -> ClaimPaid:
        return ClaimPaid(
            **self._posted(amount, -1, by),
            line=line,
            paid_by=by,
            method=method,
            reference="CHK 88",
            received_on=MARCH_2,
        )

    def adjusted(self, amount: str) -> ClaimAdjusted:
        return ClaimAdjusted(
            **self._posted(amount, -1, Party.PAYER),
            line=1,
            group=AdjustmentGroup.CONTRACTUAL_OBLIGATION,
            reason_code="45",
            borne_by=Party.PAYER,
            adjusted_on=MARCH_2,
        )

    def transferred(self, amount: str, *, back: bool = False) -> ClaimTransferred:
        self.patients += -Decimal(amount) if back else Decimal(amount)
        parties = (Party.PATIENT, Party.PAYER) if back else (Party.PAYER, Party.PATIENT)
        return ClaimTransferred(
            **self._posted(amount, 0, Party.PAYER),
            line=1,
            from_party=parties[0],
            to_party=parties[1],
            transferred_on=MARCH_2,
        )

    def reversed(self, entry: ClaimPaid | ClaimCharged | ClaimAdjusted) -> ClaimEntryReversed:
        kind, sign, party = {
            ClaimCharged: (EntryKind.CHARGE, -1, getattr(entry, "owed_by", None)),
            ClaimPaid: (EntryKind.PAYMENT, +1, getattr(entry, "paid_by", None)),
            ClaimAdjusted: (EntryKind.ADJUSTMENT, +1, getattr(entry, "borne_by", None)),
        }[type(entry)]
        return self._taken_back(entry, kind, sign, party or Party.PAYER, None)

    def transfer_reversed(self, entry: ClaimTransferred) -> ClaimEntryReversed:
        self.patients += entry.amount if entry.from_party is Party.PATIENT else -entry.amount
        return self._taken_back(
            entry, EntryKind.TRANSFER, 0, entry.from_party, entry.to_party, moved=True
        )

    def submitted(self) -> ClaimSubmitted:
        return ClaimSubmitted(
            **self.whose,
            submitted_to=Party.PAYER,
            sent_to=self.whose["payer_id"],
            submitted_on=MARCH_2,
            frequency=ClaimFrequency.ORIGINAL,
            control_number="C-1",
            payer_control_number=None,
        )

    def closed(self) -> ClaimClosed:
        return ClaimClosed(**self.whose, closed_on=MARCH_3, balance=self.balance)

    def reopened(self) -> ClaimReopened:
        return ClaimReopened(**self.whose, reopened_on=MARCH_3, why="late payment")

    def _taken_back(
        self,
        entry: Any,
        kind: EntryKind,
        sign: int,
        from_party: Party,
        to_party: Party | None,
        *,
        moved: bool = False,
    ) -> ClaimEntryReversed:
        owing = Party.PAYER if moved else from_party
        return ClaimEntryReversed(
            **self._posted(str(entry.amount), sign, owing),
            reversed_entry=entry.entry,
            kind=kind,
            line=entry.line,
            from_party=from_party,
            to_party=to_party,
            method=getattr(entry, "method", None),
            group=getattr(entry, "group", None),
            reason_code=getattr(entry, "reason_code", None),
            why="typing error",
            reversed_on=MARCH_3,
        )

    def _posted(self, amount: str, sign: int, party: Party) -> dict[str, Any]:
        self.entry += 1
        self.balance += sign * Decimal(amount)
        if party is Party.PATIENT:
            self.patients += sign * Decimal(amount)
        return {
            **self.whose,
            "currency": self.currency,
            "entry": self.entry,
            "amount": Decimal(amount),
            "balance_after": self.balance,
            "patient_balance_after": self.patients,
        }
