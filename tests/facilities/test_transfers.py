"""A transfer between two facilities, carried across by its process, whatever interrupts it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from domain.kernel import AGGREGATES, Command, Refused
from domain.supply.controlled_register import OpenRegister
from domain.supply.events.controlled import Schedule
from domain.supply.events.transfer import DiscrepancyOutcome
from domain.supply.inbound_receipt import (
    AnnounceTransfer,
    LotReceived,
    NoteSettlement,
    ReceiveLateArrival,
    ReceiveTransfer,
)
from domain.supply.inbound_request import (
    NoteApproval,
    NoteRefusal,
    RequestTransfer,
    WithdrawRequest,
)
from domain.supply.stock_item import ReceiveStock
from domain.supply.stock_listing import ListStockItem
from domain.supply.transfer_case import NoteArrival, NoteLateRefusal, ResolveDiscrepancy
from domain.supply.transfer_sending import (
    ApproveTransfer,
    AskForTransfer,
    CancelTransfer,
    DispatchTransfer,
)
from facilities.answers import NotFound
from facilities.database import Database, Role
from facilities.dispatch import Dispatcher
from facilities.ledger import Ledger
from facilities.processes.transfer import transfers
from facilities.scope import Actor
from facilities.service import Service
from tests.domain import test_inbound_transfer as there
from tests.domain import test_transfer as here
from tests.domain.places import FEBRUARY_1, HILLTOP, MARCH_1, NEW_YEAR, RIVERSIDE
from tests.domain.test_transfer import JUNE, THE_INBOUND, THE_TRANSFER
from tests.facilities.processes_grammar import sees
from tests.facilities.scenes import a_physician, manager_of, opening, said_by

OURS, THEIRS = UUID(int=71), UUID(int=72)
SENDER, RECEIVER = manager_of(RIVERSIDE), manager_of(HILLTOP)


# --- what it says, and to whom -------------------------------------------------------------------


def test_each_side_is_told_what_the_other_does() -> None:
    inbound: dict[str, Any] = {"inbound_transfer_id": THE_INBOUND}
    sees(transfers, there.requested).sends(here.asking)
    sees(transfers, there.withdrawn).sends(
        CancelTransfer(transfer_id=THE_TRANSFER, cancelled_on=FEBRUARY_1, reason="found some")
    )
    sees(transfers, here.approved).sends(
        NoteApproval(**inbound, quantity=10, approved_on=FEBRUARY_1)
    )
    sees(transfers, here.cancelled).sends(
        NoteRefusal(**inbound, reason="needed here", declined_on=FEBRUARY_1)
    )
    sees(transfers, here.dispatched).sends(
        AnnounceTransfer(
            **inbound, lots=here.dispatched.lots, waybill="W 1", announced_on=FEBRUARY_1
        )
    )
    sees(transfers, there.received).sends(
        NoteArrival(transfer_id=THE_TRANSFER, lots=there.received.lots, arrived_on=MARCH_1)
    )
    sees(transfers, here.late).sends(
        ReceiveLateArrival(**inbound, lot="A", expires_on=JUNE, quantity=3, received_on=MARCH_1)
    )
    sees(transfers, here.resolved).sends_nothing()
    sees(transfers, here.settled).sends(NoteSettlement(**inbound, settled_on=MARCH_1))


def test_a_facility_that_cannot_be_asked_has_declined() -> None:
    sees(transfers, there.requested).instead_of(
        here.asking,
        "facility.not_open",
        NoteRefusal(inbound_transfer_id=THE_INBOUND, reason="No.", declined_on=FEBRUARY_1),
    )


def test_what_cannot_be_taken_in_late_is_unresolved_again() -> None:
    late = ReceiveLateArrival(
        inbound_transfer_id=THE_INBOUND,
        lot="A",
        expires_on=JUNE,
        quantity=3,
        received_on=MARCH_1,
    )
    sees(transfers, here.late).instead_of(
        late,
        "facility.not_open",
        NoteLateRefusal(
            transfer_id=THE_TRANSFER, lot="A", quantity=3, reason="No.", refused_on=MARCH_1
        ),
    )


def test_a_request_that_is_withdrawn_too_late_is_let_be() -> None:
    cancelling = CancelTransfer(
        transfer_id=THE_TRANSFER, cancelled_on=FEBRUARY_1, reason="found some"
    )
    sees(transfers, there.withdrawn).instead_of(cancelling, "transfer.not_now")


# --- on a ledger ---------------------------------------------------------------------------------


class Killed(Exception):
    """The program has ended."""


class Doomed(Ledger):
    """Its program ends right before an append, or right after it."""

    before = True

    def append(self, *arguments: Any) -> list[int]:
        if self.before:
            raise Killed
        super().append(*arguments)
        raise Killed


class Store:
    """Two facilities, and whoever carries the news between them: killed around each of its appends,
    and begun anew."""

    def __init__(self, database: Database, service: Service, ledger: Ledger) -> None:
        self.database, self.service, self.ledger = database, service, ledger

    def does(self, command: Command, actor: Actor) -> None:
        self.service.execute(command, said_by(actor))
        self.carries()

    def carries(self) -> None:
        """Everything is carried across, by dispatchers that each live for one append at most."""
        with Doomed(self.database.pool(Role.APP)) as doomed:
            while True:
                for doomed.before in (True, False):
                    self._dispatched(Service(doomed))
                head = self.ledger.head()
                self._dispatched(self.service)
                if self.ledger.head() == head:
                    return

    def _dispatched(self, over: Service) -> None:
        dispatcher = Dispatcher(
            over,
            Ledger(self.database.pool(Role.PROJECTOR)),
            lambda: self.database.connect(Role.APP),
            [transfers],
            retry_stalled=0.0,
        )
        dispatcher.run_once()
        dispatcher.close()

    def state(self, aggregate: str, stream_id: UUID) -> Any:
        events = self.ledger.read(0, 1_000)
        return AGGREGATES[aggregate].fold(
            each.fact for each in events if each.stream_id == stream_id
        )

    def on_hand(self) -> tuple[int, int]:
        ours, theirs = (self.state("stock_item", each).on_hand for each in (OURS, THEIRS))
        return ours, theirs

    def stands(self) -> tuple[str, str]:
        """How far the transfer has come, here and there."""
        return (
            self.state("transfer", THE_TRANSFER).status,
            self.state("inbound_transfer", THE_INBOUND).status,
        )


@pytest.fixture
def store(database: Database, service: Service, ledger: Ledger) -> Store:
    for facility_id, stock_item_id in ((RIVERSIDE, OURS), (HILLTOP, THEIRS)):
        service.execute(opening(facility_id, f"House {facility_id}"), said_by())
        service.execute(
            ListStockItem(
                stock_item_id=stock_item_id,
                facility_id=facility_id,
                item_system="GTIN",
                item_code="00812345678901",
                description="Gloves",
                listed_on=NEW_YEAR,
                lot_tracked=True,
            ),
            said_by(),
        )
    receiving = ReceiveStock(
        stock_item_id=OURS, quantity=20, received_on=NEW_YEAR, lot="A", expires_on=JUNE
    )
    service.execute(receiving, said_by())
    return Store(database, service, ledger)


requesting = RequestTransfer(
    inbound_transfer_id=THE_INBOUND,
    facility_id=HILLTOP,
    from_facility_id=RIVERSIDE,
    stock_item_id=THEIRS,
    quantity=10,
    requested_on=FEBRUARY_1,
)
approving = ApproveTransfer(transfer_id=THE_TRANSFER, stock_item_id=OURS, approved_on=FEBRUARY_1)
dispatching = DispatchTransfer(transfer_id=THE_TRANSFER, dispatched_on=FEBRUARY_1)
short = ReceiveTransfer(
    inbound_transfer_id=THE_INBOUND,
    received_on=FEBRUARY_1,
    lots=(LotReceived(lot="A", fit=7, damaged=1),),
)


def sent(store: Store) -> Store:
    """Requested by one, approved and dispatched by the other."""
    store.does(requesting, RECEIVER)
    assert store.stands() == ("requested", "requested")
    store.does(approving, SENDER)
    assert store.stands() == ("approved", "approved")
    store.does(dispatching, SENDER)
    assert store.stands() == ("in_transit", "announced")
    return store


def test_killed_at_every_step_a_transfer_completes(store: Store) -> None:
    sent(store)
    assert store.on_hand() == (10, 0)
    store.does(ReceiveTransfer(inbound_transfer_id=THE_INBOUND, received_on=MARCH_1), RECEIVER)
    assert store.stands() == ("settled", "settled")
    assert store.on_hand() == (10, 10)


def test_killed_at_every_step_what_is_short_ends_in_a_case_somebody_resolves(store: Store) -> None:
    sent(store)
    store.does(short, RECEIVER)
    assert store.stands() == ("disputed", "received")
    case: dict[str, Any] = {"transfer_id": THE_TRANSFER, "lot": "A", "resolved_on": MARCH_1}
    for quantity, outcome, on_hand in (
        (1, DiscrepancyOutcome.WRITTEN_OFF, (10, 7)),
        (1, DiscrepancyOutcome.RETURNED, (11, 7)),
        (1, DiscrepancyOutcome.ARRIVED_LATE, (11, 8)),
    ):
        resolving = ResolveDiscrepancy(
            **case, quantity=quantity, outcome=outcome, finding="somebody looked"
        )
        store.does(resolving, SENDER)
        assert store.on_hand() == on_hand
    assert store.stands() == ("settled", "settled")


def test_until_it_is_carried_across_it_is_pending_for_all_to_see(store: Store) -> None:
    store.service.execute(requesting, said_by(RECEIVER))
    assert store.stands() == ("absent", "requested")
    store.carries()
    assert store.stands() == ("requested", "requested")


def test_withdrawn_in_time_it_is_cancelled_and_too_late_it_comes(store: Store) -> None:
    withdrawing = WithdrawRequest(
        inbound_transfer_id=THE_INBOUND, withdrawn_on=FEBRUARY_1, reason="found some"
    )
    store.does(requesting, RECEIVER)
    store.does(approving, SENDER)
    store.service.execute(withdrawing, said_by(RECEIVER))
    store.service.execute(dispatching, said_by(SENDER))
    store.carries()
    assert store.stands() == ("in_transit", "announced")


def test_of_two_facilities_that_want_the_same_lot_one_gets_it(store: Store) -> None:
    store.does(requesting, RECEIVER)
    store.does(approving, SENDER)
    other = UUID(int=73)
    asking = AskForTransfer(
        transfer_id=other,
        facility_id=RIVERSIDE,
        inbound_transfer_id=UUID(int=74),
        to_facility_id=HILLTOP,
        item_system="GTIN",
        item_code="00812345678901",
        quantity=15,
        requested_on=FEBRUARY_1,
    )
    store.service.execute(asking, said_by())
    with pytest.raises(Refused) as refusal:
        store.service.execute(
            ApproveTransfer(transfer_id=other, stock_item_id=OURS, approved_on=FEBRUARY_1),
            said_by(SENDER),
        )
    assert refusal.value.code == "stock_item.insufficient"


def test_a_controlled_substance_goes_from_register_to_register_by_two_people_at_both_ends(
    store: Store,
) -> None:
    ours, theirs = UUID(int=75), UUID(int=76)
    us, them = (UUID(int=81), UUID(int=82)), (UUID(int=83), UUID(int=84))
    for facility_id, stock_item_id, register_id, people in (
        (RIVERSIDE, OURS, ours, us),
        (HILLTOP, THEIRS, theirs, them),
    ):
        opened = OpenRegister(
            register_id=register_id,
            facility_id=facility_id,
            stock_item_id=stock_item_id,
            schedule=Schedule.II,
            opened_on=NEW_YEAR,
        )
        for command in (opened, *(a_physician(each, facility_id=facility_id) for each in people)):
            store.service.execute(command, said_by())
    store.does(requesting, RECEIVER)
    store.does(approving, SENDER)
    with pytest.raises(Refused, match="two people"):
        store.does(dispatching, SENDER)
    by_two = replace(dispatching, dispatched_by=us[0], witnessed_by=us[1])
    with pytest.raises(Refused, match="somebody else"):
        store.does(replace(by_two, witnessed_by=us[0]), SENDER)
    store.does(by_two, SENDER)
    with pytest.raises(Refused, match="two people"):
        store.does(short, RECEIVER)
    store.does(replace(short, taken_in_by=them[0], witnessed_by=them[1]), RECEIVER)
    assert store.stands() == ("disputed", "received")
    lost, back = (
        ResolveDiscrepancy(
            transfer_id=THE_TRANSFER,
            lot="A",
            quantity=quantity,
            outcome=outcome,
            finding="the seal was broken",
            resolved_on=MARCH_1,
        )
        for quantity, outcome in (
            (2, DiscrepancyOutcome.WRITTEN_OFF),
            (1, DiscrepancyOutcome.RETURNED),
        )
    )
    store.does(lost, SENDER)
    store.does(replace(back, taken_in_by=us[1], witnessed_by=us[0]), SENDER)
    assert store.stands() == ("settled", "settled")
    registers = [store.state("controlled_register", each) for each in (ours, theirs)]
    assert [each.balance for each in registers] == [*store.on_hand()] == [11, 7]
    assert [len(each.losses) for each in registers] == [1, 0]


@pytest.mark.parametrize(
    ("command", "actor"), [(approving, RECEIVER), (dispatching, RECEIVER), (short, SENDER)]
)
def test_nobody_acts_on_the_other_side(store: Store, command: Command, actor: Actor) -> None:
    sent(store)
    with pytest.raises(NotFound):
        store.service.execute(command, said_by(actor))
