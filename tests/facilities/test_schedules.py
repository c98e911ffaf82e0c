"""Who keeps a controlled substance learns that it is one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from domain.supply.controlled_code import ScheduleCode
from domain.supply.stock_listing import ScheduleStockItem
from facilities.process import Process
from facilities.processes.schedules import schedules
from tests.domain.places import THE_ITEM
from tests.domain.stock import listed as kept_here
from tests.domain.test_catalog_item import MORPHINE, THE_GTIN, identifying, listed
from tests.domain.test_catalog_item import morphine as in_the_catalog
from tests.domain.test_controlled_code import scheduled
from tests.facilities.processes_grammar import sees
from tests.grammar import TODAY


@dataclass(frozen=True)
class Kept:
    stock_item_id: UUID


def process(*kept: UUID, told: bool = False) -> Process:
    return schedules(lambda *_asked: [*map(Kept, kept)], lambda *_asked: told)


def code(system: str, code: str) -> ScheduleCode:
    return ScheduleCode(system=system, code=code, catalog_item_id=MORPHINE, scheduled_on=TODAY)


def learns(stock_item_id: UUID) -> ScheduleStockItem:
    return ScheduleStockItem(stock_item_id=stock_item_id, scheduled_on=TODAY)


def test_all_who_keep_an_item_learn_that_its_code_is_scheduled_or_is_not_any_more() -> None:
    for fact in (scheduled, replace(scheduled, schedule=None)):
        sees(process(THE_ITEM, MORPHINE), fact).sends(learns(THE_ITEM), learns(MORPHINE))


def test_what_is_listed_just_then_learns_it_too() -> None:
    sees(process(told=True), kept_here).sends(learns(THE_ITEM))
    sees(process(), kept_here).sends_nothing()


def test_what_the_catalog_said_before_it_told_the_codes_is_told_them() -> None:
    sees(process(), listed).sends(code("NDC", "00409-1893-01"), code("GTIN", THE_GTIN))
    sees(process(), replace(listed, packs=())).sends(code("NDC", "00409-1893-01"))
    sees(process(), replace(listed, controlled_schedule=None)).sends_nothing()
    known = in_the_catalog().when(identifying).then().facts[-1]
    sees(process(), known).sends(code("GTIN", THE_GTIN))
