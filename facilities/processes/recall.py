"""Recalls, for the store rooms of all facilities: what is recalled is set apart wherever it is.

Once for each lot that the books know when a recall is issued, and for whatever of it comes in
while the recall is in force: by a receipt, from another facility, or found by a count.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any, Protocol
from uuid import UUID

from domain.kernel import Command, Recorded
from domain.supply.events.recall import RecallIssued, response_to
from domain.supply.events.stock import (
    StockAdjusted,
    StockBooksOpened,
    StockCounted,
    StockCountRestated,
    StockReceived,
)
from domain.supply.events.stock_holds import StockDelivered
from domain.supply.recall_response import NotifyOfRecall
from facilities.process import Process


class KnownLot(Protocol):
    """A lot that a facility has or had."""

    @property
    def facility_id(self) -> UUID: ...
    @property
    def stock_item_id(self) -> UUID: ...
    @property
    def lot(self) -> str: ...


Came = (
    StockBooksOpened
    | StockReceived
    | StockDelivered
    | StockAdjusted
    | StockCounted
    | StockCountRestated
)
"""The facts by which there may be more of a lot than there was."""

Lots = Callable[[str, str, int], Iterable[KnownLot]]
InForce = Callable[[str, str, int], Iterable[RecallIssued]]


def recalls(lots: Lots, in_force: InForce) -> Process:
    """`lots` gives every lot of an item that any facility has or had, as of a position at least;
    `in_force` the recalls of an item that were in force at a position."""
    process = Process("recalls", desk="store rooms: what is recalled is set apart, wherever it is")

    @process.on(RecallIssued)
    def issued(event: Recorded[RecallIssued]) -> Iterator[Command]:
        recall = event.fact
        for each in lots(recall.item_system, recall.item_code, event.position):
            if _covers(recall, each.lot):
                yield _notice(recall, each.facility_id, each.stock_item_id, each.lot, event)

    @process.on(
        StockBooksOpened,
        StockReceived,
        StockDelivered,
        StockAdjusted,
        StockCounted,
        StockCountRestated,
    )
    def came(event: Recorded[Came]) -> Iterator[Command]:
        fact = event.fact
        found = in_force(fact.item_system, fact.item_code, event.position)
        covering = [each for each in found if _covers(each, fact.lot)]
        for recall in covering:
            notice = _notice(recall, fact.facility_id, fact.stock_item_id, fact.lot, event)
            yield replace(notice, set_apart=recall is covering[-1])

    return process


def _covers(recall: RecallIssued, lot: str) -> bool:
    return not recall.lots or lot in recall.lots


def _notice(
    recall: RecallIssued, facility_id: UUID, stock_item_id: UUID, lot: str, event: Recorded[Any]
) -> NotifyOfRecall:
    return NotifyOfRecall(
        recall_response_id=response_to(recall.recall_id, facility_id),
        facility_id=facility_id,
        recall_id=recall.recall_id,
        number=recall.number,
        recall_class=recall.recall_class,
        item_system=recall.item_system,
        item_code=recall.item_code,
        respond_by=recall.respond_by,
        stock_item_id=stock_item_id,
        lot=lot,
        notified_on=event.recorded_at.date(),
    )
