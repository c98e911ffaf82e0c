"""Part of the story of supply: stock is handed out whose receipt nobody has recorded yet."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from uuid import UUID

from domain.kernel import Fact, fact


class ExceptionEnd(StrEnum):
    """By what an unrecorded receipt was closed."""

    RECEIVED = "received"
    ADJUSTED = "adjusted"
    COUNTED = "counted"
    WITHDRAWN = "withdrawn"


@fact("stock_item.unrecorded_receipt_opened", effective="opened_on")
class UnrecordedReceiptOpened(Fact):
    """So much of a lot is said to have come in without a receipt, by whom and why. Until this is
    closed, that much more of it may be handed out than the books have.
    """

    stock_item_id: UUID
    facility_id: UUID
    item_system: str
    item_code: str
    lot: str
    expires_on: date | None
    quantity: int
    said_by: str
    why: str
    opened_on: date
    lot_on_hand: int


@fact("stock_item.unrecorded_receipt_closed", effective="closed_on")
class UnrecordedReceiptClosed(Fact):
    """The books have caught up with what was there, and nothing of the lot is negative."""

    stock_item_id: UUID
    facility_id: UUID
    item_system: str
    item_code: str
    lot: str
    expires_on: date | None
    how: ExceptionEnd
    closed_on: date
    lot_on_hand: int


StockExceptionFact = UnrecordedReceiptOpened | UnrecordedReceiptClosed
