"""A stock item under control moves by its register, and by nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from domain.kernel import Command, Entail
from domain.supply.events.stock import (
    AdjustmentReason,
    IssuedTo,
    StockAdjusted,
    StockIssued,
    StockReceived,
)
from domain.supply.events.stock_control import StockPutUnderControl
from domain.supply.events.stock_holds import (
    QuarantineReason,
    StockDelivered,
    StockDispatched,
    StockWrittenOff,
)
from domain.supply.events.stock_par import StockRecovered
from domain.supply.inbound_transfer import InboundTransfer
from domain.supply.register_receipt import EnterReceipt
from domain.supply.stock_control import (
    AdjustControlled,
    DeliverControlled,
    DispatchControlled,
    IssueControlled,
    PutUnderControl,
    WriteOffControlled,
)
from domain.supply.stock_count import StockCount
from domain.supply.stock_exceptions import OpenUnrecordedReceipt
from domain.supply.stock_holds import QuarantineStock, WriteOffStock
from domain.supply.stock_item import AdjustStock, CountStock, OpenStockBooks, ReceiveStock
from domain.supply.stock_transfers import DeliverStock, DispatchStock
from tests.domain import test_inbound_transfer as asking
from tests.domain import test_stock_count as counts
from tests.domain.places import (
    A_PATIENT,
    FEBRUARY_1,
    HILLTOP,
    MARCH_1,
    THE_ITEM,
    hilltop_is_open,
    riverside_is_open,
)
from tests.domain.stock import issuing, received, vaccine
from tests.domain.supplies import gloves_are_kept
from tests.domain.test_stock_par import was_set
from tests.grammar import Given, given

THE_REGISTER = UUID("018f0000-0000-7000-8000-000000000097")
A_TRANSFER = UUID(int=3)
IT: dict[str, Any] = {"stock_item_id": THE_ITEM}
ITS: dict[str, Any] = {**IT, "lot": "A"}
BY_REGISTER: dict[str, Any] = {**ITS, "register_id": THE_REGISTER}

controlling = PutUnderControl(**IT, register_id=THE_REGISTER, controlled_on=FEBRUARY_1)
controlled = StockPutUnderControl(
    **IT,
    facility_id=received(1).facility_id,
    item_system="GTIN",
    item_code="00812345678901",
    register_id=THE_REGISTER,
    controlled_on=FEBRUARY_1,
    on_hand=10,
)
receiving = ReceiveStock(**ITS, quantity=5, received_on=MARCH_1, reference="222-1")
counting = CountStock(**ITS, counted=10, counted_on=MARCH_1)


def morphine() -> Given:
    return vaccine(received(10, "A"), controlled)


def test_it_is_put_under_control_once() -> None:
    vaccine(received(10, "A")).when(controlling).records(controlled)
    morphine().when(controlling).records_nothing()


@pytest.mark.parametrize(
    "plain",
    [
        OpenStockBooks(**IT, lot="B", quantity=5, opened_on=MARCH_1, basis="found"),
        issuing,
        AdjustStock(**ITS, change=1, reason=AdjustmentReason.FOUND, adjusted_on=MARCH_1),
        counting,
        WriteOffStock(**ITS, why=QuarantineReason.EXPIRED, written_off_on=MARCH_1),
        DispatchStock(**ITS, transfer_id=A_TRANSFER, quantity=1, dispatched_on=MARCH_1),
        OpenUnrecordedReceipt(**ITS, quantity=1, said_by="x", why="y", opened_on=MARCH_1),
    ],
)
def test_past_its_register_nothing_moves(plain: Command) -> None:
    morphine().when(plain).refused(
        "stock_item.controlled", value=THE_ITEM, register_id=THE_REGISTER
    )


@pytest.mark.parametrize("register_id", [THE_REGISTER, UUID(int=5)])
def test_of_an_item_that_is_not_under_control_no_register_speaks(register_id: UUID) -> None:
    by_register = AdjustControlled(
        **ITS,
        register_id=register_id,
        change=1,
        reason=AdjustmentReason.FOUND,
        adjusted_on=MARCH_1,
    )
    vaccine(received(10, "A")).when(by_register).refused("stock_item.controlled", register_id=None)


def test_by_its_register_it_is_issued_adjusted_and_written_off() -> None:
    issued = IssueControlled(
        **BY_REGISTER,
        quantity=2,
        issued_on=MARCH_1,
        issued_to=IssuedTo.PATIENT,
        patient_id=A_PATIENT,
    )
    morphine().when(issued).records_a(StockIssued, quantity=2, on_hand_after=8)
    adjusted = AdjustControlled(
        **BY_REGISTER, change=-1, reason=AdjustmentReason.DAMAGED, adjusted_on=MARCH_1
    )
    morphine().when(adjusted).records_a(StockAdjusted, change=-1, on_hand_after=9)
    apart = QuarantineStock(**ITS, why=QuarantineReason.EXPIRED, quarantined_on=MARCH_1)
    written_off = WriteOffControlled(
        **BY_REGISTER, quantity=3, why=QuarantineReason.EXPIRED, written_off_on=MARCH_1
    )
    morphine().when(apart).then().when(written_off).records_a(
        StockWrittenOff, quantity=3, on_hand_after=7
    )


def test_what_comes_in_is_entered_in_its_register() -> None:
    entry = EnterReceipt(
        register_id=THE_REGISTER,
        lot="A",
        quantity=5,
        reference="222-1",
        received_on=MARCH_1,
        on_hand_after=15,
    )
    came = morphine().when(receiving)
    assert came.decided[-1] == Entail(entry)
    came.records_a(StockReceived, on_hand_after=15)
    delivered = morphine().when(
        DeliverStock(**ITS, transfer_id=A_TRANSFER, quantity=5, delivered_on=MARCH_1)
    )
    delivered.records_a(StockDelivered, on_hand_after=15)
    assert delivered.decided[-1] == Entail(replace(entry, reference=f"transfer {A_TRANSFER}"))


def test_what_came_before_a_count_leaves_the_balance_as_it_was_counted() -> None:
    counted = vaccine(received(10, "A")).when(counting).then()
    late = counted.when(controlling).then().when(replace(receiving, received_on=FEBRUARY_1))
    (entry,) = [each.command for each in late.decided if isinstance(each, Entail)]
    assert isinstance(entry, EnterReceipt)
    assert (entry.quantity, entry.on_hand_after) == (5, 10)


def test_by_its_register_it_is_sent_and_taken_in_and_the_register_is_told_nothing_twice() -> None:
    sent = DispatchControlled(
        **BY_REGISTER, transfer_id=A_TRANSFER, quantity=4, dispatched_on=MARCH_1
    )
    morphine().when(sent).records_a(StockDispatched, quantity=4, on_hand_after=6)
    taken_in = DeliverControlled(
        **BY_REGISTER, transfer_id=A_TRANSFER, quantity=4, delivered_on=MARCH_1
    )
    came = morphine().when(taken_in)
    came.records_a(StockDelivered, quantity=4, on_hand_after=14)
    assert not any(isinstance(each, Entail) for each in came.decided)
    morphine().when(replace(taken_in, register_id=A_TRANSFER)).refused("stock_item.controlled")


def test_replenishment_proposes_no_transfer_of_it() -> None:
    wanted = given(InboundTransfer).knowing(
        riverside_is_open(),
        hilltop_is_open(),
        gloves_are_kept(facility_id=HILLTOP, register_id=THE_REGISTER),
    )
    wanted.when(asking.proposing).refused("inbound_transfer.controlled", field="stock_item_id")


def test_a_count_of_the_store_room_leaves_it_to_its_register() -> None:
    item = gloves_are_kept(register_id=THE_REGISTER)
    count = given(StockCount, counts.opened).knowing(riverside_is_open(), item)
    for command in (counts.putting_on, counts.entering):
        count.when(command).refused("stock_count.controlled", field="stock_item_id")


def test_that_it_recovers_is_noticed_beside_the_line_of_its_register() -> None:
    watched = replace(was_set, par=replace(was_set.par, reorder_point=12))
    came = vaccine(received(10, "A"), controlled, watched).when(receiving)
    came.records_a(StockRecovered, available=15)
    assert any(isinstance(each, Entail) for each in came.decided)
