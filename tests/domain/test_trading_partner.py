"""What is sent to payers is numbered, and no submission goes out twice."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from domain.revenue.events.claim import ClaimType
from domain.revenue.events.interchange import InterchangeSent
from domain.revenue.trading_partner import MOST_CLAIMS, SendInterchange, TradingPartner
from tests.domain.places import FEBRUARY_1, THE_CLAIM, TOMORROW_EVERYWHERE
from tests.grammar import given

PARTNER, FIRST, SECOND = UUID(int=1), UUID(int=2), UUID(int=3)

sending = SendInterchange(
    partner_id=PARTNER,
    sender="US",
    receiver="AH001",
    claim_type=ClaimType.PROFESSIONAL,
    claims=(THE_CLAIM,),
    submissions=(FIRST,),
    sent_on=FEBRUARY_1,
)
sent = InterchangeSent(
    partner_id=PARTNER,
    sender="US",
    receiver="AH001",
    control_number=1,
    claim_type=ClaimType.PROFESSIONAL,
    claims=(THE_CLAIM,),
    submissions=(FIRST,),
    sent_on=FEBRUARY_1,
)


def test_control_numbers_rise_and_begin_again_after_the_last() -> None:
    given(TradingPartner).when(sending).records(sent)
    again = replace(sending, submissions=(SECOND,))
    given(TradingPartner, sent).when(again).records_a(InterchangeSent, control_number=2)
    last = replace(sent, control_number=999_999_999)
    given(TradingPartner, last).when(again).records_a(InterchangeSent, control_number=1)


def test_a_submission_goes_out_once() -> None:
    given(TradingPartner, sent).when(sending).refused("trading_partner.sent_already")


def test_what_is_sent_is_something_and_not_too_much_and_not_tomorrow() -> None:
    for asked, code in (
        (replace(sending, claims=()), "trading_partner.nothing_to_send"),
        (replace(sending, claims=(THE_CLAIM,) * (MOST_CLAIMS + 1)), "trading_partner.claims"),
        (replace(sending, sent_on=TOMORROW_EVERYWHERE), "trading_partner.date"),
        (replace(sending, receiver=" "), "trading_partner.text"),
    ):
        given(TradingPartner).when(asked).refused(code)
