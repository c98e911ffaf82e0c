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


TradingPartnerFact = InterchangeSent
