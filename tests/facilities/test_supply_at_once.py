"""Two facilities and many storekeepers take from the same lot at the same moment, on a real ledger,
by two programs: nobody gets what is not there, and no unit is spent twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from random import Random
from threading import Barrier, Event
from typing import Any
from uuid import UUID

import pytest

from domain.kernel import Command, Recorded, Refused
from domain.supply.events.stock import IssuedTo, StockIssued, StockReceived
from domain.supply.events.stock_holds import StockDelivered, StockDispatched
from domain.supply.events.transfer import DiscrepancyOutcome, DiscrepancyResolved, transfer_of
from domain.supply.inbound_receipt import LotReceived, ReceiveTransfer
from domain.supply.inbound_request import RequestTransfer
from domain.supply.lots import stock_item
from domain.supply.stock_item import IssueStock, ReceiveStock
from domain.supply.transfer_case import ResolveDiscrepancy
from domain.supply.transfer_sending import ApproveTransfer, AskForTransfer, DispatchTransfer
from facilities.answers import Contended, NotFound
from facilities.database import Database, Role
from facilities.dispatch import Dispatcher
from facilities.ledger import Ledger
from facilities.processes.transfer import transfers
from facilities.service import Outcome, Service
from tests.domain.places import A_PATIENT, FEBRUARY_1, HILLTOP, MARCH_1, RIVERSIDE
from tests.facilities.scenes import said_by
from tests.facilities.test_transfers import OURS, THEIRS, Store, store
from tests.grammar import NOW

__all__ = ["store"]

KEPT = {RIVERSIDE: OURS, HILLTOP: THEIRS}
Answer = Outcome | Refused | NotFound


def issuing(quantity: int, stock_item_id: UUID = OURS, lot: str | None = "A") -> IssueStock:
    return IssueStock(
        stock_item_id=stock_item_id,
        quantity=quantity,
        issued_on=FEBRUARY_1,
        issued_to=IssuedTo.PATIENT,
        patient_id=A_PATIENT,
        lot=lot,
    )


def asked_for(number: int, quantity: int) -> AskForTransfer:
    return AskForTransfer(
        transfer_id=UUID(int=800 + number),
        facility_id=RIVERSIDE,
        inbound_transfer_id=UUID(int=900 + number),
        to_facility_id=HILLTOP,
        item_system="GTIN",
        item_code="00812345678901",
        quantity=quantity,
        requested_on=FEBRUARY_1,
    )


def approving(number: int) -> ApproveTransfer:
    return ApproveTransfer(
        transfer_id=UUID(int=800 + number), stock_item_id=OURS, approved_on=FEBRUARY_1
    )


def sending(number: int) -> DispatchTransfer:
    return DispatchTransfer(transfer_id=UUID(int=800 + number), dispatched_on=FEBRUARY_1)


def answered(service: Service, command: Command) -> Answer:
    """What somebody is answered who tries again while others keep writing."""
    while True:
        try:
            return service.execute(command, said_by())
        except Contended:
            continue
        except (Refused, NotFound) as answer:
            return answer


def all_at_once(programs: Sequence[Service], commands: Sequence[Command]) -> list[Answer]:
    """Each command by a storekeeper of its own; all of them begin at the same moment."""
    together = Barrier(len(commands))

    def one(place: int, command: Command) -> Answer:
        together.wait(30)
        return answered(programs[place % len(programs)], command)

    with ThreadPoolExecutor(len(commands)) as people:
        return [*people.map(one, range(len(commands)), commands)]


@pytest.fixture
def programs(store: Store, database: Database) -> Iterator[list[Service]]:
    """Two programs over the one database, each with states of its own in mind."""
    with Ledger(database.pool(Role.APP)) as other:
        yield [store.service, Service(other, now=lambda: NOW)]


def test_of_twenty_no_more_than_twenty_are_issued_and_promised(
    store: Store, programs: list[Service]
) -> None:
    """Nine ask for five each, three of them for another facility: four get it."""
    for number in range(3):
        answered(store.service, asked_for(number, 5))
    wanted = [*(approving(each) for each in range(3)), *(issuing(5) for _ in range(6))]
    answers = all_at_once(programs, wanted)
    refused = [each for each in answers if isinstance(each, Refused)]
    assert [each.code for each in refused] == ["stock_item.insufficient"] * 5
    assert sum(isinstance(each, Outcome) for each in answers) == 4
    assert store.state("stock_item", OURS).available == 0
    nothing_is_spent_twice(store.ledger.read(0, 1_000))


def test_what_is_promised_is_sent_once_whoever_sends_it(
    store: Store, programs: list[Service]
) -> None:
    answered(store.service, asked_for(1, 12))
    assert isinstance(answered(store.service, approving(1)), Outcome)
    answers = all_at_once(programs, [*(sending(1) for _ in range(4)), issuing(8), issuing(1)])
    sent, issued = answers[:4], answers[4:]
    assert sum(isinstance(each, Outcome) for each in sent) == 1
    # Whoever read the one stream before it was sent and the other after it finds nothing there.
    refused = {each.code for each in sent if isinstance(each, Refused)}
    assert refused <= {"transfer.not_now", "transfer.nothing_reserved"}
    assert sum(isinstance(each, Outcome) for each in issued) == 1
    assert store.state("transfer", UUID(int=801)).in_transit == 12
    nothing_is_spent_twice(store.ledger.read(0, 1_000))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_however_two_facilities_interleave_every_unit_is_somewhere(
    seed: int, store: Store, programs: list[Service], database: Database
) -> None:
    """Four storekeepers, two at each facility, receive, issue and send the lot to and fro while the
    news is carried across; and in the end every transfer that has left is settled."""
    going = [UUID(int=1_000 * seed + each) for each in range(12)]

    def works(place: int) -> list[Answer]:
        dice = Random(f"{seed}.{place}")
        here = (RIVERSIDE, HILLTOP)[place % 2]
        return [
            answered(programs[place % 2], a_step(dice, here, dice.choice(going))) for _ in range(60)
        ]

    with news_carried(database, store), ThreadPoolExecutor(4) as people:
        answers = [each for of_one in people.map(works, range(4)) for each in of_one]
    assert any(isinstance(each, Refused) for each in answers)
    carried_across(database, store)
    for inbound_id in going:
        finished(store, database, inbound_id)
    events = store.ledger.read(0, 10_000)
    nothing_is_spent_twice(events)
    assert any(isinstance(each.fact, StockDelivered) for each in events)
    left = [store.state("transfer", transfer_of(each)) for each in going]
    assert all(each.in_transit == 0 for each in left)
    assert {each.status for each in left} & {"settled"}


def a_step(dice: Random, here: UUID, inbound_id: UUID) -> Command:
    """Something a storekeeper tries, whether it is the time for it or not."""
    there = HILLTOP if here == RIVERSIDE else RIVERSIDE
    quantity, transfer_id = dice.randint(1, 8), transfer_of(inbound_id)
    steps: list[Command] = [
        ReceiveStock(stock_item_id=KEPT[here], quantity=2, received_on=FEBRUARY_1, lot="A"),
        issuing(quantity, KEPT[here], None),
        RequestTransfer(
            inbound_transfer_id=inbound_id,
            facility_id=here,
            from_facility_id=there,
            stock_item_id=KEPT[here],
            quantity=quantity,
            requested_on=FEBRUARY_1,
        ),
        ApproveTransfer(transfer_id=transfer_id, stock_item_id=KEPT[here], approved_on=FEBRUARY_1),
        DispatchTransfer(transfer_id=transfer_id, dispatched_on=FEBRUARY_1),
        ReceiveTransfer(
            inbound_transfer_id=inbound_id,
            received_on=FEBRUARY_1,
            lots=(LotReceived(lot="A", fit=dice.randint(0, quantity)),),
        ),
        ReceiveTransfer(inbound_transfer_id=inbound_id, received_on=FEBRUARY_1),
    ]
    return dice.choice(steps)


@contextmanager
def news_carried(database: Database, store: Store) -> Iterator[None]:
    """Meanwhile somebody carries the news between the two."""
    over = Event()
    dispatcher = a_dispatcher(database, store)

    def carry() -> None:
        while not over.is_set():
            dispatcher.run_once()

    with ThreadPoolExecutor(1) as carrier:
        carrying = carrier.submit(carry)
        try:
            yield
        finally:
            over.set()
            carrying.result(60)
            dispatcher.close()


def a_dispatcher(database: Database, store: Store) -> Dispatcher:
    return Dispatcher(
        store.service,
        Ledger(database.pool(Role.PROJECTOR)),
        lambda: database.connect(Role.APP),
        [transfers],
        retry_stalled=0.0,
    )


def carried_across(database: Database, store: Store) -> None:
    """Everything that has happened is told to whom it concerns, and what follows from it."""
    dispatcher, head = a_dispatcher(database, store), -1
    while head != store.ledger.head():
        head = store.ledger.head()
        dispatcher.run_until(head)
    dispatcher.close()


def finished(store: Store, database: Database, inbound_id: UUID) -> None:
    """What is on the road is received, and of what did not arrive somebody says where it is."""
    answered(store.service, ReceiveTransfer(inbound_transfer_id=inbound_id, received_on=MARCH_1))
    carried_across(database, store)
    transfer = store.state("transfer", transfer_of(inbound_id))
    for lot, of in transfer.lots.items():
        resolving = ResolveDiscrepancy(
            transfer_id=transfer_of(inbound_id),
            lot=lot,
            quantity=of.unresolved,
            outcome=DiscrepancyOutcome.WRITTEN_OFF,
            finding="nobody saw it again",
            resolved_on=MARCH_1,
        )
        assert isinstance(answered(store.service, resolving), Outcome)
    carried_across(database, store)


CHANGES: dict[type[Any], Callable[[Any], tuple[int, int]]] = {
    StockReceived: lambda fact: (fact.quantity, 0),
    StockIssued: lambda fact: (-fact.quantity, 0),
    StockDispatched: lambda fact: (0, fact.quantity),
    StockDelivered: lambda fact: (0, -fact.quantity),
    DiscrepancyResolved: lambda fact: (
        (-fact.quantity, -fact.quantity)
        if fact.outcome is DiscrepancyOutcome.WRITTEN_OFF
        else (0, 0)
    ),
}
"""By how much a fact changes what there is in the whole system, and what is on the road."""


def nothing_is_spent_twice(events: Sequence[Recorded[Any]]) -> None:
    """At every position, in both facilities together: nothing is negative, nothing is promised that
    is not there, and on hand + in transit = received - issued - written off."""
    items = {OURS: stock_item.initial, THEIRS: stock_item.initial}
    there = on_the_road = 0
    for event in events:
        if event.stream_id in items:
            items[event.stream_id] = items[event.stream_id].evolve(event.fact)
        if type(event.fact) in CHANGES:
            more, left = CHANGES[type(event.fact)](event.fact)
            there, on_the_road = there + more, on_the_road + left
        for item in items.values():
            assert all(min(lot.on_hand, lot.available) >= 0 for lot in item.lots.values())
        assert on_the_road >= 0
        assert sum(item.on_hand for item in items.values()) + on_the_road == there
