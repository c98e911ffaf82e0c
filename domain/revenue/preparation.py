"""A claim is made ready: it rests on an authorization, and is held against the scrubber's rules."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from domain import rules
from domain.kernel import Circumstances, Command, Decision, Entail, Refused, command
from domain.revenue import terms
from domain.revenue.claim import Claim, claim
from domain.revenue.claim_rules import at_work
from domain.revenue.events.authorization import AuthorizationStanding
from domain.revenue.events.preparation import ClaimAuthorized, ClaimScrubbed, Severity
from domain.revenue.scrubber import RULES_VERSION, Reviewed, findings, others, tables
from domain.revenue.service_register import EnterServices

# --- commands -------------------------------------------------------------------------------------


@command("claim_id")
class AuthorizeClaim(Command):
    """Let the claim rest on a prior authorization of the same patient and payer."""

    claim_id: UUID
    authorization_id: UUID
    authorized_on: date


@command("claim_id")
class ScrubClaim(Command):
    """Hold the claim against the rules of the scrubber."""

    claim_id: UUID


# --- decisions ------------------------------------------------------------------------------------


@claim.decides
def authorize(state: Claim, command: AuthorizeClaim, at: Circumstances) -> Decision:
    facility_id = at_work(state)
    found = at.known(
        "prior_authorization",
        command.authorization_id,
        within=facility_id,
        named="authorization_id",
    )
    assert isinstance(found, AuthorizationStanding)
    if found.number is None:
        raise Refused(
            "claim.not_authorized",
            f"The authorization is {found.status} and has no number.",
            status=found.status,
        )
    if (found.patient_id, found.payer_id) != (state.patient_id, state.payer_id):
        rule = "must be of the claim's patient, and from its payer"
        raise rules.refusal(
            "claim.authorization", "authorization_id", command.authorization_id, rule
        )
    rules.happened("claim", "authorized_on", command.authorized_on, at)
    if state.authorization_id != command.authorization_id:
        yield ClaimAuthorized(
            claim_id=command.claim_id,
            facility_id=facility_id,
            payer_id=state.payer_id,
            authorization_id=command.authorization_id,
            number=found.number,
            authorized_on=command.authorized_on,
        )


def looked_at(state: Claim, command: Any) -> list[UUID]:
    """The streams that the rules of the scrubber look at, beside the claim."""
    rests_on = [] if state.authorization_id is None else [state.authorization_id]
    return [
        *terms.consulted(state, command),
        *rests_on,
        *others.consulted(state),
        *tables.consulted(state),
    ]


@claim.decides(consulting=looked_at)
def scrub(state: Claim, command: ScrubClaim, at: Circumstances) -> Decision:
    facility_id = at_work(state)
    found = findings(Reviewed(command.claim_id, state, at))
    yield ClaimScrubbed(
        claim_id=command.claim_id,
        facility_id=facility_id,
        payer_id=state.payer_id,
        rules_version=RULES_VERSION,
        times=state.scrubbed + 1,
        clean=all(each.severity is not Severity.ERROR for each in found),
        findings=found,
    )
    yield Entail(
        EnterServices(
            facility_id=facility_id,
            patient_id=state.patient_id,
            claim_id=command.claim_id,
            services=others.services_of(state),
        )
    )
