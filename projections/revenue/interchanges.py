"""What was sent to payers, and under which control number."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from domain.kernel import Recorded
from domain.revenue.events.claim import ClaimType
from domain.revenue.events.interchange import InterchangeSent
from projections.kernel import Key, ReadModel


@dataclass(frozen=True, slots=True, kw_only=True)
class InterchangeEntry:
    """An interchange of claims, as it went out."""

    partner_id: UUID
    control_number: int
    sender: str
    receiver: str
    claim_type: ClaimType
    claims: int
    sent_on: date


interchange_list = ReadModel(
    "interchange_list",
    row=InterchangeEntry,
    key=("partner_id", "control_number"),
    order="sent_on",
    newest_first=True,
    desk="billing: what was sent to whom, and under which control number",
)


def _number(event: Recorded[InterchangeSent]) -> Key:
    return event.fact.partner_id, event.fact.control_number


@interchange_list.on(InterchangeSent, key=_number)
def sent(
    row: InterchangeEntry | None,  # noqa: ARG001 - nothing was there before
    event: Recorded[InterchangeSent],
) -> InterchangeEntry | None:
    fact = event.fact
    return InterchangeEntry(
        partner_id=fact.partner_id,
        control_number=fact.control_number,
        sender=fact.sender,
        receiver=fact.receiver,
        claim_type=fact.claim_type,
        claims=len(fact.claims),
        sent_on=fact.sent_on,
    )
