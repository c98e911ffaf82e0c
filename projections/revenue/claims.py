"""The list of claims, and what each of them comes to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from domain.kernel import PERSONAL, Recorded
from domain.revenue.events.claim import (
    ClaimAmended,
    ClaimCharged,
    ClaimClosed,
    ClaimDrafted,
    ClaimFrequency,
    ClaimReopened,
    ClaimSubmitted,
    ClaimType,
    Code,
    Party,
)
from domain.revenue.events.denial import (
    ClaimAppealDecided,
    ClaimAppealed,
    ClaimDenialResolved,
    ClaimDenied,
)
from domain.revenue.events.denial import taken_back as is_taken_back
from domain.revenue.events.form import ClaimForm
from domain.revenue.events.preparation import ClaimAuthorized, ClaimScrubbed
from domain.revenue.events.remittance import (
    ClaimAdjudicated,
    ClaimAdjudicationReversed,
    ClaimKnownFromRemittance,
)
from domain.revenue.events.submission import (
    ClaimAccepted,
    ClaimPended,
    ClaimRejected,
    ClaimStatusCode,
    ClaimStatusReported,
)
from projections.kernel import Minor, ReadModel
from projections.revenue.posting import POSTED, Posted, payer_or_none, posting
from projections.rows import replace


class ClaimStatus(StrEnum):
    """How far a claim has come."""

    DRAFTED = "drafted"
    SCRUBBED = "scrubbed"
    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    PENDED = "pended"
    DENIED = "denied"
    APPEALED = "appealed"
    ADJUDICATED = "adjudicated"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimEntry:
    """A claim. Without a `payer_id` the patient alone is asked to pay.

    The figures are what still stands after reversals; `entries` counts the rows of `claim_ledger`.
    `patient_balance` is the patient's part of the balance, `account_id` their account here. A
    `credit` is a balance below zero.
    `answered_on` and `answer` tell what the payer said last before it decided: the category and the
    status of its 277CA (``A3:21``), or its words.
    A claim that is known from a remittance alone counts as submitted on the day it became known.
    `standing_decisions` are the payers' that are not taken back.
    A claim that was reopened is drafted again and keeps the day it was last submitted on.
    """

    claim_id: UUID
    facility_id: UUID
    patient_id: Annotated[UUID, PERSONAL]
    account_id: UUID | None
    payer_id: UUID | None
    secondary_payer_id: UUID | None
    department_id: UUID | None
    rendering_staff_id: UUID | None
    claim_type: ClaimType
    control_number: str | None
    payer_control_number: str | None
    diagnoses: tuple[Code, ...]
    form: ClaimForm
    status: ClaimStatus
    service_on: date
    submitted_on: date | None
    submitted_to: Party | None
    frequency: ClaimFrequency | None
    authorization_id: UUID | None
    answered_on: date | None
    answer: str | None
    open_denials: int
    pending_appeals: int
    closed_on: date | None
    currency: str
    lines: int
    entries: int
    charges: Minor
    payments: Minor
    adjustments: Minor
    transfers_out: Minor
    transfers_in: Minor
    balance: Minor
    patient_balance: Minor
    credit: bool
    standing_decisions: int


claim_list = ReadModel(
    "claim_list",
    row=ClaimEntry,
    key="claim_id",
    order="service_on",
    newest_first=True,
    indexes=(
        ("payer_id",),
        ("status",),
        ("control_number",),
        ("payer_control_number",),
        ("account_id",),
    ),
    local=True,
    lasting=True,
    fixed=("payer_id", "account_id", "currency"),
    desk="billing: which claims there are, how far each has come, and what is still owed on it",
)


@claim_list.on(ClaimDrafted)
def drafted(
    row: ClaimEntry | None,  # noqa: ARG001 - nothing was there before
    event: Recorded[ClaimDrafted],
) -> ClaimEntry | None:
    fact = event.fact
    return ClaimEntry(
        claim_id=fact.claim_id,
        facility_id=fact.facility_id,
        patient_id=fact.patient_id,
        account_id=fact.account_id,
        payer_id=payer_or_none(fact.payer_id),
        secondary_payer_id=fact.secondary_payer_id,
        department_id=fact.department_id,
        rendering_staff_id=fact.rendering_staff_id,
        claim_type=fact.claim_type,
        control_number=fact.control_number,
        payer_control_number=None,
        diagnoses=fact.diagnoses,
        form=fact.form,
        status=ClaimStatus.DRAFTED,
        service_on=fact.service_on,
        submitted_on=None,
        submitted_to=None,
        frequency=None,
        authorization_id=None,
        answered_on=None,
        answer=None,
        open_denials=0,
        pending_appeals=0,
        closed_on=None,
        currency=fact.currency,
        lines=0,
        entries=0,
        charges=0,
        payments=0,
        adjustments=0,
        transfers_out=0,
        transfers_in=0,
        balance=0,
        patient_balance=0,
        credit=False,
        standing_decisions=0,
    )


@claim_list.on(*POSTED)
def posted(row: ClaimEntry | None, event: Recorded[Posted]) -> ClaimEntry | None:
    if row is None:
        return None
    fact = event.fact
    added = posting(fact)
    if added.charges or isinstance(fact, ClaimCharged):
        row = _unscrubbed(row)
    return replace(
        row,
        lines=fact.line if isinstance(fact, ClaimCharged) else row.lines,
        entries=row.entries + added.entries,
        charges=row.charges + added.charges,
        payments=row.payments + added.payments,
        adjustments=row.adjustments + added.adjustments,
        transfers_out=row.transfers_out + added.transfers,
        transfers_in=row.transfers_in + added.transfers,
        balance=row.balance + added.balance,
        patient_balance=row.patient_balance + added.patient_balance,
        credit=row.balance + added.balance < 0,
    )


@claim_list.on(ClaimAmended)
def amended(row: ClaimEntry | None, event: Recorded[ClaimAmended]) -> ClaimEntry | None:
    return row and replace(_unscrubbed(row), diagnoses=event.fact.diagnoses, form=event.fact.form)


@claim_list.on(ClaimAuthorized)
def authorized(row: ClaimEntry | None, event: Recorded[ClaimAuthorized]) -> ClaimEntry | None:
    fact = event.fact
    return row and replace(
        row,
        authorization_id=fact.authorization_id,
        form=replace(row.form, authorization_number=fact.number),
    )


@claim_list.on(ClaimScrubbed)
def scrubbed(row: ClaimEntry | None, event: Recorded[ClaimScrubbed]) -> ClaimEntry | None:
    if row is None:
        return None
    before = _unscrubbed(row)
    clean = event.fact.clean and before.status is ClaimStatus.DRAFTED
    return replace(before, status=ClaimStatus.SCRUBBED) if clean else before


def _unscrubbed(row: ClaimEntry) -> ClaimEntry:
    """What is billed changes: the rules are to look at it again."""
    return replace(row, status=ClaimStatus.DRAFTED) if row.status is ClaimStatus.SCRUBBED else row


@claim_list.on(ClaimSubmitted)
def submitted(row: ClaimEntry | None, event: Recorded[ClaimSubmitted]) -> ClaimEntry | None:
    fact = event.fact
    return row and replace(
        row,
        status=ClaimStatus.SUBMITTED,
        submitted_on=fact.submitted_on,
        submitted_to=fact.submitted_to,
        frequency=fact.frequency,
        control_number=fact.control_number or row.control_number,
        payer_control_number=fact.payer_control_number or row.payer_control_number,
        answered_on=None,
        answer=None,
    )


@claim_list.on(ClaimAccepted)
def accepted(row: ClaimEntry | None, event: Recorded[ClaimAccepted]) -> ClaimEntry | None:
    fact = event.fact
    return row and replace(
        row,
        status=ClaimStatus.ACCEPTED,
        payer_control_number=fact.payer_control_number or row.payer_control_number,
        answered_on=fact.accepted_on,
        answer=told(fact.said),
    )


@claim_list.on(ClaimRejected)
def rejected(row: ClaimEntry | None, event: Recorded[ClaimRejected]) -> ClaimEntry | None:
    fact = event.fact
    return row and replace(
        row,
        status=ClaimStatus.REJECTED,
        answered_on=fact.rejected_on,
        answer=fact.message or told(*fact.said),
    )


@claim_list.on(ClaimPended)
def pended(row: ClaimEntry | None, event: Recorded[ClaimPended]) -> ClaimEntry | None:
    fact = event.fact
    return row and replace(
        row,
        status=ClaimStatus.PENDED,
        answered_on=fact.pended_on,
        answer=fact.wanted or told(fact.said),
    )


@claim_list.on(ClaimStatusReported)
def reported(row: ClaimEntry | None, event: Recorded[ClaimStatusReported]) -> ClaimEntry | None:
    fact = event.fact
    return row and replace(
        row,
        payer_control_number=fact.payer_control_number or row.payer_control_number,
        answered_on=fact.reported_on,
        answer=told(*fact.said),
    )


@claim_list.on(ClaimDenied)
def denied(row: ClaimEntry | None, event: Recorded[ClaimDenied]) -> ClaimEntry | None:  # noqa: ARG001
    return row and _worked_on(replace(row, open_denials=row.open_denials + 1))


@claim_list.on(ClaimAppealed)
def appealed(row: ClaimEntry | None, event: Recorded[ClaimAppealed]) -> ClaimEntry | None:  # noqa: ARG001
    return row and _worked_on(replace(row, pending_appeals=row.pending_appeals + 1))


@claim_list.on(ClaimAppealDecided)
def appeal_decided(
    row: ClaimEntry | None,
    event: Recorded[ClaimAppealDecided],  # noqa: ARG001 - that it is decided is all
) -> ClaimEntry | None:
    return row and _worked_on(replace(row, pending_appeals=row.pending_appeals - 1))


@claim_list.on(ClaimDenialResolved)
def denial_resolved(
    row: ClaimEntry | None, event: Recorded[ClaimDenialResolved]
) -> ClaimEntry | None:
    if row is None:
        return None
    left = _worked_on(
        replace(
            row,
            open_denials=row.open_denials - 1,
            pending_appeals=row.pending_appeals - event.fact.appeal_pending,
        )
    )
    if left.open_denials or left.standing_decisions or not is_taken_back(event.fact):
        return left
    return replace(left, status=ClaimStatus.ACCEPTED)


def _worked_on(row: ClaimEntry) -> ClaimEntry:
    if row.pending_appeals:
        return replace(row, status=ClaimStatus.APPEALED)
    status = ClaimStatus.DENIED if row.open_denials else ClaimStatus.ADJUDICATED
    return replace(row, status=status)


def told(*said: ClaimStatusCode | None) -> str | None:
    """What a payer said, as X12 writes it: ``A3:21:85``; several after each other."""
    codes = [
        ":".join(filter(None, (each.category, each.status, each.entity)))
        for each in said
        if each is not None
    ]
    return ", ".join(codes) or None


@claim_list.on(ClaimKnownFromRemittance)
def known_from_remittance(
    row: ClaimEntry | None, event: Recorded[ClaimKnownFromRemittance]
) -> ClaimEntry | None:
    known_on = event.fact.known_on
    return row and replace(
        row, status=ClaimStatus.SUBMITTED, submitted_on=known_on, submitted_to=Party.PAYER
    )


@claim_list.on(ClaimAdjudicated)
def adjudicated(row: ClaimEntry | None, event: Recorded[ClaimAdjudicated]) -> ClaimEntry | None:
    number = event.fact.payer_control_number
    return row and replace(
        row,
        status=ClaimStatus.ADJUDICATED,
        payer_control_number=number or row.payer_control_number,
        standing_decisions=row.standing_decisions + 1,
    )


@claim_list.on(ClaimAdjudicationReversed)
def taken_back(
    row: ClaimEntry | None,
    event: Recorded[ClaimAdjudicationReversed],  # noqa: ARG001 - that it happened is all
) -> ClaimEntry | None:
    if row is None:
        return None
    left = row.standing_decisions - 1
    status = ClaimStatus.ADJUDICATED if left else ClaimStatus.ACCEPTED
    return replace(row, status=status, standing_decisions=left)


@claim_list.on(ClaimClosed)
def closed(row: ClaimEntry | None, event: Recorded[ClaimClosed]) -> ClaimEntry | None:
    return row and replace(row, status=ClaimStatus.CLOSED, closed_on=event.fact.closed_on)


@claim_list.on(ClaimReopened)
def reopened(
    row: ClaimEntry | None,
    event: Recorded[ClaimReopened],  # noqa: ARG001 - that it happened is all
) -> ClaimEntry | None:
    return row and replace(row, status=ClaimStatus.DRAFTED, closed_on=None)
