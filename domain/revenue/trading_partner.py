"""A trading partner: whoever receives interchanges from one of our senders, and their numbers.

Control numbers of what one sender sends to one receiver only rise (X12 ISA13). A submission of a
claim goes out once; a claim that is submitted again goes out again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from domain import rules
from domain.kernel import Aggregate, Circumstances, Command, Decision, Refused, command
from domain.revenue.events.claim import ClaimType
from domain.revenue.events.interchange import InterchangeSent, TradingPartnerFact

MOST_CLAIMS = 5_000
"""How many claims a transaction may hold (X12 005010X222A1, 2300 CLM, recommended)."""

LARGEST_CONTROL_NUMBER = 999_999_999
"""ISA13 has nine digits; after the last of them comes 1 again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TradingPartner:
    """What was sent: the last control number, and every submission that went out."""

    facility_id: UUID | None = None
    control_number: int = 0
    submissions: frozenset[UUID] = frozenset()

    def evolve(self, fact: TradingPartnerFact) -> TradingPartner:
        return replace(
            self,
            control_number=fact.control_number,
            submissions=self.submissions.union(fact.submissions),
        )


trading_partner = Aggregate("trading_partner", TradingPartner())


def next_control_number(state: TradingPartner) -> int:
    """The number of the next interchange."""
    return state.control_number % LARGEST_CONTROL_NUMBER + 1


@command("partner_id", creates=True)
class SendInterchange(Command):
    """Record that claims were written into an interchange, under the next control number."""

    partner_id: UUID
    sender: str
    receiver: str
    claim_type: ClaimType
    claims: tuple[UUID, ...]
    submissions: tuple[UUID, ...]
    sent_on: date


@trading_partner.decides
def send(state: TradingPartner, command: SendInterchange, at: Circumstances) -> Decision:
    if not command.claims:
        raise Refused("trading_partner.nothing_to_send", "An interchange has claims.")
    rules.at_most("trading_partner", "claims", command.claims, MOST_CLAIMS)
    if not state.submissions.isdisjoint(command.submissions):
        rule = "must be submissions that did not go out yet"
        raise rules.refusal("trading_partner.sent_already", "submissions", None, rule)
    rules.happened("trading_partner", "sent_on", command.sent_on, at)
    yield InterchangeSent(
        partner_id=command.partner_id,
        sender=rules.text("trading_partner", "sender", command.sender, longest=15),
        receiver=rules.text("trading_partner", "receiver", command.receiver, longest=15),
        control_number=next_control_number(state),
        claim_type=command.claim_type,
        claims=command.claims,
        submissions=command.submissions,
        sent_on=command.sent_on,
    )
