"""The claims of a remittance that a person has to look at: each is kept under the rule it breaks,
and posted to the claim it is about, or dismissed.
"""

from __future__ import annotations

from uuid import UUID

from domain import rules
from domain.kernel import Circumstances, Command, Decision, Entail, command
from domain.revenue import remitted as says
from domain.revenue.adjudication import AdjudicateClaim
from domain.revenue.events.remittance import (
    RemittedClaim,
    RemittedClaimQuarantined,
    RemittedClaimResolved,
    Resolution,
)
from domain.revenue.remittance import Remittance, facility_of, not_held, remittance

# --- commands -------------------------------------------------------------------------------------


@command("remittance_id")
class QuarantineRemittedClaim(Command):
    """Keep a claim of a remittance for a person to look at, under the rule it breaks."""

    remittance_id: UUID
    place: int
    remitted: RemittedClaim
    rule: str
    found: str
    expected: str


@command("remittance_id")
class PostRemittedClaim(Command):
    """Post a claim that is in quarantine to the claim it is about.

    A charge that differs and a decision beside another are posted then; what is not balanced is
    not.
    """

    remittance_id: UUID
    place: int
    claim_id: UUID
    why: str


@command("remittance_id")
class DismissRemittedClaim(Command):
    """Take a claim out of quarantine without posting anything."""

    remittance_id: UUID
    place: int
    why: str


# --- decisions ------------------------------------------------------------------------------------


@remittance.decides
def quarantine(
    state: Remittance,
    command: QuarantineRemittedClaim,
    at: Circumstances,  # noqa: ARG001
) -> Decision:
    not_held(state)
    remitted = says.booked(command.remitted, state.currency)
    if command.place in state.places:
        return
    if not 1 <= command.place <= state.claims:
        rule = f"must be the number of one of the remittance's {state.claims} claims"
        raise rules.refusal("remittance.place_unknown", "place", command.place, rule)
    yield RemittedClaimQuarantined(
        remittance_id=command.remittance_id,
        facility_id=facility_of(state),
        payer_id=state.payer_id,
        payer_name=state.payer_name,
        trace_number=state.trace_number,
        currency=state.currency,
        place=command.place,
        remitted=remitted,
        rule=rules.text("remittance", "rule", command.rule),
        found=rules.text("remittance", "found", command.found, empty_allowed=True),
        expected=rules.text("remittance", "expected", command.expected, empty_allowed=True),
    )


@remittance.decides
def post(state: Remittance, command: PostRemittedClaim, at: Circumstances) -> Decision:  # noqa: ARG001
    kept = in_quarantine(state, command.place)
    yield RemittedClaimResolved(
        remittance_id=command.remittance_id,
        facility_id=facility_of(state),
        place=command.place,
        resolution=Resolution.POSTED,
        claim_id=command.claim_id,
        paid=kept.remitted.paid,
        why=rules.text("remittance", "why", command.why),
    )
    yield Entail(
        AdjudicateClaim(
            claim_id=command.claim_id,
            remittance_id=command.remittance_id,
            place=command.place,
            remitted=kept.remitted,
            adjudicated_on=state.paid_on,
            method=state.method,
            reference=state.trace_number or None,
            settled=True,
        )
    )


@remittance.decides
def dismiss(state: Remittance, command: DismissRemittedClaim, at: Circumstances) -> Decision:  # noqa: ARG001
    kept = in_quarantine(state, command.place)
    yield RemittedClaimResolved(
        remittance_id=command.remittance_id,
        facility_id=facility_of(state),
        place=command.place,
        resolution=Resolution.DISMISSED,
        claim_id=None,
        paid=kept.remitted.paid,
        why=rules.text("remittance", "why", command.why),
    )


# --- rules ----------------------------------------------------------------------------------------


def in_quarantine(state: Remittance, place: int) -> RemittedClaimQuarantined:
    """The claim in quarantine at a place; refuses where there is none (any more)."""
    kept = state.quarantine.get(place)
    if kept is None:
        rule = "must be the number of a claim that is in quarantine"
        raise rules.refusal("remittance.not_in_quarantine", "place", place, rule)
    return kept
