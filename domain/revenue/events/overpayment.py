"""The story of a credit balance: somebody is to work on it, finds out what of it is an overpayment,
and that is reported and returned to whom it came from, in time.

A credit is a balance below zero. Whether it is an overpayment, money that the facility is not
entitled to, is for people to find, and so is one that shows no credit. What Medicare or Medicaid
overpaid is returned within 60 days of the day it was identified (42 U.S.C. 1320a-7k(d); of Medicare
42 CFR 401.305(b), as amended by 89 FR 97710 from 2025 on). The clock stands still where the rule
suspends the deadline; its last day is told with every fact that moves it.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from domain.kernel import Fact, fact
from domain.revenue.events.claim import Party


class SuspensionGround(StrEnum):
    """Why the deadline of an overpayment is suspended, in the order of 42 CFR 401.305(b)(2) and
    (3): disclosed to the Inspector General, disclosed as a self-referral, a repayment schedule is
    asked for, related overpayments are looked for in good faith."""

    OIG_SELF_DISCLOSURE = "oig_self_disclosure"
    SELF_REFERRAL_DISCLOSURE = "self_referral_disclosure"
    EXTENDED_REPAYMENT = "extended_repayment"
    RELATED_OVERPAYMENTS = "related_overpayments"


class ReturnProcess(StrEnum):
    """How an overpayment is reported and returned (42 CFR 401.305(d))."""

    CLAIM_ADJUSTMENT = "claim_adjustment"
    CREDIT_BALANCE_REPORT = "credit_balance_report"
    SELF_REPORTED_REFUND = "self_reported_refund"
    OTHER = "other"


@fact("claim.credit_assigned", effective="assigned_on")
class ClaimCreditAssigned(Fact):
    """Somebody is to find out what a claim's credit is, and to whom it goes back."""

    claim_id: UUID
    facility_id: UUID
    payer_id: UUID
    staff_id: UUID
    assigned_on: date


@fact("claim.overpayment_identified", effective="identified_on")
class ClaimOverpaymentIdentified(Fact):
    """A part of what came in is not the facility's, and whose it is.

    `overpayment` numbers the claim's overpayments from 1. `payer_id` is the payer that paid it, or
    that of the claim where the patient did. `return_by` is the last day for returning it, where a
    rule sets one.
    """

    claim_id: UUID
    facility_id: UUID
    payer_id: UUID
    currency: str
    overpayment: int
    paid_by: Party
    amount: Decimal
    why: str
    return_by: date | None
    identified_on: date


@fact("claim.overpayment_suspended", effective="suspended_on")
class ClaimOverpaymentSuspended(Fact):
    """The deadline stands still. `return_by` is the last day it can move to, where that is known:
    related overpayments are looked for until 180 days after the first one was identified."""

    claim_id: UUID
    facility_id: UUID
    payer_id: UUID
    overpayment: int
    ground: SuspensionGround
    return_by: date | None
    suspended_on: date


@fact("claim.overpayment_resumed", effective="resumed_on")
class ClaimOverpaymentResumed(Fact):
    """The deadline runs again; what was left of the days is left of them still."""

    claim_id: UUID
    facility_id: UUID
    payer_id: UUID
    overpayment: int
    return_by: date
    resumed_on: date


@fact("claim.overpayment_returned", effective="returned_on")
class ClaimOverpaymentReturned(Fact):
    """An overpayment is reported and returned. `refund` is the entry by which the money went back,
    where it was sent with this; `late` where that was after the last day."""

    claim_id: UUID
    facility_id: UUID
    payer_id: UUID
    currency: str
    overpayment: int
    amount: Decimal
    process: ReturnProcess
    reference: str | None
    refund: int | None
    return_by: date | None
    late: bool
    returned_on: date


@fact("claim.overpayment_withdrawn", effective="withdrawn_on")
class ClaimOverpaymentWithdrawn(Fact):
    """It was no overpayment after all, and why."""

    claim_id: UUID
    facility_id: UUID
    payer_id: UUID
    currency: str
    overpayment: int
    amount: Decimal
    why: str
    withdrawn_on: date


OverpaymentFact = (
    ClaimCreditAssigned
    | ClaimOverpaymentIdentified
    | ClaimOverpaymentSuspended
    | ClaimOverpaymentResumed
    | ClaimOverpaymentReturned
    | ClaimOverpaymentWithdrawn
)
