"""Whoever acts on a transfer, and whoever carries the news of it, is killed with SIGKILL at every
single append: nothing is lost, nothing happens twice, and until it is settled it is there to see.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from domain.kernel import Command, Recorded
from domain.supply.events.stock import StockIssued, StockReceived
from domain.supply.events.transfer import DiscrepancyOutcome
from domain.supply.inbound_receipt import LotReceived, ReceiveTransfer
from domain.supply.lots import stock_item
from domain.supply.transfer_case import ResolveDiscrepancy
from facilities.database import Database
from facilities.ledger import Ledger
from facilities.scope import Actor
from projections.refold import refold
from projections.supply.inbound_transfers import inbound_transfers
from projections.supply.transfers import outbound_transfers
from projections.supply.transit import stock_in_transit
from tests.domain.places import MARCH_1
from tests.domain.test_transfer import THE_INBOUND, THE_TRANSFER
from tests.facilities.killed import Hands, Moment, carry, give
from tests.facilities.scenes import keyed
from tests.facilities.test_transfers import (
    OURS,
    RECEIVER,
    SENDER,
    THEIRS,
    Store,
    approving,
    dispatching,
    requesting,
    store,
)

__all__ = ["store"]

pytestmark = pytest.mark.slow

ON_THE_ROAD = ("in_transit", "disputed")


def resolving(quantity: int, outcome: DiscrepancyOutcome) -> ResolveDiscrepancy:
    return ResolveDiscrepancy(
        transfer_id=THE_TRANSFER,
        lot="A",
        quantity=quantity,
        outcome=outcome,
        finding="somebody looked",
        resolved_on=MARCH_1,
    )


STEPS: Sequence[tuple[Command, Actor]] = (
    (requesting, RECEIVER),
    (approving, SENDER),
    (dispatching, SENDER),
    (
        ReceiveTransfer(
            inbound_transfer_id=THE_INBOUND,
            received_on=MARCH_1,
            lots=(LotReceived(lot="A", fit=7, damaged=1),),
        ),
        RECEIVER,
    ),
    (resolving(1, DiscrepancyOutcome.WRITTEN_OFF), SENDER),
    (resolving(1, DiscrepancyOutcome.RETURNED), SENDER),
    (resolving(1, DiscrepancyOutcome.ARRIVED_LATE), SENDER),
)
"""What people do about a transfer of ten that ends in a case; whom it concerns is told by the
process after each."""

APPENDS = 14
"""Each of the seven steps, and what is told of them to the other side."""


@pytest.mark.parametrize("moment", Moment)
def test_killed_at_every_append_a_transfer_completes_and_nothing_is_lost(
    moment: Moment, store: Store, database: Database, ledger: Ledger
) -> None:
    hands = Hands(database)
    for command, actor in STEPS:
        # Like any good client they send it again, under the same id, while they have no answer.
        request = keyed(actor)
        assert hands.killed(moment, give, command, request)
        all_is_accounted_for(ledger)
        hands.done(give, command, request)
        # Killed before its second append, it has made its first one; so each is come to once.
        nth = 1
        while hands.killed(moment, carry, "transfers", nth=nth):
            all_is_accounted_for(ledger)
            nth = 2 if moment is Moment.BEFORE else 1
    assert hands.died == APPENDS
    assert store.stands() == ("settled", "settled")
    assert store.on_hand() == (11, 8)
    all_is_accounted_for(ledger)


def all_is_accounted_for(ledger: Ledger) -> None:
    """At every position: on hand + in transit = received - issued - written off. And whatever is
    under way stands in somebody's list: what is on the road in the list of who sent it."""
    events = ledger.read(0, 1_000)
    for event in events:
        so_far = [each for each in events if each.position <= event.position]
        on_the_road, written_off = in_transit(so_far)
        received = sum(
            each.fact.quantity for each in so_far if isinstance(each.fact, StockReceived)
        )
        issued = sum(each.fact.quantity for each in so_far if isinstance(each.fact, StockIssued))
        assert on_hand(so_far) + on_the_road == received - issued - written_off
    on_the_road, _ = in_transit(events)
    assert on_the_road >= 0
    sent = [*refold(outbound_transfers, events).values()]
    asked = [*refold(inbound_transfers, events).values()]
    if on_the_road:
        assert [each.status in ON_THE_ROAD for each in sent] == [True]
        assert sum(each.in_transit for each in sent) >= on_the_road
    if not sent:
        assert [each.status for each in asked] in ([], ["requested"])


def moved(events: Sequence[Recorded[Any]], how: type[StockReceived | StockIssued]) -> int:
    return sum(each.fact.quantity for each in events if isinstance(each.fact, how))


def on_hand(events: Sequence[Recorded[Any]]) -> int:
    of = {
        item: stock_item.fold(each.fact for each in events if each.stream_id == item)
        for item in (OURS, THEIRS)
    }
    return sum(each.on_hand for each in of.values())


def in_transit(events: Sequence[Recorded[Any]]) -> tuple[int, int]:
    """What has left and not come, and what was written off on the road."""
    rows = [*refold(stock_in_transit, events).values()]
    lost = sum(each.written_off for each in rows)
    return sum(each.dispatched - each.delivered for each in rows) - lost, lost
