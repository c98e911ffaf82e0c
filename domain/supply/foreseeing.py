"""What the card of a stock item would be if something was entered, perhaps late."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import assert_never

from domain.supply.card import Card, Foreseen
from domain.supply.lots import Lot, StockItem
from domain.supply.stock_item import AdjustStock, CountStock, IssueStock, ReceiveStock

Entry = ReceiveStock | IssueStock | AdjustStock | CountStock
"""What may be entered late."""


def foreseen(state: StockItem, command: Entry) -> tuple[Foreseen, ...]:
    """What is on hand at the end of each day, and what would be, from the day of the entry on.

    Of the lot that is meant, until it was counted next; of all lots together where an issue leaves
    it open which. Whether the entry would be refused is not asked.
    """
    match command:
        case ReceiveStock():
            return _lot(state, command.lot).foreseen(command.received_on, command.quantity)
        case AdjustStock():
            return _lot(state, command.lot).foreseen(command.adjusted_on, command.change)
        case CountStock():
            card, on = _lot(state, command.lot), command.counted_on
            return card.foreseen(on, command.counted - card.on_hand(on))
        case IssueStock():
            lots = state.lots.values()
            card = (
                _together([each.card for each in lots])
                if command.lot is None
                else _lot(state, command.lot)
            )
            return card.foreseen(command.issued_on, -command.quantity)
        case _:
            assert_never(command)


def first_negative(days: Iterable[Foreseen]) -> date | None:
    """The first day that would end with less than nothing."""
    return next((each.on for each in days if each.on_hand_after < 0), None)


def _lot(state: StockItem, number: str) -> Card:
    return state.lots.get(number.strip(), Lot()).card


def _together(cards: Sequence[Card]) -> Card:
    closed = (each.closed_through for each in cards if each.closed_through is not None)
    whole = Card(closed_through=max(closed, default=None))
    for day in sorted(day for card in cards for day in card.days):
        whole = whole.entered(day.on, day.change)
    return whole
