"""A claim goes to whoever is asked to pay it, and comes to its end."""

from __future__ import annotations

from base64 import b32encode
from datetime import date
from uuid import UUID

from domain import rules
from domain.kernel import Circumstances, Command, Decision, Entail, Refused, command
from domain.revenue import terms
from domain.revenue.claim import Claim, claim
from domain.revenue.claim_rules import asked, at_work, control_number_reserved, optional
from domain.revenue.claim_status import TAKEN_IN, ClaimStatus
from domain.revenue.events.authorization import AuthorizationStanding
from domain.revenue.events.claim import (
    ClaimClosed,
    ClaimFrequency,
    ClaimReopened,
    ClaimSubmitted,
    Party,
)
from domain.revenue.prior_authorization import GiveAuthorizationBack, UseAuthorization
from domain.revenue.service_register import EnterServices

# --- commands -------------------------------------------------------------------------------------


@command("claim_id")
class SubmitClaim(Command):
    """Send the claim to who is asked to pay it: the payer, or the patient without one.

    One that the payer has taken in is sent again as a replacement of what was sent, or to void it,
    and names that by the payer's control number where the payer has not told it yet (837 REF*F8).
    To the secondary payer, which is asked for what the first one left, it goes as an original.
    """

    claim_id: UUID
    submitted_on: date
    submitted_to: Party | None = None
    frequency: ClaimFrequency = ClaimFrequency.ORIGINAL
    payer_control_number: str | None = None


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


def _consulted(state: Claim, command: SubmitClaim) -> list[UUID]:
    rests_on = [] if state.authorization_id is None else [state.authorization_id]
    return [*terms.consulted(state, command), *rests_on]


@claim.decides(consulting=_consulted)
def submit(state: Claim, command: SubmitClaim, at: Circumstances) -> Decision:
    facility_id = at_work(state)
    if all(each.taken_back for each in state.lines):
        raise Refused("claim.without_lines", "A claim without a line cannot be submitted.")
    rules.happened("claim", "submitted_on", command.submitted_on, at)
    rules.in_order("claim", "service_on", state.service_on, "submitted_on", command.submitted_on)
    submitted_to = asked(state, "submitted_to", command.submitted_to)
    payers_number = optional("payer_control_number", command.payer_control_number, 50)
    if submitted_to is not Party.PATIENT:
        payers_number = payers_number or state.payers_numbers.get(submitted_to)
        _may_be_sent_as(state, submitted_to, command.frequency, payers_number)
    number = state.control_number
    if number is None and submitted_to is not Party.PATIENT:
        number = control_number_for(command.claim_id)
        yield control_number_reserved(facility_id, number)
    yield ClaimSubmitted(
        claim_id=command.claim_id,
        facility_id=facility_id,
        payer_id=state.payer_id,
        submitted_to=submitted_to,
        sent_to=_sent_to(state, submitted_to),
        submitted_on=command.submitted_on,
        frequency=command.frequency,
        control_number=number,
        payer_control_number=payers_number,
    )
    if submitted_to is Party.PAYER:
        if (
            expected := terms.priced(state, command.claim_id, command.submitted_on, at)
        ) is not None:
            yield expected
        yield from _units(state, command, at)
    voids = command.frequency is ClaimFrequency.VOID and submitted_to is not Party.SECONDARY_PAYER
    if voids and state.scrubbed:
        yield Entail(
            EnterServices(
                facility_id=facility_id,
                patient_id=state.patient_id,
                claim_id=command.claim_id,
                services=(),
            )
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


# --- rules ----------------------------------------------------------------------------------------


def _sent_to(state: Claim, party: Party) -> UUID | None:
    """The payer that is asked; None where it is the patient."""
    if party is Party.SECONDARY_PAYER:
        return state.secondary_payer_id
    return state.payer_id if party is Party.PAYER else None


def control_number_for(claim_id: UUID) -> str:
    """A control number for a claim without one: sixteen characters, of the twenty that every payer
    takes (X12 837, CLM01), made of the last eighty bits of its id."""
    return b32encode(claim_id.bytes[-10:]).decode()


def _units(state: Claim, command: SubmitClaim, at: Circumstances) -> Decision:
    """A claim that goes out draws the units of its authorization; a void returns them."""
    rests_on = at.standings.get(state.authorization_id) if state.authorization_id else None
    if not isinstance(rests_on, AuthorizationStanding):
        return
    units = state.units_for(rests_on.procedures)
    if command.frequency is ClaimFrequency.VOID:
        yield Entail(
            GiveAuthorizationBack(
                authorization_id=rests_on.id,
                claim_id=command.claim_id,
                given_back_on=command.submitted_on,
            )
        )
    elif units:
        yield Entail(
            UseAuthorization(
                authorization_id=rests_on.id,
                claim_id=command.claim_id,
                units=units,
                used_on=command.submitted_on,
            )
        )


def _may_be_sent_as(
    state: Claim, payer: Party, frequency: ClaimFrequency, payers_number: str | None
) -> None:
    """Refuses an original of what the payer has taken in, and a replacement of what it has not."""
    if frequency is ClaimFrequency.ORIGINAL:
        if _has_taken_in(state, payer):
            rule = "must be a replacement (7) or a void (8): the payer has taken the claim in"
            raise rules.refusal("claim.frequency", "frequency", frequency, rule)
    elif payer not in state.sent_to:
        rule = "must be an original (1): the claim was never sent"
        raise rules.refusal("claim.frequency", "frequency", frequency, rule)
    elif payers_number is None:
        rule = "must be given: the payer finds by it what is to be replaced"
        raise rules.refusal("claim.payer_control_number", "payer_control_number", None, rule)


def _has_taken_in(state: Claim, payer: Party) -> bool:
    """Whether a payer has the claim: what it says last, or what it decided before another one was
    asked."""
    if state.submitted_to is payer:
        return payer in state.sent_to and state.status in TAKEN_IN
    return any(each.decided_by is payer for each in state.adjudications.standing)
