"""What waits for somebody to ask: payers that do not answer, and money that is to be given back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from domain.kernel import Recorded
from domain.money import minor_units
from domain.revenue.events.claim import ClaimClosed, ClaimPaid, ClaimSubmitted, Party
from domain.revenue.events.denial import ClaimDenied
from domain.revenue.events.remittance import ClaimAdjudicated
from domain.revenue.events.submission import ClaimAccepted, ClaimPended, ClaimRejected
from projections.kernel import Minor, ReadModel
from projections.revenue.claims import told
from projections.revenue.posting import POSTED, Posted, payer_or_none
from projections.rows import replace

# --- no answer -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class UnansweredClaim:
    """A claim that its payer has not decided on since it was sent. `answered_on` and `answer` tell
    what it has said meanwhile, if anything (277CA), `pended` that it wants something first."""

    claim_id: UUID
    facility_id: UUID
    payer_id: UUID | None
    control_number: str | None
    submitted_on: date
    submitted_to: Party
    pended: bool
    answered_on: date | None
    answer: str | None


unanswered_claims = ReadModel(
    "unanswered_claims",
    row=UnansweredClaim,
    key="claim_id",
    order="submitted_on",
    indexes=(("payer_id",),),
    local=True,
    desk="follow-up: which payers have not decided on what they were sent, the oldest first",
)


@unanswered_claims.on(ClaimSubmitted)
def sent(
    row: UnansweredClaim | None,  # noqa: ARG001 - a claim that is sent again is waited for anew
    event: Recorded[ClaimSubmitted],
) -> UnansweredClaim | None:
    fact = event.fact
    return UnansweredClaim(
        claim_id=fact.claim_id,
        facility_id=fact.facility_id,
        payer_id=payer_or_none(fact.payer_id),
        control_number=fact.control_number,
        submitted_on=fact.submitted_on,
        submitted_to=fact.submitted_to,
        pended=False,
        answered_on=None,
        answer=None,
    )


@unanswered_claims.on(ClaimAccepted)
def accepted(row: UnansweredClaim | None, event: Recorded[ClaimAccepted]) -> UnansweredClaim | None:
    fact = event.fact
    return row and replace(row, pended=False, answered_on=fact.accepted_on, answer=told(fact.said))


@unanswered_claims.on(ClaimPended)
def pended(row: UnansweredClaim | None, event: Recorded[ClaimPended]) -> UnansweredClaim | None:
    fact = event.fact
    said = fact.wanted or told(fact.said)
    return row and replace(row, pended=True, answered_on=fact.pended_on, answer=said)


@unanswered_claims.on(ClaimPaid)
def paid(row: UnansweredClaim | None, event: Recorded[ClaimPaid]) -> UnansweredClaim | None:
    return None if row is None or event.fact.paid_by is row.submitted_to else row


@unanswered_claims.on(ClaimAdjudicated, ClaimDenied, ClaimRejected, ClaimClosed)
def answered(
    row: UnansweredClaim | None,  # noqa: ARG001 - the row leaves the desk
    event: Recorded[ClaimAdjudicated]  # noqa: ARG001
    | Recorded[ClaimDenied]
    | Recorded[ClaimRejected]
    | Recorded[ClaimClosed],
) -> UnansweredClaim | None:
    return None


# --- credit balances -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditBalance:
    """A claim on which more came in than was owed: `credit`, since `since`; `of_patient` is how
    much of it is the patient's to be given back."""

    claim_id: UUID
    facility_id: UUID
    payer_id: UUID | None
    currency: str
    credit: Minor
    of_patient: Minor
    since: date


credit_balances = ReadModel(
    "credit_balances",
    row=CreditBalance,
    key="claim_id",
    order="credit",
    newest_first=True,
    indexes=(("payer_id",), ("since",)),
    local=True,
    desk="credit balances: whom too much was taken from, the most first",
)


@credit_balances.on(*POSTED)
def posted(row: CreditBalance | None, event: Recorded[Posted]) -> CreditBalance | None:
    fact = event.fact
    credit = -minor_units(fact.balance_after, fact.currency)
    if credit <= 0:
        return None
    return CreditBalance(
        claim_id=fact.claim_id,
        facility_id=fact.facility_id,
        payer_id=payer_or_none(fact.payer_id),
        currency=fact.currency,
        credit=credit,
        of_patient=max(0, -minor_units(fact.patient_balance_after, fact.currency)),
        since=event.effective_at.date() if row is None else row.since,
    )
