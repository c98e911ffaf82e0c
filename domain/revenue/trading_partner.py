"""A trading partner: whoever receives interchanges from one of our senders, and their numbers.

Control numbers of what one sender sends to one receiver only rise (X12 ISA13). A submission of a
claim goes out once; a claim that is submitted again goes out again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import assert_never
from uuid import UUID

from domain import rules
from domain.kernel import Aggregate, Circumstances, Command, Decision, Refused, command
from domain.replacing import replace
from domain.revenue.events.claim import ClaimType
from domain.revenue.events.interchange import (
    InterchangeAcknowledged,
    InterchangeSent,
    StatusAsked,
    TradingPartnerFact,
)

MOST_CLAIMS = 5_000
"""How many claims a transaction may hold (X12 005010X222A1, 2300 CLM, recommended)."""

LARGEST_CONTROL_NUMBER = 999_999_999
"""ISA13 has nine digits; after the last of them comes 1 again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TradingPartner:
    """What was sent: the last control number, every submission that went out, and which of the
    interchanges could be read there, where that is told."""

    facility_id: UUID | None = None
    control_number: int = 0
    submissions: frozenset[UUID] = frozenset()
    readable: Mapping[int, bool | None] = field(default_factory=lambda: MappingProxyType({}))

    def evolve(self, fact: TradingPartnerFact) -> TradingPartner:
        match fact:
            case InterchangeSent():
                sent = self._sent(fact.control_number)
                return replace(sent, submissions=self.submissions.union(fact.submissions))
            case StatusAsked():
                return self._sent(fact.control_number)
            case InterchangeAcknowledged():
                return self._told(fact.control_number, fact.accepted)
            case _:
                assert_never(fact)

    def _sent(self, control_number: int) -> TradingPartner:
        return replace(self._told(control_number, None), control_number=control_number)

    def _told(self, control_number: int, accepted: bool | None) -> TradingPartner:
        readable = MappingProxyType({**self.readable, control_number: accepted})
        return replace(self, readable=readable)


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


@command("partner_id", creates=True)
class AskStatus(Command):
    """Record that it was asked where claims stand (X12 276), under the next control number."""

    partner_id: UUID
    sender: str
    receiver: str
    claims: tuple[UUID, ...]
    asked_on: date


@command("partner_id")
class AcknowledgeInterchange(Command):
    """Record whether an interchange could be read (X12 999)."""

    partner_id: UUID
    control_number: int
    accepted: bool
    acknowledged_on: date
    errors: str | None = None


@trading_partner.decides
def ask(state: TradingPartner, command: AskStatus, at: Circumstances) -> Decision:
    if not command.claims:
        raise Refused("trading_partner.nothing_to_send", "An interchange has claims.")
    rules.at_most("trading_partner", "claims", command.claims, MOST_CLAIMS)
    rules.happened("trading_partner", "asked_on", command.asked_on, at)
    yield StatusAsked(
        partner_id=command.partner_id,
        sender=rules.text("trading_partner", "sender", command.sender, longest=15),
        receiver=rules.text("trading_partner", "receiver", command.receiver, longest=15),
        control_number=next_control_number(state),
        claims=command.claims,
        asked_on=command.asked_on,
    )


@trading_partner.decides
def acknowledge(
    state: TradingPartner, command: AcknowledgeInterchange, at: Circumstances
) -> Decision:
    if command.control_number not in state.readable:
        rule = "must be the control number of an interchange that was sent"
        raise rules.refusal(
            "trading_partner.control_number", "control_number", command.control_number, rule
        )
    rules.happened("trading_partner", "acknowledged_on", command.acknowledged_on, at)
    if state.readable[command.control_number] is not command.accepted:
        yield InterchangeAcknowledged(
            partner_id=command.partner_id,
            control_number=command.control_number,
            accepted=command.accepted,
            errors=rules.optional("trading_partner", "errors", command.errors, longest=500),
            acknowledged_on=command.acknowledged_on,
        )


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
