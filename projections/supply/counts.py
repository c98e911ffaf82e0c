"""What the store rooms look at of counts: which are under way, their sheets, and how right the
books were.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from domain.kernel import Recorded
from domain.supply.events.counting import (
    DifferenceCause,
    DifferenceInvestigated,
    ItemPutOnCount,
    LotCounted,
    StockCountAbandoned,
    StockCountApproved,
    StockCountOpened,
)
from projections.kernel import GRAIN, Key, Measure, ReadModel, Summary
from projections.rows import replace

# --- counts --------------------------------------------------------------------------------------


class CountStatus(StrEnum):
    """Whether a count is under way."""

    OPEN = "open"
    APPROVED = "approved"
    ABANDONED = "abandoned"


@dataclass(frozen=True, slots=True, kw_only=True)
class CountEntry:
    """A count, and what it came to once it was approved."""

    stock_count_id: UUID
    facility_id: UUID
    title: str
    tolerance: int
    status: CountStatus
    opened_on: date
    ended_on: date | None
    lots: int
    accurate: int
    expected: int
    over: int
    short: int
    reason: str | None


stock_counts = ReadModel(
    "stock_counts",
    row=CountEntry,
    key="stock_count_id",
    order="opened_on",
    newest_first=True,
    indexes=(("status",),),
    local=True,
    desk="store rooms: which counts are under way, and what the others came to",
)


@stock_counts.on(StockCountOpened)
def count_opened(
    row: CountEntry | None,  # noqa: ARG001 - nothing was there before
    event: Recorded[StockCountOpened],
) -> CountEntry | None:
    fact = event.fact
    return CountEntry(
        stock_count_id=fact.stock_count_id,
        facility_id=fact.facility_id,
        title=fact.title,
        tolerance=fact.tolerance,
        status=CountStatus.OPEN,
        opened_on=fact.opened_on,
        ended_on=None,
        lots=0,
        accurate=0,
        expected=0,
        over=0,
        short=0,
        reason=None,
    )


@stock_counts.on(ItemPutOnCount)
def item_put_on(row: CountEntry | None, event: Recorded[ItemPutOnCount]) -> CountEntry | None:
    return row and replace(row, lots=row.lots + len(event.fact.lots))


@stock_counts.on(StockCountApproved)
def count_approved(
    row: CountEntry | None, event: Recorded[StockCountApproved]
) -> CountEntry | None:
    fact = event.fact
    return row and replace(
        row,
        status=CountStatus.APPROVED,
        ended_on=fact.approved_on,
        lots=fact.lots,
        accurate=fact.accurate,
        expected=fact.expected,
        over=fact.over,
        short=fact.short,
    )


@stock_counts.on(StockCountAbandoned)
def count_abandoned(
    row: CountEntry | None, event: Recorded[StockCountAbandoned]
) -> CountEntry | None:
    return row and replace(
        row,
        status=CountStatus.ABANDONED,
        ended_on=event.fact.abandoned_on,
        reason=event.fact.reason,
    )


# --- count sheets --------------------------------------------------------------------------------


class SheetStatus(StrEnum):
    """What is to be done about a lot on the sheet."""

    TO_COUNT = "to_count"
    COUNT_AGAIN = "count_again"
    INVESTIGATE = "investigate"
    COUNTED = "counted"


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetLine:
    """A lot on a count sheet. The sheet is blind: what the books say is not on it, and by how
    much a lot is off only once it was counted again and somebody must find out why.
    """

    stock_count_id: UUID
    stock_item_id: UUID
    lot: str
    facility_id: UUID
    item_system: str
    item_code: str
    status: SheetStatus
    turn: int
    counted: int | None
    difference: int | None
    cause: DifferenceCause | None
    finding: str | None


count_sheets = ReadModel(
    "count_sheets",
    row=SheetLine,
    key=("stock_count_id", "stock_item_id", "lot"),
    order=("item_code", "lot"),
    indexes=(("status",),),
    local=True,
    desk="whoever counts: what is to be counted, counted again, and found out about",
)


def _lots(event: Recorded[ItemPutOnCount]) -> list[Key]:
    fact = event.fact
    return [(fact.stock_count_id, fact.stock_item_id, lot) for lot in fact.lots]


@count_sheets.on(ItemPutOnCount, key=_lots, key_aware=True)
def to_count(row: SheetLine | None, event: Recorded[ItemPutOnCount], key: Key) -> SheetLine | None:
    return row or _line(event.fact, key[2], SheetStatus.TO_COUNT)


@count_sheets.on(LotCounted)
def lot_counted(row: SheetLine | None, event: Recorded[LotCounted]) -> SheetLine | None:
    fact = event.fact
    status = SheetStatus.COUNTED
    if fact.again:
        status = SheetStatus.COUNT_AGAIN
    elif fact.open_question:
        status = SheetStatus.INVESTIGATE
    return replace(
        row or _line(fact, fact.lot, status),
        status=status,
        turn=fact.turn,
        counted=fact.counted,
        difference=fact.difference if fact.open_question else None,
    )


@count_sheets.on(DifferenceInvestigated)
def investigated(
    row: SheetLine | None, event: Recorded[DifferenceInvestigated]
) -> SheetLine | None:
    return row and replace(
        row,
        status=SheetStatus.COUNTED,
        difference=event.fact.difference,
        cause=event.fact.cause,
        finding=event.fact.finding,
    )


def _line(fact: ItemPutOnCount | LotCounted, lot: str, status: SheetStatus) -> SheetLine:
    return SheetLine(
        stock_count_id=fact.stock_count_id,
        stock_item_id=fact.stock_item_id,
        lot=lot,
        facility_id=fact.facility_id,
        item_system=fact.item_system,
        item_code=fact.item_code,
        status=status,
        turn=0,
        counted=None,
        difference=None,
        cause=None,
        finding=None,
    )


# --- how right the books were --------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class CountAccuracy:
    """What approved counts came to. Accuracy: `accurate` / `lots`; shrinkage: (`short` - `over`) /
    `expected`, in units of whatever it is."""

    facility_id: UUID
    counts: Measure
    lots: Measure
    accurate: Measure
    expected: Measure
    over: Measure
    short: Measure
    counted_again: Measure
    investigated: Measure


count_accuracy = Summary(
    "count_accuracy",
    row=CountAccuracy,
    dimensions=("facility_id",),
    desk="supply chain: how right the books are, and how much goes missing",
    grain=GRAIN,
)


@count_accuracy.on(StockCountApproved)
def approved(row: CountAccuracy, event: Recorded[StockCountApproved]) -> CountAccuracy:
    fact = event.fact
    return replace(
        row,
        counts=row.counts + 1,
        lots=row.lots + fact.lots,
        accurate=row.accurate + fact.accurate,
        expected=row.expected + fact.expected,
        over=row.over + fact.over,
        short=row.short + fact.short,
    )


@count_accuracy.on(LotCounted)
def counted_again(row: CountAccuracy, event: Recorded[LotCounted]) -> CountAccuracy:
    return replace(row, counted_again=row.counted_again + (1 if event.fact.again else 0))


@count_accuracy.on(DifferenceInvestigated)
def looked_into(row: CountAccuracy, event: Recorded[DifferenceInvestigated]) -> CountAccuracy:  # noqa: ARG001
    return replace(row, investigated=row.investigated + 1)
