"""Whatever is tried with a stock item: it is never negative, lots add up, and what expires first
goes first.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import hypothesis
from hypothesis import strategies

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
from domain.supply.lots import StockItem, stock_item
from domain.supply.stock_item import (
    AdjustStock,
    CountStock,
    IssueStock,
    OpenStockBooks,
    ReceiveStock,
)
from tests.domain.places import A_PATIENT, NEW_YEAR, THE_ITEM
from tests.domain.stock import gloves, vaccine
from tests.grammar import Given

days = strategies.integers(0, 70).map(lambda days: NEW_YEAR + timedelta(days=days))
quantities = strategies.integers(0, 30)
lots = strategies.sampled_from(["A", "B", "C", "D"])


@strategies.composite
def attempts(draw: strategies.DrawFn, tracked: bool) -> Command:
    lot = draw(lots) if tracked else ""
    expires_on = draw(strategies.none() | days) if tracked else None
    day, quantity = draw(days), draw(quantities)
    match draw(strategies.sampled_from(["open", "receive", "issue", "pick", "adjust", "count"])):
        case "open":
            return OpenStockBooks(
                stock_item_id=THE_ITEM,
                quantity=quantity,
                opened_on=day,
                basis="Shelf count",
                lot=lot,
                expires_on=expires_on,
            )
        case "receive":
            return ReceiveStock(
                stock_item_id=THE_ITEM,
                quantity=quantity,
                received_on=day,
                lot=lot,
                expires_on=expires_on,
            )
        case "issue" | "pick" as how:
            return IssueStock(
                stock_item_id=THE_ITEM,
                quantity=quantity,
                issued_on=day,
                issued_to=IssuedTo.PATIENT,
                patient_id=A_PATIENT,
                lot=lot if how == "pick" else None,
            )
        case "adjust":
            return AdjustStock(
                stock_item_id=THE_ITEM,
                change=draw(strategies.integers(-30, 30)),
                reason=AdjustmentReason.ENTRY_ERROR,
                adjusted_on=day,
                lot=lot,
            )
        case _:
            return CountStock(
                stock_item_id=THE_ITEM,
                counted=quantity,
                counted_on=day,
                lot=lot,
                expires_on=expires_on,
            )


def histories(tracked: bool) -> strategies.SearchStrategy[list[Command]]:
    return strategies.lists(attempts(tracked), max_size=20)


def moved(item: Given, commands: Sequence[Command]) -> list[tuple[Command, Given, Sequence[Fact]]]:
    """Each command that was accepted, the item before it, and what was recorded."""
    accepted: list[tuple[Command, Given, Sequence[Fact]]] = []
    for command in commands:
        outcome = item.when(command)
        if outcome.refusal is None:
            facts = [each for each in outcome.decided if isinstance(each, Fact)]
            accepted.append((command, item, facts))
            item = outcome.then()
    return accepted


@hypothesis.given(histories(tracked=True), histories(tracked=False))
def test_stock_is_never_negative_and_lots_add_up(
    tracked: list[Command], untracked: list[Command]
) -> None:
    for item, commands in [(vaccine(), tracked), (gloves(), untracked)]:
        for _, before, facts in moved(item, commands):
            state: StockItem = before.state
            for fact in facts:
                state = state.evolve(fact)  # type: ignore[arg-type]
                assert all(lot.on_hand >= 0 for lot in state.lots.values())
                assert state.on_hand == sum(lot.on_hand for lot in state.lots.values())
                assert fact.on_hand_after == state.on_hand  # type: ignore[attr-defined]


@hypothesis.given(histories(tracked=True))
def test_what_expires_first_goes_first(commands: list[Command]) -> None:
    for command, before, facts in moved(vaccine(), commands):
        if not isinstance(command, IssueStock):
            continue
        picked = [each for each in facts if isinstance(each, StockIssued)]
        assert sum(each.quantity for each in picked) == command.quantity
        expiries = [each.expires_on or date.max for each in picked]
        assert expiries == sorted(expiries)
        assert all(command.issued_on <= each for each in expiries)
        if command.lot is None:
            taken = {each.lot: each.quantity for each in picked}
            for number, lot in before.state.lots.items():
                left = max(0, lot.usable(command.issued_on) - taken.get(number, 0))
                expiry = lot.expires_on or date.max
                assert not left or expiry < command.issued_on or expiry >= expiries[-1]


def entry(fact: Fact) -> tuple[date, int | None, int]:
    """The day of a movement, its change, and what was counted (then there is no change)."""
    match fact:
        case StockBooksOpened():
            return fact.opened_on, fact.quantity, 0
        case StockReceived():
            return fact.received_on, fact.quantity, 0
        case StockIssued():
            return fact.issued_on, -fact.quantity, 0
        case StockAdjusted():
            return fact.adjusted_on, fact.change, 0
        case StockCounted():
            return fact.counted_on, None, fact.counted
        case _:
            raise AssertionError(fact)


@hypothesis.given(histories(tracked=True))
def test_whenever_it_was_entered_a_lot_is_what_its_card_says_in_the_order_of_days(
    commands: list[Command],
) -> None:
    item = vaccine()
    facts: list[Any] = [each for _, _, facts in moved(item, commands) for each in facts]
    state: StockItem = stock_item.fold([*item.facts, *facts])
    for number, lot in state.lots.items():
        told = [
            entry(each)
            for each in facts
            if each.lot == number and not isinstance(each, StockCountRestated)
        ]
        replayed, on_hand = {}, 0
        for day, change, counted in sorted(told, key=lambda each: each[0]):
            on_hand = counted if change is None else on_hand + change
            replayed[day] = on_hand
        assert {day: lot.card.on_hand(day) for day in replayed} == replayed
        assert lot.on_hand == on_hand
        assert all(each >= 0 for each in replayed.values())


@hypothesis.given(histories(tracked=True))
def test_folding_changes_nothing_that_was_folded(commands: list[Command]) -> None:
    item = vaccine()
    facts = [*item.facts, *(each for _, _, facts in moved(item, commands) for each in facts)]
    before = [stock_item.fold(facts[:length]) for length in range(len(facts) + 1)]
    assert stock_item.fold(facts) == stock_item.fold(facts) == before[-1]
    assert before == [stock_item.fold(facts[:length]) for length in range(len(facts) + 1)]
    assert stock_item.initial == StockItem()
