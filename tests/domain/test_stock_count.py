"""The life of a count."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from domain.kernel import CONSULTED, Command, Entail, Fact
from domain.supply import stock_count as module
from domain.supply.events.counting import (
    DifferenceCause,
    DifferenceInvestigated,
    ItemPutOnCount,
    LotCounted,
    StockCountAbandoned,
    StockCountApproved,
    StockCountOpened,
)
from domain.supply.lots import Lot
from domain.supply.stock_count import (
    AbandonStockCount,
    ApproveStockCount,
    EnterCount,
    InvestigateDifference,
    OpenStockCount,
    PutItemOnCount,
    StockCount,
)
from domain.supply.stock_item import CountStock
from tests.domain.places import (
    FEBRUARY_1,
    MARCH_1,
    NEW_YEAR,
    RIVERSIDE,
    THE_ITEM,
    riverside_is_closed,
    riverside_is_open,
)
from tests.domain.supplies import GLOVES, gloves_are_kept
from tests.grammar import Given, given

THE_COUNT = UUID("018f0000-0000-7000-8000-000000000095")
IT: dict[str, Any] = {"stock_count_id": THE_COUNT}
HERE: dict[str, Any] = {**IT, "facility_id": RIVERSIDE}

opening = OpenStockCount(**HERE, title="Cold room", opened_on=FEBRUARY_1, tolerance=2)
opened = StockCountOpened(**HERE, title="Cold room", tolerance=2, opened_on=FEBRUARY_1)
putting_on = PutItemOnCount(**IT, stock_item_id=THE_ITEM, listed_on=FEBRUARY_1)
on_it = ItemPutOnCount(
    **HERE, stock_item_id=THE_ITEM, **GLOVES, lots=("A", "B"), listed_on=FEBRUARY_1
)
entering = EnterCount(**IT, stock_item_id=THE_ITEM, lot="A", counted=10, counted_on=FEBRUARY_1)
counted = LotCounted(
    **HERE,
    stock_item_id=THE_ITEM,
    **GLOVES,
    lot="A",
    turn=1,
    counted=10,
    expected=10,
    difference=0,
    again=False,
    open_question=False,
    counted_on=FEBRUARY_1,
)
off = replace(counted, lot="B", counted=1, expected=5, difference=-4, again=True)
still_off = replace(off, turn=2, again=False, open_question=True)
investigating = InvestigateDifference(
    **IT,
    stock_item_id=THE_ITEM,
    lot="B",
    cause=DifferenceCause.UNRECORDED_ISSUE,
    finding="taken at night",
    investigated_on=FEBRUARY_1,
)
investigated = DifferenceInvestigated(
    **HERE,
    stock_item_id=THE_ITEM,
    lot="B",
    difference=-4,
    cause=DifferenceCause.UNRECORDED_ISSUE,
    finding="taken at night",
    investigated_on=FEBRUARY_1,
)
approving = ApproveStockCount(**IT, approved_on=MARCH_1)
approved = StockCountApproved(
    **HERE, lots=2, accurate=1, expected=15, over=0, short=4, approved_on=MARCH_1
)
abandoning = AbandonStockCount(**IT, abandoned_on=FEBRUARY_1, reason="a delivery came")


def at_riverside(*facts: Fact, of_b: int = 5) -> Given:
    lots = {"A": Lot(on_hand=10), "B": Lot(on_hand=of_b), "gone": Lot()}
    return given(StockCount, *facts).knowing(riverside_is_open(), gloves_are_kept(lots=lots))


def test_a_count_is_opened_at_a_facility_that_is_open() -> None:
    at_riverside().when(opening).records(opened)
    at_riverside(opened).when(opening).refused("stock_count.already_opened")
    given(StockCount).knowing(riverside_is_closed()).when(opening).refused("facility.not_open")


def test_what_is_on_the_books_is_put_on_the_sheet() -> None:
    at_riverside(opened).when(putting_on).records(on_it)
    at_riverside(opened, on_it).when(putting_on).records_nothing()
    bare = given(StockCount, opened).knowing(gloves_are_kept())
    bare.when(putting_on).records(replace(on_it, lots=("",)))


def test_a_sheet_is_no_longer_than_somebody_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LONGEST_COUNT", 1)
    at_riverside(opened).when(putting_on).refused("stock_count.lines")


def test_what_is_counted_is_compared_with_the_books_of_that_moment() -> None:
    at_riverside(opened, on_it).when(entering).records(counted)
    at_riverside(opened, on_it).when(replace(entering, counted=12)).records(
        replace(counted, counted=12, difference=2)
    )


def test_a_lot_that_nobody_knew_of_may_be_found() -> None:
    at_riverside(opened).when(replace(entering, lot="C", counted=1)).records_a(
        LotCounted, lot="C", expected=0, difference=1
    )


@pytest.mark.parametrize("lot", ["", "A"])
def test_a_lot_is_named_where_the_item_is_kept_by_lot(lot: str) -> None:
    kept = gloves_are_kept(lots={"A": Lot(on_hand=10)}) if lot == "" else gloves_are_kept()
    given(StockCount, opened).knowing(kept).when(replace(entering, lot=lot)).refused(
        "stock_count.lot"
    )


def test_what_is_far_off_is_counted_again_and_then_investigated() -> None:
    again = replace(entering, lot="B", counted=1)
    at_riverside(opened, on_it).when(again).records(off)
    at_riverside(opened, on_it, off).when(again).records(still_off)
    at_riverside(opened, on_it, off).when(replace(again, counted=4)).records_a(
        LotCounted, turn=2, again=False, open_question=False
    )
    at_riverside(opened, on_it, off).when(investigating).refused("stock_count.no_question")
    at_riverside(opened, on_it, off, still_off).when(investigating).records(investigated)


@pytest.mark.parametrize(
    "facts", [(), (on_it,), (on_it, counted, off), (on_it, counted, off, still_off)]
)
def test_nothing_is_approved_that_is_not_finished(facts: tuple[Fact, ...]) -> None:
    at_riverside(opened, *facts).when(approving).refused("stock_count.unfinished")


def test_the_approval_books_the_difference_on_what_is_there_by_then() -> None:
    done = (opened, on_it, counted, off, still_off, investigated)
    right = CountStock(stock_item_id=THE_ITEM, counted=3, counted_on=MARCH_1, lot="B")
    at_riverside(*done, of_b=7).when(approving).records(approved, Entail(right))
    at_riverside(*done, of_b=2).when(approving).records(approved, Entail(replace(right, counted=0)))
    assert [*CONSULTED[ApproveStockCount](given(StockCount, *done).state, approving)] == [THE_ITEM]
    assert given(StockCount, *done, approved).state.status == "approved"


def test_a_count_may_be_abandoned() -> None:
    abandoned = StockCountAbandoned(**HERE, reason="a delivery came", abandoned_on=FEBRUARY_1)
    at_riverside(opened).when(abandoning).records(abandoned)
    at_riverside(opened, abandoned).when(entering).refused("stock_count.not_open")


@pytest.mark.parametrize("command", [putting_on, entering, investigating, approving, abandoning])
def test_nothing_is_counted_before_the_count_is_opened(command: Command) -> None:
    given(StockCount).when(command).refused("stock_count.not_open", status="absent")


def test_nothing_is_counted_on_a_day_before_it_was_opened() -> None:
    at_riverside(opened).when(replace(entering, counted_on=NEW_YEAR)).refused(
        "stock_count.date_order"
    )
