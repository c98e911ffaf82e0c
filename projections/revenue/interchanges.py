"""What was sent to payers and under which control number, and whether it could be read there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from domain.kernel import Recorded
from domain.revenue.events.claim import ClaimType
from domain.revenue.events.interchange import (
    InterchangeAcknowledged,
    InterchangeSent,
    StatusAsked,
)
from projections.kernel import Key, ReadModel
from projections.rows import replace


class TransactionSet(StrEnum):
    """What an interchange holds."""

    CLAIMS = "837"
    STATUS_REQUESTS = "276"


@dataclass(frozen=True, slots=True, kw_only=True)
class InterchangeEntry:
    """An interchange as it went out: claims, or the question where they stand.

    `readable` is what the receiver said of it (X12 999), with its `errors`; None where it said
    nothing yet.
    """

    partner_id: UUID
    control_number: int
    sender: str
    receiver: str
    transaction_set: TransactionSet
    claim_type: ClaimType | None
    claims: int
    sent_on: date
    readable: bool | None
    errors: str | None
    acknowledged_on: date | None


interchange_list = ReadModel(
    "interchange_list",
    row=InterchangeEntry,
    key=("partner_id", "control_number"),
    order="sent_on",
    newest_first=True,
    desk="billing: what was sent to whom, under which control number, and could it be read",
)


def _number(event: Recorded[InterchangeSent | StatusAsked | InterchangeAcknowledged]) -> Key:
    return event.fact.partner_id, event.fact.control_number


@interchange_list.on(InterchangeSent, StatusAsked, key=_number)
def sent(
    row: InterchangeEntry | None,  # noqa: ARG001 - nothing was there before
    event: Recorded[InterchangeSent | StatusAsked],
) -> InterchangeEntry | None:
    fact = event.fact
    asked = isinstance(fact, StatusAsked)
    return InterchangeEntry(
        partner_id=fact.partner_id,
        control_number=fact.control_number,
        sender=fact.sender,
        receiver=fact.receiver,
        transaction_set=TransactionSet.STATUS_REQUESTS if asked else TransactionSet.CLAIMS,
        claim_type=fact.claim_type if isinstance(fact, InterchangeSent) else None,
        claims=len(fact.claims),
        sent_on=fact.asked_on if isinstance(fact, StatusAsked) else fact.sent_on,
        readable=None,
        errors=None,
        acknowledged_on=None,
    )


@interchange_list.on(InterchangeAcknowledged, key=_number)
def acknowledged(
    row: InterchangeEntry | None, event: Recorded[InterchangeAcknowledged]
) -> InterchangeEntry | None:
    fact = event.fact
    return row and replace(
        row, readable=fact.accepted, errors=fact.errors, acknowledged_on=fact.acknowledged_on
    )
