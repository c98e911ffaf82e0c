"""Claims, told: each is drafted, charged, submitted, answered by its payer, closed when paid."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from benchmarks.chance import Chance
from domain.kernel import Fact
from domain.revenue.events.claim import (
    SELF_PAY,
    AdjustmentGroup,
    ClaimAdjusted,
    ClaimCharged,
    ClaimClosed,
    ClaimDrafted,
    ClaimFrequency,
    ClaimPaid,
    ClaimSubmitted,
    ClaimTransferred,
    ClaimType,
    Code,
    Party,
    PaymentMethod,
)
from domain.revenue.events.form import NOTHING_STATED

_DIAGNOSES = (Code(system="ICD-10-CM", value="J45.909"),)
_VISIT = Code(system="CPT", value="99213")

Told = Iterator[tuple[UUID, Fact]]


@dataclass(frozen=True, slots=True)
class Claims:
    """Begins claims somewhere in a health system and tells their lives."""

    chance: Chance
    departments: Sequence[tuple[UUID, UUID]]
    payers: Sequence[UUID]
    patients: Sequence[UUID]

    def one(self) -> Told:
        """The life of a claim: drafted, charged, submitted, answered by the payer, its rest asked
        of the patient, closed. One in eight is never finished."""
        throw = self.chance.throw
        facility_id, department_id = self.chance.one_of(self.departments)
        payer_id = self.chance.one_of(self.payers) if throw() < 0.93 else SELF_PAY
        party = Party.PATIENT if payer_id == SELF_PAY else Party.PAYER
        claim_id = self.chance.id()
        whose = {"claim_id": claim_id, "facility_id": facility_id, "payer_id": payer_id}
        account = _Account(whose, patients=party is Party.PATIENT)
        yield (
            claim_id,
            ClaimDrafted(
                **whose,
                patient_id=self.chance.one_of(self.patients),
                account_id=None,
                secondary_payer_id=None,
                department_id=department_id,
                rendering_staff_id=None,
                claim_type=ClaimType.PROFESSIONAL,
                control_number=f"C-{claim_id.hex[-12:]}",
                diagnoses=_DIAGNOSES,
                service_on=self.chance.today,
                currency="USD",
                form=NOTHING_STATED,
                coverage=None,
                secondary_coverage=None,
            ),
        )
        for line in range(1, 2 + int(throw() * 3)):
            cents = 2_000 + int(throw() * 40_000)
            yield (
                claim_id,
                ClaimCharged(
                    **account.posted(cents, balance=cents),
                    line=line,
                    procedure=_VISIT,
                    description="Office visit",
                    modifiers=(),
                    diagnosis_pointers=(1,),
                    units=1,
                    unit_amount=_money(cents),
                    owed_by=party,
                    department_id=department_id,
                    rendering_staff_id=None,
                    service_on=self.chance.today,
                    revenue_code=None,
                    place_of_service=None,
                    rendering_npi=None,
                ),
            )
        yield (
            claim_id,
            ClaimSubmitted(
                **whose,
                submitted_to=party,
                sent_to=payer_id if party is Party.PAYER else None,
                submitted_on=self.chance.today,
                frequency=ClaimFrequency.ORIGINAL,
                control_number=f"C-{claim_id.hex[-12:]}",
                payer_control_number=None,
            ),
        )
        if throw() < 0.125:
            return
        if party is Party.PAYER:
            owed = account.balance
            yield claim_id, self._adjusted(account, owed // 5)
            yield claim_id, self._paid(account, owed // 2, party)
            yield claim_id, self._transferred(account, account.balance)
        yield claim_id, self._paid(account, account.balance, Party.PATIENT)
        yield claim_id, ClaimClosed(**whose, closed_on=self.chance.today, balance=Decimal("0.00"))

    def _paid(self, account: _Account, cents: int, party: Party) -> ClaimPaid:
        patients = -cents if party is Party.PATIENT else 0
        return ClaimPaid(
            **account.posted(cents, balance=-cents, patients=patients),
            line=1,
            paid_by=party,
            method=PaymentMethod.CARD if party is Party.PATIENT else PaymentMethod.ELECTRONIC,
            reference="EFT 20260301-0042",
            received_on=self.chance.today,
        )

    def _adjusted(self, account: _Account, cents: int) -> ClaimAdjusted:
        return ClaimAdjusted(
            **account.posted(cents, balance=-cents),
            line=1,
            group=AdjustmentGroup.CONTRACTUAL_OBLIGATION,
            reason_code="45",
            borne_by=Party.PAYER,
            adjusted_on=self.chance.today,
        )

    def _transferred(self, account: _Account, cents: int) -> ClaimTransferred:
        return ClaimTransferred(
            **account.posted(cents, patients=cents),
            line=1,
            from_party=Party.PAYER,
            to_party=Party.PATIENT,
            transferred_on=self.chance.today,
        )


def _money(cents: int) -> Decimal:
    return Decimal(cents).scaleb(-2)


class _Account:
    """A claim's account in cents: what every fact says that moves money."""

    __slots__ = ("_entry", "_patients", "_whose", "balance", "patient_balance")

    def __init__(self, whose: dict[str, UUID], *, patients: bool) -> None:
        self._whose, self._patients = whose, patients
        self._entry = self.balance = self.patient_balance = 0

    def posted(self, amount: int, *, balance: int = 0, patients: int = 0) -> dict[str, Any]:
        self._entry += 1
        self.balance += balance
        # Where the patient alone is asked to pay, all of the balance is the patient's.
        self.patient_balance = self.balance if self._patients else self.patient_balance + patients
        return {
            **self._whose,
            "currency": "USD",
            "entry": self._entry,
            "amount": _money(amount),
            "balance_after": _money(self.balance),
            "patient_balance_after": _money(self.patient_balance),
        }
