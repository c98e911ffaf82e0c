"""How a payer's decision is entered in a claim's ledger, and how it is taken back.

The decision is one fact; every movement of money after it is an entry of its own: the payment, what
is adjusted away (CO, OA, PI), what becomes the patient's (PR), or the next payer's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Protocol
from uuid import UUID

from domain import rules
from domain.kernel import Decision, Fact
from domain.revenue import remitted as says
from domain.revenue.adjudicated import Adjudication, Places
from domain.revenue.claim import Claim
from domain.revenue.claim_rules import posting, running
from domain.revenue.claim_status import ClaimStatus
from domain.revenue.entry import ZERO, Entry, Posting
from domain.revenue.events.claim import (
    AdjustmentGroup,
    ClaimAdjusted,
    ClaimEntryReversed,
    ClaimFact,
    ClaimPaid,
    ClaimReopened,
    ClaimTransferred,
    EntryKind,
    Party,
    PaymentMethod,
)
from domain.revenue.events.remittance import (
    AdjudicatedLine,
    ClaimAdjudicated,
    ClaimAdjudicationReversed,
    ClaimRemittanceFact,
    RemittedAdjustment,
    RemittedClaim,
)
from domain.revenue.posting import REASON_CODE

PRIOR_PAYER = "23"
"""X12 code list 139: the impact of prior payer(s) adjudication including payments."""

WHY_REOPENED = "A payer's remittance changes it."
WHY_REVERSED = "The payer took back its decision."
WHY_SUPERSEDED = "The payer's next decision takes the place of its denial."


class Posted(Protocol):
    """What is to be posted: where it was told, and when and how the money came."""

    @property
    def claim_id(self) -> UUID: ...
    @property
    def remittance_id(self) -> UUID: ...
    @property
    def place(self) -> int: ...
    @property
    def adjudicated_on(self) -> date: ...
    @property
    def method(self) -> PaymentMethod: ...
    @property
    def reference(self) -> str | None: ...


@dataclass(slots=True)
class Book:
    """The claim's ledger while a decision is posted to it."""

    state: Claim
    command: Posted
    remitted: RemittedClaim

    def entered(self, fact: ClaimFact | ClaimRemittanceFact) -> Fact:
        self.state = self.state.evolve(fact)
        return fact


def facility_of(state: Claim) -> UUID:
    assert state.facility_id is not None, "a claim that is there is somewhere"
    return state.facility_id


def reopen(book: Book) -> Decision:
    if book.state.status is ClaimStatus.CLOSED:
        yield book.entered(
            ClaimReopened(
                claim_id=book.command.claim_id,
                facility_id=facility_of(book.state),
                payer_id=book.state.payer_id,
                reopened_on=book.command.adjudicated_on,
                why=WHY_REOPENED,
            )
        )


def take_back(book: Book, original: Adjudication, *, superseded: bool) -> Decision:
    """Take back a decision: every entry it made that still stands."""
    command, state = book.command, book.state
    yield book.entered(
        ClaimAdjudicationReversed(
            claim_id=command.claim_id,
            facility_id=facility_of(state),
            payer_id=state.payer_id,
            remittance_id=command.remittance_id,
            place=command.place,
            adjudication=original.number,
            currency=state.currency,
            charge=original.charge,
            paid=original.paid,
            denied=original.denied,
            superseded=superseded,
            reversed_on=command.adjudicated_on,
        )
    )
    for number in original.entries:
        entry = book.state.entries[number]
        if not entry.reversed:
            yield book.entered(
                ClaimEntryReversed(
                    **posting(book.state, command.claim_id, entry, back=True),
                    reversed_entry=number,
                    kind=entry.kind,
                    line=entry.line,
                    from_party=entry.from_party,
                    to_party=entry.to_party,
                    method=entry.method,
                    group=entry.group,
                    reason_code=entry.reason_code,
                    why=WHY_SUPERSEDED if superseded else WHY_REVERSED,
                    reversed_on=command.adjudicated_on,
                )
            )


def decide(book: Book, party: Party) -> Decision:
    """Record a decision, and move the money it moves."""
    command, state = book.command, book.state
    remitted = book.remitted
    lines = tuple(_lines(book))
    movements = tuple(_movements(book, party, lines))
    refused = sum((e.denied for e in lines), ZERO) + says.denied(remitted.adjustments)
    patients = AdjustmentGroup.PATIENT_RESPONSIBILITY
    everything = tuple(says.adjustments_of(remitted))
    of_patient = says.total(e for e in everything if e.group is patients)
    yield book.entered(
        ClaimAdjudicated(
            claim_id=command.claim_id,
            facility_id=facility_of(state),
            payer_id=state.payer_id,
            remittance_id=command.remittance_id,
            place=command.place,
            adjudication=len(state.adjudications.decisions) + 1,
            decided_by=party,
            status_code=remitted.status_code,
            payer_control_number=remitted.payer_control_number,
            currency=state.currency,
            charge=remitted.charge,
            paid=remitted.paid,
            adjusted=says.total(everything) - of_patient,
            patient_responsibility=of_patient,
            denied=refused,
            outcome=says.outcome(remitted.paid, refused),
            lines=lines,
            adjustments=remitted.adjustments,
            first_entry=len(state.entries) + 1,
            entries=len(movements),
            submitted_on=state.submitted_on,
            adjudicated_on=command.adjudicated_on,
        )
    )
    # Nothing looks at the claim after these, so that it need not be folded for each.
    after = running(book.state, command.claim_id)
    for entry, reason_code in movements:
        yield _moved(after.next(entry), command, entry, reason_code)


def _lines(book: Book) -> Iterator[AdjudicatedLine]:
    places = Places(book.state.lines)
    for each in book.remitted.lines:
        refused = says.denied(each.adjustments)
        patients = AdjustmentGroup.PATIENT_RESPONSIBILITY
        yield AdjudicatedLine(
            line=places.of(each),
            procedure=each.procedure,
            charge=each.charge,
            paid=each.paid,
            patient_responsibility=says.total(e for e in each.adjustments if e.group is patients),
            denied=refused,
            outcome=says.outcome(each.paid, refused),
            adjustments=each.adjustments,
            remarks=each.remarks,
        )


def _movements(
    book: Book, party: Party, lines: tuple[AdjudicatedLine, ...]
) -> Iterator[tuple[Entry, str]]:
    """Every movement of money, with the reason code of what is adjusted.

    What a claim was paid beyond its lines (less, where adjustments of the claim as a whole took
    something of it back) is a payment for no line.
    """
    remitted = book.remitted
    for line in lines:
        yield from _paid(book, party, line.line, line.paid)
        yield from _adjusted(book, party, line.line, line.adjustments)
    rest = remitted.paid - sum((each.paid for each in lines), ZERO)
    yield from _paid(book, party, None, rest)
    yield from _adjusted(book, party, None, remitted.adjustments)


def _paid(
    book: Book, party: Party, line: int | None, amount: Decimal
) -> Iterator[tuple[Entry, str]]:
    if amount:
        method = book.command.method
        kind = EntryKind.PAYMENT
        yield Entry(kind=kind, line=line, amount=amount, from_party=party, method=method), ""


def _adjusted(
    book: Book, party: Party, line: int | None, adjustments: tuple[RemittedAdjustment, ...]
) -> Iterator[tuple[Entry, str]]:
    for each in adjustments:
        if each.amount == 0 or _told_before(book, party, each):
            continue
        if each.group is AdjustmentGroup.PATIENT_RESPONSIBILITY:
            yield _owed_next(book, party, line, each.amount), ""
        else:
            kind = EntryKind.ADJUSTMENT
            entry = Entry(kind=kind, line=line, amount=each.amount, from_party=party)
            yield entry, f"{each.group} {each.reason_code}"


def _told_before(book: Book, party: Party, adjustment: RemittedAdjustment) -> bool:
    """Whether a later payer only repeats what is posted of an earlier one's decision."""
    earlier = party is Party.SECONDARY_PAYER and any(
        each.decided_by is Party.PAYER for each in book.state.adjudications.standing
    )
    return earlier and adjustment.reason_code == PRIOR_PAYER


def _owed_next(book: Book, party: Party, line: int | None, amount: Decimal) -> Entry:
    """What the payer leaves to others goes to the next payer, if there is one, or the patient.

    A negative amount goes back.
    """
    next_payer = party is Party.PAYER and book.state.secondary_payer_id is not None
    whom = Party.SECONDARY_PAYER if next_payer else Party.PATIENT
    giving, taking = (party, whom) if amount > 0 else (whom, party)
    return Entry(
        kind=EntryKind.TRANSFER,
        line=line,
        amount=abs(amount),
        from_party=giving,
        to_party=taking,
    )


def _moved(money: Posting, command: Posted, entry: Entry, reason: str) -> ClaimFact:
    if entry.kind is EntryKind.PAYMENT:
        return ClaimPaid(
            **money,
            line=entry.line,
            paid_by=entry.from_party,
            method=command.method,
            reference=rules.optional("claim", "reference", command.reference, longest=50),
            received_on=command.adjudicated_on,
        )
    if entry.kind is EntryKind.TRANSFER and entry.to_party is not None:
        return ClaimTransferred(
            **money,
            line=entry.line,
            from_party=entry.from_party,
            to_party=entry.to_party,
            transferred_on=command.adjudicated_on,
        )
    group, _, code = reason.partition(" ")
    return ClaimAdjusted(
        **money,
        line=entry.line,
        group=AdjustmentGroup(group),
        reason_code=rules.shaped("claim", "reason_code", code, *REASON_CODE),
        borne_by=entry.from_party,
        adjusted_on=command.adjudicated_on,
    )
