"""What is sent to payers is numbered, and no submission goes out twice."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from domain.revenue.events.claim import ClaimType
from domain.revenue.events.interchange import (
    InterchangeAcknowledged,
    InterchangeSent,
    StatusAsked,
)
from domain.revenue.trading_partner import (
    MOST_CLAIMS,
    AcknowledgeInterchange,
    AskStatus,
    SendInterchange,
    TradingPartner,
)
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


asking = AskStatus(
    partner_id=PARTNER, sender="US", receiver="AH001", claims=(THE_CLAIM,), asked_on=FEBRUARY_1
)
asked = StatusAsked(
    partner_id=PARTNER,
    sender="US",
    receiver="AH001",
    control_number=2,
    claims=(THE_CLAIM,),
    asked_on=FEBRUARY_1,
)
acknowledging = AcknowledgeInterchange(
    partner_id=PARTNER,
    control_number=1,
    accepted=False,
    errors="IK5 R 5",
    acknowledged_on=FEBRUARY_1,
)
acknowledged = InterchangeAcknowledged(
    partner_id=PARTNER,
    control_number=1,
    accepted=False,
    errors="IK5 R 5",
    acknowledged_on=FEBRUARY_1,
)


def test_what_is_asked_is_numbered_as_what_is_sent() -> None:
    given(TradingPartner, sent).when(asking).records(asked)
    given(TradingPartner, sent, asked).when(asking).records_a(StatusAsked, control_number=3)
    given(TradingPartner, sent, asked).when(replace(sending, submissions=(SECOND,))).records_a(
        InterchangeSent, control_number=3
    )
    for wrong, code in (
        (replace(asking, claims=()), "trading_partner.nothing_to_send"),
        (replace(asking, claims=(THE_CLAIM,) * (MOST_CLAIMS + 1)), "trading_partner.claims"),
        (replace(asking, asked_on=TOMORROW_EVERYWHERE), "trading_partner.date"),
        (replace(asking, sender=" "), "trading_partner.text"),
    ):
        given(TradingPartner).when(wrong).refused(code)


def test_an_interchange_is_acknowledged_once_unless_something_else_is_said() -> None:
    given(TradingPartner, sent).when(acknowledging).records(acknowledged)
    given(TradingPartner, sent, acknowledged).when(acknowledging).records_nothing()
    read = replace(acknowledging, accepted=True, errors=None)
    given(TradingPartner, sent, acknowledged).when(read).records_a(
        InterchangeAcknowledged, accepted=True, errors=None
    )
    given(TradingPartner, sent).when(replace(acknowledging, control_number=2)).refused(
        "trading_partner.control_number", field="control_number", value=2
    )
    tomorrow = replace(acknowledging, acknowledged_on=TOMORROW_EVERYWHERE)
    given(TradingPartner, sent).when(tomorrow).refused("trading_partner.date")
