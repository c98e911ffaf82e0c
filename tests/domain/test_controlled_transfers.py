"""A controlled substance that one facility sends to another: two people at each end."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from domain.kernel import CONSULTED, Entail, Fact
from domain.supply.controlled_transfers import LoseInTransit, SendControlled, TakeInControlled
from domain.supply.events.controlled import (
    ControlledSent,
    ControlledTakenIn,
    LossKind,
    TransitLossDiscovered,
)
from domain.supply.events.inbound_transfer import InboundRequested
from domain.supply.events.transfer import DiscrepancyOutcome, DiscrepancyResolved
from domain.supply.inbound_receipt import LotReceived
from domain.supply.inbound_transfer import InboundTransfer
from domain.supply.lots import Lot
from domain.supply.stock_control import DeliverControlled, DispatchControlled
from domain.supply.transfer import Transfer
from tests.domain import test_controlled_register as register
from tests.domain import test_inbound_transfer as there
from tests.domain import test_transfer as here
from tests.domain.places import (
    DR_ADEYEMI,
    FEBRUARY_1,
    HILLTOP,
    MARCH_1,
    NEW_YEAR,
    NURSE_BLOM,
    THE_ITEM,
    hilltop_is_open,
    riverside_is_open,
)
from tests.domain.supplies import gloves_are_kept
from tests.domain.test_controlled_register import FRIDAY, HERE, IT, MONDAY, THE_REGISTER
from tests.domain.test_controlled_register import at_riverside as by_the_register
from tests.domain.test_transfer import JUNE, THE_TRANSFER, A, B
from tests.grammar import Given, an_open, given

sending = SendControlled(
    **IT,
    transfer_id=THE_TRANSFER,
    to_facility_id=HILLTOP,
    lot="A",
    quantity=6,
    dispatched_by=DR_ADEYEMI,
    witnessed_by=NURSE_BLOM,
    reference="W 1",
    sent_on=FEBRUARY_1,
)
sent = ControlledSent(
    **HERE,
    transfer_id=THE_TRANSFER,
    to_facility_id=HILLTOP,
    lot="A",
    quantity=6,
    sent_by=DR_ADEYEMI,
    witnessed_by=NURSE_BLOM,
    reference="W 1",
    sent_on=FEBRUARY_1,
    balance_after=4,
)
taking_in = TakeInControlled(
    **IT,
    transfer_id=THE_TRANSFER,
    lot="A",
    expires_on=JUNE,
    quantity=6,
    taken_in_by=DR_ADEYEMI,
    witnessed_by=NURSE_BLOM,
    taken_in_on=MARCH_1,
)
taken_in = ControlledTakenIn(
    **HERE,
    transfer_id=THE_TRANSFER,
    lot="A",
    quantity=6,
    taken_in_by=DR_ADEYEMI,
    witnessed_by=NURSE_BLOM,
    taken_in_on=MARCH_1,
    balance_after=16,
)
losing = LoseInTransit(
    **IT,
    transfer_id=THE_TRANSFER,
    lot="A",
    quantity=2,
    circumstances="the van was broken into",
    discovered_on=FRIDAY,
)
lost = TransitLossDiscovered(
    **HERE,
    transfer_id=THE_TRANSFER,
    loss=1,
    lot="A",
    quantity=2,
    kind=LossKind.LOST,
    circumstances="the van was broken into",
    discovered_on=FRIDAY,
    notice_due_on=MONDAY,
    form_106_due_on=date(2026, 3, 23),
    balance=10,
)


# --- by the register -----------------------------------------------------------------------------


def test_two_people_send_it_and_the_stock_moves_with_it() -> None:
    leaving = DispatchControlled(
        stock_item_id=THE_ITEM,
        register_id=THE_REGISTER,
        transfer_id=THE_TRANSFER,
        reservation_id=THE_TRANSFER,
        lot="A",
        quantity=6,
        dispatched_on=FEBRUARY_1,
    )
    outcome = by_the_register(register.opened).when(sending)
    outcome.records(sent, Entail(leaving))
    assert outcome.then().state.balance == 4
    asked = CONSULTED[SendControlled](outcome.given.state, sending)
    assert [*asked] == [THE_ITEM, DR_ADEYEMI, NURSE_BLOM]


def test_two_people_take_it_in_and_the_stock_moves_with_it() -> None:
    coming = DeliverControlled(
        stock_item_id=THE_ITEM,
        register_id=THE_REGISTER,
        transfer_id=THE_TRANSFER,
        lot="A",
        expires_on=JUNE,
        quantity=6,
        delivered_on=MARCH_1,
    )
    outcome = by_the_register(register.opened).when(taking_in)
    outcome.records(taken_in, Entail(coming))
    assert outcome.then().state.balance == 16
    asked = CONSULTED[TakeInControlled](outcome.given.state, taking_in)
    assert [*asked] == [THE_ITEM, DR_ADEYEMI, NURSE_BLOM]


@pytest.mark.parametrize("act", [sending, taking_in])
def test_nobody_is_their_own_witness(act: Any) -> None:
    known = by_the_register(register.opened)
    known.when(replace(act, witnessed_by=DR_ADEYEMI)).refused("controlled_register.witness")
    known.when(replace(act, witnessed_by=UUID(int=5))).refused("staff_member.unknown")


def test_what_is_lost_on_the_road_is_to_be_reported_and_has_left_the_books_already() -> None:
    outcome = by_the_register(register.opened).when(losing)
    outcome.records(lost)
    assert outcome.then().state.balance == 10
    outcome.then().when(register.notifying).records(register.notified)
    outcome.then().when(losing).records_a(TransitLossDiscovered, loss=2)
    by_the_register(register.opened).when(replace(losing, discovered_on=NEW_YEAR)).refused(
        "controlled_register.date_order"
    )


# --- who sends -----------------------------------------------------------------------------------

asked = replace(here.requested, by_register=True)
on_the_road = (asked, here.approved, here.dispatched)
disputed = (*on_the_road, here.arrived, here.opened)


def at_riverside(*facts: Fact) -> Given:
    item = gloves_are_kept(
        lots=here.held.lots, reservations=here.held.reservations, register_id=THE_REGISTER
    )
    return given(Transfer, *facts).knowing(riverside_is_open(), item)


def test_it_is_sent_to_who_keeps_a_register_of_it_and_to_nobody_else() -> None:
    at_riverside(here.requested).when(here.approving).refused(
        "transfer.controlled", field="stock_item_id"
    )
    at_riverside(here.requested, here.approved).when(here.dispatching).refused(
        "transfer.controlled"
    )
    assert at_riverside(asked).when(here.approving).refusal is None


def test_who_sends_it_names_two_people() -> None:
    ready = at_riverside(asked, here.approved)
    ready.when(here.dispatching).refused("transfer.two_people", field="dispatched_by")
    alone = replace(here.dispatching, dispatched_by=DR_ADEYEMI)
    ready.when(alone).refused("transfer.two_people", field="witnessed_by")
    ready.when(replace(alone, witnessed_by=NURSE_BLOM)).records(
        here.dispatched,
        Entail(sending),
        Entail(replace(sending, lot=B.lot, quantity=B.quantity)),
    )


def test_what_came_back_is_taken_in_by_two_and_what_is_lost_goes_into_the_register() -> None:
    back = replace(here.resolving, quantity=2, outcome=DiscrepancyOutcome.RETURNED)
    at_riverside(*disputed).when(back).refused("transfer.two_people", field="taken_in_by")
    by_two = replace(back, taken_in_by=DR_ADEYEMI, witnessed_by=NURSE_BLOM)
    returned = at_riverside(*disputed).when(by_two)
    returned.records_a(DiscrepancyResolved, quantity=2, in_transit_after=1)
    assert returned.decided[-1] == Entail(replace(taking_in, quantity=2))

    gone = at_riverside(*disputed).when(replace(here.resolving, quantity=2))
    assert gone.decided[-1] == Entail(replace(losing, discovered_on=MARCH_1))


def test_what_turns_up_of_it_goes_back_to_who_sent_it() -> None:
    late = replace(here.resolving, outcome=DiscrepancyOutcome.ARRIVED_LATE)
    at_riverside(*disputed).when(late).refused("transfer.controlled")
    received = replace(there.received, fit=7, missing=3)
    at_hilltop(*there.COMING, received).when(there.late).refused("inbound_transfer.controlled")


# --- who receives --------------------------------------------------------------------------------


def at_hilltop(*facts: Fact) -> Given:
    item = gloves_are_kept(
        facility_id=HILLTOP, lots={"Z": Lot(on_hand=1)}, register_id=THE_REGISTER
    )
    known = (hilltop_is_open(), riverside_is_open(), item, an_open("staff_member", DR_ADEYEMI))
    return given(InboundTransfer, *facts).knowing(*known)


def test_who_asks_says_whether_it_goes_into_a_register_there() -> None:
    at_hilltop().when(there.requesting).records_a(InboundRequested, by_register=True)
    at_hilltop(there.proposed).when(there.accepting).records_a(InboundRequested, by_register=True)


def test_who_receives_it_names_two_people() -> None:
    coming = at_hilltop(*there.COMING)
    coming.when(there.receiving).refused("inbound_transfer.two_people", field="taken_in_by")
    by_two = replace(there.receiving, taken_in_by=DR_ADEYEMI, witnessed_by=NURSE_BLOM)
    coming.when(by_two).records(
        there.received,
        Entail(taking_in),
        Entail(replace(taking_in, lot=B.lot, expires_on=B.expires_on, quantity=B.quantity)),
    )
    nothing = replace(there.receiving, lots=(LotReceived(lot=A.lot, fit=0),))
    assert coming.when(nothing).refusal is None
