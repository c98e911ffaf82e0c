"""The story of a count: the lots of a store room are counted blind, what is far off is counted
again, what stays off is investigated, and the approval puts the books right.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from uuid import UUID

from domain.kernel import Fact, fact


class DifferenceCause(StrEnum):
    """What an investigation found."""

    MISCOUNT = "miscount"
    UNRECORDED_ISSUE = "unrecorded_issue"
    UNRECORDED_RECEIPT = "unrecorded_receipt"
    DAMAGE = "damage"
    THEFT = "theft"
    UNKNOWN = "unknown"


@fact("stock_count.opened", effective="opened_on")
class StockCountOpened(Fact):
    """A facility begins to count. A difference of more than `tolerance` units is counted again."""

    stock_count_id: UUID
    facility_id: UUID
    title: str
    tolerance: int
    opened_on: date


@fact("stock_count.item_listed", effective="listed_on")
class ItemPutOnCount(Fact):
    """The lots of an item that are on the books are to be counted."""

    stock_count_id: UUID
    facility_id: UUID
    stock_item_id: UUID
    item_system: str
    item_code: str
    lots: tuple[str, ...]
    listed_on: date


@fact("stock_count.lot_counted", effective="counted_on")
class LotCounted(Fact):
    """A lot was counted. `expected` is what the books said at that moment, which whoever counts
    does not see; `again` says that it is to be counted once more, `open_question` that somebody
    must find out why it is off.
    """

    stock_count_id: UUID
    facility_id: UUID
    stock_item_id: UUID
    item_system: str
    item_code: str
    lot: str
    turn: int
    counted: int
    expected: int
    difference: int
    again: bool
    open_question: bool
    counted_on: date


@fact("stock_count.difference_investigated", effective="investigated_on")
class DifferenceInvestigated(Fact):
    """Why a lot is off, as far as somebody could find out."""

    stock_count_id: UUID
    facility_id: UUID
    stock_item_id: UUID
    lot: str
    difference: int
    cause: DifferenceCause
    finding: str
    investigated_on: date


@fact("stock_count.approved", effective="approved_on")
class StockCountApproved(Fact):
    """The count stands; the same append puts the books right. `accurate` lots were as expected;
    `over` and `short` are units more and less than expected."""

    stock_count_id: UUID
    facility_id: UUID
    lots: int
    accurate: int
    expected: int
    over: int
    short: int
    approved_on: date


@fact("stock_count.abandoned", effective="abandoned_on")
class StockCountAbandoned(Fact):
    """Nothing comes of it; the books stay as they are."""

    stock_count_id: UUID
    facility_id: UUID
    reason: str
    abandoned_on: date


StockCountFact = (
    StockCountOpened
    | ItemPutOnCount
    | LotCounted
    | DifferenceInvestigated
    | StockCountApproved
    | StockCountAbandoned
)
