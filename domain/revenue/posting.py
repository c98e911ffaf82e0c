"""Money moves on a claim: paid, adjusted away, moved from one party to another, taken back."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Protocol
from uuid import UUID

from domain import rules
from domain.kernel import Circumstances, Command, Decision, command
from domain.revenue.claim import Claim, claim
from domain.revenue.claim_rules import at_work, has_party, optional, posting
from domain.revenue.entry import Entry
from domain.revenue.events.claim import (
    AdjustmentGroup,
    ClaimAdjusted,
    ClaimEntryReversed,
    ClaimPaid,
    ClaimTransferred,
    EntryKind,
    Party,
    PaymentMethod,
)


class MovesMoney(Protocol):
    """A command that moves an amount, on one line where that is known."""

    @property
    def amount(self) -> Decimal: ...
    @property
    def line(self) -> int | None: ...


REASON_CODE = "[A-Z]{0,2}[0-9]{1,3}", "a claim adjustment reason code (X12 code list 139)"

# --- commands -------------------------------------------------------------------------------------


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


# --- decisions ------------------------------------------------------------------------------------


@claim.decides
def pay(state: Claim, command: PayClaim, at: Circumstances) -> Decision:
    entry = movement(state, command, EntryKind.PAYMENT, "paid_by")
    rules.happened("claim", "received_on", command.received_on, at)
    yield ClaimPaid(
        **posting(state, command.claim_id, entry),
        line=command.line,
        paid_by=command.paid_by,
        method=command.method,
        reference=optional("reference", command.reference, 50),
        received_on=command.received_on,
    )


@claim.decides
def adjust(state: Claim, command: AdjustClaim, at: Circumstances) -> Decision:
    entry = movement(state, command, EntryKind.ADJUSTMENT, "borne_by")
    rules.happened("claim", "adjusted_on", command.adjusted_on, at)
    yield ClaimAdjusted(
        **posting(state, command.claim_id, entry),
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
    entry = movement(state, command, EntryKind.TRANSFER, "from_party", command.to_party)
    rules.happened("claim", "transferred_on", command.transferred_on, at)
    yield ClaimTransferred(
        **posting(state, command.claim_id, entry),
        line=command.line,
        from_party=command.from_party,
        to_party=command.to_party,
        transferred_on=command.transferred_on,
    )


@claim.decides
def reverse(state: Claim, command: ReverseClaimEntry, at: Circumstances) -> Decision:
    at_work(state)
    entry = state.entries.get(command.entry)
    if entry is None:
        rule = f"must be one of the {len(state.entries)} entries of the claim's ledger"
        raise rules.refusal("claim.entry_unknown", "entry", command.entry, rule)
    if entry.reversed:
        rule = "was taken back already, or takes one back itself"
        raise rules.refusal("claim.entry_reversed", "entry", command.entry, rule)
    rules.happened("claim", "reversed_on", command.reversed_on, at)
    yield ClaimEntryReversed(
        **posting(state, command.claim_id, entry, back=True),
        reversed_entry=command.entry,
        kind=entry.kind,
        line=entry.line,
        from_party=entry.from_party,
        to_party=entry.to_party,
        method=entry.method,
        group=entry.group,
        reason_code=entry.reason_code,
        why=rules.text("claim", "why", command.why),
        reversed_on=command.reversed_on,
    )


# --- rules ----------------------------------------------------------------------------------------


def movement(
    state: Claim,
    command: MovesMoney,
    kind: EntryKind,
    party: str,
    to_party: Party | None = None,
) -> Entry:
    """The entry a command asks for; `party` names its field that says who pays or owes less.

    Refuses what is closed, a line or a party the claim does not have, and impossible amounts.
    """
    at_work(state)
    from_party: Party = getattr(command, party)
    has_party(state, party, from_party)
    has_party(state, "to_party", to_party)
    line = command.line
    if line is not None and not 1 <= line <= len(state.lines):
        rule = f"must be one of the claim's {len(state.lines)} lines"
        raise rules.refusal("claim.line_unknown", "line", line, rule)
    amount = rules.amount("claim", "amount", command.amount, state.currency)
    return Entry(kind=kind, line=line, amount=amount, from_party=from_party, to_party=to_party)
