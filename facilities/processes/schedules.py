"""Schedules, for the pharmacies: whoever keeps a controlled substance learns that it is one.

An item that is listed at a facility looks up what its code means by itself. This process tells
those that were listed before: when the catalog says that an item is a controlled substance, or
another one's code, or that it is none any more. Nothing of such an item moves then until somebody
has opened its register, and the worklist of those who must is filled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol
from uuid import UUID

from domain.kernel import Command, Recorded
from domain.supply.controlled_code import ScheduleCode
from domain.supply.events.catalog import (
    CatalogItemIdentified,
    CatalogItemListed,
    CatalogItemRevised,
)
from domain.supply.events.controlled_code import CodeScheduled
from domain.supply.events.stock import StockItemListed
from domain.supply.item_codes import ItemSystem
from domain.supply.stock_listing import ScheduleStockItem
from facilities.process import Process


class KeptItem(Protocol):
    """An item that a facility keeps."""

    @property
    def stock_item_id(self) -> UUID: ...


Kept = Callable[[str, str, int], Iterable[KeptItem]]
Told = Callable[[str, str, int], bool]


def schedules(kept: Kept, told: Told) -> Process:
    """`kept` gives what every facility keeps under a code, as of a position at least; `told`
    whether a schedule was ever told of a code by a position."""
    process = Process("schedules", desk="pharmacies: who keeps a controlled substance knows it")

    @process.on(CodeScheduled)
    def code_scheduled(event: Recorded[CodeScheduled]) -> Iterator[Command]:
        fact = event.fact
        for each in kept(fact.system, fact.code, event.position):
            yield _told(each.stock_item_id, event)

    @process.on(StockItemListed)
    def listed(event: Recorded[StockItemListed]) -> Iterator[Command]:
        """Listed in the moment in which its code was scheduled, it may have missed it."""
        fact = event.fact
        if told(fact.item_system, fact.item_code, event.position):
            yield _told(fact.stock_item_id, event)

    # What the catalog said before it told the codes of it is told now, in the order it was said.
    @process.on(CatalogItemListed, CatalogItemRevised)
    def labelled(
        event: Recorded[CatalogItemListed] | Recorded[CatalogItemRevised],
    ) -> Iterator[Command]:
        fact = event.fact
        if fact.controlled_schedule is None:
            return
        yield _code(event, fact.item_system, fact.item_code)
        for pack in fact.packs:
            if pack.gtin is not None:
                yield _code(event, ItemSystem.GTIN.value, pack.gtin)

    @process.on(CatalogItemIdentified)
    def item_identified(event: Recorded[CatalogItemIdentified]) -> Iterator[Command]:
        yield _code(event, event.fact.system, event.fact.code)

    return process


def _told(stock_item_id: UUID, event: Recorded[Any]) -> ScheduleStockItem:
    return ScheduleStockItem(stock_item_id=stock_item_id, scheduled_on=event.recorded_at.date())


def _code(event: Recorded[Any], system: str, code: str) -> ScheduleCode:
    """A command that does nothing where the code means that already."""
    return ScheduleCode(
        system=system,
        code=code,
        catalog_item_id=event.fact.catalog_item_id,
        scheduled_on=event.recorded_at.date(),
    )
