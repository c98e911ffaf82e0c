"""The rules that all decisions on a claim share."""

from __future__ import annotations

from uuid import UUID

from domain import rules
from domain.kernel import Refused, Reserve
from domain.revenue.claim import Claim
from domain.revenue.claim_status import ClaimStatus
from domain.revenue.entry import Entry, Posting, Running
from domain.revenue.events.claim import SELF_PAY, Party


def at_work(state: Claim) -> UUID:
    """The facility of a claim that can be worked on; refuses a closed one."""
    if state.status is ClaimStatus.CLOSED or state.facility_id is None:
        raise Refused("claim.closed", "The claim is closed; reopen it first.")
    return state.facility_id


def posting(state: Claim, claim_id: UUID, entry: Entry, *, back: bool = False) -> Posting:
    """The next entry in the claim's ledger, and what the claim comes to by it (or `back` again)."""
    return running(state, claim_id).next(entry, back=back)


def running(state: Claim, claim_id: UUID) -> Running:
    """The claim's ledger, for several entries one after the other."""
    return Running(
        claim_id=claim_id,
        facility_id=at_work(state),
        payer_id=state.payer_id,
        currency=state.currency,
        entries=len(state.entries),
        balance=state.balance,
        patient_balance=state.patient_balance,
    )


def asked(state: Claim, named: str, party: Party | None) -> Party:
    """Who is asked to pay where the command does not say: the payer, or the patient without one."""
    if party is None:
        return Party.PATIENT if state.payer_id == SELF_PAY else Party.PAYER
    has_party(state, named, party)
    return party


def has_party(state: Claim, named: str, party: Party | None) -> None:
    if party is Party.SECONDARY_PAYER and state.secondary_payer_id is None:
        rule = "must be a party of the claim; it has no secondary payer"
        raise rules.refusal("claim.no_secondary_payer", named, party, rule)


def optional(named: str, value: str | None, longest: int) -> str | None:
    return rules.optional("claim", named, value, longest=longest)


def control_number_reserved(facility_id: UUID, number: str) -> Reserve:
    """Claims one's own number for one claim of a facility: a remittance names the claim by it alone
    (X12 835, CLP01)."""
    key = f"{facility_id}/{number}"
    return Reserve("claim_control_number", key, "claim.control_number_in_use")
