"""A payer decided on a claim, and tells so in a remittance: its decision is posted line by line.

One command posts one remitted claim, whole or not at all. A numbered procedure:

1. What was posted before (the same place of the same remittance) is passed over.
2. What is not balanced is refused, and so is what does not fit the claim: another charge, a second
   decision of the same payer that takes back none of the first, a reversal of nothing.
3. A denial without any payment makes way for the payer's next decision.
4. The decision is recorded, then each movement of money as an entry of its own: the payment, what
   is adjusted away (CO, OA, PI), what becomes the patient's (PR), or the next payer's.

A closed claim is reopened for it. What a secondary payer repeats of an earlier payer's decision
(OA 23) moves nothing where that decision is posted.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

from domain import rules
from domain.kernel import Circumstances, Command, Decision, Refused, command, unknown
from domain.revenue import remitted as says
from domain.revenue.adjudicated import Adjudication
from domain.revenue.claim import Claim, claim
from domain.revenue.claim_rules import control_number_reserved, running
from domain.revenue.claim_status import ClaimStatus
from domain.revenue.decision_posting import Book, decide, reopen, take_back
from domain.revenue.entry import ZERO, Entry, Running
from domain.revenue.events.claim import (
    ClaimCharged,
    ClaimDrafted,
    Code,
    EntryKind,
    Party,
    PaymentMethod,
)
from domain.revenue.events.form import NOTHING_STATED
from domain.revenue.events.patient_account import account_of
from domain.revenue.events.remittance import (
    ClaimKnownFromRemittance,
    RemittedClaim,
    RemittedLine,
)

WHOLE_CLAIM = Code(system="X12", value="CLP")
"""Stands for the procedure of a claim that a payer tells of without its lines."""

LATER_PAYERS = frozenset({"2", "3", "20", "21"})
"""Claim status codes of a payer that comes after the first (X12 835, CLP02)."""


# --- commands ----------------------------------------------------------------------------------


@command("claim_id")
class AdjudicateClaim(Command):
    """Post what a payer decided on a claim, as it tells in a remittance; or take that back (22).

    `settled` is said by a person who looked at it: a charge that is not the claim's, and a second
    decision beside the first, are posted then.
    """

    claim_id: UUID
    remittance_id: UUID
    place: int
    remitted: RemittedClaim
    adjudicated_on: date
    method: PaymentMethod = PaymentMethod.ELECTRONIC
    reference: str | None = None
    settled: bool = False


@command("claim_id", creates=True)
class OpenRemittedClaim(Command):
    """Open a claim that was never sent from here, as a payer tells of it, and post its decision."""

    claim_id: UUID
    facility_id: UUID
    payer_id: UUID
    patient_id: UUID
    remittance_id: UUID
    place: int
    remitted: RemittedClaim
    adjudicated_on: date
    method: PaymentMethod = PaymentMethod.ELECTRONIC
    reference: str | None = None


# --- decisions ---------------------------------------------------------------------------------


@claim.decides
def adjudicate(state: Claim, command: AdjudicateClaim, at: Circumstances) -> Decision:
    if state.status is ClaimStatus.ABSENT:
        raise unknown("claim", command.claim_id, "claim_id")
    if (command.remittance_id, command.place) in state.adjudications.places:
        return
    remitted = says.booked(command.remitted, state.currency)
    yield from _post(Book(state, command, remitted), at, settled=command.settled)


@claim.decides
def open_remitted(state: Claim, command: OpenRemittedClaim, at: Circumstances) -> Decision:
    remitted = command.remitted
    if state.status is not ClaimStatus.ABSENT:
        raise Refused("claim.already_drafted", "This claim exists.", claim_id=command.claim_id)
    facility = at.open("facility", command.facility_id)
    at.known("payer", command.payer_id)
    if remitted.status_code == says.REVERSAL:
        raise _no_original(remitted)
    remitted = says.booked(remitted, facility.currency or "")
    service_on = remitted.service_on or command.adjudicated_on
    rules.happened("claim", "service_on", service_on, at)
    number = rules.text("claim", "control_number", remitted.control_number, longest=50)
    drafted = ClaimDrafted(
        claim_id=command.claim_id,
        facility_id=command.facility_id,
        patient_id=command.patient_id,
        account_id=account_of(command.facility_id, command.patient_id),
        payer_id=command.payer_id,
        secondary_payer_id=None,
        department_id=None,
        rendering_staff_id=None,
        claim_type=remitted.claim_type,
        control_number=number,
        diagnoses=(),
        service_on=service_on,
        currency=facility.currency or "",
        form=NOTHING_STATED,
        coverage=None,
        secondary_coverage=None,
    )
    yield control_number_reserved(command.facility_id, number)
    yield drafted
    state = state.evolve(drafted)
    whole = RemittedLine(charge=remitted.charge, paid=remitted.paid, procedure=WHOLE_CLAIM)
    after = running(state, command.claim_id)
    for each in remitted.lines or (whole,):
        charged = _charged(after, each, service_on)
        yield charged
        state = state.evolve(charged)
    known = ClaimKnownFromRemittance(
        claim_id=command.claim_id,
        facility_id=command.facility_id,
        payer_id=command.payer_id,
        remittance_id=command.remittance_id,
        control_number=number,
        known_on=command.adjudicated_on,
    )
    yield known
    yield from _post(Book(state.evolve(known), command, remitted), at)


def _charged(after: Running, remitted: RemittedLine, service_on: date) -> ClaimCharged:
    line = after.entries + 1
    amount = rules.amount("claim", "charge", remitted.charge, after.currency, zero_allowed=True)
    entry = Entry(kind=EntryKind.CHARGE, line=line, amount=amount, from_party=Party.PAYER)
    return ClaimCharged(
        **after.next(entry),
        line=line,
        procedure=remitted.procedure or WHOLE_CLAIM,
        description=None,
        modifiers=remitted.modifiers,
        diagnosis_pointers=(),
        units=1,
        unit_amount=amount,
        owed_by=Party.PAYER,
        department_id=None,
        rendering_staff_id=None,
        service_on=remitted.service_on or service_on,
        revenue_code=None,
        place_of_service=None,
        rendering_npi=None,
    )


# --- rules -------------------------------------------------------------------------------------


def _post(book: Book, at: Circumstances, *, settled: bool = False) -> Decision:
    state, command, remitted = book.state, book.command, book.remitted
    at.open("remittance", command.remittance_id)
    rules.happened("claim", "adjudicated_on", command.adjudicated_on, at)
    says.balanced(remitted)
    if remitted.status_code == says.PREDETERMINATION:
        rule = "a predetermination is no decision on a claim"
        raise says.out_of_balance("predetermination", remitted.status_code, "a decision", rule)
    if remitted.status_code == says.REVERSAL:
        original = _original(state, remitted)
        yield from reopen(book)
        yield from take_back(book, original, superseded=False)
        return
    party = _stands_for(state, remitted)
    before = [each for each in state.adjudications.standing if each.decided_by is party]
    if not settled:
        _fits(state, remitted, before)
    yield from reopen(book)
    for each in before:
        if each.paid == 0 and not settled:
            yield from take_back(book, each, superseded=True)
    yield from decide(book, party)


def _fits(state: Claim, remitted: RemittedClaim, before: list[Adjudication]) -> None:
    """Refuses what cannot be a decision on this claim, unless a person settled that it is."""
    charged = charges(state)
    if remitted.charge != charged:
        rule = "the charge must be that of the claim"
        raise says.out_of_balance("charge_not_the_claims", remitted.charge, charged, rule)
    for each in before:
        if each.paid != 0:
            rule = "a payer decides once, unless it takes its decision back"
            raise says.out_of_balance("decided_already", remitted.paid, each.paid, rule)


def _original(state: Claim, remitted: RemittedClaim) -> Adjudication:
    """The decision that a reversal takes back: the latest that stands with the opposite sums.

    Where several would do, the one with the payer's number of the claim.
    """
    fitting = [
        each
        for each in state.adjudications.standing
        if (each.charge, each.paid) == (-remitted.charge, -remitted.paid)
    ]
    if not fitting:
        raise _no_original(remitted)
    same = [each for each in fitting if each.payer_control_number == remitted.payer_control_number]
    return (same or fitting)[-1]


def _no_original(remitted: RemittedClaim) -> Refused:
    rule = "a reversal must take back a decision that is posted and stands, in full"
    found = f"{remitted.charge} charged, {remitted.paid} paid"
    return says.out_of_balance("reversal_of_nothing", found, "the opposite of a decision", rule)


def _stands_for(state: Claim, remitted: RemittedClaim) -> Party:
    """Which party of the claim the payer is that remits."""
    later = remitted.status_code in LATER_PAYERS and state.secondary_payer_id is not None
    return Party.SECONDARY_PAYER if later else Party.PAYER


def charges(state: Claim) -> Decimal:
    """What a claim's charges come to that stand."""
    standing = (e for e in state.entries.values() if not e.reversed)
    return sum((e.amount for e in standing if e.kind is EntryKind.CHARGE), ZERO)
