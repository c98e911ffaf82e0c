"""What the store rooms look at of transfers: outbound, inbound, cases, in transit."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from domain.supply.events.inbound_transfer import InboundReceivedLate, InboundSettled
from domain.supply.events.stock_holds import StockDelivered, StockDispatched
from domain.supply.events.transfer import DiscrepancyOutcome, LateArrivalRefused, TransferDeclined
from projections.supply.inbound_transfers import InboundStatus, inbound_transfers
from projections.supply.transfers import TransferStatus, outbound_transfers
from projections.supply.transit import stock_in_transit, transfer_discrepancies
from tests.domain import test_inbound_transfer as there
from tests.domain.places import FEBRUARY_1, HILLTOP, MARCH_1, RIVERSIDE, THE_ITEM
from tests.domain.supplies import GLOVES
from tests.domain.test_transfer import (
    DISPUTED,
    HERE,
    JUNE,
    ON_THE_ROAD,
    OURS,
    THE_INBOUND,
    THE_TRANSFER,
    cancelled,
    late,
    opened,
    requested,
    resolved,
    settled,
)
from tests.projections.grammar import figures, given


def test_the_sender_sees_what_left_and_what_is_still_in_transit() -> None:
    given(outbound_transfers, *ON_THE_ROAD).shows(
        THE_TRANSFER,
        status=TransferStatus.IN_TRANSIT,
        to_facility_id=HILLTOP,
        dispatched=10,
        in_transit=10,
        waybill="W 1",
    )
    given(outbound_transfers, *DISPUTED).shows(
        THE_TRANSFER, status=TransferStatus.DISPUTED, arrived=7, in_transit=3
    )
    given(outbound_transfers, *DISPUTED, resolved, settled).shows(
        THE_TRANSFER, status=TransferStatus.SETTLED, written_off=3, in_transit=0
    )


def test_the_sender_sees_whether_who_asks_keeps_a_register() -> None:
    given(outbound_transfers, ON_THE_ROAD[0]).shows(THE_TRANSFER, by_register=False)
    asked = replace(ON_THE_ROAD[0], by_register=True)
    given(outbound_transfers, asked).shows(THE_TRANSFER, by_register=True)


def test_what_was_not_sent_says_why() -> None:
    given(outbound_transfers, requested, cancelled).shows(
        THE_TRANSFER, status=TransferStatus.CANCELLED, reason="needed here"
    )
    declined = TransferDeclined(**OURS, reason="none left", declined_on=FEBRUARY_1)
    given(outbound_transfers, requested, declined).shows(
        THE_TRANSFER, status=TransferStatus.DECLINED, reason="none left"
    )


def test_a_case_stands_until_nothing_is_in_transit() -> None:
    given(transfer_discrepancies, opened).shows(THE_TRANSFER, unresolved=3, awaited=0)
    given(transfer_discrepancies, opened, late).shows(
        THE_TRANSFER, unresolved=0, awaited=3, last_finding="found in the lobby"
    )
    refused = LateArrivalRefused(
        **HERE, lot="A", quantity=3, reason="closed", refused_on=MARCH_1, unresolved_after=3
    )
    given(transfer_discrepancies, opened, late, refused).shows(
        THE_TRANSFER, unresolved=3, awaited=0, last_finding="closed"
    )
    given(transfer_discrepancies, opened, resolved, settled).has_no_row(THE_TRANSFER)


def test_the_receiver_sees_what_is_announced_and_what_came() -> None:
    given(inbound_transfers, *there.COMING).shows(
        THE_INBOUND, status=InboundStatus.ANNOUNCED, announced=ON_THE_ROAD[2].lots, quantity=10
    )
    short = replace(there.received, fit=7, damaged=1, missing=2)
    turned_up = InboundReceivedLate(
        **there.THERE,
        transfer_id=THE_TRANSFER,
        stock_item_id=THE_ITEM,
        lot="A",
        expires_on=JUNE,
        quantity=2,
        received_on=MARCH_1,
    )
    done = InboundSettled(**there.THERE, settled_on=MARCH_1)
    given(inbound_transfers, *there.COMING, short, turned_up, done).shows(
        THE_INBOUND, status=InboundStatus.SETTLED, fit=9, damaged=1, missing=2
    )


def test_what_did_not_come_about_says_why() -> None:
    for last, status in (
        (there.withdrawn, InboundStatus.WITHDRAWN),
        (there.declined, InboundStatus.DECLINED),
    ):
        given(inbound_transfers, there.requested, last).shows(THE_INBOUND, status=status)
    given(inbound_transfers, there.proposed, there.dismissed).shows(
        THE_INBOUND, status=InboundStatus.DISMISSED, reason="too near its end"
    )


def test_what_was_proposed_tells_why_also_when_it_was_asked_for() -> None:
    """The use that is expected, and what would expire elsewhere."""
    why = {"expected": there.A_WEEKS_USE, "expires_on": date(2026, 6, 30)}
    given(inbound_transfers, there.proposed).shows(THE_INBOUND, **why)
    given(inbound_transfers, there.proposed, there.requested).shows(
        THE_INBOUND, status=InboundStatus.REQUESTED, **why
    )
    given(inbound_transfers, there.requested).shows(THE_INBOUND, expected=None, expires_on=None)


def test_in_transit_is_what_left_and_did_not_come_and_was_not_written_off() -> None:
    moved = {
        **GLOVES,
        "lot": "A",
        "expires_on": date(2026, 6, 30),
        "transfer_id": THE_TRANSFER,
        "stock_item_id": THE_ITEM,
        "lot_available_after": 0,
        "lot_on_hand_after": 0,
        "on_hand_after": 0,
        "available_after": 0,
    }
    left = StockDispatched(facility_id=RIVERSIDE, quantity=10, dispatched_on=FEBRUARY_1, **moved)
    came = StockDelivered(facility_id=HILLTOP, quantity=7, delivered_on=MARCH_1, **moved)
    back = replace(resolved, outcome=DiscrepancyOutcome.RETURNED)
    road = given(stock_in_transit, left, came, back, resolved)
    assert figures(road.row(RIVERSIDE, *GLOVES.values())) == {"dispatched": 10, "written_off": 3}
    assert figures(road.row(HILLTOP, *GLOVES.values())) == {"delivered": 7}
