"""What the payer says of a claim before it pays: taken in, turned back, or left to wait.

It comes in as an X12 277CA or 277, or by telephone.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from domain import rules
from domain.kernel import Circumstances, Command, Decision, Refused, command
from domain.revenue.claim import Claim, claim
from domain.revenue.claim_rules import at_work, optional
from domain.revenue.claim_status import SENT, ClaimStatus
from domain.revenue.events.submission import (
    ClaimAccepted,
    ClaimPended,
    ClaimRejected,
    ClaimStatusCode,
    ClaimStatusReported,
)

CATEGORY = "[A-Z][0-9]{1,2}", "a claim status category code (X12 code list 507)"
STATUS = "[0-9]{1,4}", "a claim status code (X12 code list 508)"
ENTITY = "[0-9A-Z]{2,3}", "an entity identifier code (X12 data element 98)"
MOST_STATUSES = 50
"""How many statuses one acknowledgment of a claim may have (c)."""

# --- commands -------------------------------------------------------------------------------------


@command("claim_id")
class AcceptClaim(Command):
    """Record that the payer has taken the claim in, and how it calls it."""

    claim_id: UUID
    accepted_on: date
    payer_control_number: str | None = None
    said: ClaimStatusCode | None = None


@command("claim_id")
class RejectClaim(Command):
    """Record that the claim was turned back undecided, by the clearinghouse or the payer."""

    claim_id: UUID
    rejected_on: date
    said: tuple[ClaimStatusCode, ...] = ()
    message: str | None = None


@command("claim_id")
class PendClaim(Command):
    """Record that the payer lets the claim wait, and what it wants where it wants something."""

    claim_id: UUID
    pended_on: date
    said: ClaimStatusCode | None = None
    wanted: str | None = None


@command("claim_id")
class ReportClaimStatus(Command):
    """Record what the payer answered when it was asked where the claim stands (X12 277)."""

    claim_id: UUID
    reported_on: date
    said: tuple[ClaimStatusCode, ...]
    payer_control_number: str | None = None


# --- decisions ------------------------------------------------------------------------------------


@claim.decides
def accept(state: Claim, command: AcceptClaim, at: Circumstances) -> Decision:
    facility_id = _on_its_way(state, "accepted_on", command.accepted_on, at)
    number = optional("payer_control_number", command.payer_control_number, 50)
    known = number in (None, state.payer_control_number)
    if state.status is ClaimStatus.ACCEPTED and known:
        return
    yield ClaimAccepted(
        claim_id=command.claim_id,
        facility_id=facility_id,
        payer_id=state.payer_id,
        payer_control_number=number,
        said=_said(command.said),
        accepted_on=command.accepted_on,
    )


@claim.decides
def reject(state: Claim, command: RejectClaim, at: Circumstances) -> Decision:
    facility_id = _on_its_way(state, "rejected_on", command.rejected_on, at)
    rules.at_most("claim", "said", command.said, MOST_STATUSES)
    if state.status is not ClaimStatus.REJECTED:
        yield ClaimRejected(
            claim_id=command.claim_id,
            facility_id=facility_id,
            payer_id=state.payer_id,
            said=tuple(filter(None, map(_said, command.said))),
            message=optional("message", command.message, 500),
            rejected_on=command.rejected_on,
        )


@claim.decides
def pend(state: Claim, command: PendClaim, at: Circumstances) -> Decision:
    facility_id = _on_its_way(state, "pended_on", command.pended_on, at)
    yield ClaimPended(
        claim_id=command.claim_id,
        facility_id=facility_id,
        payer_id=state.payer_id,
        said=_said(command.said),
        wanted=optional("wanted", command.wanted, 500),
        pended_on=command.pended_on,
    )


@claim.decides
def report(state: Claim, command: ReportClaimStatus, at: Circumstances) -> Decision:
    if state.facility_id is None or state.submitted_on is None:
        raise Refused("claim.not_submitted", "The claim was never sent; nothing can be said of it.")
    rules.happened("claim", "reported_on", command.reported_on, at)
    rules.at_most("claim", "said", command.said, MOST_STATUSES)
    if not command.said:
        raise rules.refusal("claim.said", "said", 0, "must be one status at least")
    yield ClaimStatusReported(
        claim_id=command.claim_id,
        facility_id=state.facility_id,
        payer_id=state.payer_id,
        payer_control_number=optional("payer_control_number", command.payer_control_number, 50),
        said=tuple(filter(None, map(_said, command.said))),
        reported_on=command.reported_on,
    )


# --- rules ----------------------------------------------------------------------------------------


def _on_its_way(state: Claim, named: str, when: date, at: Circumstances) -> UUID:
    """The facility of a claim that was sent and not decided on; refuses any other."""
    facility_id = at_work(state)
    if state.status not in SENT:
        raise Refused(
            "claim.not_submitted",
            f"The claim is {state.status}; nothing was sent that could be answered.",
            status=state.status,
        )
    rules.happened("claim", named, when, at)
    rules.in_order("claim", "submitted_on", state.submitted_on, named, when)
    return facility_id


def _said(code: ClaimStatusCode | None) -> ClaimStatusCode | None:
    if code is not None:
        rules.shaped("claim", "category", code.category, *CATEGORY)
        if code.status is not None:
            rules.shaped("claim", "status", code.status, *STATUS)
        if code.entity is not None:
            rules.shaped("claim", "entity", code.entity, *ENTITY)
    return code
