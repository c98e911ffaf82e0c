"""A transfer as the facility that receives it lives it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from domain.kernel import CONSULTED, Command, Entail, Fact
from domain.supply.events.inbound_transfer import (
    InboundAnnounced,
    InboundApproved,
    InboundDeclined,
    InboundDismissed,
    InboundProposalWithdrawn,
    InboundProposed,
    InboundReceived,
    InboundReceivedLate,
    InboundRequested,
    InboundSettled,
    InboundWithdrawn,
)
from domain.supply.events.requisition import DemandMethod, ExpectedUse
from domain.supply.inbound_receipt import (
    AnnounceTransfer,
    LotReceived,
    NoteSettlement,
    ReceiveLateArrival,
    ReceiveTransfer,
)
from domain.supply.inbound_request import (
    AcceptProposal,
    DismissProposal,
    NoteApproval,
    NoteRefusal,
    ProposeTransfer,
    RequestTransfer,
    WithdrawProposal,
    WithdrawRequest,
)
from domain.supply.inbound_transfer import InboundTransfer
from domain.supply.lots import Lot, StockStanding
from domain.supply.stock_transfers import DeliverStock
from tests.domain.places import (
    FEBRUARY_1,
    HILLTOP,
    MARCH_1,
    NEW_YEAR,
    RIVERSIDE,
    THE_ITEM,
    hilltop_is_open,
    riverside_is_open,
)
from tests.domain.supplies import GLOVES, gloves_are_kept
from tests.domain.test_transfer import JULY, JUNE, SHORT, THE_INBOUND, THE_TRANSFER, WHOLE, A, B
from tests.grammar import Given, given

IT: dict[str, Any] = {"inbound_transfer_id": THE_INBOUND}
THERE: dict[str, Any] = {**IT, "facility_id": HILLTOP}
ASKED: dict[str, Any] = {**THERE, "from_facility_id": RIVERSIDE, "stock_item_id": THE_ITEM}

A_WEEKS_USE = ExpectedUse(
    quantity=4, days=7, method=DemandMethod.LAST_MONTHS, off_by=None, baseline_off_by=None
)
requesting = RequestTransfer(**ASKED, quantity=10, requested_on=FEBRUARY_1)
requested = InboundRequested(
    **ASKED,
    transfer_id=THE_TRANSFER,
    **GLOVES,
    quantity=10,
    by_register=False,
    requested_on=FEBRUARY_1,
)
proposing = ProposeTransfer(
    **ASKED,
    quantity=10,
    expires_on=JUNE,
    supplier_id=None,
    expected=A_WEEKS_USE,
    proposed_on=FEBRUARY_1,
)
proposed = InboundProposed(
    **ASKED,
    **GLOVES,
    quantity=10,
    expires_on=JUNE,
    supplier_id=None,
    expected=A_WEEKS_USE,
    proposed_on=FEBRUARY_1,
)
accepting = AcceptProposal(**IT, requested_on=FEBRUARY_1)
dismissing = DismissProposal(**IT, dismissed_on=FEBRUARY_1, reason="too near its end")
dismissed = InboundDismissed(
    **THERE,
    stock_item_id=THE_ITEM,
    quantity=10,
    supplier_id=None,
    expected=A_WEEKS_USE,
    reason="too near its end",
    dismissed_on=FEBRUARY_1,
)
withdrawing = WithdrawRequest(**IT, withdrawn_on=FEBRUARY_1, reason="found some")
withdrawn = InboundWithdrawn(
    **THERE, transfer_id=THE_TRANSFER, reason="found some", withdrawn_on=FEBRUARY_1
)
approved = InboundApproved(**THERE, quantity=10, approved_on=FEBRUARY_1)
declined = InboundDeclined(**THERE, reason="needed there", declined_on=FEBRUARY_1)
announcing = AnnounceTransfer(**IT, lots=(A, B), waybill="W 1", announced_on=FEBRUARY_1)
announced = InboundAnnounced(
    **THERE,
    stock_item_id=THE_ITEM,
    lots=(A, B),
    quantity=10,
    waybill="W 1",
    announced_on=FEBRUARY_1,
)
receiving = ReceiveTransfer(**IT, received_on=MARCH_1)
received = InboundReceived(
    **THERE,
    transfer_id=THE_TRANSFER,
    stock_item_id=THE_ITEM,
    **GLOVES,
    lots=WHOLE,
    fit=10,
    damaged=0,
    missing=0,
    received_on=MARCH_1,
)
into_stock = DeliverStock(
    stock_item_id=THE_ITEM,
    transfer_id=THE_TRANSFER,
    lot="A",
    expires_on=JUNE,
    quantity=6,
    delivered_on=MARCH_1,
)
late = ReceiveLateArrival(**IT, lot="A", expires_on=JUNE, quantity=3, received_on=MARCH_1)

COMING = (requested, approved, announced)
by_lot = gloves_are_kept(facility_id=HILLTOP, lots={"Z": Lot(on_hand=1)})
untracked = gloves_are_kept(facility_id=HILLTOP)


def at_hilltop(*facts: Fact, knowing: StockStanding = by_lot) -> Given:
    return given(InboundTransfer, *facts).knowing(hilltop_is_open(), riverside_is_open(), knowing)


def test_it_is_requested_of_another_facility() -> None:
    at_hilltop().when(requesting).records(requested)
    at_hilltop(requested).when(requesting).refused("inbound_transfer.already_requested")
    assert [*CONSULTED[RequestTransfer](given(InboundTransfer).state, requesting)] == [RIVERSIDE]


def test_nobody_asks_their_own_facility() -> None:
    at_hilltop().when(replace(requesting, from_facility_id=HILLTOP)).refused(
        "inbound_transfer.own_facility"
    )


def test_a_facility_nobody_knows_is_not_asked() -> None:
    given(InboundTransfer).knowing(hilltop_is_open(), by_lot).when(requesting).refused(
        "facility.unknown", field="from_facility_id"
    )


def test_what_is_proposed_may_be_accepted_or_dismissed() -> None:
    at_hilltop().when(proposing).records(proposed)
    at_hilltop(proposed).when(proposing).records_nothing()
    at_hilltop(proposed).when(accepting).records(requested)
    at_hilltop(proposed).when(replace(accepting, quantity=4)).records(
        replace(requested, quantity=4)
    )
    at_hilltop(proposed).when(dismissing).records(dismissed)
    at_hilltop(proposed, dismissed).when(accepting).refused("inbound_transfer.not_now")


def test_a_proposal_that_nobody_has_asked_for_may_be_taken_back() -> None:
    taking_back = WithdrawProposal(**IT, withdrawn_on=FEBRUARY_1)
    taken_back = InboundProposalWithdrawn(
        **THERE, stock_item_id=THE_ITEM, quantity=10, withdrawn_on=FEBRUARY_1
    )
    at_hilltop(proposed).when(taking_back).records(taken_back)
    at_hilltop(proposed, taken_back).when(accepting).refused("inbound_transfer.not_now")
    for so_far in ((), (proposed, taken_back), (proposed, requested)):
        at_hilltop(*so_far).when(taking_back).records_nothing()


def test_a_request_may_be_withdrawn_until_it_has_left() -> None:
    at_hilltop(requested).when(withdrawing).records(withdrawn)
    at_hilltop(requested, approved).when(withdrawing).records(withdrawn)
    at_hilltop(*COMING).when(withdrawing).refused("inbound_transfer.not_now", status="announced")


def test_it_is_told_what_the_other_facility_does() -> None:
    approving = NoteApproval(**IT, quantity=10, approved_on=FEBRUARY_1)
    refusing = NoteRefusal(**IT, reason="needed there", declined_on=FEBRUARY_1)
    at_hilltop(requested).when(approving).records(approved)
    at_hilltop(requested, withdrawn).when(approving).records_nothing()
    at_hilltop(requested, withdrawn).when(refusing).records(declined)
    at_hilltop(requested, declined).when(refusing).records_nothing()
    at_hilltop(requested, approved).when(announcing).records(announced)
    at_hilltop(*COMING).when(announcing).records_nothing()


def test_what_left_before_it_was_withdrawn_comes_all_the_same() -> None:
    at_hilltop(requested, withdrawn).when(announcing).records(announced)


def test_whole_it_goes_into_stock() -> None:
    assert [*CONSULTED[ReceiveTransfer](given(InboundTransfer, *COMING).state, receiving)] == [
        THE_ITEM
    ]
    at_hilltop(*COMING).when(receiving).records(
        received,
        Entail(into_stock),
        Entail(replace(into_stock, lot="B", expires_on=JULY, quantity=4)),
    )


def test_short_or_damaged_only_what_is_fit_goes_into_stock() -> None:
    come = (LotReceived(lot="A", fit=3, damaged=1), LotReceived(lot="B", fit=4))
    at_hilltop(*COMING).when(replace(receiving, lots=come)).records(
        replace(received, lots=SHORT, fit=7, damaged=1, missing=2),
        Entail(replace(into_stock, quantity=3)),
        Entail(replace(into_stock, lot="B", expires_on=JULY, quantity=4)),
    )


def test_of_a_lot_that_is_left_out_nothing_has_come() -> None:
    at_hilltop(*COMING).when(replace(receiving, lots=(LotReceived(lot="A", fit=6),))).records_a(
        InboundReceived, fit=6, missing=4
    )


@pytest.mark.parametrize(
    ("come", "code"),
    [
        ((LotReceived(lot="C", fit=1),), "inbound_transfer.lot_unknown"),
        ((LotReceived(lot="A", fit=7),), "inbound_transfer.over_receipt"),
        ((LotReceived(lot="A", fit=6, damaged=1),), "inbound_transfer.over_receipt"),
        ((LotReceived(lot="A", fit=-1),), "inbound_transfer.quantity"),
        ((LotReceived(lot="A", fit=1), LotReceived(lot="A", fit=1)), "inbound_transfer.lot_twice"),
    ],
)
def test_only_what_was_sent_can_come(come: tuple[LotReceived, ...], code: str) -> None:
    at_hilltop(*COMING).when(replace(receiving, lots=come)).refused(code)


def test_an_item_that_is_not_kept_by_lot_here_has_none() -> None:
    at_hilltop(requested, approved, replace(announced, lots=(A,)), knowing=untracked).when(
        receiving
    ).records(
        replace(received, lots=WHOLE[:1], fit=6),
        Entail(replace(into_stock, lot="", expires_on=None)),
    )


def test_what_came_without_a_lot_gets_one_where_items_are_kept_by_lot() -> None:
    bare = (requested, approved, replace(announced, lots=(replace(A, lot=""),)))
    delivery = at_hilltop(*bare).when(receiving).decided[-1]
    assert isinstance(delivery, Entail)
    assert delivery.command == replace(into_stock, lot=f"transfer {str(THE_TRANSFER)[:8]}")


def test_a_lot_that_is_known_here_keeps_its_expiry() -> None:
    known = gloves_are_kept(facility_id=HILLTOP, lots={"A": Lot(on_hand=1, expires_on=JULY)})
    delivery = at_hilltop(*COMING, knowing=known).when(receiving).decided[1]
    assert delivery == Entail(replace(into_stock, expires_on=None))


def test_what_turned_up_late_goes_into_stock_too() -> None:
    at_hilltop(*COMING, received).when(late).records(
        InboundReceivedLate(
            **THERE,
            transfer_id=THE_TRANSFER,
            stock_item_id=THE_ITEM,
            lot="A",
            expires_on=JUNE,
            quantity=3,
            received_on=MARCH_1,
        ),
        Entail(replace(into_stock, quantity=3)),
    )


def test_it_is_settled_when_the_other_facility_says_so() -> None:
    settling = NoteSettlement(**IT, settled_on=MARCH_1)
    settled = InboundSettled(**THERE, settled_on=MARCH_1)
    came_late = at_hilltop(*COMING, received).when(late).then()
    came_late.when(settling).records(settled)
    at_hilltop(*COMING, received, settled).when(settling).records_nothing()


@pytest.mark.parametrize("command", [accepting, dismissing, withdrawing, receiving, late])
def test_nothing_is_done_about_what_was_never_requested(command: Command) -> None:
    given(InboundTransfer).knowing(by_lot).when(command).refused("inbound_transfer.not_now")


def test_no_step_is_taken_before_the_last() -> None:
    at_hilltop(*COMING).when(replace(receiving, received_on=NEW_YEAR)).refused(
        "inbound_transfer.date_order", field="received_on"
    )
