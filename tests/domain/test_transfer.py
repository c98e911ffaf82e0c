"""A transfer as the facility that sends it lives it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from domain.kernel import CONSULTED, Command, Entail, Fact
from domain.supply.events.transfer import (
    DiscrepancyOpened,
    DiscrepancyOutcome,
    DiscrepancyResolved,
    LateArrivalRefused,
    LotArrival,
    LotInTransit,
    TransferApproved,
    TransferArrived,
    TransferCancelled,
    TransferDeclined,
    TransferDispatched,
    TransferRequested,
    TransferSettled,
    transfer_of,
)
from domain.supply.lots import Lot
from domain.supply.stock_holds import ReleaseReservation, ReserveStock
from domain.supply.stock_transfers import DeliverStock, DispatchStock
from domain.supply.transfer import Transfer
from domain.supply.transfer_case import NoteArrival, NoteLateRefusal, ResolveDiscrepancy
from domain.supply.transfer_sending import (
    ApproveTransfer,
    AskForTransfer,
    CancelTransfer,
    DeclineTransfer,
    DispatchTransfer,
)
from tests.domain.places import (
    FEBRUARY_1,
    HILLTOP,
    MARCH_1,
    NEW_YEAR,
    RIVERSIDE,
    THE_ITEM,
    riverside_is_closed,
    riverside_is_open,
)
from tests.domain.supplies import GLOVES, gloves_are_kept
from tests.grammar import Given, given

THE_INBOUND = UUID("018f0000-0000-7000-8000-000000000081")
THE_TRANSFER = transfer_of(THE_INBOUND)
JUNE, JULY = date(2026, 6, 30), date(2026, 7, 31)

IT: dict[str, Any] = {"transfer_id": THE_TRANSFER}
HERE: dict[str, Any] = {**IT, "facility_id": RIVERSIDE}
OURS: dict[str, Any] = {**HERE, "inbound_transfer_id": THE_INBOUND}
BOTH: dict[str, Any] = {**OURS, "to_facility_id": HILLTOP}

asking = AskForTransfer(**BOTH, **GLOVES, quantity=10, requested_on=FEBRUARY_1)
requested = TransferRequested(
    **BOTH, **GLOVES, quantity=10, by_register=False, requested_on=FEBRUARY_1
)
approving = ApproveTransfer(**IT, stock_item_id=THE_ITEM, approved_on=FEBRUARY_1)
approved = TransferApproved(**BOTH, stock_item_id=THE_ITEM, quantity=10, approved_on=FEBRUARY_1)
declining = DeclineTransfer(**IT, declined_on=FEBRUARY_1, reason="needed here")
cancelling = CancelTransfer(**IT, cancelled_on=FEBRUARY_1, reason="needed here")
cancelled = TransferCancelled(**OURS, reason="needed here", cancelled_on=FEBRUARY_1)
dispatching = DispatchTransfer(**IT, dispatched_on=FEBRUARY_1, waybill="W 1")
A = LotInTransit(lot="A", expires_on=JUNE, quantity=6)
B = LotInTransit(lot="B", expires_on=JULY, quantity=4)
dispatched = TransferDispatched(
    **BOTH,
    stock_item_id=THE_ITEM,
    **GLOVES,
    lots=(A, B),
    quantity=10,
    waybill="W 1",
    dispatched_on=FEBRUARY_1,
)
WHOLE = (
    LotArrival(lot="A", expires_on=JUNE, dispatched=6, fit=6, damaged=0),
    LotArrival(lot="B", expires_on=JULY, dispatched=4, fit=4, damaged=0),
)
SHORT = (
    LotArrival(lot="A", expires_on=JUNE, dispatched=6, fit=3, damaged=1),
    LotArrival(lot="B", expires_on=JULY, dispatched=4, fit=4, damaged=0),
)
arrived = TransferArrived(
    **BOTH, lots=SHORT, fit=7, damaged=1, missing=2, arrived_on=MARCH_1, in_transit_after=3
)
opened = DiscrepancyOpened(
    **HERE, to_facility_id=HILLTOP, **GLOVES, damaged=1, missing=2, opened_on=MARCH_1
)
settled = TransferSettled(**OURS, settled_on=MARCH_1)
resolving = ResolveDiscrepancy(
    **IT,
    lot="A",
    quantity=3,
    outcome=DiscrepancyOutcome.WRITTEN_OFF,
    finding="the van was broken into",
    resolved_on=MARCH_1,
)
resolved = DiscrepancyResolved(
    **BOTH,
    **GLOVES,
    lot="A",
    expires_on=JUNE,
    quantity=3,
    outcome=DiscrepancyOutcome.WRITTEN_OFF,
    finding="the van was broken into",
    resolved_on=MARCH_1,
    in_transit_after=0,
    unresolved_after=0,
)
late = replace(
    resolved,
    outcome=DiscrepancyOutcome.ARRIVED_LATE,
    finding="found in the lobby",
    in_transit_after=3,
)

ON_THE_ROAD = (requested, approved, dispatched)
DISPUTED = (*ON_THE_ROAD, arrived, opened)

held = gloves_are_kept(
    lots={
        "B": Lot(on_hand=9, reserved=4, expires_on=JULY),
        "A": Lot(on_hand=6, reserved=6, expires_on=JUNE),
    },
    reservations={(THE_TRANSFER, "B"): 4, (THE_TRANSFER, "A"): 6, (THE_INBOUND, "B"): 1},
)


def at_riverside(*facts: Fact) -> Given:
    return given(Transfer, *facts).knowing(riverside_is_open(), held)


def test_it_is_asked_for_once() -> None:
    at_riverside().when(asking).records(requested)
    at_riverside(requested).when(asking).records_nothing()


def test_a_closed_facility_is_not_asked() -> None:
    given(Transfer).knowing(riverside_is_closed()).when(asking).refused("facility.not_open")


def test_what_is_approved_is_reserved() -> None:
    at_riverside(requested).when(approving).records(
        approved,
        Entail(
            ReserveStock(
                stock_item_id=THE_ITEM,
                reservation_id=THE_TRANSFER,
                quantity=10,
                reserved_for="transfer",
                reserved_on=FEBRUARY_1,
            )
        ),
    )


def test_less_may_be_approved_and_not_more() -> None:
    at_riverside(requested).when(replace(approving, quantity=4)).records_a(
        TransferApproved, quantity=4
    )
    at_riverside(requested).when(replace(approving, quantity=11)).refused(
        "transfer.more_than_asked", value=11
    )


def test_what_is_approved_is_of_the_item_that_was_asked_for() -> None:
    masks = gloves_are_kept(item_code="00812345678918")
    at_riverside(requested).knowing(masks).when(approving).refused("transfer.other_item")


def test_it_may_be_declined() -> None:
    declined = TransferDeclined(**OURS, reason="needed here", declined_on=FEBRUARY_1)
    at_riverside(requested).when(declining).records(declined)
    at_riverside(requested, declined).when(approving).refused("transfer.not_now")


def test_cancelled_it_lets_go_of_what_was_reserved() -> None:
    letting_go = ReleaseReservation(
        stock_item_id=THE_ITEM, reservation_id=THE_TRANSFER, released_on=FEBRUARY_1
    )
    at_riverside(requested, approved).when(cancelling).records(cancelled, Entail(letting_go))
    at_riverside(requested).when(cancelling).records(cancelled)
    at_riverside(requested, approved).knowing(gloves_are_kept()).when(cancelling).records(cancelled)
    at_riverside(requested, cancelled).when(dispatching).refused("transfer.not_now")


def test_what_is_reserved_leaves_stock_what_expires_first_first() -> None:
    leaving = DispatchStock(
        stock_item_id=THE_ITEM,
        transfer_id=THE_TRANSFER,
        reservation_id=THE_TRANSFER,
        lot="A",
        quantity=6,
        dispatched_on=FEBRUARY_1,
    )
    at_riverside(requested, approved).when(dispatching).records(
        dispatched, Entail(leaving), Entail(replace(leaving, lot="B", quantity=4))
    )
    assert [*CONSULTED[DispatchTransfer](given(Transfer, requested, approved).state, dispatching)]


def test_nothing_leaves_where_a_recall_has_taken_it() -> None:
    at_riverside(requested, approved).knowing(gloves_are_kept()).when(dispatching).refused(
        "transfer.nothing_reserved"
    )


def test_what_has_left_is_not_called_back() -> None:
    at_riverside(*ON_THE_ROAD).when(cancelling).refused("transfer.not_now", status="in_transit")
    assert given(Transfer, *ON_THE_ROAD).state.in_transit == 10


def test_whole_it_is_settled_at_once() -> None:
    at_riverside(*ON_THE_ROAD).when(NoteArrival(**IT, lots=WHOLE, arrived_on=MARCH_1)).records(
        replace(arrived, lots=WHOLE, fit=10, damaged=0, missing=0, in_transit_after=0), settled
    )


def test_short_or_damaged_it_opens_a_case() -> None:
    at_riverside(*ON_THE_ROAD).when(NoteArrival(**IT, lots=SHORT, arrived_on=MARCH_1)).records(
        arrived, opened
    )


def test_what_was_lost_is_written_off_and_settles_it() -> None:
    at_riverside(*DISPUTED).when(resolving).records(resolved, settled)
    assert given(Transfer, *DISPUTED, resolved, settled).state.in_transit == 0


def test_what_came_back_is_in_stock_again() -> None:
    back = DeliverStock(
        stock_item_id=THE_ITEM,
        transfer_id=THE_TRANSFER,
        lot="A",
        expires_on=JUNE,
        quantity=2,
        delivered_on=MARCH_1,
    )
    at_riverside(*DISPUTED).when(
        replace(resolving, quantity=2, outcome=DiscrepancyOutcome.RETURNED)
    ).records(
        replace(
            resolved,
            quantity=2,
            outcome=DiscrepancyOutcome.RETURNED,
            in_transit_after=1,
            unresolved_after=1,
        ),
        Entail(back),
    )


def test_what_arrived_late_stays_in_transit_until_the_other_facility_has_it() -> None:
    found = replace(
        resolving, outcome=DiscrepancyOutcome.ARRIVED_LATE, finding="found in the lobby"
    )
    at_riverside(*DISPUTED).when(found).records(late)
    at_riverside(*DISPUTED, late).when(resolving).refused("transfer.more_than_missing")
    come = LotArrival(lot="A", expires_on=JUNE, dispatched=3, fit=3, damaged=0)
    at_riverside(*DISPUTED, late).when(NoteArrival(**IT, lots=(come,), arrived_on=MARCH_1)).records(
        replace(arrived, lots=(come,), fit=3, damaged=0, missing=0, in_transit_after=0), settled
    )


def test_what_has_arrived_is_noted_once() -> None:
    noting = NoteArrival(**IT, lots=SHORT, arrived_on=MARCH_1)
    at_riverside(*DISPUTED).when(noting).records_nothing()
    at_riverside(*DISPUTED, late).when(noting).records_nothing()
    at_riverside(*DISPUTED, resolved, settled).when(noting).records_nothing()
    whole = replace(arrived, lots=WHOLE, fit=10, damaged=0, missing=0, in_transit_after=0)
    again = NoteArrival(**IT, lots=WHOLE, arrived_on=MARCH_1)
    at_riverside(*ON_THE_ROAD, whole, settled).when(again).records_nothing()
    at_riverside(requested, approved).when(again).refused("transfer.not_now", status="approved")


def test_what_came_late_is_noted_once() -> None:
    come = LotArrival(lot="A", expires_on=JUNE, dispatched=1, fit=1, damaged=0)
    noting = NoteArrival(**IT, lots=(come,), arrived_on=MARCH_1)
    promised = replace(late, quantity=1, unresolved_after=2)
    noted = at_riverside(*DISPUTED, promised).when(noting)
    noted.records_a(TransferArrived, in_transit_after=2)
    noted.then().when(noting).records_nothing()


def test_of_what_was_promised_late_a_part_may_come_first() -> None:
    come = LotArrival(lot="A", expires_on=JUNE, dispatched=1, fit=1, damaged=0)
    part = at_riverside(*DISPUTED, late).when(NoteArrival(**IT, lots=(come,), arrived_on=MARCH_1))
    part.records_a(TransferArrived, in_transit_after=2)
    assert part.then().state.unresolved == 0


def test_what_the_other_facility_cannot_take_in_is_unresolved_again() -> None:
    refusal = NoteLateRefusal(
        **IT, lot="A", quantity=3, reason="The facility is closed.", refused_on=MARCH_1
    )
    refused = LateArrivalRefused(
        **HERE,
        lot="A",
        quantity=3,
        reason="The facility is closed.",
        refused_on=MARCH_1,
        unresolved_after=3,
    )
    at_riverside(*DISPUTED, late).when(refusal).records(refused)
    at_riverside(*DISPUTED, late, refused).when(resolving).records(resolved, settled)


@pytest.mark.parametrize(("lot", "quantity"), [("A", 4), ("B", 1), ("C", 1)])
def test_nothing_is_resolved_that_is_not_missing(lot: str, quantity: int) -> None:
    at_riverside(*DISPUTED).when(replace(resolving, lot=lot, quantity=quantity)).refused(
        "transfer.more_than_missing", value=quantity
    )


@pytest.mark.parametrize("command", [approving, declining, dispatching, resolving])
def test_nothing_is_done_about_what_nobody_asked_for(command: Command) -> None:
    given(Transfer).when(command).refused("transfer.not_now", status="absent")


def test_no_step_is_taken_before_the_last() -> None:
    at_riverside(requested).when(replace(approving, approved_on=NEW_YEAR)).refused(
        "transfer.date_order", field="approved_on"
    )
