"""The story of what is sent to payers: interchanges, numbered for each who receives them."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from domain.kernel import Fact, fact
from domain.revenue.events.claim import ClaimType


@fact("trading_partner.interchange_sent", effective="sent_on")
class InterchangeSent(Fact):
    """Claims were written into one interchange (X12 837), under the next control number (ISA13).

    `submissions` are which sending of each claim it was, so that none goes out twice.
    """

    partner_id: UUID
    sender: str
    receiver: str
    control_number: int
    claim_type: ClaimType
    claims: tuple[UUID, ...]
    submissions: tuple[UUID, ...]
    sent_on: date


@fact("trading_partner.status_asked", effective="asked_on")
class StatusAsked(Fact):
    """It was asked where claims stand (X12 276), under the next control number."""

    partner_id: UUID
    sender: str
    receiver: str
    control_number: int
    claims: tuple[UUID, ...]
    asked_on: date


@fact("trading_partner.interchange_acknowledged", effective="acknowledged_on")
class InterchangeAcknowledged(Fact):
    """Whoever received an interchange told whether it could be read (X12 999): all of it, or none.

    `errors` are what it says is wrong, in its own codes.
    """

    partner_id: UUID
    control_number: int
    accepted: bool
    errors: str | None
    acknowledged_on: date


TradingPartnerFact = InterchangeSent | StatusAsked | InterchangeAcknowledged
