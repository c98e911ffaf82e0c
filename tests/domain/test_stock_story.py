"""Whatever happens to a stock item, in whatever order: the books balance after every single fact,
nothing is negative without its exception, nothing is held that is not there, and a year can be
closed in the middle of it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import hypothesis
from hypothesis import strategies
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from domain.kernel import Command, Fact
from domain.supply.events.stock import (
    AdjustmentReason,
    IssuedTo,
    StockAdjusted,
    StockBooksOpened,
    StockCounted,
    StockCountRestated,
    StockIssued,
    StockReceived,
)
from domain.supply.events.stock_closing import StockYearClosed
from domain.supply.events.stock_holds import (
    QuarantineReason,
    StockDelivered,
    StockDispatched,
    StockWrittenOff,
)
from domain.supply.lots import StockItem, stock_item
from domain.supply.stock_closing import CloseStockYear
from domain.supply.stock_exceptions import OpenUnrecordedReceipt
from domain.supply.stock_holds import (
    QuarantineStock,
    ReleaseQuarantine,
    ReleaseReservation,
    ReserveStock,
    WriteOffStock,
)
from domain.supply.stock_item import AdjustStock, CountStock, IssueStock, ReceiveStock
from domain.supply.stock_transfers import DeliverStock, DispatchStock
from tests.domain.places import A_PATIENT, NEW_YEAR, THE_ITEM, riverside_is_open
from tests.domain.stock import tracked
from tests.grammar import given

LISTED_ON = NEW_YEAR - timedelta(days=30)

days = strategies.integers(-30, 70).map(lambda number: NEW_YEAR + timedelta(days=number))
quantities = strategies.integers(1, 20)
lots = strategies.sampled_from(["A", "B"])
chosen_lots = strategies.none() | lots
reservations = strategies.none() | strategies.sampled_from([UUID(int=1), UUID(int=2)])
A_TRANSFER = UUID(int=3)


def change_of(fact: Fact) -> int:
    """What a fact adds to what is on hand."""
    match fact:
        case StockBooksOpened() | StockReceived() | StockDelivered():
            return fact.quantity
        case StockIssued() | StockDispatched() | StockWrittenOff():
            return -fact.quantity
        case StockAdjusted() | StockCountRestated():
            return fact.change
        case StockCounted():
            return fact.difference
        case _:
            return 0


class StockStory(RuleBasedStateMachine):
    """A stock item with two lots, to which anything may be tried."""

    def __init__(self) -> None:
        super().__init__()
        listed = replace(tracked, listed_on=LISTED_ON)
        self.item = given(StockItem, listed).knowing(riverside_is_open())
        self.state: StockItem = self.item.state
        self.balance = 0

    def tries(self, command: Command) -> None:
        outcome = self.item.when(command)
        if outcome.refusal is not None:
            return
        for fact in outcome.decided:
            assert isinstance(fact, Fact)
            self.state = self.state.evolve(fact)  # type: ignore[arg-type]
            self.balance += change_of(fact)
            self.balances()
        self.item = outcome.then()

    def balances(self) -> None:
        """What holds after every fact, also in the middle of a decision."""
        assert self.state.on_hand == self.balance
        for lot in self.state.lots.values():
            assert lot.on_hand >= -lot.unrecorded
            assert lot.on_hand == sum(each.change for each in lot.card.days)

    @invariant()
    def nothing_is_held_that_is_not_there(self) -> None:
        for number, lot in self.state.lots.items():
            assert min(lot.reserved, lot.quarantined) >= 0
            if not lot.unrecorded:
                assert lot.available >= 0
            held = [much for (_, of), much in self.state.reservations.items() if of == number]
            assert lot.reserved == sum(held)

    @invariant()
    def what_is_folded_is_what_was_decided(self) -> None:
        assert self.state == self.item.state
        carrying = [
            place for place, each in enumerate(self.item.facts) if isinstance(each, StockYearClosed)
        ]
        assert self.state == stock_item.fold(self.item.facts[max(carrying, default=0) :])

    @rule(lot=lots, quantity=quantities, on=days)
    def receive(self, lot: str, quantity: int, on: date) -> None:
        self.tries(ReceiveStock(stock_item_id=THE_ITEM, quantity=quantity, received_on=on, lot=lot))

    @rule(lot=chosen_lots, quantity=quantities, on=days, reservation=reservations)
    def issue(self, lot: str | None, quantity: int, on: date, reservation: UUID | None) -> None:
        self.tries(
            IssueStock(
                stock_item_id=THE_ITEM,
                quantity=quantity,
                issued_on=on,
                issued_to=IssuedTo.PATIENT,
                patient_id=A_PATIENT,
                lot=lot,
                reservation_id=reservation,
            )
        )

    @rule(lot=lots, change=strategies.integers(-20, 20), on=days)
    def adjust(self, lot: str, change: int, on: date) -> None:
        self.tries(
            AdjustStock(
                stock_item_id=THE_ITEM,
                change=change,
                reason=AdjustmentReason.FOUND,
                adjusted_on=on,
                lot=lot,
            )
        )

    @rule(lot=lots, counted=strategies.integers(0, 30), on=days)
    def count(self, lot: str, counted: int, on: date) -> None:
        self.tries(CountStock(stock_item_id=THE_ITEM, counted=counted, counted_on=on, lot=lot))

    @rule(reservation=strategies.sampled_from([UUID(int=1), UUID(int=2)]), quantity=quantities)
    def reserve(self, reservation: UUID, quantity: int) -> None:
        self.tries(
            ReserveStock(
                stock_item_id=THE_ITEM,
                reservation_id=reservation,
                quantity=quantity,
                reserved_for="a surgery",
                reserved_on=NEW_YEAR + timedelta(days=70),
            )
        )

    @rule(reservation=strategies.sampled_from([UUID(int=1), UUID(int=2)]), on=days)
    def give_up(self, reservation: UUID, on: date) -> None:
        self.tries(
            ReleaseReservation(stock_item_id=THE_ITEM, reservation_id=reservation, released_on=on)
        )

    @rule(lot=lots, quantity=strategies.none() | quantities, on=days)
    def quarantine(self, lot: str, quantity: int | None, on: date) -> None:
        self.tries(
            QuarantineStock(
                stock_item_id=THE_ITEM,
                why=QuarantineReason.RECALL,
                quarantined_on=on,
                lot=lot,
                quantity=quantity,
            )
        )

    @rule(lot=lots, quantity=strategies.none() | quantities, on=days, gone=strategies.booleans())
    def end_quarantine(self, lot: str, quantity: int | None, on: date, gone: bool) -> None:
        named: dict[str, Any] = {"stock_item_id": THE_ITEM, "lot": lot, "quantity": quantity}
        self.tries(
            WriteOffStock(**named, why=QuarantineReason.RECALL, written_off_on=on)
            if gone
            else ReleaseQuarantine(**named, released_on=on)
        )

    @rule(lot=chosen_lots, quantity=quantities, on=days, reservation=reservations)
    def dispatch(self, lot: str | None, quantity: int, on: date, reservation: UUID | None) -> None:
        self.tries(
            DispatchStock(
                stock_item_id=THE_ITEM,
                transfer_id=A_TRANSFER,
                quantity=quantity,
                dispatched_on=on,
                lot=lot,
                reservation_id=reservation,
            )
        )

    @rule(lot=lots, quantity=quantities, on=days)
    def deliver(self, lot: str, quantity: int, on: date) -> None:
        self.tries(
            DeliverStock(
                stock_item_id=THE_ITEM,
                transfer_id=A_TRANSFER,
                quantity=quantity,
                delivered_on=on,
                lot=lot,
            )
        )

    @rule(lot=lots, quantity=quantities, on=days)
    def except_(self, lot: str, quantity: int, on: date) -> None:
        self.tries(
            OpenUnrecordedReceipt(
                stock_item_id=THE_ITEM,
                quantity=quantity,
                said_by="Charge nurse",
                why="No note",
                opened_on=on,
                lot=lot,
            )
        )

    @rule()
    def close_the_year(self) -> None:
        on_hand = self.state.on_hand
        self.tries(CloseStockYear(stock_item_id=THE_ITEM, year=2025, closed_on=NEW_YEAR))
        assert self.state.on_hand == on_hand


TestStockStory = StockStory.TestCase
TestStockStory.settings = hypothesis.settings(
    max_examples=40, stateful_step_count=25, deadline=None
)
