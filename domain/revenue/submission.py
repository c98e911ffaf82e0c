"""A claim goes to whoever is asked to pay it, and comes to its end."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from domain import rules
from domain.kernel import Circumstances, Command, Decision, Refused, command
from domain.revenue.claim import Claim, ClaimStatus, asked, at_work, claim
from domain.revenue.events.claim import ClaimClosed, ClaimReopened, ClaimSubmitted, Party

# --- commands -------------------------------------------------------------------------------------


@command("claim_id")
class SubmitClaim(Command):
    """Send the claim to who is asked to pay it: the payer, or the patient without one."""

    claim_id: UUID
    submitted_on: date
    submitted_to: Party | None = None


@command("claim_id")
class CloseClaim(Command):
    """Close a claim on which nothing is owed any more."""

    claim_id: UUID
    closed_on: date


@command("claim_id")
class ReopenClaim(Command):
    """Work on a closed claim again."""

    claim_id: UUID
    reopened_on: date
    why: str


# --- decisions ------------------------------------------------------------------------------------


@claim.decides
def submit(state: Claim, command: SubmitClaim, at: Circumstances) -> Decision:
    facility_id = at_work(state)
    if not state.lines:
        raise Refused("claim.without_lines", "A claim without a line cannot be submitted.")
    rules.happened("claim", "submitted_on", command.submitted_on, at)
    rules.in_order("claim", "service_on", state.service_on, "submitted_on", command.submitted_on)
    submitted_to = asked(state, "submitted_to", command.submitted_to)
    yield ClaimSubmitted(
        claim_id=command.claim_id,
        facility_id=facility_id,
        payer_id=state.payer_id,
        submitted_to=submitted_to,
        submitted_on=command.submitted_on,
    )


@claim.decides
def close(state: Claim, command: CloseClaim, at: Circumstances) -> Decision:
    if state.status is ClaimStatus.CLOSED:
        return
    facility_id = at_work(state)
    if state.balance > 0:
        raise Refused(
            "claim.balance_owed",
            f"{state.balance} {state.currency} are still owed.",
            balance=state.balance,
            currency=state.currency,
        )
    rules.happened("claim", "closed_on", command.closed_on, at)
    rules.in_order("claim", "service_on", state.service_on, "closed_on", command.closed_on)
    yield ClaimClosed(
        claim_id=command.claim_id,
        facility_id=facility_id,
        payer_id=state.payer_id,
        closed_on=command.closed_on,
        balance=state.balance,
    )


@claim.decides
def reopen(state: Claim, command: ReopenClaim, at: Circumstances) -> Decision:
    if state.status is not ClaimStatus.CLOSED or state.facility_id is None:
        return
    rules.happened("claim", "reopened_on", command.reopened_on, at)
    yield ClaimReopened(
        claim_id=command.claim_id,
        facility_id=state.facility_id,
        payer_id=state.payer_id,
        reopened_on=command.reopened_on,
        why=rules.text("claim", "why", command.why),
    )
