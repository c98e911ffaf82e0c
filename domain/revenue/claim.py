"""A claim: what one patient's care at one facility costs, and who has paid how much of it.

Its life: it is **drafted** while the facility is open, **charged** line by line, **submitted**;
then money is **paid**, parts are **adjusted** away or **transferred** between payer and patient; an
entry that was wrong is **reversed**, once. When nothing is owed any more it is **closed**, and may
be **reopened**. At every step ``balance = charges - payments - adjustments``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import assert_never
from uuid import UUID

from domain import rules
from domain.kernel import Aggregate, Circumstances, Command, Decision, Refused, command
from domain.revenue.entry import ZERO, Entry, Posted, Posting, entry_of
from domain.revenue.events.claim import (
    SELF_PAY,
    AdjustmentGroup,
    ClaimAdjusted,
    ClaimCharged,
    ClaimClosed,
    ClaimDrafted,
    ClaimEntryReversed,
    ClaimFact,
    ClaimPaid,
    ClaimReopened,
    ClaimSubmitted,
    ClaimTransferred,
    ClaimType,
    Code,
    EntryKind,
    Party,
    PaymentMethod,
)

MOST_DIAGNOSES = 25
"""An institutional 837 carries a principal and 24 other diagnoses (X12 837I, HI segments)."""
MOST_MODIFIERS = 4
"""A service line carries four procedure modifiers (X12 837, SV101-3 to SV101-6)."""
MODIFIER = "[A-Z0-9]{2}", "two capitals or digits"
REASON_CODE = "[A-Z]{0,2}[0-9]{1,3}", "a claim adjustment reason code (X12 code list 139)"


# --- state -------------------------------------------------------------------------------------


class ClaimStatus(StrEnum):
    """How far a claim has come."""

    ABSENT = "absent"
    DRAFTED = "drafted"
    SUBMITTED = "submitted"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What a claim has become. `patient_balance` is the part of the balance the patient owes."""

    facility_id: UUID | None = None
    status: ClaimStatus = ClaimStatus.ABSENT
    payer_id: UUID = SELF_PAY
    secondary_payer_id: UUID | None = None
    currency: str = ""
    service_on: date = rules.EARLIEST
    diagnoses: int = 0
    lines: int = 0
    entries: Mapping[int, Entry] = field(default_factory=lambda: MappingProxyType({}))
    balance: Decimal = ZERO
    patient_balance: Decimal = ZERO

    def evolve(self, fact: ClaimFact) -> Claim:
        match fact:
            case ClaimDrafted():
                return replace(
                    self,
                    status=ClaimStatus.DRAFTED,
                    facility_id=fact.facility_id,
                    payer_id=fact.payer_id,
                    secondary_payer_id=fact.secondary_payer_id,
                    currency=fact.currency,
                    service_on=fact.service_on,
                    diagnoses=len(fact.diagnoses),
                )
            case ClaimCharged():
                return replace(self._posted(fact), lines=fact.line)
            case ClaimPaid() | ClaimAdjusted() | ClaimTransferred():
                return self._posted(fact)
            case ClaimEntryReversed():
                posted = self._posted(fact)
                original = replace(posted.entries[fact.reversed_entry], reversed=True)
                return replace(
                    posted,
                    entries=MappingProxyType({**posted.entries, fact.reversed_entry: original}),
                )
            case ClaimSubmitted():
                return replace(self, status=ClaimStatus.SUBMITTED)
            case ClaimReopened():
                return replace(self, status=ClaimStatus.DRAFTED)
            case ClaimClosed():
                return replace(self, status=ClaimStatus.CLOSED)
            case _:
                assert_never(fact)

    def _posted(self, fact: Posted) -> Claim:
        return replace(
            self,
            entries=MappingProxyType({**self.entries, fact.entry: entry_of(fact)}),
            balance=fact.balance_after,
            patient_balance=fact.patient_balance_after,
        )


claim = Aggregate("claim", Claim())


# --- commands ----------------------------------------------------------------------------------


@command("claim_id", creates=True)
class DraftClaim(Command):
    """Begin a claim. Without a payer the patient alone is asked to pay."""

    claim_id: UUID
    facility_id: UUID
    patient_id: UUID
    service_on: date
    payer_id: UUID | None = None
    secondary_payer_id: UUID | None = None
    department_id: UUID | None = None
    rendering_staff_id: UUID | None = None
    claim_type: ClaimType = ClaimType.PROFESSIONAL
    control_number: str | None = None
    diagnoses: tuple[Code, ...] = ()


@command("claim_id")
class ChargeClaim(Command):
    """Add a line. The amount is `units` times `unit_amount`.

    It is owed by the payer where the command does not say by whom, or by the patient without one.
    """

    claim_id: UUID
    procedure: Code
    unit_amount: Decimal
    service_on: date
    units: int = 1
    description: str | None = None
    modifiers: tuple[str, ...] = ()
    diagnosis_pointers: tuple[int, ...] = ()
    owed_by: Party | None = None
    department_id: UUID | None = None
    rendering_staff_id: UUID | None = None


@command("claim_id")
class SubmitClaim(Command):
    """Send the claim to who is asked to pay it: the payer, or the patient without one."""

    claim_id: UUID
    submitted_on: date
    submitted_to: Party | None = None


@command("claim_id")
class PayClaim(Command):
    """Post a payment, for one line where that is known."""

    claim_id: UUID
    amount: Decimal
    paid_by: Party
    method: PaymentMethod
    received_on: date
    line: int | None = None
    reference: str | None = None


@command("claim_id")
class AdjustClaim(Command):
    """Ask for less: a contractual or other adjustment (X12 CAS group and reason code)."""

    claim_id: UUID
    amount: Decimal
    group: AdjustmentGroup
    reason_code: str
    adjusted_on: date
    borne_by: Party = Party.PAYER
    line: int | None = None


@command("claim_id")
class TransferClaim(Command):
    """Move a part of the debt from one party to another."""

    claim_id: UUID
    amount: Decimal
    from_party: Party
    to_party: Party
    transferred_on: date
    line: int | None = None


@command("claim_id")
class ReverseClaimEntry(Command):
    """Take back an entry of the claim's ledger that was wrong."""

    claim_id: UUID
    entry: int
    why: str
    reversed_on: date


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


# --- decisions ---------------------------------------------------------------------------------


@claim.decides
def draft(state: Claim, command: DraftClaim, at: Circumstances) -> Decision:
    if state.status is not ClaimStatus.ABSENT:
        raise Refused("claim.already_drafted", "This claim exists.", claim_id=command.claim_id)
    facility = at.open("facility", command.facility_id)
    _refers(command, command.facility_id, at)
    for named in ("payer_id", "secondary_payer_id"):
        payer_id: UUID | None = getattr(command, named)
        if payer_id not in (None, SELF_PAY):
            at.open("payer", payer_id, named=named)
    rules.happened("claim", "service_on", command.service_on, at)
    rules.at_most("claim", "diagnoses", command.diagnoses, MOST_DIAGNOSES)
    yield ClaimDrafted(
        claim_id=command.claim_id,
        facility_id=command.facility_id,
        patient_id=command.patient_id,
        payer_id=command.payer_id or SELF_PAY,
        secondary_payer_id=command.secondary_payer_id,
        department_id=command.department_id,
        rendering_staff_id=command.rendering_staff_id,
        claim_type=command.claim_type,
        control_number=_optional("control_number", command.control_number, 38),
        diagnoses=tuple(_code("diagnoses", each) for each in command.diagnoses),
        service_on=command.service_on,
        currency=facility.currency or "",
    )


@claim.decides
def charge(state: Claim, command: ChargeClaim, at: Circumstances) -> Decision:
    facility_id = _at_work(state)
    at.open("facility", facility_id)
    _refers(command, facility_id, at)
    rules.happened("claim", "service_on", command.service_on, at)
    rules.at_most("claim", "modifiers", command.modifiers, MOST_MODIFIERS)
    for pointer in command.diagnosis_pointers:
        if not 1 <= pointer <= state.diagnoses:
            rule = f"must point at one of the claim's {state.diagnoses} diagnoses"
            raise rules.refusal("claim.diagnosis_pointer", "diagnosis_pointers", pointer, rule)
    units = rules.quantity("claim", "units", command.units)
    unit_amount = _charged(state, "unit_amount", command.unit_amount)
    amount = _charged(state, "amount", units * unit_amount)
    owed_by = _asked(state, "owed_by", command.owed_by)
    line = state.lines + 1
    entry = Entry(kind=EntryKind.CHARGE, line=line, amount=amount, from_party=owed_by)
    yield ClaimCharged(
        **_posting(state, command.claim_id, entry),
        line=line,
        procedure=_code("procedure", command.procedure),
        description=_optional("description", command.description, 500),
        modifiers=tuple(
            rules.shaped("claim", "modifiers", each, *MODIFIER) for each in command.modifiers
        ),
        diagnosis_pointers=command.diagnosis_pointers,
        units=units,
        unit_amount=unit_amount,
        owed_by=owed_by,
        department_id=command.department_id,
        rendering_staff_id=command.rendering_staff_id,
        service_on=command.service_on,
    )


@claim.decides
def submit(state: Claim, command: SubmitClaim, at: Circumstances) -> Decision:
    facility_id = _at_work(state)
    if not state.lines:
        raise Refused("claim.without_lines", "A claim without a line cannot be submitted.")
    rules.happened("claim", "submitted_on", command.submitted_on, at)
    rules.in_order("claim", "service_on", state.service_on, "submitted_on", command.submitted_on)
    submitted_to = _asked(state, "submitted_to", command.submitted_to)
    yield ClaimSubmitted(
        claim_id=command.claim_id,
        facility_id=facility_id,
        payer_id=state.payer_id,
        submitted_to=submitted_to,
        submitted_on=command.submitted_on,
    )


@claim.decides
def pay(state: Claim, command: PayClaim, at: Circumstances) -> Decision:
    entry = _movement(state, command, EntryKind.PAYMENT, "paid_by")
    rules.happened("claim", "received_on", command.received_on, at)
    yield ClaimPaid(
        **_posting(state, command.claim_id, entry),
        line=command.line,
        paid_by=command.paid_by,
        method=command.method,
        reference=_optional("reference", command.reference, 50),
        received_on=command.received_on,
    )


@claim.decides
def adjust(state: Claim, command: AdjustClaim, at: Circumstances) -> Decision:
    entry = _movement(state, command, EntryKind.ADJUSTMENT, "borne_by")
    rules.happened("claim", "adjusted_on", command.adjusted_on, at)
    yield ClaimAdjusted(
        **_posting(state, command.claim_id, entry),
        line=command.line,
        group=command.group,
        reason_code=rules.shaped("claim", "reason_code", command.reason_code, *REASON_CODE),
        borne_by=command.borne_by,
        adjusted_on=command.adjusted_on,
    )


@claim.decides
def transfer(state: Claim, command: TransferClaim, at: Circumstances) -> Decision:
    if command.from_party is command.to_party:
        rule = "must be another party than the debt is moved from"
        raise rules.refusal("claim.same_party", "to_party", command.to_party, rule)
    entry = _movement(state, command, EntryKind.TRANSFER, "from_party", command.to_party)
    rules.happened("claim", "transferred_on", command.transferred_on, at)
    yield ClaimTransferred(
        **_posting(state, command.claim_id, entry),
        line=command.line,
        from_party=command.from_party,
        to_party=command.to_party,
        transferred_on=command.transferred_on,
    )


@claim.decides
def reverse(state: Claim, command: ReverseClaimEntry, at: Circumstances) -> Decision:
    _at_work(state)
    entry = state.entries.get(command.entry)
    if entry is None:
        rule = f"must be one of the {len(state.entries)} entries of the claim's ledger"
        raise rules.refusal("claim.entry_unknown", "entry", command.entry, rule)
    if entry.reversed:
        rule = "was taken back already, or takes one back itself"
        raise rules.refusal("claim.entry_reversed", "entry", command.entry, rule)
    rules.happened("claim", "reversed_on", command.reversed_on, at)
    yield ClaimEntryReversed(
        **_posting(state, command.claim_id, entry, back=True),
        reversed_entry=command.entry,
        kind=entry.kind,
        line=entry.line,
        from_party=entry.from_party,
        to_party=entry.to_party,
        method=entry.method,
        why=rules.text("claim", "why", command.why),
        reversed_on=command.reversed_on,
    )


@claim.decides
def close(state: Claim, command: CloseClaim, at: Circumstances) -> Decision:
    if state.status is ClaimStatus.CLOSED:
        return
    facility_id = _at_work(state)
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


# --- rules -------------------------------------------------------------------------------------


def _at_work(state: Claim) -> UUID:
    """The facility of a claim that can be worked on; refuses a closed one."""
    if state.status is ClaimStatus.CLOSED or state.facility_id is None:
        raise Refused("claim.closed", "The claim is closed; reopen it first.")
    return state.facility_id


def _posting(state: Claim, claim_id: UUID, entry: Entry, *, back: bool = False) -> Posting:
    """The next entry in the claim's ledger, and what the claim comes to by it (or `back` again)."""
    balance, patients = entry.effect()
    return {
        "claim_id": claim_id,
        "facility_id": _at_work(state),
        "payer_id": state.payer_id,
        "currency": state.currency,
        "entry": len(state.entries) + 1,
        "amount": entry.amount,
        "balance_after": state.balance + (-balance if back else balance),
        "patient_balance_after": state.patient_balance + (-patients if back else patients),
    }


def _charged(state: Claim, named: str, amount: Decimal) -> Decimal:
    return rules.amount("claim", named, amount, state.currency, zero_allowed=True)


def _refers(command: DraftClaim | ChargeClaim, facility_id: UUID, at: Circumstances) -> None:
    """Refuses a department that is not at work here, and a staff member nobody knows."""
    if command.department_id is not None:
        at.open("department", command.department_id, within=facility_id)
    if command.rendering_staff_id is not None:
        at.known("staff_member", command.rendering_staff_id, named="rendering_staff_id")


def _movement(
    state: Claim,
    command: PayClaim | AdjustClaim | TransferClaim,
    kind: EntryKind,
    party: str,
    to_party: Party | None = None,
) -> Entry:
    """The entry a command asks for; `party` names its field that says who pays or owes less.

    Refuses what is closed, a line or a party the claim does not have, and impossible amounts.
    """
    _at_work(state)
    from_party: Party = getattr(command, party)
    _has_party(state, party, from_party)
    _has_party(state, "to_party", to_party)
    line = command.line
    if line is not None and not 1 <= line <= state.lines:
        rule = f"must be one of the claim's {state.lines} lines"
        raise rules.refusal("claim.line_unknown", "line", line, rule)
    amount = rules.amount("claim", "amount", command.amount, state.currency)
    return Entry(kind=kind, line=line, amount=amount, from_party=from_party, to_party=to_party)


def _asked(state: Claim, named: str, party: Party | None) -> Party:
    """Who is asked to pay where the command does not say: the payer, or the patient without one."""
    if party is None:
        return Party.PATIENT if state.payer_id == SELF_PAY else Party.PAYER
    _has_party(state, named, party)
    return party


def _has_party(state: Claim, named: str, party: Party | None) -> None:
    if party is Party.SECONDARY_PAYER and state.secondary_payer_id is None:
        rule = "must be a party of the claim; it has no secondary payer"
        raise rules.refusal("claim.no_secondary_payer", named, party, rule)


def _code(named: str, code: Code) -> Code:
    return Code(
        system=rules.text("claim", f"{named}.system", code.system, longest=40),
        value=rules.text("claim", f"{named}.value", code.value, longest=40),
    )


def _optional(named: str, value: str | None, longest: int) -> str | None:
    return rules.optional("claim", named, value, longest=longest)
