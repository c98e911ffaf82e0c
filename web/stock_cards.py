"""Every stock card by days: what was on hand of each lot at the end of each day it moved on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import psycopg

from facilities.ledger import Ledger
from projections import queries
from projections.supply import effective_stock, stock_lots

SOURCES = (stock_lots, effective_stock)
"""The read models the cards are taken from."""


@dataclass(frozen=True, slots=True)
class OnCard:
    """What was on hand at the end of a day, by a card."""

    card: str
    on: date
    on_hand: int


def stock_cards(
    connection: psycopg.Connection[Any], ledger: Ledger, position: int
) -> Iterator[OnCard]:
    """The days of all cards as of a position the read models have reached, card by card.

    Raises projections.queries.NotReady.
    """
    cards = {}
    for row in _pages(connection, position):
        named = (row["facility_id"], row["item_system"], row["item_code"], row["lot"])
        cards[named] = row["card"] or f"{row['stock_item_id']}/{row['lot']}"
    days = queries.total(
        connection,
        effective_stock,
        scope=None,
        by=effective_stock.dimensions,
        as_of=position,
        ledger=ledger,
    )
    before, on_hand = None, 0
    for day in days:
        named = (day["facility_id"], day["item_system"], day["item_code"], day["lot"])
        on_hand = day["on_hand"] + (on_hand if named == before else 0)
        before = named
        yield OnCard(cards[named], date.fromisoformat(day["effective_on"]), on_hand)


def _pages(connection: psycopg.Connection[Any], position: int) -> Iterator[dict[str, Any]]:
    cursor = None
    while True:
        page = queries.page(
            connection,
            stock_lots,
            scope=None,
            cursor=cursor,
            limit=queries.LARGEST_PAGE,
            as_of=position,
        )
        yield from queries.render(stock_lots, page.rows)
        cursor = page.next_cursor
        if cursor is None:
            return
