"""Money is no longer asked for though somebody owed it, or goes back to whom it came from.

A write-off is not an adjustment: an adjustment is what the payer's contract or decision takes away,
a write-off is the facility's own decision not to pursue what is left.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

from domain import rules
from domain.kernel import Circumstances, Command, Decision, command
from domain.revenue.claim import Claim, claim
from domain.revenue.claim_rules import optional, posting
from domain.revenue.events.claim import (
    ClaimRefunded,
    ClaimWrittenOff,
    EntryKind,
    Party,
    PaymentMethod,
    WriteOffReason,
)
from domain.revenue.posting import movement

# --- commands -------------------------------------------------------------------------------------


@command("claim_id")
class WriteOffClaim(Command):
    """Give up a part of what a party owes, or all of it."""

    claim_id: UUID
    amount: Decimal
    owed_by: Party
    write_off_reason: WriteOffReason
    written_off_on: date
    line: int | None = None


@command("claim_id")
class RefundClaim(Command):
    """Give money back to whom it came from: a credit, or what was paid by mistake."""

    claim_id: UUID
    amount: Decimal
    refunded_to: Party
    method: PaymentMethod
    refunded_on: date
    line: int | None = None
    reference: str | None = None


# --- decisions ------------------------------------------------------------------------------------


@claim.decides
def write_off(state: Claim, command: WriteOffClaim, at: Circumstances) -> Decision:
    entry = movement(state, command, EntryKind.WRITE_OFF, "owed_by")
    rules.happened("claim", "written_off_on", command.written_off_on, at)
    owed = state.owed_by(command.owed_by)
    if entry.amount > owed:
        rule = f"must not be more than the {command.owed_by} owes ({owed})"
        raise rules.refusal("claim.not_owed", "amount", str(entry.amount), rule)
    yield ClaimWrittenOff(
        **posting(state, command.claim_id, entry),
        line=command.line,
        owed_by=command.owed_by,
        write_off_reason=command.write_off_reason,
        written_off_on=command.written_off_on,
    )


@claim.decides
def refund(state: Claim, command: RefundClaim, at: Circumstances) -> Decision:
    entry = movement(state, command, EntryKind.REFUND, "refunded_to")
    rules.happened("claim", "refunded_on", command.refunded_on, at)
    paid = state.paid_by(command.refunded_to)
    if entry.amount > paid:
        rule = f"must not be more than the {command.refunded_to} paid ({paid})"
        raise rules.refusal("claim.not_paid", "amount", str(entry.amount), rule)
    yield ClaimRefunded(
        **posting(state, command.claim_id, entry),
        line=command.line,
        refunded_to=command.refunded_to,
        method=command.method,
        reference=optional("reference", command.reference, 50),
        refunded_on=command.refunded_on,
    )
