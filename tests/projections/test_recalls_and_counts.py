"""What the recall desk and the store rooms look at: the board, count sheets, accuracy."""

from __future__ import annotations

from dataclasses import replace

from domain.supply.events.counting import StockCountAbandoned
from projections.supply.counts import (
    CountStatus,
    SheetStatus,
    count_accuracy,
    count_sheets,
    stock_counts,
)
from projections.supply.recalls import ResponseStatus, recall_board, recall_list, recall_progress
from tests.domain import test_stock_count as count
from tests.domain.places import FEBRUARY_1, MARCH_1, RIVERSIDE, THE_ITEM
from tests.domain.test_recall import (
    THE_RECALL,
    THE_RESPONSE,
    accounted,
    acknowledged,
    completed,
    found,
    issued,
    notified,
    terminated,
)
from tests.projections.grammar import figures, given


def test_a_recall_is_listed_until_it_is_terminated_and_afterwards() -> None:
    given(recall_list, issued).shows(THE_RECALL, status="in_force", lots=("A", "B"))
    given(recall_list, issued, terminated).shows(
        THE_RECALL, status="terminated", terminated_on=MARCH_1
    )


def test_the_board_shows_how_far_a_facility_has_come() -> None:
    given(recall_board, notified, found).shows(
        THE_RESPONSE, status=ResponseStatus.NOTIFIED, held=10, unaccounted=10
    )
    given(recall_board, notified, found, acknowledged).shows(
        THE_RESPONSE, status=ResponseStatus.ACKNOWLEDGED, on_the_shelves=7, unaccounted=3
    )
    done = (notified, found, acknowledged, accounted, completed)
    given(recall_board, *done).shows(
        THE_RESPONSE, status=ResponseStatus.COMPLETED, accounted=3, unaccounted=0
    )
    more = replace(found, quantity=4, held_after=14)
    given(recall_board, *done, more).shows(
        THE_RESPONSE, status=ResponseStatus.NOTIFIED, unaccounted=4, completed_on=None
    )


def test_progress_adds_up_to_everything() -> None:
    row = given(recall_progress, notified, found, acknowledged, accounted, completed).row(
        RIVERSIDE, THE_RECALL
    )
    assert figures(row) == {
        "facilities": 1,
        "acknowledged": 1,
        "completed": 1,
        "held": 10,
        "on_the_shelves": 7,
        "accounted": 3,
    }


DONE = (count.opened, count.on_it, count.counted, count.off, count.still_off, count.investigated)


def test_a_sheet_is_blind_until_somebody_must_find_out() -> None:
    line = (count.THE_COUNT, THE_ITEM, "B")
    given(count_sheets, *DONE[:2]).shows(*line, status=SheetStatus.TO_COUNT, counted=None)
    given(count_sheets, *DONE[:4]).shows(*line, status=SheetStatus.COUNT_AGAIN, difference=None)
    given(count_sheets, *DONE[:5]).shows(*line, status=SheetStatus.INVESTIGATE, difference=-4)
    given(count_sheets, *DONE).shows(
        *line, status=SheetStatus.COUNTED, cause="unrecorded_issue", finding="taken at night"
    )
    given(count_sheets, count.counted).shows(
        count.THE_COUNT, THE_ITEM, "A", status=SheetStatus.COUNTED
    )


def test_a_count_shows_what_it_came_to() -> None:
    given(stock_counts, *DONE).shows(count.THE_COUNT, status=CountStatus.OPEN, lots=2, short=0)
    given(stock_counts, *DONE, count.approved).shows(
        count.THE_COUNT, status=CountStatus.APPROVED, lots=2, accurate=1, short=4
    )
    abandoned = StockCountAbandoned(**count.HERE, reason="a delivery came", abandoned_on=FEBRUARY_1)
    given(stock_counts, count.opened, abandoned).shows(
        count.THE_COUNT, status=CountStatus.ABANDONED, reason="a delivery came"
    )


def test_accuracy_is_of_approved_counts() -> None:
    row = given(count_accuracy, *DONE, count.approved).row(RIVERSIDE)
    assert figures(row) == {
        "counts": 1,
        "lots": 2,
        "accurate": 1,
        "expected": 15,
        "short": 4,
        "counted_again": 1,
        "investigated": 1,
    }
