"""What waits for somebody to ask: claims on which whoever was asked to pay does not decide."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from domain.kernel import Recorded
from domain.revenue.events.claim import ClaimClosed, ClaimPaid, ClaimSubmitted, Party
from domain.revenue.events.denial import ClaimDenied
from domain.revenue.events.remittance import ClaimAdjudicated
from domain.revenue.events.submission import ClaimAccepted, ClaimPended, ClaimRejected
from projections.kernel import ReadModel
from projections.revenue.claims import told
from projections.revenue.posting import payer_or_none
from projections.rows import replace


@dataclass(frozen=True, slots=True, kw_only=True)
class UnansweredClaim:
    """A claim that has not been decided on since it was sent, to `payer_id`: the claim's own payer,
    or the one after it. `answered_on` and `answer` tell what it has said meanwhile, if anything
    (277CA), `pended` that it wants something first.

    What the patient is asked for is not waited for here: a payer that was asked before still is. No
    payer is told where an older ledger does not tell which secondary payer was asked.
    """

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
def sent(row: UnansweredClaim | None, event: Recorded[ClaimSubmitted]) -> UnansweredClaim | None:
    """A claim that is sent again is waited for anew."""
    fact = event.fact
    if fact.submitted_to is Party.PATIENT:
        return row
    return UnansweredClaim(
        claim_id=fact.claim_id,
        facility_id=fact.facility_id,
        payer_id=None if fact.sent_to is None else payer_or_none(fact.sent_to),
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


@unanswered_claims.on(ClaimAdjudicated)
def decided(
    row: UnansweredClaim | None, event: Recorded[ClaimAdjudicated]
) -> UnansweredClaim | None:
    return None if row is None or event.fact.decided_by is row.submitted_to else row


@unanswered_claims.on(ClaimDenied)
def denied(row: UnansweredClaim | None, event: Recorded[ClaimDenied]) -> UnansweredClaim | None:
    """What is denied in a decision was decided by whoever made that; what people record by hand is
    of the payer that was asked."""
    return None if event.fact.adjudication is None else row


@unanswered_claims.on(ClaimRejected, ClaimClosed)
def done_with(
    row: UnansweredClaim | None,  # noqa: ARG001 - the row leaves the desk
    event: Recorded[ClaimRejected] | Recorded[ClaimClosed],  # noqa: ARG001
) -> UnansweredClaim | None:
    return None
