"""What happened to claims beside money, where a figure counts it: sent, decided on, denied, closed.

Together with the claims' ledger it is all that the figures of a month are made of, so that what is
recorded after a month was closed can be told, money or not.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from domain.kernel import Recorded
from domain.money import minor_units
from domain.revenue.events.claim import ClaimAmended, ClaimClosed, ClaimReopened, ClaimSubmitted
from domain.revenue.events.denial import (
    ClaimAppealDecided,
    ClaimAppealed,
    ClaimDenialResolved,
    ClaimDenied,
)
from domain.revenue.events.remittance import (
    ClaimAdjudicated,
    ClaimAdjudicationReversed,
    ClaimKnownFromRemittance,
)
from projections.kernel import Minor, ReadModel
from projections.revenue.posting import payer_or_none

Step = (
    ClaimAmended
    | ClaimSubmitted
    | ClaimKnownFromRemittance
    | ClaimAdjudicated
    | ClaimAdjudicationReversed
    | ClaimDenied
    | ClaimAppealed
    | ClaimAppealDecided
    | ClaimDenialResolved
    | ClaimClosed
    | ClaimReopened
)
"""The facts that move no money and may be of a day before the one they are recorded on."""


class StepKind(StrEnum):
    """What happened."""

    AMENDED = "amended"
    SUBMITTED = "submitted"
    KNOWN_FROM_REMITTANCE = "known_from_remittance"
    ADJUDICATED = "adjudicated"
    ADJUDICATION_REVERSED = "adjudication_reversed"
    DENIED = "denied"
    APPEALED = "appealed"
    APPEAL_DECIDED = "appeal_decided"
    DENIAL_RESOLVED = "denial_resolved"
    CLOSED = "closed"
    REOPENED = "reopened"


KINDS: dict[type[Step], StepKind] = {
    ClaimAmended: StepKind.AMENDED,
    ClaimSubmitted: StepKind.SUBMITTED,
    ClaimKnownFromRemittance: StepKind.KNOWN_FROM_REMITTANCE,
    ClaimAdjudicated: StepKind.ADJUDICATED,
    ClaimAdjudicationReversed: StepKind.ADJUDICATION_REVERSED,
    ClaimDenied: StepKind.DENIED,
    ClaimAppealed: StepKind.APPEALED,
    ClaimAppealDecided: StepKind.APPEAL_DECIDED,
    ClaimDenialResolved: StepKind.DENIAL_RESOLVED,
    ClaimClosed: StepKind.CLOSED,
    ClaimReopened: StepKind.REOPENED,
}
STEPS = tuple(KINDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimStep:
    """Something that happened to a claim on `effective_on`, and is recorded at `position`.

    `amount` is what was decided on (charged), denied, or overturned, where it is about money; a
    claim that is sent or closed has none here: its entries tell it.
    """

    claim_id: UUID
    position: int
    facility_id: UUID
    payer_id: UUID | None
    kind: StepKind
    effective_on: date
    currency: str
    amount: Minor | None


claim_steps = ReadModel(
    "claim_steps",
    row=ClaimStep,
    key=("claim_id", "position"),
    order="effective_on",
    newest_first=True,
    indexes=(("kind",),),
    local=True,
    desk="finance and auditors: what was decided of claims, on which day, and when it was recorded",
)


@claim_steps.on(*STEPS)
def taken(
    row: ClaimStep | None,  # noqa: ARG001 - a step is taken once
    event: Recorded[Step],
) -> ClaimStep | None:
    fact = event.fact
    currency, amount = _money(fact)
    return ClaimStep(
        claim_id=fact.claim_id,
        position=event.position,
        facility_id=fact.facility_id,
        payer_id=payer_or_none(fact.payer_id),
        kind=KINDS[type(fact)],
        effective_on=event.effective_at.date(),
        currency=currency,
        amount=amount,
    )


def _money(fact: Step) -> tuple[str, int | None]:
    """The currency, and the amount a step is about."""
    match fact:
        case ClaimAdjudicated():
            return fact.currency, minor_units(fact.charge, fact.currency)
        case ClaimDenied() | ClaimDenialResolved():
            return fact.currency, minor_units(fact.amount, fact.currency)
        case ClaimAppealDecided():
            return fact.currency, minor_units(fact.overturned, fact.currency)
        case _:
            return "", None
